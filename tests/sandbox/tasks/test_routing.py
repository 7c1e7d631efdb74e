"""The pages on routing: walked on a sandbox of their own."""

from sandbox.tasks.routing import (  # noqa: F401 - collected here, on a sandbox
    test_fault_injection,
    test_request_routing,
    test_request_timeouts,
    test_traffic_shifting,
)
