"""Pods reach each other over Unix sockets, and nothing else."""

import asyncio
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox.network.cluster import endpoint_slice, says, service, store

from app.sandbox.network import network as module
from app.sandbox.network.errors import NoSuchHost, Refused, TimedOut, Unreachable
from app.sandbox.network.network import NODE_IP, Network
from app.sandbox.network.place import Place

pytestmark = pytest.mark.anyio


@pytest.fixture
def net() -> Iterator[Network]:
    network = Network(store())
    yield network
    network.close()


def joined(net: Network, name: str, *, is_proxied: bool = False) -> Place:
    return net.join("demo", name, f"uid-{name}", is_proxied=is_proxied)


async def asked(net: Network, source: Place | None, host: str, port: int, **how: bool) -> bytes:
    reader, writer = await net.connect(source, host, port, 1, **how)
    try:
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_a_pods_folder_is_short_and_for_its_owner_alone(net: Network) -> None:
    place = joined(net, "a")
    assert len(bytes(place.inbound(65535))) <= 103
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(net.folder.stat().st_mode) == 0o700


async def test_nothing_is_left_after_the_end(net: Network) -> None:
    place = joined(net, "a")
    (place.folder / "file").touch()
    net.leave(place.uid)
    net.leave(place.uid)
    assert not place.folder.exists()
    net.close()
    assert not net.folder.exists()


async def test_addresses_are_given_in_turn_and_never_twice_at_a_time(net: Network) -> None:
    first, second = joined(net, "a"), joined(net, "b")
    assert (first.ip, second.ip) == ("10.244.0.2", "10.244.0.3")
    net.leave(first.uid)
    assert joined(net, "c").ip == "10.244.0.4"
    for number in range(300):
        net.leave(joined(net, f"n{number}").uid)
    assert joined(net, "d").ip not in ("10.244.0.3", "10.244.0.4")


async def test_an_address_beyond_the_range_is_not_made_up(net: Network) -> None:
    for number in range(253):
        joined(net, f"n{number}")
    with pytest.raises(OSError, match="no address is free"):
        joined(net, "one-more")


async def test_a_socket_tells_whose_it_is(net: Network) -> None:
    place = joined(net, "a")
    assert net.places.at(place.program(80)) == (place, 80)
    assert net.places.at(str(place.inbound(8080))) == (place, 8080)
    assert net.places.at(place.admin) == (place, 0)
    assert net.places.at("/etc/passwd") is None


async def test_a_service_leads_to_its_ready_endpoints_alone(net: Network) -> None:
    caller, ready, unready = (joined(net, name) for name in "abc")
    net.store.create(service("backend", "10.96.3.3"))
    net.store.create(endpoint_slice("backend", {ready.ip: True, unready.ip: False}, 5678))
    async with says(ready.program(5678), b"v1"), says(unready.program(5678), b"never"):
        answers = {await asked(net, caller, "backend", 80) for _ in range(20)}
    assert answers == {b"v1"}


async def test_all_ready_endpoints_are_used(net: Network) -> None:
    caller, one, two = (joined(net, name) for name in "abc")
    net.store.create(service("backend", "10.96.3.3"))
    net.store.create(endpoint_slice("backend", {one.ip: True, two.ip: True}))
    async with says(one.program(80), b"1"), says(two.program(80), b"2"):
        answers = {await asked(net, caller, "backend", 80) for _ in range(40)}
    assert answers == {b"1", b"2"}


async def test_client_affinity_keeps_a_caller_at_one_endpoint(net: Network) -> None:
    caller, one, two = (joined(net, name) for name in "abc")
    net.store.create(service("backend", "10.96.3.3", sessionAffinity="ClientIP"))
    net.store.create(endpoint_slice("backend", {one.ip: True, two.ip: True}))
    async with says(one.program(80), b"1"), says(two.program(80), b"2"):
        answers = {await asked(net, caller, "backend", 80) for _ in range(20)}
    assert len(answers) == 1


async def test_a_service_without_a_ready_endpoint_refuses(net: Network) -> None:
    caller = joined(net, "a")
    net.store.create(service("backend", "10.96.3.3"))
    with pytest.raises(Refused):
        await asked(net, caller, "backend", 80)


async def test_a_port_that_the_service_has_not_never_answers(net: Network) -> None:
    caller = joined(net, "a")
    net.store.create(service("backend", "10.96.3.3"))
    with pytest.raises(TimedOut):
        await net.connect(caller, "backend", 8080, 0.01)


async def test_a_proxied_pods_question_for_somebody_else_names_nobody_and_is_reset(
    net: Network,
) -> None:
    caller = joined(net, "a", is_proxied=True)
    net.store.create(service("backend", "10.96.3.3"))
    for host, port in (("93.184.216.34", 443), ("backend", 8080), ("192.168.49.2", 22)):
        heard: list[bytes] = []
        async with says(caller.outbound, b"", heard):
            with pytest.raises(ConnectionResetError):
                await asked(net, caller, host, port)
        assert heard[0][20:24] == socket.inet_aton("240.0.0.1")
        assert int.from_bytes(heard[0][26:28], "big") == port


