"""nginx itself: its start, its log, its ways to an answer."""

import posixpath
import re
from collections.abc import Awaitable
from datetime import UTC, datetime

from app.sandbox.programs.commands import command
from app.sandbox.programs.http import Handler, Request, Response
from app.sandbox.programs.nginx.answering import Answers, Visit
from app.sandbox.programs.nginx.proxying import check_upstreams, proxied
from app.sandbox.programs.nginx.reading import BadConfig, read_config
from app.sandbox.programs.nginx.sites import Config, Location, build
from app.sandbox.programs.nginx.standing import VERSION
from app.sandbox.programs.serve import Server, serve
from app.sandbox.shell.container import Container

ENTRYPOINT = "/docker-entrypoint.sh"


async def nginx(container: Container) -> int:
    """Return the exit code of nginx, or of the command that the pod put in its place."""
    argv = container.argv
    if argv[:1] == [ENTRYPOINT]:
        argv = argv[1:]
    if not argv or posixpath.basename(argv[0]) != "nginx":
        container.argv = argv
        return await command(container)
    if container.argv is not argv:
        container.log("/docker-entrypoint.sh: Configuration complete; ready for start up")
    version = container.env.get("NGINX_VERSION", VERSION)
    try:
        config = build(read_config(container.files))
        check_upstreams(config, container)
    except BadConfig as bad:
        return _emergency(container, str(bad))
    for line in (f"nginx/{version}", "start worker processes"):
        _note(container, "notice", line)
    servers: list[Server] = []
    try:
        for port in config.ports():
            answers = Answers(container.files, _server_name(config, version))
            handler = _Nginx(container, config, port, answers)
            path = container.place.program(port)
            servers.append(await serve(path, handler, _refusing(answers)))
        await container.stopping.wait()
    except OSError:
        bound = f"bind() to 0.0.0.0:{config.ports()[len(servers)]} failed"
        return _emergency(container, f"{bound} (98: Address already in use)")
    finally:
        for server in servers:
            await server.close()
    _note(container, "notice", "exit")
    return 0


def _emergency(container: Container, why: str) -> int:
    _note(container, "emerg", why)
    container.log(f"nginx: [emerg] {why}")
    return 1


def _note(container: Container, level: str, text: str) -> None:
    now = datetime.now(UTC).strftime("%Y/%m/%d %H:%M:%S")
    container.log(f"{now} [{level}] 1#1: {text}")


def _server_name(config: Config, version: str) -> str:
    is_told = all(site.own.words("server_tokens") != ("off",) for site in config.sites)
    return f"nginx/{version}" if is_told else "nginx"


def _refusing(answers: Answers) -> Handler:
    return lambda asked: answers.page(int(asked.target))


class _Nginx:
    def __init__(self, container: Container, config: Config, port: int, answers: Answers) -> None:
        self._container = container
        self._config = config
        self._port = port
        self._answers = answers

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        site = self._config.site(self._port, request.header("host"))
        visit = Visit(request, site, self._port, self._variables(request, site.names))
        if request.version == "HTTP/1.1" and not request.header("host"):
            return self._done(visit, site.own, self._answers.page(400))
        location = site.location(visit.variables["uri"])
        response = self._answers.returned(visit, site.own)
        response = response or self._answers.returned(visit, location)
        if response is not None:
            return self._done(visit, location, response)
        if location.words("proxy_pass"):
            return self._proxied(visit, location)
        return self._done(visit, location, self._answers.file(visit, location))

    async def _proxied(self, visit: Visit, location: Location) -> Response:
        response = await proxied(visit, location, self._config, self._answers, self._container)
        return self._done(visit, location, response)

    def _variables(self, request: Request, names: tuple[str, ...]) -> dict[str, str]:
        caller = self._container.network.caller(self._container.place, request.peer)
        host = request.header("host").partition(":")[0]
        target, _, query = request.target.partition("?")
        return {
            "args": query,
            "document_uri": request.path,
            "host": host or (names[0] if names else ""),
            "hostname": self._container.place.pod,
            "is_args": "?" if query else "",
            "nginx_version": VERSION,
            "proxy_add_x_forwarded_for": ", ".join(
                filter(None, [request.header("x-forwarded-for"), caller])
            ),
            "proxy_host": "",
            "query_string": query,
            "remote_addr": caller,
            "remote_port": "0",
            "request_method": request.method,
            "request_uri": request.target,
            "scheme": "http",
            "server_addr": self._container.place.ip,
            "server_name": names[0] if names else "",
            "server_port": str(self._port),
            "server_protocol": request.version,
            "time_iso8601": datetime.now(UTC).isoformat(timespec="seconds"),
            "uri": re.sub(r"/+", "/", request.path) or target,
        }

    def _done(self, visit: Visit, location: Location, response: Response) -> Response:
        """Add the headers that the configuration names, and write the log's line."""
        request = visit.request
        added = location.all("add_header")
        for words in added:
            if len(words) > 1 and (response.status < 400 or "always" in words):
                response.headers.append((words[0], visit.text(words[1])))
        now = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        size = len(response.body) if isinstance(response.body, bytes) else 0
        said = (
            request.header(name) or "-" for name in ("referer", "user-agent", "x-forwarded-for")
        )
        referer, agent, forwarded = said
        self._container.log(
            f"{visit.variables['remote_addr']} - - [{now}]"
            f' "{request.method} {request.target} {request.version}" {response.status} {size}'
            f' "{referer}" "{agent}" "{forwarded}"'
        )
        if response.status == 444:
            response.is_cut = True
        return response
