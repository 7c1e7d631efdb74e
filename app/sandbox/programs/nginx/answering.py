"""What nginx answers by itself: files, `return`, its pages of errors."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.sandbox.programs.http import Headers, Request, Response, http_date, reason_of
from app.sandbox.programs.nginx.sites import Location, Site
from app.sandbox.programs.nginx.standing import MIME, TITLES
from app.sandbox.shell.files import Files

_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Visit:
    """A request, where it came in, and what its variables are."""

    request: Request
    site: Site
    port: int
    variables: Mapping[str, str]

    def text(self, written: str) -> str:
        """Return a text with its variables resolved."""

        def put(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("http_"):
                return self.request.header(name[5:].replace("_", "-"))
            if name.startswith("arg_"):
                return self.request.argument(name[4:])
            return self.variables.get(name, "")

        return _VARIABLE.sub(put, written)


class Answers:
    """Makes answers in nginx's manner; `server` is what its Server header says."""

    def __init__(self, files: Files, server: str) -> None:
        self._files = files
        self.server = server

    def say(
        self,
        status: int,
        body: bytes,
        kind: str,
        more: Headers | None = None,
        *,
        keeps: bool = True,
    ) -> Response:
        """Return an answer with its headers in nginx's order."""
        headers: Headers = [("Server", self.server), ("Date", http_date())]
        if kind:
            headers.append(("Content-Type", kind))
        headers.append(("Content-Length", str(len(body))))
        listed = more or []
        first = [pair for pair in listed if pair[0] in ("Last-Modified", "Location")]
        headers += [*first, ("Connection", "keep-alive" if keeps else "close")]
        headers += [pair for pair in listed if pair not in first]
        return Response(status, headers, body, self._title(status), is_last=not keeps)

    def _title(self, status: int) -> str:
        if status == 302:
            return "Moved Temporarily"
        return TITLES.get(status) or reason_of(status)

    def page(self, status: int, more: Headers | None = None) -> Response:
        """Return nginx's own page of a status."""
        title = f"{status} {self._title(status)}"
        body = (
            f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
            f"<center><h1>{title}</h1></center>\r\n<hr><center>{self.server}</center>\r\n"
            "</body>\r\n</html>\r\n"
        )
        return self.say(status, body.encode(), "text/html", more, keeps=status != 400)

    def returned(self, visit: Visit, location: Location) -> Response | None:
        """Return what a `return` says; None where there is none."""
        words = location.words("return")
        if not words:
            return None
        if not words[0].isdigit():
            return self.page(302, [("Location", visit.text(words[0]))])
        status = int(words[0])
        if status in _REDIRECTS and len(words) > 1:
            return self.page(status, [("Location", visit.text(words[1]))])
        if len(words) > 1:
            kind = (location.words("default_type") or ("application/octet-stream",))[0]
            return self.say(status, visit.text(words[1]).encode(), kind)
        if status in (204, 444):
            return Response(status, [("Server", self.server), ("Date", http_date())])
        return self.page(status) if status >= 300 else self.say(status, b"", "text/plain")

    def file(self, visit: Visit, location: Location) -> Response:
        """Return a file below the location's root, or the page that says why not."""
        if visit.request.method not in ("GET", "HEAD"):
            return self.page(405)
        path = visit.variables["uri"]
        tried = location.words("try_files")
        if tried:
            *names, last = (visit.text(word) for word in tried)
            for name in names:
                if (found := self._below(location, name)) is not None:
                    return self._send(visit, location, found)
            if last.startswith("="):
                return self.page(int(last[1:])) if last[1:].isdigit() else self.page(500)
            path = last
        whole = self._whole(location, path)
        if not path.endswith("/") and not self._files.has(whole) and self._files.is_folder(whole):
            host = visit.request.header("host", "localhost")
            return self.page(301, [("Location", f"http://{host}{path}/")])
        found = self._below(location, path)
        if found is not None:
            return self._send(visit, location, found)
        is_listed = path.endswith("/") and self._files.is_folder(whole)
        return self.page(403 if is_listed else 404)

    def _whole(self, location: Location, path: str) -> str:
        """The file that a path stands for; `..` does not lead out of the root."""
        clean = posixpath.normpath("/" + path.lstrip("/"))
        if alias := location.words("alias"):
            return posixpath.normpath(alias[0] + clean[len(location.path) :])
        root = (location.words("root") or ("/etc/nginx/html",))[0]
        return posixpath.normpath(f"{root}/{clean}")

    def _below(self, location: Location, path: str) -> str | None:
        whole = self._whole(location, path)
        if not path.endswith("/"):
            return whole if self._files.has(whole) else None
        for name in location.words("index") or ("index.html",):
            if self._files.has(f"{whole}/{name}"):
                return f"{whole}/{name}"
        return None

    def _send(self, visit: Visit, location: Location, path: str) -> Response:
        body = self._files.read(path)
        default = (location.words("default_type") or ("text/plain",))[0]
        kind = MIME.get(path.rpartition(".")[2].lower(), default)
        tag = f'"{len(body):x}-{sum(body) & 0xFFFFFF:x}"'
        if visit.request.header("if-none-match") == tag:
            return Response(304, [("Server", self.server), ("Date", http_date()), ("ETag", tag)])
        more = [("Last-Modified", http_date(0)), ("ETag", tag), ("Accept-Ranges", "bytes")]
        return self.say(200, body, kind, more)
