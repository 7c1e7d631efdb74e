"""What an installation of the mesh consists of, by profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.sandbox.istiod.installation import gateways, pilot
from app.sandbox.istiod.installation.marks import NAMESPACE, obj, owned
from app.sandbox.objects import Json, Obj


@dataclass(frozen=True)
class Component:
    """One part of an installation: `Base`, `Pilot`, `IngressGateways` or `EgressGateways`."""

    name: str
    objects: Sequence[Obj]


class UnknownProfile(Exception):
    """There is no profile of that name."""


class RefusedSetting(Exception):
    """A `--set` that this sandbox does not know; its text says which."""


PARTS: Mapping[str, tuple[str, ...]] = {
    "default": ("Base", "Pilot", "IngressGateways"),
    "demo": ("Base", "Pilot", "IngressGateways", "EgressGateways"),
    "minimal": ("Base", "Pilot"),
    "empty": (),
}
_ON_OFF = {
    "components.ingressGateways[0].enabled": "IngressGateways",
    "components.egressGateways[0].enabled": "EgressGateways",
    "components.pilot.enabled": "Pilot",
}
_OTHERS = "opentelemetry-collector.observability.svc.cluster.local"  # installed by nobody here
PROVIDERS: Sequence[Obj] = (  # of the demo profile: places that Telemetry objects may name
    {"envoyOtelAls": {"port": 4317, "service": _OTHERS}, "name": "otel"},
    {
        "name": "skywalking",
        "skywalking": {"port": 11800, "service": f"tracing.{NAMESPACE}.svc.cluster.local"},
    },
    {"name": "otel-tracing", "opentelemetry": {"port": 4317, "service": _OTHERS}},
    {
        "name": "jaeger",
        "opentelemetry": {
            "port": 4317,
            "service": f"jaeger-collector.{NAMESPACE}.svc.cluster.local",
        },
    },
)
_MESH: Mapping[str, tuple[str, ...]] = {  # settings of the mesh, with the values that are known
    "meshConfig.accessLogFile": ("/dev/stdout", ""),
    "meshConfig.outboundTrafficPolicy.mode": ("ALLOW_ANY", "REGISTRY_ONLY"),
    "meshConfig.enableAutoMtls": ("true", "false"),
}


class Profiles:
    """The profiles demo, default, minimal and empty. `crds` are Istio's own kinds, as objects."""

    def __init__(self, crds: Sequence[Obj]) -> None:
        self._crds = crds

    def components(self, profile: str, settings: Mapping[str, str]) -> Sequence[Component]:
        """Return a profile's parts, in the order of installing; `settings` are its `--set` values.

        Raises: UnknownProfile, RefusedSetting.
        """
        profile = settings.get("profile", profile)
        if profile not in PARTS:
            raise UnknownProfile(profile)
        chosen = set(PARTS[profile])
        mesh: Obj = {
            "accessLogFile": "/dev/stdout" if profile == "demo" else "",
            "defaultConfig": {"discoveryAddress": "istiod.istio-system.svc:15012"},
            "enablePrometheusMerge": True,
            "rootNamespace": NAMESPACE,
            "trustDomain": "cluster.local",
            **({"extensionProviders": [*PROVIDERS]} if profile == "demo" else {}),
        }
        for key, value in settings.items():
            if key in _ON_OFF and value in ("true", "false"):
                (chosen.add if value == "true" else chosen.discard)(_ON_OFF[key])
            elif key in _MESH and value in _MESH[key]:
                _put(mesh, key.split(".")[1:], value)
            elif key != "profile":
                raise RefusedSetting(f"{key}={value}")
        is_small = profile == "demo"
        parts = (
            Component("Base", self._base()),
            Component("Pilot", pilot.objects(mesh, is_small=is_small)),
            Component("IngressGateways", gateways.objects("ingress", is_small=is_small)),
            Component("EgressGateways", gateways.objects("egress", is_small=is_small)),
        )
        return [component for component in parts if component.name in chosen]

    def _base(self) -> list[Obj]:
        marks = pilot.free(owned("Base", "istio-reader", "base", app="istio-reader"))
        return [*self._crds, obj("v1", "ServiceAccount", "istio-reader-service-account", marks)]


def _put(target: Obj, path: Sequence[str], value: str) -> None:
    for part in path[:-1]:
        inner = target.setdefault(part, {})
        assert isinstance(inner, dict)
        target = inner
    words: dict[str, Json] = {"true": True, "false": False}
    target[path[-1]] = words.get(value, value)
