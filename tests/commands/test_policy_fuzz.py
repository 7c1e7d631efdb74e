"""Whatever is let through keeps the promises, however the line was put together."""

import re
import shlex
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.commands.model import Invocation, Scope
from app.commands.policy import parse
from app.errors import CommandRefused, ManifestRefused

HERE = Path(__file__).parent
MANIFEST = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: mesh-demo}\n"
    "spec: {ports: [{port: 80}]}\n"
)
SCOPE = Scope(
    frozenset({"mesh-demo", "istio-system"}),
    {"backend.yaml": MANIFEST, "frontend.yaml": MANIFEST},
    {"samples/addons/kiali.yaml": Path("/istio/samples/addons/kiali.yaml")},
)
FILES = {"backend.yaml", "frontend.yaml", "/istio/samples/addons/kiali.yaml"}
CHANGING = {"delete", "label", "annotate", "scale", "set", "patch", "exec", "port-forward"}
FORBIDDEN = re.compile(
    r"--?(kubeconfig|context|user|as|as-group|as-uid|token|server|username|password"
    r"|certificate-authority|client-certificate|client-key|insecure-skip-tls-verify|cache-dir"
    r"|tls-server-name|kuberc|profile-output|kustomize|from-file|from-env-file|raw"
    r"|patch-file|overrides|prune|stdin|tty|manifests|edit|www|file|meshConfigFile|cert-dir"
    r"|xds-address|remote-contexts|subresource|show-secrets|reset|level)(=.*)?"
)
HOSTILE_WORDS = [
    *("--kubeconfig=/tmp/x", "--context=prod", "--as=root", "--token=x", "--server=https://x"),
    *("-shttps://x", "-s", "-k", "-k.", "--kustomize=.", "-f/etc/passwd", "-f=/etc/passwd"),
    *("--filename=/etc/passwd", "-f", "/etc/passwd", "-", "--", "-A", "--all-namespaces"),
    *("-nkube-system", "-n=kube-system", "-n", "kube-system", "--namespace=kube-system"),
    *("-ojsonpath-file=/etc/passwd", "-o", "go-template-file=/etc/passwd", "-it", "-i", "-t"),
    *("--raw=/api/v1/secrets", "--address=0.0.0.0", "--address", "0.0.0.0", "-v=9", "-v9"),
    *("--template={{.data}}", "secrets", "secret/x", "ns/kube-system", "nodes", "--all", "sh"),
    *("--browser=true", "--set", "hub=evil", "--set=hub=evil", "-d", "/tmp", "--force", "-R"),
    *("|", ";", "&&", ">", "$(id)", "`id`", "--profile=cpu", "--from-file=/etc/passwd"),
    *("-o", "/tmp/x", "-T", "@/etc/passwd", "-K", "file:///etc/passwd", "-p", "{}", "-l", "a=b"),
]


