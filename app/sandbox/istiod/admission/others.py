"""What a PeerAuthentication, a ServiceEntry or a Sidecar may say."""

from ipaddress import ip_network

from app.sandbox.istiod.admission.findings import LABEL, Findings
from app.sandbox.objects import Obj, at, items, table, text, words

PROTOCOLS = ("HTTP", "HTTPS", "GRPC", "GRPC-WEB", "HTTP2", "MONGO", "TCP", "TLS", "REDIS", "MYSQL",
             "UDP", "")  # fmt: skip


def peer_authentication(obj: Obj, found: Findings) -> None:
    """Check a PeerAuthentication; its schema has refused the rest before."""
    found.selector(at(obj, "spec.selector"))


def service_entry(obj: Obj, found: Findings) -> None:
    """Check a ServiceEntry."""
    spec = table(obj, "spec")
    for address in words(spec, "addresses"):
        try:
            ip_network(address, strict=False)
        except ValueError:
            found.error(f"{address} is not a valid IP")
    for port in items(spec, "ports"):
        if text(port, "protocol").upper() not in PROTOCOLS:
            found.error(f"unsupported protocol: {text(port, 'protocol')}")
    resolution = text(spec, "resolution")
    if resolution.startswith("DNS") and not items(spec, "endpoints"):
        for host in words(spec, "hosts"):
            for label in host.split("."):
                if not LABEL.fullmatch(label):
                    found.error(
                        "hosts must be FQDN or contain only prefix wildcards if no endpoints are "
                        f'provided for resolution mode {resolution}, domain name "{host}" invalid '
                        f'(label "{label}" invalid)'
                    )
                    break


def sidecar(obj: Obj, found: Findings) -> None:
    """Check a Sidecar."""
    spec = table(obj, "spec")
    if not any(spec.get(key) for key in ("egress", "ingress", "workloadSelector",
                                         "outboundTrafficPolicy")):  # fmt: skip
        return found.error("sidecar: empty configuration provided")
    listeners = items(spec, "egress")
    for place, listener in enumerate(listeners):
        if "port" not in listener and place < len(listeners) - 1:
            return found.error(
                "sidecar: the egress listener with empty port should be the last listener "
                "in the list"
            )
        for host in words(listener, "hosts"):
            namespace, slash, name = host.partition("/")
            if not slash:
                return found.error("host must be of form namespace/dnsName")
            if not namespace or not name:
                found.error("config namespace and dnsName in host entry cannot be empty")
            found.whole(name)
            if any("domain name" in error for error in found.errors):
                found.errors.insert(-1, next(e for e in found.errors if "domain name" in e))
    return None
