"""Reports in the browser: served to this machine alone, and nothing but them."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.serving import server
from tests.conftest import COMMAND


@pytest.fixture(scope="module")
def quality(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("curated") / "quality"
    (folder / "runs").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Données</title>", "utf-8")
    (folder / "runs" / "r 1.html").write_text("run")
    (folder / ".hidden.html").write_text("hidden")
    (folder.parent / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    return folder


@pytest.fixture(scope="module")
def port(quality: Path) -> Iterator[int]:
    with server(quality, 0) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield served.server_port
        served.shutdown()


def ask(port: int, path: str, host: str = "", method: str = "GET") -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    response = connection.getresponse()
    return response, response.read().decode("utf-8")


def test_pages_are_served_with_headers_that_keep_them_what_they_are(port: int) -> None:
    response, body = ask(port, "/")
    assert (response.status, body) == (200, "<title>Données</title>")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "Python" not in response.headers["Server"]
    assert ask(port, "/runs/r%201.html")[1] == "run"
    assert ask(port, "/", "localhost:80")[0].status == 200
    assert ask(port, "/", method="HEAD")[1] == ""


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/runs/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//etc/passwd",
        "/link.txt", "/.hidden.html", "/runs/", "/%00", "/nothing.html",
    ],
)  # fmt: skip
def test_nothing_else_is_served(port: int, path: str) -> None:
    response, body = ask(port, path)
    assert response.status == 404
    assert "secret" not in body.replace("secret.txt", "")


@pytest.mark.parametrize("host", ["example.org", "example.org:80", "127.0.0.1.example.org", "[::1", ""])
def test_a_name_that_was_pointed_here_gets_no_answer(port: int, host: str) -> None:
    response, _ = ask(port, "/", host or " ")
    assert response.status == 403


def test_only_reading_is_served(port: int) -> None:
    assert ask(port, "/index.html", method="POST")[0].status == 501


def test_only_this_machine_is_served(port: int) -> None:
    with pytest.raises(ConnectionRefusedError):  # another address of this machine
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_the_command_serves_until_it_is_interrupted(quality: Path) -> None:
    command = [COMMAND, "serve-reports", "--curated", quality.parent, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().split()[0]
        assert ask(int(address.rstrip("/").rpartition(":")[2]), "/index.html")[0].status == 200
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_a_port_that_is_taken_is_told_in_a_line(quality: Path, port: int) -> None:
    command = [COMMAND, "serve-reports", "--curated", quality.parent, "--port", str(port)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1
    assert "--port" in told.stderr


@pytest.mark.parametrize("name", ["open", "serve-reports"])
def test_without_reports_there_is_nothing_to_show(tmp_path: Path, name: str) -> None:
    told = subprocess.run(
        [COMMAND, name, "--curated", tmp_path], capture_output=True, text=True, timeout=20, check=False
    )
    assert told.returncode == 2
    assert "holds no report yet" in told.stderr


def test_open_shows_the_overview_or_says_where_it_is(quality: Path, tmp_path: Path) -> None:
    command = [COMMAND, "open", "--curated", quality.parent]
    plain = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}}
    told = subprocess.run(command, env=plain, capture_output=True, text=True, timeout=20, check=True)
    assert told.stdout == f"{quality / 'index.html'}\n"
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    shown = subprocess.run(
        command, env=plain | {"BROWSER": f"{browser} %s"}, capture_output=True, text=True, timeout=20, check=True
    )
    assert opened.read_text().strip() == (quality / "index.html").as_uri()
    assert shown.stdout == ""
