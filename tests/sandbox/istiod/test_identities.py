"""Certificates of the mesh."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from app.sandbox.istiod.identities import Authority, spiffe


def test_a_certificate_names_its_account_and_nothing_else() -> None:
    made = x509.load_pem_x509_certificate(Authority.new().issue("ns", "sa").certificate.encode())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    uris = names.value.get_values_for_type(x509.UniformResourceIdentifier)
    assert uris == [spiffe("ns", "sa")] == ["spiffe://cluster.local/ns/ns/sa/sa"]
    assert names.critical
    assert made.subject == x509.Name([])


def test_a_certificate_is_valid_now_and_for_long() -> None:
    made = x509.load_pem_x509_certificate(Authority.new().issue("ns", "sa").certificate.encode())
    now = datetime.now(UTC)
    assert made.not_valid_before_utc < now
    assert made.not_valid_after_utc > now + timedelta(days=300)


def test_an_authority_comes_back_from_its_secret() -> None:
    first = Authority.new()
    again = Authority.of(first.secret("istio-system"))
    assert again.root == first.root
    issued = x509.load_pem_x509_certificate(again.issue("n", "s").certificate.encode())
    issued.verify_directly_issued_by(x509.load_pem_x509_certificate(first.root.encode()))


def test_a_secret_that_holds_no_authority_is_refused() -> None:
    with pytest.raises(ValueError, match="has no"):
        Authority.of({"data": {"ca-cert.pem": "eA=="}})


def test_serial_numbers_are_as_wide_as_istiods() -> None:
    by = Authority.new()
    issued = (by.issue("n", "s").certificate for _ in range(20))
    serials = [x509.load_pem_x509_certificate(pem.encode()).serial_number for pem in issued]
    assert all(len(f"{serial:032x}") == 32 for serial in serials)
    assert len(set(serials)) == 20
