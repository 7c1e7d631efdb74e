"""The tables of workshops: rooms, who is in them, what happened and what was asked."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Moment, Table


class RoomRow(Table):
    """A workshop's room. `last_seq` is that of its newest event: whoever writes takes the next."""

    __tablename__ = "rooms"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    lessons: Mapped[list[str]] = mapped_column(JSON)
    capacity: Mapped[int]
    ends: Mapped[datetime | None] = mapped_column(Moment)
    cluster: Mapped[str] = mapped_column(String(10))
    gating: Mapped[str] = mapped_column(String(10))
    takes_self_reported: Mapped[bool]
    keep_days: Mapped[int]
    opened: Mapped[datetime] = mapped_column(Moment)
    closed: Mapped[datetime | None] = mapped_column(Moment)
    is_paused: Mapped[bool] = mapped_column(default=False)
    last_seq: Mapped[int] = mapped_column(default=0)
    erased: Mapped[datetime | None] = mapped_column(Moment)


class MemberRow(Table):
    """Somebody in a room. `name_key` is what two names must differ in; `number` counts arrivals.

    `resume_digest` is the SHA-256 of the token with which another device comes back.
    """

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("room", "name_key", name="uq_members_name_key"),
        UniqueConstraint("room", "number", name="uq_members_number"),
    )

    id: Mapped[str] = mapped_column(ForeignKey("learners.id"), primary_key=True)
    room: Mapped[str] = mapped_column(ForeignKey("rooms.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(160))
    email: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(10))
    joined: Mapped[datetime] = mapped_column(Moment)
    admitted: Mapped[datetime | None] = mapped_column(Moment)
    gone: Mapped[datetime | None] = mapped_column(Moment)
    last_seen: Mapped[datetime] = mapped_column(Moment)
    resume_digest: Mapped[str] = mapped_column(String(64), unique=True)
    consents_terminal: Mapped[bool] = mapped_column(default=False)
    is_self_reported: Mapped[bool] = mapped_column(default=False)
    erased: Mapped[datetime | None] = mapped_column(Moment)


class RoomStepRow(Table):
    """A step that the instructor opened, or whose solution was revealed, in one room."""

    __tablename__ = "room_steps"

    room: Mapped[str] = mapped_column(ForeignKey("rooms.id"), primary_key=True)
    lesson: Mapped[str] = mapped_column(String(60), primary_key=True)
    step: Mapped[str] = mapped_column(String(60), primary_key=True)
    opened: Mapped[datetime | None] = mapped_column(Moment)
    revealed: Mapped[datetime | None] = mapped_column(Moment)


class EventRow(Table):
    """One entry of a room's log. Its key leaves no room for two of one number."""

    __tablename__ = "room_events"

    room: Mapped[str] = mapped_column(ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[str] = mapped_column(String(30))
    actor: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, object]] = mapped_column(JSON)


class HelpRow(Table):
    """One line that a learner asked, and what came of it."""

    __tablename__ = "helps"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    room: Mapped[str] = mapped_column(ForeignKey("rooms.id"), index=True)
    member: Mapped[str] = mapped_column(ForeignKey("members.id"))
    lesson: Mapped[str] = mapped_column(String(60))
    step: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    asked: Mapped[datetime] = mapped_column(Moment)
    answered: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn: Mapped[datetime | None] = mapped_column(Moment)
    reply: Mapped[str] = mapped_column(Text, default="")


class NoteRow(Table):
    """A note to everybody in a room."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    room: Mapped[str] = mapped_column(ForeignKey("rooms.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    sent: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime | None] = mapped_column(Moment)


class DismissalRow(Table):
    """A note that one member has put away."""

    __tablename__ = "dismissals"

    note: Mapped[int] = mapped_column(ForeignKey("notes.id"), primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)


class SeatRow(Table):
    """A member's sandbox: the folder that it has in the room's, and how it is.

    `asked` is since when a `waiting` one waits: first come, first served.
    """

    __tablename__ = "seats"

    member: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    room: Mapped[str] = mapped_column(ForeignKey("rooms.id"), index=True)
    folder: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    asked: Mapped[datetime] = mapped_column(Moment)
    changed: Mapped[datetime] = mapped_column(Moment)


class OutboxRow(Table):
    """What a lab with a cluster of its own has to tell a room; `seq` counts per room."""

    __tablename__ = "outbox"

    link: Mapped[str] = mapped_column(String(200), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    entry: Mapped[dict[str, object]] = mapped_column(JSON)
    sent: Mapped[datetime | None] = mapped_column(Moment)


class TakenRow(Table):
    """A report that a room has taken: its key is why it is taken once."""

    __tablename__ = "taken"

    member: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