def corpus(name: str) -> list[str]:
    lines = (HERE / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


LINES = st.sampled_from(corpus("allowed_commands.txt"))
VOCABULARY = sorted(
    {
        word
        for name in ("allowed_commands.txt", "hostile_commands.txt")
        for line in corpus(name)
        for word in line.split()
    }
)


def let_through(line: str) -> Invocation | None:
    try:
        return parse(line, SCOPE)
    except (CommandRefused, ManifestRefused):
        return None


def check(invocation: Invocation | None) -> None:
    if invocation is None:
        return
    argv = invocation.argv
    end = argv.index("--") if "--" in argv else len(argv)
    own, inside = argv[:end], argv[end + 1 :]
    assert argv[0] in {"kubectl", "istioctl", "minikube", "curl"}
    assert end == len(argv) or argv[1] == "exec"
    if argv[0] == "curl":
        assert re.match(r"http://|127\.0\.0\.1:|localhost:", argv[1])
        return
    for word in own[1:]:
        is_health = word.startswith(("--raw=/readyz", "--raw=/livez", "--raw=/healthz"))
        assert is_health or word == "--raw=/version" or not FORBIDDEN.fullmatch(word), word
        assert not re.match(r"-[a-zA-Z]", word), "only long flags run"
        assert own[0] != "kubectl" or not word.startswith("--cluster=")
        assert own[1] == "explain" or not word.startswith("--recursive")
    check_targets(own)
    if inside:
        assert inside[0] not in {"sh", "bash", "ash", "/bin/sh"}
        assert not any(word.lower().startswith(("file:", "@")) for word in inside)


def check_targets(own: tuple[str, ...]) -> None:
    flags = dict(word[2:].split("=", 1) for word in own if word.startswith("--"))
    files = [word.split("=", 1)[1] for word in own if word.startswith("--filename=")]
    assert set(files) <= FILES
    assert flags.get("address", "localhost") in {"localhost", "127.0.0.1"} or own[1] != (
        "port-forward"
    )
    assert own[1] != "dashboard" or flags["browser"] == "false"
    assert flags.get("set", "profile=").startswith("profile=")
    shows = flags.get("output", "")
    assert "file=" not in shows.split("=")[0] + "="
    if own[0] != "kubectl":
        return
    words = [word for word in own[2:] if not word.startswith("--")]
    if own[1] in CHANGING and not files:
        namespaces = {"mesh-demo", "mesh-dojo-probe", "mesh-dojo-outside"}
        namespaces |= {"istio-system"} if own[1] == "port-forward" else set()
        is_of_namespaces = words and re.fullmatch(r"(ns|namespaces?)(/.*)?", words[0])
        assert is_of_namespaces or flags["namespace"] in namespaces
        assert not is_of_namespaces or not {"kube-system", "ns/kube-system"} & {*words}
    if any(re.match(r"(.*,)?secrets?\b", word, re.IGNORECASE) for word in words[:1]):
        assert "template" not in flags
        assert own[1] == "describe" or shows in {"", "wide", "name"}


FUZZ = settings(suppress_health_check=[HealthCheck.too_slow])


@FUZZ
@given(line=LINES, hostile=st.sampled_from(HOSTILE_WORDS), at=st.integers(0, 12))
def test_a_hostile_word_in_any_place_changes_nothing(line: str, hostile: str, at: int) -> None:
    words = line.split(" ")
    check(let_through(" ".join([*words[:at], hostile, *words[at:]])))


@FUZZ
@given(line=LINES, hostile=st.lists(st.sampled_from(HOSTILE_WORDS), max_size=4), data=st.data())
def test_several_hostile_words_change_nothing(
    line: str, hostile: list[str], data: st.DataObject
) -> None:
    words = line.split(" ")
    for word in hostile:
        words.insert(data.draw(st.integers(0, len(words))), word)
    check(let_through(" ".join(words)))


@FUZZ
@given(words=st.lists(st.sampled_from(VOCABULARY), max_size=8), program=st.sampled_from(VOCABULARY))
def test_words_at_random_keep_the_promises(words: list[str], program: str) -> None:
    for first in ("kubectl", "istioctl", "minikube", program):
        check(let_through(" ".join([first, *words])))


@FUZZ
@given(line=LINES, swap=st.tuples(st.integers(0, 10), st.integers(0, 10)))
def test_words_in_another_order_keep_the_promises(line: str, swap: tuple[int, int]) -> None:
    words = line.split(" ")
    one, other = (place % len(words) for place in swap)
    words[one], words[other] = words[other], words[one]
    check(let_through(" ".join(words)))


@FUZZ
@given(text=st.text(max_size=60))
def test_any_text_is_refused_or_kept_to_the_promises(text: str) -> None:
    for line in (text, f"kubectl {text}", f"kubectl get pods {text}", f"istioctl {text}"):
        check(let_through(line))


@FUZZ
@given(word=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_a_quoted_word_is_one_word(word: str) -> None:
    quoted = shlex.quote(word)
    invocation = let_through(f"kubectl exec a -n mesh-demo -- curl -A {quoted} http://backend")
    if invocation is not None:
        assert invocation.argv[-2] == word
