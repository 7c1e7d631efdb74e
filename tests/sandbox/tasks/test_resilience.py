"""The page on circuit breaking: walked on a sandbox of its own."""

from sandbox.tasks.resilience import (  # noqa: F401 - collected here, on a sandbox
    test_circuit_breaking,
)
