"""Whose mark it is: a site's Ed25519 key signs the reports it made, anybody can tell.

The signature is over the very bytes of the report's JSON file and lies in a file beside it, so that
nothing has to be read before it is known to be whole. Only `trust: site` is signed: what a
learner's own lab reports can be sent to a site, never be signed by it.
"""

import base64
import binascii
import json
import os
import tempfile
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import AppError, Refused, StoreUnavailable
from app.grading.report import Report
from app.grading.reports.document import from_bytes

PREFIX: Final = b"mesh-dojo-signature/1\x00"  # so that no other thing signed by it is a report
SIGNATURE_ENDING: Final = ".sig.json"  # beside NAME.json
KEY_FILE: Final = "report-key"
KEY_BYTES: Final = 32
MAX_SIGNATURE_BYTES: Final = 4096


class Signature(BaseModel):
    """A signature's file. `key` and `signature` are base64 of 32 and 64 bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["mesh-dojo-signature/1"] = Field(alias="schema")
    algorithm: Literal["Ed25519"]
    key: str
    signature: str


@dataclass(frozen=True)
class PublicKey:
    """What a site is known by. `str` of it is what `mesh-dojo grade key` prints."""

    raw: bytes

    def __str__(self) -> str:
        return f"ed25519:{base64.b64encode(self.raw).decode()}"


@dataclass(frozen=True)
class Verdict:
    """Whether a report is a site's own, and why not; `key` is whose signature holds, if any does.

    `report` is None where the file holds none.
    """

    is_verified: bool
    why: str
    key: PublicKey | None = None
    report: Report | None = None


class SiteKey:
    """A site's key; it never leaves its folder."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> PublicKey:
        """What the site is known by."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, report: bytes) -> bytes:
        """Return the signature's file for a report's file. Raises: Refused but for a site's own."""
        if from_bytes(report).trust != "site":
            raise Refused("Only a report that this site made itself is signed.")
        return _signature_file(self.public, self._key.sign(PREFIX + report))


def read_site_key(folder: Path) -> SiteKey:
    """Return the site's key, made at first use and readable by its owner alone.

    Two that make one at the same time get the same. Raises: StoreUnavailable.
    """
    file = folder / KEY_FILE
    try:
        if not file.exists():
            _make(file)
        seed = file.read_bytes()
    except OSError as error:
        raise StoreUnavailable(
            f"The key of reports in {folder} cannot be read or made: {error.strerror}.",
            hint="Make the folder writable, or name another one in MESH_DOJO_DATA_DIR.",
        ) from error
    if len(seed) != KEY_BYTES:
        raise StoreUnavailable(
            f"{file} is no key: it has {len(seed)} bytes instead of {KEY_BYTES}.",
            hint="Restore it. A new one verifies none of the reports that the old one signed.",
        )
    return SiteKey(seed)


def known_key(folder: Path) -> PublicKey | None:
    """Return what this site is known by, None where it has no key yet. Raises: StoreUnavailable."""
    return read_site_key(folder).public if (folder / KEY_FILE).exists() else None


def parse_key(text: str) -> PublicKey:
    """Return the public key that is written so, with `ed25519:` or without. Raises: AppError."""
    raw = _decoded(text.strip().removeprefix("ed25519:"), KEY_BYTES)
    if raw is None:
        raise AppError(
            "This is no public key.", hint="The site's `mesh-dojo grade key` prints it: ed25519:..."
        )
    return PublicKey(raw)


def verify(report: bytes, signature: bytes | None, trusted: Collection[PublicKey]) -> Verdict:
    """Return whether one of the trusted keys signed these very bytes as a site's report.

    `signature` is the signature's file, None where there is none.
    """
    try:
        read = from_bytes(report)
    except Refused as error:
        return Verdict(False, str(error))
    if signature is None:
        return Verdict(False, f"It is not signed, and says of itself: {read.trust}.", report=read)
    signer = _signer(report, signature)
    if isinstance(signer, str):
        return Verdict(False, signer, report=read)
    if read.trust != "site":
        return Verdict(False, "It is self-reported, whoever signed it.", signer, read)
    if signer not in trusted:
        return Verdict(False, "The key that signed it is none that you trust.", signer, read)
    return Verdict(True, "", signer, read)


def _signer(report: bytes, signature: bytes) -> PublicKey | str:
    """Return whose signature it is, or what is wrong with it."""
    broken = "The signature's file is damaged."
    if len(signature) > MAX_SIGNATURE_BYTES:
        return broken
    try:
        fields = Signature.model_validate_json(signature)
    except ValidationError:
        return broken
    key, value = _decoded(fields.key, KEY_BYTES), _decoded(fields.signature, 64)
    if key is None or value is None or _signature_file(PublicKey(key), value) != signature:
        return broken
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(value, PREFIX + report)
    except InvalidSignature:
        return "The signature does not fit: the report or the signature was changed."
    return PublicKey(key)


def _signature_file(key: PublicKey, value: bytes) -> bytes:
    """Return the one spelling of a signature's file: another one is a changed one."""
    fields = {
        "schema": "mesh-dojo-signature/1",
        "algorithm": "Ed25519",
        "key": base64.b64encode(key.raw).decode(),
        "signature": base64.b64encode(value).decode(),
    }
    return json.dumps(fields, indent=2).encode() + b"\n"


def _decoded(text: str, size: int) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == size and base64.b64encode(raw).decode() == text else None


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    number, draft = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 0600
    try:
        with os.fdopen(number, "wb") as opened:
            opened.write(Ed25519PrivateKey.generate().private_bytes_raw())
            opened.flush()
            os.fsync(opened.fileno())
        with suppress(FileExistsError):  # somebody else was quicker: theirs it is
            os.link(draft, file)
    finally:
        Path(draft).unlink()
