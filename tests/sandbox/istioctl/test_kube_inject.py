"""`istioctl kube-inject`: which documents get a sidecar, and how the others come out."""

import pytest
import yaml
from sandbox.istioctl.bench import call, lab_of

MESH = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "istio", "namespace": "istio-system"},
}
FILE = """\
# said of the Service
apiVersion: v1
kind: Service
metadata: {name: web}   # as it was typed
spec: {ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx, args: ["80", "*", ""]}]}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: x, labels: {%s}}
spec: {%s: true, containers: [{name: x, image: busybox}]}
"""


async def test_a_workload_gets_its_sidecar_and_the_rest_stays_as_it_was_typed() -> None:
    lab = lab_of([MESH])
    said = await call(lab, "kube-inject", "-f", "a.yaml", files={"a.yaml": FILE.encode()})
    assert (said.code, said.stderr) == (0, "")
    service, deployment, rest = said.stdout.split("---\n")
    assert service == FILE.split("---\n")[0]
    assert rest == ""
    template = yaml.safe_load(deployment)["spec"]["template"]
    assert [each["name"] for each in template["spec"]["initContainers"]] == [
        "istio-init",
        "istio-proxy",
    ]
    assert template["metadata"]["labels"]["security.istio.io/tlsMode"] == "istio"
    assert '- "80"\n        - \'*\'\n        - ""\n' in deployment  # as Go quotes


@pytest.mark.parametrize(
    ("label", "field", "why"),
    [
        ("a: b", "hostNetwork", "has host networking enabled"),
        ('sidecar.istio.io/inject: "false"', "hostPID", "has sidecar injection disabled"),
    ],
)
async def test_what_is_not_to_be_injected_is_told(label: str, field: str, why: str) -> None:
    files = {"-": (POD % (label, field)).encode()}
    said = await call(lab_of([MESH]), "kube-inject", "-f", "-", files=files)
    assert said.stderr == f'\n===> Skipping injection because Pod "x" {why}\n\n'
    assert "istio-proxy" not in said.stdout


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        ([], "filename not specified (see --filename or -f)"),
        (["-f", "missing.yaml"], "open missing.yaml: no such file or directory"),
        (["-f", "a.yaml", "-o", "b.yaml"], "prints alone"),
        (["-f", "a.yaml", "-r", "canary"], 'configmaps "istio-canary" not found'),
        (["-f", "broken.yaml"], "error converting YAML to JSON: "),
    ],
)
async def test_what_is_wrong_is_told(argv: list[str], why: str) -> None:
    files = {"a.yaml": FILE.encode(), "broken.yaml": b"a: ["}
    said = await call(lab_of([MESH]), "kube-inject", *argv, files=files)
    assert said.code == 1
    assert said.stderr.startswith("Error: ")
    assert why in said.stderr
