"""Takes tokens, keys and certificates out of lines before they are kept."""

import re
from typing import Final

MARK: Final = "[redacted]"
_LONGEST_BLOCK: Final = (
    200  # lines of one PEM block; a BEGIN that never ends hides no more than this
)
_BEGIN: Final = re.compile(r"-----BEGIN [A-Z0-9 ]+-----")
_END: Final = re.compile(r"-----END [A-Z0-9 ]+-----")
_BLOCK: Final = re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?-----END [A-Z0-9 ]+-----")
_SECRETS: Final = (
    re.compile(r"()eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?"),  # JWT
    re.compile(r"()LS0tLS1CRUdJTi[A-Za-z0-9+/=]*"),  # a PEM block in base64
    re.compile(r"(?i)(authorization\"?\s*[:=]\s*\"?(?:(?:bearer|basic)\s+)?)[^\s\",]+"),
    re.compile(r"(?i)(\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(
        r"(?i)(\b(?:client-key-data|client-certificate-data|certificate-authority-data|id-token"
        r"|refresh-token|access-token|client-secret|token|password|tls\.key)\"?\s*[:=]\s*\"?)"
        r"[A-Za-z0-9._~+/=-]{8,}"
    ),
)


class Redactor:
    """Remembers, within one stream, whether a block of several lines is open."""

    def __init__(self) -> None:
        self._left = 0

    def line(self, text: str) -> str:
        """Return the line without what is nobody's business."""
        if self._left:
            return self._inside(text)
        text = _BLOCK.sub(MARK, text)
        begin = _BEGIN.search(text)
        if begin:
            self._left = _LONGEST_BLOCK
            text = text[: begin.start()] + MARK
        for secret in _SECRETS:
            text = secret.sub(rf"\g<1>{MARK}", text)
        return text

    def _inside(self, text: str) -> str:
        end = _END.search(text)
        self._left = 0 if end else self._left - 1
        return MARK + (self.line(text[end.end() :]) if end else "")
