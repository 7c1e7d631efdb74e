"""A cluster to ask: a kubeconfig and its programs, run as argv in an environment made new."""

import json
import os
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

SYSTEM = "/usr/local/bin:/usr/bin:/bin"
KEPT = ("BED_HOME",)  # the wrapper of the test bed's istioctl finds its home by it


@dataclass(frozen=True)
class Answer:
    """What a program said and how it ended; 124: it was out of time."""

    code: int
    out: str
    err: str


class Cluster:
    """Runs kubectl and istioctl against one cluster, in a folder of its own."""

    def __init__(self, kubeconfig: Path, programs: str) -> None:
        self._kubeconfig = kubeconfig.resolve()
        self._programs = programs
        self._folder = tempfile.TemporaryDirectory(prefix="conformance-")
        self.folder = Path(self._folder.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()

    def room(self, name: str) -> Path:
        """Return a folder with a kubeconfig whose namespace is `name`."""
        room = self.folder / name
        room.mkdir()
        read = ["kubectl", "config", "view", "--raw", "--flatten", "--minify", "-o", "json"]
        config = json.loads(self.ask(read, room, kubeconfig=self._kubeconfig).out)
        for context in config["contexts"]:
            context["context"]["namespace"] = name
        (room / ".kubeconfig").write_text(json.dumps(config), "utf-8")
        (room / ".kubeconfig").chmod(0o600)
        return room

    def ask(
        self,
        argv: list[str],
        room: Path,
        *,
        stdin: str = "",
        seconds: float = 0.0,
        limit_s: float = 90.0,
        kubeconfig: Path | None = None,
    ) -> Answer:
        """Return what `argv` says; with `seconds` it is interrupted after so long."""
        child = self.start(argv, room, kubeconfig=kubeconfig)
        try:
            out, err = child.communicate(stdin, timeout=seconds or limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGINT if seconds else signal.SIGKILL)
            try:
                out, err = child.communicate(timeout=3)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                out, err = child.communicate()
            return Answer(0 if seconds else 124, out, err)
        return Answer(child.returncode, out, err)

    def start(
        self, argv: list[str], room: Path, *, kubeconfig: Path | None = None
    ) -> "subprocess.Popen[str]":
        """Return the running program."""
        environment = {
            "PATH": f"{self._programs}:{SYSTEM}",
            "HOME": str(self.folder),
            "KUBECONFIG": str(kubeconfig or room / ".kubeconfig"),
            "KUBERC": "off",
            "KUBE_EDITOR": "sed -i -f edit.sed",
            "TZ": "UTC",
            "LANG": "C.UTF-8",
            **{name: os.environ[name] for name in KEPT if name in os.environ},
        }
        return subprocess.Popen(
            argv,
            cwd=room,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
