"""The `istioctl` of a sandbox's terminal: sends the line to the API server, prints what comes back.

It stands alone (the standard library, and of that what starts fast), so that a command costs little
more than Python's own start. What the kubeconfig says is all that it knows.
"""

import base64
import json
import os
import signal
import socket
import sys
from collections.abc import Iterable, Iterator
from io import BufferedReader

PATH = "/apis/sandbox.mesh-dojo/v1/istioctl"
READ = (".yaml", ".yml", ".json")
NAMED = ("-f", "--filename", "--file")
BUILD = {
    "version": "1.31.0",
    "revision": "mesh-dojo-sandbox",
    "golang_version": "none",
    "status": "Clean",
    "tag": "1.31.0",
}
MOST_BYTES = 4 * 1024 * 1024
LONGEST_LINE = 64 * 1024


class Trouble(Exception):
    """Why the API server cannot be asked, as a sentence."""


def main(argv: list[str]) -> int:
    """Return the exit status of `istioctl ARGV`."""
    try:
        config = load(option(argv, "--kubeconfig", "-c"), option(argv, "--context"))
        body = {"argv": argv, "namespace": config["namespace"], "terminal": sys.stdout.isatty()}
        return converse(config, {**body, **attached(argv)})
    except Trouble as trouble:
        if argv[:1] == ["version"] and "--remote=false" in argv:
            print(version(option(argv, "--output", "-o")))  # noqa: T201
            return 0
        print(f"Error: {trouble}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        if "dashboard" in argv or "dash" in argv or "d" in argv:
            return 0
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def version(form: str) -> str:
    """Return this program's own version, for which no sandbox need be there."""
    if form == "json":
        return json.dumps({"clientVersion": BUILD}, indent=2)
    return f"client version: {BUILD['version']}"


def converse(config: dict[str, str], body: dict[str, object]) -> int:
    """Return the exit status; asks the person what the server asks, and calls anew."""
    answers: list[str] = []
    while True:
        code = call(config, {**body, "answers": answers})
        if code is not None:
            return code
        line = sys.stdin.readline()
        answers.append(line.strip() if line else "n")


def call(config: dict[str, str], body: dict[str, object]) -> int | None:
    """Print what the server says; None where it asks a question."""
    for line in lines(config, json.dumps(body).encode()):
        said = json.loads(line)
        for key, stream in (("out", sys.stdout), ("err", sys.stderr)):
            if key in said:
                stream.write(said[key])
                stream.flush()
        if "ask" in said:
            return None
        if "code" in said:
            return int(said["code"])
        if "message" in said:
            raise Trouble(said["message"])
    raise Trouble("the sandbox ended while the command ran")


def lines(config: dict[str, str], body: bytes) -> Iterator[bytes]:
    """Yield the lines of the server's answer as they come. Raises: Trouble."""
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
                raise Trouble(message(told))
            yield from split(content)
    except OSError as error:
        where = f"{config['host']}:{config['port']}"
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


def attached(argv: list[str]) -> dict[str, object]:
    """Return the files and folders that the line names, and what is piped in as `-`."""
    files: dict[str, str] = {}
    folders: dict[str, list[str]] = {}
    left = MOST_BYTES
    for word in named(argv):
        if word == "-":
            files[word] = sys.stdin.read(left)
        elif os.path.isdir(word):
            found = (os.path.join(top, f) for top, _, fs in os.walk(word) for f in fs)
            folders[word] = sorted(found)
            files |= {path: contents(path, left) for path in folders[word] if path.endswith(READ)}
        elif os.path.isfile(word):
            files[word] = contents(word, left)
        left = MOST_BYTES - sum(len(text) for text in files.values())
    return {"files": files, "folders": folders}


def contents(path: str, most: int) -> str:
    """Return a file's text. Raises: Trouble where it is longer than may be sent, or unreadable."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(most + 1)
    except OSError as error:
        raise Trouble(f"open {path}: {str(error.strerror).lower()}") from error
    if len(text) > most:
        raise Trouble(f"{path} is more than the {MOST_BYTES} bytes that may be sent")
    return text


def named(argv: list[str]) -> list[str]:
    """Return the words of a line that may be files."""
    found: list[str] = []
    for before, word in zip(["", *argv], argv, strict=False):
        if before in NAMED:
            found += word.split(",")
        elif word.startswith(tuple(f"{flag}=" for flag in NAMED)):
            found += word.partition("=")[2].split(",")
        elif word == "-" or not word.startswith("-"):
            is_file = word == "-" or word.endswith(READ) or os.sep in word or os.path.isfile(word)
            found += [word] if is_file or os.path.isdir(word) else []
    return found


def option(argv: list[str], *names: str) -> str:
    """Return the value of an option of the line, empty where it is not there."""
    for at, word in enumerate(argv):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else "".join(argv[at + 1 : at + 2])
    return ""


def load(path: str, context: str) -> dict[str, str]:
    """Return where the API server is and what to show it. Raises: Trouble."""
    default = os.path.join(os.path.expanduser("~"), ".kube", "config")
    paths = (path or os.environ.get("KUBECONFIG") or default).split(os.pathsep)
    for each in paths:
        if os.path.isfile(each):
            with open(each, encoding="utf-8") as file:
                return chosen(parse(file.read()), context, os.path.dirname(each))
    raise Trouble("there is no kubeconfig: set KUBECONFIG to the sandbox's")


def chosen(config: dict[str, object], context: str, folder: str) -> dict[str, str]:
    """Return the chosen context's server, authority, token and namespace. Raises: Trouble."""
    name = context or config.get("current-context") or ""
    within = entry(config, "contexts", name).get("context")
    if not isinstance(within, dict):
        raise Trouble(f'context "{name}" does not exist')
    cluster = inner(entry(config, "clusters", within.get("cluster")), "cluster")
    user = inner(entry(config, "users", within.get("user")), "user")
    scheme, _, rest = str(cluster.get("server", "")).partition("://")
    host, _, port = rest.partition("/")[0].rpartition(":")
    if not port.isdigit():
        raise Trouble(f'context "{name}" names no server with a port')
    authority = str(cluster.get("certificate-authority") or "")
    return {
        "scheme": scheme,
        "host": host,
        "port": port,
        "ca": base64.b64decode(str(cluster.get("certificate-authority-data") or "")).decode(),
        "ca-file": os.path.join(folder, authority) if authority else "",
        "token": str(user.get("token") or ""),
        "namespace": str(within.get("namespace") or "default"),
    }


def entry(config: dict[str, object], field: str, name: object) -> dict[str, object]:
    """Return the entry of a name in one of a kubeconfig's lists, empty where there is none."""
    found = config.get(field)
    entries = found if isinstance(found, list) else []
    return next((e for e in entries if isinstance(e, dict) and e.get("name") == name), {})


def inner(wrapped: dict[str, object], field: str) -> dict[str, object]:
    """Return the mapping of a field, empty where there is none."""
    found = wrapped.get(field)
    return found if isinstance(found, dict) else {}


def parse(text: str) -> dict[str, object]:
    """Return a kubeconfig: JSON, or YAML as kubectl writes it (blocks, no anchors, no flow)."""
    try:
        loaded = json.loads(text)
        return loaded if isinstance(loaded, dict) else {}
    except ValueError:
        rows = [row for row in text.splitlines() if row.strip() and row.lstrip()[0] != "#"]
        found, _ = block([row for row in rows if row.strip() != "---"], 0, 0)
        return found if isinstance(found, dict) else {}


def block(rows: list[str], at: int, indent: int) -> tuple[object, int]:
    """Return the mapping or list that begins at a row of an indent, and where it ends."""
    if at < len(rows) and rows[at].lstrip().startswith("- "):
        found: list[object] = []
        while at < len(rows) and depth(rows[at]) == indent and rows[at].lstrip().startswith("- "):
            rows[at] = rows[at].replace("- ", "  ", 1)
            item, at = block(rows, at, depth(rows[at]))
            found.append(item)
        return found, at
    mapping: dict[str, object] = {}
    while at < len(rows) and depth(rows[at]) == indent and not rows[at].lstrip().startswith("- "):
        key, _, value = rows[at].strip().partition(":")
        value, at = value.strip(), at + 1
        if value or at >= len(rows) or depth(rows[at]) < indent:
            mapping[key] = {} if value == "{}" else value.strip("\"'")
        elif depth(rows[at]) > indent or rows[at].lstrip().startswith("- "):
            mapping[key], at = block(rows, at, depth(rows[at]))
        else:
            mapping[key] = ""
    return mapping, at


def depth(row: str) -> int:
    """Return how far a row is indented."""
    return len(row) - len(row.lstrip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
