"""Exit statuses of every command; docs/cli.md lists them."""

from enum import IntEnum


class Status(IntEnum):
    """What the shell is told."""

    DONE = 0
    FAILED = 1  # a check failed, preflight found a problem, a lesson has a mistake
    USAGE = 2  # no such lesson or step
    OUT_OF_REACH = 3  # the cluster, a tool, the disk or the database
    REFUSED = 4  # the policy, or a context that looks like production