async def test_a_port_on_which_nothing_listens_refuses(net: Network) -> None:
    caller, other = joined(net, "a"), joined(net, "b")
    with pytest.raises(Refused):
        await asked(net, caller, other.ip, 80)


async def test_a_programs_socket_that_was_left_behind_refuses(net: Network) -> None:
    caller, other = joined(net, "a"), joined(net, "b")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(other.program(80)))
    with pytest.raises(Refused):
        await asked(net, caller, other.ip, 80)


async def test_a_name_that_nobody_has_does_not_resolve(net: Network) -> None:
    with pytest.raises(NoSuchHost):
        await asked(net, joined(net, "a"), "example.com", 80)


async def test_the_real_world_does_not_answer(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NO_ROUTE_S", 0.0)
    caller = joined(net, "a")
    with socket.create_server(("127.0.0.1", 0)) as real:
        port = real.getsockname()[1]
        with pytest.raises(Unreachable):
            await net.connect(caller, "93.184.216.34", port, 1)
        with pytest.raises(Refused):
            await net.connect(caller, "127.0.0.1", port, 1)


async def test_an_address_of_the_pods_range_that_no_pod_has_is_unreachable(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NO_ROUTE_S", 0.0)
    with pytest.raises(Unreachable):
        await net.connect(joined(net, "a"), "10.244.0.99", 80, 1)


async def test_localhost_and_its_own_address_are_the_pods_own_programs(net: Network) -> None:
    caller = joined(net, "a", is_proxied=True)
    async with says(caller.program(80), b"me"), says(caller.outbound, b"Envoy"):
        assert await asked(net, caller, "localhost", 80) == b"me"
        assert await asked(net, caller, "127.0.0.1", 80) == b"me"
        assert await asked(net, caller, caller.ip, 80) == b"me"
        assert await asked(net, caller, caller.pod, 80) == b"me"


async def test_a_proxied_pods_connection_goes_to_its_sidecar_with_both_addresses(
    net: Network,
) -> None:
    caller = joined(net, "a", is_proxied=True)
    net.store.create(service("backend", "10.96.3.3"))
    heard: list[bytes] = []
    async with says(caller.outbound, b"Envoy", heard):
        assert await asked(net, caller, "backend", 80) == b"Envoy"
    header = heard[0]
    assert header[:16] == b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c"
    assert header[16:24] == socket.inet_aton(caller.ip) + socket.inet_aton("10.96.3.3")
    assert int.from_bytes(header[26:28], "big") == 80
    assert len(header) == 28


async def test_what_the_sidecars_own_user_sends_is_not_captured(net: Network) -> None:
    caller = joined(net, "a", is_proxied=True)
    other = joined(net, "b", is_proxied=True)
    async with says(caller.outbound, b"Envoy"), says(other.inbound(80), b"its sidecar"):
        assert await asked(net, caller, other.ip, 80, is_captured=False) == b"its sidecar"


async def test_a_proxied_pod_without_a_running_sidecar_reaches_nothing(net: Network) -> None:
    caller = joined(net, "a", is_proxied=True)
    net.store.create(service("backend", "10.96.3.3"))
    with pytest.raises(Refused):
        await asked(net, caller, "backend", 80)


async def test_the_nodes_port_leads_to_the_service(net: Network) -> None:
    gateway = joined(net, "gateway")
    net.store.create(service("gateway", "10.96.3.9", type="NodePort"))
    net.store.create(endpoint_slice("gateway", {gateway.ip: True}))
    async with says(gateway.program(80), b"hello"):
        assert await asked(net, None, NODE_IP, 30080) == b"hello"
    with pytest.raises(Refused):
        await asked(net, None, NODE_IP, 30081)


async def test_a_balancers_address_leads_to_the_service(net: Network) -> None:
    caller, gateway = joined(net, "a"), joined(net, "gateway")
    made = service("gateway", "10.96.3.9", type="LoadBalancer")
    made["status"] = {"loadBalancer": {"ingress": [{"ip": "10.96.3.99"}]}}
    net.store.create(made)
    net.store.create(endpoint_slice("gateway", {gateway.ip: True}))
    async with says(gateway.program(80), b"hello"):
        assert await asked(net, caller, "10.96.3.99", 80) == b"hello"


async def test_sockets_are_all_unix_sockets(net: Network) -> None:
    place = joined(net, "a")
    async with says(place.program(80), b"x"):
        reader, writer = await net.connect(None, place.ip, 80, 1)
        family = writer.get_extra_info("socket").family
        assert family == socket.AF_UNIX
        assert Path(writer.get_extra_info("peername")).is_relative_to(net.folder)
        await reader.read()
        writer.close()
        await asyncio.wait_for(writer.wait_closed(), 1)
