"""Why a connection of a pod did not come about.

NetworkError
├── NoSuchHost   the name does not resolve
├── Refused      the address is there, nothing listens
├── Unreachable  no route to the address
└── TimedOut     nobody answered in time
"""


class NetworkError(Exception):
    """A connection that did not come about; `host` and `port` are what was asked for."""

    def __init__(self, host: str, port: int = 0) -> None:
        super().__init__(f"{host}:{port}" if port else host)
        self.host = host
        self.port = port


class NoSuchHost(NetworkError):
    """No address has this name."""


class Refused(NetworkError):
    """Nothing listens there, or a Service has no ready endpoint."""


class Unreachable(NetworkError):
    """No pod has this address of the pods' range."""


class TimedOut(NetworkError):
    """Nothing answers at this address: it is not in this sandbox."""
