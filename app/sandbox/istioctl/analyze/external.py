"""Webhooks of an istiod outside the cluster: how they name the way to it."""

import ipaddress
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from app.sandbox.istioctl.analyze.messages import Message
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import items, text

PREFIXES: Final = {
    "ValidatingWebhookConfiguration": ("istiod-default-validator", "istio-validator"),
    "MutatingWebhookConfiguration": ("istio-sidecar-injector",),
}


def webhooks(snapshot: Snapshot) -> Iterator[Message]:
    """Yield webhooks whose address is missing, no address, or a number in place of a name."""
    for kind, prefixes in PREFIXES.items():
        for resource in snapshot.all(kind):
            if not resource.name.startswith(prefixes):
                continue
            for webhook in items(resource.obj, "webhooks"):
                name, url = text(webhook, "name"), text(webhook, "clientConfig.url")
                if not url and not text(webhook, "clientConfig.service.name"):
                    yield Message("IST0163", resource, ("", name, "is blank"))
                elif url and _is_number(url):
                    yield Message("IST0164", resource, (url, name))


def _is_number(url: str) -> bool:
    try:
        ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return True
