"""The learner's kubeconfig: its contexts, and a copy that holds one of them alone."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from app.clusters.objects import Json, Object
from app.errors import ClusterUnavailable

DEFAULT_PATH: Final = Path("~/.kube/config")
SERVICE_ACCOUNT_DIR: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
IN_CLUSTER: Final = "in-cluster"

_FILE_KEYS: Final = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


@dataclass(frozen=True)
class Context:
    """One context of a kubeconfig. `server` is the API server's address."""

    name: str
    cluster: str
    user: str
    namespace: str
    server: str


@dataclass(frozen=True)
class Kubeconfig:
    """What all the files together say; of entries with one name the first counts, as in kubectl."""

    clusters: Mapping[str, Object]
    users: Mapping[str, Object]
    contexts: tuple[Context, ...]
    current: str

    def choose(self, name: str = "") -> Context:
        """Return the context of that name, or the current one.

        Raises: ClusterUnavailable where there is none.
        """
        wanted = name or self.current
        if not wanted:
            raise ClusterUnavailable(
                "The kubeconfig names no current context.",
                hint=f"Choose one: kubectl config use-context NAME. {self._known()}",
            )
        for context in self.contexts:
            if context.name == wanted:
                return context
        raise ClusterUnavailable(
            f"The kubeconfig has no context “{wanted}”.",
            hint=f"{self._known()} Choose one: kubectl config use-context NAME.",
        )

    def _known(self) -> str:
        names = ", ".join(context.name for context in self.contexts)
        return f"It has: {names}." if names else "It has no context at all."


def kubeconfig_paths(chosen: Path | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files to read: the one of the settings, else KUBECONFIG's, else the default."""
    if chosen is not None:
        return (chosen,)
    listed = [Path(part) for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return tuple(listed) or (DEFAULT_PATH.expanduser(),)


def read_kubeconfig(paths: Sequence[Path]) -> Kubeconfig:
    """Return what the files say. Missing files are skipped, as kubectl does.

    Raises: ClusterUnavailable where there is no file at all, or one does not parse.
    """
    found = [path.expanduser() for path in paths if path.expanduser().is_file()]
    if not found:
        names = " or ".join(str(path) for path in paths)
        raise ClusterUnavailable(
            f"There is no kubeconfig: {names} does not exist.",
            hint="Start a cluster (minikube start writes one), or set KUBECONFIG to your file.",
        )
    documents = [_load(path) for path in found]
    clusters = _first_of_each("clusters", "cluster", documents, found)
    users = _first_of_each("users", "user", documents, found)
    named = _first_of_each("contexts", "context", documents, found)
    contexts = tuple(_context(name, entry, clusters) for name, entry in named.items())
    current = next((text for d in documents if (text := d.text("current-context"))), "")
    return Kubeconfig(clusters, users, contexts, current)


def service_account(
    environ: Mapping[str, str], folder: Path = SERVICE_ACCOUNT_DIR
) -> Kubeconfig | None:
    """Return the cluster that this very process runs in as a Pod; None where it is not one."""
    host = environ.get("KUBERNETES_SERVICE_HOST", "")
    port = environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (folder / "token").is_file():
        return None
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    cluster = Object({"server": server, "certificate-authority": str(folder / "ca.crt")})
    user = Object({"tokenFile": str(folder / "token")})
    context = Context(IN_CLUSTER, IN_CLUSTER, IN_CLUSTER, "default", server)
    return Kubeconfig({IN_CLUSTER: cluster}, {IN_CLUSTER: user}, (context,), IN_CLUSTER)


def minified(config: Kubeconfig, context: Context) -> dict[str, Json]:
    """Return a kubeconfig that holds this context alone, with absolute paths.

    Raises: ClusterUnavailable where the context names a cluster that is not there.
    """
    if not context.server:
        raise ClusterUnavailable(
            f"Context “{context.name}” names no cluster with a server address.",
            hint="Look at it: kubectl config view",
        )
    user = config.users.get(context.user, Object({}))
    name = context.name
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": dict(config.clusters[context.cluster].raw)}],
        "users": [{"name": name, "user": dict(user.raw)}],
        "contexts": [
            {
                "name": name,
                "context": {"cluster": name, "user": name, "namespace": context.namespace},
            }
        ],
    }


def write_minified(config: Kubeconfig, context: Context, folder: Path) -> Path:
    """Write the minified kubeconfig, readable by this account alone; return its path."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "kubeconfig"
    write_private(path, yaml.safe_dump(minified(config, context), sort_keys=False).encode())
    return path


def write_private(path: Path, content: bytes) -> None:
    """Write a file that nobody else can read, in one step: a reader never sees half of it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(path)


def _load(path: Path) -> Object:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise ClusterUnavailable(
            f"The kubeconfig {path} cannot be read: {error.strerror}.",
            hint=f"Look at its rights: ls -l {path}",
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _broken(path, _where(error)) from error
    if document is None:
        return Object({})
    if not isinstance(document, dict):
        raise _broken(path, "it is not a mapping")
    return Object(document)


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "it is no YAML text"


def _broken(path: Path, why: str) -> ClusterUnavailable:
    return ClusterUnavailable(
        f"The kubeconfig {path} does not parse: {why}.",
        hint="Mend it, or move it away and let minikube write it anew: minikube update-context",
    )


def _first_of_each(
    plural: str, singular: str, documents: Sequence[Object], paths: Sequence[Path]
) -> dict[str, Object]:
    found: dict[str, Object] = {}
    for document, path in zip(documents, paths, strict=True):
        for entry in document.parts(plural):
            content = entry.at(singular)
            inner = content if isinstance(content, dict) else {}
            found.setdefault(entry.text("name"), _absolute(inner, path.resolve().parent))
    return found


def _absolute(entry: dict[str, Json], folder: Path) -> Object:
    """Paths in a kubeconfig are relative to its own folder; the copy lies elsewhere."""
    resolved = dict(entry)
    for key in _FILE_KEYS:
        value = resolved.get(key)
        if isinstance(value, str) and value:
            resolved[key] = str(folder / value)
    plugin = resolved.get("exec")
    if isinstance(plugin, dict):
        command = plugin.get("command")
        if isinstance(command, str) and os.sep in command:
            resolved["exec"] = {**plugin, "command": str(folder / command)}
    return Object(resolved)


def _context(name: str, entry: Object, clusters: Mapping[str, Object]) -> Context:
    cluster = entry.text("cluster")
    server = clusters[cluster].text("server") if cluster in clusters else ""
    return Context(
        name, cluster, entry.text("user"), entry.text("namespace", "default"), server.rstrip("/")
    )
