"""A real HTTP server on loopback that serves what hosts serve: feeds and pages, slow, broken, huge, changing ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

HTML = "text/html; charset=utf-8"


@dataclass
class Page:
    """What stands at a path.

    Attributes:
        body: what is sent; a function is asked anew for each request.
        length: the Content-Length to state; the right one where None.
        seconds: to wait before each piece of `piece` bytes.
    """

    body: bytes | Callable[[], bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": HTML})
    length: int | None = None
    seconds: float = 0.0
    piece: int = 1 << 20


def html(words: str, **headers: str) -> Page:
    body = f"<html><head><title>Un titre</title></head><body><article><p>{words}</p></article></body></html>"
    return Page(body.encode(), headers={"Content-Type": HTML, **{k.replace("_", "-"): v for k, v in headers.items()}})


def redirect(to: str, status: int = 302) -> Page:
    return Page(status=status, headers={"Location": to})


def rss(*links: str) -> bytes:
    items = "".join(f"<item><title>Titre {n}</title><link>{link}</link></item>" for n, link in enumerate(links))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Fil</title>{items}</channel></rss>'.encode()


def feed(*links: str, **headers: str) -> Page:
    return Page(
        rss(*links),
        headers={"Content-Type": "application/rss+xml", **{k.replace("_", "-"): v for k, v in headers.items()}},
    )


@dataclass
class Site:
    """A running server.

    Attributes:
        url: its address, without a slash at the end.
        pages: what it serves, by path; a list is served one after the other, the last one for ever.
        asked: every request: time, path, headers in lower case.
    """

    url: str
    pages: dict[str, Page | list[Page]] = field(default_factory=dict)
    asked: list[tuple[float, str, dict[str, str]]] = field(default_factory=list)

    def paths(self) -> list[str]:
        """The paths that were asked for, robots.txt left out."""
        return [path for _, path, _ in self.asked if path != "/robots.txt"]

    def take(self, path: str) -> Page | None:
        page = self.pages.get(path)
        if isinstance(page, list):
            return page.pop(0) if len(page) > 1 else page[0]
        return page


@contextmanager
def serving(context: SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Site]:
    """A site that is up, by https where a context is given."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append((time.monotonic(), self.path, {k.lower(): v for k, v in self.headers.items()}))
            page = site.take(self.path)
            if page is None:
                page = Page(b"rien", status=404)
            self.respond(page)

        def respond(self, page: Page) -> None:
            body = page.body() if callable(page.body) else page.body
            conditions = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
            if page.status == 200 and any(
                self.headers[asked] and self.headers[asked] == page.headers.get(given)
                for asked, given in conditions.items()
            ):
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) if page.length is None else page.length))
            self.end_headers()
            for start in range(0, len(body), page.piece):
                time.sleep(page.seconds)
                try:
                    self.wfile.write(body[start : start + page.piece])
                except OSError:
                    return  # who asked has gone
            if page.length is not None:
                self.close_connection = True

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name in the library
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    site = Site(f"http{'s' if context else ''}://{host}:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
