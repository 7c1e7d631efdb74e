"""`istioctl proxy-config`: asks one proxy, and prints a part of what it answers."""

import json
from collections.abc import Awaitable, Callable
from typing import Final

from app.sandbox.istioctl.admin import ask
from app.sandbox.istioctl.documents import document
from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.line.usage import usage_of
from app.sandbox.istioctl.pods import pod_of
from app.sandbox.istioctl.proxy_config import clusters, endpoints, listeners, routes, secrets
from app.sandbox.istioctl.proxy_config.bootstrap import versions
from app.sandbox.istioctl.proxy_config.dump import Dump
from app.sandbox.istioctl.proxy_config.shown import printed
from app.sandbox.istioctl.verbs import proxy_log, root_certificates
from app.sandbox.objects import Obj, items

Show = Callable[[Call[Around], Dump], str]
SHORT: Final = "short"
OF_POD: Final = "[<type>/]<name>[.<namespace>]"


async def dump_of(call: Call[Around], path: str = "/config_dump") -> Dump:
    """Return the dump of the line's pod, or of the file that it names. Raises: Failure."""
    file = call.flags.text("file")
    if file:
        content = call.context.request.files.get(file)
        if content is None:
            raise Failure(f"open {file}: no such file or directory")
        return Dump(content)
    pod = pod_of(call, call.words[0])
    try:
        return Dump(await ask(call, pod, path))
    except Failure as failure:
        said = f"failed to execute command on {pod} sidecar: {failure.message}"
        raise Failure(said) from failure


def _one(
    show: Show, path: str = "/config_dump", what: str = ""
) -> Callable[[Call[Around]], Awaitable[int]]:
    """Return the run of a part that is told from one dump."""

    async def run(call: Call[Around]) -> int:
        _needs_one(call, what)
        call.context.terminal.out(show(call, await dump_of(call, path)))
        return 0

    return run


def _needs_one(call: Call[Around], what: str = "") -> None:
    if (len(call.words) == 1) != (not call.flags.text("file")):
        call.context.terminal.err(f"{usage_of(call.found)}\n")
        name = what or call.found.command.name
        raise Failure(f"{name} requires pod name or --file parameter")


def _shown(call: Call[Around], objects: list[Obj], short: Callable[[], str]) -> str:
    form = call.flags.text("output")
    return short() if form == SHORT else printed(list(objects), form)


def _cluster_filter(call: Call[Around]) -> clusters.Filter:
    flags = call.flags
    named = (flags.text(name) for name in ("subset", "direction"))
    return clusters.Filter(flags.text("fqdn"), flags.number("port"), *named)


def _clusters(call: Call[Around], dump: Dump) -> str:
    found = clusters.chosen(dump.clusters(), _cluster_filter(call))
    return _shown(call, found, lambda: clusters.rows(found))


def _listener_filter(call: Call[Around]) -> listeners.Filter:
    flags = call.flags
    return listeners.Filter(flags.text("address"), flags.number("port"), flags.text("type"))


def _listeners(call: Call[Around], dump: Dump) -> str:
    wanted = _listener_filter(call)
    found = [each for each in dump.listeners() if wanted.takes(each)]
    is_verbose = call.flags.is_on("verbose")
    return _shown(call, found, lambda: listeners.rows(found, is_verbose=is_verbose))


def _routes(call: Call[Around], dump: Dump) -> str:
    found = routes.chosen(dump.routes(), call.flags.text("name"))
    is_verbose = call.flags.is_on("verbose")
    return _shown(call, found, lambda: routes.rows(found, is_verbose=is_verbose))


def _secrets(call: Call[Around], dump: Dump) -> str:
    form = call.flags.text("output")
    if form == SHORT:
        return secrets.rows(dump)
    part = dump.part("SecretsConfigDump")
    return printed({key: value for key, value in part.items() if key != "@type"}, form)


def _bootstrap(call: Call[Around], dump: Dump) -> str:
    form = call.flags.text("output")
    if form == SHORT:
        return versions(dump)
    return printed({"bootstrap": dump.part("BootstrapConfigDump").get("bootstrap")}, form)


def _ecds(call: Call[Around], dump: Dump) -> str:
    part = dump.part("EcdsConfigDump")
    return printed({key: value for key, value in part.items() if key != "@type"}, "json")


