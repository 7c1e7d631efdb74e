"""What proxies write of each request: Istio's line for people, and a record for telemetry."""

from pathlib import Path

from app.sandbox.istiod.envoy.shapes import extension
from app.sandbox.objects import Json, Obj

RECORDS = "requests"  # in the pod's folder: one JSON object a line; whoever reads it may empty it
LINE = (
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% '
    "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "
    '"%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% '
    '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" '
    '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% '
    "%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% "
    "%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n"
)
RECORD: Obj = {
    "at": "%START_TIME(%s.%3f)%",
    "ms": "%DURATION%",
    "code": "%RESPONSE_CODE%",
    "flags": "%RESPONSE_FLAGS%",
    "method": "%REQ(:METHOD)%",
    "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "host": "%REQ(:AUTHORITY)%",
    "protocol": "%PROTOCOL%",
    "received": "%BYTES_RECEIVED%",
    "sent": "%BYTES_SENT%",
    "cluster": "%UPSTREAM_CLUSTER_RAW%",
    "route": "%ROUTE_NAME%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "workload": "%UPSTREAM_METADATA(istio:workload)%",  # who answered: name;namespace;canonical...
    "client": "%DOWNSTREAM_PEER_URI_SAN%",  # the caller's identity, where it was proved
    "server": "%UPSTREAM_PEER_URI_SAN%",
    "id": "%REQ(X-REQUEST-ID)%",  # the same on both sides of a request
}


def access_logs(folder: Path, direction: str, *, is_printed: bool) -> list[Json]:
    """Return the loggers of requests; `direction` is `outbound` or `inbound`."""
    fields: Obj = {"direction": direction, **RECORD}
    record = extension(
        "envoy.access_loggers.file",
        "access_loggers.file.v3.FileAccessLog",
        path=str(folder / RECORDS),
        log_format={"json_format": fields},
    )
    return [*printed(is_printed=is_printed), record]


def printed(*, is_printed: bool, only: str = "") -> list[Json]:
    """Return the logger to standard output, of a response flag alone where one is given."""
    if not is_printed:
        return []
    logger = extension(
        "envoy.access_loggers.file",
        "access_loggers.file.v3.FileAccessLog",
        path="/dev/stdout",
        log_format={"text_format_source": {"inline_string": LINE}},
    )
    if only:
        logger["filter"] = {"response_flag_filter": {"flags": [only]}}
    return [logger]
