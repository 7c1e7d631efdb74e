"""The pages on ingress gateways: walked on a sandbox of their own."""

from sandbox.tasks.ingress import (  # noqa: F401 - collected here, on a sandbox
    test_ingress_gateways,
    test_secure_gateways,
)
