"""The validating webhook: whether it is asked, and how its refusal reads."""

from collections.abc import Callable, Mapping

from app.sandbox.istiod.admission.authentication import request_authentication
from app.sandbox.istiod.admission.authorization import authorization_policy
from app.sandbox.istiod.admission.destination import destination_rule
from app.sandbox.istiod.admission.entry import service_entry
from app.sandbox.istiod.admission.filters import envoy_filter
from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.istiod.admission.gateway import gateway
from app.sandbox.istiod.admission.others import peer_authentication, sidecar
from app.sandbox.istiod.admission.route import virtual_service
from app.sandbox.istiod.admission.workloads import (
    proxy_config,
    telemetry,
    wasm_plugin,
    workload_entry,
    workload_group,
)
from app.sandbox.istiod.injection import matches
from app.sandbox.objects import Obj, items, labels_of, table, text
from app.sandbox.registry.ask import Ask
from app.sandbox.status import StatusError
from app.sandbox.store.store import Store

WEBHOOKS = "validatingwebhookconfigurations.admissionregistration.k8s.io"
GROUPS = (
    "networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io"
)  # fmt: skip
CHECKS: Mapping[str, Callable[[Obj, Findings], None]] = {
    "AuthorizationPolicy": authorization_policy,
    "DestinationRule": destination_rule,
    "EnvoyFilter": envoy_filter,
    "Gateway": gateway,
    "RequestAuthentication": request_authentication,
    "PeerAuthentication": peer_authentication,
    "ProxyConfig": proxy_config,
    "ServiceEntry": service_entry,
    "Sidecar": sidecar,
    "Telemetry": telemetry,
    "VirtualService": virtual_service,
    "WasmPlugin": wasm_plugin,
    "WorkloadEntry": workload_entry,
    "WorkloadGroup": workload_group,
}


def refuse(obj: Obj, store: Store, ask: Ask, *, is_working: bool) -> None:
    """Raise the StatusError of what Istio would not take; its warnings go to whoever asks."""
    if text(obj, "apiVersion").partition("/")[0] not in GROUPS or not is_working:
        return  # failurePolicy Ignore: without istiod everything is taken
    webhook = _webhook(obj, store)
    check = CHECKS.get(text(obj, "kind"))
    if webhook is None or check is None:
        return
    findings = Findings()
    check(obj, findings)
    if not findings.errors:
        ask.warnings.extend(findings.warnings)  # a refusal comes without them
    else:
        name = text(webhook, "name")
        told = f"configuration is invalid: {findings.told()}"
        raise StatusError(400, "", f'admission webhook "{name}" denied the request: {told}')


def _webhook(obj: Obj, store: Store) -> Obj | None:
    for configuration in store.list(WEBHOOKS):
        for webhook in items(configuration, "webhooks"):
            if text(webhook, "clientConfig.service.path").startswith("/validate") and matches(
                table(webhook, "objectSelector"), labels_of(obj)
            ):
                return webhook
    return None
