"""The mesh's certificate authority, and the certificate of each workload.

Source: https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md
"""

import base64
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.sandbox.objects import Obj

TRUST_DOMAIN = "cluster.local"
ROOT_AGE = timedelta(days=3650)
LEAF_AGE = timedelta(days=365)  # nothing rotates it: a sidecar's next start does
EARLIER = timedelta(minutes=2)  # clocks differ


def spiffe(namespace: str, account: str) -> str:
    """Return the identity of a service account."""
    return f"spiffe://{TRUST_DOMAIN}/ns/{namespace}/sa/{account}"


@dataclass(frozen=True)
class Identity:
    """A workload's certificate and key, PEM."""

    certificate: str
    key: str


class Authority:
    """A certificate authority. `secret` is what istiod keeps as `istio-ca-secret`."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._key = key

    @classmethod
    def new(cls) -> "Authority":
        """Return a new authority with a root of its own."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, TRUST_DOMAIN)])
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(_serial())
            .not_valid_before(now - EARLIER)
            .not_valid_after(now + ROOT_AGE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(is_root=True), critical=True)
        )
        return cls(built.sign(key, hashes.SHA256()), key)

    @classmethod
    def of(cls, secret: Obj) -> "Authority":
        """Return the authority that a secret holds. Raises: ValueError."""
        certificate = base64.b64decode(_data(secret, "ca-cert.pem"))
        key = serialization.load_pem_private_key(
            base64.b64decode(_data(secret, "ca-key.pem")), password=None
        )
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the authority's key is of another kind")
        return cls(x509.load_pem_x509_certificate(certificate), key)

    @property
    def root(self) -> str:
        """Return the root's certificate, PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def secret(self, namespace: str) -> Obj:
        """Return the authority as the secret that istiod keeps."""
        root = base64.b64encode(self.root.encode()).decode()
        data: Obj = {
            "ca-cert.pem": root,
            "ca-key.pem": base64.b64encode(_pem(self._key).encode()).decode(),
            "cert-chain.pem": "",
            "key.pem": "",
            "root-cert.pem": root,
        }
        meta: Obj = {"name": "istio-ca-secret", "namespace": namespace}
        kind: Obj = {"apiVersion": "v1", "kind": "Secret", "type": "istio.io/ca-root"}
        return {**kind, "metadata": meta, "data": data}

    def issue(self, namespace: str, account: str) -> Identity:
        """Return a new certificate for a service account."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        uri = x509.UniformResourceIdentifier(spiffe(namespace, account))
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        built = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(_serial())
            .not_valid_before(now - EARLIER)
            .not_valid_after(now + LEAF_AGE)
            .add_extension(_usage(is_root=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([uri]), critical=True)
        )
        certificate = built.sign(self._key, hashes.SHA256())
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        return Identity(pem, _pem(key))


def secrets(identity: Identity, root: str) -> list[Obj]:
    """Return Envoy's two secrets: `default`, and the root by which it knows others."""
    return [
        {
            "name": "default",
            "tls_certificate": {
                "certificate_chain": _inline(identity.certificate),
                "private_key": _inline(identity.key),
            },
        },
        {"name": "ROOTCA", "validation_context": {"trusted_ca": _inline(root)}},
    ]


def _serial() -> int:
    """Return a serial number of 128 bits, as istiod gives: 32 digits in istioctl's tables."""
    return int.from_bytes(os.urandom(16)) or 1


def _inline(pem: str) -> Obj:
    return {"inline_bytes": base64.b64encode(pem.encode()).decode()}


def _data(secret: Obj, key: str) -> str:
    data = secret.get("data")
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, str):
        raise ValueError(f"the secret has no {key}")
    return value


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=not is_root,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
