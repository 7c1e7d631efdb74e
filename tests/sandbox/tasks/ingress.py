"""The pages on ingress gateways, in plain HTTP and with a certificate of one's own.

Source: https://istio.io/latest/docs/tasks/traffic-management/ingress/ (commands, fields, outcomes)
"""

import socket
import ssl
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sandbox.tasks.learner import LIMIT_S, Learner
from sandbox.tasks.objects import Fields, gateway, virtual_service

HOST = "httpbin.example.com"
SECRETS = "-n istio-system secret"
HTTP = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": [HOST]}


def asked(port: int, path: str, host: str = HOST, tls: ssl.SSLContext | None = None) -> str:
    """Return a whole answer of the forwarded gateway, or why there is none."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), LIMIT_S) as plain:
            link = tls.wrap_socket(plain, server_hostname=host) if tls else plain
            with link:
                link.sendall(request.encode())
                return b"".join(iter(lambda: link.recv(65536), b"")).decode()
    except (ssl.SSLError, OSError) as error:
        return f"no answer: {error}"


def first(learner: Learner, port: int, path: str, tls: ssl.SSLContext | None = None) -> str:
    """Return the status at a port that may not be open yet, which ends the port-forward."""
    with learner.forwarding("svc/istio-ingressgateway", port) as local:
        return status(asked(local, path, tls=tls))


def status(answer: str) -> str:
    """Return an answer's status, or why there is none."""
    return answer.split(" ")[1] if answer.startswith("HTTP/") else answer


def routed(host: str, gateways: list[str], *paths: str) -> Fields:
    """Return a VirtualService that takes these beginnings of paths to httpbin."""
    http: Fields = {
        "match": [{"uri": {"prefix": path}} for path in paths],
        "route": [{"destination": {"host": "httpbin", "port": {"number": 8000}}}],
    }
    made = virtual_service(host, http, gateways=gateways)
    return {**made, "metadata": {"name": "httpbin"}}


def test_ingress_gateways(learner: Learner) -> None:
    learner.has("httpbin/httpbin", "curl/curl")
    service = learner.do("kubectl get svc istio-ingressgateway -n istio-system").splitlines()[1]
    assert service.split()[1::2][:1] == ["LoadBalancer"]
    address = "jsonpath={.status.loadBalancer.ingress[0].ip}"
    assert learner.do(f"kubectl get svc istio-ingressgateway -n istio-system -o {address}") == ""

    learner.apply(gateway("httpbin-gateway", HTTP))
    learner.apply(routed(HOST, ["httpbin-gateway"], "/status", "/delay"))
    learner.until(lambda: first(learner, 80, "/status/200"), "200", "the gateway's status")
    with learner.forwarding("svc/istio-ingressgateway", 80) as port:
        assert "server: istio-envoy" in asked(port, "/status/200")
        assert status(asked(port, "/headers")) == "404"
        assert status(asked(port, "/status/200", "other.example.com")) == "404"  # the host's name
        assert status(asked(port, "/status/418")) == "418"

        inside = "http://istio-ingressgateway.istio-system/status/418"
        assert learner.code(f"-HHost:{HOST} {inside}") == "418"
        rows = learner.do(
            "istioctl proxy-config routes deploy/istio-ingressgateway -n istio-system"
        )
        assert f"httpbin.{learner.namespace}" in rows

        open_to_all = {**HTTP, "hosts": ["*"]}
        learner.apply(gateway("httpbin-gateway", open_to_all))
        learner.apply(routed("*", ["httpbin-gateway"], "/headers"))
        learner.until(lambda: status(asked(port, "/headers", "any.example.com")), "200")
        learner.until(lambda: status(asked(port, "/status/200")), "404")

        learner.apply(routed("*", ["httpbin-gatewayy"], "/headers"))
        learner.until(lambda: status(asked(port, "/headers", "any.example.com")), "404")
        found = learner.says("istioctl analyze")
        assert "[IST0101]" in found.out
        assert 'Referenced gateway not found: "httpbin-gatewayy"' in found.out
    learner.do("kubectl delete gateway httpbin-gateway")
    learner.do("kubectl delete virtualservice httpbin")
    learner.do("kubectl delete -f samples/httpbin/httpbin.yaml")


def test_secure_gateways(learner: Learner) -> None:
    learner.has("httpbin/httpbin", "curl/curl")
    authority = Authority()
    credential = f"{learner.namespace}-credential"
    server = {
        "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
        "tls": {"mode": "SIMPLE", "credentialName": credential},
        "hosts": [HOST],
    }
    learner.apply(gateway("mygateway", server))
    learner.apply(routed(HOST, ["mygateway"], "/status"))
    found = learner.says("istioctl analyze")  # the mistake: there is no such secret yet
    assert f'Referenced credentialName not found: "{credential}"' in found.out
    try:
        authority.sign(learner, HOST)
        learner.do(f"kubectl create {SECRETS} tls {credential} --key=tls.key --cert=tls.crt")
        trusting = authority.trusting()
        learner.until(lambda: first(learner, 443, "/status/418", trusting), "418")
        with learner.forwarding("svc/istio-ingressgateway", 443) as port:
            assert "teapot" in asked(port, "/status/418", tls=trusting)
            strange = ssl.create_default_context()
            assert "CERTIFICATE_VERIFY_FAILED" in asked(port, "/status/418", tls=strange)
            other = asked(port, "/status/418", "other.example.com", trusting)
            assert other.startswith("no answer: ")  # the gateway has no such name

        again = Authority()  # new keys: who trusts the old authority is at a loss
        again.sign(learner, HOST)
        learner.do(f"kubectl delete {SECRETS} {credential}")
        learner.do(f"kubectl create {SECRETS} tls {credential} --key=tls.key --cert=tls.crt")
        learner.until(lambda: first(learner, 443, "/status/418", again.trusting()), "418")
        assert "CERTIFICATE_VERIFY_FAILED" in first(learner, 443, "/status/418", trusting)
    finally:
        learner.do(f"kubectl delete {SECRETS} {credential} --ignore-not-found")
    without = {**server, "tls": {"mode": "SIMPLE"}}
    assert "tls" in learner.refused(gateway("mygateway", without))
    learner.do("kubectl delete gateway mygateway")


class Authority:
    """A certificate authority of a learner's own, as the page makes one with openssl."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example.com")])
        self._name = name
        self._own = self._made(name, self._key.public_key(), is_authority=True)

    def sign(self, learner: Learner, host: str) -> None:
        """Write a new key and its certificate for a host: tls.key, tls.crt."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = self._made(name, key.public_key(), is_authority=False)
        written = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (learner.room / "tls.key").write_bytes(written)
        (learner.room / "tls.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def trusting(self) -> ssl.SSLContext:
        """Return what a client has that trusts this authority alone."""
        own = self._own.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=own)

    def _made(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, *, is_authority: bool
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(self._name, name, key, x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(hours=1))
        made = made.not_valid_after(now + timedelta(days=30))
        basic = x509.BasicConstraints(ca=is_authority, path_length=None)
        made = made.add_extension(basic, critical=True)
        alternative = x509.SubjectAlternativeName([x509.DNSName(HOST)])
        if not is_authority:
            made = made.add_extension(alternative, critical=False)
        return made.sign(self._key, hashes.SHA256())
