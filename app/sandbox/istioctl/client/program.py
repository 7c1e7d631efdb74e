"""One call of istioctl: asks the server, prints as it answers, ends with its status."""

import json
import os
import sys

from .build import version
from .files import attached
from .kubeconfig import load, option
from .server import lines
from .trouble import Trouble


def main(argv: list[str]) -> int:
    """Return the exit status of `istioctl ARGV`."""
    try:
        config = load(option(argv, "--kubeconfig", "-c"), option(argv, "--context"))
        body = {"argv": argv, "namespace": config["namespace"], "terminal": sys.stdout.isatty()}
        return converse(config, {**body, **attached(argv)})
    except Trouble as trouble:
        if argv[:1] == ["version"] and "--remote=false" in argv:
            print(version(option(argv, "--output", "-o")))  # noqa: T201
            return 0
        print(f"Error: {trouble}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        if "dashboard" in argv or "dash" in argv or "d" in argv:
            return 0
        import signal  # here, since it is slow to load

        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def converse(config: dict[str, str], body: dict[str, object]) -> int:
    """Return the exit status; asks the person what the server asks, and calls anew."""
    answers: list[str] = []
    while True:
        code = call(config, {**body, "answers": answers})
        if code is not None:
            return code
        line = sys.stdin.readline()
        answers.append(line.strip() if line else "n")


def call(config: dict[str, str], body: dict[str, object]) -> int | None:
    """Print what the server says; None where it asks a question."""
    for line in lines(config, json.dumps(body).encode()):
        said = json.loads(line)
        for key, stream in (("out", sys.stdout), ("err", sys.stderr)):
            if key in said:
                stream.write(said[key])
                stream.flush()
        if "ask" in said:
            return None
        if "code" in said:
            return int(said["code"])
        if "message" in said:
            raise Trouble(said["message"])
    raise Trouble("the sandbox ended while the command ran")
