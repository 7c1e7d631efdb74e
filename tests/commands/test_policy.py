"""What the policy lets through, what it refuses, and that no spelling makes a difference."""

from pathlib import Path

import pytest

from app.commands.model import Filter, Scope
from app.commands.pods import PodPlaceholder, placeholders, resolve
from app.commands.policy import parse
from app.errors import CommandRefused, ManifestRefused


def corpus(name: str) -> list[str]:
    lines = (Path(__file__).parent / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


ALLOWED = corpus("allowed_commands.txt")
HOSTILE = corpus("hostile_commands.txt")


def test_the_corpora_are_as_large_as_promised() -> None:
    assert len(set(ALLOWED)) >= 80
    assert len(set(HOSTILE)) >= 300


@pytest.mark.parametrize("line", ALLOWED)
def test_a_line_of_the_course_passes(line: str, scope: Scope) -> None:
    assert parse(line, scope).display == line


@pytest.mark.parametrize("line", HOSTILE)
def test_a_hostile_line_is_refused(line: str, scope: Scope) -> None:
    with pytest.raises((CommandRefused, ManifestRefused)) as refusal:
        parse(line, scope)
    assert str(refusal.value)


@pytest.mark.parametrize(
    "line",
    [
        "kubectl delete pod x -n mesh-demo",
        "kubectl delete pod x -nmesh-demo",
        "kubectl delete pod x -n=mesh-demo",
        "kubectl delete pod x --namespace mesh-demo",
        "kubectl -n mesh-demo delete pod x",
        "kubectl --namespace=mesh-demo delete pod 'x'",
    ],
)
def test_every_spelling_runs_as_the_same_argv(line: str, scope: Scope) -> None:
    assert parse(line, scope).argv == ("kubectl", "delete", "pod", "x", "--namespace=mesh-demo")


def test_the_namespace_that_was_taken_for_granted_is_said() -> None:
    scope = Scope(frozenset({"default"}))
    for line in ("kubectl delete pod x", "kubectl delete ns/default pod/x"):
        assert parse(line, scope).argv[-1] == "--namespace=default"
    assert parse("kubectl delete ns default", scope).argv[-1] == "default"


def test_istio_system_is_only_deleted_whole_and_only_where_the_lesson_says_so(
    scope: Scope,
) -> None:
    assert parse("kubectl delete ns istio-system", scope).changes
    with pytest.raises(CommandRefused):
        parse("kubectl delete ns istio-system", Scope(frozenset({"mesh-demo"})))


def test_a_dashboard_opens_no_browser(scope: Scope) -> None:
    invocation = parse("istioctl dashboard kiali", scope)
    assert "--browser=false" in invocation.argv
    assert invocation.is_long_lived


@pytest.mark.parametrize(
    ("line", "lasts"),
    [
        ("kubectl get pods", False),
        ("kubectl get pods -w", True),
        ("kubectl get pods -w=false", False),
        ("kubectl logs -f x", True),
        ("kubectl port-forward svc/backend 8080:80 -n mesh-demo", True),
    ],
)
def test_what_goes_on_until_stopped_is_known(line: str, lasts: bool, scope: Scope) -> None:
    assert parse(line, scope).is_long_lived is lasts


def test_pipes_become_filters(scope: Scope) -> None:
    invocation = parse("kubectl get pods | grep -iv 'Running' | head -n 3 | wc -l", scope)
    assert invocation.filters == (
        Filter("grep", text="Running", options=frozenset("iv")),
        Filter("head", count=3),
        Filter("wc"),
    )


def test_a_pod_s_name_is_resolved_later(scope: Scope) -> None:
    line = "istioctl pc routes ${pod:app=frontend,version=v1@mesh-demo}.mesh-demo"
    invocation = parse(line, scope)
    (pod,) = placeholders(invocation)
    assert pod == PodPlaceholder("app=frontend,version=v1", "mesh-demo")
    assert resolve(invocation, {pod: "frontend-1"}).argv[-1] == "frontend-1.mesh-demo"


def test_a_manifest_s_text_travels_with_the_command(scope: Scope) -> None:
    invocation = parse("kubectl apply -f ./backend.yaml", scope)
    assert invocation.argv == ("kubectl", "apply", "--filename=backend.yaml")
    assert invocation.files == {"backend.yaml": scope.files["backend.yaml"]}


def test_an_addon_is_the_one_of_the_istio_release(scope: Scope) -> None:
    invocation = parse("kubectl apply -f samples/addons/kiali.yaml", scope)
    assert invocation.argv[-1] == "--filename=/istio/samples/addons/kiali.yaml"
    assert invocation.files == {}


def test_a_hostile_manifest_is_refused_with_the_command_that_names_it() -> None:
    scope = Scope(frozenset({"mesh-demo"}), {"a.yaml": "kind: ClusterRole\napiVersion: v1\n"})
    for line in ("kubectl apply -f a.yaml", "kubectl get -f a.yaml", "istioctl analyze a.yaml"):
        with pytest.raises(ManifestRefused):
            parse(line, scope)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("kubectl edit deploy x", "manifest"),
        ("minikube tunnel", "password"),
        ("kubectl get pods --colour", "--output"),
        ("kubectl frobnicate", "describe"),
        ("kubectl apply -f other.yaml", "backend.yaml"),
        ("kubectl delete pod x", "-n mesh-demo"),
        ("vim", "kubectl"),
        ("kubectl exec x -n mesh-demo -- sh", "nslookup"),
        ("istioctl install", "-y"),
        ("curl http://backend/", "kubectl exec"),
    ],
)
def test_a_refusal_says_what_would_be_allowed(line: str, says: str, scope: Scope) -> None:
    with pytest.raises(CommandRefused) as refusal:
        parse(line, scope)
    assert says in refusal.value.hint


@pytest.mark.parametrize("flag", ["-it", "-i", "-t", "--stdin", "--tty"])
def test_a_run_has_no_keyboard(flag: str) -> None:
    line = f"kubectl exec {flag} deploy/backend -n mesh-demo -- env"
    with pytest.raises(CommandRefused, match="keyboard"):
        parse(line, Scope(frozenset({"mesh-demo"})))
