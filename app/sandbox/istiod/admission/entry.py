"""What a ServiceEntry may say."""

from ipaddress import ip_address, ip_network

from app.sandbox.istiod.admission.findings import LABEL, SMALL_LABEL, Findings
from app.sandbox.objects import Obj, at, items, labels_of, namespace_of, table, text, words

PROTOCOLS = ("HTTP", "HTTPS", "GRPC", "GRPC-WEB", "HTTP2", "MONGO", "TCP", "TLS", "REDIS", "MYSQL",
             "UDP", "")  # fmt: skip
SHARED = ("HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTPS", "TLS")
OPT_OUT = "networking.istio.io/enable-autoallocate-ip"


def service_entry(obj: Obj, found: Findings) -> None:
    """Check a ServiceEntry."""
    spec = table(obj, "spec")
    resolution = text(spec, "resolution") or "NONE"
    if "workloadSelector" in spec and not at(spec, "workloadSelector.labels"):
        found.warning(
            "service entry: workload selector specified without labels, "
            "will be applied to all services in namespace"
        )
    if "workloadSelector" in spec and "endpoints" in spec:
        found.error("only one of WorkloadSelector or Endpoints is allowed in Service Entry")
    _hosts(words(spec, "hosts"), found)
    for address in words(spec, "addresses"):
        _address(address, found)
    is_given = labels_of(obj).get(OPT_OUT, "").lower() != "false" and resolution != "NONE"
    _ports(items(spec, "ports"), bool(words(spec, "addresses")) or is_given, found)
    if resolution == "NONE" and "workloadSelector" in spec:
        found.warning("workloadSelector should not be set when resolution mode is NONE")
    elif resolution != "NONE":
        _resolved(spec, resolution, found)
    found.exported(words(spec, "exportTo"), namespace_of(obj), is_entry=True)


def _hosts(hosts: list[str], found: Findings) -> None:
    if not hosts:
        found.error("service entry must have at least one host")
    for host in hosts:
        if host == "*":
            found.error(f"invalid host {host}")
            continue
        found.domain(host)
        if "*" in host and not host.startswith("*."):
            found.warning(f'partial wildcard "{host}" not allowed')


def _address(address: str, found: Findings) -> None:
    try:
        ip_network(address, strict=False)
    except ValueError:
        what = "CIDR block" if address.count("/") == 1 else "IP"
        found.error(f"{address} is not a valid {what}")


def _ports(ports: list[Obj], has_address: bool, found: Findings) -> None:
    for port in ports:
        name, protocol = text(port, "name"), text(port, "protocol")
        if not has_address and protocol in ("", "TCP"):
            found.warning(
                "addresses are required for ports serving TCP (or unset) protocol "
                "when IP Autoallocation is not enabled"
            )
        if not SMALL_LABEL.fullmatch(name):
            found.error(f"invalid port name: {name}")
        if protocol.upper() not in PROTOCOLS:
            found.error(f"unsupported protocol: {protocol}")


def _resolved(spec: Obj, resolution: str, found: Findings) -> None:
    """Check endpoints, and the hosts where there are none to be resolved."""
    hosts, endpoints, ports = words(spec, "hosts"), items(spec, "endpoints"), items(spec, "ports")
    if resolution.startswith("DNS") and not endpoints:
        _resolvable(hosts, resolution, found)
    known = {text(port, "name") for port in ports}
    for endpoint in endpoints:
        address = text(endpoint, "address")
        if not _is_ip(address):
            if not resolution.startswith("DNS"):
                found.error(f'endpoint address "{address}" is not a valid IP address')
            elif not _is_name(address):
                found.error(f'endpoint address "{address}" is not a valid FQDN or an IP address')
        for name, port in table(endpoint, "ports").items():
            if name not in known:
                found.error(f"endpoint port {port} is not defined by the service entry")
    is_shared = all(text(port, "protocol").upper() in SHARED for port in ports)
    if len(hosts) > 1 and not is_shared:
        if words(spec, "addresses") and any(text(port, "protocol") == "TCP" for port in ports):
            found.warning(
                "service entry can not have more than one host specified "
                "simultaneously with address and tcp port"
            )
        found.error("multiple hosts provided with non-HTTP, non-TLS ports")


def _resolvable(hosts: list[str], resolution: str, found: Findings) -> None:
    for host in hosts:
        wrong = next((label for label in host.split(".") if not LABEL.fullmatch(label)), None)
        if wrong is not None:
            found.error(
                "hosts must be FQDN or contain only prefix wildcards if no endpoints are "
                f'provided for resolution mode {resolution}, domain name "{host}" invalid '
                f'(label "{wrong}" invalid)'
            )
            return


def _is_name(address: str) -> bool:
    return all(LABEL.fullmatch(label) for label in address.split("."))


def _is_ip(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True
