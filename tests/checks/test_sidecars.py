"""2/2, and every cause that keeps a pod from it."""

import pytest
from fakes import FakeCluster
from mesh_objects import (
    JUST_NOW,
    LONG_AGO,
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


async def test_a_pod_that_should_stay_outside_the_mesh_may_have_no_sidecar() -> None:
    assert (await found(pod("backend", sidecar="none"), sidecar=False)).passed
    finding = await found(pod("backend"), sidecar=False)
    assert finding.reason == "in-the-mesh"
    assert "pod backend-1-a has a sidecar" in finding.message


@pytest.mark.parametrize("sidecar", ["native", "none"])
async def test_where_a_sidecar_does_not_matter_the_pod_must_only_be_ready(sidecar: str) -> None:
    assert (await found(pod("backend", sidecar=sidecar), sidecar=None)).passed
    broken = pod("backend", sidecar=sidecar, status=waiting("ErrImagePull"))
    assert (await found(broken, sidecar=None)).reason == "image"


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


async def test_an_image_that_cannot_be_pulled_is_told_with_container_and_registrys_words() -> None:
    words = "failed to resolve reference: not found"
    finding = await found(pod("backend", status=waiting("ImagePullBackOff", words)))
    assert finding.reason == "image"
    for part in ("registry/backend", "container backend", words):
        assert part in finding.message


async def test_the_image_of_a_native_sidecar_is_looked_at_as_well() -> None:
    broken = pod("backend", status=waiting("PodInitializing"))
    proxy: Raw = {"name": "istio-proxy", **waiting("ErrImagePull", "no such host")}
    broken["status"]["initContainerStatuses"] = [proxy]  # type: ignore[index,call-overload]
    finding = await found(broken)
    assert finding.reason == "image"
    assert "container istio-proxy" in finding.message


async def test_a_crash_is_told_with_exit_code_last_words_and_log() -> None:
    finding = await found(pod("backend", status=crashed(2, "flag provided but not defined")))
    assert finding.reason == "crash"
    assert "exit code 2; restarted 3 times" in finding.message
    assert "flag provided but not defined" in finding.message
    assert finding.look == "kubectl logs backend-1-a -c backend -n mesh-demo --previous"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (crashed(0), "ended by itself with exit code 0"),
        (crashed(137, why="OOMKilled"), "more memory than its limit"),
        (crashed(137), "for want of memory"),
        (waiting("CreateContainerConfigError", 'configmap "x" not found'), 'configmap "x"'),
    ],
)
async def test_a_crash_is_told_by_its_kind(status: Raw, words: str) -> None:
    finding = await found(pod("backend", status=status))
    assert finding.reason == "crash"
    assert words in finding.message


async def test_a_container_that_looks_ready_between_two_crashes_is_not() -> None:
    """Without a readiness probe a crashing container is ready for as long as it lives."""
    running: Raw = {"state": {"running": {"startedAt": JUST_NOW}}, "ready": True}
    assert (await found(pod("backend", status=crashed(3, **running)))).reason == "crash"


async def test_a_container_that_crashed_once_and_runs_since_passes() -> None:
    running: Raw = {"state": {"running": {"startedAt": LONG_AGO}}, "ready": True}
    assert (await found(pod("backend", status=crashed(3, **running)))).passed


async def test_a_cluster_whose_clock_is_ahead_is_not_taken_for_a_crash() -> None:
    running: Raw = {"state": {"running": {"startedAt": "2026-11-23T12:05:00Z"}}, "ready": True}
    assert (await found(pod("backend", status=crashed(3, **running)))).passed


async def test_a_pod_without_a_node_is_told_in_the_schedulers_words() -> None:
    finding = await found(pod("backend", conditions=[UNSCHEDULABLE]))
    assert finding.reason == "no-resources"
    assert "1 Insufficient cpu" in finding.message


async def test_a_pod_that_is_not_ready_yet_is_told_with_container_and_time() -> None:
    since = condition("Ready", "False", since=JUST_NOW)
    finding = await found(pod("backend", status={**READY, "ready": False}, conditions=[since]))
    assert finding.reason == "not-ready"
    assert "is 1/2 (Running) for 2 s: container backend is not ready yet" in finding.message


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
