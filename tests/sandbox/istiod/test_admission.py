"""What Istio's webhook refuses: held against what a real one said to the same objects."""

import json
from pathlib import Path

import pytest

from app.sandbox.istiod.admission import limit, refuse
from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.istiod.admission.refusal import CHECKS
from app.sandbox.istiod.install import Profiles
from app.sandbox.objects import Obj
from app.sandbox.registry.ask import Ask
from app.sandbox.status import StatusError
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store

# Said by Istio 1.31 on 2026-11-23 to `kubectl create --dry-run=server`
REAL: dict[str, Obj] = json.loads(Path(__file__).with_name("refusals.json").read_text())


@pytest.fixture(scope="module")
def installed() -> Store:
    store = Store(Kinds())
    for component in Profiles([]).components("demo", {}):
        for obj in component.objects:
            store.create(obj)
    return store


@pytest.mark.parametrize("case", sorted(REAL))
def test_an_object_is_taken_or_refused_with_istios_words(case: str, installed: Store) -> None:
    ask = Ask()
    obj, wanted = REAL[case]["object"], REAL[case]["refusal"]
    assert isinstance(obj, dict)
    if not wanted:
        refuse(obj, installed, ask, is_working=True)
    else:
        with pytest.raises(StatusError) as refused:
            refuse(obj, installed, ask, is_working=True)
        told = 'admission webhook "validation.istio.io" denied the request: '
        assert refused.value.message.rstrip("\n") == f"{told}{wanted}"
        assert (refused.value.code, refused.value.reason) == (400, "")
    assert ask.warnings == REAL[case]["warnings"]


def test_everything_is_taken_while_no_istiod_runs(installed: Store) -> None:
    obj = REAL["vs-noroutes"]["object"]
    assert isinstance(obj, dict)
    refuse(obj, installed, Ask(), is_working=False)


def test_everything_is_taken_where_istio_is_not_installed() -> None:
    obj = REAL["vs-noroutes"]["object"]
    assert isinstance(obj, dict)
    refuse(obj, Store(Kinds()), Ask(), is_working=True)


def test_a_kind_that_is_not_emulated_is_refused_honestly() -> None:
    entry: Obj = {"apiVersion": "networking.istio.io/v1", "kind": "WorkloadEntry"}
    with pytest.raises(StatusError, match="does not emulate WorkloadEntry"):
        limit(entry, Ask(), frozenset)


def test_what_has_no_effect_is_said() -> None:
    ask = Ask()
    spec: Obj = {"host": "b", "trafficPolicy": {"loadBalancer": {"simple": "PASSTHROUGH"}}}
    rule: Obj = {"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "spec": spec}
    limit(rule, ask, frozenset)
    assert ask.warnings == [
        "the sandbox does not emulate loadBalancer.simple: PASSTHROUGH: it has no effect here"
    ]


@pytest.mark.parametrize(
    ("kind", "spec", "said"),
    [
        ("RequestAuthentication", {"jwtRules": [{"jwksUri": "https://a/b"}]}, ["reaches no other"]),
        ("RequestAuthentication", {"jwtRules": [{"jwksUri": "https://a/b", "jwks": "{}"}]}, []),
        ("AuthorizationPolicy", {"action": "CUSTOM", "provider": {"name": "a"}}, ["asks no ext"]),
        ("AuthorizationPolicy", {"action": "CUSTOM", "provider": {"name": "b"}}, []),
    ],
)
def test_what_only_others_could_answer_is_said(kind: str, spec: Obj, said: list[str]) -> None:
    ask = Ask()
    obj: Obj = {"apiVersion": "security.istio.io/v1", "kind": kind, "spec": spec}
    limit(obj, ask, lambda: frozenset({"a"}))
    assert len(ask.warnings) == len(said)
    assert all(part in told for part, told in zip(said, ask.warnings, strict=True))


# What a cluster's schema refuses before; istioctl says it of files. Said by Istio 1.31's
# validators.
BEFORE: dict[str, tuple[str, Obj]] = {
    "service entry must have at least one host": ("ServiceEntry", {"resolution": "STATIC"}),
    "invalid host *": ("ServiceEntry", {"hosts": ["*"], "resolution": "STATIC"}),
    "mesh/namespace peer authentication cannot have port level mTLS": (
        "PeerAuthentication",
        {"portLevelMtls": {"80": {"mode": "DISABLE"}}},
    ),
    "destination is required": (
        "VirtualService",
        {"hosts": ["b"], "http": [{"route": [{"weight": 1}]}]},
    ),
    "port is required": ("Gateway", {"servers": [{"hosts": ["*"]}]}),
}


@pytest.mark.parametrize("said", BEFORE)
def test_what_a_schema_would_refuse_has_istios_words_too(said: str) -> None:
    kind, spec = BEFORE[said]
    found = Findings()
    CHECKS[kind]({"kind": kind, "metadata": {"name": "x", "namespace": "n"}, "spec": spec}, found)
    assert found.errors == [said]
