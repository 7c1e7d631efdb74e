"""describe and authz check say of pods and Services what the real istioctl said of them.

Each file of real/describe holds a state of a real mesh (Istio 1.31.0): objects, the dumps of its
proxies, cut down to what describe reads, and what istioctl printed.
"""

import gzip
import json
import re
from collections.abc import Iterator

import pytest
from sandbox.istioctl.bench import REAL, FakeMesh, call, lab_of

from app.sandbox.istioctl.describe.policies import effective
from app.sandbox.istioctl.lab import Lab

NAMESPACE = "s6-words"


def states() -> Iterator[object]:
    for path in sorted((REAL / "describe").glob("*.json.gz")):
        state = json.loads(gzip.decompress(path.read_bytes()))
        for run in state["runs"]:
            yield pytest.param(state, run, id=f"{path.name[:-8]} {' '.join(run['argv'][2:])}")


def lab(state: dict) -> Lab:
    dumps = {
        f"{name}//config_dump": json.dumps(dump).encode() for name, dump in state["dumps"].items()
    }
    return lab_of(state["objects"], mesh=FakeMesh(answers=dumps))


def spaced(text: str) -> str:
    """Return a text with single spaces in it: those of protobuf's text form are free."""
    return re.sub(r"(?<=\S) +", " ", text)


@pytest.mark.parametrize(("state", "run"), list(states()))
async def test_describe_says_what_the_real_one_says(state: dict, run: dict) -> None:
    said = await call(lab(state), *run["argv"])
    assert (spaced(said.stdout), said.stderr) == (spaced(run["stdout"]), run["stderr"])
    assert said.code == run["code"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pod"], "Error: expecting pod name\n"),
        (["pods", "x"], 'Error: unknown resource type "pods"\n'),
    ],
)
async def test_describe_refuses_what_it_does_not_know(words: list[str], says: str) -> None:
    said = await call(lab_of([]), "x", "describe", *words)
    assert (said.stderr, said.code) == (says, 1)


def policy(namespace: str, mode: str, created: str, **spec: object) -> dict:
    meta = {"name": mode.lower(), "namespace": namespace, "creationTimestamp": created}
    return {"metadata": meta, "spec": {"mtls": {"mode": mode}, **spec}}


def test_the_namespaces_policy_counts_before_the_meshs() -> None:
    mesh = policy("istio-system", "STRICT", "2026-01-01T00:00:00Z")
    own = policy("demo", "DISABLE", "2026-01-02T00:00:00Z")
    assert effective([mesh, own], "istio-system") == ("DISABLE", {})


def test_a_policy_that_leaves_the_mode_open_has_the_one_above() -> None:
    mesh = policy("istio-system", "STRICT", "2026-01-01T00:00:00Z")
    own = policy("demo", "UNSET", "2026-01-02T00:00:00Z")
    assert effective([mesh, own], "istio-system") == ("STRICT", {})


def test_the_older_of_two_policies_of_a_namespace_counts() -> None:
    young = policy("demo", "STRICT", "2026-01-02T00:00:00Z")
    old = policy("demo", "PERMISSIVE", "2026-01-01T00:00:00Z")
    assert effective([young, old], "istio-system") == ("PERMISSIVE", {})
