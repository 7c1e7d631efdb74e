"""`istioctl dashboard`: a loopback port that leads to an add-on while the client stays."""

import asyncio
import contextlib
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from app.sandbox.istioctl.admin import UNREACHED, unreachable
from app.sandbox.istioctl.lab import Around, Ports
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.line.usage import help_of, usage_of
from app.sandbox.istioctl.pods import PodName, pod_of
from app.sandbox.istioctl.verbs.others import refused
from app.sandbox.objects import labels_of, name_of
from app.sandbox.status import StatusError

LOOPBACK: Final = "127.0.0.1"
AT_ONCE: Final = 64  # connections through one port
CHUNK: Final = 64 * 1024


@dataclass(frozen=True)
class Addon:
    """One add-on: the label of its pod, its port, and the path of its page."""

    name: str
    title: str
    label: str
    port: int
    path: str = ""


ADDONS: Final = (
    Addon("prometheus", "Prometheus", "app.kubernetes.io/name=prometheus", 9090),
    Addon("grafana", "Grafana", "app.kubernetes.io/name=grafana", 3000),
    Addon("kiali", "Kiali", "app=kiali", 20001, "/kiali"),
    Addon("jaeger", "Jaeger", "app=jaeger", 16686),
    Addon("zipkin", "Zipkin", "app=zipkin", 9411),
    Addon("skywalking", "SkyWalking", "app=skywalking-ui", 8080),
)


def _addon(addon: Addon) -> Callable[[Call[Around]], Awaitable[int]]:
    async def run(call: Call[Around]) -> int:
        pod = _pod_with(call, addon.label)
        return await _serve(call, pod, addon.port, addon.path)

    return run


def _pod_with(call: Call[Around], label: str) -> PodName:
    key, _, value = label.partition("=")
    asked = call.flags.text("namespace") or call.context.request.namespace
    for namespace in (call.flags.text("istioNamespace"), asked):
        for pod in call.context.lab.store.list("pods", namespace):
            if labels_of(pod).get(key) == value:
                return PodName(name_of(pod), namespace)
    raise Failure(f"no pods found with selector {label}")


async def run_proxy(call: Call[Around]) -> int:
    """Open the admin page of one proxy."""
    if len(call.words) != 1:
        call.context.terminal.err(f"{usage_of(call.found)}\n")
        raise Failure("specify a pod or --selector")
    return await _serve(call, pod_of(call, call.words[0]), 15000, "")


async def run_group(call: Call[Around]) -> int:
    """Print the help."""
    call.context.terminal.out(help_of(call.found))
    return 0


async def _serve(call: Call[Around], pod: PodName, remote: int, path: str) -> int:
    """Forward until the client goes. Raises: Failure."""
    lab, terminal = call.context.lab, call.context.terminal
    _check_address(call.flags.text("address"))
    trouble = unreachable(lab.store, pod)
    if trouble:
        raise Failure(f"{UNREACHED}: {trouble}")
    asked = call.flags.number("port")
    server = await _listen(lab.ports, pod, remote, (asked,) if asked else (remote, 0))
    async with server:
        port = server.sockets[0].getsockname()[1]
        terminal.out(f"http://localhost:{port}{path}\n")
        if call.flags.is_on("browser"):
            terminal.out(
                f"Failed to open browser; open http://localhost:{port}{path} in your browser.\n"
            )
        else:
            terminal.out("skipping opening a browser")
        await server.serve_forever()
    return 0


def _check_address(address: str) -> None:
    if address == "localhost":
        return
    try:
        is_loopback = ipaddress.ip_address(address) == ipaddress.ip_address(LOOPBACK)
    except ValueError as error:
        raise Failure(f"could not build port forwarder: {address} is no address") from error
    if not is_loopback:
        raise Failure(f"in this sandbox a dashboard listens on {LOOPBACK} alone, not on {address}")


async def _listen(
    ports: Ports, pod: PodName, remote: int, wanted: tuple[int, ...]
) -> asyncio.Server:
    trouble: OSError | None = None
    free = asyncio.Semaphore(AT_ONCE)

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with free:
            await _forward(ports, pod, remote, (reader, writer))

    for port in wanted:
        try:
            return await asyncio.start_server(take, LOOPBACK, port)
        except OSError as error:
            trouble = error
    raise Failure(f"failure running port forward process: {trouble}")


async def _forward(
    ports: Ports,
    pod: PodName,
    remote: int,
    near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Carry one connection until either end closes it."""
    writers = [near[1]]
    try:
        far = await ports.portforward(pod.namespace, pod.name, remote)
        writers.append(far[1])
        ways = [
            asyncio.create_task(_carry(near[0], far[1])),
            asyncio.create_task(_carry(far[0], near[1])),
        ]
        try:
            await asyncio.wait(ways)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
    except (OSError, StatusError):
        pass  # the pod has gone, or nobody listens there: the connection ends
    finally:
        for writer in writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


REFUSED: Final = (
    refused("controlz", "Open ControlZ web UI"),
    refused("istiod-debug", "Open Istio debug web UI"),
)


def _page(addon: Addon) -> Command[Around]:
    return Command(
        addon.name,
        f"Open {addon.title} web UI",
        _addon(addon),
        (Flag("ui-port", "The component dashboard UI port.", "", "int", str(addon.port)),),
        long=f"Open Istio's {addon.title} dashboard",
        examples=(f"istioctl dashboard {addon.name}",),
        hides=("istioNamespace", "namespace"),
    )


def _admin(name: str) -> Command[Around]:
    return Command(
        name,
        "Open admin web UI for a proxy" if name == "proxy" else "Open Envoy admin web UI",
        run_proxy,
        (
            Flag("selector", "Label selector", "l"),
            Flag("ui-port", "The component dashboard UI port.", "", "int", "15000"),
        ),
        usage=f"{name} [<type>/]<name>[.<namespace>]",
    )


COMMAND: Final[Command[Around]] = Command(
    "dashboard",
    "Access to Istio web UIs",
    run_group,
    inherited=(
        Flag("address", f"Address to listen on: localhost or {LOOPBACK}", default="localhost"),
        Flag("browser", "false: only print the address", "", "bool", "true"),
        Flag("port", "Local port to listen to", "p", "int", "0"),
    ),
    aliases=("dash", "d"),
    commands=(*(_page(addon) for addon in ADDONS), _admin("envoy"), _admin("proxy"), *REFUSED),
    unknown="unknown dashboard",
    hides=("istioNamespace", "namespace"),
)
