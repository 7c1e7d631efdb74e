"""Notes to everybody: kept, so that who comes later sees them, until put away or expired."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select

from app.errors import NotFound
from app.store.engine import Store
from app.store.room_tables import DismissalRow, MemberRow, NoteRow
from app.store.whole import whole
from app.workshop.log import Log
from app.workshop.model import Note
from app.workshop.names import clean_line
from app.workshop.rows import note_of

MOST: Final = 500  # characters: it stands above the page


class Notes:
    """Every method raises StoreUnavailable when the database fails."""

    def __init__(self, store: Store, log: Log, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._clock = clock

    @whole
    async def send(
        self, room: str, text: str, *, actor: str, expires: datetime | None = None
    ) -> Note:
        """Tell everybody in the room, and who comes before it expires. Raises: Refused, NotFound.

        It is one transaction: a tab that closes meanwhile has sent the note to all or to none.
        """
        text = clean_line(text, MOST, "note")
        async with self._store.writing() as session:
            row = NoteRow(room=room, text=text, sent=self._clock(), expires=expires)
            # The log goes first: it says whether there is such a room, and holds its turn.
            await self._log.append(session, room, "note.sent", actor=actor, text=text)
            session.add(row)
            await session.flush()
            return note_of(row)

    @whole
    async def withdraw(self, note: int, *, actor: str) -> None:
        """Take a note off all pages. Raises: NotFound."""
        async with self._store.writing() as session:
            row = await session.get(NoteRow, note)
            if row is None:
                raise NotFound("There is no such note.")
            row.expires = self._clock()
            await self._log.append(session, row.room, "note.withdrawn", actor=actor, note=note)

    @whole
    async def standing(self, room: str, member: str = "") -> Sequence[Note]:
        """Return what a member is shown now, oldest first; without a member, all that stand."""
        now = self._clock()
        put_away = select(DismissalRow.note).where(DismissalRow.member == member)
        async with self._store.session() as session:
            found = await session.scalars(
                select(NoteRow)
                .where(
                    NoteRow.room == room,
                    or_(NoteRow.expires.is_(None), NoteRow.expires > now),
                    NoteRow.id.not_in(put_away),
                )
                .order_by(NoteRow.id)
            )
            return [note_of(row) for row in found]

    @whole
    async def dismiss(self, note: int, member: str) -> None:
        """Put a note away for one member. Raises: NotFound, also for another room's."""
        async with self._store.writing() as session:
            row = await session.get(NoteRow, note)
            who = await session.get(MemberRow, member)
            if row is None or who is None or row.room != who.room:
                raise NotFound("There is no such note.")
            await session.merge(DismissalRow(note=note, member=member))
