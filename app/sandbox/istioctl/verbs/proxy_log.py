"""`istioctl proxy-config log`: a proxy's loggers, told or set."""

import re
from datetime import UTC, datetime
from typing import Final

from app.sandbox.istioctl.admin import ask
from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.line.usage import usage_of
from app.sandbox.istioctl.pods import PodName, pod_of
from app.sandbox.objects import labels_of, name_of
from app.sandbox.registry.selectors import parse
from app.sandbox.status import StatusError

LEVELS: Final = ("trace", "debug", "info", "warning", "warn", "error", "critical", "off")
ALL: Final = "level"
NO_DEFAULT: Final = (
    "unable to get logLevel from ConfigMap istio-sidecar-injector, "
    'using default value "warning" for envoy proxies'
)


async def run_log(call: Call[Around]) -> int:
    """Print the levels of proxies' loggers, or set them."""
    flags, terminal = call.flags, call.context.terminal
    level = flags.text("level")
    if not flags.text("selector") and not call.words:
        raise _misused(call, "log requires pod name or --selector")
    if flags.is_on("reset") and level:
        raise _misused(call, "--level cannot be combined with --reset")
    if flags.text("output") not in ("", "short"):
        raise Failure("--output is not applicable for this command")
    pods = _pods(call)
    loggers = "".join([await _asked(call, pod, "/logging") for pod in pods][-1:])
    if flags.is_on("reset"):
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
        terminal.out(f"{now}\twarn\t{NO_DEFAULT}\n")
        level = "warning"
    paths = [f"/logging?{name}={each}" for name, each in _wanted(level, loggers)] or ["/logging"]
    for pod in pods:
        told = [await _asked(call, pod, path) for path in paths]
        terminal.out(f"{pod}:\n{told[-1]}")
    return 0


def _misused(call: Call[Around], said: str) -> Failure:
    call.context.terminal.err(f"{usage_of(call.found)}\n")
    return Failure(said)


def _pods(call: Call[Around]) -> list[PodName]:
    selector = call.flags.text("selector")
    if not selector:
        return [pod_of(call, call.words[0])]
    namespace = call.flags.text("namespace") or call.context.request.namespace
    try:
        is_wanted = parse(selector)
    except StatusError as error:
        raise Failure(error.message) from error
    found = [
        PodName(name_of(pod), namespace)
        for pod in call.context.lab.store.list("pods", namespace)
        if is_wanted(labels_of(pod))
    ]
    if not found:
        raise Failure("no pods found")
    return found


async def _asked(call: Call[Around], pod: PodName, path: str) -> str:
    try:
        return (await ask(call, pod, path, "POST")).decode()
    except Failure as failure:
        raise Failure(f"failed to execute command on Envoy: {failure.message}") from failure


def _wanted(written: str, loggers: str) -> list[tuple[str, str]]:
    """Return which loggers get which level, all of them first. Raises: Failure."""
    found: dict[str, str] = {}
    for part in written.split(",") if written else ():
        parts = re.split(r"([:=])", part.rpartition("::")[2], maxsplit=1)
        name, sign, level = parts if len(parts) > 1 else (ALL, "", part)
        if sign and name not in loggers and name != ALL:
            raise Failure(f"unrecognized logger name: {name}")
        if level not in LEVELS:
            raise Failure(f"unrecognized logging level: {level}")
        if not sign:
            found = {}
        found[name] = level
    return sorted(found.items(), key=lambda each: each[0] != ALL)


COMMAND: Final[Command[Around]] = Command(
    "log",
    "Retrieves logging levels of the Envoy in the specified pod",
    run_log,
    (
        Flag("level", "Levels to set: level or logger:level, with commas"),
        Flag("reset", "Set every logger to warning", "r", "bool", "false"),
        Flag("selector", "Label selector", "l"),
    ),
    aliases=("o",),
    usage="log [<type>/]<name>[.<namespace>]",
)
