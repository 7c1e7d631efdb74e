"""What a container needs before it can run: its image, its environment, its files."""

import asyncio

from app.sandbox.kubelet.backoff import BackOff
from app.sandbox.kubelet.bedside import RELIST_S, SYNC_S, Bedside
from app.sandbox.kubelet.environment import ConfigError, environment, expand
from app.sandbox.kubelet.farewells import make_room
from app.sandbox.kubelet.images import Pulled, Unpulled
from app.sandbox.kubelet.volumes import mount
from app.sandbox.objects import at, name_of, namespace_of, text, words
from app.sandbox.shell.container import Container, Say
from app.sandbox.shell.files import Files

REASONS = {"InvalidImageName": "InspectFailed", "ErrImageNeverPull": "ErrImageNeverPull"}


async def pull(side: Bedside) -> Pulled:
    """Return a container's image, however long that takes."""
    backoff = BackOff()
    pace = side.home.parts.pace
    while True:
        reference = text(side.standing.spec, "image")
        try:
            return _pull_once(side, reference)
        except Unpulled as why:
            side.wait_for(why.reason, why.message)
            if why.reason != "ErrImagePull":
                await side.home.news(SYNC_S * pace)
                continue
            await asyncio.sleep(RELIST_S * pace)
            told = f'Back-off pulling image "{reference}"'
            side.tell("Normal", "BackOff", told)
            side.tell("Warning", "Failed", "Error: ImagePullBackOff")
            side.wait_for("ImagePullBackOff", f"{told}: ErrImagePull: {why.message}")
            await side.home.news(backoff.next_s() * pace)


def _pull_once(side: Bedside, reference: str) -> Pulled:
    images, policy = side.home.parts.images, text(side.standing.spec, "imagePullPolicy")
    try:
        name = images.check(reference)
        if images.is_present(name) and policy != "Always":
            pulled = images.present(reference)
        elif policy == "Never":
            told = f'Container image "{reference}" is not present with pull policy of Never'
            raise Unpulled("ErrImageNeverPull", told)
        else:
            side.tell("Normal", "Pulling", f'Pulling image "{reference}"')
            pulled = images.pull(reference)
    except Unpulled as why:
        told = why.message
        if why.reason == "ErrImagePull":
            told = f'Failed to pull image "{reference}": {why.message}'
        side.tell("Warning", REASONS.get(why.reason, "Failed"), told)
        side.tell("Warning", "Failed", f"Error: {why.reason}")
        raise
    side.tell("Normal", "Pulled", pulled.told)
    return pulled


async def prepare(side: Bedside, pulled: Pulled, write: Say) -> Container:
    """Return a container that can run, once all that its configuration names is there."""
    while True:
        try:
            return _prepared(side, pulled, write)
        except ConfigError as why:
            side.wait_for("CreateContainerConfigError", str(why))
            side.tell("Warning", "Failed", f"Error: {why}")
            await side.home.news(SYNC_S * side.home.parts.pace)


def _prepared(side: Bedside, pulled: Pulled, write: Say) -> Container:
    home, spec, image = side.home, side.standing.spec, pulled.image
    env = environment(home.parts.store, home.pod, spec, home.addresses, image.env)
    files = Files(image.files)
    mount(files, spec, home.volumes)
    command, args = words(spec, "command"), words(spec, "args")
    argv = [*(command or image.entrypoint), *(args or ([] if command else image.command))]
    user = at(spec, "securityContext.runAsUser")
    user = at(home.pod, "spec.securityContext.runAsUser") if user is None else user
    user = user if isinstance(user, int) else image.user
    env.setdefault("HOME", "/" if user else "/root")
    container = Container(
        argv=[expand(part, env) for part in argv],
        env=env,
        files=files,
        place=home.place,
        network=home.parts.network,
        log=write,
        tools=image.tools,
        user=user,
        agent=home.parts.agent(namespace_of(home.pod), name_of(home.pod)),
    )
    make_room(container, spec)
    return container
