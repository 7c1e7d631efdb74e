"""A body of `application/vnd.kubernetes.protobuf` as a plain object."""

from app.sandbox.objects import Obj
from app.sandbox.status import bad_request

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"


def decode(body: bytes) -> Obj:
    """Return the object in a body, with apiVersion and kind.

    Raises: StatusError 400 where the body is broken, 415 where we do not know its kind.
    """
    raise bad_request("the body is no protobuf of Kubernetes")
