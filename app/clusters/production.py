"""What makes a cluster look like production: reasons to ask before anything is done in it."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from app.clusters.kubeconfig import Context
from app.clusters.objects import Object

MAX_NODES: Final = 3
MAX_NAMESPACES: Final = 20

_WORDS: Final = frozenset({"prod", "prd", "production", "live"})
_CONTEXTS: Final = {"gke_": "GKE", "arn:aws:eks:": "EKS", "do-": "DigitalOcean"}
_SERVERS: Final = {
    "eks.amazonaws.com": "EKS",
    "azmk8s.io": "AKS",
    "gke.goog": "GKE",
    "ondigitalocean.com": "DigitalOcean",
    "linodelke.net": "Linode",
    "oraclecloud.com": "Oracle Cloud",
    "cloud.ibm.com": "IBM Cloud",
    "appdomain.cloud": "IBM Cloud",
    "openshiftapps.com": "OpenShift",
    "scw.cloud": "Scaleway",
    "ovh.net": "OVHcloud",
}
_NODE_LABELS: Final = {
    "eks.amazonaws.com/": "EKS",
    "cloud.google.com/gke": "GKE",
    "kubernetes.azure.com/": "AKS",
    "doks.digitalocean.com/": "DigitalOcean",
    "lke.linode.com/": "Linode",
    "node.openshift.io/": "OpenShift",
}
_PROVIDERS: Final = {
    "aws": "AWS",
    "gce": "Google Cloud",
    "azure": "Azure",
    "digitalocean": "DigitalOcean",
    "linode": "Linode",
    "openstack": "OpenStack",
    "vsphere": "vSphere",
    "ibm": "IBM Cloud",
    "oci": "Oracle Cloud",
    "hcloud": "Hetzner Cloud",
}


def reasons_by_address(context: Context) -> list[str]:
    """Return what the context's name and server address tell, without asking the cluster."""
    found = []
    words = set(re.split(r"[^a-z0-9]+", f"{context.name} {context.cluster}".lower()))
    for word in sorted(words & _WORDS):
        found.append(f"the context's name says “{word}”")
    for start, whose in _CONTEXTS.items():
        if context.name.startswith(start):
            found.append(f"the context's name is one of {whose}")
    host = urlsplit(context.server).hostname or ""
    for suffix, whose in _SERVERS.items():
        if host == suffix or host.endswith(f".{suffix}"):
            found.append(f"the API server's address is one of {whose}")
    return found


def reasons_by_content(nodes: Sequence[Object], namespaces: Sequence[Object]) -> list[str]:
    """Return what the cluster's nodes and its size tell."""
    found = []
    owners = {owner for node in nodes if (owner := _owner(node))}
    for owner in sorted(owners):
        found.append(f"its nodes belong to {owner}")
    if len(nodes) > MAX_NODES:
        found.append(f"it has {len(nodes)} nodes")
    if len(namespaces) > MAX_NAMESPACES:
        found.append(f"it has {len(namespaces)} namespaces")
    return found


def _owner(node: Object) -> str:
    for prefix, whose in _NODE_LABELS.items():
        if any(label.startswith(prefix) for label in node.labels):
            return whose
    provider, separator, _ = node.text("spec.providerID").partition("://")
    return _PROVIDERS.get(provider, "") if separator else ""
