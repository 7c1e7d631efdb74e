"""What a DestinationRule may say."""

from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.objects import Obj, at, items, namespace_of, number, strings, table, text, words

FIELDS = ("loadBalancer", "connectionPool", "outlierDetection", "tls", "portLevelSettings",
          "tunnel", "proxyProtocol", "retryBudget")  # fmt: skip
AMOUNTS = {
    "http1MaxPendingRequests": "http1 max pending requests",
    "http2MaxRequests": "http2 max requests",
    "maxRequestsPerConnection": "max requests per connection",
    "maxRetries": "max retries",
    "maxConcurrentStreams": "max concurrent streams",
}


def destination_rule(obj: Obj, found: Findings) -> None:
    """Check a DestinationRule."""
    spec = table(obj, "spec")
    found.domain(text(spec, "host"))
    found.selector(spec.get("workloadSelector"))
    if isinstance(spec.get("trafficPolicy"), dict):
        _policy(table(spec, "trafficPolicy"), found)
    names: set[str] = set()
    for subset in items(spec, "subsets"):
        name = text(subset, "name")
        found.subset(name)
        if name in names:
            found.error(f"duplicate subset names: {name}")
        names.add(name)
        found.labels(strings(subset, "labels"))
        if isinstance(subset.get("trafficPolicy"), dict):
            _policy(table(subset, "trafficPolicy"), found)
    found.exported(words(spec, "exportTo"), namespace_of(obj))


def _policy(policy: Obj, found: Findings) -> None:
    if not any(policy.get(field) is not None for field in FIELDS):
        found.error("traffic policy must have at least one field")
    _settings(policy, found)
    for level in items(policy, "portLevelSettings"):
        if not isinstance(level.get("port"), dict):
            found.error("portTrafficPolicy must have valid port")
        elif number(level, "port.number"):
            found.port(number(level, "port.number"))
        if not any(level.get(field) is not None for field in FIELDS):
            found.error("port traffic policy must have at least one field")
        _settings(level, found)


def _settings(policy: Obj, found: Findings) -> None:
    outlier = policy.get("outlierDetection")
    if isinstance(outlier, dict):
        _outlier(outlier, found)
    pool = policy.get("connectionPool")
    if isinstance(pool, dict):
        _pool(pool, found)
    if isinstance(policy.get("tls"), dict):
        _tls(table(policy, "tls"), found)


def _outlier(outlier: Obj, found: Findings) -> None:
    if "consecutiveErrors" in outlier:
        found.warning(
            "outlier detection consecutive errors is deprecated, "
            "use consecutiveGatewayErrors or consecutive5xxErrors instead"
        )
    if outlier.get("splitExternalLocalOriginErrors") is not True and number(
        outlier, "consecutiveLocalOriginFailures"
    ):
        found.error(
            "outlier detection consecutive local origin failures is specified, "
            "but split external local origin errors is set to false"
        )
    for field in ("maxEjectionPercent", "minHealthPercent"):
        value = number(outlier, field)
        if not 0 <= value <= 100:
            found.error(f"percentage {value} is not in range 0..100")


def _pool(pool: Obj, found: Findings) -> None:
    if pool.get("http") is None and pool.get("tcp") is None:
        return found.error("connection pool must have at least one field")
    http = table(pool, "http")
    for field, words_ in AMOUNTS.items():
        if number(http, field) < 0:
            found.error(f"{words_} must be non-negative")
    if text(http, "h2UpgradePolicy") == "UPGRADE" and http.get("useClientProtocol") is True:
        found.error("use client protocol must not be true when H2UpgradePolicy is UPGRADE")
    if number(pool, "tcp.maxConnections") < 0:
        found.error("max connections must be non-negative")
    return None


def _tls(tls: Obj, found: Findings) -> None:
    if text(tls, "mode") == "MUTUAL" and not text(tls, "credentialName"):
        for field, name in (("clientCertificate", "client certificate"),
                            ("privateKey", "private key")):  # fmt: skip
            if not at(tls, field):
                found.error(f"{name} required for mutual tls")
