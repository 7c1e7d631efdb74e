"""Istio's task pages, walked on the real cluster as on a sandbox."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox.tasks.ingress import (  # noqa: F401 - collected here, on the cluster
    test_ingress_gateways,
    test_secure_gateways,
)
from sandbox.tasks.learner import Learner
from sandbox.tasks.resilience import test_circuit_breaking  # noqa: F401 - as above
from sandbox.tasks.routing import (  # noqa: F401 - as above
    test_fault_injection,
    test_request_routing,
    test_request_timeouts,
    test_traffic_shifting,
)
from sandbox.tasks.security import (  # noqa: F401 - as above
    test_authorization_for_http,
    test_mutual_tls_migration,
)

from tools.conformance.cluster import Cluster

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def asked(release: Path, istio: None) -> Iterator[Cluster]:
    """The cluster that KUBECONFIG names, with Istio in it."""
    programs = f"{release / 'bin'}{os.pathsep}{os.environ['PATH']}"
    with Cluster(Path(os.environ["KUBECONFIG"]), programs) as cluster:
        yield cluster


@pytest.fixture
def learner(asked: Cluster, release: Path, request: pytest.FixtureRequest) -> Iterator[Learner]:
    """A learner in an injected namespace of the page's own; the samples are Istio's."""
    name = f"tasks-{request.node.name.removeprefix('test_').replace('_', '-')}"
    room = asked.room(name)
    (room / "samples").symlink_to(release / "samples", target_is_directory=True)
    made = Learner(asked, room, name, may_lack=True)
    made.is_given(name, injected=True)
    yield made
    made.leave()
