"""The course as frozen data: Course > Lesson > Step, and what a step holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Literal

Purpose = Literal["do", "look", "copy"]


@dataclass(frozen=True)
class Manifest:
    """A file that a command of the step applies.

    `solution` is the text that solves the step; `starter` is the same with `___` in place of
    each blank that the learner fills in. Without blanks both are equal.
    """

    name: str
    solution: str
    starter: str

    @property
    def has_blanks(self) -> bool:
        """Whether the learner has something to fill in."""
        return self.solution != self.starter


@dataclass(frozen=True)
class Command:
    """A fenced command: what the button runs is what the page shows.

    `line` may hold `${pod:LABELS}` (the newest ready pod with these labels, in the lesson's first
    namespace, or `${pod:LABELS@NAMESPACE}`). `do` commands belong to the solution, `look` ones only
    show something, `copy` ones are for the learner's own terminal (they ask for a password).
    """

    id: str
    line: str
    purpose: Purpose = "do"
    is_background: bool = False
    timeout_s: float | None = None


@dataclass(frozen=True)
class Choice:
    """One answer of a question, with what is said when it is chosen."""

    id: str
    html: str
    is_right: bool
    reply_html: str

    @property
    def reply(self) -> str:
        """What is said when it is chosen, as plain text."""
        return unescape(re.sub(r"<[^>]*>", "", self.reply_html)).strip()


@dataclass(frozen=True)
class Question:
    """A question of one right answer; it counts only where a check names it."""

    id: str
    html: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Prose:
    """Text of the page as HTML, already escaped."""

    html: str


@dataclass(frozen=True)
class Drawing:
    """A picture of the course: the name of a template in templates/drawings/."""

    name: str


Block = Prose | Manifest | Command | Question | Drawing


@dataclass(frozen=True)
class CheckSpec:
    """One entry of checks.yaml. `params` are validated by the check's kind, at start."""

    id: str
    kind: str
    title: str
    params: Mapping[str, object]
    needs: tuple[str, ...] = ()
    points: int = 1
    source: str = ""  # file:line, for the message about a mistake


@dataclass(frozen=True)
class WrongAnswer:
    """A documented mistake: what to apply or run, and the one message it must get.

    `prepare` lines run first, then `manifests` (name: text) are applied, then `lines` run; `undo`
    lines lead back to the state before the step. Every line passes the learner's own policy.
    """

    id: str
    title: str
    check: str
    reason: str
    says: str = ""
    manifests: Mapping[str, str] = field(default_factory=dict)
    prepare: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    undo: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing to do. Its solution is its `do` commands over its manifests' solutions."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    checks: tuple[CheckSpec, ...]
    hints: tuple[str, ...]
    explanation: str
    wrong: tuple[WrongAnswer, ...] = ()

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """The files of this step, in the order in which the page shows them."""
        return tuple(block for block in self.blocks if isinstance(block, Manifest))

    @property
    def commands(self) -> tuple[Command, ...]:
        """The fenced commands of this step."""
        return tuple(block for block in self.blocks if isinstance(block, Command))

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions of this step, asked or checked."""
        return tuple(block for block in self.blocks if isinstance(block, Question))


@dataclass(frozen=True)
class Lesson:
    """A section of the tutorial. Its panel shows `namespaces`, of which the first is its own."""

    id: str
    number: int
    title: str
    summary: str
    minutes: int
    intro: str
    namespaces: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Course:
    """All lessons in order. `version` is a digest of the files they were read from."""

    lessons: tuple[Lesson, ...]
    version: str
