"""A lab over the cluster that KUBECONFIG names, with its site on a free port, and its Istio."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import run_report
from walk import Walker
from walking import walking

from app.cli.logs import set_up_logs
from app.content.model import Course
from app.settings import ROOT, Settings

RECORDED = Path(__file__).parent.parent / "recorded"
MINIKUBE = """#!/bin/sh
# Stands in for minikube, which cannot run here: answers as its documentation says.
case "$1 $2" in
  "start "*) echo "* minikube v1.37.0"; echo "* Done! kubectl is now configured to use minikube" ;;
  "status "*) echo '{"Name":"minikube","Host":"Running","Kubelet":"Running"}' ;;
  "profile "*) echo '{"invalid":[],"valid":[{"Name":"minikube","Status":"OK"}]}' ;;
  "version "*) echo "minikube version: v1.37.0" ;;
  "ip "*) echo "192.168.49.2" ;;
  *) exit 0 ;;
esac
"""


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked Istio release around the istioctl of this machine, with its samples.

    Commands run with a HOME of their own; a test bed's istioctl is a script that reads HOME.
    """
    folder = tmp_path_factory.mktemp("release")
    istioctl = shutil.which("istioctl")
    assert istioctl, "put istioctl on the PATH"
    (folder / "bin").mkdir()
    script = folder / "bin" / "istioctl"
    script.write_text(f'#!/bin/sh\nHOME="{Path.home()}" exec "{istioctl}" "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    samples = Path(istioctl).parent.parent / "samples"
    (folder / "samples").symlink_to(samples, target_is_directory=True)
    return folder


@pytest.fixture(scope="session")
def istio(release: Path) -> Iterator[None]:
    """Istio's demo profile on a cluster that had none: the course's walk installs its own."""
    istioctl, kubectl = release / "bin" / "istioctl", Path(sys.executable).with_name("kubectl")
    there = subprocess.run([kubectl, "get", "deployment/istiod", "-n", "istio-system"], check=False)
    if there.returncode == 0:
        yield
        return
    subprocess.run([istioctl, "install", "--set", "profile=demo", "-y"], check=True)
    yield
    subprocess.run([istioctl, "uninstall", "--purge", "-y"], check=True)
    subprocess.run([kubectl, "delete", "namespace", "istio-system"], check=True)


@pytest.fixture(scope="session")
async def walker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, release: Path
) -> AsyncIterator[Walker]:
    """A learner signed in to a site over the real cluster."""
    tools = tmp_path_factory.mktemp("tools")
    (tools / "minikube").write_text(MINIKUBE)
    (tools / "minikube").chmod(0o755)
    os.environ["PATH"] = f"{tools}{os.pathsep}{os.environ['PATH']}"
    settings = Settings(port=0, data_dir=tmp_path_factory.mktemp("data"), istio_release_dir=release)
    set_up_logs("info")
    folder = RECORDED if request.config.getoption("--record") else None
    async with walking(settings, folder) as walker:
        yield walker
        walker.keep_commands()
        if folder:
            run_report.write(walker.took, ROOT / "docs")


@pytest.fixture(scope="session")
def course(walker: Walker) -> Course:
    """The course that the site serves."""
    return walker.course
