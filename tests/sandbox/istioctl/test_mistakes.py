"""Usual mistakes in files: analyze and validate say of each what the real ones said."""

import shlex

import pytest
from sandbox.istioctl.bench import call, lab_of

from tools.conformance import recorded
from tools.conformance.cases import load
from tools.conformance.cluster import Answer
from tools.conformance.normalise import normalised

MISTAKES = next(group for group in load() if group.name == "mistakes")
SAID = recorded.kept(recorded.REAL, MISTAKES)
# Told in docs/conformance.md: what these files are about has no effect here, or other words.
DIFFERENT = {"dr-local.yaml", "sc-ingress.yaml", "t-badjson.yaml"}
FILES = {name: text.encode() for name, text in MISTAKES.files.items()}
ASKED = {
    file: [
        case
        for case in MISTAKES.compared
        if case.run in (f"istioctl analyze --use-kube=false {file}", f"istioctl validate -f {file}")
    ]
    for file in FILES
}


@pytest.mark.parametrize("file", sorted(FILES.keys() - DIFFERENT))
async def test_a_file_is_told_of_as_the_real_one_tells(file: str) -> None:
    assert len(ASKED[file]) > 1
    for case in ASKED[file]:
        argv = shlex.split(case.run)[1:]
        said = await call(lab_of([]), *argv, files=FILES, namespace=MISTAKES.namespace)
        answer = Answer(said.code, said.stdout, said.stderr)
        assert normalised(answer, case) == SAID[case.name], case.run
