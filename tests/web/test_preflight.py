"""Preflight as a page: findings one by one, or all at the end."""

from dataclasses import replace
from typing import Any

from starlette.testclient import TestClient

from app.errors import ClusterUnavailable
from app.preflight.finding import Finding
from app.web.render import Pages
from app.web.routes.preflight import events
from web.fakes import FakePreflight

FINDINGS = (
    Finding("kubectl", "ok", "kubectl was found"),
    Finding("room", "problem", "Too little <memory>", mend="minikube start", where="terminal"),
)


class Unreachable(FakePreflight):
    """Cannot even begin."""

    async def look(self) -> Any:
        raise ClusterUnavailable("No kubeconfig.", hint="Set KUBECONFIG.")
        yield


async def streamed(services: Any) -> list[tuple[str | None, str]]:
    return [(event.event, str(event.data)) async for event in events(services, Pages())]


async def test_findings_come_as_they_are_made_and_in_the_end_in_order(services: Any) -> None:
    services.preflight.findings = FINDINGS
    begun, first, second, (last, whole) = await streamed(services)
    assert 'id="finding-list"' in begun[1]
    assert "kubectl was found" in first[1]
    assert "Too little &lt;memory&gt;" in second[1]
    assert "2 so far" in second[1]
    assert last == "done"
    assert whole.index("Too little") < whole.index("kubectl was found")


async def test_a_preflight_that_cannot_begin_says_why(services: Any) -> None:
    broken = replace(services, preflight=Unreachable())
    assert "No kubeconfig." in (await streamed(broken))[-1][1]


def test_without_scripts_all_findings_come_at_the_end(browser: TestClient, services: Any) -> None:
    services.preflight.findings = FINDINGS
    page = browser.get("/preflight", params={"look": "1"}).text
    assert "1 thing stands in the way" in page
    assert "<span>minikube</span> <span>start</span>" in page  # a line breaks between words only
