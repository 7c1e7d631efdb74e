"""Reduce Envoy's published protos to facts: the numbers and types of their fields.

Run it where the package xds-protos is installed: `python tools/reduce_envoy_protos.py > FILE`.
"""

import importlib
import json
import pkgutil
import sys

EXTENSIONS = "envoy.extensions"
ROOTS = (
    "envoy.config.listener.v3.Listener",
    "envoy.config.cluster.v3.Cluster",
    "envoy.config.endpoint.v3.ClusterLoadAssignment",
    "envoy.config.route.v3.RouteConfiguration",
    f"{EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager",
    f"{EXTENSIONS}.filters.network.tcp_proxy.v3.TcpProxy",
    f"{EXTENSIONS}.filters.network.rbac.v3.RBAC",
    f"{EXTENSIONS}.filters.http.router.v3.Router",
    f"{EXTENSIONS}.filters.http.fault.v3.HTTPFault",
    f"{EXTENSIONS}.filters.http.rbac.v3.RBAC",
    f"{EXTENSIONS}.filters.http.rbac.v3.RBACPerRoute",
    f"{EXTENSIONS}.filters.http.jwt_authn.v3.JwtAuthentication",
    f"{EXTENSIONS}.path.match.uri_template.v3.UriTemplateMatchConfig",
    f"{EXTENSIONS}.filters.http.cors.v3.Cors",
    f"{EXTENSIONS}.filters.http.cors.v3.CorsPolicy",
    f"{EXTENSIONS}.filters.listener.tls_inspector.v3.TlsInspector",
    f"{EXTENSIONS}.filters.listener.http_inspector.v3.HttpInspector",
    f"{EXTENSIONS}.filters.listener.proxy_protocol.v3.ProxyProtocol",
    f"{EXTENSIONS}.filters.listener.original_dst.v3.OriginalDst",
    f"{EXTENSIONS}.transport_sockets.tls.v3.DownstreamTlsContext",
    f"{EXTENSIONS}.transport_sockets.tls.v3.UpstreamTlsContext",
    f"{EXTENSIONS}.transport_sockets.tls.v3.Secret",
    f"{EXTENSIONS}.transport_sockets.raw_buffer.v3.RawBuffer",
    f"{EXTENSIONS}.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport",
    f"{EXTENSIONS}.filters.http.set_filter_state.v3.Config",
    f"{EXTENSIONS}.access_loggers.file.v3.FileAccessLog",
    f"{EXTENSIONS}.upstreams.http.v3.HttpProtocolOptions",
    f"{EXTENSIONS}.retry.host.previous_hosts.v3.PreviousHostsPredicate",
    "envoy.config.trace.v3.OpenTelemetryConfig",
    "envoy.config.trace.v3.ZipkinConfig",
)
LEFT_OUT = ("google.protobuf", "google.api", "xds.type.matcher")
TYPES = {
    1: "double", 2: "float", 3: "int", 4: "int", 5: "int", 8: "bool", 9: "string", 12: "bytes",
    13: "int", 14: "enum",
}  # fmt: skip


def main() -> None:
    """Print the facts as JSON, one message a line."""
    from google.protobuf import descriptor_pool

    messages: dict = {}
    enums: dict = {}
    for root in ROOTS:
        package = importlib.import_module(root.rpartition(".")[0])
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.endswith("_pb2"):
                importlib.import_module(f"{package.__name__}.{module.name}")
        reduce(descriptor_pool.Default().FindMessageTypeByName(root), messages, enums)
    write("messages", messages, "{", ",")
    write("enums", enums, "", "}")


def reduce(message, messages: dict, enums: dict) -> None:  # type: ignore[no-untyped-def]
    """Add a message, and all that its fields may hold."""
    if message.full_name in messages or message.full_name.startswith(LEFT_OUT):
        return
    fields = messages[message.full_name] = {}
    for field in message.fields:
        inner = field.message_type
        if inner is not None and inner.GetOptions().map_entry:
            value = inner.fields_by_name["value"]
            fields[field.name] = [field.number, "map", kind(value, messages, enums)]
        else:
            how = ["repeated"] if field.is_repeated else []
            fields[field.name] = [field.number, kind(field, messages, enums), *how]


def kind(field, messages: dict, enums: dict) -> str:  # type: ignore[no-untyped-def]
    """Return a field's type: a word, or the full name of a message or an enum."""
    if field.message_type is not None:
        reduce(field.message_type, messages, enums)
        return field.message_type.full_name
    if field.enum_type is not None:
        enums[field.enum_type.full_name] = {
            value.name: value.number for value in field.enum_type.values
        }
        return field.enum_type.full_name
    return TYPES[field.type]


def write(name: str, facts: dict, before: str, after: str) -> None:
    """Print one table."""
    lines = (
        f"{json.dumps(key)}:{json.dumps(facts[key], separators=(',', ':'))}"
        for key in sorted(facts)
    )
    sys.stdout.write(f'{before}"{name}":{{\n' + ",\n".join(lines) + "\n}" + after + "\n")


if __name__ == "__main__":
    main()
