"""What Istio would take and this sandbox does not do: refused or warned of, in plain words."""

from collections.abc import Callable, Container

from app.sandbox.objects import Obj, items, table, text
from app.sandbox.registry.ask import Ask
from app.sandbox.status import StatusError

REFUSED = frozenset(
    {"WorkloadEntry", "WorkloadGroup", "ProxyConfig"}
)  # fmt: skip
WITHOUT_EFFECT = frozenset({"EnvoyFilter", "WasmPlugin"})
NO_FETCH = (
    "the sandbox reaches no other host: keys are not fetched from a jwksUri, "
    "and every token of its issuer is refused"
)
NO_AUTHORIZER = (
    "the sandbox asks no external authorizer: it refuses the requests that a CUSTOM policy is about"
)
OF_FILES = ("serverCertificate", "privateKey", "caCertificates", "tlsCertificates", "caCrl",
            "verifyCertificateSpki", "verifyCertificateHash")  # fmt: skip
POLICY = ("tunnel", "proxyProtocol", "retryBudget")


def limit(obj: Obj, ask: Ask, providers: Callable[[], Container[str]]) -> None:
    """Warn of fields that do nothing here. Raises: StatusError for kinds that do nothing at all.

    `providers` are the authorizers that the mesh's settings define.
    """
    kind = text(obj, "kind")
    if not text(obj, "apiVersion").partition("/")[0].endswith(".istio.io"):
        return
    if kind in REFUSED:
        why = f"the sandbox does not emulate {kind}; a real cluster would take it"
        raise StatusError(400, "", f'admission webhook "sandbox" denied the request: {why}')
    if kind in WITHOUT_EFFECT:
        ask.warnings.append(f"the sandbox keeps this {kind}, and it has no effect here")
    ask.warnings.extend(
        f"the sandbox does not emulate {what}: it has no effect here" for what in _ignored(obj)
    )
    rules = items(obj, "spec.jwtRules")
    if any(text(rule, "jwksUri") and not text(rule, "jwks") for rule in rules):
        ask.warnings.append(NO_FETCH)
    provider = text(obj, "spec.provider.name")
    if provider and text(obj, "spec.action") == "CUSTOM" and provider in providers():
        ask.warnings.append(NO_AUTHORIZER)


def _ignored(obj: Obj) -> list[str]:
    spec, kind = table(obj, "spec"), text(obj, "kind")
    found: list[str] = []
    if kind == "VirtualService":
        for rule in items(spec, "http"):
            abort = table(rule, "fault.abort")
            found += [f"fault.abort.{part}" for part in ("http2Error",) if part in abort]
            matches = items(rule, "match")
            found += ["match.statPrefix" for match in matches if "statPrefix" in match]
    elif kind == "DestinationRule":
        found += ["workloadSelector"] if table(spec, "workloadSelector") else []
        for policy in (table(spec, "trafficPolicy"), *_policies(spec)):
            found += [part for part in POLICY if part in policy]
            balancing = table(policy, "loadBalancer")
            found += [
                f"loadBalancer.{part}"
                for part in ("localityLbSetting", "warmupDurationSecs", "warmup")
                if part in balancing
            ]
            if text(policy, "loadBalancer.simple") == "PASSTHROUGH":
                found.append("loadBalancer.simple: PASSTHROUGH")
            if text(policy, "tls.mode") == "MUTUAL":
                found.append("tls.mode: MUTUAL")
    elif kind == "Gateway":
        for server in items(spec, "servers"):
            tls = table(server, "tls")
            if text(tls, "mode") == "AUTO_PASSTHROUGH":
                found.append("tls.mode: AUTO_PASSTHROUGH")
            found += [f"tls.{part}" for part in OF_FILES if part in tls]
            found += ["bind" for part in ("bind",) if part in server]
    elif kind == "Sidecar":
        found += ["ingress"] if "ingress" in spec else []
        found += ["egress with a port" for each in items(spec, "egress") if "port" in each]
    elif kind == "ServiceEntry":
        if text(spec, "resolution") in ("", "NONE"):
            found.append("resolution NONE")
    elif kind == "AuthorizationPolicy":
        for rule in items(spec, "rules"):
            keys = (text(when, "key") for when in items(rule, "when"))
            found += [key for key in keys if key.startswith("experimental.")]
    return list(dict.fromkeys(found))


def _policies(spec: Obj) -> list[Obj]:
    return [table(subset, "trafficPolicy") for subset in items(spec, "subsets")]
