"""The server's own struct of a pod's spec, which it quotes."""

import json
from pathlib import Path

from app.sandbox.objects import Obj
from app.sandbox.schemas.internal.written import spec_written, specs_differ, template_written

RECORDED = Path(__file__).parent / "recorded" / "job_template.json"
TEMPLATE: Obj = {
    "metadata": {
        "creationTimestamp": None,
        "labels": {
            "job-name": "j",
            "controller-uid": "UID",
            "batch.kubernetes.io/job-name": "j",
            "batch.kubernetes.io/controller-uid": "UID",
        },
    },
    "spec": {
        "containers": [
            {
                "name": "a",
                "image": "x",
                "imagePullPolicy": "Always",
                "resources": {},
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
            }
        ],
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Never",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    },
}


def test_a_template_is_written_as_a_real_server_wrote_it() -> None:
    real = json.loads(RECORDED.read_text())
    assert json.dumps(template_written(TEMPLATE)) == json.dumps(real)


def test_embedded_structs_are_written_into_what_they_are_in() -> None:
    probe: Obj = {"tcpSocket": {"port": 80}, "periodSeconds": 3}
    spec: Obj = {"containers": [{"name": "a", "readinessProbe": probe}], "hostNetwork": True}
    made = spec_written({**spec, "securityContext": {}})
    assert json.dumps(made["SecurityContext"]).startswith('{"HostNetwork": true, "HostPID": false')
    container = json.dumps(made["Containers"])
    assert '"TCPSocket": {"Port": 80, "Host": ""}' in container
    assert '"PeriodSeconds": 3' in container


def test_a_difference_is_told_in_hunks() -> None:
    before: Obj = {"containers": [{"name": "a"}], "nodeName": "x"}
    told = specs_differ(before, {**before, "nodeName": "<y>"})
    assert told.startswith("@@ -")
    assert '- "NodeName": "x",\n+ "NodeName": "\\u003cy\\u003e",\n' in told
