"""What proxies record becomes Istio's metrics, with Istio's labels."""

import os
from collections.abc import Iterator

import pytest
from sandbox.addons.proxied import NS, Pods, proxied, spiffe

from app.sandbox.addons.metrics.log import BIG, Tail, read
from app.sandbox.addons.metrics.meter import MOST_KEYS
from app.sandbox.istiod.envoy.logs import RECORDS


@pytest.fixture
def pods() -> Iterator[Pods]:
    with proxied() as made:
        yield made


async def test_a_request_is_counted_by_both_sides_with_who_and_what(pods: Pods) -> None:
    frontend, backend = pods.add("frontend", "frontend"), pods.add("backend-v2", "backend", "v2")
    await pods.scrape()
    for code in (200, 200, 503):
        pods.call(frontend, backend, code)
    await pods.scrape()
    who = ("reporter", "source_workload", "source_app", "destination_workload",
           "destination_version", "destination_service", "destination_service_name",
           "destination_service_namespace", "response_code")  # fmt: skip
    service = ("backend.mesh-demo.svc.cluster.local", "backend", NS)
    same = ("frontend", "frontend", "backend-v2", "v2", *service)
    assert pods.counts(*who) == {
        ("source", *same, "200"): 2,
        ("source", *same, "503"): 1,
        ("destination", *same, "200"): 2,
        ("destination", *same, "503"): 1,
    }


async def test_only_the_called_side_knows_whether_it_was_mutual_tls(pods: Pods) -> None:
    frontend, backend = pods.add("frontend", "frontend"), pods.add("backend", "backend")
    pods.call(frontend, backend)
    pods.write(backend, direction="inbound", cluster="inbound|5678||")
    await pods.scrape()
    how = ("reporter", "connection_security_policy", "source_principal", "source_workload")
    assert pods.counts(*how) == {
        ("source", "unknown", spiffe("default"), "frontend"): 1,
        ("destination", "mutual_tls", spiffe("default"), "frontend"): 1,
        ("destination", "none", "unknown", "unknown"): 1,
    }


async def test_two_callers_with_one_identity_are_told_apart(pods: Pods) -> None:
    backend = pods.add("backend", "backend")
    first, second = pods.add("first", "first"), pods.add("second", "second")
    for source, times in ((first, 3), (second, 2)):
        for _ in range(times):
            pods.call(source, backend)
    await pods.scrape()
    counted = pods.counts("reporter", "source_workload")
    assert counted["destination", "first"] == 3
    assert counted["destination", "second"] == 2


async def test_a_caller_whose_record_is_lost_is_known_by_its_namespace(pods: Pods) -> None:
    backend = pods.add("backend", "backend")
    lost = {"cluster": "inbound|5678||", "client": spiffe("default"), "id": "lost"}
    pods.write(backend, direction="inbound", **lost)
    await pods.scrape(1)
    assert pods.counts("source_workload_namespace") == {}  # its caller may still tell
    await pods.scrape()
    assert pods.counts("source_workload_namespace", "source_workload") == {(NS, "unknown"): 1}


async def test_durations_fall_into_buckets_that_add_up(pods: Pods) -> None:
    frontend, backend = pods.add("frontend", "frontend"), pods.add("backend", "backend")
    for ms in (1, 4, 40, 4000):
        pods.call(frontend, backend, ms=ms)
    await pods.scrape()
    name = "istio_request_duration_milliseconds"
    buckets = pods.counts("le", metric=f'{name}_bucket{{reporter="source"}}')
    chosen = {le: buckets[(le,)] for le in ("0.5", "1", "5", "50", "2500", "5000", "+Inf")}
    assert chosen == {"0.5": 0, "1": 1, "5": 2, "50": 3, "2500": 3, "5000": 4, "+Inf": 4}
    assert pods.counts(metric=f'{name}_sum{{reporter="source"}}') == {(): 4045}
    assert pods.counts(metric=f'{name}_count{{reporter="source"}}') == {(): 4}


async def test_a_request_that_nobody_answered_names_its_service(pods: Pods) -> None:
    frontend = pods.add("frontend", "frontend")
    pods.write(frontend, direction="outbound", code=503, flags="UH")
    pods.write(frontend, direction="outbound", cluster="PassthroughCluster", host="example.com")
    await pods.scrape()
    what = ("destination_service", "destination_service_name", "destination_workload",
            "response_flags")  # fmt: skip
    assert pods.counts(*what) == {
        ("backend.mesh-demo.svc.cluster.local", "backend", "unknown", "UH"): 1,
        ("example.com", "PassthroughCluster", "unknown", "-"): 1,
    }


async def test_a_connection_without_http_is_counted_as_tcp(pods: Pods) -> None:
    frontend = pods.add("frontend", "frontend")
    pods.write(frontend, direction="outbound", code=0, method=None, received=5, sent=7)
    await pods.scrape()
    assert pods.counts("request_protocol", metric="istio_tcp_connections_closed_total") == {
        ("tcp",): 1
    }
    assert pods.counts(metric="istio_tcp_sent_bytes_total") == {(): 7}
    assert pods.counts() == {}


async def test_the_numbers_of_a_pod_end_with_it(pods: Pods) -> None:
    frontend, backend = pods.add("frontend", "frontend"), pods.add("backend", "backend")
    pods.call(frontend, backend)
    await pods.scrape()
    pods.network.leave(frontend.uid)
    pods.store.remove("pods", "frontend", NS)
    await pods.scrape()
    assert set(pods.counts("reporter")) == {("destination",)}
    assert [target.place.pod for target in pods.collector.targets.values()] == ["backend"]


async def test_hosts_without_end_do_not_fill_the_memory(pods: Pods) -> None:
    frontend = pods.add("frontend", "frontend")
    for number in range(MOST_KEYS + 50):
        host = f"h{number}.example"
        pods.write(frontend, direction="outbound", cluster="PassthroughCluster", host=host)
    await pods.scrape()
    assert len(pods.counts("destination_service")) == MOST_KEYS
    assert [target.meter.refused for target in pods.collector.targets.values()] == [50]


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[1]", b'{"direction": "up"}', b"\xff" * 9, b"[" * 9999]
)
def test_a_line_that_is_no_record_is_passed_over(line: bytes) -> None:
    assert read(line) is None


def test_a_line_is_read_once_it_is_whole(pods: Pods) -> None:
    place = pods.add("frontend", "frontend")
    pods.write(place, direction="outbound")
    whole = (place.folder / RECORDS).read_bytes()
    (place.folder / RECORDS).write_bytes(whole[:30])
    tail = Tail(place.folder)
    assert tail.next() == []
    with (place.folder / RECORDS).open("ab") as file:
        file.write(whole[30:])
    assert [record.host for record in tail.next()] == ["backend"]


def test_a_file_that_somebody_emptied_is_read_from_its_beginning(pods: Pods) -> None:
    place = pods.add("frontend", "frontend")
    tail = Tail(place.folder)
    for _ in range(3):
        pods.write(place, direction="outbound")
    assert len(tail.next()) == 3
    os.truncate(place.folder / RECORDS, 0)
    pods.write(place, direction="outbound")
    assert len(tail.next()) == 1


def test_a_big_file_is_emptied_after_it_was_read(pods: Pods) -> None:
    place = pods.add("frontend", "frontend")
    (place.folder / RECORDS).write_bytes(b"x" * 99 + b"\n")
    os.truncate(place.folder / RECORDS, BIG + 1)
    tail = Tail(place.folder)
    while (place.folder / RECORDS).stat().st_size:
        tail.next()
    pods.write(place, direction="outbound")
    assert len(tail.next()) == 1
