"""Where a run is recorded: the Prefect server at PREFECT_API_URL where it answers, else a temporary one of our own.

Prefect starts a temporary server by itself where it finds none, but only when a flow begins, and leaves it running for
ever where the run is killed. This one starts while the run still imports its libraries (3 s saved of 10), and stops
when the run ends, whichever way. Its home is its own: a database that two servers share is locked when it matters.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

PROBE_SECONDS = 5  # a server on a busy machine may take more than one
STOP_SECONDS = 10.0
# Nobody is told of a run but who started it, and libraries speak only of what went wrong. Set by the user, these stay.
QUIET = {
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}


def home(curated: Path) -> Path:
    """Where the temporary servers of runs on a curated folder keep their database."""
    return curated / ".prefect"


def be_quiet() -> None:
    """Switch telemetry and library noise off, here and in child processes; to be called before the libraries load."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def answers(api_url: str) -> bool:
    """Whether a Prefect server answers at the address of its API, within `PROBE_SECONDS`."""
    try:
        with urllib.request.urlopen(f"{api_url.rstrip('/')}/health", timeout=PROBE_SECONDS) as reply:  # noqa: S310
            return bool(reply.status == 200)
    except (OSError, ValueError):
        return False


def start_temporary(folder: Path, held: int) -> tuple[str, subprocess.Popen[bytes]]:
    """Start a temporary server, to be stopped by `stop`; the address of its API, and its process.

    Returns at once: the socket listens already, and requests wait in it until the server is ready.

    Args:
        folder: its home, for its database and its log (`server.log`).
        held: descriptor of the lock on that folder, which the server keeps until it has stopped.
    """
    environment = {**QUIET, **os.environ, "PREFECT_HOME": str(folder.resolve())}
    environment.pop("PREFECT_API_URL", None)
    with socket.create_server(("127.0.0.1", 0)) as listening, (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "flows.temporary_server", str(listening.fileno())],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=(listening.fileno(), held),
            start_new_session=True,  # or Ctrl-C would stop the server before the run has said that it was cancelled
        )
        return f"http://127.0.0.1:{listening.getsockname()[1]}/api", process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Tell a temporary server that its run is over, and wait until it has written everything down."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
