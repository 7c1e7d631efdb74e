"""The certificates that a proxy holds, as rows."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509

from app.sandbox.istioctl.line.table import tabulated
from app.sandbox.istioctl.proxy_config.dump import Dump
from app.sandbox.objects import Obj, stamp, text

HEAD = [
    "RESOURCE NAME", "TYPE", "STATUS", "VALID CERT", "SERIAL NUMBER", "NOT AFTER", "NOT BEFORE"
]  # fmt: skip


@dataclass(frozen=True)
class Certificate:
    """What the table says of a certificate, and the trust domain that it names."""

    kind: str
    is_valid: bool
    serial: str
    ends: str
    begins: str
    trust_domain: str


def rows(dump: Dump, now: datetime | None = None, *, has_types: bool = False) -> str:
    """Return the table; a sentence where there is no secret."""
    found = list(dump.secrets())
    if not found:
        return "No secret items to show.\n"
    read = [(text(secret, "name"), state, certificate(secret, now)) for state, secret in found]
    has_domains = all(each and each.trust_domain for _, _, each in read)
    shown = [[*HEAD, "TRUST DOMAIN"] if has_domains else HEAD]
    for name, state, each in read:
        start = f"secret/{name}" if has_types else name
        if each is None:
            shown.append([start, "", state, "false", "", "", ""])
            continue
        valid = "true" if each.is_valid else "false"
        row = [start, each.kind, state, valid, each.serial, each.ends, each.begins]
        shown.append([*row, each.trust_domain] if has_domains else row)
    return tabulated(shown)


def certificate(secret: Obj, now: datetime | None = None) -> Certificate | None:
    """Return the first certificate of a secret, None where it has none that can be read."""
    chain = text(secret, "secret.tls_certificate.certificate_chain.inline_bytes")
    trusted = text(secret, "secret.validation_context.trusted_ca.inline_bytes")
    try:
        found = x509.load_pem_x509_certificate(base64.b64decode(chain or trusted))
    except ValueError:
        return None
    now = now or datetime.now(UTC)
    return Certificate(
        "CA" if _is_authority(found) else "Cert Chain",
        found.not_valid_before_utc < now < found.not_valid_after_utc,
        f"{found.serial_number:032x}",
        stamp(found.not_valid_after_utc),
        stamp(found.not_valid_before_utc),
        _trust_domain(found),
    )


def _is_authority(found: x509.Certificate) -> bool:
    try:
        return bool(found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _trust_domain(found: x509.Certificate) -> str:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    spiffe = [uri for uri in uris if uri.startswith("spiffe://")]
    return spiffe[-1].removeprefix("spiffe://").partition("/")[0] if spiffe else ""
