"""What istiod tells a real istioctl: of itself by HTTP, of its proxies by discovery over TLS."""

import asyncio
import json
import ssl
import struct
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sandbox.istiod.meshed import meshed

from app.sandbox.istiod.debug import (
    SYNCZ,
    DebugService,
    Proxy,
    answer,
    configuration,
    page,
    synchronization,
)
from app.sandbox.istiod.identities import Authority
from app.sandbox.objects import items, text
from app.sandbox.proxy import http1
from app.sandbox.proxy.frames import DATA, END_HEADERS, HEADERS, PREFACE, SETTINGS
from app.sandbox.proxy.protobuf import block, fields_of

pytestmark = pytest.mark.anyio
ALL = {"CDS": "SYNCED", "EDS": "STALE", "LDS": "SYNCED", "RDS": "SYNCED"}
PROXIES = [
    Proxy("way-1", "istio-system", "istiod-1", {"CDS": "SYNCED"}, kind="router"),
    Proxy("b-1", "demo", "istiod-1", ALL),
]
GAP_S = 5.0


def _connected() -> list[Proxy]:
    return PROXIES


def _fields(data: bytes, number: int) -> list[bytes]:
    return [value for key, value in fields_of(data) if key == number and isinstance(value, bytes)]


def _frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + body


def _message(body: bytes) -> bytes:
    return _frame(DATA, 0, 1, b"\0" + struct.pack(">I", len(body)) + body)


@pytest.mark.parametrize("target", ["/version", "//version"])
def test_a_version_is_in_three_parts_as_istioctl_takes_it_apart(target: str) -> None:
    status, _, body = answer(target, _connected)
    assert (status, body.decode().split("-")) == (200, ["1.31.0", "sandbox", "Clean"])


def test_proxies_are_told_in_order_with_their_kinds() -> None:
    status, kind, body = answer("//debug/syncz", _connected)
    assert (status, kind) == (200, "application/json")
    told = [(each["proxy"], each["proxy_type"], each["istio_version"]) for each in json.loads(body)]
    assert told == [
        ("b-1.demo", "sidecar", "1.31.0"),
        ("way-1.istio-system", "router", "1.31.0"),
    ]


def test_what_is_not_there_is_not_found() -> None:
    assert answer("/debug/endpointz", _connected)[0] == 404


def test_a_synchronization_names_istiod_and_each_type_with_its_state() -> None:
    said = synchronization(PROXIES, "istiod-1")
    [who] = _fields(_fields(said, 6)[0], 1)
    assert json.loads(who)["ID"] == "istiod-1"
    assert _fields(said, 4) == [SYNCZ.encode()]
    client = _fields(_fields(said, 2)[0], 2)[0]
    assert _fields(_fields(client, 1)[0], 1) == [b"b-1.demo"]
    states = [dict(fields_of(each)) for each in _fields(client, 3)]
    kinds = [bytes(each[1]).decode().rpartition(".")[2] for each in states if each[1]]
    assert kinds == ["Cluster", "ClusterLoadAssignment", "Listener", "RouteConfiguration"]
    assert [each[6] for each in states] == [1, 3, 1, 1]


@pytest.fixture
async def client() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    service = DebugService("istiod-1", _connected)
    with tempfile.TemporaryDirectory(prefix="dbg") as folder:
        socket = Path(folder) / "s"
        await service.start(socket, Authority.new().issue("istio-system", "istiod"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # as the real istioctl does
        context.set_alpn_protocols(["h2"])
        reader, writer = await asyncio.open_unix_connection(
            str(socket), ssl=context, server_hostname="istiod"
        )
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        writer.write(PREFACE + _frame(SETTINGS, 0, 0, b"") + _frame(HEADERS, END_HEADERS, 1, b""))
        yield reader, writer
        writer.close()
        await service.close()


async def _answered(reader: asyncio.StreamReader) -> bytes:
    """Return the body of the next frame of data."""
    while True:
        head = await asyncio.wait_for(reader.readexactly(9), GAP_S)
        body = await reader.readexactly(int.from_bytes(head[:3], "big"))
        if head[3] == DATA:
            return body[5:]


async def test_discovery_answers_a_question_with_a_nonce_and_no_acknowledgement(
    client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = client
    asked = block(4, SYNCZ.encode())
    writer.write(_message(asked + block(5, b"2026-11-23 18:30:00")))
    first = await _answered(reader)
    assert first == synchronization(PROXIES, "istiod-1")
    [nonce] = _fields(first, 5)
    writer.write(_message(asked + block(5, nonce)))  # were it answered, two would come now
    writer.write(_message(block(4, b"istio.io/debug/other")))
    rest = await asyncio.wait_for(reader.read(), GAP_S)
    assert SYNCZ.encode() not in rest
    assert b"grpc-status\x0212" in rest


async def test_a_dump_of_secrets_alone_has_them_as_the_real_istioctl_asks() -> None:
    async with meshed() as mesh:
        app = await mesh.app("b", {"app": "b"})
        path = "//config_dump?mask=dynamic_active_secrets,dynamic_warming_secrets"
        [config] = items(await mesh.dump(app.place, path), "configs")
    names = [text(each, "name") for each in items(config, "dynamic_active_secrets")]
    assert names == ["default", "ROOTCA"]


async def test_a_running_istiod_tells_of_its_proxies_on_its_port() -> None:
    async with meshed() as mesh:
        await mesh.app("b", {"app": "b"})
        istiod = mesh.network.places.of("istiod-uid")
        assert istiod is not None
        status, body = await http1.ask(istiod.program(15014), "GET", "//debug/syncz")
    assert (status, [each["proxy"] for each in json.loads(body)]) == (200, ["b.demo"])


async def test_what_a_proxy_should_have_is_told_as_its_envoy_has_it() -> None:
    async with meshed() as mesh:
        app = await mesh.app("b", {"app": "b"})
        mesh.service("b", "http")
        await mesh.settled()
        [proxy] = await mesh.istiod.connected()
        told = configuration([proxy], "b.demo", "istiod-1")
        own = await mesh.dump(app.place, "/config_dump")
    clusters, listeners, routes = (_fields(each, 2)[0] for each in _fields(told, 2))
    for part, number, kind, at in (
        (clusters, 3, "dynamic_active_clusters", "cluster.name"),
        (listeners, 3, "dynamic_listeners", "active_state.listener.name"),
        (routes, 3, "dynamic_route_configs", "route_config.name"),
    ):
        names = [text(each, at) for config in items(own, "configs") for each in items(config, kind)]
        held = b"".join(_fields(part, number))
        assert names
        assert all(name.encode() in held for name in names), kind
        assert len(_fields(part, number)) == len(names), kind
    assert b"virtualInbound" in listeners
    assert str(app.place.folder).encode() not in told, "a socket's path is shown to nobody"


def test_a_proxy_that_is_not_connected_has_no_configuration() -> None:
    assert _fields(configuration(PROXIES, "nobody.demo", "istiod-1"), 2) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("list", b'["clusterz", "syncz"]'),
        ("clusterz", b'"syncStatus": "synced"'),
        ("nothing", b"404 page not found"),
    ],
)
def test_a_debug_page_is_told_by_discovery_too(name: str, said: bytes) -> None:
    assert said in _fields(_fields(page(name, _connected, "istiod-1"), 2)[0], 2)[0]
