"""`istioctl proxy-config rootca-compare`: whether two proxies trust the same authority."""

from typing import Final

from app.sandbox.istioctl.admin import ask
from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.line.usage import usage_of
from app.sandbox.istioctl.pods import PodName, pod_of
from app.sandbox.istioctl.proxy_config.dump import Dump
from app.sandbox.objects import text

AUTHORITY: Final = "secret.validation_context.trusted_ca.inline_bytes"


async def run(call: Call[Around]) -> int:
    """Say whether the authorities of two pods' proxies are the same; 1 where they are not."""
    if len(call.words) != 2:
        call.context.terminal.err(f"{usage_of(call.found)}\n")
        raise Failure("rootca-compare requires 2 pods as an argument")
    one, other = (pod_of(call, word) for word in call.words)
    is_same = await _authority(call, one) == await _authority(call, other)
    start, end = f"Both [{one}] and [{other}] have the", "the connectivity between them is"
    if not is_same:
        raise Failure(f"{start} non identical ROOTCA, theoretically {end} unavailable")
    call.context.terminal.err(f"{start} identical ROOTCA, theoretically {end} available\n")
    return 0


async def _authority(call: Call[Around], pod: PodName) -> str:
    try:
        dump = Dump(await ask(call, pod, "/config_dump"))
    except Failure as failure:
        said = f"failed to execute command on {pod} sidecar: {failure.message}"
        raise Failure(said) from failure
    for _, secret in dump.secrets():
        if text(secret, "name") == "ROOTCA":
            return text(secret, AUTHORITY)
    raise Failure("cannot parse secret due to secret is nil")


COMMAND: Final[Command[Around]] = Command(
    "rootca-compare",
    "Compare ROOTCA values for the two given pods",
    run,
    aliases=("rc",),
    usage="rootca-compare [pod/]<name-1>[.<namespace-1>] [pod/]<name-2>[.<namespace-2>]",
)
