"""A container's variables, from every source that a pod may name."""

import base64

import pytest
from sandbox.kubelet.node import config_map, container, pod

from app.sandbox.kubelet.environment import ConfigError, environment, expand
from app.sandbox.objects import Json, Obj
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store

ADDRESSES: Obj = {"podIP": "10.244.0.9", "hostIP": "192.168.49.2", "podIPs": [{"ip": "10.244.0.9"}]}


@pytest.fixture
def store() -> Store:
    made = Store(Kinds())
    made.create(config_map("settings", {"colour": "blue", "size": "big"}))
    secret: Obj = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "hidden", "namespace": "default"},
        "data": {"password": base64.b64encode(b"xyzzy").decode()},
    }
    made.create(secret)
    ports: list[Json] = [{"name": "http-web", "port": 80, "protocol": "TCP"}, {"port": 53}]
    service: Obj = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "my-web", "namespace": "default"},
        "spec": {"clusterIP": "10.96.0.7", "ports": ports},
    }
    made.create(service)
    return made


def variables(store: Store, *entries: Obj, **fields: Json) -> dict[str, str]:
    one = container(env=[*entries], **fields)
    return environment(store, pod(one), one, ADDRESSES, {"FROM_IMAGE": "1"})


def given(name: str, **source: Json) -> Obj:
    return {"name": name, "valueFrom": dict(source)}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "web"),
        ("metadata.namespace", "default"),
        ("metadata.labels['app']", "web"),
        ("metadata.annotations['note']", 'a "b"'),
        ("spec.nodeName", "minikube"),
        ("status.podIP", "10.244.0.9"),
        ("status.hostIP", "192.168.49.2"),
        ("status.podIPs", "10.244.0.9"),
    ],
)
def test_the_downward_api_gives_a_pods_fields(store: Store, path: str, value: str) -> None:
    found = variables(store, given("X", fieldRef={"fieldPath": path}))
    assert found["X"] == value


def test_config_maps_and_secrets_give_keys(store: Store) -> None:
    found = variables(
        store,
        given("COLOUR", configMapKeyRef={"name": "settings", "key": "colour"}),
        given("PASSWORD", secretKeyRef={"name": "hidden", "key": "password"}),
        given("NONE", configMapKeyRef={"name": "nobody", "key": "k", "optional": True}),
    )
    assert (found["COLOUR"], found["PASSWORD"]) == ("blue", "xyzzy")
    assert "NONE" not in found


def test_all_keys_come_with_a_prefix(store: Store) -> None:
    sources = [{"prefix": "MY_", "configMapRef": {"name": "settings"}}]
    found = variables(store, envFrom=[*sources])
    assert (found["MY_colour"], found["MY_size"]) == ("blue", "big")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"configMapKeyRef": {"name": "nobody", "key": "k"}}, 'configmap "nobody" not found'),
        (
            {"configMapKeyRef": {"name": "settings", "key": "k"}},
            "couldn't find key k in ConfigMap default/settings",
        ),
        ({"secretKeyRef": {"name": "nobody", "key": "k"}}, 'secret "nobody" not found'),
        (
            {"secretKeyRef": {"name": "hidden", "key": "k"}},
            "couldn't find key k in Secret default/hidden",
        ),
    ],
)
def test_what_is_missing_is_named_as_kubernetes_does(store: Store, source: Obj, told: str) -> None:
    with pytest.raises(ConfigError) as missing:
        variables(store, given("X", **source))
    assert str(missing.value) == told


def test_limits_are_told_in_the_asked_unit(store: Store) -> None:
    limits: Obj = {"limits": {"cpu": "1500m", "memory": "64Mi"}}
    found = variables(
        store,
        given("CPU", resourceFieldRef={"resource": "limits.cpu"}),
        given("MILLI", resourceFieldRef={"resource": "limits.cpu", "divisor": "1m"}),
        given("MEMORY", resourceFieldRef={"resource": "limits.memory", "divisor": "1Mi"}),
        resources=limits,
    )
    assert (found["CPU"], found["MILLI"], found["MEMORY"]) == ("2", "1500", "64")


def test_services_are_told_in_variables(store: Store) -> None:
    found = variables(store)
    assert found["MY_WEB_SERVICE_HOST"] == "10.96.0.7"
    assert found["MY_WEB_SERVICE_PORT"] == found["MY_WEB_SERVICE_PORT_HTTP_WEB"] == "80"
    assert found["MY_WEB_PORT_80_TCP"] == "tcp://10.96.0.7:80"
    assert found["MY_WEB_PORT_53_TCP_ADDR"] == "10.96.0.7"
    one = container()
    quiet = environment(store, pod(one, enableServiceLinks=False), one, ADDRESSES, {})
    assert not [name for name in quiet if name.startswith("MY_WEB")]


def test_the_pod_says_more_than_the_image(store: Store) -> None:
    assert variables(store)["FROM_IMAGE"] == "1"
    assert variables(store, {"name": "FROM_IMAGE", "value": "2"})["FROM_IMAGE"] == "2"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("$(A)-$(B)", "1-2"), ("$$(A)", "$(A)"), ("$(C)", "$(C)"), ("$A", "$A"), ("$$$(A)", "$1")],
)
def test_only_what_is_known_is_put_in(written: str, meant: str) -> None:
    assert expand(written, {"A": "1", "B": "2"}) == meant
