"""The checks that send traffic, on the real cluster: verdicts, causes, and how long they take."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest
import yaml

from app.checks.kind import Context
from app.checks.kinds import KINDS
from app.checks.result import Finding
from app.clusters.installed import InstalledPrograms
from app.clusters.kinds import kind_of, path_of
from app.clusters.kubeconfig import kubeconfig_paths, read_kubeconfig, write_minified
from app.clusters.objects import Json
from app.clusters.pods import readiness
from app.clusters.probes import ProbePods
from app.clusters.reader import KubeCluster
from app.commands.environment import find_programs
from app.commands.model import Environment
from app.commands.runner import Runner

pytestmark = pytest.mark.cluster

SPACE = "mesh-dojo-traffic"
URL = f"http://backend.{SPACE}/"

WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {app}, version: {version}}}}}
  template:
    metadata: {{labels: {{app: {app}, version: {version}}}}}
    spec:
      containers: [{{name: app, image: {image}, args: {args}, ports: [{{containerPort: {port}}}]}}]
"""
APP = "\n---\n".join(
    WORKLOAD.format(name=name, app=app, version=v, replicas=n, image=image, args=args, port=port)
    for name, app, v, n, image, args, port in (
        ("backend", "backend", "v1", 2, "hashicorp/http-echo", "[-text=one]", 5678),
        ("backend-v2", "backend", "v2", 1, "hashicorp/http-echo", "[-text=one]", 5678),
        ("httpbin", "httpbin", "v1", 2, "mccutchen/go-httpbin", "[]", 8080),
    )
)
SERVICES = "\n---\n".join(
    f"{{kind: Service, metadata: {{name: {name}}}, spec: "
    f"{{selector: {{app: {name}}}, ports: [{{port: 80, targetPort: {port}}}]}}}}"
    for name, port in (("backend", 5678), ("httpbin", 8080))
)


class Mesh:
    """A namespace of the mesh with the course's workloads, and the checks that look at it."""

    def __init__(self, cluster: KubeCluster, context: Context) -> None:
        self.cluster = cluster
        self._context = context

    async def apply(self, kind: str, name: str, spec: Json) -> None:
        """Make an object, or make it anew."""
        await self.remove(kind, name)
        where = kind_of(kind)
        body: dict[str, Json] = {
            "apiVersion": f"{where.group}/{where.versions[0]}" if where.group else "v1",
            "kind": kind,
            "metadata": {"name": name},
            "spec": spec,
        }
        path = path_of(where, where.versions[0], SPACE)
        answer = await self.cluster.send("POST", path, body)
        assert answer.status == 201, answer.message

    async def remove(self, kind: str, name: str) -> None:
        where = kind_of(kind)
        await self.cluster.send("DELETE", path_of(where, where.versions[0], SPACE, name))

    async def check(self, kind: str, **params: object) -> Finding:
        """Return what a check of this namespace finds."""
        return await KINDS[kind].bind({"namespace": SPACE, **params})(self._context)


@pytest.fixture(scope="module")
async def mesh(istio: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mesh]:
    folder = tmp_path_factory.mktemp("traffic")
    config = read_kubeconfig(kubeconfig_paths(None, os.environ))
    kubeconfig = write_minified(config, config.choose(), folder / "cluster")
    environment = Environment(kubeconfig, find_programs())
    async with Runner() as runner:
        cluster = KubeCluster(kubeconfig, InstalledPrograms(runner, environment))
        probes = await ProbePods(cluster).ensure()
        labels: dict[str, Json] = {"istio-injection": "enabled"}
        space: dict[str, Json] = {"metadata": {"name": SPACE, "labels": labels}}
        await cluster.send("POST", "/api/v1/namespaces", space)
        found = Mesh(cluster, Context(cluster, probes.inside, probes.outside))
        for item in yaml.safe_load_all(APP + "\n---\n" + SERVICES):
            await found.apply(item["kind"], item["metadata"]["name"], item["spec"])
        await _until_ready(cluster, 5)
        yield found
        await cluster.send("DELETE", f"/api/v1/namespaces/{SPACE}")
        await cluster.close()


async def _until_ready(cluster: KubeCluster, count: int) -> None:
    ready: set[str] = set()
    async for change in cluster.watch(["Pod"], SPACE):
        if change.object is not None and readiness(change.object).is_all:
            ready.add(change.object.name)
        if len(ready) == count:
            return


def speaks(*targets: Mapping[str, Json], host: str = "backend", **route: Json) -> Json:
    return {"hosts": [host], "http": [{"route": [dict(each) for each in targets], **route}]}


def split(v1: int, v2: int) -> Json:
    return speaks(
        {"destination": {"host": "backend", "subset": "v1"}, "weight": v1},
        {"destination": {"host": "backend", "subset": "v2"}, "weight": v2},
    )


def subsets(labels: Sequence[str] = ("v1", "v2"), **spec: Json) -> Json:
    parts: Json = [
        {"name": name, "labels": {"version": label}}
        for name, label in zip(("v1", "v2"), labels, strict=True)
    ]
    return {"host": "backend", "subsets": parts, **spec}


NINETY_TEN = {"host": "backend", "weights": {"v1": 90, "v2": 10}}


