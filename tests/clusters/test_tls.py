"""An API server over TLS that stops in the middle: said in bounded time, and left behind."""

import asyncio
import ssl
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from empty_cluster import EmptyCluster, named
from fakes import FakePrograms

from app.clusters.api import Api
from app.clusters.live import LiveView
from app.clusters.reader import KubeCluster
from app.clusters.watching import Pace
from app.errors import ClusterUnavailable

TOTAL_S: Final = 0.3  # instead of ten seconds: what a request may take
SOON_S: Final = 5.0  # on a busy machine; it only tells ending from hanging
QUICK: Final = Pace(break_s=0.1, retry_s=0.02, appear_s=0.02, pulse_s=0.1)
A_DAY: Final = timedelta(days=1)


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the test's cluster")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - A_DAY)
        .not_valid_after(datetime.now(UTC) + A_DAY)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(0x7F000001))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "tls.crt").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return folder / "tls.crt", folder / "tls.key"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmptyCluster]:
    """A cluster that answers over TLS."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*certificate(tmp_path))
    found = EmptyCluster(tls)
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
async def cluster(
    server: EmptyCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[KubeCluster]:
    """The reader of that cluster, which trusts its certificate and nobody else's."""
    monkeypatch.setitem(Api.request.__kwdefaults__, "total_s", TOTAL_S)
    trusted = b64encode((tmp_path / "tls.crt").read_bytes()).decode()
    entry = {"server": server.address, "certificate-authority-data": trusted}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "tls",
        "clusters": [{"name": "tls", "cluster": entry}],
        "users": [{"name": "tls", "user": {"token": "a-token-of-nobody"}}],
        "contexts": [{"name": "tls", "context": {"cluster": "tls", "user": "tls"}}],
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(document))
    found = KubeCluster(tmp_path / "kubeconfig", FakePrograms(), QUICK)
    yield found
    async with asyncio.timeout(SOON_S):
        await found.close()


async def test_an_answer_that_stops_in_the_middle_is_said_in_time_and_the_next_one_read(
    cluster: KubeCluster, server: EmptyCluster
) -> None:
    assert await cluster.version() == "v1.35.0"
    server.stop_in_the_middle()
    began = time.monotonic()
    async with asyncio.timeout(SOON_S):
        with pytest.raises(ClusterUnavailable, match="does not answer in time"):
            await cluster.list("Namespace")
    assert time.monotonic() - began >= TOTAL_S
    await server.start()
    assert [each.name for each in await cluster.list("Namespace")] == ["mesh-demo"]


async def test_an_answer_that_breaks_off_in_the_middle_is_said_at_once(
    cluster: KubeCluster, server: EmptyCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Api.request.__kwdefaults__, "total_s", SOON_S * 2)
    server.stop_in_the_middle()
    asking = asyncio.create_task(cluster.list("Namespace"))
    async with asyncio.timeout(SOON_S):
        await server.is_in_the_middle.wait()
        server.break_off()
        with pytest.raises(ClusterUnavailable, match="cannot be reached"):
            await asking


async def test_a_handshake_that_is_never_answered_is_said_in_time(
    cluster: KubeCluster, server: EmptyCluster
) -> None:
    port = int(server.address.rpartition(":")[2])
    await server.stop()
    taken: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: taken.append(writer), "127.0.0.1", port)
    async with asyncio.timeout(SOON_S):
        with pytest.raises(ClusterUnavailable, match="does not answer in time"):
            await cluster.version()
    silent.close()
    for writer in taken:
        writer.transport.abort()


async def test_the_live_view_says_that_it_stopped_and_goes_on_when_it_is_well(
    cluster: KubeCluster, server: EmptyCluster
) -> None:
    live = LiveView(cluster, ["Pod", "Service"], reconnect_s=0.02)
    async with asyncio.timeout(SOON_S * 2), live.open(["mesh-demo"]) as look:
        assert (await look.complete()).broken_since is None
        changes = look.changes()
        server.stop_in_the_middle()
        while look.snapshot().broken_since is None:
            await anext(changes)
        server.objects["pods"] = [named("backend", "mesh-demo")]
        await server.start()
        while look.snapshot().broken_since or not look.snapshot().of("Pod"):
            await anext(changes)
    assert [each.name for each in look.snapshot().of("Pod")] == ["backend"]
