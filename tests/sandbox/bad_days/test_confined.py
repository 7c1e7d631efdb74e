"""What a learner's objects and commands reach: their own sandbox, nothing of the machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from sandbox.bad_days.away import Away, away, install, populate, until

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("confined")]

SECRET = "what-only-the-host-knows"
PLAIN = """
apiVersion: v1
kind: Pod
metadata: {name: plain, annotations: {sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: client, image: curlimages/curl, command: [sleep, infinity]}]}
"""


@dataclass
class Host:
    """A service of the machine that listens everywhere, and counts who came."""

    port: int
    lan: str
    came: list[str] = field(default_factory=list)


def lan_address() -> str:
    """Return the machine's own address, another of loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # sends nothing: the kernel picks a source
        except OSError:
            return "127.0.0.2"
        return str(asking.getsockname()[0])


@contextmanager
def listening() -> Iterator[Host]:
    with socket.create_server(("0.0.0.0", 0)) as server:
        made = Host(server.getsockname()[1], lan_address())

        def serve() -> None:
            while True:
                try:
                    connection, peer = server.accept()
                except OSError:
                    return
                with connection:
                    made.came.append(str(peer))
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n" + SECRET.encode()
                    )

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with listening() as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_came(host: Host) -> Iterator[None]:
    """The claim of every test here."""
    yield
    assert host.came == []


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    with away(tmp_path_factory.mktemp("here") / "s") as made:
        install(made)
        populate(made, f"{yaml.safe_dump_all(CLIENTS_HERE)}---{PLAIN}")
        yield made


CLIENTS_HERE = [
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "client", "labels": {"app": "client"}},
        "spec": {
            "containers": [
                {"name": "client", "image": "curlimages/curl", "command": ["sleep", "infinity"]}
            ]
        },
    }
]


def test_the_hosts_service_would_answer(host: Host) -> None:
    """What the other tests would see, were they able to come."""
    for address in ("127.0.0.1", host.lan):
        with socket.create_connection((address, host.port), 5) as asking:
            assert SECRET in asking.recv(1000).decode()
    until(lambda: len(host.came) == 2)
    host.came.clear()


@pytest.mark.parametrize("pod", ["client", "plain"])
def test_curl_comes_to_no_address_of_the_host(here: Away, host: Host, pod: str) -> None:
    port = host.port
    url = f"http://web:{port}/"
    asked = [
        f"http://127.0.0.1:{port}/", f"http://localhost:{port}/", f"http://{host.lan}:{port}/",
        f"http://0.0.0.0:{port}/", f"http://0x7f000001:{port}/", f"http://2130706433:{port}/",
        f"http://[::1]:{port}/", f"http://[::ffff:127.0.0.1]:{port}/",
        f"http://{socket.gethostname()}:{port}/", f"http://host.docker.internal:{port}/",
        f"http://192.168.49.1:{port}/", f"http://192.168.49.2:{port}/",
        f"http://10.244.0.1:{port}/", "http://169.254.169.254/latest/meta-data/",
        f"--resolve web:{port}:127.0.0.1 {url}", f"--resolve web:{port}:{host.lan} {url}",
        f"--connect-to web:{port}:{host.lan}:{port} {url}",
        f"-x http://{host.lan}:{port} http://web/", f"--socks5 {host.lan}:{port} http://web/",
        f"-H 'Host: 127.0.0.1:{port}' http://{host.lan}:{port}/",
        "--unix-socket /run/docker.sock http://docker/", "file:///etc/passwd",
        f"telnet://127.0.0.1:{port}", f"-k {here_url(here)}/version",
    ]  # fmt: skip
    script = "\n".join(
        f"(curl -sSf -m 4 {each} >/tmp/{number} 2>/dev/null; echo {number} $?; cat /tmp/{number}) &"
        for number, each in enumerate(asked)
    )
    said = here.sh(f"{script}\nwait", pod)
    codes = dict(line.split() for line in said.stdout.splitlines())
    assert sorted(map(int, codes)) == list(range(len(asked))), said
    assert [asked[int(number)] for number, code in codes.items() if code == "0"] == []
    assert SECRET not in said.stdout
    for tool in (
        f"wget -T 3 -O - http://{host.lan}:{port}/",
        f"wget -T 3 -O - http://127.0.0.1:{port}/",
    ):
        assert here.sh(tool, pod).returncode != 0


def here_url(made: Away) -> str:
    return str(made.kubectl("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}"))


