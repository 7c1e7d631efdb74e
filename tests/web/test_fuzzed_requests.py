"""Whatever a request holds, the site answers it: with a page, a refusal, never a crash."""

import warnings
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from starlette.testclient import TestClient

from app.commands.model import Environment
from app.commands.runner import Runner
from app.commands.runs import Runs
from app.errors import ClusterUnavailable
from app.practice.desk import Desk
from app.practice.workplace import Bench
from app.web.services import Services
from app.web.site import create_site
from web.conftest import ORIGIN
from web.fakes import LEARNER, make_services
from web.samples import COURSE, SNAPSHOT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis

# What exists, so that not every request ends at "there is no such step".
KNOWN: Final = {
    "lesson": ["canary"],
    "step": ["split", "back"],
    "command": ["run-1", "run-2", "forward", "tunnel"],
    "line": ["kubectl get pods", "kubectl apply -f split.yaml", "minikube status"],
    "file": ["split.yaml"],
    "question": ["ready"],
    "choice": ["1", "2"],
    "context": ["minikube", "shop-prod-eu"],
    "theme": ["dark"],
    "view": ["yaml", "logs"],
}
ENDLESS: Final = "/live/{lesson}/{step}"  # answers until the browser leaves: only its refusals


class OutOfReach:
    """A place without a cluster and without programs: every command ends at the policy."""

    async def bench(self) -> Bench:
        raise ClusterUnavailable("It is away.")

    def bare(self) -> Environment:
        return Environment(Path("/nowhere"), {})


def with_known(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with the ids of the course among what a parameter may be."""
    found = deepcopy(schema)
    for path, operations in found["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if path != ENDLESS:
                    parameter["schema"] = widened(parameter["name"], parameter["schema"])
    for model in found.get("components", {}).get("schemas", {}).values():
        for name, of in model.get("properties", {}).items():
            model["properties"][name] = widened(name, of)
    return found


def widened(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a value that is a known id as likely as anything else."""
    return {"anyOf": [{"enum": KNOWN[name]}, schema]} if name in KNOWN else schema


SITE = create_site(make_services(Path("unused"), COURSE))
SCHEMA = schemathesis.openapi.from_dict(with_known(SITE.openapi()))


def busy_services(folder: Path) -> Services:
    """Return services whose desk, policy and runs are the real ones."""
    made = make_services(folder, COURSE, SNAPSHOT)
    runner = Runner()
    runs = Runs(made.progress._store, runner, folder / "runs")
    desk = Desk(COURSE, OutOfReach(), runs, made.progress, made.bus)
    return replace(made, desk=desk, runs=runs, lifespans=(*made.lifespans, runner, runs, desk))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    services = busy_services(tmp_path_factory.mktemp("fuzz"))
    with TestClient(
        create_site(services), ORIGIN, follow_redirects=False, raise_server_exceptions=False
    ) as client:
        client.get("/login", params={"token": services.access.issue(LEARNER)})
        learner = services.access.who(client.cookies["mesh-dojo-8765"])
        assert learner
        client.headers |= {"origin": ORIGIN, "x-csrf-token": services.access.csrf(learner)}
        yield client


@SCHEMA.parametrize()
@settings(
    max_examples=settings().max_examples // 4,  # for each of the routes
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_request_makes_the_site_fail(case: schemathesis.Case, client: TestClient) -> None:
    sent = case.as_transport_kwargs(base_url=ORIGIN)
    sent.pop("cookies", None)
    answer = client.request(**{key: value for key, value in sent.items() if value is not None})
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
