"""One asking of a probe: by HTTP, by a connection, or by a command; with the kubelet's words."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.sandbox.network.place import Place
from app.sandbox.objects import Json, Obj, at, items, number, table, text

AGENT_PORTS = range(15000, 15100)  # what a sidecar's agent serves beside the mesh
HEALTH = "/app-health/"
SLOW = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
Command = Callable[[Sequence[str], float], Awaitable[tuple[int, str]]]


class Unlistened(Exception):
    """Nothing listens on the port (yet): the probe's failure, in words."""


class Unhealthy(Exception):
    """A probe that failed: why, in words."""


@dataclass(frozen=True)
class Target:
    """What is probed: a container of a pod; `run` runs a command in it."""

    pod: Obj
    container: Obj
    place: Place
    run: Command


async def ask(probe: Obj, target: Target) -> None:
    """Return if the container is healthy. Raises: Unlistened, Unhealthy."""
    timeout_s = float(number(probe, "timeoutSeconds", 1))
    probe, is_inside = _meant(probe, target)
    if "httpGet" in probe:
        await _http(table(probe, "httpGet"), target, timeout_s, is_inside)
    elif "tcpSocket" in probe:
        await _tcp(table(probe, "tcpSocket"), target, timeout_s, is_inside)
    elif "exec" in probe:
        await _exec(probe, target, timeout_s)
    elif "grpc" in probe:
        raise Unhealthy("the sandbox does not emulate gRPC probes")


def _meant(probe: Obj, target: Target) -> tuple[Obj, bool]:
    """Return the probe that the sidecar's agent would ask in this one's place, inside the pod.

    Source: https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
    """
    path = text(probe, "httpGet.path")
    if not path.startswith(HEALTH):
        return probe, False
    for container in [
        *items(target.pod, "spec.initContainers"),
        *items(target.pod, "spec.containers"),
    ]:
        for entry in items(container, "env"):
            if entry.get("name") == "ISTIO_KUBE_APP_PROBERS":
                found = _read(text(entry, "value")).get(path)
                return (found, True) if isinstance(found, dict) else (probe, False)
    return probe, False


def _read(written: str) -> Obj:
    try:
        found: Json = json.loads(written)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def port_of(wanted: Json, container: Obj) -> int:
    """Return a port that a probe names, by number or by name; 0 where there is none."""
    if isinstance(wanted, int):
        return wanted
    if isinstance(wanted, str) and wanted.isdigit():
        return int(wanted)
    for port in items(container, "ports"):
        if port.get("name") == wanted:
            return number(port, "containerPort")
    return 0


def _socket(place: Place, port: int, is_inside: bool) -> Path:
    own = is_inside or port in AGENT_PORTS
    return place.program(port) if own else place.door(port)


async def _open(
    target: Target, port: int, timeout_s: float, is_inside: bool
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection to a port. Raises: Unlistened."""
    address = f"{target.place.ip}:{port}"
    try:
        async with asyncio.timeout(timeout_s):
            return await asyncio.open_unix_connection(_socket(target.place, port, is_inside))
    except (OSError, TimeoutError):
        raise Unlistened(f"dial tcp {address}: connect: connection refused") from None


async def _tcp(probe: Obj, target: Target, timeout_s: float, is_inside: bool) -> None:
    port = port_of(probe.get("port"), target.container)
    _, writer = await _open(target, port, timeout_s, is_inside)
    await _close(writer)


async def _http(probe: Obj, target: Target, timeout_s: float, is_inside: bool) -> None:
    status = await fetch(probe, target, timeout_s, is_inside=is_inside)
    if not 200 <= status < 400:
        raise Unhealthy(f"HTTP probe failed with statuscode: {status}")


async def fetch(asked: Obj, target: Target, timeout_s: float, *, is_inside: bool = False) -> int:
    """Return the status that an `httpGet` is answered with. Raises: Unlistened, Unhealthy."""
    port = port_of(asked.get("port"), target.container)
    scheme = text(asked, "scheme", "HTTP").lower()
    path = text(asked, "path", "/")
    path = path if path.startswith("/") else f"/{path}"
    url = f"{scheme}://{target.place.ip}:{port}{path}"
    if scheme != "http":
        raise Unhealthy("the sandbox does not emulate probes by HTTPS")
    try:
        reader, writer = await _open(target, port, timeout_s, is_inside)
    except Unlistened as nobody:
        raise Unlistened(f'Get "{url}": {nobody}') from None
    try:
        writer.write(_request(asked, path, f"{target.place.ip}:{port}"))
        async with asyncio.timeout(timeout_s):
            return await _status(reader)
    except TimeoutError:
        raise Unhealthy(f'Get "{url}": {SLOW}') from None
    except (OSError, ValueError, EOFError):
        raise Unhealthy(f'Get "{url}": EOF') from None
    finally:
        await _close(writer)


def _request(probe: Obj, path: str, host: str) -> bytes:
    headers = {"Host": host, "User-Agent": "kube-probe/1.36", "Accept": "*/*"}
    given = items(probe, "httpHeaders")
    headers |= {text(one, "name"): text(one, "value") for one in given if text(one, "name")}
    lines = [f"GET {path} HTTP/1.1"]
    lines += [f"{name}: {_one_line(value)}" for name, value in headers.items()]
    return ("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode("latin-1", "replace")


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


async def _status(reader: asyncio.StreamReader) -> int:
    """Return the status of an answer. Raises: EOFError, ValueError."""
    line = await reader.readline()
    parts = line.split(b" ", 2)
    if not line:
        raise EOFError
    if not parts[0].startswith(b"HTTP/1.") or len(parts) < 2:
        raise ValueError(line)
    return int(parts[1])


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        return


async def _exec(probe: Obj, target: Target, timeout_s: float) -> None:
    given = at(probe, "exec.command")
    argv = [str(part) for part in given] if isinstance(given, list) else []
    try:
        code, said = await target.run(argv, timeout_s)
    except TimeoutError:
        told = f'command timed out: "{" ".join(argv)}" timed out after {int(timeout_s)}s'
        raise Unhealthy(told) from None
    if code != 0:
        raise Unhealthy(said)
