"""A real cluster's reader, at the border where it asks the API server."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from fakes import FakePrograms

from app.clusters import reader
from app.clusters.answer import Answer
from app.clusters.objects import Object
from app.clusters.reader import KubeCluster

CRD = {"kind": "PartialObjectMetadata", "metadata": {"name": "gateways.networking.istio.io"}}


class StrictServer:
    """Answers as a real one: who asks for a list of names gets no single object, and vice versa."""

    def __init__(self, _kubeconfig: Path) -> None:
        pass

    async def request(
        self, _method: str, path: str, _query: object = (), headers: Mapping[str, str] | None = None
    ) -> Answer:
        is_list = path.endswith("customresourcedefinitions")
        accept = (headers or {}).get("Accept", "")
        if is_list != ("PartialObjectMetadataList" in accept):
            return Answer(406, Object({"reason": "NotAcceptable"}))
        return Answer(200, Object({"items": [CRD]} if is_list else CRD))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> KubeCluster:
    monkeypatch.setattr(reader, "_load_api", lambda: StrictServer)
    return KubeCluster(Path("kubeconfig"), FakePrograms())


async def test_of_a_kind_with_long_contents_only_names_are_asked_for(cluster: KubeCluster) -> None:
    found = await cluster.get("CustomResourceDefinition", "gateways.networking.istio.io")
    assert found is not None
    assert found.kind == "CustomResourceDefinition"
    assert [each.name for each in await cluster.list("CustomResourceDefinition")] == [found.name]
