"""istioctl: what installs a profile, what looks, and what takes all away again."""

import re
from typing import Final

from app.commands.allowed.flags import Flag, Flags, Option
from app.commands.allowed.kinds import kind_of
from app.commands.allowed.kubectl_read import nothing
from app.commands.allowed.values import (
    DURATION,
    FILES,
    LOCAL_PORT,
    NAMESPACE,
    POD,
    PORT,
    SELECTOR,
    Value,
    choice,
    shorten,
)
from app.commands.allowed.verb import Call, Program, Verb, verb
from app.commands.model import Scope
from app.errors import CommandRefused

_SYSTEM: Final = Flag("istioNamespace", choice("istio-system"), "i")
_IN_NAMESPACE: Final = Flag("namespace", NAMESPACE, "n")
_GLOBAL: Final = (_IN_NAMESPACE, _SYSTEM)
_EVERYWHERE: Final = Flag("all-namespaces", short="A")
_SHOWS: Final = Flag("output", choice("json", "yaml", "short"), "o")
_LOGGED: Final = Flag("output", choice("log", "json", "yaml"), "o")
_PROFILE: Final = Value(
    "a profile: profile=demo, profile=default, profile=minimal or profile=empty",
    choices=("profile=demo", "profile=default", "profile=minimal", "profile=empty"),
)
_CONFIRMED: Final = Flag("skip-confirmation", short="y")
_LEVEL: Final = choice("Info", "Warning", "Error")
_TEXT: Final = Value("a text", r"[A-Za-z0-9_.*:/|%-]{1,200}")
_SUPPRESSED: Final = Value("CODE=KIND NAME", r"IST[0-9]{4}=[A-Za-z]+ [A-Za-z0-9.*-]+")
_WORKLOAD: Final = rf"(?:[a-z]+/)?(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|{POD}(?:\.[a-z0-9-]+)?)"
_PROXIES: Final = ("pod", "deployment", "service", "replicaset")


def _confirmed(call: Call, scope: Scope) -> None:
    nothing(call, scope)
    if not call.has("skip-confirmation") and not call.has("dry-run"):
        raise CommandRefused(
            f"`{call.title}` would ask a question here, and nobody could answer.", hint="Add -y."
        )


def _purged(call: Call, scope: Scope) -> None:
    _confirmed(call, scope)
    if not call.has("purge"):
        raise CommandRefused("`istioctl uninstall` needs --purge here.", hint="--purge -y")


def _workload(call: Call, word: str) -> None:
    kind, slash, _ = word.rpartition("/") if not word.startswith("$") else ("", "", "")
    found = kind_of(kind) if slash else None
    is_known = not slash or (found is not None and found.name.lower() in _PROXIES)
    if not re.fullmatch(_WORKLOAD, word, re.ASCII) or not is_known:
        raise CommandRefused(
            f"`{shorten(word)}` is no pod for `{call.title}`.",
            hint="POD, POD.NAMESPACE or deploy/NAME, with -n where needed.",
        )


def _one_workload(call: Call, _scope: Scope) -> None:
    if len(call.words) != 1 and not (call.has("selector") and not call.words):
        raise CommandRefused(f"`{call.title}` takes one pod.", hint="deploy/frontend -n mesh-demo")
    for word in call.words:
        _workload(call, word)


def _workloads(call: Call, _scope: Scope) -> None:
    if len(call.words) > 2:
        raise CommandRefused(f"`{call.title}` takes two pods at most.")
    for word in call.words:
        _workload(call, word)


def _analyzed(call: Call, scope: Scope) -> None:
    for word in call.words:
        if word.removeprefix("./") not in scope.files:
            raise CommandRefused(
                f"`{shorten(word)}` is no manifest of this step.",
                hint="Without a file, `istioctl analyze -n NAMESPACE` looks at the cluster.",
            )


def _validated(call: Call, scope: Scope) -> None:
    nothing(call, scope)
    if not call.has("filename"):
        raise CommandRefused(f"`{call.title}` takes manifests of this step.", hint="-f FILE.yaml")


def _opened(call: Call, scope: Scope) -> None:
    nothing(call, scope)
    if call.has("browser"):
        raise CommandRefused(
            "The lab opens no browser window.", hint="Open the address that the command prints."
        )


def _proxy(name: str, *flags: Flag, aliases: str = "", shows: Flag = _SHOWS) -> Verb:
    """Return one part of proxy-config, under each of its names and those of proxy-config."""
    names = (name, *aliases.split())
    also = tuple(f"{head} {n}" for head in ("proxy-config", "pc") for n in names)
    port = Flag("proxy-admin-port", PORT)
    return verb(
        f"proxy-config {name}", _one_workload, (*_GLOBAL, shows, port, *flags), aliases=also
    )


def _dashboard(name: str, *flags: Flag, is_pod: bool = False) -> Verb:
    also = (f"dash {name}", f"d {name}")
    port = Flag("port", LOCAL_PORT, "p")
    rule = _opened_on_pod if is_pod else _opened
    browser = Flag("browser")
    return verb(
        f"dashboard {name}",
        rule,
        (*_GLOBAL, port, browser, *flags),
        aliases=also,
        lasts=True,
        adds=(Option("browser", "false"),),
    )


