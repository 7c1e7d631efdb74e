"""What a proxy was started with."""

from app.sandbox.istioctl.line.table import tabulated
from app.sandbox.istioctl.proxy_config.dump import Dump
from app.sandbox.objects import Obj, number, table, text


def versions(dump: Dump) -> str:
    """Return the versions of Istio and Envoy, a line each."""
    node = table(dump.part("BootstrapConfigDump"), "bootstrap.node")
    told = (
        ("Istio Version:", text(node, "metadata.ISTIO_VERSION")),
        ("Istio Proxy Version:", text(node, "metadata.ISTIO_PROXY_SHA")),
        ("Envoy Version:", _build(table(node, "user_agent_build_version"))),
    )
    return tabulated([[name, value] for name, value in told if value], padding=1)


def _build(version: Obj) -> str:
    numbers, metadata = table(version, "version"), table(version, "metadata")
    parts = ("major_number", "minor_number", "patch")
    plain = ".".join(str(number(numbers, part)) for part in parts)
    known = (metadata.get(key) for key in ("revision.status", "build.type", "ssl.version"))
    return "/".join([plain, *(str(value) for value in known if value)]) if numbers else ""
