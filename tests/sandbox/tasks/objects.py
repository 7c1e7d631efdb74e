"""Istio's objects as the pages apply them, made from what differs between them."""

Fields = dict[str, object]
NETWORKING = "networking.istio.io/v1"
SECURITY = "security.istio.io/v1"


def virtual_service(host: str, *http: Fields, **spec: object) -> Fields:
    """Return a VirtualService that is named after its host."""
    return {
        "apiVersion": NETWORKING,
        "kind": "VirtualService",
        "metadata": {"name": host.split(".")[0]},
        "spec": {"hosts": [host], "http": list(http), **spec},
    }


def route(subset: str, weight: int | None = None, host: str = "helloworld") -> Fields:
    """Return one destination of a route."""
    to: Fields = {"destination": {"host": host, "subset": subset}}
    return to if weight is None else {**to, "weight": weight}


def destination_rule(host: str, **spec: object) -> Fields:
    """Return a DestinationRule that is named after its host."""
    return {
        "apiVersion": NETWORKING,
        "kind": "DestinationRule",
        "metadata": {"name": host.split(".")[0]},
        "spec": {"host": host, **spec},
    }


def subsets(*versions: str) -> list[Fields]:
    """Return a subset for each version."""
    return [{"name": version, "labels": {"version": version}} for version in versions]


def peers(mode: str, name: str = "default", **spec: object) -> Fields:
    """Return a PeerAuthentication."""
    return {
        "apiVersion": SECURITY,
        "kind": "PeerAuthentication",
        "metadata": {"name": name},
        "spec": {"mtls": {"mode": mode}, **spec},
    }


def authorization(name: str, spec: Fields) -> Fields:
    """Return an AuthorizationPolicy."""
    return {
        "apiVersion": SECURITY,
        "kind": "AuthorizationPolicy",
        "metadata": {"name": name},
        "spec": spec,
    }


def gateway(name: str, *servers: Fields) -> Fields:
    """Return a Gateway of Istio's own ingress gateway."""
    return {
        "apiVersion": NETWORKING,
        "kind": "Gateway",
        "metadata": {"name": name},
        "spec": {"selector": {"istio": "ingressgateway"}, "servers": list(servers)},
    }
