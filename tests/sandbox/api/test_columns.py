"""The columns of every kind, as a real API server (Kubernetes 1.35, Istio 1.31) has them."""

import json
from pathlib import Path

import pytest

from app.sandbox.api.tables.table import table
from app.sandbox.objects import Obj, items, text
from app.sandbox.schemas.istio_crds import istio_crds
from app.sandbox.store.kinds import Kinds, kind_of_crd

RECORDED: list[Obj] = json.loads((Path(__file__).parent / "recorded" / "columns.json").read_text())


def kinds() -> Kinds:
    found = Kinds()
    for crd in istio_crds():
        found.add(kind_of_crd(crd))
    return found


@pytest.mark.parametrize(
    "case", RECORDED, ids=[f"{one['resource']}-{one['version']}" for one in RECORDED]
)
def test_the_columns_are_those_of_a_real_server(case: Obj) -> None:
    kind = kinds().get(text(case, "resource"))
    assert kind is not None
    shown = items(table(kind, [], version=text(case, "version")), "columnDefinitions")
    told = [[one["name"], one["type"], one["format"], one["priority"]] for one in shown]
    assert told == case["columns"]
