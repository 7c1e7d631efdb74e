"""version and proxy-status tell of the control plane and of the proxies that it has."""

import json
from pathlib import Path

import pytest
from sandbox.istioctl.bench import FakeMesh, call, lab_of

from app.sandbox.istioctl.lab import VERSION, Lab
from app.sandbox.istiod.debug import Proxy
from app.sandbox.objects import Obj

RECORDED = Path(__file__).parents[2] / "recorded"
ISTIOD = "istiod-6bcf744c46-fxkx9"
SYNCED = dict.fromkeys(("LDS", "CDS", "RDS", "EDS"), "SYNCED")
NO_ROUTES = dict.fromkeys(("CDS", "LDS", "EDS"), "SYNCED")
DUMP = {
    "configs": [
        {
            "@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump",
            "dynamic_route_configs": [{"last_updated": "2026-11-23T16:46:28.123Z"}],
        }
    ]
}


def pod(name: str, namespace: str, app: str, *containers: str) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"app": app, "istio.io/rev": "default"},
        },
        "spec": {"containers": [{"name": each} for each in containers]},
        "status": {"phase": "Running"},
    }


def recorded(lesson: str, line: str) -> str:
    return str(json.loads((RECORDED / lesson / "commands.json").read_text())[line][1])


def lab(**types: dict[str, str]) -> Lab:
    """Return a mesh with a control plane and the recorded proxies of the course."""
    lines = recorded("two-services", "istioctl proxy-status").splitlines()[1:]
    names = [line.split()[0].rpartition(".")[::2] for line in lines]
    proxies = [
        Proxy(
            name,
            namespace,
            ISTIOD,
            types.get(name, NO_ROUTES if namespace == "istio-system" else SYNCED),
            version="1.31.0-bed",
        )
        for name, namespace in names
    ]
    pods = [
        pod(name, space, "x", *(["istio-proxy"] if "gateway" in name else ["app", "istio-proxy"]))
        for name, space in names
    ]
    answers = {f"{n}.{space}//config_dump": json.dumps(DUMP).encode() for n, space in names}
    control = pod(ISTIOD, "istio-system", "istiod", "discovery")
    return lab_of([control, *pods], mesh=FakeMesh(proxies[::-1], answers))


async def test_proxy_status_has_the_columns_and_the_order_of_the_real_one() -> None:
    said = await call(lab(), "proxy-status")
    assert said.stdout == recorded("two-services", "istioctl proxy-status")


async def test_proxy_status_of_a_namespace_leaves_the_others_out() -> None:
    said = await call(lab(), "ps", "-n", "mesh-demo")
    assert [line.split()[0].partition(".")[2] for line in said.stdout.splitlines()[1:]] == [
        "mesh-demo"
    ] * 3


async def test_proxy_status_shows_every_type_when_asked_for_more() -> None:
    said = await call(lab(), "ps", "-v", "1", "-n", "istio-system")
    head, first, *_ = (line.split() for line in said.stdout.splitlines())
    assert head == ["NAME", "CLUSTER", "CDS", "ECDS", "EDS", "LDS", "RDS", "ISTIOD", "VERSION"]
    assert first[2:7] == ["SYNCED", "IGNORED", "SYNCED", "SYNCED", "IGNORED"]


async def test_proxy_status_as_json_names_each_proxys_types() -> None:
    said = await call(lab(), "ps", "-o", "json", "-n", "mesh-dojo-probe")
    (client,) = json.loads(said.stdout)["resources"]
    assert client["node"]["id"] == "probe.mesh-dojo-probe"
    assert [each["configStatus"] for each in client["genericXdsConfigs"]] == ["SYNCED"] * 4


async def test_one_pods_status_compares_it_with_what_was_pushed() -> None:
    said = await call(lab(), "ps", "probe.mesh-dojo-probe")
    assert said.stdout == (
        "Clusters Match\nListeners Match\n"
        "Routes Match (RDS last loaded at Mon, 23 Nov 2026 16:46:28 UTC)\n"
    )


async def test_a_proxy_that_took_no_routes_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(DUMP["configs"][0], "dynamic_route_configs")
    said = await call(lab(), "ps", "probe.mesh-dojo-probe")
    assert said.stdout.splitlines()[-1] == "Routes Match"


async def test_one_pod_that_has_refused_its_routes_does_not_match() -> None:
    said = await call(lab(probe={**SYNCED, "RDS": "NACKED"}), "ps", "probe.mesh-dojo-probe")
    assert "Clusters Match\n" in said.stdout
    assert "Routes Don't Match (RDS last loaded at " in said.stdout
    assert "does not show the difference" in said.stderr
    said = await call(lab(probe={**SYNCED, "RDS": "NACKED"}), "ps", "-v", "1")
    assert "ERROR" in said.stdout
    assert "NACKED" not in said.stdout


async def test_version_counts_the_proxies() -> None:
    said = await call(lab(), "version")
    assert said.stdout == (
        f"client version: {VERSION}\ncontrol plane version: {VERSION}\n"
        "data plane version: 1.31.0-bed (6 proxies)\n"
    )


async def test_version_as_json_has_the_parts_of_the_real_one() -> None:
    told = json.loads((await call(lab(), "version", "-o", "json")).stdout)
    assert list(told) == ["clientVersion", "meshVersion", "dataPlaneVersion"]
    assert list(told["clientVersion"]) == [
        "version",
        "revision",
        "golang_version",
        "status",
        "tag",
    ]
    assert {each["Type"] for each in told["dataPlaneVersion"]} == {"sidecar", "gateway"}


@pytest.mark.parametrize("form", ["-o=json", "-o=yaml", "--short=false", "--short"])
async def test_version_without_a_mesh_tells_of_the_client_alone(form: str) -> None:
    said = await call(lab_of([]), "version", form)
    assert VERSION in said.stdout
    assert "control plane" not in said.stdout
    assert said.stderr.startswith("Istio is not present in the cluster: no running Istio pods in")


async def test_the_proxys_loggers_are_asked_for_and_set() -> None:
    levels = b"active loggers:\n  admin: warning\n  rbac: warning\n"
    answers = {
        "probe.mesh-dojo-probe//logging": levels,
        "probe.mesh-dojo-probe//logging?rbac=debug": b"active loggers:\n  rbac: debug\n",
    }
    sandbox = lab_of([pod("probe", "mesh-dojo-probe", "x")], mesh=FakeMesh(answers=answers))
    said = await call(sandbox, "pc", "log", "probe.mesh-dojo-probe")
    assert said.stdout == f"probe.mesh-dojo-probe:\n{levels.decode()}"
    said = await call(sandbox, "pc", "log", "probe.mesh-dojo-probe", "--level", "rbac:debug")
    assert "rbac: debug" in said.stdout
    said = await call(sandbox, "pc", "log", "probe.mesh-dojo-probe", "--level", "rbac:loud")
    assert (said.stderr, said.code) == ("Error: unrecognized logging level: loud\n", 1)
    said = await call(sandbox, "pc", "log", "probe.mesh-dojo-probe", "--level", "nobody:debug")
    assert (said.stderr, said.code) == ("Error: unrecognized logger name: nobody\n", 1)
    said = await call(sandbox, "pc", "log", "-n", "mesh-dojo-probe", "--selector", "app=nobody")
    assert (said.stderr, said.code) == ("Error: no pods found\n", 1)
    said = await call(sandbox, "pc", "log", "probe.mesh-dojo-probe", "-r", "--level", "debug")
    assert said.stderr.endswith("Error: --level cannot be combined with --reset\n")
