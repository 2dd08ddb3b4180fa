"""Shows the quality reports: opens them in the browser, or serves them to this machine alone."""

from __future__ import annotations

import os
import re
import sys
import webbrowser
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
HOST = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]+)?")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def show(page: Path) -> bool:
    """Open a page in the user's browser; false where there is no display to open it on."""
    has_display = sys.platform in {"darwin", "win32"} or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    return (has_display or "BROWSER" in os.environ) and webbrowser.open(page.resolve().as_uri())


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of the files below a folder, on loopback alone; port 0 takes one that is free.

    Raises:
        OSError: the port is taken, or not allowed.
    """
    return ThreadingHTTPServer((LOOPBACK, port), partial(_Files, directory=str(folder.resolve())))


class _Files(SimpleHTTPRequestHandler):
    """Files and nothing else: no listings, nothing outside the folder, no answer under another host's name."""

    server_version, sys_version = "depeche", ""
    timeout = 30

    def send_head(self) -> Any:
        """Refuse what is not a file of the folder, then do as the library does."""
        # A page of another site could make its own name point here (DNS rebinding): the browser still says that name.
        if not HOST.fullmatch(self.headers.get("Host", "")):
            self.send_error(HTTPStatus.FORBIDDEN)
            return None
        if not _is_of(Path(self.directory), Path(self.translate_path(self.path))):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:  # noqa: ARG002 - the library's signature
        """No listings."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Add the headers that keep a page what it is."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""


def _is_of(root: Path, path: Path) -> bool:
    """Whether a path lies below the folder, no link leads it out, and no part of it is hidden."""
    try:
        names = path.relative_to(root).parts
        is_inside = path.resolve().is_relative_to(root)
    except ValueError:  # a null byte; or outside
        return False
    return is_inside and not any(name.startswith(".") for name in names)
