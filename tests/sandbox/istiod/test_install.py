"""An installation is what a real istioctl makes: held against its recorded objects."""

import json
from pathlib import Path

import pytest

from app.sandbox.istiod.install import Profiles, RefusedSetting, UnknownProfile
from app.sandbox.objects import Obj, items, labels_of, name_of, namespace_of, table, text, words

RECORDED = Path(__file__).parents[2] / "recorded"
KINDS = ("Deployment", "Service", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
         "ClusterRole", "ClusterRoleBinding")  # fmt: skip


CONTAINERS = "spec.template.spec.containers"


def _installed(profile: str = "demo", **settings: str) -> dict[tuple[str, str], Obj]:
    parts = Profiles([]).components(profile, settings)
    return {(text(obj, "kind"), name_of(obj)): obj for part in parts for obj in part.objects}


def _recorded() -> dict[tuple[str, str], Obj]:
    found = {}
    for pool in RECORDED.glob("*/objects.json"):
        for obj in json.loads(pool.read_text()).values():
            marks = labels_of(obj)
            is_ours = marks.get("app.kubernetes.io/part-of") == "istio"
            if text(obj, "kind") in KINDS and is_ours and "istio-cni" not in name_of(obj):
                found[text(obj, "kind"), name_of(obj)] = obj
    return found


REAL = _recorded()


@pytest.mark.parametrize("key", sorted(REAL), ids="/".join)
def test_an_object_has_the_real_ones_name_and_labels(key: tuple[str, str]) -> None:
    made, real = _installed()[key], REAL[key]
    assert namespace_of(made) == namespace_of(real)
    assert _labels(made) == _labels(real)


@pytest.mark.parametrize("name", sorted(name for kind, name in REAL if kind == "Deployment"))
def test_a_deployment_has_the_real_ones_pods(name: str) -> None:
    made, real = _installed()["Deployment", name], REAL["Deployment", name]
    where = "spec.template.spec.containers"
    [ours], [theirs] = items(made, where), items(real, where)
    assert text(ours, "name") == text(theirs, "name")
    assert words(ours, "args") == words(theirs, "args")
    assert text(ours, "image") == text(theirs, "image").removesuffix("-bed")
    ports = [[each["containerPort"] for each in items(one, "ports")] for one in (ours, theirs)]
    assert ports[0] == ports[1]
    assert table(made, "spec.selector") == table(real, "spec.selector")
    assert _labels(table(made, "spec.template")) == _labels(table(real, "spec.template"))


@pytest.mark.parametrize("name", sorted(name for kind, name in REAL if kind == "Service"))
def test_a_service_has_the_real_ones_ports(name: str) -> None:
    made, real = _installed()["Service", name], REAL["Service", name]
    keys = ("name", "port", "targetPort")
    ports = [
        [tuple(each.get(key) for key in keys) for each in items(one, "spec.ports")]
        for one in (made, real)
    ]
    assert ports[0] == ports[1]
    assert table(made, "spec.selector") == table(real, "spec.selector")


def test_profiles_differ_in_their_gateways() -> None:
    deployments = {
        profile: sorted(name for kind, name in _installed(profile) if kind == "Deployment")
        for profile in ("demo", "default", "minimal", "empty")
    }
    assert deployments == {
        "demo": ["istio-egressgateway", "istio-ingressgateway", "istiod"],
        "default": ["istio-ingressgateway", "istiod"],
        "minimal": ["istiod"],
        "empty": [],
    }


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(UnknownProfile, match="dmeo"):
        _installed("dmeo")


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(RefusedSetting, match=r"values\.foo=bar"):
        _installed("demo", **{"values.foo": "bar"})


def test_a_setting_of_the_mesh_is_kept() -> None:
    said = _installed("demo", **{"meshConfig.outboundTrafficPolicy.mode": "REGISTRY_ONLY"})
    assert "mode: REGISTRY_ONLY" in text(said["ConfigMap", "istio"], "data.mesh")


def _labels(obj: Obj) -> dict[str, str]:
    return {key: value.removesuffix("-bed") for key, value in labels_of(obj).items()}


@pytest.mark.parametrize("profile", ["demo", "default"])
def test_the_values_hold_what_the_real_istioctl_reads(profile: str) -> None:
    made = _installed(profile)["ConfigMap", "istio-sidecar-injector"]
    values = json.loads(text(made, "data.values"))
    assert (values["global"]["hub"], values["global"]["tag"]) == ("docker.io/istio", "1.31.0")
    assert values["sidecarInjectorWebhook"]["enableNamespacesByDefault"] is False
    image = text(items(_installed(profile)["Deployment", "istiod"], CONTAINERS)[0], "image")
    assert image == f"{values['global']['hub']}/pilot:{values['global']['tag']}"
