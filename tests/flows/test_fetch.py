"""The command, as users run it: through Prefect, on a site that is up."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import COMMAND
from tests.flows.fetch_server import Page, Site, feed, html, serving
from tests.flows.fetching.conftest import Fetcher


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


@pytest.fixture
def fetcher(site: Site, tmp_path: Path) -> Fetcher:
    return Fetcher(site, tmp_path / "raw")


def depeche_fetch(fetcher: Fetcher, api_url: str, *entries: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.Popen(
        [COMMAND, "fetch", "--sources", fetcher.settings(*entries), "--raw", fetcher.raw],
        env=environment | {"PREFECT_API_URL": api_url},
        cwd=fetcher.raw.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def row(output: str, source: str) -> list[int]:
    """The counts of a source in the table."""
    (line,) = (line for line in output.splitlines() if line.startswith(f"│ {source} "))
    return [int(cell) for cell in line.strip("│ ").split("│")[1:]]


def test_command_fetches_names_what_fails_and_fetches_nothing_twice(
    fetcher: Fetcher, site: Site, prefect_api: str
) -> None:
    site.pages |= {
        "/robots.txt": Page(b"User-agent: *\nDisallow: /prive", headers={"Content-Type": "text/plain"}),
        "/feed": feed("/a", "/prive", "/gone\u202e"),
        "/a": html("Un accord."),
        "/b": html("Deux accords."),
    }
    status, output = ended(depeche_fetch(fetcher, prefect_api, "feed /feed", "page /b"))
    assert status == 0, output
    assert row(output, f"{site.url}/feed") == [1, 0, 0, 1, 1]
    assert row(output, "pages") == [1, 0, 0, 0, 0]
    assert f"forbidden: {site.url}/prive forbidden by {site.url}/robots.txt" in output
    assert f"failed: {site.url}/gone%E2%80%AE answers 404 Not Found" in output
    assert [line.split()[0] for line in output.splitlines() if line.endswith(" s")] == ["start", "poll", "fetch"]
    assert "Fetched into " in output
    assert len(fetcher.stored()) == 2

    status, output = ended(depeche_fetch(fetcher, prefect_api, "feed /feed", "page /b", "feed /missing"))
    assert status == 1, output
    assert row(output, f"{site.url}/feed") == [0, 0, 1, 1, 1]
    assert f"failed: {site.url}/missing answers 404 Not Found" in output
    assert len(fetcher.stored()) == 2


def test_killed_fetch_loses_nothing_and_the_next_one_completes_it(
    fetcher: Fetcher, site: Site, prefect_api: str
) -> None:
    fetcher.limits = {"timeout": 20, "deadline": 60}
    pages = {f"/{n}": html(f"Le {n} mai, un accord a été trouvé.", ETag=f'"{n}"') for n in range(8)}
    site.pages |= pages | {"/feed": feed(*pages, ETag='"fil"'), "/5": Page(b"x" * 10, seconds=30)}
    process = depeche_fetch(fetcher, prefect_api, "feed /feed")
    while process.poll() is None and "/5" not in site.paths():
        time.sleep(0.005)
    process.kill()
    assert ended(process)[0] == -signal.SIGKILL
    stored = fetcher.stored()
    assert 1 <= len(stored) < len(pages)

    site.pages |= {"/5": pages["/5"], "/feed": feed("/0", ETag='"autre"')}
    status, output = ended(depeche_fetch(fetcher, prefect_api, "feed /feed"))
    assert status == 0, output
    assert row(output, f"{site.url}/feed") == [len(pages) - len(stored), 0, 1, 0, 0]
    assert fetcher.stored().items() >= stored.items()
    assert len(fetcher.stored()) == len(pages)


def test_interrupted_fetch_says_so(fetcher: Fetcher, site: Site, prefect_api: str) -> None:
    fetcher.limits = {"timeout": 20, "deadline": 60}
    site.pages["/slow"] = Page(b"x" * 10, seconds=30)
    process = depeche_fetch(fetcher, prefect_api, "page /slow")
    while process.poll() is None and not site.paths():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    status, output = ended(process)
    assert status == 130, output
    assert "Interrupted." in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("sources", "raw", "words"),
    [
        ("missing.toml", "raw", "copy sources.example.toml"),
        ("wrong.toml", "raw", "keys that are not known: feeds"),
        ("good.toml", "good.toml", "is a file"),
    ],
)
def test_wrong_use_is_told_before_anything_begins(tmp_path: Path, sources: str, raw: str, words: str) -> None:
    (tmp_path / "wrong.toml").write_text("feeds = 3")
    (tmp_path / "good.toml").write_text('[[page]]\nurl = "http://127.0.0.1:9/"')
    told = subprocess.run(
        [COMMAND, "fetch", "--sources", sources, "--raw", raw],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert words in " ".join(told.stderr.split())
    assert not (tmp_path / "raw").exists()


def test_help_tells_the_exit_statuses(tmp_path: Path) -> None:
    told = subprocess.run([COMMAND, "fetch", "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert all(word in told.stdout for word in ("--sources", "--raw", "robots.txt", "130 interrupted"))