def _all(call: Call[Around], dump: Dump) -> str:
    form = call.flags.text("output")
    if form == "json":
        return json.dumps(dump.raw, indent=1) + "\n"
    if form == "yaml":
        return f"{document(dump.raw)}\n"
    if form != SHORT:
        raise Failure(f'output format "{form}" not supported')
    wanted, verbose = _listener_filter(call), call.flags.is_on("verbose")
    chosen = clusters.chosen(dump.clusters(), _cluster_filter(call))
    taken = [each for each in dump.listeners() if wanted.takes(each)]
    named = routes.chosen(dump.routes(), call.flags.text("name"))
    parts = (
        versions(dump),
        clusters.rows(chosen, has_names=True),
        listeners.rows(taken, is_verbose=verbose, has_names=True),
        routes.rows(named, is_verbose=verbose, has_types=True),
        secrets.rows(dump, has_types=True),
        endpoints.assigned(dump.endpoints(), call.flags.number("port"), has_types=True),
    )
    if not call.flags.is_on("with-headers"):
        return "\n".join(parts)
    heads = ("BOOTSTRAP", "CLUSTER", "LISTENER", "ROUTE", "SECRET", "ENDPOINTS")
    told = zip(heads, parts, strict=True)
    return "\n".join(f"------ {head} INFO ------\n\n{part}" for head, part in told)


async def run_endpoints(call: Call[Around]) -> int:
    """Print the endpoints that a proxy has, with what it thinks of their health."""
    _needs_one(call, "endpoints")
    flags, terminal = call.flags, call.context.terminal
    if flags.text("file"):
        dump = await dump_of(call)
        terminal.out(endpoints.assigned(dump.endpoints()))
        return 0
    pod = pod_of(call, call.words[0])
    try:
        answer = await ask(call, pod, "/clusters?format=json")
    except Failure as failure:
        said = f"failed to execute command on Envoy: {failure.message}"
        raise Failure(said) from failure
    wanted = endpoints.Filter(
        flags.text("address"), flags.number("port"), flags.text("cluster"), flags.text("status")
    )
    statuses = items(json.loads(answer), "cluster_statuses")
    chosen = endpoints.chosen(statuses, wanted)
    terminal.out(_shown(call, chosen, lambda: endpoints.rows(statuses, wanted)))
    return 0


FILE: Final = Flag("file", "Envoy config dump JSON file", "f")
OUTPUT: Final = Flag("output", "Output format: one of json|yaml|short", "o", default=SHORT)
PORT: Final = Flag("port", "Only those with this port", type="int", default="0")
VERBOSE: Final = Flag("verbose", "Output more information", "", "bool", "true")
ADDRESS: Final = Flag("address", "Only those with this address")
CLUSTER_FLAGS: Final = (
    Flag("direction", "Only clusters of this direction: inbound or outbound"),
    Flag("fqdn", "Only clusters whose service's FQDN has this in it"),
    Flag("subset", "Only clusters whose subset has this in it"),
)
ROUTE_NAME: Final = Flag("name", "Only the route of this name")
TYPE: Final = Flag("type", "Only listeners of this type: HTTP, TCP or HTTP+TCP")


def _part(
    name: str,
    run: Callable[[Call[Around]], Awaitable[int]],
    *flags: Flag,
    aliases: str = "",
    output: Flag = OUTPUT,
) -> Command[Around]:
    return Command(
        name,
        f"Retrieves {name} configuration for the Envoy in the specified pod",
        run,
        (output, FILE, *flags),
        aliases=tuple(aliases.split()),
        usage=f"{name} {OF_POD}",
    )


COMMAND: Final[Command[Around]] = Command(
    "proxy-config",
    "Retrieve information about proxy configuration from Envoy [kube only]",
    aliases=("pc",),
    inherited=(OUTPUT, Flag("proxy-admin-port", "Envoy proxy admin port", "", "int", "15000")),
    long="A group of commands used to retrieve information about proxy configuration from the "
    "Envoy config dump",
    commands=(
        _part("cluster", _one(_clusters), PORT, *CLUSTER_FLAGS, aliases="clusters c"),
        _part("listener", _one(_listeners), PORT, ADDRESS, TYPE, VERBOSE, aliases="listeners l"),
        _part("route", _one(_routes), ROUTE_NAME, VERBOSE, aliases="routes r"),
        _part(
            "endpoint",
            run_endpoints,
            PORT,
            ADDRESS,
            Flag("cluster", "Only endpoints of this cluster"),
            Flag("status", "Only endpoints of this health: HEALTHY, UNHEALTHY ..."),
            aliases="endpoints ep",
        ),
        _part(
            "bootstrap",
            _one(_bootstrap),
            aliases="b",
            output=Flag("output", OUTPUT.help, "o", default="json"),
        ),
        _part("ecds", _one(_ecds), aliases="ec"),
        _part("secret", _one(_secrets), aliases="secrets s"),
        _part(
            "all",
            _one(_all, "/config_dump?include_eds"),
            PORT,
            ADDRESS,
            TYPE,
            VERBOSE,
            ROUTE_NAME,
            Flag("with-headers", "Put a heading before each part", "", "bool", "false"),
            *CLUSTER_FLAGS,
            aliases="a",
        ),
        proxy_log.COMMAND,
        root_certificates.COMMAND,
    ),
)
