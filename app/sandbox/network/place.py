"""A pod's place on the network: its address, and the Unix sockets that stand for its ports."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where a running pod can be reached, and what it reaches others through.

    `folder` is short (a Unix socket's path has at most 107 bytes) and belongs to this pod alone.
    An address such as 10.244.0.7 is what Kubernetes shows; the sockets are what carries bytes.
    """

    namespace: str
    pod: str
    uid: str
    ip: str
    folder: Path
    is_proxied: bool = False

    def program(self, port: int) -> Path:
        """Return the socket on which the pod's own program listens for a port."""
        return self.folder / f"a{port}"

    def inbound(self, port: int) -> Path:
        """Return the socket of the sidecar's inbound listener of a port."""
        return self.folder / f"i{port}"

    def door(self, port: int) -> Path:
        """Return the socket that others connect to: the sidecar's, where there is one."""
        return self.inbound(port) if self.is_proxied else self.program(port)

    @property
    def outbound(self) -> Path:
        """Return the socket of the sidecar's outbound listener.

        It expects a PROXY protocol v2 header that names the pod and the destination's address and
        port, as iptables' redirection would have kept them.
        """
        return self.folder / "out"

    @property
    def admin(self) -> Path:
        """Return the socket of Envoy's admin interface."""
        return self.folder / "admin"
