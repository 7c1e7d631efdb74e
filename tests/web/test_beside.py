"""The panel's rows say what kubectl would say, in the mood that a glance needs."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from mesh_objects import crashed, named, pod, waiting

from app.clusters.live import Snapshot as Known
from app.clusters.objects import Json, Object
from app.web.beside import age, as_panel

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def known(*raws: Mapping[str, Json], broken_since: datetime | None = None) -> Known:
    found = [Object(raw) for raw in raws]
    kinds = {each.kind for each in found} | {"Namespace"}
    objects = {kind: tuple(each for each in found if each.kind == kind) for kind in kinds}
    return Known(objects, True, broken_since, frozenset())


def rule(kind: str, spec: Json) -> Mapping[str, Json]:
    return {**named(kind, "rule", "mesh-demo"), "spec": spec}


def detail(kind: str, spec: Json) -> str:
    return as_panel(known(rule(kind, spec)), ["mesh-demo"]).mesh[0].detail


def test_a_ready_pod_with_its_sidecar_is_good() -> None:
    row = as_panel(known(pod("backend")), ["mesh-demo"]).pods[0]
    assert (row.ready, row.status, row.mood, row.has_sidecar) == ("2/2", "Running", "good", True)


@pytest.mark.parametrize(
    ("state", "mood", "reason"),
    [
        (waiting("ContainerCreating"), "busy", ""),
        (waiting("ImagePullBackOff", "no such image"), "bad", "no such image"),
        (crashed(1), "bad", ""),
    ],
)
def test_a_pod_that_is_not_ready_shows_how_bad_it_is(
    state: Mapping[str, Json], mood: str, reason: str
) -> None:
    row = as_panel(known(pod("backend", status=state)), ["mesh-demo"]).pods[0]
    assert row.mood == mood
    assert reason in row.reason


def test_a_split_is_read_at_a_glance() -> None:
    routes: Json = [
        {"destination": {"host": "backend", "subset": "v1"}, "weight": 90},
        {"destination": {"host": "backend", "subset": "v2"}, "weight": 10},
    ]
    text = detail("VirtualService", {"hosts": ["backend"], "http": [{"route": routes}]})
    assert text == "backend: v1 90 %, v2 10 %"


@pytest.mark.parametrize(
    ("kind", "spec", "text"),
    [
        ("PeerAuthentication", {"mtls": {"mode": "STRICT"}}, "STRICT"),
        ("PeerAuthentication", {}, "UNSET"),
        ("Gateway", {"servers": [{"hosts": ["myapp.example.com"]}]}, "myapp.example.com"),
        (
            "DestinationRule",
            {"host": "backend", "subsets": [{"name": "v1"}], "trafficPolicy": {"tls": {}}},
            "backend · subsets v1 · tls",
        ),
    ],
)
def test_a_mesh_object_says_what_tells_it_apart(kind: str, spec: Json, text: str) -> None:
    assert detail(kind, spec) == text


def test_a_namespace_that_is_not_there_is_named() -> None:
    panel = as_panel(known({**named("Namespace", "default")}), ["mesh-demo", "default"])
    assert panel.missing == ["mesh-demo"]


def test_a_cluster_out_of_reach_says_since_when() -> None:
    since = datetime.now(UTC) - timedelta(seconds=42)
    assert "for 4" in as_panel(known(broken_since=since), []).trouble


def test_the_newest_events_come_first_and_only_so_many() -> None:
    events = [
        {
            **named("Event", f"event-{n}", "mesh-demo"),
            "lastTimestamp": (datetime.now(UTC) - timedelta(seconds=60 - n)).isoformat(),
            "reason": f"R{n}",
        }
        for n in range(20)
    ]
    rows = as_panel(known(*events), ["mesh-demo"]).events
    assert [row.reason for row in rows] == [f"R{n}" for n in range(19, 7, -1)]


def test_events_of_other_namespaces_and_of_long_ago_are_left_out() -> None:
    now = datetime.now(UTC)
    elsewhere = {**named("Event", "a", "default"), "lastTimestamp": now.isoformat()}
    long_ago = {
        **named("Event", "b", "mesh-demo"),
        "lastTimestamp": (now - timedelta(hours=1)).isoformat(),
    }
    assert as_panel(known(elsewhere, long_ago), ["mesh-demo", "default"]).events == []


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (119, "119s"), (120, "2m"), (7200, "2h"), (172800, "2d")]
)
def test_ages_read_as_kubectl_prints_them(seconds: int, text: str) -> None:
    assert age(NOW, NOW - timedelta(seconds=seconds)) == text
