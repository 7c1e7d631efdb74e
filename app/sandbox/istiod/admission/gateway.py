"""What a Gateway may say."""

from app.sandbox.istiod.admission.findings import SMALL_LABEL, Findings
from app.sandbox.objects import Obj, items, number, table, text, words

PROTOCOLS = ("HTTP", "HTTP2", "GRPC", "GRPC-WEB", "MONGO", "REDIS", "MYSQL", "TCP")
WITH_TLS = ("HTTPS", "TLS")
OTHERS = ("UDP", "TLS", "HTTPS")


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
    protocol = text(server, "port.protocol").upper()
    has_tls = isinstance(server.get("tls"), dict)
    if protocol not in (*PROTOCOLS, *OTHERS):
        supported = ", ".join(PROTOCOLS)
        said = text(server, "port.protocol")
        found.error(f'invalid protocol "{said}", supported protocols are {supported}')
    found.port(number(server, "port.number"))
    if protocol in WITH_TLS:
        if not has_tls:
            found.error("server must have TLS settings for HTTPS/TLS protocols")
        else:
            _tls(table(server, "tls"), found)
    elif has_tls and protocol.startswith(("HTTP", "GRPC")):
        tls = table(server, "tls")
        if tls.get("httpsRedirect") is not True or set(tls) - {"httpsRedirect"}:
            found.error("server cannot have TLS settings for plain text HTTP ports")


def _host(said: str, found: Findings) -> None:
    namespace, slash, host = said.partition("/")
    if slash and namespace not in ("*", ".") and not SMALL_LABEL.fullmatch(namespace):
        found.error(f'invalid namespace value "{namespace}" in gateway')
    found.whole(host if slash else said)


def _tls(tls: Obj, found: Findings) -> None:
    mode = text(tls, "mode") or "PASSTHROUGH"
    if tls.get("httpsRedirect") is True:
        found.warning("tls.httpsRedirect should only be used with http servers")
    if text(tls, "credentialName") or words(tls, "credentialNames"):
        return
    if mode in ("MUTUAL", "OPTIONAL_MUTUAL") and not text(tls, "caCertificates"):
        found.error(f"{mode} TLS requires a client CA bundle")
    if mode in ("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL"):
        if not text(tls, "serverCertificate"):
            found.error(f"{mode} TLS requires a server certificate")
        if not text(tls, "privateKey"):
            found.error(f"{mode} TLS requires a private key")
