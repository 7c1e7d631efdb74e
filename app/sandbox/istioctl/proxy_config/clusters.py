"""Clusters as rows, and which of them are asked for."""

from dataclasses import dataclass

from app.sandbox.istioctl.line.table import tabulated
from app.sandbox.objects import Obj, text

HEAD = ["SERVICE FQDN", "PORT", "SUBSET", "DIRECTION", "TYPE", "DESTINATION RULE"]


@dataclass(frozen=True, order=True)
class Key:
    """A cluster's name taken apart: `outbound|80|v1|backend.mesh-demo.svc.cluster.local`."""

    host: str
    subset: str
    port: int
    direction: str


def key_of(name: str) -> Key:
    """Return a name's parts; one of another form is all host."""
    parts = name.split("|")
    if len(parts) < 4:
        return Key(name, "", 0, "")
    direction, port, subset, host = parts[:4]
    return Key(host, subset, int(port) if port.isdigit() else 0, direction.rstrip("_."))


@dataclass(frozen=True)
class Filter:
    """What is asked for, each a part of the cluster's name; empty and 0 mean anything."""

    fqdn: str = ""
    port: int = 0
    subset: str = ""
    direction: str = ""

    def takes(self, cluster: Obj) -> bool:
        """Whether a cluster is asked for."""
        name = text(cluster, "name")
        asked = (self.fqdn, self.direction, self.subset, f"|{self.port}|" if self.port else "")
        return all(each in name for each in asked)


def chosen(clusters: list[Obj], wanted: Filter) -> list[Obj]:
    """Return the clusters that are asked for, by host, subset, port and direction."""
    found = [cluster for cluster in clusters if wanted.takes(cluster)]
    return sorted(found, key=lambda cluster: key_of(text(cluster, "name")))


def rows(clusters: list[Obj], *, has_names: bool = False) -> str:
    """Return the table; `has_names` puts each cluster's own name first."""
    shown = [["NAME", *HEAD] if has_names else HEAD]
    for cluster in clusters:
        name = text(cluster, "name")
        key = key_of(name)
        if len(name.split("|")) > 3:
            own = [key.host, str(key.port), key.subset or "-", key.direction]
        else:
            own = [f"cluster/{name}" if has_names and name else name, "-", "-", "-"]
        row = [*own, text(cluster, "type", "STATIC"), managed_by(cluster)]
        shown.append([f"cluster/{name}", *row] if has_names else row)
    return tabulated(shown)


def managed_by(obj: Obj) -> str:
    """Return the Istio object (`name.namespace`) that a cluster or a route was made from."""
    metadata = obj.get("metadata")
    filters = metadata.get("filter_metadata") if isinstance(metadata, dict) else None
    istio = filters.get("istio") if isinstance(filters, dict) else None
    config = text(istio, "config") if isinstance(istio, dict) and "config" in istio else ""
    if not config:
        return ""
    if not config.startswith("/apis/networking.istio.io/"):
        return "<unknown>"
    pieces = config.split("/")
    return f"{pieces[7]}.{pieces[5]}" if len(pieces) == 8 else ""
