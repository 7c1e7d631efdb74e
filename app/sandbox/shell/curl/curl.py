"""The program curl: its transfers one after the other, or side by side."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from app.sandbox.shell.container import Container
from app.sandbox.shell.curl import meter
from app.sandbox.shell.curl.bodies import make_data, make_form, query_of
from app.sandbox.shell.curl.connections import CONNECT_S, Connections, Wishes
from app.sandbox.shell.curl.failures import HTTP_ERROR, Failure, Usage
from app.sandbox.shell.curl.globs import expand
from app.sandbox.shell.curl.options import CommandLine, Group, parse
from app.sandbox.shell.curl.retries import Retries
from app.sandbox.shell.curl.targets import Target, name_of
from app.sandbox.shell.curl.transfer import Result, Transfer
from app.sandbox.shell.curl.writeout import write_out
from app.sandbox.shell.io import Io

VERSION = "8.16.0"
_MOST_INPUT = 10 * 1024 * 1024  # bytes
_HELP = "Usage: curl [options...] <url>\nSee https://curl.se/docs/manpage.html for the options.\n"


async def curl(argv: Sequence[str], io: Io, container: Container) -> int:
    """Return curl's exit code; `argv` is without its name."""
    version = _version(container)
    try:
        line = parse(argv)
    except Usage as usage:
        if any(word in ("-V", "--version") for word in argv):
            io.out(f"curl {version} libcurl/{version}\nProtocols: http https\n".encode())
            return 0
        if any(word in ("-h", "--help", "--manual") for word in argv):
            io.out(_HELP.encode())
            return 0
        io.err(f"{usage}\n".encode())
        return usage.code
    run = _Run(line, io, container, version)
    try:
        return await run.run()
    finally:
        run.connections.close()


def _version(container: Container) -> str:
    """The version that the image's own file tells."""
    with suppress(OSError):
        return container.files.read("/usr/bin/curl").decode().removeprefix("curl ").strip()
    return VERSION


@dataclass(frozen=True)
class _Job:
    group: Group
    number: int  # of the URL in its group
    url: str
    words: tuple[str, ...]


