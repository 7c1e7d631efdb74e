"""A start that cannot succeed ends with one sentence and a status; one without a cluster opens."""

import re
import resource
import socket
from pathlib import Path

import pytest
from served import Bench, heed_modes
from visitor import Visitor

from app.settings import ROOT
from app.store.engine import Store


async def test_without_a_kubeconfig_the_site_opens_on_the_preflight_page(bench: Bench) -> None:
    async with bench.served() as served, Visitor.at(served.address) as visitor:
        assert 'content="0; url=/preflight"' in visitor.welcome
        page = await visitor.page("/preflight?look=1")
        assert "There is no kubeconfig" in page
        assert "minikube" in page
        assert "mesh" in await visitor.page("/")
    assert served.said() == ""


def test_a_port_in_use_is_said_and_another_one_proposed(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = bench.command("serve", "--port", str(port))
    assert said.returncode == 3
    assert f"Port {port} is in use" in said.stderr
    assert f"--port {port + 1}" in said.stderr


def test_a_mistake_in_a_lesson_ends_the_start_with_its_file_and_line(
    bench: Bench, tmp_path: Path
) -> None:
    lesson = tmp_path / "lessons" / "01-broken"
    lesson.mkdir(parents=True)
    text = (ROOT / "lessons" / "04-namespace" / "lesson.md").read_text(encoding="utf-8")
    (lesson / "lesson.md").write_text(text.replace("```run look", "```run loook", 1))
    checks = (ROOT / "lessons" / "04-namespace" / "checks.yaml").read_text(encoding="utf-8")
    (lesson / "checks.yaml").write_text(checks)
    bench.settings["MESH_DOJO_LESSONS_DIR"] = str(lesson.parent)
    said = bench.command("serve", "--port", "0")
    line = text[: text.index("```run look")].count("\n") + 1
    assert said.returncode == 1
    assert re.search(rf"01-broken/lesson.md:{line}: ", said.stderr.replace("\n", ""))
    assert "Traceback" not in said.stderr


def test_a_database_that_cannot_be_opened_ends_the_start_with_a_sentence(bench: Bench) -> None:
    (bench.data / "mesh-dojo.db").mkdir(parents=True)
    said = bench.command("serve", "--port", "0")
    assert said.returncode == 3
    assert "database does not take this" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(("protected", "mode"), [("mesh-dojo.db", 0o444), (".", 0o555)])
async def test_a_database_that_cannot_be_written_ends_the_start_and_says_what_mends_it(
    bench: Bench, protected: str, mode: int
) -> None:
    file = bench.data / "mesh-dojo.db"
    async with Store(f"sqlite+aiosqlite:///{file}"):
        pass
    (bench.data / protected).chmod(mode)
    try:
        said = bench.command("serve", "--port", "0", before=heed_modes)
    finally:
        (bench.data / protected).chmod(0o700)
    assert (said.returncode, said.stdout) == (3, "")
    assert "The lab's database cannot be written" in said.stderr
    assert f"chmod u+w {bench.data} {file}" in said.stderr
    assert "Traceback" not in said.stderr


async def test_a_disk_that_fills_up_ends_the_run_and_loses_nothing(bench: Bench) -> None:
    bench.program("curl", "while True: print('x' * 1000)")
    limit = 1_000_000

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    async with bench.served(before=small_files) as served, Visitor.at(served.address) as visitor:
        line = "curl -s http://localhost:8080/"
        run = await visitor.run("ingress-gateway", "knock", line=line)
        assert run.state == "cut"
        assert "its lines cannot be kept" in run.output
        assert len(run.output) > limit / 2
        await visitor.post("/lessons/why-a-mesh/between/hint")
