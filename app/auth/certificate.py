"""A certificate of the site's own, for a room off loopback where nobody gave it one."""

import datetime
import ipaddress
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.errors import StoreUnavailable

VALID: Final = datetime.timedelta(days=90)
RENEW_BEFORE: Final = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key as files. `fingerprint` is the SHA-256 that browsers show."""

    file: Path
    key: Path
    fingerprint: str


def own_certificate(folder: Path, names: Sequence[str], now: datetime.datetime) -> Certificate:
    """Return the certificate for these host names and addresses, made where none fits.

    It is kept as long as it lasts: who compared the fingerprint once need not do it again.
    Raises: StoreUnavailable when the folder does not take it.
    """
    file, key = folder / "room.crt", folder / "room.key"
    try:
        if not _fits(file, key, names, now):
            _make(file, key, names, now)
        return Certificate(file, key, fingerprint(file))
    except OSError as error:
        raise StoreUnavailable(
            f"The lab's folder {folder} does not take a certificate: {error.strerror}.",
            hint="Make it writable, or give a certificate of your own.",
        ) from error


def fingerprint(file: Path) -> str:
    """Return a certificate file's SHA-256 as pairs of hexadecimal digits. Raises: OSError."""
    return ssl_fingerprint(ssl.PEM_cert_to_DER_cert(_first(file.read_text())))


def ssl_fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate in DER, as pairs of hexadecimal digits."""
    found = x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256())
    return found.hex(":").upper()


def _first(chain: str) -> str:
    end = "-----END CERTIFICATE-----"
    return chain[: chain.index(end) + len(end)] + "\n"


def _fits(file: Path, key: Path, names: Sequence[str], now: datetime.datetime) -> bool:
    if not (file.exists() and key.exists()):
        return False
    found = x509.load_pem_x509_certificate(file.read_bytes())
    if found.not_valid_after_utc - RENEW_BEFORE <= now:
        return False
    held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(_alternatives(names)) <= set(held)


def _make(file: Path, key: Path, names: Sequence[str], now: datetime.datetime) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mesh Dojo room")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))  # clocks in a room differ
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    _write(
        key,
        secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    _write(file, certificate.public_bytes(serialization.Encoding.PEM))


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_alternative(name) for name in dict.fromkeys(names)]


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return x509.DNSName(name)


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(data)
    draft.replace(file)
