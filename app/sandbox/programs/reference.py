"""Image references as registries understand them."""

import re
from dataclasses import dataclass

_HUB = ("docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"(?:[A-Za-z0-9.-]+(?::\d+)?/)?{_PART}(?:/{_PART})*")


@dataclass(frozen=True)
class Reference:
    """A repository of the hub without its host (`library/nginx`), or one elsewhere with it."""

    repository: str
    tag: str = "latest"
    digest: str = ""


def parse(written: str) -> Reference | None:
    """Return what a reference names; None where it is not a reference at all.

    Source: https://github.com/distribution/reference
    """
    rest, _, digest = written.partition("@")
    name, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        name, tag = rest, ""
    if not _NAME.fullmatch(name) or (colon and tag and not _TAG.fullmatch(tag)):
        return None
    if rest.endswith(":") or written.endswith("@"):
        return None
    for host in _HUB:
        name = name.removeprefix(host)
    host, slash, _ = name.partition("/")
    if not slash:
        name = f"library/{name}"
    elif "." not in host and ":" not in host and host != "localhost" and host != host.lower():
        return None
    return Reference(name, tag or ("" if digest else "latest"), digest)
