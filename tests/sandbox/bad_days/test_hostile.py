"""Hostile programs: whatever a learner's command does, others are served and it can be ended."""

import subprocess
import time
from collections.abc import Iterator

import psutil
import pytest
from sandbox.bad_days.away import Away, away, populate, until

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("hostile")]

ANSWER_S = 3.0  # kubectl's own start on a busy machine is most of it
MORE_MIB = 120
SCRIPTS = {
    "busy": "while true; do :; done",
    "counting": "i=0; while :; do i=$((i+1)); done",
    "fork bomb": "bomb() { bomb | bomb & }; bomb; wait; while :; do bomb; done",
    "recursion": "f() { f; }; while :; do (f); done",
    "background": "while :; do sleep 1000 & done",
    "substitutions": "while :; do x=$(echo $(echo $(seq 1 100))); done",
    "yes": "yes",
    "errors": "while :; do cat /nope; done",
    "files": "i=0; while :; do i=$((i+1)); seq 1 20000 > /tmp/f$i; done",
    "sorting": "while :; do seq 1 100000 | sort -r | uniq -c | wc -l; done",
    "grep": "while :; do seq 1 20000 | grep -cE '^(([0-9]+)*)*(1|11|111)*x$'; done",
    "curl": "while :; do curl -s http://web/[1-99999999999] & done",
}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    with away(tmp_path_factory.mktemp("hostile") / "s") as made:
        populate(made)
        yield made


def is_still(made: Away) -> bool:
    """Whether nothing of the program goes on."""
    return made.is_idle() and made.sh("true").returncode == 0


def end(program: "subprocess.Popen[bytes]") -> None:
    program.kill()
    program.communicate()


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_others_are_served_beside_a_hostile_command_which_ends_with_its_client(
    here: Away, script: str
) -> None:
    before = here.memory()
    program = here.begin("kubectl", "exec", "client", "--", "sh", "-c", script)
    try:
        spent = sum(here.process.cpu_times()[:2])
        until(lambda: program.poll() is not None or here.cpu_s() > spent + 0.3)
        longest = max(here.answers_s() for _ in range(2))
        most = here.memory()
    finally:
        end(program)
    assert longest < ANSWER_S
    assert most - before < MORE_MIB
    until(lambda: is_still(here))


def test_many_hostile_commands_at_once_leave_a_share_to_others(here: Away) -> None:
    scripts = [SCRIPTS[name] for name in ("busy", "fork bomb", "yes", "grep")] * 3
    programs = [here.begin("kubectl", "exec", "client", "--", "sh", "-c", each) for each in scripts]
    try:
        spent = here.cpu_s()
        until(lambda: here.cpu_s() > spent + 2)
        assert max(here.answers_s() for _ in range(3)) < 3 * ANSWER_S
    finally:
        for each in programs:
            end(each)
    until(lambda: is_still(here))


HOSTILE_POD = """
apiVersion: v1
kind: Pod
metadata: {{name: hostile}}
spec:
  restartPolicy: Never
  containers: [{{name: box, image: busybox, command: [sh, -c, "{script}"]}}]
"""


@pytest.mark.parametrize(
    "script",
    [
        "while true; do :; done",
        "yes",
        "f() { f | f & }; while :; do f; done",
        "while :; do printf '%9999s' x; done",
    ],
)
def test_a_hostile_pod_is_bounded_and_can_be_deleted(here: Away, script: str) -> None:
    before = here.memory()
    here.kubectl("apply", "-f", "-", given=HOSTILE_POD.format(script=script))
    spent = here.cpu_s()
    phase = ("get", "pod", "hostile", "-o", "jsonpath={.status.phase}")
    until(lambda: here.cpu_s() > spent + 0.5 or here.kubectl(*phase) in ("Failed", "Succeeded"))
    assert max(here.answers_s() for _ in range(2)) < ANSWER_S
    assert here.memory() - before < MORE_MIB
    assert len(here.kubectl("logs", "hostile")) < 1_100_000
    began = time.monotonic()
    here.kubectl("delete", "pod", "hostile", "--grace-period=1")
    assert time.monotonic() - began < 10
    until(lambda: is_still(here))


def test_output_that_nobody_reads_is_not_piled_up(here: Away) -> None:
    before = here.memory()
    program = here.begin("kubectl", "exec", "client", "--", "yes", is_unread=True)
    other = psutil.Process(program.pid)
    try:
        spent = here.cpu_s()
        until(lambda: here.cpu_s() > spent + 0.3)
        other.suspend()
        until(lambda: here.is_idle())
        assert here.memory() - before < MORE_MIB
        assert here.answers_s() < ANSWER_S
    finally:
        end(program)
    until(lambda: is_still(here))


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("seq 1 999999999", 1),
        ("seq -999999999 999999999", 1),
        ("seq 1 99999999999999999999", 1),
        ("for i in $(seq 1 1000000); do :; done", 137),
        ("for i in {1..99999999}; do :; done", 0),
        ("printf '%99999999999s' x", 0),
        ("f() { f; }; f", 2),
        ("printf '%s' $(seq 1 9999) | grep -cE '(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x'", 1),
        ("printf '%s' $(seq 1 9999) | grep -E '((a{1,100}){1,100}){1,100}'", 2),
        ("printf '%s' $(seq 1 9999) | grep -E '(1*)*$(((1?){50}){50}){50}'", 2),
        ("echo $((9**9**9**9))", 2),
        ("echo $((1<<99999999999))", 0),
        ("head -n 99999999999 /dev/zero", 1),
        ("sleep 99999999999999999999 & exit 3", 3),
        ("timeout 0.1 yes > /dev/null", 124),
        ("echo $(echo $(yes))", 137),
    ],
)
def test_what_asks_for_too_much_ends_soon(here: Away, script: str, code: int) -> None:
    before, spent = here.memory(), here.cpu_s()
    said = here.sh(script, within_s=20)
    assert here.cpu_s() - spent < 3
    assert here.memory() - before < MORE_MIB
    assert said.returncode == code, said
