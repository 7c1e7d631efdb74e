"""proxy-config says of a proxy's dump what the real istioctl said of it.

real/proxy_config holds what two proxies of a real mesh answered (Istio 1.31.0, upstream Envoy 1.40;
the bootstrap's own configuration and nothing else left out), and `runs`: lines and their output.
"""

import gzip
import json
from collections.abc import Iterator

import pytest
import yaml
from sandbox.istioctl.bench import REAL, FakeMesh, call, lab_of

FOLDER = REAL / "proxy_config"
GATEWAY = "istio-ingressgateway-c96798fbb-2kr8c"


def content(name: str) -> bytes:
    return gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes())


def runs() -> Iterator[object]:
    for run in json.loads(content("runs")):
        yield pytest.param(run, id=f"{run['proxy']} {' '.join(run['argv'][1:])}")


def pod(name: str, namespace: str, phase: str = "Running") -> dict:
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "status": {"phase": phase}}


def told(run: dict, text: str) -> object:
    """Return what is compared: data where it is data, else lines, those of routes in any order.

    The real one sorts routes by names that are numbers, and leaves the others where they fall.
    """
    if "json" in run["argv"] or "yaml" in run["argv"]:
        return yaml.safe_load(text)
    lines = text.splitlines()
    return sorted(lines) if run["argv"][1] in ("route", "r", "all") else lines


@pytest.mark.parametrize("run", list(runs()))
async def test_a_proxy_is_told_as_the_real_istioctl_tells_it(run: dict) -> None:
    answers = {
        f"{GATEWAY}.istio-system//clusters?format=json": content("gateway-clusters"),
        f"{GATEWAY}.istio-system//config_dump": content("gateway"),
    }
    lab = lab_of([pod(GATEWAY, "istio-system")], mesh=FakeMesh(answers=answers))
    argv, files = run["argv"], {}
    if not run.get("live"):
        argv, files = [*argv, "--file", "dump.json"], {"dump.json": content(run["proxy"])}
    said = await call(lab, *argv, files=files)
    assert (told(run, said.stdout), said.code) == (told(run, run["stdout"]), run["code"])
    assert said.stderr == run["stderr"]
