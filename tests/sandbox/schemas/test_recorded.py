"""What a real API server (Kubernetes 1.35, Istio 1.31) said of objects, and what we say of them."""

import json
from functools import cache
from pathlib import Path

import pytest

from app.sandbox.objects import Obj, items, name_of, text
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.status import invalid
from app.sandbox.store.kinds import Kinds, kind_of_crd

RECORDED = Path(__file__).parent / "recorded"
# These are other parts' to say: names and counts the registry's, the rest the webhook's.
ELSEWHERE = ("admission webhook", "metadata.name: ", "must be greater than", "containers: Required")


def _cases(name: str) -> list[Obj]:
    found: list[Obj] = json.loads((RECORDED / name).read_text())
    return found


CASES = [*_cases("decoding.json"), *_cases("istio.json"), *_cases("mutated.json")]


@cache
def schemas() -> Schemas:
    kinds = Kinds()
    loaded = Schemas.load(kinds)
    for crd in loaded.crds():
        kinds.add(kind_of_crd(crd))
    return loaded


def answer(obj: Obj) -> tuple[str, list[list[str]]]:
    """Return what the server's message would be, "" where there is none, and its causes."""
    kind = schemas().kinds.of(obj)
    assert kind is not None
    failed = schemas().decode_error(obj)
    if failed:
        return failed, []
    unknown = schemas().unknown_fields(obj)
    if unknown:
        told = ", ".join(f'unknown field "{path}"' for path in unknown)
        version = text(obj, "apiVersion").rpartition("/")[2]
        said = f'{kind.kind} in version "{version}" cannot be handled as a {kind.kind}: '
        return f"{said}strict decoding error: {told}", []
    causes = schemas().errors(schemas().prune(obj))
    if not causes:
        return "", []
    error = invalid(kind.kind, kind.group, name_of(obj), causes)
    told_causes = items(error.details, "causes")
    return error.message, [[text(one, "reason"), text(one, "field")] for one in told_causes]


@pytest.mark.parametrize("case", CASES, ids=[text(case, "case") for case in CASES])
def test_the_answer_is_that_of_a_real_server(case: Obj) -> None:
    obj, real = case["object"], text(case, "message")
    assert isinstance(obj, dict)
    elsewhere = any(word in real for word in ELSEWHERE)
    message, causes = answer(obj)
    assert message == ("" if elsewhere else real)
    assert causes == ([] if elsewhere else case["causes"])


def test_most_cases_are_compared_and_not_left_to_others() -> None:
    left = [case for case in CASES if any(word in text(case, "message") for word in ELSEWHERE)]
    assert len(left) < len(CASES) / 10
