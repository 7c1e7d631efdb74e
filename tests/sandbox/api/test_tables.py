"""What a real API server's tables showed, and what ours show of the same objects."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.sandbox.api.tables.ages import lasting
from app.sandbox.api.tables.table import table, wants_table
from app.sandbox.objects import Json, Obj, items, stamp, text
from app.sandbox.store.kinds import Kind, Kinds, kind_of_crd

RECORDED: list[Obj] = json.loads((Path(__file__).parent / "recorded" / "tables.json").read_text())
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KINDS = {kind.resource: kind for kind in Kinds()}


def cells(resource: str, obj: Obj, now: datetime = NOW) -> list[Json]:
    row = items(table(KINDS[resource], [obj], now=now), "rows")[0]["cells"]
    assert isinstance(row, list)
    return row


def ago(seconds: int) -> str:
    return stamp(NOW - timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "case", RECORDED, ids=[f"{one['resource']}-{one['now']}" for one in RECORDED]
)
def test_the_cells_are_those_of_a_real_server(case: Obj) -> None:
    obj = case["object"]
    assert isinstance(obj, dict)
    now = datetime.fromisoformat(text(case, "now"))
    assert cells(text(case, "resource"), obj, now) == case["cells"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (185, "3m5s"),
        (600, "10m"),
        (10_799, "179m"),
        (10_800, "3h"),
        (19_800, "5h30m"),
        (28_800, "8h"),
        (172_799, "47h"),
        (172_800, "2d"),
        (187_200, "2d4h"),
        (691_200, "8d"),
        (63_072_000, "2y"),
        (64_800_000, "2y20d"),
        (252_288_000, "8y"),
    ],
)
def test_a_duration_is_told_in_two_figures_at_most(seconds: int, said: str) -> None:
    assert lasting(seconds) == said


@pytest.mark.parametrize(
    ("spec", "external"),
    [
        ({"type": "ClusterIP"}, "<none>"),
        ({"type": "LoadBalancer"}, "<pending>"),
        ({"type": "ExternalName", "externalName": "example.org"}, "example.org"),
        ({"type": "NodePort", "externalIPs": ["1.2.3.4"]}, "1.2.3.4"),
    ],
)
def test_a_service_shows_where_it_is_reached_from_outside(spec: Obj, external: str) -> None:
    assert cells("services", {"metadata": {"name": "s"}, "spec": spec})[3] == external


def test_a_service_shows_its_ports_and_node_ports() -> None:
    ports: Json = [
        {"port": 80, "nodePort": 31000, "protocol": "TCP"},
        {"port": 53, "protocol": "UDP"},
    ]
    obj: Obj = {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": ports}}
    assert cells("services", obj)[4] == "80:31000/TCP,53/UDP"


def test_more_than_three_endpoints_are_counted() -> None:
    found: list[Json] = [{"addresses": [f"10.0.0.{number}"]} for number in range(5)]
    obj: Obj = {"metadata": {"name": "s"}, "endpoints": found}
    shown = cells("endpointslices.discovery.k8s.io", obj)
    assert shown[2:4] == ["<unset>", "10.0.0.0,10.0.0.1,10.0.0.2 + 2 more..."]


def test_a_kind_without_columns_shows_when_it_was_made() -> None:
    obj: Obj = {"metadata": {"name": "r", "creationTimestamp": ago(60)}}
    assert cells("roles.rbac.authorization.k8s.io", obj) == ["r", ago(60)]


def custom(columns: list[Json]) -> Kind:
    version: Obj = {"name": "v1", "served": True, "storage": True}
    if columns:
        version["additionalPrinterColumns"] = columns
    names: Obj = {"kind": "Cup", "plural": "cups"}
    spec: Obj = {"group": "example.org", "names": names, "versions": [version]}
    return kind_of_crd({"spec": spec})


@pytest.mark.parametrize(
    ("type_", "path", "shown"),
    [
        ("string", ".spec.hosts", '["a","b"]'),
        ("string", ".spec.hosts[0]", "a"),
        ("string", ".spec.none", None),
        ("string", '.spec.parts[?(@.name=="x")].size', "big"),
        ("string", ".metadata.labels.a\\.b/c", "d"),
        ("integer", ".spec.count", 3),
        ("integer", ".spec.hosts", None),
        ("boolean", ".spec.full", True),
        ("date", ".metadata.creationTimestamp", "60s"),
        ("date", ".spec.bad", "<invalid>"),
        ("string", "spec hosts[", None),
    ],
)
def test_a_custom_column_shows(type_: str, path: str, shown: Json) -> None:
    kind = custom([{"name": "Column", "type": type_, "jsonPath": path}])
    obj: Obj = {
        "metadata": {"name": "c", "creationTimestamp": ago(60), "labels": {"a.b/c": "d"}},
        "spec": {
            "hosts": ["a", "b"],
            "count": 3,
            "full": True,
            "bad": "soon",
            "parts": [{"name": "w"}, {"name": "x", "size": "big"}],
        },
    }
    assert items(table(kind, [obj], now=NOW), "rows")[0]["cells"] == ["c", shown]


def test_a_crd_without_columns_shows_the_age() -> None:
    made = table(custom([]), [{"metadata": {"name": "c", "creationTimestamp": ago(60)}}], now=NOW)
    assert [text(one, "name") for one in items(made, "columnDefinitions")] == ["Name", "Age"]
    assert items(made, "rows")[0]["cells"] == ["c", "60s"]


def test_a_row_holds_as_much_of_its_object_as_was_asked_for() -> None:
    obj: Obj = {"metadata": {"name": "c"}, "data": {"a": "b"}}
    kind = KINDS["configmaps"]
    rows = {
        include: items(table(kind, [obj], include=include), "rows")[0].get("object")
        for include in ("Metadata", "Object", "None")
    }
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    assert rows == {"Metadata": {**partial, "metadata": {"name": "c"}}, "Object": obj, "None": None}


@pytest.mark.parametrize(
    ("accept", "wants"),
    [
        ("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", True),
        ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", False),
        ("application/json", False),
    ],
)
def test_a_table_is_made_where_it_is_asked_for(accept: str, wants: bool) -> None:
    assert wants_table(accept) is wants
