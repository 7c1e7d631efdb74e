"""What all tests share: the tiers that a bare pytest skips, and one event loop for async tests."""

import os

import hypothesis
import pytest

TIERS = {
    "browser": "drives a real Chromium; run with --browser",
    "cluster": "needs the cluster that KUBECONFIG names; run with --cluster",
    "sandbox": "starts a sandbox of its own; run with --sandbox",
}

# The walks of Istio's task pages, which two tiers share: what an assertion saw is told in both.
for page in ("routing", "resilience", "security", "ingress"):
    pytest.register_assert_rewrite(f"sandbox.tasks.{page}")

os.environ["MESH_DOJO_SANDBOX"] = "false"  # a test that wants one says so

hypothesis.settings.register_profile("thorough", deadline=None)  # a busy machine is no failure
hypothesis.settings.register_profile("fast", deadline=None, max_examples=40)
hypothesis.settings.load_profile("fast")  # make test asks for the thorough one


def pytest_addoption(parser: pytest.Parser) -> None:
    for tier, what in TIERS.items():
        parser.addoption(f"--{tier}", action="store_true", help=f"also run what {what}")
    parser.addoption(
        "--screenshots", metavar="DIR", help="keep pictures of the pages in this folder"
    )
    parser.addoption("--record", action="store_true", help="keep what the cluster says as data")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--cluster") and config.getoption("numprocesses", None):
        raise pytest.UsageError("There is one cluster: its tests run in one process, add -n 0.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for tier, what in TIERS.items():
        if not config.getoption(f"--{tier}"):
            for item in items:
                if item.get_closest_marker(tier):  # keywords also hold the names of folders
                    item.add_marker(pytest.mark.skip(reason=what))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
