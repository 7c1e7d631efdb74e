"""What is in force for a host: the oldest VirtualService, and DestinationRules merged."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.checks.inforce import destination_rules, full_name, oldest_first, virtual_services
from app.clusters.objects import Json, Object

HOST = "backend.mesh-demo.svc.cluster.local"
START = datetime(2026, 11, 23, tzinfo=UTC)


def made(kind: str, name: str, second: int, spec: dict[str, Json]) -> Object:
    stamp = (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata: Json = {"name": name, "namespace": "mesh-demo", "creationTimestamp": stamp}
    return Object({"kind": kind, "metadata": metadata, "spec": spec})


def speaker(name: str, second: int, hosts: list[str], **spec: Json) -> Object:
    return made("VirtualService", name, second, {"hosts": list(hosts), **spec})


def rule(name: str, second: int, policy: str, subsets: list[str]) -> Object:
    spec: dict[str, Json] = {"host": "backend"}
    spec["subsets"] = [{"name": each, "labels": {"from": name}} for each in subsets]
    if policy:
        spec["trafficPolicy"] = {"loadBalancer": {"simple": policy}}
    return made("DestinationRule", name, second, spec)


NAMES = st.text("abc", min_size=1, max_size=3)
SECONDS = st.integers(0, 3)  # few, so that names often decide
SPEAKERS = st.lists(
    st.builds(speaker, NAMES, SECONDS, st.sampled_from([["backend"], [HOST], ["*"], ["other"]])),
    unique_by=lambda each: each.name,
    max_size=6,
)
RULES = st.lists(
    st.builds(
        rule,
        NAMES,
        SECONDS,
        st.sampled_from(["", "RANDOM"]),
        st.lists(st.sampled_from(["v1", "v2", "v3"]), unique=True),
    ),
    unique_by=lambda each: each.name,
    max_size=6,
)


@given(SPEAKERS, st.randoms())
def test_the_order_of_a_listing_does_not_matter(items: list[Object], chance: st.DataObject) -> None:
    shuffled = list(items)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = virtual_services(HOST, items, "probe")
    assert found == virtual_services(HOST, shuffled, "probe")


@given(SPEAKERS)
def test_nobody_older_names_the_host_than_the_winner(items: list[Object]) -> None:
    found = virtual_services(HOST, items, "probe")
    named = [each for each in items if set(each.texts("spec.hosts")) & {"backend", HOST}]
    if named:
        assert found[0] == oldest_first(named)[0]
    assert all("other" not in each.texts("spec.hosts") for each in found)


@given(RULES)
def test_every_subset_comes_from_the_oldest_rule_that_has_it(rules: list[Object]) -> None:
    merged = destination_rules(HOST, "mesh-demo", rules, "probe")
    for name in ("v1", "v2", "v3"):
        owners = [
            each
            for each in oldest_first(rules)
            if name in [part.text("name") for part in each.parts("spec.subsets")]
        ]
        assert (name in merged.subsets) == bool(owners)
        if owners:
            assert merged.subsets[name].labels == {"from": owners[0].name}


@given(RULES)
def test_the_policy_is_that_of_the_oldest_rule_that_has_one(rules: list[Object]) -> None:
    merged = destination_rules(HOST, "mesh-demo", rules, "probe")
    having = [each for each in oldest_first(rules) if each.at("spec.trafficPolicy") is not None]
    assert merged.policy_rule == (having[0] if having else None)


def test_a_rule_without_a_policy_leaves_room_for_a_younger_one() -> None:
    rules = [rule("versions", 0, "", ["v1"]), rule("breaker", 1, "RANDOM", [])]
    merged = destination_rules(HOST, "mesh-demo", rules, "probe")
    assert merged.policy_rule is not None
    assert merged.policy_rule.name == "breaker"


def test_one_for_gateways_alone_is_not_in_force_for_sidecars() -> None:
    assert not virtual_services(HOST, [speaker("a", 0, ["backend"], gateways=["g"])], "probe")
    both = speaker("a", 0, ["backend"], gateways=["g", "mesh"])
    assert virtual_services(HOST, [both], "probe") == [both]


def test_a_name_with_a_dot_is_taken_as_it_is() -> None:
    assert full_name("backend.mesh-demo", "mesh-demo") == "backend.mesh-demo"
    assert full_name("backend", "mesh-demo") == HOST
