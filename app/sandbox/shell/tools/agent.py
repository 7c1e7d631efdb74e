"""pilot-agent, in the sidecar's container: asking Envoy's admin interface."""

from datetime import UTC, datetime

from app.sandbox.shell.call import Call

_USAGE = (
    "Istio Pilot agent runs in the sidecar or gateway container and bootstraps Envoy.\n\n"
    "Usage:\n  pilot-agent [command]\n\nAvailable Commands:\n"
    "  request        Makes an HTTP request to the Envoy admin API\n"
    "  version        Prints out build version information\n\n"
    "The sandbox emulates no others.\n"
)
_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD")
_WRONG = 255
VERSION = "1.31.0"


async def pilot_agent(call: Call) -> int:
    """Return the exit code of pilot-agent."""
    verb, *words = call.argv[1:] or ["help"]
    if verb in ("help", "--help", "-h"):
        call.out(_USAGE)
        return 0
    if verb == "version":
        call.out(f"version: {VERSION}\n")
        return 0
    if verb != "request":
        call.io.err(f'Error: unknown command "{verb}" for "pilot-agent"\n'.encode())
        return _WRONG
    words = [word for word in words if not word.startswith("--debug-port")]
    if len(words) < 2:
        told = f"requires at least 2 arg(s), only received {len(words)}"
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        call.out(f"{now}\terror\t{told}\n")
        call.io.err(f"Error: {told}\n".encode())
        return _WRONG
    method, path = words[0].upper(), words[1]
    if method not in _METHODS or call.container.agent is None:
        call.io.err(f"Error: invalid method {method}\n".encode())
        return _WRONG
    try:
        status, body = await call.container.agent.admin(f"/{path.lstrip('/')}", method)
    except (ConnectionError, OSError) as error:
        told = 'Error: Get "http://localhost:15000/": dial tcp 127.0.0.1:15000: connection refused'
        call.io.err(f"{told}\n".encode())
        return _WRONG if error else 1
    call.io.out(body)
    if not body.endswith(b"\n"):
        call.out("\n")
    return 0 if status < 500 else _WRONG
