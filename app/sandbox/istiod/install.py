"""What an installation of the mesh consists of, by profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.sandbox.objects import Obj


@dataclass(frozen=True)
class Component:
    """One part of an installation: `Base`, `Pilot`, `IngressGateways` or `EgressGateways`."""

    name: str
    objects: Sequence[Obj]


class UnknownProfile(Exception):
    """There is no profile of that name."""


class RefusedSetting(Exception):
    """A `--set` that this sandbox does not know; its text says which."""


class Profiles:
    """The profiles demo, default, minimal and empty. `crds` are Istio's own kinds, as objects."""

    def __init__(self, crds: Sequence[Obj]) -> None:
        self._crds = crds

    def components(self, profile: str, settings: Mapping[str, str]) -> Sequence[Component]:
        """Return a profile's parts, in the order of installing; `settings` are its `--set` values.

        Raises: UnknownProfile, RefusedSetting.
        """
        raise NotImplementedError
