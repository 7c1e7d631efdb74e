"""A cluster that the learner brings: described, never started, never stopped."""

from pathlib import Path

import pytest
from fakes import BrokenCluster, FakeCluster, ForbiddenCluster

from app.clusters.provider import Answering, ClusterProvider, KubeconfigProvider
from app.commands.model import Environment
from app.errors import Refused

ENVIRONMENT = Environment(Path("/lab/kubeconfig"), {})


@pytest.mark.parametrize(
    ("cluster", "word", "words"),
    [
        (FakeCluster(), "up", "Kubernetes v1.35.4 answers."),
        (BrokenCluster(), "down", "connection refused"),
        (ForbiddenCluster(), "refused", "refuses this"),
    ],
)
async def test_its_state_is_told_in_a_word_and_a_sentence(
    cluster: Answering, word: str, words: str
) -> None:
    state = await KubeconfigProvider(cluster, ENVIRONMENT).state()
    assert state.word == word
    assert words in state.text


async def test_it_is_the_learners_to_start_and_to_stop() -> None:
    provider: ClusterProvider = KubeconfigProvider(FakeCluster(), ENVIRONMENT)
    with pytest.raises(Refused) as start:
        await provider.start()
    assert "minikube start --memory=8192 --cpus=4" in start.value.hint
    with pytest.raises(Refused):
        await provider.stop()
    assert provider.environment() is ENVIRONMENT
