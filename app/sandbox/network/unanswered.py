"""A connection that a sidecar took and could carry nowhere: it ends as a reset, not as an end."""

import errno
import os
from asyncio import StreamReader
from collections.abc import Iterable
from typing import SupportsIndex


class Unanswered(StreamReader):
    """Reads a connection whose end, where nothing came before it, is a reset.

    A real sidecar leaves what the caller sent unread while it connects, so that closing resets the
    caller's connection. Envoy here has read it, and closes as after a whole exchange.
    """

    _has_come = False

    def feed_data(self, data: Iterable[SupportsIndex]) -> None:
        """Take what came."""
        self._has_come = True
        super().feed_data(data)

    def feed_eof(self) -> None:
        """Take the end."""
        if self._has_come:
            super().feed_eof()
        else:
            self.set_exception(
                ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
            )
