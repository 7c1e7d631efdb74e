"""Kubeconfigs: which server, and what to show it."""

import binascii
import json
import os

from .trouble import Trouble

AUTHORITY = "certificate-authority"
LISTS = ("clusters", "contexts", "users")
PORTS = {"https": "443", "http": "80"}


def option(argv: list[str], *names: str) -> str:
    """Return the value of an option of the line, empty where it is not there."""
    for at, word in enumerate(argv):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else "".join(argv[at + 1 : at + 2])
    return ""


def load(path: str, context: str) -> dict[str, str]:
    """Return where the API server is and what to show it; several files count as one.

    Raises: Trouble.
    """
    default = os.path.join(os.path.expanduser("~"), ".kube", "config")
    paths = [path] if path else (os.environ.get("KUBECONFIG") or default).split(os.pathsep)
    found = [read(each) for each in paths if os.path.isfile(each)]
    if not found:
        raise Trouble("there is no kubeconfig: set KUBECONFIG to the sandbox's")
    return chosen(merged(found), context)


def read(path: str) -> dict[str, object]:
    """Return one file; the authorities that it names are beside it. Raises: Trouble."""
    try:
        with open(path, encoding="utf-8") as file:
            config = parse(file.read())
    except (OSError, ValueError) as error:
        raise Trouble(f"the kubeconfig {path} cannot be read: {error}") from error
    folder = os.path.dirname(path)
    for each in listed(config, "clusters"):
        cluster = inner(each, "cluster")
        if cluster.get(AUTHORITY):
            cluster[AUTHORITY] = os.path.join(folder, str(cluster[AUTHORITY]))
    return config


def merged(configs: list[dict[str, object]]) -> dict[str, object]:
    """Return several files as one, as kubectl has them: what comes first counts."""
    names = [str(each.get("current-context") or "") for each in configs]
    found: dict[str, object] = {"current-context": next((name for name in names if name), "")}
    for field in LISTS:
        found[field] = [entry for each in configs for entry in listed(each, field)]
    return found


def chosen(config: dict[str, object], context: str) -> dict[str, str]:
    """Return the chosen context's server, authority, token and namespace. Raises: Trouble."""
    name = str(context or config.get("current-context") or "")
    within = entry(config, "contexts", name).get("context")
    if not isinstance(within, dict):
        raise Trouble(f'context "{name}" does not exist')
    cluster = inner(entry(config, "clusters", within.get("cluster")), "cluster")
    user = inner(entry(config, "users", within.get("user")), "user")
    scheme, _, rest = str(cluster.get("server", "")).partition("://")
    host, _, port = rest.partition("/")[0].rpartition(":")
    if scheme in PORTS and rest and not port.isdigit():
        host, port = rest.partition("/")[0], PORTS[scheme]
    if not port.isdigit():
        raise Trouble(f'context "{name}" names no server with a port')
    return {
        "context": name,
        "scheme": scheme,
        "host": host,
        "port": port,
        "ca": binascii.a2b_base64(str(cluster.get(f"{AUTHORITY}-data") or "")).decode(),
        "ca-file": str(cluster.get(AUTHORITY) or ""),
        "token": str(user.get("token") or ""),
        "namespace": str(within.get("namespace") or "default"),
    }


def listed(config: dict[str, object], field: str) -> list[dict[str, object]]:
    """Return one of a kubeconfig's lists, empty where it is none."""
    found = config.get(field)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def entry(config: dict[str, object], field: str, name: object) -> dict[str, object]:
    """Return the entry of a name in one of a kubeconfig's lists, empty where there is none."""
    return next((each for each in listed(config, field) if each.get("name") == name), {})


def inner(wrapped: dict[str, object], field: str) -> dict[str, object]:
    """Return the mapping of a field, empty where there is none."""
    found = wrapped.get(field)
    return found if isinstance(found, dict) else {}


def parse(text: str) -> dict[str, object]:
    """Return a kubeconfig: JSON, YAML as kubectl writes it, or what else YAML can be.

    Raises: ValueError where it is none of these.
    """
    try:
        loaded = json.loads(text)
    except ValueError:
        rows = [row for row in text.splitlines() if row.strip() and row.lstrip()[0] != "#"]
        loaded, _ = block([row for row in rows if row.strip() != "---"], 0, 0)
        if isinstance(loaded, dict) and any(isinstance(loaded.get(each), str) for each in LISTS):
            loaded = parsed_whole(text)
    return loaded if isinstance(loaded, dict) else {}


def parsed_whole(text: str) -> object:
    """Return YAML of any style; it costs as much again as the rest. Raises: ValueError."""
    import site  # the library is where the product's others are, which were left out to be fast

    site.main()
    try:
        import yaml
    except ImportError as error:
        raise ValueError("it is not in blocks, as kubectl writes it") from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


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
