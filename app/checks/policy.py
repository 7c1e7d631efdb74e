"""policy: the traffic policy in force for a host is as asked, and the caller's proxy has it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.checks.durations import seconds_of
from app.checks.inforce import full_name
from app.checks.kind import Context, Kind, Params
from app.checks.proxy import cluster_name, known_cluster
from app.checks.result import Evidence, Finding, failed, passed
from app.checks.scene import Scene, scene_of
from app.checks.synced import no_probe, until
from app.checks.written import as_yaml
from app.clusters.objects import Object

Value = float | str


class PolicyParams(Params):
    """What is asked of the policy for `host`; what is not given does not matter. Units: seconds."""

    namespace: str
    host: str
    max_connections: int | None = None
    h2_upgrade: str | None = None
    load_balancer: str | None = None
    consecutive_5xx: int | None = None
    interval_s: float | None = None
    base_ejection_s: float | None = None
    max_ejection_percent: int | None = None


@dataclass(frozen=True)
class Setting:
    """Where a parameter stands in a traffic policy, and in the proxy (empty: not compared)."""

    param: str
    path: str
    in_proxy: str
    is_duration: bool = False


SETTINGS = (
    Setting(
        "max_connections",
        "connectionPool.tcp.maxConnections",
        "circuit_breakers.thresholds.0.max_connections",
    ),
    Setting("h2_upgrade", "connectionPool.http.h2UpgradePolicy", ""),
    Setting("load_balancer", "loadBalancer.simple", ""),
    Setting(
        "consecutive_5xx",
        "outlierDetection.consecutive5xxErrors",
        "outlier_detection.consecutive_5xx",
    ),
    Setting("interval_s", "outlierDetection.interval", "outlier_detection.interval", True),
    Setting(
        "base_ejection_s",
        "outlierDetection.baseEjectionTime",
        "outlier_detection.base_ejection_time",
        True,
    ),
    Setting(
        "max_ejection_percent",
        "outlierDetection.maxEjectionPercent",
        "outlier_detection.max_ejection_percent",
    ),
)


async def check(context: Context, params: PolicyParams) -> Finding:
    """Judge the merged DestinationRules first, then what the proxy made of them."""
    if context.inside is None:
        return no_probe()
    scene = await scene_of(context.cluster, params.host, params.namespace, context.inside.namespace)
    asked = {s: v for s in SETTINGS if (v := getattr(params, s.param)) is not None}
    finding = _judge(scene, asked)
    if finding is not None:
        return finding
    name = cluster_name(scene.backend.port, "", scene.host)
    pod = context.inside
    found, is_same = await until(
        lambda: known_cluster(context.cluster, pod, name),
        lambda each: each is not None and not _differences(each, asked),
        context.patience_s,
    )
    rule = scene.rules.policy_rule
    if not is_same or rule is None:
        return _not_in_proxy(scene, found, asked)
    return passed(
        f"The traffic policy of {rule.name} is in force for {scene.host}, and the caller's proxy "
        "has it.",
        Evidence(f"DestinationRule {rule.name}", as_yaml(rule.at("spec.trafficPolicy"))),
        look=f"istioctl proxy-config clusters deploy/frontend -n {params.namespace} "
        f"--fqdn {scene.host} -o yaml",
    )


def _judge(scene: Scene, asked: Mapping[Setting, Value]) -> Finding | None:
    look = f"kubectl get destinationrules -n {scene.namespace} -o yaml"
    rule = scene.rules.policy_rule
    fitting = [each for each in scene.rules.objects if not _wrong(each, scene, asked)]
    if rule is None:
        return _absent(scene, look)
    wrong = _wrong(rule, scene, asked)
    if not wrong:
        return None
    if fitting:
        return failed(
            "older-destinationrule",
            f"{fitting[0].name} says what is asked, but {rule.name} speaks for the same host and "
            "is older. Subsets of DestinationRules are merged; the traffic policy is taken from "
            f"{rule.name} alone, and that of {fitting[0].name} is ignored without a warning.",
            look=f"kubectl get destinationrules -n {scene.namespace} "
            "--sort-by=.metadata.creationTimestamp",
        )
    return failed(
        "wrong-value", f"In {rule.name}: {'; '.join(wrong)}." + _ignored(scene, rule), look=look
    )


def _ignored(scene: Scene, rule: Object) -> str:
    others = [
        each.name
        for each in scene.rules.objects
        if each is not rule and each.at("spec.trafficPolicy") is not None
    ]
    return f" The traffic policy of {', '.join(others)} counts for nothing: it is younger." * bool(
        others
    )


def _absent(scene: Scene, look: str) -> Finding:
    short = scene.host.partition(".")[0]
    if scene.rules.objects:
        names = ", ".join(each.name for each in scene.rules.objects)
        return failed(
            "wrong-value",
            f"{names} is for {scene.host}, but has no trafficPolicy of its own.",
            look=look,
        )
    for each in scene.destination_rules:
        host = each.text("spec.host")
        is_elsewhere = each.namespace != scene.namespace and host == short
        if is_elsewhere and scene.is_lost(host, each.namespace):
            return failed(
                "other-namespace",
                f"{each.name} is in namespace {each.namespace}, where {short} means "
                f"{full_name(short, each.namespace)}. Expected was one for {scene.host}.",
                look="kubectl get destinationrules -A",
            )
    for each in scene.destination_rules:
        host = each.text("spec.host")
        if each.namespace == scene.namespace and scene.is_lost(host, each.namespace):
            return failed(
                "wrong-host",
                f"{each.name} is for the host {host}, which no Service has. Expected was {short}.",
                look=look,
            )
    return failed(
        "no-destinationrule", f"No DestinationRule is in force for {scene.host}.", look=look
    )


def effective(rule: Object, port: int) -> Object:
    """Return the policy for a port: settings of the port replace the general ones entirely."""
    for part in rule.parts("spec.trafficPolicy.portLevelSettings"):
        if part.number("port.number") == port:
            return part
    general = rule.at("spec.trafficPolicy")
    return Object(general if isinstance(general, dict) else {})


def _wrong(rule: Object, scene: Scene, asked: Mapping[Setting, Value]) -> list[str]:
    policy = effective(rule, scene.backend.port)
    return [
        f"{setting.path} is {policy.text(setting.path) or 'not set'}, asked is "
        f"{_as_written(setting, value)}"
        for setting, value in asked.items()
        if _read(policy, setting.path, setting) != value
    ]


def _as_written(setting: Setting, value: Value) -> str:
    return f"{value:g}s" if setting.is_duration and isinstance(value, float) else str(value)


def _read(source: Object, path: str, setting: Setting) -> Value | None:
    if setting.is_duration:
        return seconds_of(source.text(path))
    number = source.number(path)
    return number if number is not None else source.text(path) or None


def _differences(found: Object, asked: Mapping[Setting, Value]) -> list[str]:
    return [
        f"{setting.in_proxy} {_read(found, setting.in_proxy, setting)}"
        for setting, value in asked.items()
        if setting.in_proxy and _read(found, setting.in_proxy, setting) != value
    ]


def _not_in_proxy(scene: Scene, found: Object | None, asked: Mapping[Setting, Value]) -> Finding:
    seen = "; ".join(_differences(found, asked)) if found else "no cluster for this host"
    return failed(
        "not-in-proxy",
        f"The DestinationRule says what is asked, but the proxy of the lab's caller has: {seen}. "
        "Configuration reaches proxies within a second or two unless istiod rejects it or is "
        "unwell.",
        look="istioctl proxy-status",
    )


KIND = Kind(
    name="policy",
    params=PolicyParams,
    check=check,
    reads=("DestinationRule", "Service"),
    is_cheap=False,
    reasons=(
        "no-destinationrule",
        "other-namespace",
        "wrong-host",
        "older-destinationrule",
        "wrong-value",
        "not-in-proxy",
    ),
)
