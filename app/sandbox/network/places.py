"""The table of running pods' places: the only addresses that exist."""

from pathlib import Path

from app.sandbox.network.place import Place


class Places:
    """Who is where: by address, by the pod's uid, and by the path of a socket."""

    def __init__(self) -> None:
        self._by_ip: dict[str, Place] = {}
        self._by_uid: dict[str, Place] = {}
        self._by_folder: dict[Path, Place] = {}

    def __len__(self) -> int:
        return len(self._by_uid)

    def add(self, place: Place) -> None:
        """Take a place into the table."""
        self._by_ip[place.ip] = place
        self._by_uid[place.uid] = place
        self._by_folder[place.folder] = place

    def drop(self, uid: str) -> Place | None:
        """Take a place out of the table; return it, None where there was none."""
        place = self._by_uid.pop(uid, None)
        if place is not None:
            self._by_ip.pop(place.ip, None)
            self._by_folder.pop(place.folder, None)
        return place

    def find(self, ip: str) -> Place | None:
        """Return the place of an address."""
        return self._by_ip.get(ip)

    def of(self, uid: str) -> Place | None:
        """Return the place of a pod."""
        return self._by_uid.get(uid)

    def at(self, path: Path | str) -> tuple[Place, int] | None:
        """Return the place and the port that a socket's path stands for.

        The port is that of the program's socket or of the sidecar's inbound one, 0 of any other.
        """
        path = Path(path)
        place = self._by_folder.get(path.parent)
        if place is None:
            return None
        number = path.name[1:]
        return place, int(number) if path.name[:1] in "ai" and number.isdigit() else 0

    def all(self) -> list[Place]:
        """Return every place, in the order in which they were joined."""
        return list(self._by_uid.values())
