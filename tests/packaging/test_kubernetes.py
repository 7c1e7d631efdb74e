"""What the Kubernetes manifests promise: few rights, a fence around them, a careful pod."""

from typing import Any

import pytest
from overlays import OVERLAYS, Manifest, build

from app.clusters.probes import NAMESPACES
from app.commands.allowed.kinds import READABLE, SECRET, WRITABLE

WRITES = {"create", "update", "patch", "delete", "deletecollection"}


def one(manifests: list[Manifest], kind: str, name: str = "mesh-dojo") -> Manifest:
    return next(m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name)


def rules(manifests: list[Manifest]) -> list[dict[str, Any]]:
    return [rule for m in manifests if m["kind"] in ("Role", "ClusterRole") for rule in m["rules"]]


def granted(manifests: list[Manifest], verb: str) -> set[tuple[str, str]]:
    return {
        (group, resource)
        for rule in rules(manifests)
        if verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_builds_offline_and_holds_the_whole_site(overlay: str) -> None:
    kinds = {m["kind"] for m in build(overlay)}
    assert {"Namespace", "ServiceAccount", "Deployment", "Service", "ClusterRole"} <= kinds


def test_no_rule_has_a_wildcard() -> None:
    for rule in rules(build("k8s")):
        assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]], rule


def test_the_site_reads_no_secret_and_takes_no_right_of_others() -> None:
    for rule in rules(build("k8s")):
        assert "secrets" not in rule["resources"], rule
        assert not {"escalate", "bind", "impersonate"} & set(rule["verbs"]), rule
        assert "nonResourceURLs" not in rule


def test_only_the_sites_own_roles_are_bound() -> None:
    bindings = [m for m in build("k8s") if m["kind"].endswith("RoleBinding")]
    roles = {m["metadata"]["name"] for m in build("k8s") if m["kind"] == "ClusterRole"}
    assert {m["roleRef"]["name"] for m in bindings} == roles
    for binding in bindings:
        assert [(s["namespace"], s["name"]) for s in binding["subjects"]] == [
            ("mesh-dojo", "mesh-dojo")
        ]


def test_every_kind_that_a_command_may_change_can_be_changed_and_no_other() -> None:
    allowed = {(kind.group, kind.plural) for kind in WRITABLE}
    for verb in ("create", "patch", "delete"):
        whole = {r for r in granted(build("k8s"), verb) if "/" not in r[1]}
        assert whole == allowed, verb


def test_every_kind_that_a_command_may_show_can_be_read_but_for_secrets() -> None:
    shown = {(k.group, k.plural) for k in (*WRITABLE, *READABLE) if k.plural != "all"}
    assert shown - granted(build("k8s"), "list") == {(SECRET.group, SECRET.plural)}


def test_the_fence_covers_whatever_can_be_written() -> None:
    fence = one(build("k8s"), "ValidatingAdmissionPolicy", "mesh-dojo-namespaces")["spec"]
    (covered,) = fence["matchConstraints"]["resourceRules"]
    written = {group for verb in WRITES for group, _ in granted(build("k8s"), verb)}
    assert written <= set(covered["apiGroups"])
    assert (covered["resources"], covered["operations"]) == (["*/*"], ["*"])
    assert fence["failurePolicy"] == "Fail"


def test_the_fence_knows_the_namespaces_of_the_lessons_and_of_the_probes() -> None:
    fence = one(build("k8s"), "ValidatingAdmissionPolicy", "mesh-dojo-namespaces")["spec"]
    rule = fence["validations"][0]["expression"]
    for name in ("mesh-demo", "legacy", "default"):
        assert f"'{name}'" in rule
    assert "startsWith('mesh-dojo-')" in rule
    assert all(name.startswith("mesh-dojo-") for name in NAMESPACES)


def test_each_fence_stands_in_force() -> None:
    policies = [m for m in build("k8s") if m["kind"] == "ValidatingAdmissionPolicy"]
    bindings = [m for m in build("k8s") if m["kind"] == "ValidatingAdmissionPolicyBinding"]
    assert {p["metadata"]["name"] for p in policies} == {b["spec"]["policyName"] for b in bindings}
    assert all(b["spec"]["validationActions"] == ["Deny"] for b in bindings)
    account = "system:serviceaccount:mesh-dojo:mesh-dojo"
    assert all(account in p["spec"]["matchConditions"][0]["expression"] for p in policies)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_pod_is_nobody_and_writes_nowhere_but_to_its_data(overlay: str) -> None:
    pod = one(build(overlay), "Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {m["mountPath"] for m in container["volumeMounts"]} == {"/data", "/tmp"}
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]


def test_kubernetes_sets_no_setting_of_the_lab_by_itself() -> None:
    pod = one(build("k8s"), "Deployment")["spec"]["template"]["spec"]
    assert pod["enableServiceLinks"] is False  # else MESH_DOJO_PORT is the Service's address


def test_two_pods_never_share_the_database() -> None:
    spec = one(build("k8s"), "Deployment")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_probes_ask_for_health_by_a_name_that_the_site_answers_to() -> None:
    (container,) = one(build("k8s"), "Deployment")["spec"]["template"]["spec"]["containers"]
    for probe in ("readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["path"] == "/healthz"
        assert asked["httpHeaders"] == [{"name": "Host", "value": "localhost"}]


def test_nothing_of_the_site_is_reachable_from_outside_the_cluster() -> None:
    for overlay in OVERLAYS:
        assert one(build(overlay), "Service")["spec"]["type"] == "ClusterIP"
        assert not [m for m in build(overlay) if m["kind"] in ("Ingress", "Gateway")]
        assert "ingress" not in one(build(overlay), "NetworkPolicy")["spec"]


def test_without_storage_nothing_claims_any() -> None:
    manifests = build("k8s/overlays/ephemeral")
    volumes = one(manifests, "Deployment")["spec"]["template"]["spec"]["volumes"]
    assert {"name": "data", "emptyDir": {}} in volumes
    assert "PersistentVolumeClaim" not in {m["kind"] for m in manifests}


def test_only_the_install_overlay_makes_an_administrator() -> None:
    def administrators(overlay: str) -> list[str]:
        return [
            m["metadata"]["name"]
            for m in build(overlay)
            if m["kind"].endswith("RoleBinding") and m["roleRef"]["name"] == "cluster-admin"
        ]

    assert administrators("k8s") == administrators("k8s/overlays/ephemeral") == []
    assert administrators("k8s/overlays/install") == ["mesh-dojo-administrator"]
