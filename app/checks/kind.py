"""What a kind of check is: typed parameters and one function. The kinds do not know each other."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Final, Generic, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from app.checks.result import Finding
from app.clusters.cluster import Cluster, PodRef
from app.clusters.kinds import KINDS


@dataclass(frozen=True)
class Rigour:
    """How sure a verdict has to be: what the course asks of its checks, by default.

    `error_rate` is the share of wrong verdicts that a statistical check may give, each way.
    `patience_s` is how long proxies are waited for to take over what the objects say.
    """

    error_rate: float = 0.001
    patience_s: float = 3.0


COURSE: Final = Rigour()


class Params(BaseModel):
    """Parameters of a check, as checks.yaml gives them; an unknown one is a lesson's mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"the lab does not know the kind {kind}")
    return kind


KnownKind = Annotated[str, AfterValidator(_known)]  # of an object, as manifests write it


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def _say_nothing(_text: str) -> None:
    return None


@dataclass(frozen=True)
class Context:
    """What a check works with.

    `say` streams a line of progress to whoever watches ("38 answers so far"). `error_rate` is the
    share of wrong verdicts that a statistical check may give, each way: 0.001 in the course.
    `answers` holds the learner's answers to the step's questions: {question id: choice id}, and
    `right` which choice is right: {question id: choice id}; `replies` what is said to a choice:
    {question id: {choice id: text}}. `inside` and `outside` are the probes
    (clusters/probes.py); None where they could not be made, which skips traffic checks. `now` is
    the clock by which ages are told.
    """

    cluster: Cluster
    inside: PodRef | None = None
    outside: PodRef | None = None
    say: Callable[[str], Awaitable[None]] = _say_nothing
    error_rate: float = COURSE.error_rate
    patience_s: float = COURSE.patience_s
    answers: Mapping[str, str] = field(default_factory=dict)
    right: Mapping[str, str] = field(default_factory=dict)
    replies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    now: Callable[[], datetime] = _utc_now


P = TypeVar("P", bound=Params)
Bound = Callable[[Context], Awaitable[Finding]]


@dataclass(frozen=True)
class Kind(Generic[P]):
    """A kind of check. `reads` are the object kinds whose change may change its verdict.

    `is_cheap` ones read state alone (under 300 ms) and run by themselves when those objects change;
    the others send traffic and run on demand. `reasons` are all words that a failure may carry;
    docs/checks.md lists the same.
    """

    name: str
    params: type[P]
    check: Callable[[Context, P], Awaitable[Finding]]
    reads: tuple[str, ...]
    is_cheap: bool
    reasons: tuple[str, ...] = ()

    def bind(self, params: Mapping[str, object]) -> Bound:
        """Return the check with these parameters. Raises: pydantic.ValidationError."""
        valid = self.params.model_validate(dict(params))

        def check(context: Context) -> Awaitable[Finding]:
            return self.check(context, valid)

        return check


class AnyKind(Protocol):
    """A kind whatever its parameters are: what the table of kinds holds."""

    @property
    def name(self) -> str: ...
    @property
    def params(self) -> type[Params]: ...
    @property
    def reads(self) -> tuple[str, ...]: ...
    @property
    def is_cheap(self) -> bool: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...
    def bind(self, params: Mapping[str, object]) -> Bound: ...
