"""istioctl, run inside the sandbox: one JSON object in, lines of JSON out as they come."""

from starlette.requests import Request

from app.sandbox.api.bodies import parse_json, read
from app.sandbox.api.ports import Istioctl
from app.sandbox.api.streaming import Stream
from app.sandbox.status import bad_request

PATH = "/apis/sandbox.mesh-dojo/v1/istioctl"


async def remote(request: Request, istioctl: Istioctl) -> Stream:
    """Return the stream of one command; its last line is `{"code": 0}`.

    Raises: StatusError 400.
    """
    if request.method != "POST":
        raise bad_request("a command is posted")
    try:
        call = parse_json(await read(request))
    except ValueError as error:
        raise bad_request(f"no command of istioctl: {error}") from error
    return Stream(istioctl(call), "application/json", at_once=True)
