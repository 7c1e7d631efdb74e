"""What a typed line may go on with."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.errors import ClusterUnavailable
from app.web.place import find_place
from app.web.wording import namespace_of, wording
from web.fakes import LEARNER, make_services
from web.samples import COURSE, SNAPSHOT

BACKEND = "backend-7d9c5b6f4-x2x9q"


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Any]:
    made = make_services(tmp_path, COURSE, SNAPSHOT)
    async with made.lifespans[0]:
        yield made


async def after(services: Any, line: str) -> list[str]:
    place = find_place(COURSE, "canary", "split")
    assert place
    return await wording(services, LEARNER, place, line)


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("kub", "kubectl"),
        ("kubectl get po", "kubectl get pods"),
        ("kubectl get pods -n ", "kubectl get pods -n mesh-demo"),
        ("kubectl get pods | gr", "kubectl get pods | grep"),
        ("kubectl describe pod backend-7", f"kubectl describe pod {BACKEND}"),
        ("kubectl get pod/backend-7", f"kubectl get pod/{BACKEND}"),
        ("kubectl logs backend-7", f"kubectl logs {BACKEND}"),
        ("istioctl proxy-config routes backend-7", f"istioctl proxy-config routes {BACKEND}"),
    ],
)
async def test_a_line_is_completed(services: Any, line: str, whole: str) -> None:
    assert whole in await after(services, line)


@pytest.mark.parametrize("line", ["rm ", "kubectl logs --tail ", "kubectl get pods | grep x"])
async def test_a_line_that_nothing_fits_gets_no_names(services: Any, line: str) -> None:
    assert await after(services, line) == []


async def test_a_cluster_out_of_reach_completes_no_names(services: Any) -> None:
    services.live.error = ClusterUnavailable("No answer.")
    assert await after(services, "kubectl logs b") == []


def test_the_namespace_is_the_one_that_the_line_names() -> None:
    both = ("mesh-demo", "istio-system")
    assert namespace_of(["kubectl", "logs", "-n", "istio-system"], both) == "istio-system"
    assert namespace_of(["kubectl", "logs", "--namespace=istio-system"], both) == "istio-system"
    assert namespace_of(["kubectl", "logs", "-n", "other"], both) == "mesh-demo"
