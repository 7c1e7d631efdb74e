"""sh does what a POSIX shell does, within bounds."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from sandbox.shell.lab import Done, Lab, lab

from app.sandbox.shell import execute as execute_module
from app.sandbox.shell.files import Shared
from app.sandbox.shell.sh import state

pytestmark = pytest.mark.anyio


@pytest.fixture
async def made() -> AsyncIterator[Lab]:
    async with lab() as made:
        made.container("nginx", files={"/etc/v": {"color": b"red"}})
        made.container("busybox", "box")
        yield made


async def sh(made: Lab, script: str, *words: str, given: bytes = b"") -> Done:
    return await made.exec(made.containers["me"], "sh", "-c", script, *words, given=given)


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("for i in 1 2 3; do echo $i; done", "1\n2\n3\n"),
        ('for i in $(seq 1 5); do echo -n "$i "; done', "1 2 3 4 5 "),
        ("i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done", "0\n1\n2\n"),
        ("until true; do echo x; done; echo $?", "0\n"),
        ("x='a  b'; echo $x; echo \"$x\"; echo '$x'", "a b\na  b\n$x\n"),
        ("false || echo no; true && echo yes; ! true; echo $?", "no\nyes\n1\n"),
        ('if [ -z "" ]; then echo empty; elif true; then echo x; else echo full; fi', "empty\n"),
        ("case abc in x|a*) echo A;; *) echo B;; esac", "A\n"),
        ("f() { echo $1 $#; return 3; }; f x y; echo $?", "x 2\n3\n"),
        ("echo ${X:-def} ${HOME#/} ${#PATH}; X=; echo ${X:+set}[${X-unset}]", "def root 60\n[]\n"),
        ("f=a.tar.gz; echo ${f%.*} ${f%%.*} ${f#*.} ${f##*.}", "a.tar a tar.gz gz\n"),
        ("cat <<EOF\na $((1+1))\nEOF", "a 2\n"),
        ("cat <<'EOF'\na $((1+1))\nEOF", "a $((1+1))\n"),
        ('(x=1; echo $x); echo "[$x]"', "1\n[]\n"),
        ("{ echo a; echo b; } | wc -l", "2\n"),
        ("echo a > /tmp/f; echo b >> /tmp/f; cat < /tmp/f", "a\nb\n"),
        ("nosuch 2>/dev/null || echo fallback", "fallback\n"),
        ("yes | head -3", "y\ny\ny\n"),
        (
            "echo $((1+2*3)) $((7/2)) $((-7/2)) $((7%3)) $((1<2 && 3>2)) $((1?4:5))",
            "7 3 -3 1 1 4\n",
        ),
        ("set -e; false || true; if false; then :; fi; echo yes; false; echo no", "yes\n"),
        ("x=$(false); echo $?", "1\n"),
        ("for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done", "1\n3\n"),
        ("while true; do while true; do break 2; done; done; echo out", "out\n"),
        ('A=1; B=2; export A; printenv A; printenv B; echo "$B"', "1\n2\n"),
        ("X=5 printenv X; echo [$X]", "5\n[]\n"),
        ("echo `echo hi` $(echo $(echo deep))", "hi deep\n"),
        (
            'set -- a "b c" d; for w in "$@"; do echo "<$w>"; done; shift; echo $1',
            "<a>\n<b c>\n<d>\nb c\n",
        ),
        ("echo one two | while read x y; do echo $y $x; done", "two one\n"),
        ("true | false; echo $?; set -o pipefail; false | true; echo $?", "1\n1\n"),
        ("sleep 0.01 & wait; echo waited", "waited\n"),
        ("echo err >&2; echo both 2>&1", "both\n"),
        ("echo a \\\n b # comment", "a b\n"),
        ("echo \"$(printf 'a\\n\\n')x\"", "ax\n"),
        ("seq 1 100 | sort -rn | head -2 | tail -1", "99\n"),
        ("printf 'b\\na\\nb\\n' | sort | uniq -c | sort -rn", "      2 b\n      1 a\n"),
        ("printf 'foo12bar3\\n' | grep -oE '[0-9]+'", "12\n3\n"),
        ("seq 1 20 | grep -c 1; seq 3 | grep -v 2; echo aBc | grep -i b", "11\n1\n3\naBc\n"),
        ("echo a:b:c | cut -d: -f2-; echo Hi | tr 'A-Z' 'a-z' | tr -d i", "b:c\nh\n"),
        ("cat /etc/v/color; test -d /etc/v && echo yes", "redyes\n"),
        ("echo b > /etc/b; cat /etc/b; rm /etc/b; test -e /etc/b || echo gone", "b\ngone\n"),
        ("mkdir /data && touch /data/x && ls /data", "x\n"),
        ("seq 4 | xargs -n 2 echo; seq 2 | xargs -I{} echo '<{}>'", "1 2\n3 4\n<1>\n<2>\n"),
        ("env A=1 printenv A; timeout 5 echo in time", "1\nin time\n"),
        ("command -v curl > /dev/null && echo there", "there\n"),
    ],
)
async def test_a_script_prints_what_it_prints_elsewhere(made: Lab, script: str, out: str) -> None:
    assert (await sh(made, script)).out == out


@pytest.mark.parametrize(
    ("script", "code", "err"),
    [
        ("nosuch", 127, "sh: 1: nosuch: not found\n"),
        ("/no/such", 127, "sh: 1: /no/such: not found\n"),
        ("exit 4; echo b", 4, ""),
        ("if true; then", 2, 'sh: 1: Syntax error: end of file unexpected (expecting "fi")\n'),
        ("echo )", 2, 'sh: 1: Syntax error: ")" unexpected\n'),
        ("for; do", 2, "sh: 1: Syntax error: Bad for loop variable\n"),
        ('echo "x', 2, "sh: 1: Syntax error: Unterminated quoted string\n"),
        ("a;; b", 2, 'sh: 1: Syntax error: ";;" unexpected\n'),
        ("echo ${X:?gone}", 2, "sh: 1: X: gone\n"),
        ("set -u; echo $NOPE", 2, "sh: 1: NOPE: parameter not set\n"),
        ("echo x > /etc/v/x", 2, "sh: 1: cannot create /etc/v/x: Read-only file system\n"),
        ("echo x > /no/x", 2, "sh: 1: cannot create /no/x: Directory nonexistent\n"),
        ("timeout 0.01 sleep 5", 124, ""),
        ("env nope", 127, "env: 'nope': No such file or directory\n"),
        ("cat < /nope", 2, "sh: 1: cannot open /nope: No such file\n"),
        ("cat /nope", 1, "cat: /nope: No such file or directory\n"),
        ("ls /nope", 2, "ls: cannot access '/nope': No such file or directory\n"),
        ("grep -E '(' /etc/hosts", 2, "grep: Unmatched ( or \\(\n"),
        ("f() { f; }; f", 2, "sh: 1: maximum function nesting exceeded\n"),
        ("echo $((1/0))", 2, "sh: 1: arithmetic expression: division by zero\n"),
    ],
)
async def test_failures_have_the_codes_and_words_of_a_shell(
    made: Lab, script: str, code: int, err: str
) -> None:
    done = await sh(made, script)
    assert (done.code, done.err) == (code, err)


async def test_a_script_gets_its_words_and_its_input(made: Lab) -> None:
    assert (await sh(made, 'echo "$0 $1 $#"', "name", "one", "two")).out == "name one 2\n"
    done = await made.exec(made.containers["me"], "sh", given=b"x=1\necho $x\nexit 3\n")
    assert (done.code, done.out) == (3, "1\n")


@pytest.mark.parametrize(
    "script",
    [
        "while true; do :; done",
        "f() { while :; do f2 2>/dev/null; done; }; f",
        "yes",
        "yes > /dev/null",
        "while :; do echo x & done",
        "f() { f | f & }; f; wait; sleep 1",
        "f() { x=$(f; f); }; while :; do f; done",
        "x=aaaa; while :; do x=$x$x$x$x; done; sleep 1",
        "while :; do seq 1 10000 | sort -r | grep -E '(1|2)*3$' | wc -l; done",
        "sleep infinity",
    ],
)
async def test_a_script_without_end_leaves_others_their_turn_and_can_be_ended(
    made: Lab, script: str
) -> None:
    task = asyncio.ensure_future(sh(made, script))
    longest = 0.0
    for _ in range(10):
        began = time.process_time()  # not of the clock: other processes have their turn, too
        await asyncio.sleep(0.005)
        longest = max(longest, time.process_time() - began)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert longest < 2


async def test_a_busy_loop_is_slowed_down_after_a_while(
    made: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "BURST", 50)
    began = time.perf_counter()
    await sh(made, "for i in $(seq 1 40); do :; done")
    assert time.perf_counter() - began > 0.05


async def test_output_without_end_is_cut(made: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute_module, "MOST_OUTPUT", 10_000)
    done = await sh(made, "yes")
    assert done.code == 137
    assert done.err.endswith("so much output of one command\n")


@pytest.mark.parametrize(
    "script",
    [
        "x=$(seq 1 9999); i=0; while :; do eval v$i='$x'; i=$((i+1)); done; echo never",
        "i=0; while :; do eval v$i=1; i=$((i+1)); done; echo never",
        "x=$(seq 1 9999); while :; do x=$x$x; done; echo never",
    ],
)
async def test_what_a_shell_holds_is_bounded(
    made: Lab, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "MOST_VARIABLES", 100)
    done = await sh(made, script)
    assert (done.code, done.out) == (2, "")


async def test_a_substitution_is_bounded(made: Lab) -> None:
    done = await sh(made, "x=$(yes)")
    assert done.code == 137


@pytest.mark.parametrize(
    "script", ["(" * 200 + ")" * 200, "$(" * 100, "echo " + "x" * 70_000, "if " * 300, "{ " * 300]
)
async def test_a_script_that_is_too_deep_or_too_long_is_refused(made: Lab, script: str) -> None:
    assert (await sh(made, script)).code == 2


async def test_a_catastrophic_expression_takes_no_time(made: Lab) -> None:
    began = time.perf_counter()
    done = await sh(made, "printf '%s' " + "a" * 5_000 + " | grep -cE '(a*)*(a|aa)*b'")
    assert done.out == "0\n"
    assert time.perf_counter() - began < 10


async def test_nothing_of_the_host_is_there(made: Lab) -> None:
    done = await sh(
        made, "cat /etc/shadow /proc/self/environ /root/.bashrc; ls /work; ls /proc; env"
    )
    assert done.err.count("No such file") == 4
    assert {line.partition("=")[0] for line in done.out.splitlines() if "=" in line} == {
        "HOME", "PATH", "NGINX_VERSION", "PKG_RELEASE",
    }  # fmt: skip


async def test_what_is_written_is_bounded_and_the_pods_own(made: Lab) -> None:
    done = await sh(made, "while true; do seq 1 100000 >> /tmp/f; done & sleep 0.05; echo ok")
    assert done.out == "ok\n"
    assert len(made.containers["me"].files.read("/tmp/f")) <= 1024 * 1024
    assert not made.containers["box"].files.has("/tmp/f")


async def test_at_a_terminal_lines_are_run_as_they_are_typed(made: Lab) -> None:
    box = made.containers["box"]
    box.env = {**box.env, "TERM": "xterm"}
    typed = b"echo hi\nfor i in 1 2\ndo echo $i; done\n)\necho ${X:?no}\nnosuch\nexit 3\necho no\n"
    done = await made.exec(box, "sh", given=typed)
    assert (done.code, done.out) == (3, "hi\n1\n2\n")
    assert done.err.startswith("# # > # sh: 1: Syntax error: ")
    assert done.err.endswith("sh: 1: X: no\n# sh: 1: nosuch: not found\n# ")


async def test_a_shared_volume_is_written_by_all_of_a_pods_containers(made: Lab) -> None:
    me, box = made.containers["me"], made.containers["box"]
    volume = Shared()
    me.files.mount("/data", volume)
    box.files.mount("/in", volume)
    box.user = 1000
    assert (await made.exec(box, "sh", "-c", "echo hi > /in/x; echo x > /etc/x")).err == (
        "sh: 1: cannot create /etc/x: Permission denied\n"
    )
    assert (await made.exec(me, "sh", "-c", "ls /data; cat /data/x")).out == "x\nhi\n"
    me.files.mount("/kept", volume, is_read_only=True)
    refused = await made.exec(me, "sh", "-c", "cat /kept/x; echo x > /kept/y")
    assert (refused.out, refused.err) == (
        "hi\n",
        "sh: 1: cannot create /kept/y: Read-only file system\n",
    )
