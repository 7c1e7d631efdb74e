"""Mutual TLS: who proves what to whom."""

from collections.abc import Sequence

from app.sandbox.istiod.envoy.shapes import extension, typed
from app.sandbox.istiod.identities import TRUST_DOMAIN, spiffe
from app.sandbox.objects import Json, Obj, text, words

VERSIONS: Obj = {
    "tls_minimum_protocol_version": "TLSv1_2",
    "tls_maximum_protocol_version": "TLSv1_3",
}
CIPHERS = ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
           "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "AES256-GCM-SHA384",
           "AES128-GCM-SHA256")  # fmt: skip
OWN: list[Json] = [{"name": "default"}]  # secrets of the bootstrap
SOCKET = "envoy.transport_sockets.tls"
RAW: Obj = extension(
    "envoy.transport_sockets.raw_buffer", "transport_sockets.raw_buffer.v3.RawBuffer"
)


def downstream() -> Obj:
    """Return the transport socket of an inbound port: a certificate of the mesh is required."""
    names: list[Json] = [_name("prefix", f"spiffe://{TRUST_DOMAIN}/")]
    common: Obj = {
        "tls_params": {**VERSIONS, "cipher_suites": [*CIPHERS]},
        "tls_certificate_sds_secret_configs": OWN,
        "combined_validation_context": _validation(names),
        "alpn_protocols": ["h2", "http/1.1"],
    }
    return extension(
        SOCKET,
        "transport_sockets.tls.v3.DownstreamTlsContext",
        common_tls_context=common,
        require_client_certificate=True,
    )


def mutual(host: str, port: int, subset: str, accounts: Sequence[str], *, sni: str = "") -> Obj:
    """Return the transport socket to a destination in the mesh.

    `accounts` (`namespace/name`) are those under which it may run; any of the mesh where none are.
    """
    names: list[Json] = [_name("exact", spiffe(*account.split("/"))) for account in accounts]
    common: Obj = {
        "tls_params": VERSIONS,
        "tls_certificate_sds_secret_configs": OWN,
        "combined_validation_context": _validation(names),
        "alpn_protocols": ["istio"],
    }
    return extension(
        SOCKET,
        "transport_sockets.tls.v3.UpstreamTlsContext",
        common_tls_context=common,
        sni=sni or f"outbound_.{port}_.{subset}_.{host}",
    )


def automatic(socket: Obj) -> list[Json]:
    """Return the choice by endpoint: mutual TLS to what has a sidecar, else plain."""
    return [
        {"name": "tlsMode-istio", "match": {"tlsMode": "istio"}, "transport_socket": socket},
        {"name": "tlsMode-disabled", "match": {}, "transport_socket": RAW},
    ]


def chosen(policy: Obj, host: str, port: int, subset: str, accounts: Sequence[str]) -> Obj:
    """Return the transport socket that a DestinationRule's tls asks for; empty for DISABLE."""
    mode = text(policy, "mode")
    if mode == "DISABLE":
        return {}
    names = words(policy, "subjectAltNames")
    if mode == "ISTIO_MUTUAL":
        socket = mutual(host, port, subset, accounts, sni=text(policy, "sni"))
        if names:
            context = socket["typed_config"]
            assert isinstance(context, dict)
            common = context["common_tls_context"]
            assert isinstance(common, dict)
            common["combined_validation_context"] = _validation([_name("exact", n) for n in names])
        return socket
    sni: Obj = {"sni": text(policy, "sni")} if text(policy, "sni") else {}
    if mode == "MUTUAL":  # files of the pod, which the sandbox's Envoys do not have
        return {
            "name": SOCKET,
            "typed_config": typed("transport_sockets.tls.v3.UpstreamTlsContext", **sni),
        }
    return extension(
        SOCKET, "transport_sockets.tls.v3.UpstreamTlsContext", common_tls_context={}, **sni
    )


def _name(how: str, value: str) -> Obj:
    return {"san_type": "URI", "matcher": {how: value}}


def _validation(names: list[Json]) -> Obj:
    own: Obj = {"match_typed_subject_alt_names": names} if names else {}
    return {
        "default_validation_context": own,
        "validation_context_sds_secret_config": {"name": "ROOTCA"},
    }