class _Run:
    def __init__(self, line: CommandLine, io: Io, container: Container, version: str) -> None:
        self._line = line
        self._io = io
        self._container = container
        self._version = version
        self._is_old = version.startswith("7.")
        self._is_silent = line.flags.get("silent", False)
        self._is_shown = not self._is_silent or line.flags.get("show-error", False)
        self._is_metered = not self._is_silent and line.flags.get("progress-meter", True)
        self._input: bytes | None = None
        self.connections = Connections(container, self._is_old)

    async def run(self) -> int:
        code = 0
        for group in self._line.groups:
            if any("@-" in value for _, value in group.data) or "@-" in str(group.lists):
                await self._read_input()
        if self._line.flags.get("parallel"):
            return await self._side_by_side()
        loop = asyncio.get_running_loop()
        began = 0.0
        for job in self._jobs():
            if isinstance(job, Failure):
                code = self._complain(job.code, job.message)
                continue
            if self._line.interval_s and began:
                await asyncio.sleep(max(0.0, began + self._line.interval_s - loop.time()))
            began = loop.time()
            code = await self._transfer(job, is_metered=self._is_metered)
            if code and self._line.flags.get("fail-early"):
                return code
        return code

    def _jobs(self) -> Iterator[_Job | Failure]:
        for group in self._line.groups:
            for number, written in enumerate(group.urls):
                if group.has("globoff"):
                    yield _Job(group, number, written, ())
                    continue
                try:
                    for url, words in expand(written):
                        yield _Job(group, number, url, words)
                except Failure as failure:
                    yield failure

    async def _side_by_side(self) -> int:
        codes: list[int] = []
        began = asyncio.get_running_loop().time()
        todo = self._jobs()
        first = [job for job, _ in zip(todo, range(self._line.parallel_max), strict=False)]
        rest = chain(first, todo)
        if self._is_metered:
            self._io.err(meter.all_begun(len(first)))
        results: list[Result] = []

        async def work() -> None:
            for job in rest:
                if isinstance(job, Failure):
                    codes.append(self._complain(job.code, job.message))
                else:
                    code = await self._transfer(job, is_metered=False, results=results)
                    codes.append(code)

        async with asyncio.TaskGroup() as group:
            for _ in first:
                group.create_task(work())
        if self._is_metered:
            self._io.err(meter.all_ended(results, asyncio.get_running_loop().time() - began))
        return next((code for code in reversed(codes) if code), 0)

    async def _transfer(
        self, job: _Job, *, is_metered: bool, results: list[Result] | None = None
    ) -> int:
        retries = Retries(job.group, self._is_old)
        while True:
            result, name = await self._once(job, is_metered)
            again = retries.next(result)
            if again is None:
                break
            wait_s, warning = again
            if not self._is_silent:
                self._io.err(warning.encode())
            await asyncio.sleep(wait_s)
        if results is not None:
            results.append(result)
        if result.code:
            self._complain(result.code, result.message, result.hint)
        if form := job.group.value("write-out"):
            also = {"urlnum": str(job.number), "filename_effective": name}
            write_out(self._form(form), result, also, self._io.out, self._io.err)
        return result.code

    async def _once(self, job: _Job, is_metered: bool) -> tuple[Result, str]:
        group, io = job.group, self._io
        result, name = Result(job.url), ""
        try:
            name = name_of(group, job.number, job.url, job.words) or ""
            target = Target(group, name or None, self._container, io)
            data = make_data(group, self._container.files, self._input or b"")
            form = make_form(group, self._container.files, self._input or b"")
            if path := group.value("upload-file"):
                data = self._container.files.read(path) if path != "-" else self._input
            url = job.url
            if data is not None and group.has("get"):
                mark = "&" if "?" in url else "?"
                url, data = f"{url}{mark}{query_of(data)}", None
            tell = self._tell if self._line.flags.get("verbose") else None
            transfer = Transfer(
                group,
                self.connections,
                self._wishes(group),
                target.sinks(tell),
                self._version,
                data,
                form,
            )
            if is_metered:
                io.err(meter.begun())
            result = await transfer.run(url)
            if is_metered:
                io.err(meter.ended(result))
            if not result.code or result.code == HTTP_ERROR:
                target.finish()
        except Failure as failure:
            result.code, result.message = failure.code, failure.message
        except OSError:
            result.code = 26
            result.message = f"Can't open '{group.value('upload-file')}'!"
        return result, name

    def _wishes(self, group: Group) -> Wishes:
        wishes = Wishes(group.seconds("connect-timeout", CONNECT_S), group.has("insecure"))
        for pin in group.all("resolve"):
            host, port, addresses = (*pin.lstrip("+").split(":", 2), "", "")[:3]
            if port.isdigit():
                wishes.pins[(host.lower(), int(port))] = addresses.partition(",")[0].strip("[]")
        routes = [(*route.split(":"), "", "", "", "")[:4] for route in group.all("connect-to")]
        wishes.routes = [(a, b, c, d) for a, b, c, d in routes]
        if path := group.value("cacert"):
            with suppress(OSError, UnicodeDecodeError):
                wishes.ca = self._container.files.read(path).decode()
        return wishes

    def _form(self, form: str) -> str:
        if not form.startswith("@"):
            return form
        with suppress(OSError):
            return self._container.files.read(form[1:]).decode("utf-8", "replace")
        return ""

    def _complain(self, code: int, message: str, hint: str = "") -> int:
        if self._is_shown:
            more = f"\n{hint}" if hint else ""
            self._io.err(f"curl: ({code}) {message}{more}\n".encode())
        return code

    def _tell(self, mark: str, text: bytes) -> None:
        self._io.err(mark.encode() + b" " + re.sub(rb"\r\n$", b"\n", text))

    async def _read_input(self) -> None:
        if self._input is None:
            read = b""
            while len(read) < _MOST_INPUT and (more := await self._io.stdin.read(65536)):
                read += more
            self._input = read
