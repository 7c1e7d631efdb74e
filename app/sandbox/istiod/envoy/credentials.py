"""What a Gateway's server proves itself with: TLS settings, and the secrets that they name.

Secrets come by SDS, as Istio's do: a server whose secret is not there answers nobody.
Source: https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings
"""

import base64
from collections.abc import Iterator, Mapping

from app.sandbox.istiod.credentials import AUTHORITIES, CHAINS, KEYS
from app.sandbox.istiod.envoy import tls
from app.sandbox.istiod.envoy.servers import Server
from app.sandbox.istiod.envoy.shapes import extension
from app.sandbox.objects import Json, Obj, strings, table, text, words

TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
SOURCE: Obj = {"ads": {}, "resource_api_version": "V3"}
SCHEME, AUTHORITY = "kubernetes://", "-cacert"
VERSIONS = {f"TLSV1_{minor}": f"TLSv1_{minor}" for minor in range(4)}


def context(server: Server) -> Obj:
    """Return the transport socket of a server that ends TLS."""
    if server.mode == "ISTIO_MUTUAL":
        return tls.downstream()
    said = table(server.spec, "tls")
    names = words(said, "credentialNames") or [text(said, "credentialName")]
    common: Obj = {
        **_limits(said),
        "tls_certificate_sds_secret_configs": [_named(name) for name in names],
        "alpn_protocols": ["h2", "http/1.1"],
    }
    if server.mode in ("MUTUAL", "OPTIONAL_MUTUAL"):
        common["combined_validation_context"] = {
            "default_validation_context": _who(words(said, "subjectAltNames")),
            "validation_context_sds_secret_config": _named(
                text(said, "caCertCredentialName") or f"{names[0]}{AUTHORITY}"
            ),
        }
    return extension(
        tls.SOCKET,
        "transport_sockets.tls.v3.DownstreamTlsContext",
        common_tls_context=common,
        require_client_certificate=server.mode == "MUTUAL",
    )


def resources(secrets: Mapping[tuple[str, str], Obj], namespace: str) -> Iterator[Obj]:
    """Yield the secrets of a namespace as Envoy's, by the names that servers give them."""
    for (where, name), secret in sorted(secrets.items()):
        if where != namespace:
            continue
        data = strings(secret, "data")
        chain, key, authority = (_first(data, names) for names in (CHAINS, KEYS, AUTHORITIES))
        if chain and key:
            certificate: Obj = {
                "certificate_chain": {"inline_string": chain},
                "private_key": {"inline_string": key},
            }
            yield {"@type": TYPE, "name": SCHEME + name, "tls_certificate": certificate}
        if authority:
            known: Obj = {"trusted_ca": {"inline_string": authority}}
            own = name if name.endswith(AUTHORITY) else name + AUTHORITY
            if name.endswith(AUTHORITY) or (where, own) not in secrets:
                yield {"@type": TYPE, "name": SCHEME + own, "validation_context": known}


def _first(data: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((_decoded(data[name]) for name in names if data.get(name)), "")


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode()
    except ValueError:
        return ""


def _named(name: str) -> Obj:
    return {"name": SCHEME + name, "sds_config": {**SOURCE}}


def _limits(said: Obj) -> Obj:
    found: Obj = {}
    for word, field in (("minProtocolVersion", "tls_minimum_protocol_version"),
                        ("maxProtocolVersion", "tls_maximum_protocol_version")):  # fmt: skip
        if text(said, word) in VERSIONS:
            found[field] = VERSIONS[text(said, word)]
    if words(said, "cipherSuites"):
        found["cipher_suites"] = [*words(said, "cipherSuites")]
    return {"tls_params": found} if found else {}


def _who(names: list[str]) -> Obj:
    if not names:
        return {}
    matches: list[Json] = [
        {"san_type": kind, "matcher": {"exact": name}} for name in names for kind in ("DNS", "URI")
    ]
    return {"match_typed_subject_alt_names": matches}
