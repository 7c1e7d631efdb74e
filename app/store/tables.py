"""All tables of learners, since migrations compare them with the database.

A workshop's are in room_tables.py.
"""

from datetime import UTC, datetime

from sqlalchemy import JSON, DateTime, ForeignKey, MetaData, String, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """A UTC datetime with its zone, also on SQLite, which forgets zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and not value.tzinfo else value


class Table(DeclarativeBase):
    """What every table shares: names of constraints that migrations can find again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class LearnerRow(Table):
    """A person who learns; a site on one's own machine has one, `owner`."""

    __tablename__ = "learners"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    created: Mapped[datetime] = mapped_column(Moment)


class StepRow(Table):
    """Where a learner stands in a step."""

    __tablename__ = "steps"

    learner: Mapped[str] = mapped_column(ForeignKey("learners.id"), primary_key=True)
    lesson: Mapped[str] = mapped_column(String(60), primary_key=True)
    step: Mapped[str] = mapped_column(String(60), primary_key=True)
    first_seen: Mapped[datetime] = mapped_column(Moment)
    last_seen: Mapped[datetime] = mapped_column(Moment)
    passed: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    hints: Mapped[int] = mapped_column(default=0)
    solution_shown: Mapped[bool] = mapped_column(default=False)
    seconds: Mapped[float] = mapped_column(default=0.0)


class AttemptRow(Table):
    """One attempt at a step, with the results as they were shown."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    learner: Mapped[str] = mapped_column(ForeignKey("learners.id"), index=True)
    lesson: Mapped[str] = mapped_column(String(60))
    step: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(Moment)
    passed: Mapped[bool | None]
    by_itself: Mapped[bool]
    results: Mapped[list[dict[str, object]]] = mapped_column(JSON)


class AnswerRow(Table):
    """A learner's last answer to a question."""

    __tablename__ = "answers"

    learner: Mapped[str] = mapped_column(ForeignKey("learners.id"), primary_key=True)
    lesson: Mapped[str] = mapped_column(String(60), primary_key=True)
    step: Mapped[str] = mapped_column(String(60), primary_key=True)
    question: Mapped[str] = mapped_column(String(60), primary_key=True)
    choice: Mapped[str] = mapped_column(String(20))


class DraftRow(Table):
    """What a learner typed into a manifest."""

    __tablename__ = "drafts"

    learner: Mapped[str] = mapped_column(ForeignKey("learners.id"), primary_key=True)
    lesson: Mapped[str] = mapped_column(String(60), primary_key=True)
    step: Mapped[str] = mapped_column(String(60), primary_key=True)
    file: Mapped[str] = mapped_column(String(80), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class RunRow(Table):
    """A command that was run; its lines are in a file of the same id.

    `pid_started` is the kernel's start time of the process, so that an orphan is told from a
    stranger who got its number.
    """

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    learner: Mapped[str] = mapped_column(ForeignKey("learners.id"), index=True)
    lesson: Mapped[str] = mapped_column(String(60))
    step: Mapped[str] = mapped_column(String(60))
    command: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(Text)
    is_background: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20), index=True)
    started: Mapped[datetime] = mapped_column(Moment)
    ended: Mapped[datetime | None] = mapped_column(Moment)
    code: Mapped[int | None]
    lines: Mapped[int] = mapped_column(default=0)
    pid: Mapped[int | None]
    pid_started: Mapped[str | None] = mapped_column(String(40))


class ChoiceRow(Table):
    """A setting that was chosen in the site, such as the cluster's context."""

    __tablename__ = "choices"

    learner: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