LEADS_OUT = """
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: out}}
spec:
  hosts: [out.example.com]
  addresses: [10.1.2.3]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{{number: 80, name: http, protocol: HTTP, targetPort: {port}}}]
  endpoints: [{{address: 127.0.0.1}}, {{address: {lan}}}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: named}}
spec:
  hosts: [localhost.example.com]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{{number: 80, name: http, protocol: HTTP, targetPort: {port}}}]
  endpoints: [{{address: localhost}}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: piped}}
spec:
  hosts: [piped.example.com]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{{number: 80, name: http, protocol: HTTP}}]
  endpoints: [{{address: "unix:///run/docker.sock"}}]
---
apiVersion: v1
kind: Service
metadata: {{name: byhand}}
spec: {{ports: [{{name: http, port: 80, targetPort: {port}}}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: byhand-1, labels: {{kubernetes.io/service-name: byhand}}}}
addressType: IPv4
endpoints: [{{addresses: ["{lan}"], conditions: {{ready: true}}}}]
ports: [{{name: http, port: {port}, protocol: TCP}}]
---
apiVersion: v1
kind: Service
metadata: {{name: alias}}
spec: {{type: ExternalName, externalName: localhost, ports: [{{name: http, port: {port}}}]}}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {{name: keys}}
spec: {{jwtRules: [{{issuer: me, jwksUri: "http://127.0.0.1:{port}/jwks"}}]}}
"""


def test_objects_that_lead_out_lead_nowhere(here: Away, host: Host) -> None:
    objects = LEADS_OUT.format(port=host.port, lan=host.lan)
    said = here.run("kubectl", "apply", "-f", "-", given=objects)
    assert "serviceentry.networking.istio.io/out created" in said.stdout
    until(lambda: "out.example.com" in here.run("istioctl", "pc", "clusters", "client").stdout)
    names = ("out.example.com", "10.1.2.3", "localhost.example.com", "piped.example.com",
             "byhand", f"alias:{host.port}")  # fmt: skip
    for pod in ("client", "plain"):
        for name in names:
            said = here.sh(f"curl -sSf -m 2 http://{name}/", pod)
            assert said.returncode != 0, (pod, name, said)
            assert SECRET not in said.stdout


PROBED = """
apiVersion: v1
kind: Pod
metadata: {{name: probed, annotations: {{sidecar.istio.io/inject: "false"}}}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: web
    image: hashicorp/http-echo
    args: [-text=hello]
    readinessProbe: {{periodSeconds: 1, httpGet: {{host: "{lan}", port: {port}, path: /}}}}
    livenessProbe: {{periodSeconds: 1, tcpSocket: {{host: "127.0.0.1", port: {port}}}}}
"""


def test_a_probe_of_another_host_finds_nobody(here: Away, host: Host) -> None:
    here.kubectl("apply", "-f", "-", given=PROBED.format(port=host.port, lan=host.lan))

    def is_unhealthy() -> bool:
        events = here.kubectl("events", "--for=pod/probed")
        return "Readiness probe failed" in events and "Liveness probe failed" in events

    until(is_unhealthy)
    ready = "jsonpath={.status.containerStatuses[0].ready}"
    assert here.kubectl("get", "pod", "probed", "-o", ready) == "false"
    here.kubectl("delete", "pod", "probed")


def test_two_sandboxes_side_by_side_do_not_see_each_other(
    here: Away, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with away(tmp_path_factory.mktemp("there") / "s") as there:
        populate(there)
        there.kubectl("create", "namespace", "theirs")
        assert "NotFound" in here.run("kubectl", "get", "namespace", "theirs").stderr
        assert there.sh("curl -sS http://web/").stdout == "hello\n"
        address = there.kubectl("get", "pod", "web", "-o", "jsonpath={.status.podIP}")
        service = there.kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")
        for target in ("web", "web.default", f"{address}:5678", service, here_url(there)[8:]):
            for pod in ("client", "plain"):
                said = here.sh(f"curl -sSf -m 3 http://{target}/", pod)
                assert said.returncode != 0
                assert "hello" not in said.stdout
        token = Path(there.folder / "token").read_text()
        words = ("--token", token, "get", "pods")
        config = here.kubectl("config", "view", "--raw").replace(
            (here.folder / "token").read_text(), token
        )
        foreign = tmp_path_factory.mktemp("config") / "config"
        foreign.write_text(config)
        said = here.run("kubectl", "--kubeconfig", str(foreign), *words)
        assert "Unauthorized" in said.stderr or "logged in" in said.stderr
