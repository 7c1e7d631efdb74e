"""OpenAPI documents: whole, described, and what clients look for in them."""

from app.sandbox.objects import Obj, at, items, table, text, words
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.store.kinds import Kinds, kind_of_crd

CONTAINER = "io.k8s.api.core.v1.Container"


def schemas() -> Schemas:
    kinds = Kinds()
    loaded = Schemas.load(kinds)
    for crd in loaded.crds():
        kinds.add(kind_of_crd(crd))
    return loaded


def component(document: Obj, name: str) -> Obj:
    found = table(document, "components.schemas").get(name)
    assert isinstance(found, dict)
    return found


def references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(part) for part in node.values()))
    if isinstance(node, list):
        return set[str]().union(*(references(part) for part in node))
    return set()


def test_every_reference_leads_somewhere() -> None:
    loaded = schemas()
    for group_version in ("v1", "apps/v1", "networking.istio.io/v1beta1"):
        document = loaded.openapi(group_version)
        assert document is not None
        known = {f"#/components/schemas/{name}" for name in table(document, "components.schemas")}
        assert references(document) - known == set()


def test_a_patch_may_ask_for_fields_to_be_checked() -> None:
    document = schemas().openapi("apps/v1")
    path = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
    patch = _at(document, path, "patch")
    assert "fieldValidation" in [text(one, "name") for one in items(patch, "parameters")]
    content = table(patch, "requestBody.content")
    assert "application/strategic-merge-patch+json" in content


def _at(document: Obj | None, path: str, verb: str) -> Obj:
    found = table(document, "paths").get(path)
    return table(found, verb)


def test_a_custom_resource_has_no_strategic_merge() -> None:
    document = schemas().openapi("networking.istio.io/v1")
    path = "/apis/networking.istio.io/v1/namespaces/{namespace}/virtualservices/{name}"
    content = table(_at(document, path, "patch"), "requestBody.content")
    assert "application/merge-patch+json" in content
    assert "application/strategic-merge-patch+json" not in content


def test_a_type_is_described_and_its_words_are_told() -> None:
    document = schemas().openapi("v1")
    assert document is not None
    policy = at(component(document, CONTAINER), "properties.imagePullPolicy")
    assert words(policy, "enum") == ["Always", "IfNotPresent", "Never"]
    assert text(policy, "description").startswith("Image pull policy.")


def test_istios_fields_are_described_in_our_words() -> None:
    document = schemas().openapi("networking.istio.io/v1")
    assert document is not None
    routes = component(document, "io.istio.networking.v1.VirtualService")
    weight = at(routes, "properties.spec.properties.http.items.properties.route.items")
    assert text(weight, "properties.weight.description").startswith("The share of the requests")


def test_a_group_that_is_not_there_has_no_document() -> None:
    assert Schemas.load().openapi("networking.istio.io/v1") is None
