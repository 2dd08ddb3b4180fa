"""Which failures of a task are tried again."""

from __future__ import annotations

import os
import subprocess
import sys

FLOW = """
import asyncio, errno
from prefect import flow, task
from flows.tasks import RETRIED

calls = []

@task(**RETRIED | {"retry_delay_seconds": 0})
def fails_once(error):
    calls.append(str(error))
    if calls.count(str(error)) == 1:
        raise error

@flow
async def tried():
    for error in (OSError(errno.EIO, "share"), OSError(errno.ENOSPC, "disk"), ValueError("rule")):
        fails_once(error, return_state=True)
    return True

asyncio.run(tried())
print(*(error.split()[-1] for error in calls))
"""


def test_only_what_may_pass_is_tried_again(prefect_api: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FLOW],
        env=os.environ | {"PREFECT_API_URL": prefect_api, "PREFECT_LOGGING_LEVEL": "CRITICAL"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["share", "share", "disk", "rule"]
