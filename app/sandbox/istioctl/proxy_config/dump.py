"""Envoy's configuration dump: its parts, each a list of Envoy's own objects, names as in its JSON.

Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump.proto
"""

import json
from collections.abc import Iterator

from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.objects import Json, Obj, items, table, text

FIRST = ("transport_socket_matches",)


class Dump:
    """The answer of `/config_dump`. Raises: Failure where it is none."""

    def __init__(self, answer: bytes) -> None:
        try:
            loaded: Json = json.loads(answer)
        except ValueError as error:
            said = f"error unmarshalling config dump response from Envoy: {error}"
            raise Failure(said) from error
        self.raw = loaded
        self._parts = {
            text(part, "@type").rpartition(".")[2]: part for part in items(loaded, "configs")
        }

    def part(self, name: str) -> Obj:
        """Return one part (`ClustersConfigDump`). Raises: Failure."""
        if name not in self._parts:
            kind = f"type.googleapis.com/envoy.admin.v3.{name}"
            raise Failure(f"config dump has no configuration type {kind}")
        return self._parts[name]

    def clusters(self) -> list[Obj]:
        """Return the clusters, those of the control plane first."""
        return self._of("ClustersConfigDump", "clusters", "dynamic_active_clusters", "cluster")

    def routes(self) -> list[Obj]:
        """Return the route configurations."""
        return self._of("RoutesConfigDump", "routes", "dynamic_route_configs", "route_config")

    def listeners(self) -> list[Obj]:
        """Return the listeners that are in force."""
        part = self.part("ListenersConfigDump")
        dynamic = [table(each, "active_state") for each in items(part, "dynamic_listeners")]
        found = [*dynamic, *items(part, "static_listeners")]
        return _some([_own(each, "listener") for each in found if "listener" in each], "listeners")

    def endpoints(self) -> list[Obj]:
        """Return the load assignments; none where the dump was made without them."""
        part = self._parts.get("EndpointsConfigDump", {})
        fields = ("dynamic_endpoint_configs", "static_endpoint_configs")
        return [table(e, "endpoint_config") for field in fields for e in items(part, field)]

    def secrets(self) -> Iterator[tuple[str, Obj]]:
        """Yield the secrets, each with its state."""
        part = self.part("SecretsConfigDump")
        for secret in items(part, "dynamic_warming_secrets"):
            yield "WARMING", secret
        for secret in items(part, "dynamic_active_secrets"):
            is_empty = text(secret, "version_info") == "uninitialized"
            yield "UNINITIALIZED" if is_empty else "ACTIVE", secret

    def _of(self, name: str, what: str, dynamic: str, field: str) -> list[Obj]:
        part = self.part(name)
        static = dynamic.replace("dynamic_active_", "static_").replace("dynamic_", "static_")
        found = [*items(part, dynamic), *items(part, static)]
        return _some([_own(each, field) for each in found if field in each], what)


def _own(wrapped: Obj, field: str) -> Obj:
    """Return an object out of its envelope. What its type declares first stands first."""
    found = {key: value for key, value in table(wrapped, field).items() if key != "@type"}
    first = {key: found[key] for key in FIRST if key in found}
    return {**first, **found}


def _some(found: list[Obj], what: str) -> list[Obj]:
    if not found:
        raise Failure(f"no {what} found")
    return found
