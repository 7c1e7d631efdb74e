"""What the site started does not outlive it, even when it is killed."""

import os
import select
import subprocess
import sys

import pytest

from app.commands import keeper

SITE = """
import asyncio, sys
from pathlib import Path
from app.commands.runner import Runner
async def main():
    async with Runner() as runner:
        text = "import time; time.sleep(60)"
        child = await runner.start([sys.executable, "-c", text], {}, Path("/"))
        print(child.pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


def test_groups_that_ended_are_forgotten() -> None:
    assert keeper.watch(["+12\n", "+13\n", "-12\n", "+x\n", "\n"]) == {13}


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a stranger's end as Linux can")
def test_killing_the_site_ends_its_commands() -> None:
    with subprocess.Popen([sys.executable, "-c", SITE], stdout=subprocess.PIPE) as site:
        assert site.stdout is not None
        command = os.pidfd_open(int(site.stdout.readline()))
        site.kill()
    ended, _, _ = select.select([command], [], [], 20)
    os.close(command)
    assert ended
