"""The pages on security: walked on a sandbox of their own."""

from sandbox.tasks.security import (  # noqa: F401 - collected here, on a sandbox
    test_authorization_for_http,
    test_mutual_tls_migration,
)
