"""A Service on its way to the pods of a Deployment."""

from fakes import FakeCluster
from mesh_objects import Raw, deployment, objects
from verdicts import verdict

from app.checks.result import Finding

WANTED = {"namespace": "mesh-demo", "name": "backend", "port": 80}
(SERVICE,) = objects(
    """
    kind: Service
    metadata: {name: backend, namespace: mesh-demo}
    spec: {selector: {app: backend}, ports: [{port: 80, targetPort: 5678}]}
    """
)
(SLICE,) = objects(
    """
    kind: EndpointSlice
    metadata:
      name: backend-x
      namespace: mesh-demo
      labels: {kubernetes.io/service-name: backend}
    endpoints:
      - {addresses: [10.0.0.1], conditions: {ready: true}}
      - {addresses: [10.0.0.2], conditions: {ready: false}}
    """
)
DEPLOYMENT = deployment("backend", ports=[5678])


def service(**spec: object) -> Raw:
    return {**SERVICE, "spec": {**SERVICE["spec"], **spec}}  # type: ignore[dict-item]


async def found(*things: Raw) -> Finding:
    return await verdict("service", WANTED, FakeCluster(things))


async def test_a_service_with_ready_pods_behind_it_passes() -> None:
    finding = await found(SERVICE, DEPLOYMENT, SLICE)
    assert finding.message == "Service backend leads to 1 ready pod on port 80."


async def test_a_port_that_no_container_declares_may_be_right() -> None:
    """Containers need not declare their ports, so only what is declared can be compared."""
    assert (await found(SERVICE, deployment("backend"), SLICE)).passed


async def test_a_missing_service_is_told_with_those_that_are_there() -> None:
    other = {**SERVICE, "metadata": {"name": "back", "namespace": "mesh-demo"}}
    finding = await found(other)
    assert finding.reason == "no-service"
    assert "it holds back" in finding.message


async def test_another_port_is_named() -> None:
    finding = await found(service(ports=[{"port": 8080}]), DEPLOYMENT, SLICE)
    assert finding.reason == "wrong-port"
    assert "its ports: 8080" in finding.message


async def test_a_selector_that_fits_no_pod_is_set_beside_the_pods_labels() -> None:
    finding = await found(service(selector={"app": "backned"}), DEPLOYMENT, SLICE)
    assert finding.reason == "selector"
    assert "selects app=backned; those pods carry app=backend" in finding.message


async def test_a_service_for_a_deployment_that_is_not_there_says_so() -> None:
    finding = await found(SERVICE)
    assert finding.reason == "selector"
    assert "no such Deployment" in finding.message


async def test_a_target_port_on_which_nothing_listens_is_named() -> None:
    finding = await found(service(ports=[{"port": 80}]), DEPLOYMENT, SLICE)
    assert finding.reason == "target-port"
    assert "leads to port 80 of the pods, and their containers listen on 5678" in finding.message


async def test_no_ready_pod_behind_the_service_is_told() -> None:
    finding = await found(SERVICE, DEPLOYMENT)
    assert finding.reason == "no-endpoints"
