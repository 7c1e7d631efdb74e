"""Add workshops: rooms, members, their log, help, notes, seats and reports."""

import sqlalchemy as sa
from alembic import op

import app.store.tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", app.store.tables.Moment(timezone=True), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.Column("sent", app.store.tables.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("link", "seq", name=op.f("pk_outbox")),
    )
    op.create_table(
        "rooms",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("lessons", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("ends", app.store.tables.Moment(timezone=True), nullable=True),
        sa.Column("cluster", sa.String(length=10), nullable=False),
        sa.Column("gating", sa.String(length=10), nullable=False),
        sa.Column("takes_self_reported", sa.Boolean(), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("opened", app.store.tables.Moment(timezone=True), nullable=False),
        sa.Column("closed", app.store.tables.Moment(timezone=True), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("erased", app.store.tables.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("code", name=op.f("uq_rooms_code")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("joined", app.store.tables.Moment(timezone=True), nullable=False),
        sa.Column("admitted", app.store.tables.Moment(timezone=True), nullable=True),
        sa.Column("gone", app.store.tables.Moment(timezone=True), nullable=True),
        sa.Column("last_seen", app.store.tables.Moment(timezone=True), nullable=False),
        sa.Column("resume_digest", sa.String(length=64), nullable=False),
        sa.Column("consents_terminal", sa.Boolean(), nullable=False),
        sa.Column("is_self_reported", sa.Boolean(), nullable=False),
        sa.Column("erased", app.store.tables.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("room", "name_key", name="uq_members_name_key"),
        sa.UniqueConstraint("room", "number", name="uq_members_number"),
        sa.ForeignKeyConstraint(["id"], ["learners.id"], name=op.f("fk_members_id_learners")),
        sa.ForeignKeyConstraint(["room"], ["rooms.id"], name=op.f("fk_members_room_rooms")),
        sa.UniqueConstraint("resume_digest", name=op.f("uq_members_resume_digest")),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent", app.store.tables.Moment(timezone=True), nullable=False),
        sa.Column("expires", app.store.tables.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["room"], ["rooms.id"], name=op.f("fk_notes_room_rooms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notes_room"), ["room"], unique=False)

    op.create_table(
        "room_events",
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", app.store.tables.Moment(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["room"], ["rooms.id"], name=op.f("fk_room_events_room_rooms")),
        sa.PrimaryKeyConstraint("room", "seq", name=op.f("pk_room_events")),
    )
    op.create_table(
        "room_steps",
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("lesson", sa.String(length=60), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("opened", app.store.tables.Moment(timezone=True), nullable=True),
        sa.Column("revealed", app.store.tables.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["room"], ["rooms.id"], name=op.f("fk_room_steps_room_rooms")),
        sa.PrimaryKeyConstraint("room", "lesson", "step", name=op.f("pk_room_steps")),
    )
    op.create_table(
        "dismissals",
        sa.Column("note", sa.Integer(), nullable=False),
        sa.Column("member", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["note"], ["notes.id"], name=op.f("fk_dismissals_note_notes")),
        sa.ForeignKeyConstraint(
            ["member"], ["members.id"], name=op.f("fk_dismissals_member_members")
        ),
        sa.PrimaryKeyConstraint("note", "member", name=op.f("pk_dismissals")),
    )
    op.create_table(
        "helps",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("member", sa.String(length=40), nullable=False),
        sa.Column("lesson", sa.String(length=60), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked", app.store.tables.Moment(timezone=True), nullable=False),
        sa.Column("answered", app.store.tables.Moment(timezone=True), nullable=True),
        sa.Column("withdrawn", app.store.tables.Moment(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["room"], ["rooms.id"], name=op.f("fk_helps_room_rooms")),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_helps_member_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helps")),
    )
    with op.batch_alter_table("helps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helps_room"), ["room"], unique=False)

    op.create_table(
        "seats",
        sa.Column("member", sa.String(length=40), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("folder", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked", app.store.tables.Moment(timezone=True), nullable=False),
        sa.Column("changed", app.store.tables.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_seats_member_members")),
        sa.ForeignKeyConstraint(["room"], ["rooms.id"], name=op.f("fk_seats_room_rooms")),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_seats")),
        sa.UniqueConstraint("folder", name=op.f("uq_seats_folder")),
    )
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seats_room"), ["room"], unique=False)

    op.create_table(
        "taken",
        sa.Column("member", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", app.store.tables.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_taken_member_members")),
        sa.PrimaryKeyConstraint("member", "seq", name=op.f("pk_taken")),
    )


def downgrade() -> None:
    op.drop_table("taken")
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seats_room"))

    op.drop_table("seats")
    with op.batch_alter_table("helps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helps_room"))

    op.drop_table("helps")
    op.drop_table("dismissals")
    op.drop_table("room_steps")
    op.drop_table("room_events")
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notes_room"))

    op.drop_table("notes")
    op.drop_table("members")
    op.drop_table("rooms")
    op.drop_table("outbox")