async def test_the_split_check_tells_right_from_each_wrong(mesh: Mesh) -> None:
    reasons = [(await mesh.check("weights", **NINETY_TEN)).reason]
    await mesh.apply("VirtualService", "backend", split(90, 10))
    reasons.append((await mesh.check("weights", **NINETY_TEN)).reason)
    for labels in (("v1", "v3"), ("v2", "v1"), ("v1", "v2")):
        await mesh.apply("DestinationRule", "backend", subsets(labels))
        reasons.append((await mesh.check("weights", **NINETY_TEN)).reason)
    await mesh.apply("VirtualService", "backend", split(80, 20))
    reasons.append((await mesh.check("weights", **NINETY_TEN)).reason)
    assert reasons == [
        "no-virtualservice",
        "unknown-subset",
        "empty-subset",
        "wrong-labels",
        "ok",
        "wrong-weights",
    ]
    await mesh.apply("VirtualService", "backend", split(90, 10))
    assert (await mesh.check("weights", **NINETY_TEN)).passed


async def test_all_to_one_subset_and_back_is_seen_at_once(mesh: Mesh) -> None:
    await mesh.apply("DestinationRule", "backend", subsets())
    for v1, v2 in ((0, 100), (50, 50), (100, 0)):
        await mesh.apply("VirtualService", "backend", split(v1, v2))
        finding = await mesh.check("weights", host="backend", weights={"v1": v1, "v2": v2})
        assert finding.passed, finding.message


async def test_a_fault_on_the_way_is_told_as_errors(mesh: Mesh) -> None:
    await mesh.apply("DestinationRule", "backend", subsets())
    fault: Json = {"abort": {"httpStatus": 503, "percentage": {"value": 50}}}
    broken = split(90, 10)
    broken["http"][0]["fault"] = fault  # type: ignore[index,call-overload]
    await mesh.apply("VirtualService", "backend", broken)
    assert (await mesh.check("weights", **NINETY_TEN)).reason == "errors"


async def test_mutual_tls_is_told_and_each_gap_is_named(mesh: Mesh) -> None:
    await mesh.remove("VirtualService", "backend")
    await mesh.apply("DestinationRule", "backend", subsets())
    strict: Json = {"mtls": {"mode": "STRICT"}}
    only: Json = {"matchLabels": {"app": "backend"}}
    assert (await mesh.check("mtls", url=URL)).reason == "no-policy"
    await mesh.apply("PeerAuthentication", "default", strict)
    assert (await mesh.check("mtls", url=URL)).passed
    reasons = []
    for exception in (
        {"selector": only, "mtls": {"mode": "PERMISSIVE"}},
        {"selector": only, "portLevelMtls": {"5678": {"mode": "DISABLE"}}},
    ):
        await mesh.apply("PeerAuthentication", "backend", exception)  # type: ignore[arg-type]
        reasons.append((await mesh.check("mtls", url=URL)).reason)
    await mesh.remove("PeerAuthentication", "backend")
    off = subsets(trafficPolicy={"tls": {"mode": "DISABLE"}})
    await mesh.apply("DestinationRule", "backend", off)
    reasons.append((await mesh.check("mtls", url=URL)).reason)
    await mesh.apply("DestinationRule", "backend", subsets())
    reasons.append((await mesh.check("mtls", url=URL)).reason)
    await mesh.apply("PeerAuthentication", "default", {"mtls": {"mode": "PERMISSIVE"}})
    reasons.append((await mesh.check("mtls", url=URL)).reason)
    await mesh.remove("PeerAuthentication", "default")
    assert reasons == ["workload-override", "port-override", "client-tls-off", "ok", "wrong-mode"]


async def test_attempts_are_counted_at_the_endpoints(mesh: Mesh) -> None:
    url = f"http://httpbin.{SPACE}/status/503"
    asked = {"url": url, "host": "httpbin", "attempts": 4}
    assert (await mesh.check("attempts", **asked)).reason == "no-retries"
    retries: Json = {"attempts": 3, "perTryTimeout": "2s", "retryOn": "5xx"}
    route = speaks({"destination": {"host": "httpbin"}}, host="httpbin", retries=retries)
    await mesh.apply("VirtualService", "httpbin", route)
    assert (await mesh.check("route", host="httpbin", attempts=3)).passed
    finding = await mesh.check("attempts", **asked)
    assert finding.passed, finding.message
    await mesh.remove("VirtualService", "httpbin")


async def test_a_failing_pod_is_seen_out_and_back(mesh: Mesh) -> None:
    asked = {"host": "httpbin", "consecutive_5xx": 3, "base_ejection_s": 3}
    assert (await mesh.check("ejection", **asked)).reason == "no-outlier-detection"
    outliers: Json = {
        "consecutive5xxErrors": 3,
        "interval": "1s",
        "baseEjectionTime": "3s",
        "maxEjectionPercent": 50,
    }
    rule: Json = {"host": "httpbin", "trafficPolicy": {"outlierDetection": outliers}}
    await mesh.apply("DestinationRule", "httpbin", rule)
    finding = await mesh.check("ejection", **asked)
    assert finding.passed, finding.message
    await mesh.remove("DestinationRule", "httpbin")
