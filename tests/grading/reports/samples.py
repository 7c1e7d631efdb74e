"""Reports to write down in every form: an ordinary one, hostile ones, and any at all."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from app.grading.report import Deduction, Item, Report, Versions, total

START = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)
END = datetime(2026, 11, 23, 9, 2, 16, 500000, tzinfo=UTC)
SECRET = "canary-weights-really-90-10"
HOSTILE = (
    '<script>alert("1")</script>',
    "'; DROP TABLE marks; --",
    "a\x00b\x1b[31mred\x07\x08",
    "\u202egnp.exe",
    "]]><x>&amp;&#0;",
    "half \ud800 a pair",
    "\ufffe\uffff line\u2028break",
    "名前, \"Ann\" 'Ö'\nsecond line\ttab\r",
)

PASSED = Item("mtls", "strict", "mode", "Mutual TLS is strict", "passed", 2.0, 2.0, "It is.", "ok")
FAILED = Item(
    "mtls",
    "strict",
    "plain",
    "Plain text is refused",
    "failed",
    1.5,
    0.0,
    "Expected a refusal, seen status 200.\nLook at the policy's namespace.",
    "plain-accepted",
    "kubectl get peerauthentication -A",
    (("curl -s backend", "HTTP/1.1 200 OK\n<b>hello</b>"),),
    1.25,
)
SKIPPED = Item(
    "canary",
    "split",
    "weights",
    "Nine to one",
    "skipped",
    1.0,
    0.0,
    "Not tried: “A route” had not passed.",
    "needs",
)
HIDDEN = Item(
    "canary", "split", SECRET, SECRET, "failed", 3.0, 0.0, SECRET, SECRET, SECRET,
    ((SECRET, SECRET),), is_hidden=True,
)  # fmt: skip
UNGRADABLE = replace(FAILED, state="ungradable", message="The cluster does not answer.")
LATE = Deduction("late", "", "", 0.25, "1 day late: 10 %")
HINTS = Deduction("hints", "mtls", "strict", 0.5, "hints opened: 1")


def report(
    *items: Item, deductions: tuple[Deduction, ...] = (), subject: str = "Ann Lee"
) -> Report:
    """Return a report with these items; without any, one of each state and a hidden one."""
    shown = items or (PASSED, FAILED, SKIPPED, HIDDEN)
    points, earned = total(shown, deductions)
    return Report(
        subject=subject,
        started=START,
        ended=END,
        gradable=True,
        trust="site",
        versions=Versions("0.1.0", "c0ffee", "beef", "sandbox, v1.34", {"kubectl": "v1.36.1"}),
        items=shown,
        points=points,
        earned=earned,
        deductions=deductions,
        title="Week 3",
        seed="5eed",
        rubric="4ub",
        submission="5ub",
        submitted=START,
        email="ann@example.org",
        student_id="s007",
    )


def ungradable() -> Report:
    """Return a report without a mark."""
    return replace(report(UNGRADABLE), gradable=False, problem="The cluster does not answer.")


def hostile(text: str) -> Report:
    """Return a report that holds this text wherever a stranger's text may stand."""
    item = Item(text, text, text, text, "failed", 1.0, 0.0, text, text, text, ((text, text),))
    taken = Deduction("hints", text, text, 0.5, text)
    return replace(
        report(item, PASSED, deductions=(taken,), subject=text),
        title=text,
        problem=text,
        email=text,
        student_id=text,
        versions=Versions(text, text, text, text, {text: text}),
    )


TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
POINTS = st.integers(0, 40).map(lambda quarters: quarters / 4)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Any report."""
    items = tuple(
        Item(
            draw(TEXTS),
            draw(TEXTS),
            draw(TEXTS),
            draw(TEXTS),
            draw(st.sampled_from(("passed", "failed", "skipped", "ungradable"))),
            draw(POINTS),
            0.0,
            draw(TEXTS),
            draw(TEXTS),
            draw(TEXTS),
            tuple(draw(st.lists(st.tuples(TEXTS, TEXTS), max_size=2))),
            draw(POINTS),
            draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 4)))
    )
    return replace(hostile(draw(TEXTS)), items=items, gradable=draw(st.booleans()))
