"""A VirtualService leaves rules to others: both ask, and what is at odds is left out."""

import pytest

from app.sandbox.istiod.delegation import resolved
from app.sandbox.objects import Json, Obj, at, items


def _source(name: str, http: list[Json], namespace: str = "a", **spec: Json) -> Obj:
    meta: Obj = {"name": name, "namespace": namespace}
    return {"metadata": meta, "spec": {"http": http, **spec}}


def _rules(root: Obj, *others: Obj) -> list[Obj]:
    [whole] = resolved([_source("root", [root], hosts=["web"]), *others])
    return items(whole, "spec.http")


def test_both_matches_are_asked_for_and_settings_are_inherited() -> None:
    theirs = _source("theirs", [{"match": [{"uri": {"exact": "/a/b"}}], "name": "t"}])
    root: Obj = {
        "name": "r",
        "match": [{"uri": {"prefix": "/a"}, "headers": {"x": {"exact": "1"}}}],
        "timeout": "1s",
        "delegate": {"name": "theirs"},
    }
    [rule] = _rules(root, theirs)
    both: Obj = {"uri": {"exact": "/a/b"}, "headers": {"x": {"exact": "1"}}}
    assert rule == {"name": "r-t", "match": [both], "timeout": "1s"}


@pytest.mark.parametrize("uri", [{"prefix": "/"}, {"exact": "/b"}, {"regex": "/a.*"}])
def test_a_rule_that_asks_for_something_else_is_left_out(uri: Json) -> None:
    theirs = _source("theirs", [{"match": [{"uri": uri}]}])
    root: Obj = {"match": [{"uri": {"prefix": "/a"}}], "delegate": {"name": "theirs"}}
    assert _rules(root, theirs) == []


def test_destinations_stay_those_of_the_other_namespace() -> None:
    to: Json = [{"route": [{"destination": {"host": "web"}}]}]
    root: Obj = {"delegate": {"name": "theirs", "namespace": "b"}}
    [rule] = _rules(root, _source("theirs", to, "b"))
    assert at(rule, "route.0.destination.host") == "web.b.svc.cluster.local"
    assert _rules(root, _source("theirs", to, "b", exportTo=["."])) == []


def test_what_is_left_to_nobody_is_left_out() -> None:
    assert _rules({"delegate": {"name": "nobody"}}) == []
