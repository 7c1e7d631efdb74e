"""The stand-ins' pages say what is there, and nothing in them is anybody's markup but ours."""

import json
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from typing import cast

import pytest
import yaml
from sandbox.addons.proxied import NS, Pods, proxied

from app.sandbox.addons.grafana.dashboards import FOLDER, dashboards, filled, named
from app.sandbox.addons.grafana.page import shown
from app.sandbox.addons.images import Addons
from app.sandbox.addons.jaeger.page import answer as jaeger
from app.sandbox.addons.kiali.page import answer as kiali
from app.sandbox.addons.observatory import Mark, Observatory
from app.sandbox.addons.pages.html import Html, el
from app.sandbox.addons.prometheus.page import answer as prometheus
from app.sandbox.addons.spans.kept import Spans
from app.sandbox.addons.spans.span import Span
from app.sandbox.objects import Json, Obj, items, name_of, text
from app.sandbox.programs.http import Request, Response
from app.sandbox.shell.files import Files

EVIL = """<script>alert(1)</script>"><img src=x onerror=alert(2)>'"""
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "header", "p", "b", "small", "nav", "a",
    "main", "h1", "h2", "footer", "form", "fieldset", "legend", "label", "input", "select",
    "option", "button", "div", "table", "thead", "tbody", "tr", "th", "td", "section", "svg", "g",
    "rect", "path", "text", "line", "circle", "defs", "marker", "ul", "li", "i", "span", "code",
    "pre", "details", "summary",
}  # fmt: skip


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action")}


def checked(answer: Response) -> str:
    """Return a page's text after a look at all that is in it."""
    assert isinstance(answer.body, bytes)
    page = answer.body.decode()
    found = Elements()
    found.feed(page)
    assert found.tags <= ALLOWED
    assert not [name for name in found.attributes if name.startswith("on")]
    assert not [link for link in found.links if not link.startswith(("/", "#"))]
    policy = dict(answer.headers)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    return page


def asked(target: str) -> Request:
    return Request("GET", target, "HTTP/1.1", [])


@pytest.fixture
def pods() -> Iterator[Pods]:
    with proxied() as made:
        made.now = time.time() - 60
        yield made


async def busy(pods: Pods, source: str = "frontend", target: str = "backend-v2") -> Observatory:
    """Return what the stand-ins see after ten requests, two of which failed."""
    frontend, backend = pods.add(source, source), pods.add(target, "backend", "v2")
    await pods.scrape()
    for number in range(10):
        pods.call(frontend, backend, 503 if number < 2 else 200)
    await pods.scrape()
    return Observatory(database=pods.database, collector=pods.collector)


async def test_kiali_draws_who_calls_whom_with_errors_and_locks(pods: Pods) -> None:
    page = checked(kiali(await busy(pods), pods.store, asked("/kiali/console/graph")))
    assert "frontend → backend: 10 in 5 min · 20 % errors, all by mutual TLS" in page
    assert "backend → backend-v2: 10 in 5 min · 20 % errors" in page
    assert 'class="edge bad"' in page
    assert "Mesh Dojo&#x27;s stand-in" in page


async def test_kiali_shows_the_namespaces_that_are_asked_for(pods: Pods) -> None:
    seen = await busy(pods)
    other = checked(kiali(seen, pods.store, asked("/kiali/console/graph?namespace=other")))
    own = checked(kiali(seen, pods.store, asked(f"/kiali/console/graph?namespace={NS}")))
    assert "No request was counted" in other
    assert "frontend → backend" in own


def test_kiali_says_so_where_no_prometheus_runs(pods: Pods) -> None:
    page = checked(kiali(Observatory(), pods.store, asked("/kiali/console/graph")))
    assert "Prometheus does not answer" in page


def test_kiali_lists_istios_objects_with_what_analysis_says(pods: Pods) -> None:
    meta: Obj = {"name": "backend", "namespace": NS}
    api = "networking.istio.io/v1"
    spec: Obj = {"hosts": [EVIL]}
    found: Obj = {"apiVersion": api, "kind": "VirtualService", "metadata": meta, "spec": spec}
    pods.store.create(found)
    mark = Mark("VirtualService", NS, "backend", "Error", "IST0101", EVIL)
    seen = Observatory(lambda: [mark])
    page = checked(kiali(seen, pods.store, asked("/kiali/console/istio")))
    assert "Error: IST0101" in page
    path = f"/kiali/console/istio/{NS}/VirtualService/backend"
    assert path in page
    assert "&lt;script&gt;" in checked(kiali(seen, pods.store, asked(path)))
    assert kiali(seen, pods.store, asked(path + "x")).status == 404


def spans() -> Spans:
    kept = Spans()
    now = time.time()
    kept.add(
        [
            Span("ab12", "1", "", EVIL, EVIL, "client", now, 0.01, {EVIL: EVIL}),
            Span("ab12", "2", "1", "web", "op", "server", now + 0.002, 0.005, is_error=True),
            Span("ab12", "3", "3", "web", "own parent", "", now, 0.001),
        ]
    )
    return kept


