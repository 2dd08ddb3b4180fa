"""The temporary Prefect server of one run: `python -m flows.temporary_server SOCKET`, started by flows.server.

It serves the API on a socket that listens already, and stops when its standard input ends: when the run does, even
where the run was killed.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

import uvicorn
from prefect.server.api.server import create_app


def serve(descriptor: int) -> None:
    """Serve the API on the listening socket open as `descriptor` until standard input ends."""
    server = uvicorn.Server(uvicorn.Config(create_app(ephemeral=True, final=True), log_level="error", lifespan="on"))

    def stop_with_run() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    threading.Thread(target=stop_with_run, daemon=True).start()
    server.run(sockets=[socket.socket(fileno=descriptor)])
    # All is written down; taking the interpreter apart would keep the run waiting for a second.
    os._exit(0)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
