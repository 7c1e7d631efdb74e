"""`istioctl proxy-config log`: a proxy's loggers, told or set."""

from typing import Final

from app.sandbox.istioctl.admin import ask
from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.line.usage import usage_of
from app.sandbox.istioctl.pods import pod_of


async def run_log(call: Call[Around]) -> int:
    """Print the levels of a proxy's loggers, or set them."""
    flags, terminal = call.flags, call.context.terminal
    if len(call.words) != 1:
        terminal.err(f"{usage_of(call.found)}\n")
        raise Failure("log requires pod name or --selector")
    pod = pod_of(call, call.words[0])
    paths = [_logging(level) for level in _listed(flags.text("level"))] or ["/logging"]
    if flags.is_on("reset"):
        paths = ["/logging?level=warning"]
    answer = b""
    for path in paths:
        try:
            answer = await ask(call, pod, path, "POST")
        except Failure as failure:
            said = f"failed to execute command on Envoy: {failure.message}"
            raise Failure(said) from failure
    terminal.out(f"{pod}:\n{answer.decode()}")
    return 0


def _listed(written: str) -> list[str]:
    return written.split(",") if written else []


LEVELS: Final = ("trace", "debug", "info", "warning", "warn", "error", "critical", "off")


def _logging(written: str) -> str:
    logger, colon, level = written.rpartition(":")
    if level not in LEVELS:
        raise Failure(f"unrecognized logging level: {level}")
    return f"/logging?{logger if colon else 'level'}={level}"


COMMAND: Final[Command[Around]] = Command(
    "log",
    "Retrieves logging levels of the Envoy in the specified pod",
    run_log,
    (
        Flag("level", "Levels to set: level or logger:level, with commas"),
        Flag("reset", "Set every logger to warning", "r", "bool", "false"),
        Flag("selector", "Label selector", "l", is_refused=True),
    ),
    aliases=("o",),
    usage="log [<type>/]<name>[.<namespace>]",
)
