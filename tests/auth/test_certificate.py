"""A room's own certificate fits its names, is kept while it lasts, and its key is private."""

import datetime
import ssl
import stat
from pathlib import Path

import pytest

from app.auth.certificate import VALID, fingerprint, own_certificate, ssl_fingerprint
from app.errors import StoreUnavailable

NOW = datetime.datetime(2026, 11, 23, 9, 0, tzinfo=datetime.UTC)
NAMES = ["dojo.example", "192.168.1.20"]


def test_a_browser_can_use_it_and_sees_its_fingerprint(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, NAMES, NOW)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file, made.key)  # the key fits the certificate
    seen = ssl.PEM_cert_to_DER_cert(made.file.read_text())
    assert made.fingerprint == ssl_fingerprint(seen) == fingerprint(made.file)
    assert len(made.fingerprint.split(":")) == 32


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, NAMES, NOW)
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600


def test_it_is_kept_for_names_that_it_has(tmp_path: Path) -> None:
    first = own_certificate(tmp_path, NAMES, NOW)
    again = own_certificate(tmp_path, NAMES[:1], NOW + datetime.timedelta(days=30))
    assert again.fingerprint == first.fingerprint


@pytest.mark.parametrize(
    ("names", "later"), [([*NAMES, "10.0.0.7"], datetime.timedelta()), (NAMES, VALID)]
)
def test_it_is_made_anew_for_another_name_or_when_it_ends(
    tmp_path: Path, names: list[str], later: datetime.timedelta
) -> None:
    first = own_certificate(tmp_path, NAMES, NOW)
    assert own_certificate(tmp_path, names, NOW + later).fingerprint != first.fingerprint


def test_a_folder_that_takes_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="does not take a certificate"):
        own_certificate(tmp_path / "file", NAMES, NOW)
