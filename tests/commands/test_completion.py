"""What the prompt offers comes from the tables that the policy reads."""

import pytest

from app.commands.completion import completion
from app.commands.model import Scope


@pytest.mark.parametrize(
    ("typed", "offers"),
    [
        ("", "kubectl"),
        ("ist", "istioctl"),
        ("kubectl ", "get"),
        ("kubectl ro", "rollout"),
        ("kubectl rollout ", "status"),
        ("kubectl get ", "pods"),
        ("kubectl get virt", "virtualservices"),
        ("kubectl get pods -", "--output"),
        ("kubectl get pods --all", "--all-namespaces"),
        ("kubectl get pods -n ", "mesh-demo"),
        ("kubectl get pods -o ", "yaml"),
        ("kubectl apply -f ", "backend.yaml"),
        ("kubectl apply -f samples", "samples/addons/kiali.yaml"),
        ("kubectl label namespace ", "mesh-demo"),
        ("kubectl get pods | ", "grep"),
        ("istioctl x ", "describe"),
        ("istioctl dashboard ", "kiali"),
        ("istioctl install --set ", "profile=demo"),
        ("minikube st", "start"),
    ],
)
def test_the_next_word_is_offered(typed: str, offers: str, scope: Scope) -> None:
    assert offers in completion(typed, scope)


@pytest.mark.parametrize("typed", ["rm ", "kubectl get pods --kube", "kubectl ex-", "kubectl cp"])
def test_what_is_refused_is_not_offered(typed: str, scope: Scope) -> None:
    assert completion(typed, scope) == []
