"""The chosen context: kept, opened once, opened anew when it changes, guarded."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import yaml
from empty_cluster import EmptyCluster
from empty_cluster import named as plain

from app.commands.runner import Runner
from app.errors import ClusterUnavailable, NotFound, Refused
from app.practice.chosen import ChosenCluster
from app.progress.queries import Progress
from app.settings import Settings

DEAD = "http://127.0.0.1:1"
ARN = "arn:aws:eks:eu-central-1:123456789012:cluster/shop-"


def write(file: Path, current: str, servers: Mapping[str, str]) -> None:
    """Write a kubeconfig of these contexts: {name: server}."""
    document = {
        "current-context": current,
        "clusters": [{"name": n, "cluster": {"server": s}} for n, s in servers.items()],
        "users": [{"name": "me", "user": {"token": "t"}}],
        "contexts": [{"name": n, "context": {"cluster": n, "user": "me"}} for n in servers],
    }
    file.write_text(yaml.safe_dump(document))


@pytest.fixture
async def server() -> AsyncIterator[EmptyCluster]:
    found = EmptyCluster()
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
def file(tmp_path: Path, server: EmptyCluster) -> Path:
    path = tmp_path / "kubeconfig"
    write(path, "practice", {"practice": server.address, "spare": server.address, "gone": DEAD})
    return path


@pytest.fixture
def settings(tmp_path: Path, file: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", kubeconfig=file)


@pytest.fixture
async def runner() -> AsyncIterator[Runner]:
    async with Runner() as runner:
        yield runner


@pytest.fixture
async def chosen(
    settings: Settings, progress: Progress, runner: Runner
) -> AsyncIterator[ChosenCluster]:
    async with ChosenCluster(settings, progress, runner, "ann") as chosen:
        yield chosen


async def test_the_current_context_is_worked_in_until_another_is_chosen(
    chosen: ChosenCluster, settings: Settings, progress: Progress, runner: Runner
) -> None:
    assert (await chosen.bench()).context == "practice"
    await chosen.choose("spare", "")
    assert (await chosen.bench()).context == "spare"
    async with ChosenCluster(settings, progress, runner, "ann") as again:
        assert (await again.bench()).context == "spare"
        assert [c.name for c in await again.all() if c.is_chosen] == ["spare"]
    fixed = settings.model_copy(update={"context": "practice"})
    async with ChosenCluster(fixed, progress, runner, "ann") as again:
        assert (await again.bench()).context == "practice"


async def test_a_context_that_is_not_there_cannot_be_chosen(chosen: ChosenCluster) -> None:
    with pytest.raises(NotFound, match="no context “other”"):
        await chosen.choose("other", "other")


async def test_a_bench_is_opened_once_and_anew_when_the_kubeconfig_changes(
    chosen: ChosenCluster, file: Path, server: EmptyCluster
) -> None:
    first = await chosen.bench()
    assert await chosen.bench() is first
    write(file, "practice", {"practice": DEAD})
    with pytest.raises(ClusterUnavailable):
        await chosen.bench()
    write(file, "practice", {"practice": server.address})
    assert await chosen.bench() is not first


async def test_a_cluster_that_looks_like_production_waits_for_its_name(
    chosen: ChosenCluster, server: EmptyCluster
) -> None:
    server.objects["nodes"] = [plain(f"node-{n}") for n in range(4)]
    with pytest.raises(Refused, match="it has 4 nodes"):
        await chosen.bench()
    alarms = {context.name: context.alarm for context in await chosen.all()}
    assert alarms == {"practice": "it has 4 nodes", "spare": "", "gone": ""}
    with pytest.raises(Refused):
        await chosen.choose("practice", "practise")
    await chosen.choose("practice", "practice")
    assert (await chosen.bench()).context == "practice"
    assert {context.alarm for context in await chosen.all()} == {""}


async def test_confirming_one_cluster_confirms_no_other_of_a_name_alike(
    chosen: ChosenCluster, file: Path, server: EmptyCluster
) -> None:
    write(file, ARN + "test", {ARN + "test": server.address, ARN + "live": server.address})
    await chosen.choose(ARN + "test", ARN + "test")
    with pytest.raises(Refused, match="live"):
        await chosen.choose(ARN + "live", "")


async def test_who_waits_for_a_cluster_that_fails_shares_the_failure(
    chosen: ChosenCluster, server: EmptyCluster
) -> None:
    server.freeze()
    waiting = [asyncio.create_task(chosen.bench()) for _ in range(5)]
    while server.asked < 2:  # noqa: ASYNC110 - nodes and namespaces, over a real connection
        await asyncio.sleep(0.01)
    await server.stop()
    errors = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(error) for error in errors} == {ClusterUnavailable}
    assert server.asked == 2


async def test_a_cluster_is_ready_where_it_answers(
    chosen: ChosenCluster, server: EmptyCluster
) -> None:
    assert await chosen.is_ready()
    await chosen.choose("gone", "")
    assert not await chosen.is_ready()


async def test_without_a_cluster_preflight_is_told_why(
    settings: Settings, progress: Progress, runner: Runner, tmp_path: Path
) -> None:
    nowhere = settings.model_copy(update={"kubeconfig": tmp_path / "nowhere"})
    chosen = ChosenCluster(nowhere, progress, runner, "ann")
    async with chosen.around() as around:
        assert around.cluster is None
        assert "There is no kubeconfig" in str(around.trouble)
    assert not await chosen.is_ready()
    assert chosen.bare().kubeconfig == Path("/dev/null")


async def test_commands_get_a_copy_that_holds_the_one_context(
    chosen: ChosenCluster, file: Path, tmp_path: Path
) -> None:
    environment = (await chosen.bench()).provider.environment()
    copy = yaml.safe_load(environment.kubeconfig.read_text())
    assert environment.kubeconfig.is_relative_to(tmp_path / "data")
    assert [context["name"] for context in copy["contexts"]] == ["practice"]
