"""What a mark was made with: digests of course and checks, versions of cluster and tools."""

import hashlib
import json
from collections.abc import Awaitable
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Final

from app import checks
from app.clusters.cluster import Output
from app.clusters.objects import Object
from app.content.model import Course
from app.errors import AppError
from app.grading.desk import Workplace
from app.grading.report import Versions

VERSION_S: Final = 15.0
_KUBECTL: Final = ("kubectl", "version", "--output=json")
_ISTIOCTL: Final = ("istioctl", "version", "--remote=false", "--output=json")


def own_versions(course: Course) -> Versions:
    """Return what is known without a cluster."""
    return Versions(metadata.version("mesh-dojo"), course.version, checks_digest(), "")


async def read_versions(course: Course, workplace: Workplace) -> Versions:
    """Return the versions; empty ones where there is no cluster or no program to ask."""
    kubectl, kind = Object({}), ""
    tools: dict[str, str] = {}
    try:
        bench = await workplace.bench()
        kind = "sandbox" if bench.is_sandbox else "cluster"
        kubectl = await _said(bench.programs.run(_KUBECTL, timeout_s=VERSION_S))
        tools["kubectl"] = kubectl.text("clientVersion.gitVersion")
        istioctl = await _said(bench.programs.run(_ISTIOCTL, timeout_s=VERSION_S))
        tools["istioctl"] = istioctl.text("clientVersion.version")
    except AppError:
        pass  # a program or the cluster is out of reach: that is told by the checks
    server = kubectl.text("serverVersion.gitVersion")
    cluster = ", ".join(part for part in (kind, server and f"Kubernetes {server}") if part)
    told = {name: version for name, version in tools.items() if version}
    return replace(own_versions(course), cluster=cluster, tools=told)


def checks_digest() -> str:
    """Return a digest of the code of all kinds of checks."""
    digest = hashlib.sha256()
    for file in sorted(Path(checks.__path__[0]).glob("*.py")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


async def _said(output: Awaitable[Output]) -> Object:
    try:
        found = json.loads((await output).stdout)
    except ValueError:
        return Object({})
    return Object(found if isinstance(found, dict) else {})
