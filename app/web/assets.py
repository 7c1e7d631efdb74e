"""Addresses of static files that change when the file does: a browser may keep them for ever."""

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Assets(StaticFiles):
    """The files of static/, each under an address with a digest of its content."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._digests = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def url(self, name: str) -> str:
        """Return the address of a file, by its path below static/."""
        return f"/static/{name}?v={self._digests[name]}"

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file; one asked for by its digest never changes."""
        response = await super().get_response(path, scope)
        is_fixed = b"v=" in scope["query_string"] and response.status_code == 200
        response.headers["cache-control"] = (
            "public, max-age=31536000, immutable" if is_fixed else "no-cache"
        )
        return response
