"""Which images there are, by reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.sandbox.programs.http_echo import http_echo
from app.sandbox.programs.httpbin.program import httpbin
from app.sandbox.programs.reference import parse
from app.sandbox.shell.container import Program


@dataclass(frozen=True)
class Image:
    """An image: what it runs where a pod says nothing else, its files, and exec's PATH.

    `name` is the reference in full. `program` runs `container.argv` (entrypoint and command, or
    what the pod put in their place). `tags` are those that exist; none given: any.
    """

    name: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    program: Program
    files: Mapping[str, bytes] = field(default_factory=dict)
    tools: frozenset[str] = frozenset()
    env: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    user: int = 0
    workdir: str = "/"


_IMAGES = {
    "hashicorp/http-echo": Image(
        "hashicorp/http-echo", ("/http-echo",), (), http_echo, ports=(5678,), user=65532
    ),
    "mccutchen/go-httpbin": Image(
        "mccutchen/go-httpbin", ("/bin/go-httpbin",), (), httpbin, ports=(8080,), user=65532
    ),
}
_SAME = {"ghcr.io/mccutchen/go-httpbin": "mccutchen/go-httpbin"}


def find(reference: str) -> Image | None:
    """Return the image of a reference (`nginx`, `docker.io/hashicorp/http-echo:1.0`), or None.

    Any tag is taken, as the sandbox has one version of each. No image is had by its digest.
    """
    found = parse(reference)
    if found is None or found.digest:
        return None
    image = _IMAGES.get(_SAME.get(found.repository, found.repository))
    if image is None:
        return None
    host = "" if "." in found.repository.partition("/")[0] else "docker.io/"
    return replace(image, name=f"{host}{found.repository}:{found.tag}")
