"""The values of an installation, as tools read them from istio-sidecar-injector."""

from collections.abc import Mapping

from app.sandbox.istiod.installation.marks import HUB, NAMESPACE, VERSION
from app.sandbox.objects import Json, Obj


def values(*, is_small: bool) -> Mapping[str, Json]:
    """Return the values, under Istio's names; what only a template would read is left out."""
    requests: Obj = (
        {"cpu": "10m", "memory": "40Mi"} if is_small else {"cpu": "100m", "memory": "128Mi"}
    )
    limits: Obj = {"cpu": "2000m", "memory": "1024Mi"}
    return {
        "global": {
            "configCluster": False,
            "configValidation": True,
            "externalIstiod": False,
            "hub": HUB,
            "imagePullPolicy": "",
            "istioNamespace": NAMESPACE,
            "logging": {"level": "default:info"},
            "meshID": "",
            "multiCluster": {"clusterName": ""},
            "network": "",
            "pilotCertProvider": "istiod",
            "proxy": {**_proxy(), "resources": {"limits": limits, "requests": requests}},
            "proxy_init": {"image": "proxyv2"},
            "tag": VERSION,
            "variant": "",
        },
        "pilot": {"cni": {"enabled": False, "provider": "default"}, "env": {}},
        "revision": "",
        "sidecarInjectorWebhook": {
            "alwaysInjectSelector": [],
            "defaultTemplates": [],
            "enableNamespacesByDefault": False,
            "injectedAnnotations": {},
            "neverInjectSelector": [],
            "reinvocationPolicy": "Never",
            "rewriteAppHTTPProbe": True,
            "templates": {},
        },
    }


def _proxy() -> Obj:
    return {
        "autoInject": "enabled",
        "clusterDomain": "cluster.local",
        "image": "proxyv2",
        "includeIPRanges": "*",
        "includeInboundPorts": "*",
        "logLevel": "warning",
        "readinessFailureThreshold": 4,
        "readinessInitialDelaySeconds": 0,
        "readinessPeriodSeconds": 15,
        "startupProbe": {"enabled": True, "failureThreshold": 600},
        "statusPort": 15020,
        "tracer": "none",
    }
