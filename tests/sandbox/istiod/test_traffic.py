"""Requests between pods go where the configuration says, through two real Envoys."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sandbox.istiod.meshed import Mesh, meshed

from app.sandbox.network.place import Place
from app.sandbox.objects import Json, Obj, items, table, text

pytestmark = pytest.mark.anyio


@pytest.fixture
async def mesh() -> AsyncIterator[Mesh]:
    async with meshed() as made:
        made.service("web", "http")
        yield made


async def test_weights_split_requests(mesh: Mesh) -> None:
    client = await _versions(mesh)
    mesh.route("web", {"hosts": ["web"], "http": [{"route": _split(90, 10)}]})
    await mesh.settled()
    answers = [(await mesh.ask(client, "web")).body for _ in range(100)]
    assert 1 <= answers.count("web-v2") <= 35


async def test_the_oldest_of_two_virtual_services_wins(mesh: Mesh) -> None:
    client = await _versions(mesh)
    mesh.route("a-first", {"hosts": ["web"], "http": [{"route": _split(100, 0)}]})
    mesh.route("b-second", {"hosts": ["web"], "http": [{"route": _split(0, 100)}]})
    await mesh.settled()
    assert {(await mesh.ask(client, "web")).body for _ in range(20)} == {"web-v1"}


async def test_a_subset_that_no_rule_defines_is_answered_with_503(mesh: Mesh) -> None:
    client = await _versions(mesh)
    to = {"destination": {"host": "web", "subset": "v9"}}
    mesh.route("web", {"hosts": ["web"], "http": [{"route": [to]}]})
    await mesh.settled()
    assert (await mesh.ask(client, "web")).status == 503


async def test_matches_choose_by_header_path_method_and_caller(mesh: Mesh) -> None:
    client = await _versions(mesh)
    second = [{"destination": {"host": "web", "subset": "v2"}}]
    mesh.route(
        "web",
        {
            "hosts": ["web"],
            "http": [
                {"match": [{"headers": {"x-user": {"exact": "eve"}}}], "route": second},
                {
                    "match": [{"uri": {"prefix": "/new"}, "method": {"exact": "GET"}}],
                    "route": second,
                },
                {"match": [{"queryParams": {"v": {"exact": "2"}}}], "route": second},
                {"match": [{"sourceLabels": {"app": "nobody"}}], "route": second},
                {"route": [{"destination": {"host": "web", "subset": "v1"}}]},
            ],
        },
    )
    await mesh.settled()
    assert (await mesh.ask(client, "web")).body == "web-v1"
    assert (await mesh.ask(client, "web", headers={"x-user": "eve"})).body == "web-v2"
    assert (await mesh.ask(client, "web", "/new/x")).body == "web-v2"
    assert (await mesh.ask(client, "web", "/new/x", method="PUT")).body == "web-v1"
    assert (await mesh.ask(client, "web", "/?v=2")).body == "web-v2"


async def test_a_timeout_ends_a_slow_request(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    web = await mesh.app("web-1", {"app": "web"})
    web.delay_s = 5
    rule = {"route": [{"destination": {"host": "web"}}], "timeout": "50ms"}
    mesh.route("web", {"hosts": ["web"], "http": [rule]})
    await mesh.settled()
    answer = await mesh.ask(client.place, "web")
    assert (answer.status, answer.body) == (504, "upstream request timeout")


async def test_retries_are_made_as_often_as_asked(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    web = await mesh.app("web-1", {"app": "web"})
    web.answer = lambda method, path: (503, "no")
    retries = {"attempts": 3, "retryOn": "5xx"}
    rule = {"route": [{"destination": {"host": "web"}}], "retries": retries}
    mesh.route("web", {"hosts": ["web"], "http": [rule]})
    await mesh.settled()
    assert (await mesh.ask(client.place, "web")).status == 503
    assert [heard["x-envoy-attempt-count"] for heard in web.heard] == ["1", "2", "3", "4"]


async def test_a_503_of_the_program_is_not_tried_again_by_default(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    web = await mesh.app("web-1", {"app": "web"})
    web.answer = lambda method, path: (503, "no")
    await mesh.settled()
    assert (await mesh.ask(client.place, "web")).status == 503
    assert len(web.heard) == 1


async def test_faults_are_injected_into_all_requests(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    web = await mesh.app("web-1", {"app": "web"})
    abort = {"abort": {"httpStatus": 418, "percentage": {"value": 100}}}
    rule = {"route": [{"destination": {"host": "web"}}], "fault": abort}
    mesh.route("web", {"hosts": ["web"], "http": [rule]})
    await mesh.settled()
    answer = await mesh.ask(client.place, "web")
    assert (answer.status, answer.body, web.heard) == (418, "fault filter abort", [])


async def test_an_endpoint_that_fails_is_ejected(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    bad = await mesh.app("web-1", {"app": "web"})
    await mesh.app("web-2", {"app": "web"})
    bad.answer = lambda method, path: (500, "broken")
    ejection = {"consecutive5xxErrors": 3, "interval": "1s", "baseEjectionTime": "30s"}
    policy = {"outlierDetection": {**ejection, "maxEjectionPercent": 50}}
    policy["loadBalancer"] = {"simple": "ROUND_ROBIN"}
    mesh.rule("web", {"host": "web", "trafficPolicy": policy})
    await mesh.settled()
    for _ in range(8):
        await mesh.ask(client.place, "web")
    assert {(await mesh.ask(client.place, "web")).body for _ in range(10)} == {"web-2"}
    running = mesh.istiod.agent(client.place.uid)
    assert running is not None
    page = (await running.admin("/clusters"))[1].decode()
    assert (
        f"outbound|80||web.demo.svc.cluster.local::{bad.place.ip}:5678::health_flags::"
        "/failed_outlier_check" in page
    )


async def test_the_second_rule_of_a_host_adds_subsets_and_no_policy(mesh: Mesh) -> None:
    client = (await mesh.app("client", {"app": "client"})).place
    mesh.rule("first", {"host": "web", "trafficPolicy": {"loadBalancer": {"simple": "RANDOM"}}})
    policy = {"outlierDetection": {"consecutive5xxErrors": 1}}
    mesh.rule("zz-late", {"host": "web", "trafficPolicy": policy, "subsets": [{"name": "all"}]})
    await mesh.settled()
    clusters = await _clusters(mesh, client)
    assert "outbound|80|all|web.demo.svc.cluster.local" in clusters
    cluster = clusters["outbound|80||web.demo.svc.cluster.local"]
    assert cluster["lb_policy"] == "RANDOM"
    assert "outlier_detection" not in cluster


async def test_a_breaker_refuses_what_is_too_much(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    web = await mesh.app("web-1", {"app": "web"})
    web.delay_s = 0.2
    pool = {"tcp": {"maxConnections": 1}, "http": {"http1MaxPendingRequests": 1}}
    mesh.rule("web", {"host": "web", "trafficPolicy": {"connectionPool": pool}})
    await mesh.settled()
    answers = await asyncio.gather(*(mesh.ask(client.place, "web") for _ in range(10)))
    statuses = [each.status for each in answers]  # the second 200 needs an open connection
    assert 1 <= statuses.count(200) <= 2
    assert statuses.count(200) + statuses.count(503) == 10
    assert any(each.headers.get("x-envoy-overloaded") == "true" for each in answers)


async def test_a_port_without_a_protocol_is_found_to_be_http(mesh: Mesh) -> None:
    mesh.service("plain")
    client = await mesh.app("client", {"app": "client"})
    plain = await mesh.app("plain-1", {"app": "plain"})
    await mesh.settled()
    assert (await mesh.ask(client.place, "plain")).status == 200
    assert "URI=spiffe://" in plain.heard[0]["x-forwarded-client-cert"]
    assert (await mesh.ask(client.place, plain.place.ip, port=5678)).status == 200  # passes through
    assert "x-forwarded-client-cert" not in plain.heard[1]


async def test_only_the_registry_is_reached_where_the_mesh_says_so(mesh: Mesh) -> None:
    said = "outboundTrafficPolicy: {mode: REGISTRY_ONLY}"
    client = await mesh.app("client", {"app": "client"})
    web = await mesh.app("web-1", {"app": "web"})
    mesh.put("v1", "ConfigMap", "istio", "istio-system", data={"mesh": said})
    await mesh.settled()
    assert (await mesh.ask(client.place, "web")).status == 200
    assert (await mesh.ask(client.place, "web", name="elsewhere.example")).status == 502
    with pytest.raises((OSError, asyncio.IncompleteReadError)):
        await mesh.ask(client.place, web.place.ip, port=5678)


async def test_a_gateway_lets_in_what_a_virtual_service_bound_to_it_says(mesh: Mesh) -> None:
    await mesh.app("web-1", {"app": "web"})
    gateway = await mesh.gateway()
    server = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
    spec = {"selector": {"istio": "ingressgateway"}, "servers": [server]}
    mesh.put("networking.istio.io/v1", "Gateway", "door", spec=spec)
    await mesh.settled()
    assert (await mesh.ask(None, gateway.ip, port=8080)).status == 404
    to = [{"destination": {"host": "web"}}]
    mesh.route("web", {"hosts": ["*"], "gateways": ["door"], "http": [{"route": to}]})
    await mesh.settled()
    answer = await mesh.ask(None, gateway.ip, port=8080)
    assert (answer.status, answer.body, answer.headers["server"]) == (200, "web-1", "istio-envoy")
    await mesh.settled()
    configs = await mesh.dump(gateway, "/config_dump?resource=dynamic_listeners")
    listener = configs["configs"][0]["active_state"]["listener"]  # type: ignore[index,call-overload]
    assert listener["address"] == {"socket_address": {"address": "0.0.0.0", "port_value": 8080}}  # type: ignore[index,call-overload]


async def test_nothing_changes_while_no_istiod_runs(mesh: Mesh) -> None:
    client = await _versions(mesh)
    await mesh.settled()
    mesh.istiod.works.clear()
    mesh.route("web", {"hosts": ["web"], "http": [{"route": _split(0, 100)}]})
    await asyncio.sleep(0.02)
    assert {(await mesh.ask(client, "web")).body for _ in range(20)} == {"web-v1", "web-v2"}


async def test_the_log_names_addresses_not_sockets(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    web = await mesh.app("web-1", {"app": "web"})
    await mesh.settled()
    await mesh.ask(client.place, "web", "/hello")
    async with asyncio.timeout(5):
        while not (lines := [line for line in client.log if "/hello" in line]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # Envoy writes its log every 200 ms
    assert '"GET /hello HTTP/1.1" 200 - via_upstream' in lines[0]
    assert f'"{web.place.ip}:5678" outbound|80||web.demo.svc.cluster.local' in lines[0]
    assert str(web.place.folder.parent) not in lines[0]


def _split(first: int, second: int) -> list[Json]:
    return [
        {"destination": {"host": "web", "subset": "v1"}, "weight": first},
        {"destination": {"host": "web", "subset": "v2"}, "weight": second},
    ]


async def _versions(mesh: Mesh) -> Place:
    """A client, and two versions of a program with a rule that names them."""
    client = await mesh.app("client", {"app": "client"})
    await mesh.app("web-v1", {"app": "web", "version": "v1"})
    await mesh.app("web-v2", {"app": "web", "version": "v2"})
    subsets: Json = [{"name": name, "labels": {"version": name}} for name in ("v1", "v2")]
    mesh.rule("web", {"host": "web", "subsets": subsets})
    return client.place


async def _clusters(mesh: Mesh, place: Place) -> dict[str, Obj]:
    page = await mesh.dump(place, "/config_dump?resource=dynamic_active_clusters")
    held = [table(config, "cluster") for config in items(page, "configs")]
    return {text(cluster, "name"): cluster for cluster in held}


async def test_a_host_that_is_no_service_takes_its_name_from_the_service_that_had_it(
    mesh: Mesh,
) -> None:
    client = await _versions(mesh)
    to = [{"destination": {"host": "web", "subset": "v2"}}]
    mesh.route("web", {"hosts": ["web.demo"], "http": [{"route": to}]})
    await mesh.settled()
    assert {(await mesh.ask(client, "web.demo")).body for _ in range(20)} == {"web-v2"}
    assert {(await mesh.ask(client, "web")).body for _ in range(20)} == {"web-v1", "web-v2"}


async def test_connections_go_where_a_tcp_route_leads(mesh: Mesh) -> None:
    mesh.service("web", "tcp")
    client = await _versions(mesh)
    for subset in ("v1", "v2"):
        to: Json = [{"destination": {"host": "web", "subset": subset}}]
        mesh.route("web", {"hosts": ["web"], "tcp": [{"match": [{"port": 80}], "route": to}]})
        await mesh.settled()
        assert {(await mesh.ask(client, "web")).body for _ in range(6)} == {f"web-{subset}"}
