"""The process aside: values, errors, and its end."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.aside import AsideError, run_aside


def test_function_runs_in_another_process() -> None:
    assert run_aside(math.hypot, 3, 4) == 5.0
    assert run_aside(os.getpid) != os.getpid()


def test_error_comes_back_with_its_traceback() -> None:
    with pytest.raises(AsideError, match="ValueError: math domain error") as raised:
        run_aside(math.sqrt, -1)
    assert "Traceback" in raised.value.__notes__[0]
    assert run_aside(math.sqrt, 4) == 2.0


def test_process_ends_with_a_run_that_was_killed() -> None:
    code = "import os, time; from flows.aside import run_aside; print(run_aside(os.getpid), flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        aside = int(run.stdout.readline())
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{aside}").exists() and "zombie" not in Path(f"/proc/{aside}/status").read_text():
        assert time.monotonic() < deadline, "the process aside outlives its run"
        time.sleep(0.05)


def test_process_that_was_killed_is_told() -> None:
    code = (
        "import os; from flows.aside import AsideError, run_aside\n"
        "try: run_aside(os.kill, run_aside(os.getpid), 9)\n"
        "except AsideError as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "has ended" in told.stdout
