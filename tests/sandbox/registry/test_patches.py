"""What the three types of patches make of an object."""

import pytest

from app.sandbox.objects import Json, Obj
from app.sandbox.registry.patches import merge, operations, strategic
from app.sandbox.schemas.schemas import MergeRule
from app.sandbox.status import StatusError

POD: Obj = {
    "metadata": {"finalizers": ["a", "b"], "labels": {"app": "web", "old": "yes"}},
    "spec": {
        "containers": [{"name": "web", "image": "nginx:1"}, {"name": "side", "image": "envoy"}],
        "args": ["x"],
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
    },
}
KEYS = {("spec", "containers"): "name", ("metadata", "finalizers"): ""}


def rules(path: object) -> MergeRule:
    found = KEYS.get(tuple(path) if isinstance(path, list | tuple) else ())
    return MergeRule(found is not None, found or "")


def strategically(patch: Obj) -> Obj:
    return strategic.patched(POD, patch, rules)


def spec(made: Obj, field: str) -> Json:
    found = made["spec"]
    assert isinstance(found, dict)
    return found.get(field)


def test_a_list_with_keys_is_merged_and_another_replaced() -> None:
    made = strategically(
        {"spec": {"containers": [{"name": "web", "image": "nginx:2"}], "args": ["y"]}}
    )
    assert spec(made, "containers") == [
        {"name": "web", "image": "nginx:2"},
        {"name": "side", "image": "envoy"},
    ]
    assert spec(made, "args") == ["y"]
    assert spec(POD, "args") == ["x"]


def test_directives_delete_replace_and_retain() -> None:
    gone = strategically({"spec": {"containers": [{"name": "side", "$patch": "delete"}]}})
    assert spec(gone, "containers") == [{"name": "web", "image": "nginx:1"}]
    alone = strategically({"spec": {"containers": [{"$patch": "replace"}, {"name": "new"}]}})
    assert spec(alone, "containers") == [{"name": "new"}]
    kept = strategically({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}})
    assert spec(kept, "strategy") == {"type": "Recreate"}


def test_the_order_of_a_list_is_as_the_patch_wants_it() -> None:
    order: list[Json] = [{"name": "side"}, {"name": "new"}, {"name": "web"}]
    made = strategically(
        {"spec": {"$setElementOrder/containers": order, "containers": [{"name": "new"}]}}
    )
    found = spec(made, "containers")
    assert isinstance(found, list)
    assert [one["name"] for one in found if isinstance(one, dict)] == ["side", "new", "web"]


def test_single_values_go_from_a_list_and_come_to_it() -> None:
    made = strategically(
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"], "finalizers": ["c"]}}
    )
    assert made["metadata"] == {"finalizers": ["c", "b"], "labels": {"app": "web", "old": "yes"}}


def test_an_item_without_its_key_is_refused_in_go() -> None:
    with pytest.raises(StatusError) as refused:
        strategically({"spec": {"containers": [{"image": "x"}]}})
    assert (refused.value.code, refused.value.reason) == (500, "")
    assert refused.value.message == "map: map[image:x] does not contain declared merge key: name"


def test_a_merge_patch_takes_away_what_is_null() -> None:
    patch: Obj = {"metadata": {"labels": {"old": None}}, "new": {"a": None, "b": 1}}
    made = merge.patched(POD, patch)
    assert made["metadata"] == {"finalizers": ["a", "b"], "labels": {"app": "web"}}
    assert made["new"] == {"b": 1}


def done(*steps: Obj) -> Obj:
    return operations.patched({"a": {"b": [1, 2]}, "c/d": 1}, [*steps])


def test_json_operations_are_done_in_order() -> None:
    assert done(
        {"op": "add", "path": "/a/b/1", "value": 9},
        {"op": "add", "path": "/a/b/-", "value": 3},
        {"op": "remove", "path": "/a/b/0"},
        {"op": "replace", "path": "/c~1d", "value": 2},
        {"op": "test", "path": "/c~1d", "value": 2},
        {"op": "copy", "from": "/a/b", "path": "/x"},
        {"op": "move", "from": "/c~1d", "path": "/y"},
    ) == {"a": {"b": [9, 2, 3]}, "x": [9, 2, 3], "y": 2}


@pytest.mark.parametrize(
    "step",
    [
        {"op": "remove", "path": "/nope"},
        {"op": "replace", "path": "/nope", "value": 1},
        {"op": "test", "path": "/c~1d", "value": 7},
        {"op": "add", "path": "/a/b/9", "value": 1},
        {"op": "add", "path": "/nope/x", "value": 1},
        {"op": "paint", "path": "/a"},
        {"op": "remove", "path": "/a/b/-1"},
    ],
)
def test_an_operation_that_does_not_apply_is_refused(step: Obj) -> None:
    with pytest.raises(StatusError) as refused:
        done(step)
    assert refused.value.code == 422
    expected = "the server rejected our request due to an error in our request"
    assert refused.value.message == expected


def test_what_is_no_list_of_operations_is_refused() -> None:
    with pytest.raises(StatusError, match="error decoding patch: json: cannot unmarshal object"):
        operations.patched({}, {"op": "test"})
