"""The algebra of sets of fields."""

from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.registry.fields.sets import Set, difference, intersection, paths, union

STEPS = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'v:"y"'])
PLACES = st.sets(st.lists(STEPS, min_size=1, max_size=3).map(tuple), max_size=6)


def tree_of(places: set[tuple[str, ...]]) -> Set:
    """Return the set that holds these places."""
    found: Set = None
    for place in places:
        one: Set = {}
        for step in reversed(place):
            one = {step: one}
        found = union(found, one)
    return found


@given(PLACES, PLACES)
def test_they_keep_the_laws_of_sets(one: set[tuple[str, ...]], two: set[tuple[str, ...]]) -> None:
    assert union(tree_of(one), tree_of(two)) == tree_of(one | two)
    assert difference(tree_of(one), tree_of(two)) == tree_of(one - two)
    assert intersection(tree_of(one), tree_of(two)) == tree_of(one & two)


def test_places_are_written_as_the_server_writes_them() -> None:
    tree: Set = {
        "f:spec": {
            'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:name": {}},
            "f:args": {'v:"x"': {}},
        }
    }
    assert list(paths(tree)) == [
        '.spec.args[="x"]',
        '.spec[port=80,protocol="TCP"]',
        '.spec[port=80,protocol="TCP"].name',
    ]
