"""A pod as kubectl's table shows it."""

import pytest
from mesh_objects import READY, Raw, crashed, pod, waiting

from app.clusters.objects import Object
from app.clusters.pods import has_sidecar, readiness, restarts, status_word, table


@pytest.mark.parametrize(
    ("made", "ready"),
    [
        (pod("a", sidecar="none"), "1/1"),
        (pod("a", sidecar="ordinary"), "2/2"),
        (pod("a", sidecar="native"), "2/2"),
        (pod("a", status=waiting("ContainerCreating")), "1/2"),
        (pod("a", status={"ready": True, "state": {"terminated": {"exitCode": 0}}}), "1/2"),
    ],
)
def test_ready_counts_native_sidecars_too(made: Raw, ready: str) -> None:
    assert str(readiness(Object(made))) == ready


def test_an_init_container_that_ends_is_not_counted() -> None:
    made = pod("a", sidecar="none", spec={"initContainers": [{"name": "istio-init"}]})
    assert str(readiness(Object(made))) == "1/1"


@pytest.mark.parametrize("sidecar", ["ordinary", "native"])
def test_a_sidecar_is_known_by_its_name(sidecar: str) -> None:
    assert has_sidecar(Object(pod("a", sidecar=sidecar)))
    assert not has_sidecar(Object(pod("a", sidecar="none")))


STARTING: Raw = {"ready": False, "state": {"running": {}}}


@pytest.mark.parametrize(
    ("made", "starters", "word"),
    [
        (pod("a"), None, "Running"),
        (pod("a", status=waiting("ImagePullBackOff")), None, "ImagePullBackOff"),
        (pod("a", status=crashed(1)), None, "CrashLoopBackOff"),
        (pod("a", metadata={"deletionTimestamp": "2026-11-23T12:00:00Z"}), None, "Terminating"),
        (pod("a"), [STARTING, READY], "Init:0/2"),
        (pod("a"), [{"state": {"terminated": {"exitCode": 0}}}, STARTING], "Init:1/2"),
        (pod("a"), [waiting("ErrImagePull")], "Init:ErrImagePull"),
        (pod("a"), [waiting("PodInitializing")], "Init:0/1"),
    ],
)
def test_the_status_is_the_one_kubectl_prints(
    made: Raw, starters: list[Raw] | None, word: str
) -> None:
    if starters is not None:
        made["status"]["initContainerStatuses"] = starters  # type: ignore[index,call-overload,assignment]
    assert status_word(Object(made)) == word


def test_restarts_are_those_of_all_containers() -> None:
    assert restarts(Object(pod("a", status=crashed(1)))) == 3


def test_no_pods_are_told_as_kubectl_tells_it() -> None:
    assert table([]) == "No resources found."
