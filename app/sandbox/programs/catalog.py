"""Which images there are, by reference."""

import re
from dataclasses import replace

from app.sandbox.programs.images import IMAGES, SAME
from app.sandbox.programs.images import Image as Image
from app.sandbox.programs.reference import parse

WORDS = "latest|latest_release|stable|mainline|alpine|perl|musl|glibc|uclibc|main|edge"
TAG = re.compile(rf"({WORDS})(-[\w.-]+)?|v?\d[\w.-]*")


def find(reference: str) -> Image | None:
    """Return the image of a reference (`nginx`, `docker.io/hashicorp/http-echo:1.0`), or None.

    Any tag that looks like a version is taken, as the sandbox has one version of each; another
    word is a mistake, as it would be elsewhere. No image is had by its digest.
    """
    found = parse(reference)
    if found is None or found.digest or not TAG.fullmatch(found.tag):
        return None
    image = IMAGES.get(SAME.get(found.repository, found.repository))
    if image is None:
        return None
    host = "" if "." in found.repository.partition("/")[0] else "docker.io/"
    return replace(image, name=f"{host}{found.repository}:{found.tag}")
