"""What a container wants done after its start and before its end."""

import asyncio
import json

from app.sandbox.kubelet.probes import Target, Unhealthy, Unlistened, fetch
from app.sandbox.objects import Obj, name_of, namespace_of, number, table, text, words


class HookFailed(Exception):
    """A hook that could not be run, or ended badly: the kubelet's words."""


async def run_hook(hook: Obj, target: Target, timeout_s: float) -> None:
    """Return once it is done; the status of an HTTP answer does not matter.

    Raises: HookFailed, TimeoutError.
    """
    if "sleep" in hook:
        await asyncio.sleep(min(number(hook, "sleep.seconds"), timeout_s))
    elif "exec" in hook:
        argv = words(hook, "exec.command")
        code, said = await target.run(argv, timeout_s)
        if code:
            what, line = "Exec lifecycle hook", " ".join(argv)
            why = f"command '{line}' exited with {code}: , message: {json.dumps(said)}"
            raise HookFailed(_told(what, f"[{line}]", target, why))
    elif "httpGet" in hook:
        try:
            await fetch(table(hook, "httpGet"), target, timeout_s)
        except (Unlistened, Unhealthy) as why:
            path = text(hook, "httpGet.path")
            raise HookFailed(_told("HTTP lifecycle hook", path, target, str(why))) from None


def _told(kind: str, what: str, target: Target, why: str) -> str:
    pod, name = target.pod, text(target.container, "name")
    whose = f"{name_of(pod)}_{namespace_of(pod)}({text(pod, 'metadata.uid')})"
    return f'{kind} ({what}) for Container "{name}" in Pod "{whose}" failed - error: {why}'
