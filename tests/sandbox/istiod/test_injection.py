"""Who gets a sidecar, and what it looks like: held against pods that a real Istio injected."""

import json
from pathlib import Path

import pytest

from app.sandbox.istiod.injection import injected
from app.sandbox.istiod.install import Profiles
from app.sandbox.istiod.sidecar import STATUS, VOLUMES, with_sidecar
from app.sandbox.objects import Obj, annotations_of, items, labels_of, table, text
from app.sandbox.status import StatusError
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store

RECORDED = Path(__file__).parents[2] / "recorded"
REQUESTS: Obj = {"cpu": "10m", "memory": "40Mi"}


def test_a_pod_gets_the_sidecar_that_a_real_istio_gave_it() -> None:
    real = _recorded("mtls", "frontend")
    again = with_sidecar(_without_sidecar(real), REQUESTS)
    made, wanted = _containers(again), _containers(real)
    assert made.keys() == wanted.keys()
    for name in made:
        assert made[name] == wanted[name]
    assert [volume["name"] for volume in items(again, "spec.volumes")][: len(VOLUMES)] == [*VOLUMES]
    assert labels_of(again) == labels_of(real)
    assert annotations_of(again) == annotations_of(real)


@pytest.mark.parametrize(
    ("namespace", "labels", "annotations", "is_injected"),
    [
        ({"istio-injection": "enabled"}, {}, {}, True),
        ({}, {}, {}, False),
        ({"istio-injection": "disabled"}, {"sidecar.istio.io/inject": "true"}, {}, False),
        ({"istio-injection": "true"}, {}, {}, False),
        ({}, {"sidecar.istio.io/inject": "true"}, {}, True),
        ({}, {}, {"sidecar.istio.io/inject": "true"}, False),
        ({"istio-injection": "enabled"}, {"sidecar.istio.io/inject": "false"}, {}, False),
        ({"istio-injection": "enabled"}, {}, {"sidecar.istio.io/inject": "false"}, False),
        ({"istio.io/rev": "default"}, {}, {}, True),
        ({"istio.io/rev": "canary"}, {}, {}, False),
        ({}, {"istio.io/rev": "default"}, {}, True),
    ],
)
def test_labels_and_annotations_say_who_is_injected(
    namespace: Obj, labels: Obj, annotations: Obj, is_injected: bool
) -> None:
    store = _installed(namespace)
    pod = injected(_pod(labels, annotations), store, is_working=True)
    assert (STATUS in annotations_of(pod)) is is_injected


def test_an_annotation_names_the_image_of_both_of_the_proxy_s_containers() -> None:
    image = "docker.io/istio/proxyv2:1.30.0"
    made = with_sidecar(_pod({}, {"sidecar.istio.io/proxyImage": image}), REQUESTS)
    [setup, proxy] = items(made, "spec.initContainers")[:2]
    assert (text(setup, "name"), text(setup, "image")) == ("istio-init", image)
    assert (text(proxy, "name"), text(proxy, "image")) == ("istio-proxy", image)


def test_nothing_is_injected_before_istio_is_installed() -> None:
    store = Store(Kinds())
    store.create(_namespace({"istio-injection": "enabled"}))
    pod = _pod({}, {})
    assert injected(pod, store, is_working=False) == pod


def test_a_pod_is_refused_while_no_istiod_answers() -> None:
    store = _installed({"istio-injection": "enabled"})
    with pytest.raises(StatusError) as refused:
        injected(_pod({}, {}), store, is_working=False)
    assert refused.value.message == (
        "Internal error occurred: failed calling webhook "
        '"namespace.sidecar-injector.istio.io": failed to call webhook: Post '
        '"https://istiod.istio-system.svc:443/inject?timeout=10s": '
        'no endpoints available for service "istiod"'
    )


def test_probes_are_asked_through_the_agent() -> None:
    pod = _pod({}, {})
    container: Obj = {
        "name": "c",
        "image": "nginx",
        "ports": [{"name": "web", "containerPort": 80}],
        "readinessProbe": {"httpGet": {"path": "/x", "port": "web"}, "periodSeconds": 2},
    }
    made = with_sidecar({**pod, "spec": {"containers": [container]}}, REQUESTS)
    assert items(made, "spec.containers")[0]["readinessProbe"] == {
        "httpGet": {"path": "/app-health/c/readyz", "port": 15020, "scheme": "HTTP"},
        "periodSeconds": 2,
    }
    proxy = items(made, "spec.initContainers")[1]
    said = {each["name"]: each.get("value") for each in items(proxy, "env")}
    assert json.loads(str(said["ISTIO_KUBE_APP_PROBERS"])) == {
        "/app-health/c/readyz": {
            "httpGet": {"path": "/x", "port": 80, "scheme": "HTTP"},
            "timeoutSeconds": 1,
        }
    }


def _installed(namespace: Obj) -> Store:
    store = Store(Kinds())
    store.create(_namespace(namespace))
    for component in Profiles([]).components("demo", {}):
        for obj in component.objects:
            store.create(obj)
    return store


def _namespace(labels: Obj) -> Obj:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n", "labels": labels}}


def _pod(labels: Obj, annotations: Obj) -> Obj:
    meta: Obj = {"name": "p", "namespace": "n", "labels": labels, "annotations": annotations}
    spec: Obj = {"containers": [{"name": "c", "image": "nginx"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def _recorded(lesson: str, app: str) -> Obj:
    pool = json.loads((RECORDED / lesson / "objects.json").read_text())
    return next(
        obj
        for obj in pool.values()
        if obj.get("kind") == "Pod"
        and labels_of(obj).get("app") == app
        and STATUS in annotations_of(obj)
    )


def _without_sidecar(pod: Obj) -> Obj:
    ours = ("security.istio.io/", "service.istio.io/")
    labels = {key: value for key, value in labels_of(pod).items() if not key.startswith(ours)}
    spec = {
        **table(pod, "spec"),
        "initContainers": [],
        "volumes": [v for v in items(pod, "spec.volumes") if v["name"] not in VOLUMES],
    }
    return {
        **pod,
        "metadata": {**table(pod, "metadata"), "labels": labels, "annotations": {}},
        "spec": spec,
    }


def _containers(pod: Obj) -> Obj:
    """What injection says of the containers: without defaults, tokens, and the bed's own tag."""
    left_out = ("terminationMessagePath", "terminationMessagePolicy")
    found: Obj = {}
    for container in items(pod, "spec.initContainers") + items(pod, "spec.containers"):
        kept = {key: value for key, value in container.items() if key not in left_out}
        kept["image"] = str(kept["image"]).removesuffix("-bed")
        mounts = [m for m in items(kept, "volumeMounts") if "kube-api-access" not in str(m["name"])]
        found[str(kept["name"])] = {**kept, "volumeMounts": mounts}
    return found
