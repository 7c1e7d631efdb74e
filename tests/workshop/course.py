"""A course of three steps in two lessons, and what its checks found."""

from app.content.model import CheckSpec, Course, Lesson, Step
from app.progress.model import SavedResult

HINTS = ("<p>1</p>", "<p>2</p>", "<p>3</p>")
EXISTS = CheckSpec("exists", "namespace", "It exists", {"name": "mesh-demo"})
LABELLED = CheckSpec("labelled", "namespace", "It is labelled", {"name": "mesh-demo"})
FIRST = Step("first", "First", (), (EXISTS,), HINTS, "")
SECOND = Step("second", "Second", (), (EXISTS, LABELLED), HINTS, "")
THIRD = Step("third", "Third", (), (EXISTS,), HINTS, "")
COURSE = Course(
    (
        Lesson("alpha", 1, "Alpha", "", 10, "", ("mesh-demo",), (FIRST, SECOND)),
        Lesson("beta", 2, "Beta", "", 6, "", ("mesh-demo",), (THIRD,)),
    ),
    "test",
)
ONE, TWO, THREE = ("alpha", "first"), ("alpha", "second"), ("beta", "third")
STEPS = (ONE, TWO, THREE)


def result(passed: bool | None, check: str = "exists", message: str = "Seen.") -> SavedResult:
    """Return what a check found."""
    evidence = (("kubectl get namespace", "Ann's laptop"),)
    return SavedResult(check, "It exists", passed, "absent", message, "", evidence, 0.1)
