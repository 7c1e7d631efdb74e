"""Mutual TLS and observability: walked on a sandbox of its own."""

from sandbox.course.steps import (  # noqa: F401 - collected here, for these lessons
    test_a_step_is_red_before_and_green_after_and_names_each_mistake,
)

FIRST, LAST = "mtls", "observability"
