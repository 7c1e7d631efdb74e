"""How to reach an API server, from a minified kubeconfig: address, certificates, tokens."""

from base64 import b64decode
from pathlib import Path
from typing import Final

import yaml
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config import ConfigException
from kubernetes.aio.config.kube_config import load_kube_config_from_dict

from app.clusters.kubeconfig import write_private
from app.clusters.objects import Json
from app.errors import ClusterUnavailable

_FILES: Final = {
    "certificate-authority": "ca.crt",
    "client-certificate": "client.crt",
    "client-key": "client.key",
}


async def client_of(kubeconfig: Path) -> ApiClient:
    """Return a client that carries the credentials; exec plugins are run, token files are read.

    Raises: ClusterUnavailable where the kubeconfig or a file that it names cannot be used.
    """
    configuration = Configuration()
    configuration.connection_pool_maxsize = 0  # a watch holds its connection: no limit
    try:
        document = _document(kubeconfig)
        await load_kube_config_from_dict(  # type: ignore[no-untyped-call]
            document, client_configuration=configuration
        )
        return ApiClient(configuration=configuration)
    except (ConfigException, OSError, ValueError, yaml.YAMLError) as error:
        # a broken certificate is an OSError (ssl.SSLError), broken base64 a ValueError
        raise ClusterUnavailable(
            f"The credentials of the kubeconfig cannot be used: {error}.",
            hint="Look at them: kubectl config view --minify",
        ) from error


async def authorization(client: ApiClient) -> dict[str, str]:
    """Return the header that carries the token; none where certificates do the work."""
    settings = await client.configuration.auth_settings()
    return {entry["key"]: entry["value"] for entry in settings.values() if entry["value"]}


def _document(kubeconfig: Path) -> dict[str, Json]:
    """Put inline keys into files beside the kubeconfig: the library would leave them in /tmp."""
    found = yaml.load(kubeconfig.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for plural, singular in (("clusters", "cluster"), ("users", "user")):
        entries: list[dict[str, Json]] = found[plural]
        found[plural] = [
            {**entry, singular: _with_files(entry.get(singular), kubeconfig.parent)}
            for entry in entries
        ]
    return dict(found)


def _with_files(entry: Json, folder: Path) -> dict[str, Json]:
    found = dict(entry) if isinstance(entry, dict) else {}
    for key, name in _FILES.items():
        data = found.pop(f"{key}-data", None)
        if isinstance(data, str) and data:
            write_private(folder / name, b64decode(data))
            found[key] = str(folder / name)
    return found
