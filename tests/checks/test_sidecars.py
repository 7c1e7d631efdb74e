"""2/2, and every cause that keeps a pod from it."""

import pytest
from fakes import FakeCluster
from mesh_objects import (
    JUST_NOW,
    READY,
    Raw,
    condition,
    crashed,
    deployment,
    injected,
    injector,
    named,
    namespace,
    pod,
    replica_set,
    waiting,
)
from verdicts import verdict

from app.checks.result import Finding

WANTED = {"namespace": "mesh-demo", "deployments": {"backend": 1}}
SPACE = injected("mesh-demo")
UNSCHEDULABLE = condition("PodScheduled", "False", "0/1 nodes are available: 1 Insufficient cpu.")


async def found(
    *pods: Raw, space: Raw = SPACE, backend: Raw | None = None, **wanted: object
) -> Finding:
    """What the check finds of one Deployment with these pods."""
    things = [space, injector(), backend or deployment("backend"), replica_set("backend"), *pods]
    return await verdict("sidecars", {**WANTED, **wanted}, FakeCluster(things))


@pytest.mark.parametrize("sidecar", ["native", "ordinary"])
async def test_a_pod_with_its_sidecar_passes(sidecar: str) -> None:
    finding = await found(pod("backend", sidecar=sidecar))
    assert finding.passed
    assert "2/2" in finding.message


async def test_a_missing_deployment_is_named_with_what_is_there_instead() -> None:
    finding = await found(deployments={"frontend": 1})
    assert finding.reason == "no-deployment"
    assert "holds backend" in finding.message


async def test_a_missing_namespace_is_said() -> None:
    finding = await verdict("sidecars", WANTED, FakeCluster())
    assert finding.reason == "no-deployment"
    assert "no namespace mesh-demo" in finding.message


async def test_one_of_that_name_in_a_namespace_of_another_purpose_is_no_mistake() -> None:
    cluster = FakeCluster([SPACE, deployment("backend", "shop")])
    finding = await verdict("sidecars", WANTED, cluster)
    assert finding.reason == "no-deployment"
    assert "(Namespace shop has one of that name.)" in finding.message


async def test_a_deployment_in_another_namespace_is_found_there() -> None:
    cluster = FakeCluster([SPACE, deployment("backend", "default")])
    finding = await verdict("sidecars", WANTED, cluster)
    assert finding.reason == "wrong-namespace"
    assert "it is in default" in finding.message


@pytest.mark.parametrize("replicas", [0, 1])
async def test_a_wrong_number_of_replicas_is_told_with_the_right_one(replicas: int) -> None:
    finding = await found(
        backend=deployment("backend", replicas=replicas), deployments={"backend": 2}
    )
    assert finding.reason == "replicas"
    assert f"ask for 2 replicas and asks for {replicas}" in finding.message


async def test_a_namespace_without_label_is_the_cause_of_a_bare_pod() -> None:
    finding = await found(pod("backend", sidecar="none"), space=namespace("mesh-demo"))
    assert finding.reason == "no-namespace-label"
    assert "carries no injection label" in finding.message


async def test_a_label_that_switches_injection_off_is_no_label() -> None:
    space = namespace("mesh-demo", {"istio-injection": "disabled"})
    finding = await found(pod("backend", sidecar="none"), space=space)
    assert finding.reason == "no-namespace-label"
    assert "switches injection off" in finding.message


async def test_a_bare_pod_in_a_labelled_namespace_came_before_the_label() -> None:
    finding = await found(pod("backend", sidecar="none"))
    assert finding.reason == "labelled-too-late"
    assert "after the pods" in finding.message


async def test_pods_that_came_before_the_label_do_not_count_once_new_ones_replace_them() -> None:
    going = {"deletionTimestamp": JUST_NOW}
    old = pod("backend", "z", sidecar="none", revision=0, metadata=going)
    assert (await found(pod("backend"), old)).passed


async def test_a_revision_that_is_not_installed_is_named_with_those_that_are() -> None:
    space = namespace("mesh-demo", {"istio.io/rev": "canary"})
    finding = await found(pod("backend", sidecar="none"), space=space)
    assert finding.reason == "revision-label"
    assert "istio.io/rev=canary" in finding.message
    assert "installed: default" in finding.message


async def test_without_istio_nothing_could_have_added_a_sidecar() -> None:
    bare = pod("backend", sidecar="none")
    things = [SPACE, deployment("backend"), replica_set("backend"), bare]
    finding = await verdict("sidecars", WANTED, FakeCluster(things))
    assert finding.reason == "no-injector"


@pytest.mark.parametrize("place", ["labels", "annotations"])
async def test_a_pod_that_switches_injection_off_says_where(place: str) -> None:
    off: Raw = {place: {"sidecar.istio.io/inject": "false"}}
    finding = await found(pod("backend", sidecar="none", metadata=off))
    assert finding.reason == "injection-off"
    assert f"{place.removesuffix('s')} sidecar.istio.io/inject=false" in finding.message


