"""A process aside, which validates and reports while the run loads Prefect, reads and extracts on another core.

Great Expectations takes three seconds to load, as long as everything else that a small run does. What goes between the
processes are functions, by name, and paths and small values. `python -m flows.aside DESCRIPTOR` is that process.
"""

from __future__ import annotations

import atexit
import gc
import os
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar, cast

Given = ParamSpec("Given")
Result = TypeVar("Result")

END_SECONDS = 2.0
_one_at_a_time = threading.Lock()


class AsideError(Exception):
    """What failed in the process aside; the traceback there is in a note."""


def start() -> None:
    """Start the process, where it does not run yet; it is ready some seconds later."""
    _process()


def run_aside(function: Callable[Given, Result], *arguments: Given.args, **named: Given.kwargs) -> Result:
    """What a function, defined at the top of a module, returns in the process aside.

    Raises:
        AsideError: the function raised, or the process ended.
    """
    with _one_at_a_time:
        connection = _process()
        try:
            connection.send((function, arguments, named))
            result, message, trace = connection.recv()
        except (EOFError, ConnectionError) as error:
            raise AsideError("the process that validates has ended: it was killed, or memory is short") from error
    if message:
        failure = AsideError(message)
        failure.add_note(trace)
        raise failure
    return cast("Result", result)


@cache
def _process() -> Connection:
    """The near end of the connection to the process, which ends with this one, even killed."""
    near, far = socket.socketpair()
    with far:
        process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "flows.aside", str(far.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=(far.fileno(),),
            start_new_session=True,  # Ctrl-C is for the run, which ends this process
        )
    connection = Connection(near.detach())
    atexit.register(_end, connection, process)
    return connection


def _end(connection: Connection, process: subprocess.Popen[bytes]) -> None:
    connection.close()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _serve(connection: Connection) -> None:
    """Answer calls until the other end is closed."""
    gc.disable()  # collecting finds nothing while libraries load, and takes a tenth of the time
    from expectations import checkpoints  # noqa: PLC0415 - not in the process that imports this module

    checkpoints.warm_up()
    gc.freeze()
    gc.enable()
    # The other end closes when the run has ended, or was killed.
    with suppress(EOFError, ConnectionError):
        while True:
            connection.send(_answer(*connection.recv()))


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, str, str]:
    """What the function returns; or, where it raises, what it raised and its traceback."""
    try:
        return function(*arguments, **named), "", ""
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised at the other end
        return None, f"{type(error).__name__}: {error}", traceback.format_exc()


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
    os._exit(0)  # all is written; taking the libraries apart would keep the run waiting
