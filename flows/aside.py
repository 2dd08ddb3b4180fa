"""A process aside, which validates and reports while the run loads Prefect, reads and extracts on another core.

Great Expectations takes three seconds to load, as long as everything else that a small run does. What goes between the
processes are functions, paths and small values.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import signal
import threading
import traceback
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
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
        connection.send((function, arguments, named))
        try:
            result, message, trace = connection.recv()
        except EOFError as error:
            raise AsideError("the process that validates has ended: it was killed, or memory is short") from error
    if message:
        failure = AsideError(message)
        failure.add_note(trace)
        raise failure
    return cast("Result", result)


@cache
def _process() -> Connection:
    """The near end of the connection to the process, which ends with this one, even killed."""
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    process = context.Process(target=_serve, args=(far,), name="validation", daemon=True)
    if threading.current_thread() is threading.main_thread():
        # Ctrl-C goes to every process of a terminal: the run ends this one, which inherits that it ignores it.
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        process.start()
        signal.signal(signal.SIGINT, handler)
    else:
        process.start()
    far.close()
    atexit.register(_end, near, process)
    return near


def _end(connection: Connection, process: BaseProcess) -> None:
    connection.close()
    process.join(END_SECONDS)  # or it is ended as a daemon


def _serve(connection: Connection) -> None:
    """Answer calls until the other end is closed."""
    gc.disable()  # collecting finds nothing while libraries load, and takes a tenth of the time
    from expectations import checkpoints  # noqa: PLC0415 - not in the process that imports this module

    checkpoints.warm_up()
    gc.freeze()
    gc.enable()
    while True:
        try:
            function, arguments, named = connection.recv()
        except EOFError:
            return
        try:
            answer: tuple[Any, str, str] = (function(*arguments, **named), "", "")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised at the other end
            answer = (None, f"{type(error).__name__}: {error}", traceback.format_exc())
        connection.send(answer)