async def test_host_network_keeps_the_sidecar_away() -> None:
    finding = await found(pod("backend", sidecar="none", spec={"hostNetwork": True}))
    assert finding.reason == "host-network"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (pod("backend", status=waiting("ErrImagePull")), "image"),
        (pod("backend", status=crashed(2)), "crash"),
        (pod("backend", conditions=[UNSCHEDULABLE]), "no-resources"),
        (pod("backend", status={**READY, "ready": False}), "not-ready"),
    ],
)
async def test_what_keeps_a_pod_with_sidecar_from_being_ready_is_told(
    broken: Raw, reason: str
) -> None:
    assert (await found(broken)).reason == reason


async def test_pods_that_are_still_to_be_made_are_not_ready() -> None:
    finding = await found()
    assert finding.reason == "not-ready"
    assert "asks for 1 pod and has 0 so far" in finding.message


async def test_a_rollout_under_way_is_told_with_the_pods_that_are_still_to_go() -> None:
    things = [
        SPACE,
        injector(),
        deployment("backend"),
        replica_set("backend", 2),
        pod("backend", "old"),
    ]
    things += [replica_set("backend", 1), pod("backend", "new", revision=2)]
    finding = await verdict("sidecars", WANTED, FakeCluster(things))
    assert finding.reason == "not-ready"
    assert "backend-1-old" in finding.message


async def test_the_newest_replica_set_speaks_for_a_rollout_that_is_stuck() -> None:
    stuck = pod("backend", revision=2, status=waiting("ErrImagePull"))
    things = [SPACE, injector(), deployment("backend"), replica_set("backend", 1), pod("backend")]
    finding = await verdict(
        "sidecars", WANTED, FakeCluster([*things, replica_set("backend", 2), stuck])
    )
    assert finding.reason == "image"


@pytest.mark.parametrize(
    ("labels", "words"),
    [({}, "no such label"), ({"version": "v2"}, "has version: v2")],
)
async def test_a_version_label_that_subsets_need_is_asked_for(
    labels: dict[str, str], words: str
) -> None:
    backend = deployment("backend", labels=labels)
    finding = await found(pod("backend"), backend=backend, version={"backend": "v1"})
    assert finding.reason == "version-label"
    assert words in finding.message


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('failed calling webhook "namespace.sidecar-injector.istio.io": refused', "istiod"),
        ("pods is forbidden: exceeded quota: q", "quota"),
        ('violates PodSecurity "restricted:latest"', "pod security level"),
        ("something else", "refused it"),
    ],
)
async def test_pods_that_the_cluster_does_not_take_are_told_with_its_words(
    said: str, words: str
) -> None:
    refused = deployment("backend", conditions=[condition("ReplicaFailure", "True", said)])
    finding = await found(backend=refused)
    assert finding.reason == "rejected"
    assert words in finding.message
    assert said in finding.message


async def test_the_gravest_problem_of_several_deployments_is_told() -> None:
    things = [SPACE, injector(), deployment("frontend"), deployment("backend")]
    things += [replica_set("frontend"), replica_set("backend")]
    things += [pod("backend", status=waiting("ErrImagePull")), named("Pod", "stray", "mesh-demo")]
    wanted = {**WANTED, "deployments": {"frontend": 1, "backend": 1}}
    assert (await verdict("sidecars", wanted, FakeCluster(things))).reason == "image"


async def test_the_same_problem_of_several_deployments_is_told_once() -> None:
    wanted = {**WANTED, "deployments": {"frontend": 1, "backend": 1}}
    finding = await verdict("sidecars", wanted, FakeCluster([SPACE]))
    assert finding.message.endswith("The same goes for backend.")


async def test_the_pods_are_shown_as_kubectl_shows_them() -> None:
    finding = await found(pod("backend"))
    assert finding.evidence[0].text.splitlines() == [
        "NAME          READY   STATUS    RESTARTS",
        "backend-1-a   2/2     Running   0",
    ]


async def test_a_pod_that_should_be_outside_the_mesh_passes_without_a_sidecar() -> None:
    finding = await found(
        pod("backend", sidecar="none"), space=namespace("mesh-demo"), sidecar=False
    )
    assert finding.passed
    assert "without a sidecar" in finding.message


async def test_a_sidecar_on_a_pod_that_should_be_outside_the_mesh_is_told() -> None:
    finding = await found(pod("backend"), sidecar=False)
    assert finding.reason == "in-the-mesh"


@pytest.mark.parametrize("sidecar", ["native", "none"])
async def test_with_or_without_a_sidecar_a_running_pod_passes_where_both_will_do(
    sidecar: str,
) -> None:
    assert (await found(pod("backend", sidecar=sidecar), sidecar=None)).passed
