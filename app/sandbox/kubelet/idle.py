"""Images of the control plane's own pods: their programs do nothing but wait."""

from app.sandbox.programs.catalog import Image
from app.sandbox.shell.container import Container

REGISTRY = "registry.k8s.io/"


async def wait(container: Container) -> int:
    """Return 0 once the container is stopped."""
    await container.stopping.wait()
    return 0


def find(reference: str) -> Image | None:
    """Return the image of a part of the control plane, None where the reference is another."""
    if not reference.startswith(REGISTRY):
        return None
    name = reference.removeprefix(REGISTRY).partition(":")[0]
    return Image(name, (f"/{name.rpartition('/')[2]}",), (), wait)
