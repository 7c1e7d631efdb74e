"""Who the holders of sessions are: the owner of the site, and those who are in its rooms."""

from app.auth.access import Holder
from app.auth.roles import Person, Role
from app.errors import NotFound
from app.practice.lab import OWNER
from app.web.services import Services


class OwnerAlone:
    """A site without rooms, as a person's own lab is one: keeps `People` and `Seats`."""

    async def find(self, holder: Holder) -> Person | None:
        """Return the owner."""
        if holder.id != OWNER:
            return None
        return Person(holder.id, holder.session, Role.OWNER, "You")

    async def services(self, person: Person) -> Services:
        """There is no seat. Raises: NotFound."""
        raise NotFound(f"This site has no room with {person.name} in it.")