def test_jaeger_finds_traces_and_shows_one_as_a_waterfall() -> None:
    kept = spans()
    found = checked(jaeger(kept, asked("/search")))
    assert "3 spans" in found
    assert "1 error" in found
    trace = checked(jaeger(kept, asked("/jaeger/trace/ab12")))
    assert "10 ms" in trace
    assert trace.index("client") < trace.index("server")
    assert jaeger(kept, asked("/trace/cd34")).status == 404
    assert "No trace fits" in checked(jaeger(kept, asked("/search?service=nobody")))
    assert "No span has come yet" in checked(jaeger(Spans(), asked("/search")))


def test_jaeger_tells_traces_as_json() -> None:
    kept = spans()
    answer = jaeger(kept, asked("/api/traces?service=web"))
    assert isinstance(answer.body, bytes)
    (trace,) = json.loads(answer.body)["data"]
    assert [span["operationName"] for span in trace["spans"]][-1] == "op"
    assert trace["processes"]["p1"]["serviceName"] == EVIL
    assert jaeger(kept, asked("/api/traces")).status == 400
    assert jaeger(kept, asked("/api/traces/none")).status == 404


async def test_grafana_draws_the_dashboards_of_its_manifest(pods: Pods) -> None:
    seen = await busy(pods, EVIL)
    mounted = Files()
    for found in manifest("grafana"):
        data = cast(dict[str, str], found.get("data", {}))
        mounted.mount(
            f"{FOLDER}/{name_of(found)}", {key: said.encode() for key, said in data.items()}
        )
    all_of_them = dashboards(mounted)
    assert set(all_of_them) == {
        "istio-service", "istio-mesh", "istio-workload", "istio-performance"
    }  # fmt: skip
    for each in all_of_them.values():
        page = str(await shown(seen, each, {}))
        assert 'class="note bad"' not in page, each.title  # every query is understood
        assert 'class="plot' in page or "<circle" in page, each.title
        assert "<script" not in page
    assert "Prometheus does not answer" in await shown(Observatory(), all_of_them["istio-mesh"], {})


def test_a_dashboard_that_cannot_be_read_is_left_out() -> None:
    mounted = Files({f"{FOLDER}/a/x.json": b"{", f"{FOLDER}/a/y.json": b'{"title": "Y"}'})
    assert [each.title for each in dashboards(mounted).values()] == ["Y"]


def test_what_is_chosen_cannot_leave_its_place_in_a_query() -> None:
    said = filled('up{a=~"$service"}[$__rate_interval] $other', {"service": 'x"} or up{b=~".*'})
    assert said == 'up{a=~"x...or.up.b....."}[1m] $other'
    assert named("{{a}} of {{ b }}", {"a": "1", "b": "2"}) == "1 of 2"


async def test_prometheus_shows_an_answer_as_table_and_chart(pods: Pods) -> None:
    seen = await busy(pods, EVIL)
    page = checked(await prometheus(seen, asked("/query?expr=istio_requests_total&time=300")))
    assert "&lt;script&gt;" in page
    assert "<svg" in page
    assert "parse error" in checked(await prometheus(seen, asked("/query?expr=sum(")))
    assert "10.244.0.2" in checked(await prometheus(seen, asked("/targets")))
    checked(await prometheus(Observatory(), asked("/query?expr=up")))


def test_markup_is_escaped_unless_it_is_ours() -> None:
    made = el("a", EVIL, el("b", "x"), Html("<i>"), None, [1, 2.5], href=EVIL, hidden=False)
    assert re.fullmatch(r'<a href="[^"<>]*">[^<>]*<b>x</b><i>12.5</a>', made)


def manifest(name: str) -> list[Obj]:
    folder = files("app.sandbox.addons") / "samples" / "addons"
    return [*yaml.safe_load_all((folder / f"{name}.yaml").read_text())]


@pytest.mark.parametrize("name", ["prometheus", "grafana", "kiali", "jaeger"])
def test_a_manifest_runs_images_that_are_there_behind_services_that_reach_them(name: str) -> None:
    objects = manifest(name)
    (deployment,) = [each for each in objects if each["kind"] == "Deployment"]
    assert name_of(deployment) == name
    template = cast(Json, deployment["spec"])
    containers = items(template, "template.spec.containers")
    addons = Addons()
    images = [addons.find(text(container, "image")) for container in containers]
    assert [image.name for image in images if image] == [text(c, "image") for c in containers]
    assert addons.find(text(containers[0], "image").rpartition(":")[0] + ":misspelt") is None
    mounted = {text(m, "name") for c in containers for m in items(c, "volumeMounts")}
    assert mounted == {text(volume, "name") for volume in items(template, "template.spec.volumes")}
    labels = cast(Obj, cast(Obj, cast(Obj, template)["template"])["metadata"])["labels"]
    for service in (each for each in objects if each["kind"] == "Service"):
        selector = cast(Obj, cast(Obj, service["spec"])["selector"])
        assert selector.items() <= cast(Obj, labels).items()
