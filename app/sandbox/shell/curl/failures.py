"""Why a transfer failed: curl's exit codes and their sentences."""

import ssl

from app.sandbox.shell.http import CutShort, NotHttp

UNSUPPORTED, FAILED_INIT, MALFORMED, RESOLVE, CONNECT = 1, 2, 3, 6, 7
PARTIAL, HTTP_ERROR, WRITE, READ, TIMED_OUT = 18, 22, 23, 26, 28
TLS, MANY_REDIRECTS, EMPTY, SEND, RECEIVE, CERTIFICATE = 35, 47, 52, 55, 56, 60


_SSL_NUMBERS = {
    "WRONG_VERSION_NUMBER": "0A00010B",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "0A00045C",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "0A000410",
    "TLSV1_ALERT_UNKNOWN_CA": "0A000418",
    "UNEXPECTED_EOF_WHILE_READING": "0A000126",
}


class Failure(Exception):
    """A transfer that failed: curl's exit code, and what follows `curl: (code) `."""

    def __init__(self, code: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class Usage(Exception):
    """A command line that curl refuses before any transfer; its text is all that it prints."""

    def __init__(self, message: str, code: int = FAILED_INIT) -> None:
        super().__init__(message)
        self.code = code


def told(error: ssl.SSLError) -> str:
    """Return what OpenSSL says of an error: its number, where it is known here, and its words."""
    reason = error.reason or "unknown error"
    number = _SSL_NUMBERS.get(reason, "0A000000")
    return f"error:{number}:SSL routines::{reason.lower().replace('_', ' ')}"


def unanswered(error: Exception) -> Failure:
    """Return the failure of a request that got no answer at all."""
    if isinstance(error, NotHttp):
        return Failure(UNSUPPORTED, "Received HTTP/0.9 when not allowed")
    if isinstance(error, ssl.SSLError):
        return Failure(RECEIVE, f"OpenSSL SSL_read: OpenSSL/3.0.20: {told(error)}, errno 0")
    if isinstance(error, ConnectionError):
        return Failure(RECEIVE, "Recv failure: Connection reset by peer")
    return Failure(EMPTY, "Empty reply from server")


def cut(error: Exception) -> Failure:
    """Return the failure of an answer that broke off."""
    if isinstance(error, ConnectionError):
        return Failure(RECEIVE, "Recv failure: Connection reset by peer")
    if isinstance(error, CutShort) and error.missing is not None:
        return Failure(PARTIAL, f"transfer closed with {error.missing} bytes remaining to read")
    if isinstance(error, CutShort):
        return Failure(PARTIAL, "transfer closed with outstanding read data remaining")
    return Failure(RECEIVE, "Illegal or missing hexadecimal sequence in chunked-encoding")
