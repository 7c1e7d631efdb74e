"""The images that a workshop needs, and how to have them before thirty learners ask at once.

Registries limit pulls by address, and a classroom has one: so they are pulled once, saved, and
loaded from the file on each learner's machine.
Source: https://minikube.sigs.k8s.io/docs/commands/image/
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from app.clusters.probes import IMAGE as PROBE
from app.content.model import Course, Lesson

ISTIO: Final = ("docker.io/istio/pilot", "docker.io/istio/proxyv2")
ADDONS: Final = re.compile(r"samples/addons/[a-z]+\.yaml")
INSTALLS: Final = re.compile(r"^istioctl install\b")


@dataclass(frozen=True)
class Needed:
    """An image by its full name, and what needs it."""

    name: str
    needed_by: tuple[str, ...]

    @property
    def file(self) -> str:
        """The name of the file that it is saved in."""
        return re.sub(r"[^a-z0-9.]+", "-", self.name.partition("/")[2]) + ".tar"


@dataclass(frozen=True)
class Preparation:
    """What to load ahead. `missing` says in a sentence each what could not be found out."""

    images: tuple[Needed, ...]
    missing: tuple[str, ...] = ()

    @property
    def once(self) -> tuple[str, ...]:
        """The commands for the one machine that pulls."""
        pulls = (f"minikube image pull {each.name}" for each in self.images)
        saves = (f"minikube image save {each.name} {each.file}" for each in self.images)
        return (*pulls, *saves)

    @property
    def each(self) -> tuple[str, ...]:
        """The commands for each learner's machine, beside the saved files."""
        return tuple(f"minikube image load {image.file}" for image in self.images)


def prepare(
    course: Course,
    lessons: Sequence[str],
    istio: str,
    addons: Mapping[str, Path],
) -> Preparation:
    """Return what these lessons need (none named: all of them).

    `istio` is the version that learners install, empty where it is not known; `addons` are the
    manifests of its release, by the name that the course uses for them.
    """
    chosen = [each for each in course.lessons if not lessons or each.id in lessons]
    found: dict[str, list[str]] = {PROBE: ["the lab's own probes"]}
    missing = []
    for lesson in chosen:
        for name in _of_manifests(lesson):
            found.setdefault(name, []).append(lesson.id)
        if _installs(lesson):
            for name in ISTIO if istio else ():
                found.setdefault(f"{name}:{istio}", []).append(lesson.id)
            if not istio:
                missing.append("Istio's own images: the version of istioctl is not known here.")
        for addon in _addons(lesson):
            if addon not in addons:
                missing.append(f"What {addon} needs: the Istio release is not here.")
                continue
            for name in images_in(addons[addon].read_text(encoding="utf-8")):
                found.setdefault(name, []).append(lesson.id)
    needed = (Needed(name, tuple(dict.fromkeys(why))) for name, why in sorted(found.items()))
    return Preparation(tuple(needed), tuple(dict.fromkeys(missing)))


def images_in(text: str) -> Sequence[str]:
    """Return the images that the pods of a manifest run, by full name and each once."""
    documents = yaml.load_all(text, Loader=yaml.CSafeLoader)
    return list(dict.fromkeys(full_name(image) for each in documents for image in _images(each)))


def full_name(image: str) -> str:
    """Return an image's name with the registry and tag that a container runtime adds.

    Source: https://github.com/distribution/reference (the "familiar" names of Docker Hub)
    """
    first, slash, _ = image.partition("/")
    if not slash:
        image = f"docker.io/library/{image}"
    elif "." not in first and ":" not in first and first != "localhost":
        image = f"docker.io/{image}"
    last = image.rpartition("/")[2]
    return image if ":" in last or "@" in last else f"{image}:latest"


def _images(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("containers", "initContainers") and isinstance(value, list):
                named = (each.get("image") for each in value if isinstance(each, dict))
                yield from (image for image in named if isinstance(image, str))
            yield from _images(value)
    elif isinstance(node, list):
        for each in node:
            yield from _images(each)


def _of_manifests(lesson: Lesson) -> Iterator[str]:
    for step in lesson.steps:
        for manifest in step.manifests:
            yield from images_in(manifest.solution)


def _installs(lesson: Lesson) -> bool:
    lines = (command.line for step in lesson.steps for command in step.commands)
    return any(INSTALLS.match(line) for line in lines)


def _addons(lesson: Lesson) -> Sequence[str]:
    applied = (
        name
        for step in lesson.steps
        for command in step.commands
        if command.line.startswith("kubectl apply")
        for name in ADDONS.findall(command.line)
    )
    return list(dict.fromkeys(applied))
