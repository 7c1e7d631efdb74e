"""Which labels and objects a selector chooses, and what is said of a broken one."""

import pytest

from app.sandbox.registry.selectors import matcher_of, parse, parse_fields
from app.sandbox.status import StatusError
from app.sandbox.store.kinds import Kinds

LABELS = {"app": "web", "tier": "front", "version": "2"}


@pytest.mark.parametrize(
    ("written", "chosen"),
    [
        ("app=web", True),
        ("app==web", True),
        ("app = web , tier = front", True),
        ("app=other", False),
        ("app!=other", True),
        ("missing!=other", True),
        ("app", True),
        ("missing", False),
        ("!missing", True),
        ("!app", False),
        ("app in (web, api)", True),
        ("app in (api)", False),
        ("app notin (api),tier in (front)", True),
        ("missing notin (api)", True),
        ("version>1", True),
        ("version<2", False),
        ("app=", False),
        ("", True),
    ],
)
def test_a_written_selector_chooses(written: str, chosen: bool) -> None:
    assert parse(written)(LABELS) is chosen


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in x", "unable to parse requirement: found 'x' expected: '('"),
        ("a=b,", "found '', expected: identifier after ','"),
        ("a=b,,", "found ',', expected: identifier after ','"),
        ("a in (x", "found '', expected: ',' or ')'"),
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        ("a>b", "the value must be an integer"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a=-", "a valid label must be an empty string or consist of"),
    ],
)
def test_a_broken_selector_is_refused(written: str, said: str) -> None:
    with pytest.raises(StatusError) as refused:
        parse(written)
    assert refused.value.code == 400
    assert said in refused.value.message


def test_an_object_selector_wants_all_that_it_says() -> None:
    selector = {
        "matchLabels": {"app": "web"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["front", "back"]},
            {"key": "old", "operator": "DoesNotExist"},
        ],
    }
    assert matcher_of(selector)(LABELS)
    assert not matcher_of(selector)({**LABELS, "old": ""})
    assert matcher_of({})({})


def test_fields_choose_what_their_kind_allows() -> None:
    pods = Kinds().get("pods")
    assert pods
    pod = {"metadata": {"name": "a", "namespace": "b"}, "status": {"phase": "Running"}}
    assert parse_fields("metadata.name=a,status.phase!=Pending", pods)(pod)
    assert not parse_fields("status.phase=Pending", pods)(pod)
    with pytest.raises(StatusError, match="field label not supported: spec"):
        parse_fields("spec.foo=x", pods)
