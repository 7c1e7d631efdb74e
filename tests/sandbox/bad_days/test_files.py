"""What a learner's commands and objects read: files of the sandbox, none of the machine's."""

import base64
import json
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sandbox.bad_days.away import Away, away, populate

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("files")]

SECRET = "what-only-the-host-knows"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    with away(tmp_path_factory.mktemp("files") / "s") as made:
        populate(made)
        yield made


def here_url(made: Away) -> str:
    return str(made.kubectl("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}"))


def test_exec_opens_no_file_of_the_host(here: Away, tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    planted.write_text(SECRET)
    up = "../" * 30 + str(planted).lstrip("/")
    ways = [
        f"cat {planted}", f"cat {up}", f"cat < {planted}", f"cat /proc/self/root{planted}",
        f"cat /proc/1/root{planted}", f"cat /tmp/{up}", f". {planted}", f"sh {planted}",
        f"grep . {planted}", f"head -1 {planted}", f"sort {up}", f"curl -sS file://{planted}",
        f"curl -sS -d @{planted} http://web/", f"curl -sS -K {planted}", f"ls {tmp_path}",
        f"curl -sS -T {planted} http://web/", f"curl -sS --cacert {planted} https://web/",
        f"wc -c {planted}", f"test -e {planted}", f"cat {tmp_path}/*",
    ]  # fmt: skip
    for way in ways:
        said = here.sh(way)
        assert said.returncode != 0, way
        assert SECRET not in said.stdout + said.stderr
    assert here.sh(f"echo x > {planted}").returncode != 0
    assert planted.read_text() == SECRET
    assert here.sh("cat /etc/passwd").stdout == "root:x:0:0:root:/root:/bin/sh\n"
    assert SECRET not in here.run("kubectl", "exec", "client", "--", str(planted)).stderr


MOUNTED = """
apiVersion: v1
kind: Pod
metadata: {{name: mounting}}
spec:
  containers:
  - name: box
    image: busybox
    command: [sh, -c, "cat /host/planted /sub/planted; sleep infinity"]
    volumeMounts:
    - {{name: host, mountPath: /host}}
    - {{name: config, mountPath: /sub, subPath: ../../../../{folder}}}
  volumes:
  - {{name: host, hostPath: {{path: "{folder}"}}}}
  - {{name: config, configMap: {{name: kube-root-ca.crt}}}}
"""


def test_a_host_path_is_none_of_this_host(here: Away, tmp_path: Path) -> None:
    (tmp_path / "planted").write_text(SECRET)
    objects = MOUNTED.format(folder=tmp_path)
    here.run("kubectl", "apply", "-f", "-", given=objects)
    here.run("kubectl", "apply", "-f", "-", given=objects.replace(", subPath: ../..", ", x: .."))
    here.run("kubectl", "apply", "--validate=false", "-f", "-",
             given=objects.replace("subPath: ../../../../", "subPath: ."))  # fmt: skip
    here.run("kubectl", "wait", "--for=condition=Ready", "pod/mounting", "--timeout=3s")
    assert SECRET not in here.run("kubectl", "logs", "mounting", "-c", "box").stdout
    assert SECRET not in here.sh("cat /host/planted; ls -R /host", "mounting").stdout
    assert "planted" not in here.sh("ls /host", "mounting").stdout


def test_istioctl_on_the_server_opens_no_file(here: Away, tmp_path: Path) -> None:
    planted = tmp_path / "planted.yaml"
    planted.write_text(f"kind: {SECRET}")
    config = yaml.safe_load(Path(str(here.state["kubeconfig"])).read_text())
    authority = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"])
    token = config["users"][0]["user"]["token"]
    context = ssl.create_default_context(cadata=authority.decode())
    for argv in (
        ["analyze", str(planted), "--use-kube=false"],
        ["validate", "-f", str(planted)],
        ["install", "-f", str(planted), "-y"],
        ["install", "--manifests", str(tmp_path), "-y"],
    ):
        request = urllib.request.Request(
            f"{here_url(here)}/apis/sandbox.mesh-dojo/v1/istioctl",
            data=json.dumps({"argv": argv, "files": {}}).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20, context=context) as answer:
            said = answer.read().decode()
        assert SECRET not in said
        assert '"code": 0' not in said, (argv, said)
