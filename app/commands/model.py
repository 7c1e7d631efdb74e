"""The words of this package: a command's scope, what the policy made of it, a run, its lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

Stream = Literal["out", "err", "note"]  # note: the lab's own words, such as "stopped"
State = Literal["running", "finished", "stopped", "timed-out", "cut", "interrupted"]


@dataclass(frozen=True)
class Scope:
    """What a command may touch: the step it is run in.

    `files` are the manifests that `-f NAME` may name, with the text that will be applied. `addons`
    are manifests of the learner's Istio release, by the name the course uses
    (`samples/addons/kiali.yaml`). `context` is the name of the kubeconfig context.
    """

    namespaces: frozenset[str]
    files: Mapping[str, str] = field(default_factory=dict)
    addons: Mapping[str, Path] = field(default_factory=dict)
    context: str = ""


@dataclass(frozen=True)
class Filter:
    """What follows a pipe: `grep WORD`, `head -N`, `tail -N`, `wc -l`; done without a shell."""

    name: Literal["grep", "head", "tail", "wc"]
    text: str = ""
    count: int = 10
    options: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Invocation:
    """A command that the policy let through.

    `argv[0]` is the program's plain name (kubectl, istioctl, minikube); the runner puts the
    absolute path there. `files` are written into the run's own folder, read-only, before it starts.
    `is_long_lived` ones (port-forward, dashboard, get -w, logs -f) go on until they are stopped.
    `changes` is whether it may change the cluster.
    """

    argv: tuple[str, ...]
    display: str
    filters: tuple[Filter, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    is_long_lived: bool = False
    changes: bool = False


@dataclass(frozen=True)
class Environment:
    """What a cluster gives its commands; nothing of the site's own environment is added."""

    kubeconfig: Path
    programs: Mapping[str, Path]  # plain name: absolute path
    namespace: str = "default"
    home: Path | None = None  # the learner's own, for minikube alone
    own_kubeconfig: Path | None = None  # the learner's own file, for minikube alone
    variables: Mapping[str, str] = field(default_factory=dict)  # what a credential plugin needs


@dataclass(frozen=True)
class Line:
    """One line of a run, redacted. `number` counts from 1; `at_s` is seconds since the start."""

    number: int
    stream: Stream
    at_s: float
    text: str


@dataclass(frozen=True)
class Run:
    """A run as its row says. `code` is None until it ended by itself."""

    id: str
    learner: str
    lesson: str
    step: str
    line: str
    is_background: bool
    state: State
    started: datetime
    ended: datetime | None
    code: int | None
    lines: int
    command: str = ""  # id of the fenced command; empty for a typed one

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state != "running"
