"""When a container's probes are first asked."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from sandbox.kubelet.node import container, pod

from app.sandbox.kubelet.probes import Target
from app.sandbox.kubelet.states import Standing, Waiting
from app.sandbox.kubelet.watchman import Ears, Watchman
from app.sandbox.network.place import Place
from app.sandbox.objects import Obj

SLOW: Obj = {"exec": {"command": ["true"]}, "initialDelaySeconds": 1, "periodSeconds": 1}


async def is_ready_soon(image: str) -> bool:
    """Whether a container of an image, probed after a second, is ready well before that."""
    asked = asyncio.Event()

    async def run(argv: object, timeout_s: float) -> tuple[int, str]:
        asked.set()
        return 0, ""

    spec: Obj = {**container(), "image": image, "readinessProbe": SLOW}
    target = Target(pod(spec), spec, Place("default", "web", "u", "10.244.0.9", Path(), False), run)
    ears = Ears(lambda: None, lambda probe, why: None, lambda probe: None)
    standing = Standing(spec, "app", Waiting("ContainerCreating"))
    watching = asyncio.create_task(Watchman(standing, target, ears).watch())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await asked.wait()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return asked.is_set()


@pytest.mark.parametrize("image", ["docker.io/istio/pilot:1.30.3", "hub.example/istio/proxyv2"])
async def test_istios_own_programs_are_asked_without_delay(image: str) -> None:
    assert await is_ready_soon(image)


@pytest.mark.parametrize("image", ["nginx", "istio/examples-helloworld-v1", "pilot"])
async def test_a_learners_program_is_asked_after_its_delay(image: str) -> None:
    assert not await is_ready_soon(image)
