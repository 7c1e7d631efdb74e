"""What keeps one pod from being ready."""

import pytest
from mesh_objects import JUST_NOW, LONG_AGO, NOW, READY, Raw, condition, crashed, pod, waiting

from app.checks.trouble import Trouble, trouble
from app.clusters.objects import Object

UNSCHEDULABLE = condition("PodScheduled", "False", "0/1 nodes are available: 1 Insufficient cpu.")


def seen(made: Raw) -> Trouble | None:
    return trouble(Object(made), NOW)


def told(made: Raw) -> Trouble:
    found = seen(made)
    assert found is not None
    return found


def test_an_image_that_cannot_be_pulled_is_told_with_container_and_registrys_words() -> None:
    words = "failed to resolve reference: not found"
    finding = told(pod("backend", status=waiting("ImagePullBackOff", words)))
    assert finding.reason == "image"
    for part in ("registry/backend", "container backend", words):
        assert part in finding.text


def test_the_image_of_a_native_sidecar_is_looked_at_as_well() -> None:
    broken = pod("backend", status=waiting("PodInitializing"))
    proxy: Raw = {"name": "istio-proxy", **waiting("ErrImagePull", "no such host")}
    broken["status"]["initContainerStatuses"] = [proxy]  # type: ignore[index,call-overload]
    finding = told(broken)
    assert finding.reason == "image"
    assert "container istio-proxy" in finding.text


def test_a_crash_is_told_with_exit_code_last_words_and_log() -> None:
    finding = told(pod("backend", status=crashed(2, "flag provided but not defined")))
    assert finding.reason == "crash"
    assert "exit code 2; restarted 3 times" in finding.text
    assert "flag provided but not defined" in finding.text
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
def test_a_crash_is_told_by_its_kind(status: Raw, words: str) -> None:
    finding = told(pod("backend", status=status))
    assert finding.reason == "crash"
    assert words in finding.text


def test_a_container_that_looks_ready_between_two_crashes_is_not() -> None:
    """Without a readiness probe a crashing container is ready for as long as it lives."""
    running: Raw = {"state": {"running": {"startedAt": JUST_NOW}}, "ready": True}
    assert told(pod("backend", status=crashed(3, **running))).reason == "crash"


def test_a_container_that_crashed_once_and_runs_since_passes() -> None:
    running: Raw = {"state": {"running": {"startedAt": LONG_AGO}}, "ready": True}
    assert seen(pod("backend", status=crashed(3, **running))) is None


def test_a_cluster_whose_clock_is_ahead_is_not_taken_for_a_crash() -> None:
    running: Raw = {"state": {"running": {"startedAt": "2026-11-23T12:05:00Z"}}, "ready": True}
    assert seen(pod("backend", status=crashed(3, **running))) is None


def test_a_pod_without_a_node_is_told_in_the_schedulers_words() -> None:
    finding = told(pod("backend", conditions=[UNSCHEDULABLE]))
    assert finding.reason == "no-resources"
    assert "1 Insufficient cpu" in finding.text


def test_a_pod_that_is_not_ready_yet_is_told_with_container_and_time() -> None:
    since = condition("Ready", "False", since=JUST_NOW)
    finding = told(pod("backend", status={**READY, "ready": False}, conditions=[since]))
    assert finding.reason == "not-ready"
    assert "is 1/2 (Running) for 2 s: container backend is not ready yet" in finding.text
