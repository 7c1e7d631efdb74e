"""A node of one's own."""

from collections.abc import AsyncIterator

import pytest
from sandbox.kubelet.node import Node, node


@pytest.fixture
async def here() -> AsyncIterator[Node]:
    async with node() as made:
        yield made
