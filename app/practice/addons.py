"""The add-on manifests of an Istio release, applied from the learner's own copy."""

from collections.abc import Mapping
from pathlib import Path


def addon_manifests(release: Path | None, istioctl: Path | None) -> Mapping[str, Path]:
    """Return them by the name that the course uses for them.

    The release is the one of the settings, else the one that istioctl lies in.
    """
    folders = [release] if release else [istioctl.parent.parent] if istioctl else []
    return {
        f"samples/addons/{file.name}": file
        for folder in folders
        for file in sorted((folder / "samples" / "addons").glob("*.yaml"))
    }
