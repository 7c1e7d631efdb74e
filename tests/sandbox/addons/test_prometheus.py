"""Prometheus' API and text format, as its users read them."""

import json
import time
from collections.abc import Awaitable, Iterator

import pytest
from sandbox.addons.proxied import Pods, proxied

from app.sandbox.addons.metrics.exposition import exposition, number
from app.sandbox.addons.observatory import Observatory
from app.sandbox.addons.prometheus.program import handler
from app.sandbox.objects import Json, text
from app.sandbox.programs.http import Request, Response


class Asked:
    """A Prometheus that has scraped twice, with three requests between."""

    def __init__(self, pods: Pods) -> None:
        self._answer = handler(Observatory(database=pods.database, collector=pods.collector))

    async def get(self, target: str, body: bytes = b"") -> Response:
        form = [("Content-Type", "application/x-www-form-urlencoded")] if body else []
        asked = Request("POST" if body else "GET", target, "HTTP/1.1", form, body)
        answer = self._answer(asked)
        return await answer if isinstance(answer, Awaitable) else answer

    async def json(self, target: str, body: bytes = b"") -> Json:
        answer = await self.get(target, body)
        assert isinstance(answer.body, bytes)
        return json.loads(answer.body)  # type: ignore[no-any-return]

    async def text(self, target: str) -> str:
        answer = await self.get(target)
        assert isinstance(answer.body, bytes)
        return answer.body.decode()


@pytest.fixture
def pods() -> Iterator[Pods]:
    with proxied() as made:
        made.now = time.time() - 40
        yield made


@pytest.fixture
async def asked(pods: Pods) -> Asked:
    frontend, backend = pods.add("frontend", "frontend"), pods.add("backend", "backend")
    await pods.scrape()
    for _ in range(3):
        pods.call(frontend, backend)
    await pods.scrape()
    return Asked(pods)


async def test_a_query_is_answered_as_prometheus_does(asked: Asked) -> None:
    query = "sum+by+(source_workload)(istio_requests_total{reporter='destination'})"
    said = await asked.json(f"/api/v1/query?query={query}&time=1e12")
    assert said == {"status": "success", "data": {"resultType": "vector", "result": []}}
    said = await asked.json(f"/api/v1/query?query={query}")
    assert text(said, "data.result.0.metric.source_workload") == "frontend"
    assert text(said, "data.result.0.value.1") == "3"


async def test_a_query_may_come_as_a_form(asked: Asked) -> None:
    said = await asked.json("/api/v1/query", b"query=1%2B1")
    assert text(said, "data.result.1") == "2"


async def test_a_range_is_answered_step_by_step(asked: Asked) -> None:
    now = time.time()
    said = await asked.json(f"/api/v1/query_range?query=up&start={now - 60}&end={now}&step=15s")
    assert text(said, "data.resultType") == "matrix"
    assert text(said, "data.result.0.values.0.1") == "1"


@pytest.mark.parametrize(
    ("target", "status", "kind"),
    [
        ("/api/v1/query?query=sum(", 400, "bad_data"),
        ("/api/v1/query?query=up&time=never", 400, "bad_data"),
        ("/api/v1/query?query=label_join(up)", 422, "execution"),
        ("/api/v1/query_range?query=up&start=0&end=1&step=0", 400, "bad_data"),
        ("/api/v1/query_range?query=up&start=0&end=1e9&step=1", 400, "bad_data"),
        ("/api/v1/query_range?query=up&start=nan&end=1&step=1", 400, "bad_data"),
        ("/api/v1/series", 400, "bad_data"),
        ("/api/v1/series?match[]=rate(up[1m])", 400, "bad_data"),
        ("/api/v1/admin/tsdb/snapshot", 404, "not_found"),
    ],
)
async def test_what_cannot_be_answered_says_why(
    asked: Asked, target: str, status: int, kind: str
) -> None:
    answer = await asked.get(target)
    assert answer.status == status
    assert isinstance(answer.body, bytes)
    said = json.loads(answer.body)
    assert (said["status"], said["errorType"]) == ("error", kind)
    assert said["error"]


async def test_series_labels_and_targets_are_told(asked: Asked) -> None:
    said = await asked.json("/api/v1/label/destination_service_name/values")
    assert said == {"status": "success", "data": ["backend"]}
    names = await asked.json("/api/v1/labels?match[]=up")
    assert text(names, "data.0") == "__name__"
    series = await asked.json('/api/v1/series?match[]=istio_requests_total{reporter="source"}')
    assert text(series, "data.0.destination_workload") == "backend"
    targets = await asked.json("/api/v1/targets")
    assert text(targets, "data.activeTargets.0.health") == "up"


async def test_the_servers_own_numbers_and_those_of_the_mesh_are_text(asked: Asked) -> None:
    own = await asked.text("/metrics")
    assert '# TYPE up gauge\nup{instance="localhost:9090",job="prometheus"} 1\n' in own
    assert "istio_requests_total" not in own
    mesh = await asked.text("/federate?match[]=istio_requests_total")
    assert mesh.count("# TYPE istio_requests_total counter\n") == 1
    assert mesh.count('destination_workload="backend"') == 2


async def test_probes_are_answered(asked: Asked) -> None:
    assert [(await asked.get(f"/-/{probe}")).status for probe in ("ready", "healthy")] == [200] * 2
    assert (await asked.get("/nothing")).status == 404


def test_label_values_are_escaped_in_the_text_format() -> None:
    labels = (("__name__", "up"), ("a", 'x"\\\ny'))
    assert exposition([(labels, 1.0)]).endswith('up{a="x\\"\\\\\\ny"} 1\n')


def test_a_histogram_is_one_family() -> None:
    name = "istio_request_bytes"
    parts = [((("__name__", f"{name}_{part}"),), 1.0) for part in ("sum", "count")]
    assert exposition(parts).count("# TYPE") == 1


def test_numbers_are_written_as_prometheus_writes_them() -> None:
    written = [number(value) for value in (1.0, 0.25, float("nan"), float("inf"), -float("inf"))]
    assert written == ["1", "0.25", "NaN", "+Inf", "-Inf"]
