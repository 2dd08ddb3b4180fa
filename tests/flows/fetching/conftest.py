"""What the tests of fetching share: a site, and a fetch from it without Prefect's engine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from flows.fetch import Fetched, Fetching, fetch_pages, poll_sources
from flows.fetching.http import Client
from flows.fetching.settings import read_settings
from flows.fetching.store import FOLDER, opened
from tests.flows.fetch_server import Site, serving

QUICK = {"delay": 0, "backoff": 0, "timeout": 0.5, "deadline": 2, "retries": 1, "longest_wait": 2}


def never_waits() -> None:
    raise AssertionError("another process holds the store")


@dataclass
class Fetcher:
    """Fetches from a site into a raw folder of its own.

    Attributes:
        site: the site.
        raw: the raw folder.
        limits: lines of `[limits]`, over those that make tests quick.
        lines: lines at the head of the file of sources.
    """

    site: Site
    raw: Path
    limits: dict[str, object] = field(default_factory=dict)
    lines: str = ""

    def settings(self, *entries: str) -> Path:
        """A file of sources: each entry a kind, a path of the site or address, and other lines, with spaces between."""
        text = self.lines + "[limits]\n" + "".join(f"{k} = {v}\n" for k, v in (QUICK | self.limits).items())
        for entry in entries:
            kind, place, *others = entry.split(" ", 2)
            url = self.site.url + place if place.startswith("/") else place
            text += f'[[{kind}]]\nurl = "{url}"\n' + "\n".join(others) + "\n"
            if "allow_private" not in entry:
                text += "allow_private = true\n"
        path = self.raw.parent / "sources.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def __call__(self, *entries: str) -> dict[str, str]:
        """Fetch, and give what each address came to: by path, for those of the site."""
        return {one.url.removeprefix(self.site.url): told(one) for one in self.all(*entries)}

    def all(self, *entries: str) -> list[Fetched]:
        """Fetch, and give everything that addresses came to."""

        async def run() -> list[Fetched]:
            settings = read_settings(self.settings(*entries))
            with opened(self.raw, never_waits) as store:
                async with Client(settings) as client:
                    fetching = Fetching(settings, client, store)
                    wanted, failed = await poll_sources.fn(fetching)
                    return failed + await fetch_pages.fn(fetching, wanted)

        return asyncio.run(run())

    def stored(self) -> dict[str, bytes]:
        """The files that readers of the raw folder see, sidecars left out, by their place in the store."""
        folder = self.raw / FOLDER
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
            and path.suffix != ".toml"
            and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        }


def told(one: Fetched) -> str:
    return f"{one.result}: {one.reason}" if one.reason else one.result


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


@pytest.fixture
def fetcher(site: Site, tmp_path: Path) -> Fetcher:
    return Fetcher(site, tmp_path / "raw")
