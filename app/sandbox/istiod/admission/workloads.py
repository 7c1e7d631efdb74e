"""What WorkloadEntries, WorkloadGroups, ProxyConfigs, Telemetries and WasmPlugins may say."""

import re
from typing import Final

from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.objects import Obj, at, items, number, table, text

DIGEST: Final = 64  # letters of a SHA-256


def workload_entry(obj: Obj, found: Findings) -> None:
    """Check a WorkloadEntry."""
    spec = table(obj, "spec")
    if not text(spec, "address") and not text(spec, "network"):
        found.error("address is required")


def workload_group(obj: Obj, found: Findings) -> None:
    """Check a WorkloadGroup."""
    if "template" not in table(obj, "spec"):
        found.error("template is required")


def proxy_config(obj: Obj, found: Findings) -> None:
    """Check a ProxyConfig."""
    if number(obj, "spec.concurrency") < 0:
        found.error("concurrency must be greater than or equal to 0")


def telemetry(obj: Obj, found: Findings) -> None:
    """Check a Telemetry."""
    found.selector(at(obj, "spec.selector"))
    for tracing in items(obj, "spec.tracing"):
        share = tracing.get("randomSamplingPercentage")
        if isinstance(share, int | float) and not 0 <= share <= 100:
            found.error("randomSamplingPercentage must be in range [0.0, 100.0]")


def wasm_plugin(obj: Obj, found: Findings) -> None:
    """Check a WasmPlugin."""
    spec = table(obj, "spec")
    digest = text(spec, "sha256")
    if not text(spec, "url"):
        found.error("url field needs to be set")
    elif digest and len(digest) != DIGEST:
        found.error("sha256 field must be 64 characters long")
    elif digest and not re.fullmatch(r"[0-9a-f]+", digest):
        found.error("sha256 field must match [a-f0-9]{64} pattern")
