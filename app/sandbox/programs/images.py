"""The images: their entry points, the files that can be looked at, and what is in their PATH."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.sandbox.programs.commands import ENTRYPOINT, command, curl, either
from app.sandbox.programs.http_echo import http_echo
from app.sandbox.programs.httpbin.program import httpbin
from app.sandbox.programs.nginx.program import nginx
from app.sandbox.programs.nginx.standing import CONF, MAIN, VERSION, WELCOME
from app.sandbox.programs.samples import fortio, helloworld
from app.sandbox.shell.container import Program
from app.sandbox.shell.tools.table import EVERYWHERE

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BUSYBOX = EVERYWHERE | {"ash", "nslookup", "ps", "sh", "wget"}
_DEBIAN = EVERYWHERE | {"bash", "sh"}


@dataclass(frozen=True)
class Image:
    """An image: what it runs where a pod says nothing else, its files, and exec's PATH.

    `name` is the reference in full. `program` runs `container.argv` (entrypoint and command, or
    what the pod put in their place).
    """

    name: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    program: Program
    files: Mapping[str, bytes] = field(default_factory=dict)
    tools: frozenset[str] = frozenset()
    env: Mapping[str, str] = field(default_factory=lambda: {"PATH": PATH})
    ports: tuple[int, ...] = ()
    user: int = 0
    workdir: str = "/"


def _release(name: str, version: str) -> bytes:
    return f'NAME="{name}"\nID={name.split()[0].lower()}\nVERSION_ID={version}\n'.encode()


_ROOT = [
    "bin",
    "dev",
    "etc",
    "home",
    "lib",
    "media",
    "mnt",
    "opt",
    "proc",
    "root",
    "run",
    "sbin",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
]
_ALPINE = {
    **{f"/{name}/": b"" for name in _ROOT},
    "/etc/alpine-release": b"3.22.1\n",
    "/etc/os-release": _release("Alpine Linux", "3.22.1"),
}
_DEBIAN_FILES = {
    **{f"/{name}/": b"" for name in (*_ROOT, "boot", "lib64")},
    "/etc/debian_version": b"12.12\n",
    "/etc/os-release": _release("Debian", "12"),
}
_NGINX_FILES = {
    **_DEBIAN_FILES,
    "/etc/nginx/nginx.conf": MAIN.encode(),
    "/etc/nginx/conf.d/default.conf": CONF.encode(),
    "/usr/share/nginx/html/index.html": WELCOME.encode(),
    "/usr/bin/curl": b"curl 7.88.1\n",
}


_HELLO_FILES = {**_DEBIAN_FILES, "/usr/bin/curl": b"curl 7.88.1\n"}


def _curl(version: str) -> Mapping[str, bytes]:
    return {**_ALPINE, "/usr/bin/curl": f"curl {version}\n".encode()}


IMAGES: dict[str, Image] = {
    "library/nginx": Image(
        "nginx",
        ("/docker-entrypoint.sh",),
        ("nginx", "-g", "daemon off;"),
        nginx,
        _NGINX_FILES,
        _DEBIAN | {"curl", "nginx"},
        {"PATH": PATH, "NGINX_VERSION": VERSION, "PKG_RELEASE": "1~bookworm"},
        (80,),
    ),
    "hashicorp/http-echo": Image(
        "http-echo", ("/http-echo",), (), either("http-echo", http_echo), ports=(5678,), user=65532
    ),
    "mccutchen/go-httpbin": Image(
        "go-httpbin",
        ("/bin/go-httpbin",),
        (),
        either("go-httpbin", httpbin),
        ports=(8080,),
        user=65532,
    ),
    "curlimages/curl": Image(
        "curl",
        (ENTRYPOINT,),
        ("curl",),
        curl,
        _curl("8.16.0"),
        _BUSYBOX | {"curl"},
        {"PATH": PATH, "CURL_CA_BUNDLE": "/cacert.pem"},
        user=100,
    ),
    "fortio/fortio": Image(
        "fortio",
        ("/usr/bin/fortio",),
        ("server",),
        either("fortio", fortio),
        tools=frozenset({"fortio"}),
        ports=(8080,),
    ),
    "library/busybox": Image("busybox", (), ("sh",), command, _ALPINE, _BUSYBOX),
    "library/alpine": Image("alpine", (), ("/bin/sh",), command, _ALPINE, _BUSYBOX),
    "library/debian": Image("debian", (), ("bash",), command, _DEBIAN_FILES, _DEBIAN),
    "istio/examples-helloworld-v1": Image(
        "helloworld-v1",
        ("gunicorn", "-b", "0.0.0.0:5000", "app:app"),
        (),
        either("gunicorn", helloworld),
        _HELLO_FILES,
        _DEBIAN | {"curl"},  # the sample may be asked from its own pod
        {"PATH": PATH, "SERVICE_VERSION": "v1"},
        (5000,),
    ),
    "istio/examples-helloworld-v2": Image(
        "helloworld-v2",
        ("gunicorn", "-b", "0.0.0.0:5000", "app:app"),
        (),
        either("gunicorn", helloworld),
        _HELLO_FILES,
        _DEBIAN | {"curl"},  # the sample may be asked from its own pod
        {"PATH": PATH, "SERVICE_VERSION": "v2"},
        (5000,),
    ),
}
SAME = {
    "registry.istio.io/release/examples-helloworld-v1": "istio/examples-helloworld-v1",
    "registry.istio.io/release/examples-helloworld-v2": "istio/examples-helloworld-v2",
    "ghcr.io/mccutchen/go-httpbin": "mccutchen/go-httpbin",
    "quay.io/curl/curl": "curlimages/curl",
    "ghcr.io/curl/curl-container/curl": "curlimages/curl",
}
