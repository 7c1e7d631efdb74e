"""What the rules of the kinds refuse, as a real API server says it."""

import pytest
from sandbox.registry.objects import LEARNER, deployment, obj, pod, registry, service

from app.sandbox.objects import Obj
from app.sandbox.status import StatusError


def said(sent: Obj) -> str:
    """Return the sentence that refuses an object."""
    with pytest.raises(StatusError) as refused:
        registry().create(sent, LEARNER)
    assert refused.value.code == 422
    return refused.value.message


def test_everything_that_is_wrong_in_a_deployment_is_told_in_order() -> None:
    container: Obj = {
        "name": "web_1",
        "ports": [{"containerPort": 99999, "protocol": "tcp"}],
        "imagePullPolicy": "Sometimes",
        "volumeMounts": [{"name": "nope"}],
        "livenessProbe": {},
        "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}},
    }
    template: Obj = {
        "metadata": {"labels": {"app": "other"}},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    message = said(deployment(template=template, replicas=-1))
    where = "spec.template.spec.containers[0]"
    parts = (
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        'spec.template.metadata.labels: Invalid value: {"app":"other"}: `selector` does not',
        f'{where}.name: Invalid value: "web_1": a lowercase RFC 1123 label must consist of',
        f"{where}.image: Required value",
        f"{where}.ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, ",
        f'{where}.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP"',
        f'{where}.volumeMounts[0].name: Not found: "nope"',
        f"{where}.volumeMounts[0].mountPath: Required value",
        f'{where}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always"',
        f'{where}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit',
        f"{where}.livenessProbe: Required value: must specify a handler type",
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    )
    places = [message.index(part) for part in parts]
    assert places == sorted(places)


def test_an_empty_deployment_lacks_three_things() -> None:
    assert said(obj("Deployment", "a", "apps/v1", spec={})) == (
        'Deployment.apps "a" is invalid: [spec.selector: Required value, '
        "spec.template.metadata.labels: Invalid value: null: `selector` does not match template "
        "`labels`, spec.template.spec.containers: Required value]"
    )


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (
            obj("ConfigMap", "Bad_1"),
            'ConfigMap "Bad_1" is invalid: metadata.name: Invalid value: "Bad_1": a lowercase RFC '
            "1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
            "must start and end with an alphanumeric character (e.g. 'example.com', regex used "
            "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        ),
        (
            obj("ConfigMap", ""),
            'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is '
            "required",
        ),
        (
            obj("ConfigMap", "cm", data={"a b": "c"}),
            'ConfigMap "cm" is invalid: data[a b]: Invalid value: "a b": a valid config key must '
            "consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
            "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        ),
        (
            service("web", clusterIP="1.2.3.4"),
            'Service "web" is invalid: spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to '
            "allocate IP 1.2.3.4: the provided network does not match the current range",
        ),
        (service("web", ports=[]), 'Service "web" is invalid: spec.ports: Required value'),
        (
            service("web", type="NodePort", ports=[{"port": 80, "nodePort": 80}]),
            'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port '
            "is not in the valid range. The range of valid ports is 30000-32767",
        ),
        (
            pod(containers=[]),
            'Pod "web" is invalid: spec.containers: Required value',
        ),
    ],
)
def test_one_thing_wrong_is_one_sentence(sent: Obj, expected: str) -> None:
    assert said(sent) == expected
