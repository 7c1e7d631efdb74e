"""The course in parts: each has a sandbox of its own, so that they may be walked side by side."""

from duality import COURSE

PARTS = ("why-a-mesh", "canary", "timeouts-retries", "mtls", "ingress-gateway")  # first lessons
LESSONS = [lesson.id for lesson in COURSE.lessons]


def part_of(lesson: str) -> str:
    """Return the first lesson of the part that a lesson belongs to."""
    return [part for part in PARTS if LESSONS.index(part) <= LESSONS.index(lesson)][-1]
