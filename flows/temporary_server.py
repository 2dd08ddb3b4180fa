"""The temporary Prefect server of one run: `python -m flows.temporary_server SOCKET`, started by flows.server.

It serves the API on a socket that listens already, and stops when its standard input ends: when the run does, even
where the run was killed.
"""

from __future__ import annotations

import gc
import os
import socket
import sys
import threading

gc.disable()  # until it serves: loading and preparing the database make a fifth faster what a run waits for

import uvicorn  # noqa: E402
from prefect.server.api.server import create_app  # noqa: E402


class TemporaryServer(uvicorn.Server):
    """A server that collects garbage once it serves."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Prepare the database and begin to serve."""
        await super().startup(sockets)
        gc.freeze()
        gc.enable()


def serve(descriptor: int) -> None:
    """Serve the API on the listening socket open as `descriptor` until standard input ends."""
    app = create_app(ephemeral=True, final=True)
    server = TemporaryServer(uvicorn.Config(app, log_level="error", lifespan="on"))

    def stop_with_run() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    threading.Thread(target=stop_with_run, daemon=True).start()
    server.run(sockets=[socket.socket(fileno=descriptor)])
    # All is written down; taking the interpreter apart would keep the run waiting for a second.
    os._exit(0)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
