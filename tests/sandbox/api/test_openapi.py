"""The index of OpenAPI documents, and which of them are kept."""

import json

from app.sandbox.api.openapi import Documents, index
from app.sandbox.objects import at, table, text
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.store.kinds import Kinds, kind_of_crd


def test_the_index_names_a_document_for_each_group_and_version() -> None:
    paths = table(index(Kinds()), "paths")
    assert {"api/v1", "apis/apps/v1", "apis/batch/v1"} <= set(paths)
    assert "apis/networking.istio.io/v1" not in paths


def test_an_address_changes_when_a_kind_comes_and_when_its_crd_changes() -> None:
    kinds = Kinds()
    schemas = Schemas.load(kinds)
    crd = next(one for one in schemas.crds() if at(one, "spec.names.kind") == "Gateway")

    def address() -> str:
        paths = table(index(kinds), "paths")
        return text(paths.get("apis/networking.istio.io/v1"), "serverRelativeURL")

    seen = [address()]
    for version in ("1", "2"):
        meta = {**table(crd, "metadata"), "resourceVersion": version}
        kinds.add(kind_of_crd({**crd, "metadata": meta}))
        seen.append(address())
    assert seen[0] == ""
    assert len(set(seen)) == 3


def test_a_document_is_made_once_and_again_when_its_kinds_change() -> None:
    kinds = Kinds()
    schemas = Schemas.load(kinds)
    documents = Documents(schemas)
    assert documents.body("apps/v1") is documents.body("apps/v1")
    assert documents.body("networking.istio.io/v1") is None
    for crd in schemas.crds():
        kinds.add(kind_of_crd(crd))
    body = documents.body("networking.istio.io/v1")
    assert body is not None
    assert "io.istio.networking.v1.Gateway" in json.loads(body)["components"]["schemas"]
