"""A sandbox begins with another's objects, and with pods that have not lived yet."""

import json
from pathlib import Path

import pytest

from app.clusters.beginning import SNAPSHOT, begin_as
from app.errors import StoreUnavailable

POD = {
    "kind": "Pod",
    "metadata": {"name": "backend-1"},
    "spec": {"nodeName": "mesh-dojo"},
    "status": {
        "phase": "Running",
        "qosClass": "Burstable",
        "startTime": "2026-12-01T12:00:00Z",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": "app", "restartCount": 3, "state": {"running": {}}}],
        "initContainerStatuses": [],
    },
}
SERVICE = {"kind": "Service", "metadata": {"name": "backend"}, "status": {"loadBalancer": {}}}


def test_pods_begin_anew_and_everything_else_stays(tmp_path: Path) -> None:
    kept = {"format": 1, "version": 77, "objects": [POD, SERVICE, {"kind": "Pod"}]}
    (tmp_path / SNAPSHOT).write_text(json.dumps(kept))
    begin_as(tmp_path, tmp_path / "new" / "sandbox")
    file = tmp_path / "new" / "sandbox" / SNAPSHOT
    begun = json.loads(file.read_text())
    status = {"phase": "Pending", "qosClass": "Burstable"}
    assert begun == {**kept, "objects": [{**POD, "status": status}, SERVICE, {"kind": "Pod"}]}
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", [None, "", "{}", "[]"])
def test_a_snapshot_that_cannot_be_used_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / SNAPSHOT).write_text(content)
    with pytest.raises(StoreUnavailable, match="cannot be prepared"):
        begin_as(tmp_path, tmp_path / "sandbox")
