"""`istioctl version`: this client's, the control plane's and the proxies'."""

import json
from typing import Final

import yaml

from app.sandbox.istioctl.client.build import BUILD
from app.sandbox.istioctl.lab import VERSION, Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istiod.debug import Proxy
from app.sandbox.objects import Obj, items, labels_of, text


async def run(call: Call[Around]) -> int:
    """Print versions; without a control plane its absence is told on standard error."""
    flags, terminal = call.flags, call.context.terminal
    form = flags.text("output")
    if form not in ("", "yaml", "json"):
        raise Failure("--output must be 'yaml' or 'json'")
    mesh: list[Obj] = []
    proxies: list[tuple[str, str, str]] = []
    if flags.is_on("remote"):
        namespace = flags.text("istioNamespace")
        mesh = _control_planes(call, namespace)
        found = await call.context.lab.mesh.connected() if mesh else ()
        proxies = sorted((f"{p.pod}.{p.namespace}", p.version, _kind(call, p)) for p in found)
        if not mesh:
            terminal.err(
                "Istio is not present in the cluster: no running Istio pods in namespace "
                f'"{namespace}"\n'
            )
    if form:
        terminal.out(_data(mesh, proxies, form))
    elif flags.is_on("short"):
        terminal.out(_short(mesh, proxies))
    else:
        terminal.out(_long(mesh, proxies))
    return 0


def _control_planes(call: Call[Around], namespace: str) -> list[Obj]:
    pods = call.context.lab.store.list("pods", namespace)
    return [
        {
            "Component": "pilot",
            "Revision": labels_of(pod).get("istio.io/rev", ""),
            "Info": {**BUILD},
        }
        for pod in pods
        if labels_of(pod).get("app") == "istiod"
        and text(pod, "status.phase") == "Running"
        and call.flags.text("revision") in ("", labels_of(pod).get("istio.io/rev"))
    ]


def _kind(call: Call[Around], proxy: Proxy) -> str:
    """Return what a proxy is for: a gateway's pod has no other container than the proxy."""
    pod = call.context.lab.store.get("pods", proxy.pod, proxy.namespace)
    names = [text(each, "name") for each in items(pod, "spec.containers")]
    return "gateway" if names == ["istio-proxy"] else "sidecar"


def _short(mesh: list[Obj], proxies: list[tuple[str, str, str]]) -> str:
    lines = [f"client version: {VERSION}"]
    if mesh:
        counts = dict[str, int]()
        for _, version, _ in proxies:
            counts[version] = counts.get(version, 0) + 1
        told = ", ".join(f"{version} ({counts[version]} proxies)" for version in sorted(counts))
        lines += [f"control plane version: {VERSION}", f"data plane version: {told or 'none'}"]
    return "\n".join(lines) + "\n"


def _long(mesh: list[Obj], proxies: list[tuple[str, str, str]]) -> str:
    build = (
        f'version.BuildInfo{{Version:"{VERSION}", GitRevision:"{BUILD["revision"]}", '
        f'GolangVersion:"{BUILD["golang_version"]}", BuildStatus:"Clean", GitTag:"{VERSION}"}}'
    )
    lines = [f"client version: {build}", *(f"pilot version: {build}" for _ in mesh)]
    for name, version, kind in proxies:
        told = f'version.ProxyInfo{{ID:"{name}", IstioVersion:"{version}", Type:"{kind}"}}'
        lines.append(f"data plane version: {told}")
    return "\n".join(lines) + "\n"


def _data(mesh: list[Obj], proxies: list[tuple[str, str, str]], form: str) -> str:
    data: Obj = {"clientVersion": {**BUILD}}
    if mesh:
        data["meshVersion"] = [*mesh]
        data["dataPlaneVersion"] = [
            {"ID": name, "IstioVersion": version, "Type": kind} for name, version, kind in proxies
        ]
    if form == "json":
        return json.dumps(data, indent=2) + "\n"
    return yaml.safe_dump(data, sort_keys=True) + "\n"


COMMAND: Final[Command[Around]] = Command(
    "version",
    "Prints out build version information",
    run,
    (
        Flag("output", "One of 'yaml' or 'json'.", "o"),
        Flag("remote", "Use --remote=false to suppress control plane check", "", "bool", "true"),
        Flag("revision", "Control plane revision", "r"),
        Flag("short", "Use --short=false for full version information", "s", "bool", "true"),
    ),
)
