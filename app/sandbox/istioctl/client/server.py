"""The sandbox's API server: one question, and the lines of its answer."""

import json
import socket
from collections.abc import Iterable, Iterator
from io import BufferedReader

from .trouble import Trouble

PATH = "/apis/sandbox.mesh-dojo/v1/istioctl"
LONGEST_LINE = 64 * 1024
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def lines(config: dict[str, str], body: bytes) -> Iterator[bytes]:
    """Yield the lines of the server's answer as they come. Raises: Trouble."""
    where = f"{config['host']}:{config['port']}"
    another = Trouble(
        f'context "{config["context"]}" leads to another cluster ({where}): this istioctl is the '
        "sandbox's, and asks nothing else. For that cluster use an istioctl of your own"
    )
    if config["host"] not in LOOPBACK:  # the token of another cluster is sent to nobody
        raise another
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {config['host']}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    )
    if config["token"]:
        head += f"Authorization: Bearer {config['token']}\r\n"
    try:
        with connect(config) as link, link.makefile("rb") as answer:
            link.sendall(f"{head}\r\n".encode() + body)
            status = answer.readline(LONGEST_LINE).split(b" ", 2)
            headers = iter(lambda: answer.readline(LONGEST_LINE).strip().lower(), b"")
            is_chunked = b"transfer-encoding: chunked" in list(headers)
            content = chunks(answer) if is_chunked else answer
            if len(status) < 2 or status[1] != b"200":
                told = b"".join(content).decode(errors="replace")
                # A sandbox's kubeconfig has a token, and asks for no certificate in its place.
                is_another = status[1:2] == [b"404"] or not config["token"]
                raise another if is_another else Trouble(message(told))
            yield from split(content)
    except OSError as error:
        raise Trouble(f"the sandbox at {where} does not answer: {error}") from error


def message(told: str) -> str:
    """Return the sentence of a Status, or the text itself."""
    try:
        return str(json.loads(told)["message"])
    except (ValueError, KeyError, TypeError):
        return told.strip() or "the sandbox gave no answer"


def connect(config: dict[str, str]) -> socket.socket:
    """Return a connection to the API server, encrypted where its address says so."""
    link = socket.create_connection((config["host"], int(config["port"])), timeout=30)
    link.settimeout(None)
    import ssl  # here, since what needs no connection should not wait for it

    if config["scheme"] != "https":
        return link
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=config["ca"] or None, cafile=config["ca-file"] or None)
    return context.wrap_socket(link, server_hostname=config["host"])


def chunks(answer: BufferedReader) -> Iterator[bytes]:
    """Yield the pieces of a chunked body."""
    while size := int(answer.readline(LONGEST_LINE).split(b";")[0] or b"0", 16):
        yield answer.read(size)
        answer.readline(LONGEST_LINE)


def split(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield whole lines of pieces."""
    rest = b""
    for piece in content:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line)
    if rest:
        yield rest
