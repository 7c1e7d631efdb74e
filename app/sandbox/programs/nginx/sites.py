"""What a configuration says: servers, their locations, and what each of those does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.sandbox.programs.nginx.reading import BadConfig, Directive

_INHERITED = ("root", "index", "default_type", "add_header", "proxy_set_header", "error_page")
_MEANT = {
    *_INHERITED, "alias", "return", "proxy_pass", "try_files", "set", "server_tokens",
    "proxy_connect_timeout", "proxy_read_timeout", "proxy_send_timeout",
}  # fmt: skip
_TUNING = {
    "access_log", "autoindex", "charset", "chunked_transfer_encoding", "client_body_buffer_size",
    "client_body_timeout", "client_header_timeout", "client_max_body_size", "daemon", "error_log",
    "etag", "events", "expires", "gzip", "gzip_types", "gzip_min_length", "gzip_vary",
    "keepalive", "keepalive_requests", "keepalive_timeout", "large_client_header_buffers",
    "log_format", "log_not_found", "pid", "proxy_buffer_size", "proxy_buffering", "proxy_buffers",
    "proxy_cache", "proxy_http_version", "proxy_intercept_errors", "proxy_next_upstream",
    "proxy_pass_header", "proxy_redirect", "proxy_request_buffering", "reset_timedout_connection",
    "resolver", "resolver_timeout", "send_timeout", "sendfile", "server_names_hash_bucket_size",
    "tcp_nodelay", "tcp_nopush", "types", "types_hash_max_size", "user", "worker_connections",
    "worker_processes", "worker_rlimit_nofile", "zone", "least_conn",
}  # fmt: skip


@dataclass(frozen=True)
class Location:
    """One location of a server. `kind` is ``, `=` or `^~`; `rules` are its directives by name."""

    kind: str
    path: str
    rules: dict[str, list[Directive]]

    def words(self, name: str) -> tuple[str, ...]:
        """Return the words of a directive, empty where there is none."""
        found = self.rules.get(name)
        return found[-1].words if found else ()

    def all(self, name: str) -> list[tuple[str, ...]]:
        """Return the words of every directive of a name."""
        return [each.words for each in self.rules.get(name, [])]


@dataclass(frozen=True)
class Site:
    """One server block."""

    ports: tuple[int, ...]
    names: tuple[str, ...]
    is_default: bool
    locations: tuple[Location, ...]
    own: Location

    def location(self, path: str) -> Location:
        """Return the location that a path belongs to: the exact one, else the longest prefix."""
        exact = [each for each in self.locations if each.kind == "=" and each.path == path]
        prefixes = [
            each for each in self.locations if each.kind != "=" and path.startswith(each.path)
        ]
        longest = max(prefixes, key=lambda each: len(each.path), default=self.own)
        return exact[0] if exact else longest


@dataclass
class Config:
    """Everything: the sites, and the addresses behind names of upstreams."""

    sites: list[Site] = field(default_factory=list)
    upstreams: dict[str, list[str]] = field(default_factory=dict)

    def ports(self) -> list[int]:
        """Return every port that is listened on."""
        return sorted({port for site in self.sites for port in site.ports})

    def site(self, port: int, host: str) -> Site:
        """Return the site of a host name on a port."""
        name = host.partition(":")[0].lower()
        here = [site for site in self.sites if port in site.ports]
        for matches in (_is_same, _is_wild):
            for site in here:
                if any(matches(pattern, name) for pattern in site.names):
                    return site
        return next((site for site in here if site.is_default), here[0])


def _is_same(pattern: str, name: str) -> bool:
    return pattern.lower() == name


def _is_wild(pattern: str, name: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:].lower())
    return pattern.endswith(".*") and name.startswith(pattern[:-1].lower())


def build(directives: Sequence[Directive]) -> Config:
    """Return what the directives of the main file say. Raises: BadConfig."""
    config = Config()
    for directive in directives:
        if directive.name == "http":
            _http(directive, config)
        elif directive.name in ("server", "location", "upstream", *_MEANT):
            raise directive.bad(f'"{directive.name}" directive is not allowed here')
        else:
            _check(directive)
    if not config.sites:
        raise BadConfig("no server is configured")
    return config


def _http(http: Directive, config: Config) -> None:
    _forbid(http.block or (), "alias", "location", "proxy_pass", "return", "set", "try_files")
    shared = _rules(http.block or (), ("server", "upstream"))
    for directive in http.block or ():
        if directive.name == "upstream":
            servers = [each for each in directive.block or () if each.name == "server"]
            if not servers:
                raise directive.bad("no servers are inside upstream")
            name = directive.words[0] if directive.words else ""
            config.upstreams[name] = [each.words[0] for each in servers if each.words]
    for directive in http.block or ():
        if directive.name == "server":
            config.sites.append(_site(directive, shared))


def _site(server: Directive, shared: dict[str, list[Directive]]) -> Site:
    block = server.block or ()
    _forbid(block, "alias", "http", "proxy_pass", "server", "upstream")
    own = {**shared, **_rules(block, ("location", "listen", "server_name"))}
    ports: list[int] = []
    is_default = False
    names: list[str] = []
    for directive in block:
        if directive.name == "listen":
            ports += _port(directive)
            is_default = is_default or "default_server" in directive.words
        elif directive.name == "server_name":
            names += directive.words
    locations = [_location(each, own) for each in block if each.name == "location"]
    return Site(
        tuple(ports) or (80,), tuple(names), is_default, tuple(locations), Location("", "/", own)
    )


def _forbid(block: Sequence[Directive], *names: str) -> None:
    for directive in block:
        if directive.name in names:
            raise directive.bad(f'"{directive.name}" directive is not allowed here')


def _port(listen: Directive) -> list[int]:
    address = listen.words[0] if listen.words else ""
    if address.startswith("[::]"):
        return []
    if "ssl" in listen.words:
        raise listen.bad("the sandbox's nginx does not emulate TLS")
    port = address.rpartition(":")[2]
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise listen.bad(f'invalid port in "{address}" of the "listen" directive')
    return [int(port)]


def _location(directive: Directive, own: dict[str, list[Directive]]) -> Location:
    *kind, path = directive.words or ("",)
    if kind and kind[0] in ("~", "~*"):
        raise directive.bad("the sandbox's nginx does not emulate locations by regular expression")
    if (kind and kind[0] not in ("=", "^~")) or len(kind) > 1 or not path:
        raise directive.bad(f'invalid location modifier "{kind[0] if kind else ""}"')
    inherited = {name: each for name, each in own.items() if name in _INHERITED}
    rules = {**inherited, **_rules(directive.block or (), ())}
    return Location(kind[0] if kind else "", path, rules)


def _rules(block: Sequence[Directive], blocks: tuple[str, ...]) -> dict[str, list[Directive]]:
    found: dict[str, list[Directive]] = {}
    for directive in block:
        if directive.name not in blocks:
            _check(directive)
            found.setdefault(directive.name, []).append(directive)
    return found


def _check(directive: Directive) -> None:
    name = directive.name
    if name not in _MEANT and name not in _TUNING:
        if name in ("if", "rewrite", "auth_basic", "limit_req", "mirror", "sub_filter", "stream"):
            raise directive.bad(f'the sandbox\'s nginx does not emulate "{name}"')
        raise directive.bad(f'unknown directive "{name}"')
    if name in _MEANT and not directive.words:
        raise directive.bad(f'invalid number of arguments in "{name}" directive')
    if name == "return" and not re.fullmatch(r"\d{3}|https?://.*|/.*|\$.*", directive.words[0]):
        raise directive.bad(f'invalid return code "{directive.words[0]}"')
