"""What comes with a verb: who asks and how, a patch, and who may change or refuse an object."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from app.sandbox.objects import Json, Obj


@dataclass(frozen=True)
class Ask:
    """Who asks for a change, and how it is meant. `warnings` collects what is said beside it."""

    user: str = "system:sandbox"
    dry_run: bool = False
    field_validation: str = "Ignore"
    field_manager: str = ""
    warnings: list[str] = field(default_factory=list)
    applies: bool = False  # the whole object is applied, so its fields alone become the asker's
    force: bool = False  # of applying: fields that others manage are taken over


@dataclass(frozen=True)
class Patch:
    """A change of an object: a list of operations for `json`, else a part of an object."""

    type: Literal["json", "merge", "strategic", "apply"]
    body: Json


class Admission(Protocol):
    """Who has a say when an object is created, changed or deleted (`obj` is None when deleted).

    Of all admissions `mutate` is asked first, in order, then `validate`.
    Raises: StatusError, which refuses the change.
    """

    def mutate(self, obj: Obj, before: Obj | None, ask: Ask) -> Obj:
        """Return the object as it shall be, or as it is."""
        ...

    def validate(self, obj: Obj | None, before: Obj | None, ask: Ask) -> None:
        """Return where the change may be; raise where not."""
        ...
