"""One process at a time: locks that the operating system releases when their holder ends, even killed."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.2


@contextmanager
def exclusive(lock: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Hold the lock file, whose descriptor is yielded; where another process holds it, call `waiting` and wait.

    A child process that is given the descriptor holds the lock as well, until it ends.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not _locked(descriptor):
            waiting()
            # Polled, because a call that blocks in the operating system would not let Ctrl-C through.
            while not _locked(descriptor):
                time.sleep(POLL_SECONDS)
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
