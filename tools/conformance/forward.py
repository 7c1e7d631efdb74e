"""Requests through a port-forward of kubectl, as a learner's second terminal would send them."""

import http.client
import os
import re
import signal
from pathlib import Path

from tools.conformance.cluster import Answer, Cluster

STARTED = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+)")


def through(cluster: Cluster, argv: list[str], room: Path, asked: tuple[str, ...]) -> Answer:
    """Return the answers to `asked` ("METHOD HOST PATH [NAME:VALUE ...]"), one line for each.

    Shape of a line: `STATUS first line of the body`, or the name of the error.
    """
    child = cluster.start(argv, room)
    assert child.stdout
    assert child.stderr
    lines: list[str] = []
    try:
        first = child.stdout.readline()
        found = STARTED.search(first)
        if not found:
            out, err = child.communicate(timeout=20)
            return Answer(child.returncode, first + out, err)
        lines = [first.rstrip()]
        lines += [_ask(int(found[1]), each) for each in asked]
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGINT)
        _, err = child.communicate(timeout=20)
    return Answer(0, "\n".join(lines) + "\n", err)


def _ask(port: int, asked: str) -> str:
    method, host, path, *headers = asked.split(" ")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    named = dict(header.split(":", 1) for header in headers)
    try:
        connection.request(method, path, headers={"Host": host, **named})
        answer = connection.getresponse()
        body = answer.read(2000).decode("utf-8", "replace").strip()
        location = answer.getheader("location")
        to = f" -> {location}" if location else ""
        return f"{asked}: {answer.status}{to} {body.splitlines()[0] if body else ''}".rstrip()
    except (OSError, http.client.HTTPException) as error:
        return f"{asked}: {type(error).__name__}"
    finally:
        connection.close()
