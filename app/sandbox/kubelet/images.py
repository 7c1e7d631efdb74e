"""Images: what a reference means, and what pulling one ends with."""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.sandbox.programs.catalog import Image

HOST = "docker.io"
PATH = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
DOMAIN = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9-]+)*(?::\d+)?"
REFERENCE = re.compile(
    rf"(?:(?P<host>{DOMAIN})/)?(?P<path>{PATH}(?:/{PATH})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
UPPER = re.compile(r"[A-Z]")


class Unpulled(Exception):
    """An image that cannot be had: the container's waiting reason, and its sentence."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True)
class Pulled:
    """An image on the node: its full name, its id, and what the event Pulled says of it."""

    image: Image
    name: str
    image_id: str
    told: str


class Images:
    """The images on the node, and the registry behind it: `find` knows what is there."""

    def __init__(self, find: Callable[[str], Image | None]) -> None:
        self._find = find
        self._present: set[str] = set()

    def check(self, reference: str) -> str:
        """Return the full name of a reference. Raises: Unpulled, InvalidImageName."""
        name = full_name(reference)
        if name is not None:
            return name
        why = "invalid reference format"
        if UPPER.search(reference.partition(":")[0]):
            path = reference if "/" in reference else f"library/{reference}"
            why += f": repository name ({path.partition(':')[0]}) must be lowercase"
        raise Unpulled(
            "InvalidImageName",
            f'Failed to apply default image tag "{reference}": '
            f'couldn\'t parse image name "{reference}": {why}',
        )

    def is_present(self, name: str) -> bool:
        """Whether an image of this full name is on the node."""
        return name in self._present

    def present(self, reference: str) -> Pulled:
        """Return an image that is on the node already. Raises: Unpulled."""
        name = self.check(reference)
        image = self._find(reference)
        if image is None:
            raise _not_found(name)
        told = (
            f'Container image "{reference}" already present on machine '
            "and can be accessed by the pod"
        )
        return Pulled(image, name, image_id(name), told)

    def pull(self, reference: str) -> Pulled:
        """Return an image from the registry. Raises: Unpulled."""
        began = time.monotonic()
        name = self.check(reference)
        image = self._find(reference)
        if image is None:
            raise _not_found(name)
        self._present.add(name)
        took = f"{max(1, round((time.monotonic() - began) * 1000))}ms"
        told = (
            f'Successfully pulled image "{reference}" in {took} ({took} including waiting). '
            f"Image size: {size_bytes(name)} bytes."
        )
        return Pulled(image, name, image_id(name), told)


def full_name(reference: str) -> str | None:
    """Return `docker.io/library/nginx:latest` for `nginx`, None where it is no reference."""
    found = REFERENCE.fullmatch(reference)
    if found is None:
        return None
    host, path = found["host"] or "", found["path"]
    if host and not ("." in host or ":" in host or host == "localhost"):
        if UPPER.search(host):
            return None
        host, path = "", f"{host}/{path}"
    if not host or host == "index.docker.io":
        host, path = HOST, path if "/" in path else f"library/{path}"
    if host == HOST and "/" not in path:
        path = f"library/{path}"
    tag = f":{found['tag']}" if found["tag"] else "" if found["digest"] else ":latest"
    return f"{host}/{path}{tag}" + (f"@{found['digest']}" if found["digest"] else "")


def image_id(name: str) -> str:
    """Return the image's id as the runtime reports it: its repository and a made-up digest."""
    if "@" in name:
        return name
    repository = name.rpartition(":")[0]
    return f"{repository}@sha256:{hashlib.sha256(name.encode()).hexdigest()}"


def size_bytes(name: str) -> int:
    """Return a made-up size, the same each time: 5 to 70 MB."""
    return (
        5_000_000 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 65_000_000
    )


def _not_found(name: str) -> Unpulled:
    return Unpulled(
        "ErrImagePull",
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{name}": '
        f'failed to resolve reference "{name}": {name}: not found',
    )
