"""What a Gateway may say."""

from ipaddress import ip_address

from app.sandbox.istiod.admission.findings import SMALL_LABEL, Findings
from app.sandbox.objects import Obj, items, number, text, words

PROTOCOLS = ("HTTP", "HTTP2", "GRPC", "GRPC-WEB", "MONGO", "REDIS", "MYSQL", "TCP")
WITH_TLS = ("HTTPS", "TLS")
OTHERS = ("UDP", "TLS", "HTTPS")
FILES = ("caCertificates", "privateKey", "serverCertificate")
OWN = {
    "serverCertificate": "server certificate",
    "privateKey": "private key",
    "caCertificates": "CA bundle",
    "tlsCertificates": "tlsCertificates",
    "credentialName": "credentialName",
    "credentialNames": "credentialNames",
}


def gateway(obj: Obj, found: Findings) -> None:
    """Check a Gateway."""
    servers = items(obj, "spec.servers")
    if not servers:
        return found.error("gateway must have at least one server")
    for server in servers:
        _server(server, found)
    names: set[str] = set()
    for server in servers:
        name = text(server, "port.name")
        if name and name in names:
            found.error(f"port names in servers must be unique: duplicate name {name}")
        names.add(name)
    return None


def _server(server: Obj, found: Findings) -> None:
    hosts = words(server, "hosts")
    if not hosts:
        found.error("server config must contain at least one host")
    for host in hosts:
        _host(host, found)
    port = server.get("port")
    if not isinstance(port, dict):
        found.error("port is required")
    else:
        _port(port, found)
    if text(server, "bind") and not text(server, "bind").startswith("unix://"):
        try:
            ip_address(text(server, "bind"))
        except ValueError:
            found.error(f"{text(server, 'bind')} is not a valid IP")
    tls = server.get("tls")
    if isinstance(tls, dict):
        _tls(tls, found)
    if isinstance(port, dict):
        _suited(text(port, "protocol").upper(), tls if isinstance(tls, dict) else None, found)


def _port(port: Obj, found: Findings) -> None:
    if text(port, "protocol").upper() not in (*PROTOCOLS, *OTHERS):
        supported = ", ".join(PROTOCOLS)
        said = text(port, "protocol")
        found.error(f'invalid protocol "{said}", supported protocols are {supported}')
    found.port(number(port, "number"))
    if number(port, "targetPort") > 0:
        found.error("targetPort has no impact on Gateways")


def _suited(protocol: str, tls: Obj | None, found: Findings) -> None:
    """Check whether there are TLS settings where the protocol needs them, and only there."""
    if protocol in WITH_TLS:
        if tls is None:
            found.error("server must have TLS settings for HTTPS/TLS protocols")
        elif tls.get("httpsRedirect") is True:
            found.warning("tls.httpsRedirect should only be used with http servers")
    elif tls is not None and protocol.startswith(("HTTP", "GRPC")):
        is_passed = (text(tls, "mode") or "PASSTHROUGH") in ("PASSTHROUGH", "AUTO_PASSTHROUGH")
        if not is_passed or any(tls.get(field) for field in FILES):
            found.error("server cannot have TLS settings for plain text HTTP ports")
    elif tls is not None:
        found.error("server cannot have TLS settings for non HTTPS/TLS ports")


def _host(said: str, found: Findings) -> None:
    namespace, slash, host = said.partition("/")
    if slash and namespace not in ("*", ".") and not SMALL_LABEL.fullmatch(namespace):
        found.error(f'invalid namespace value "{namespace}" in gateway')
    found.whole(host if slash else said)


def _tls(tls: Obj, found: Findings) -> None:
    mode = text(tls, "mode") or "PASSTHROUGH"
    if mode == "ISTIO_MUTUAL":
        for field, name in OWN.items():
            if tls.get(field):
                found.error(f"ISTIO_MUTUAL TLS cannot have associated {name}")
        return
    by_name = [field for field in ("credentialName", "credentialNames") if tls.get(field)]
    has_files = bool(tls.get("serverCertificate") and tls.get("privateKey"))
    if mode.endswith("PASSTHROUGH") and (by_name or any(tls.get(field) for field in FILES)):
        found.warning(f"{mode} mode does not use certificates, they will be ignored")
    if len(by_name) + has_files + bool(tls.get("tlsCertificates")) > 1:
        found.error(
            "only one of credential_name, credential_names, server_certificate/private_key, "
            "tls_certificates should be specified"
        )
    if by_name:
        return
    if mode in ("MUTUAL", "OPTIONAL_MUTUAL") and not text(tls, "caCertificates"):
        found.error(f"{mode} TLS requires a client CA bundle")
    if mode in ("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL") and not tls.get("tlsCertificates"):
        if not text(tls, "serverCertificate"):
            found.error(f"{mode} TLS requires a server certificate")
        if not text(tls, "privateKey"):
            found.error(f"{mode} TLS requires a private key")
