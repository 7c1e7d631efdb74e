"""Which manifests may be applied, and where a refusal points."""

import pytest

from app.commands.manifests import ManifestObject, check_manifest
from app.commands.model import Scope
from app.errors import ManifestRefused
from tests.commands.hostile_manifests import DEPLOYMENT, POD, SERVICE, hostile_manifests

HOSTILE = hostile_manifests()
VIRTUAL_SERVICE = """\
apiVersion: networking.istio.io/{version}
kind: VirtualService
metadata: {{name: backend, namespace: mesh-demo}}
spec:
  hosts: [backend]
  http:
    - timeout: 5s
      retries: {{attempts: 3, perTryTimeout: 2s, retryOn: "5xx,reset,connect-failure"}}
      route:
        - destination: {{host: backend, subset: v1, port: {{number: 80}}}}
          weight: 90
"""
CAREFUL = """\
apiVersion: v1
kind: Pod
metadata:
  name: a
  namespace: mesh-demo
  annotations: {sidecar.istio.io/inject: "true", note: mine}
spec:
  hostNetwork: false
  serviceAccountName: a
  securityContext: {runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
  volumes: [{name: x, emptyDir: {}}, {name: y, configMap: {name: y}}]
  containers:
    - name: a
      image: nginx
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      ports: [{containerPort: 80}]
      env: [{name: A, value: b}, {name: P, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
      readinessProbe: {httpGet: {path: /, port: 80}}
      volumeMounts: [{name: x, mountPath: /x}]
"""


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(HOSTILE) >= 100


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_manifest_is_refused(title: str, scope: Scope) -> None:
    with pytest.raises(ManifestRefused) as refusal:
        check_manifest("a.yaml", HOSTILE[title], scope)
    assert str(refusal.value)


@pytest.mark.parametrize("text", [POD, DEPLOYMENT, SERVICE, CAREFUL])
def test_a_harmless_manifest_passes(text: str, scope: Scope) -> None:
    assert check_manifest("a.yaml", text, scope)


@pytest.mark.parametrize("version", ["v1", "v1beta1", "v1alpha3"])
def test_every_version_of_istio_s_networking_passes(version: str, scope: Scope) -> None:
    (found,) = check_manifest("a.yaml", VIRTUAL_SERVICE.format(version=version), scope)
    assert found == ManifestObject(
        "VirtualService", "backend", "mesh-demo", f"networking.istio.io/{version}"
    )


def test_several_documents_are_all_looked_at(scope: Scope) -> None:
    text = f"# first\n---\n{DEPLOYMENT}---\n{SERVICE}---\n"
    assert [one.kind for one in check_manifest("a.yaml", text, scope)] == ["Deployment", "Service"]


def test_windows_line_ends_are_taken(scope: Scope) -> None:
    assert check_manifest("a.yaml", POD.replace("\n", "\r\n"), scope)


def test_an_object_without_a_namespace_goes_where_the_command_says(scope: Scope) -> None:
    text = POD.replace("  namespace: mesh-demo\n", "")
    (found,) = check_manifest("a.yaml", text, scope, default_namespace="mesh-demo")
    assert found.namespace == "mesh-demo"
    with pytest.raises(ManifestRefused):
        check_manifest("a.yaml", text, scope, default_namespace="kube-system")


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        (POD.replace("nginx", "___"), 9, 14, "blank"),
        (POD + "  hostNetwork: true\n", 10, 3, "hostNetwork"),
        (POD.replace("mesh-demo", "kube-system"), 5, 14, "kube-system"),
        (POD.replace("kind: Pod", "kind: Secret"), 2, 7, "Secret"),
        (POD.replace("name: a\n  name", "name: a\n name"), 5, 2, "parse"),
    ],
)
def test_a_refusal_points_to_line_and_column(
    text: str, line: int, column: int, says: str, scope: Scope
) -> None:
    with pytest.raises(ManifestRefused) as refusal:
        check_manifest("a.yaml", text, scope)
    assert (refusal.value.line, refusal.value.column) == (line, column)
    assert says in str(refusal.value)
