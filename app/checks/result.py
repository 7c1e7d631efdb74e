"""What a check found: passed, failed with a reason in the learner's terms, or skipped."""

from dataclasses import dataclass, field

EVIDENCE_BYTES = 4000  # of one piece: enough for a proxy's cluster, too little to fill a page


@dataclass(frozen=True)
class Evidence:
    """Something seen that the message rests on: a command that shows it and what it said."""

    title: str
    text: str


@dataclass(frozen=True)
class Finding:
    """What a check function returns.

    `passed` None means skipped: the cluster was out of reach, which is nobody's fault. `reason` is
    a stable word for the cause (`no-namespace-label`); the documented wrong answers name it.
    `message` says what was expected and what was seen; `look` is a command that shows more.
    """

    passed: bool | None
    reason: str
    message: str
    look: str = ""
    evidence: tuple[Evidence, ...] = field(default=())


@dataclass(frozen=True)
class CheckResult:
    """A finding with the check it belongs to. Units: `duration_s` seconds."""

    check: str
    title: str
    finding: Finding
    duration_s: float

    @property
    def passed(self) -> bool | None:
        return self.finding.passed


def passed(message: str, *evidence: Evidence, look: str = "") -> Finding:
    """Return the finding of a check that came true."""
    return Finding(True, "ok", message, look, evidence)


def failed(reason: str, message: str, *evidence: Evidence, look: str = "") -> Finding:
    """Return the finding of a check that did not."""
    return Finding(False, reason, message, look, evidence)


def skipped(reason: str, message: str) -> Finding:
    """Return the finding of a check that could not be tried; burns no attempt."""
    return Finding(None, reason, message)
