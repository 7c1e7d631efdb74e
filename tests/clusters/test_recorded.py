"""What is recorded of a cluster is what the recorded cluster says."""

import json

import pytest
from fakes import BrokenCluster, FakeCluster
from recorded import NotRecorded, RecordedCluster, RecordingCluster

from app.clusters.cluster import PodRef
from app.errors import ClusterUnavailable

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "a", "namespace": "n", "managedFields": [{"manager": "kubectl"}]},
}
REF = PodRef("n", "a", "curl")


async def test_a_recording_answers_as_the_cluster_did() -> None:
    cluster = FakeCluster([POD])
    cluster.says("curl", "hello\n")
    recording = RecordingCluster(cluster)
    assert await recording.get("Pod", "a", "n")
    assert await recording.get("Pod", "b", "n") is None
    assert [line async for line in recording.ask(REF, ["curl", "x"], timeout_s=1)]

    replayed = RecordedCluster(json.loads(recording.text()))

    found = await replayed.get("Pod", "a", "n")
    assert found is not None
    assert found.name == "a"
    assert found.at("metadata.managedFields") is None
    assert await replayed.get("Pod", "b", "n") is None
    lines = [line async for line in replayed.ask(REF, ["curl", "x"], timeout_s=1)]
    assert lines == ["hello", "\x00exit 0"]


async def test_answers_that_changed_are_replayed_in_their_order() -> None:
    cluster = FakeCluster()
    recording = RecordingCluster(cluster)
    await recording.list("Pod", "n")
    cluster.put(POD)
    await recording.list("Pod", "n")
    replayed = RecordedCluster(json.loads(recording.text()))
    counts = [len(await replayed.list("Pod", "n")) for _ in range(3)]
    assert counts == [0, 1, 1]


async def test_a_question_that_was_not_recorded_says_so() -> None:
    replayed = RecordedCluster(json.loads(RecordingCluster(FakeCluster()).text()))
    with pytest.raises(NotRecorded, match="list Pod n app=x"):
        await replayed.list("Pod", "n", "app=x")


async def test_an_error_is_replayed_as_the_same_error() -> None:
    recording = RecordingCluster(BrokenCluster())
    with pytest.raises(ClusterUnavailable):
        await recording.list("Pod")
    replayed = RecordedCluster(json.loads(recording.text()))
    with pytest.raises(ClusterUnavailable, match="refused"):
        await replayed.list("Pod")
