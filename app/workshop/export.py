"""A room's results as files: CSV for a table, JSON for programs. A cell is never a formula."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.workshop.record import MemberRecord, RoomRecord

VERSION: Final = 1  # of the JSON; a field that changes its meaning gets the next
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a spreadsheet tells one
BOM: Final = "\ufeff"  # without it one widespread spreadsheet reads UTF-8 as something else


def as_csv(record: RoomRecord) -> str:
    """Return a row for each learner: who, how many steps, and for each step when it passed."""
    text = io.StringIO()
    text.write(BOM)
    writer = csv.writer(text, lineterminator="\r\n")
    steps = [step.key for step in record.members[0].steps] if record.members else []
    heads = [f"{lesson}/{step}" for lesson, step in steps]
    columns = [(f"{head} passed", f"{head} attempts") for head in heads]
    writer.writerow([*_HEAD, *(name for pair in columns for name in pair)])
    for member in record.members:
        writer.writerow([guarded(cell) for cell in _cells(member)])
    return text.getvalue()


def as_json(record: RoomRecord) -> str:
    """Return the same as JSON. Shape: {version, room, exported, members: [{..., steps}]}."""
    room = record.room
    return json.dumps(
        {
            "version": VERSION,
            "exported": record.at.isoformat(),
            "room": {
                "id": room.id,
                "name": room.plan.name,
                "opened": room.opened.isoformat(),
                "ended": _moment(room.ended(record.at)),
                "cluster": room.plan.cluster,
            },
            "members": [_member(member) for member in record.members],
        },
        ensure_ascii=False,
        indent=2,
    )


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe goes before it.

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if cell.lstrip(" \u00a0\u3000").startswith(FORMULA) else cell


_HEAD: Final = ("number", "name", "email", "results", "joined", "steps passed", "steps")


def _cells(record: MemberRecord) -> Sequence[str]:
    member = record.member
    cells = [
        str(member.number),
        member.name,
        member.email,
        "self-reported" if member.is_self_reported else "site",
        member.joined.isoformat(),
        str(record.passed),
        str(len(record.steps)),
    ]
    for step in record.steps:
        cells += [_moment(step.passed) or "", str(step.attempts)]
    return cells


def _member(record: MemberRecord) -> dict[str, object]:
    member = record.member
    return {
        "id": member.id,
        "number": member.number,
        "name": member.name,
        "email": member.email,
        "trust": "self-reported" if member.is_self_reported else "site",
        "joined": member.joined.isoformat(),
        "steps": [
            {
                "lesson": step.key[0],
                "step": step.key[1],
                "first_seen": _moment(step.first_seen),
                "passed": _moment(step.passed),
                "seconds": round(step.seconds),
                "attempts": step.attempts,
                "hints": step.hints,
                "solution_shown": step.solution_shown,
            }
            for step in record.steps
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