def _opened_on_pod(call: Call, scope: Scope) -> None:
    _one_workload(call, scope)
    if call.has("browser"):
        raise CommandRefused("The lab opens no browser window.")


_FQDN: Final = Flag("fqdn", _TEXT)
_PORT: Final = Flag("port", PORT)
_ADDRESS: Final = Flag("address", _TEXT)
_VERBOSE: Final = Flag("verbose")
_SELECTED: Final = Flag("selector", SELECTOR, "l")
_STATUS: Final = (
    *_GLOBAL,
    Flag("output", choice("json", "yaml", "table"), "o"),
    Flag("verbosity", choice("0", "1"), "v"),
    Flag("timeout", DURATION),
)
_DESCRIBE: Final = (*_GLOBAL, Flag("ignoreUnmeshed"))

VERBS: Final[tuple[Verb, ...]] = (
    verb(
        "install",
        _confirmed,
        (
            Flag("set", _PROFILE, "s"),
            _CONFIRMED,
            Flag("dry-run"),
            Flag("verify"),
            Flag("readiness-timeout", DURATION),
        ),
        aliases=("apply",),
        changes=True,
    ),
    verb("uninstall", _purged, (Flag("purge"), _CONFIRMED, Flag("dry-run")), changes=True),
    verb(
        "version",
        nothing,
        (
            *_GLOBAL,
            Flag("remote"),
            Flag("short", short="s"),
            Flag("output", choice("json", "yaml"), "o"),
        ),
    ),
    verb(
        "analyze",
        _analyzed,
        (
            *_GLOBAL,
            _EVERYWHERE,
            _LOGGED,
            Flag("use-kube", short="k"),
            Flag("suppress", _SUPPRESSED, "S", many=True),
            Flag("output-threshold", _LEVEL),
            Flag("failure-threshold", _LEVEL),
            Flag("timeout", DURATION),
            Flag("color"),
            Flag("verbose", short="v"),
            Flag("list-analyzers", short="L"),
        ),
    ),
    verb("proxy-status", _workloads, _STATUS, aliases=("ps", "x proxy-status", "x ps")),
    _proxy(
        "cluster",
        Flag("direction", choice("inbound", "outbound")),
        _FQDN,
        _PORT,
        Flag("subset", _TEXT),
        aliases="clusters c",
    ),
    _proxy("listener", _ADDRESS, _PORT, Flag("type", _TEXT), _VERBOSE, aliases="listeners l"),
    _proxy("route", Flag("name", _TEXT), _VERBOSE, aliases="routes r"),
    _proxy(
        "endpoint",
        _ADDRESS,
        Flag("cluster", _TEXT),
        _PORT,
        Flag("status", _TEXT),
        aliases="endpoints ep",
    ),
    _proxy("bootstrap", aliases="b"),
    _proxy("ecds", aliases="ec"),
    _proxy("log", _SELECTED, aliases="o"),
    _proxy("secret", aliases="secrets s", shows=Flag("output", choice("short"), "o")),
    _proxy(
        "all",
        _ADDRESS,
        _FQDN,
        _PORT,
        Flag("name", _TEXT),
        aliases="a",
        shows=Flag("output", choice("short"), "o"),
    ),
    verb(
        "proxy-config rootca-compare", _workloads, _GLOBAL, aliases=("pc rootca-compare", "pc rc")
    ),
    verb(
        "experimental describe pod",
        _one_workload,
        _DESCRIBE,
        aliases=("x describe pod", "x des pod", "x describe po", "exp describe pod"),
    ),
    verb(
        "experimental describe service",
        _one_workload,
        _DESCRIBE,
        aliases=("x describe service", "x describe svc", "x des svc", "exp describe service"),
    ),
    verb("experimental precheck", nothing, (*_GLOBAL, _LOGGED), aliases=("x precheck",)),
    verb("experimental check-inject", _one_workload, _GLOBAL, aliases=("x check-inject",)),
    verb("experimental authz check", _one_workload, _GLOBAL, aliases=("x authz check",)),
    _dashboard("prometheus"),
    _dashboard("grafana"),
    _dashboard("kiali"),
    _dashboard("jaeger"),
    _dashboard("zipkin"),
    _dashboard("envoy", _SELECTED, is_pod=True),
    _dashboard("proxy", _SELECTED, is_pod=True),
    _dashboard("controlz", _SELECTED, is_pod=True),
    verb(
        "validate", _validated, (*_GLOBAL, Flag("filename", FILES, "f", many=True)), aliases=("v",)
    ),
    verb("kube-inject", _validated, (*_GLOBAL, Flag("filename", FILES, "f"))),
    verb("verify-install", nothing, _GLOBAL),
    verb("tag list", nothing, (*_GLOBAL, Flag("output", choice("table", "json", "yaml"), "o"))),
)

ISTIOCTL: Final = Program(
    "istioctl",
    VERBS,
    Flags(_GLOBAL),
    {
        "upgrade": "The course works with the version that is installed.",
        "manifest": "A profile is chosen with `istioctl install --set profile=demo -y`.",
        "bug-report": "It would write a file with everything about this cluster.",
        "admin": "The control plane's logging stays as it is.",
        "create-remote-secret": "The course has one cluster.",
        "experimental": "Here: x describe pod, x describe service, x precheck, x authz check.",
        "x": "Here: x describe pod, x describe service, x precheck, x authz check.",
    },
)
