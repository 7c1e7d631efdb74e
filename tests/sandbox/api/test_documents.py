"""What the server says of itself is made once, and not sent to whoever has it."""

from types import SimpleNamespace

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.api.documents import V2_PROTOBUF, Documents
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.store.kinds import Kinds, kind_of_crd


def asked(documents: Documents, mark: str = "") -> Response:
    """Ask for OpenAPI v2 as kubectl does, which has the answer with this mark."""
    headers = [(b"accept", V2_PROTOBUF.encode()), (b"if-none-match", mark.encode())]
    scope = {"type": "http", "method": "GET", "path": "/openapi/v2", "headers": headers}
    return documents.get(Request({**scope, "query_string": b""}), "/openapi/v2")


def test_openapi_v2_is_sent_once_and_anew_when_a_kind_comes() -> None:
    kinds = Kinds()
    schemas = Schemas.load(kinds)
    documents = Documents(SimpleNamespace(kinds=kinds), schemas, "https://127.0.0.1:1")  # type: ignore[arg-type]
    first = asked(documents)
    assert first.status_code == 200
    assert b"io.k8s.api.apps.v1.Deployment" in bytes(first.body)
    again = asked(documents, first.headers["etag"])
    assert (again.status_code, bytes(again.body)) == (304, b"")
    kinds.add(kind_of_crd(next(iter(schemas.crds()))))
    later = asked(documents, first.headers["etag"])
    assert later.status_code == 200
    assert later.headers["etag"] != first.headers["etag"]
