"""What is kept of what was fetched, over several runs and through kills."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import tomllib
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from flows.fetching.http import Reply, Validators
from flows.fetching.settings import Source
from flows.fetching.store import FOLDER, OLDER, STATE, StoreError, opened
from flows.sources import READERS, RawFolder, Unreadable
from flows.sources.sidecar import read_sidecar
from tests.flows.fetch_server import Page, Site, feed, html, redirect, rss
from tests.flows.fetching.conftest import Fetcher, never_waits

URL = "https://a.fr/1"
PAGE = Source("page", URL, publisher='Le « Fil » \\ "a"\x7f', language="fr")


def reply(body: bytes, url: str = URL, suffix: str = ".html", etag: str | None = None) -> Reply:
    return Reply(body, suffix, "utf-8", Validators(url, etag))


def complaints(raw: Path) -> list[str]:
    """What readers of the raw folder say about its sidecars and folders."""
    told = [one for one in RawFolder(raw).records() if isinstance(one, Unreadable)]
    return [one.source_uri for one in told if one.source_uri.endswith(".toml") or "folder" in one.reason]


def test_second_run_stores_nothing_and_transfers_nothing(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {
        "/feed": feed("/a", "/b", "/c", ETag='"fil"'),
        "/a": html("Un accord.", ETag='"a"'),
        "/b": html("Deux accords.", Last_Modified="Fri, 15 Aug 2025 10:00:00 GMT"),
        "/c": html("Trois accords."),
    }
    assert fetcher("feed /feed") == {"/a": "new", "/b": "new", "/c": "new"}
    before = {path: path.stat().st_mtime_ns for path in fetcher.raw.rglob("*.*ml")}
    assert len(fetcher.stored()) == 3
    site.asked.clear()
    assert fetcher("feed /feed") == {"/a": "unchanged", "/b": "unchanged", "/c": "unchanged"}
    assert {path: path.stat().st_mtime_ns for path in fetcher.raw.rglob("*.*ml")} == before
    conditions = {path: {name for name in headers if name.startswith("if-")} for _, path, headers in site.asked}
    assert conditions["/feed"] == conditions["/a"] == {"if-none-match"}
    assert conditions["/b"] == {"if-modified-since"}
    assert conditions["/c"] == set()


def test_page_that_changes_is_stored_anew_and_its_older_version_set_aside(fetcher: Fetcher, site: Site) -> None:
    site.pages["/a"] = html("Deux morts.", ETag='"1"')
    fetcher("page /a publisher = 'Le Fil'")
    (older,) = fetcher.stored()
    site.pages["/a"] = html("Trois morts.", ETag='"2"')
    assert fetcher("page /a publisher = 'Le Fil'") == {"/a": "changed"}
    (newer,) = fetcher.stored()
    assert b"Trois" in fetcher.stored()[newer]
    aside = fetcher.raw / FOLDER / OLDER / older
    assert b"Deux" in aside.read_bytes()
    assert aside.with_name(aside.name + ".toml").is_file()
    assert fetcher("page /a") == {"/a": "unchanged"}
    # And back again, to bytes that were stored before.
    site.pages["/a"] = html("Deux morts.", ETag='"3"')
    assert fetcher("page /a") == {"/a": "changed"}
    assert list(fetcher.stored()) == [older]


def test_feed_that_is_stored_itself_keeps_every_version(fetcher: Fetcher, site: Site) -> None:
    site.pages["/feed"] = feed("https://a.fr/1", "https://a.fr/2")
    assert fetcher("feed /feed follow = false") == {"/feed": "new"}
    site.pages["/feed"] = feed("https://a.fr/2", "https://a.fr/3")
    assert fetcher("feed /feed follow = false") == {"/feed": "changed"}
    assert len(fetcher.stored()) == 2
    assert all(name.endswith(".xml") for name in fetcher.stored())
    assert site.paths() == ["/feed", "/feed"]


def test_sidecar_says_where_the_file_comes_from(tmp_path: Path) -> None:
    begun = datetime.now(UTC).replace(microsecond=0)
    with opened(tmp_path, never_waits) as store:
        asyncio.run(store.keep(URL, PAGE, reply(b"<p>Un accord.")))
    (sidecar,) = tmp_path.rglob("*.toml")
    values = tomllib.loads(sidecar.read_text(encoding="utf-8"))
    accessed = values.pop("accessed")
    assert begun <= accessed <= begun + timedelta(minutes=1)
    assert values == {"url": URL, "publisher": PAGE.publisher, "language": "fr", "charset": "utf-8"}
    read_sidecar(sidecar.read_bytes())  # raises where readers would refuse it
    assert sidecar.parts[-3:-1] == ("a.fr", sidecar.name[:2])


def test_hosts_named_like_files_and_ports_have_folders_that_are_read(tmp_path: Path) -> None:
    names = [f"journal{suffix}" for suffix in READERS] + ["a.fr:8080", "[2606:2800::1]", "a.fr."]
    with opened(tmp_path, never_waits) as store:
        for number, name in enumerate(names):
            url = f"http://{name}/{number}"
            asyncio.run(store.keep(url, PAGE, reply(f"Un accord {number}.".encode(), url, ".txt")))
    assert complaints(tmp_path) == []
    assert len([one for one in RawFolder(tmp_path).records() if not isinstance(one, Unreadable)]) == len(names)


def test_two_addresses_of_one_page_are_one_file(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {"/a": html("Un accord."), "/b": redirect("/a"), "/c": html("Un accord.")}
    entries = ("page /a", "page /b", "page /c")
    assert sorted(fetcher(*entries).values()) == ["new", "unchanged", "unchanged"]
    assert len(fetcher.stored()) == 1
    site.pages["/a"] = html("Un autre accord.")
    assert sorted(fetcher(*entries).values()) == ["changed", "unchanged", "unchanged"]
    assert len(fetcher.stored()) == 2  # the version that /a had is what /c still has
    site.pages["/c"] = html("Un troisième accord.")
    assert fetcher(*entries)["/c"] == "changed"
    assert sorted("troisi" in body.decode() for body in fetcher.stored().values()) == [False, True]


def test_file_that_somebody_removed_is_fetched_again(fetcher: Fetcher, site: Site) -> None:
    site.pages["/a"] = html("Un accord.", ETag='"a"')
    fetcher("page /a")
    (name,) = fetcher.stored()
    (fetcher.raw / FOLDER / name).unlink()
    assert fetcher("page /a") == {"/a": "unchanged"}
    assert list(fetcher.stored()) == [name]


def test_links_are_kept_while_the_feed_does_not_change(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {"/feed": feed("/a", "/b", ETag='"fil"'), "/a": html("Un."), "/b": Page(b"", status=503)}
    assert fetcher("feed /feed")["/b"].startswith("failed")
    site.pages |= {"/a": html("Un et demi."), "/b": html("Deux.")}
    assert fetcher("feed /feed") == {"/a": "changed", "/b": "new"}


def test_page_that_failed_is_tried_again_when_the_feed_has_forgotten_it(fetcher: Fetcher, site: Site) -> None:
    fetcher.limits = {"retries": 0}
    site.pages |= {"/feed": feed("/a", "/gone"), "/a": Page(b"", status=503)}
    assert fetcher("feed /feed")["/gone"] == "failed: answers 404 Not Found"
    site.pages |= {"/feed": feed("/b"), "/a": html("Un accord."), "/b": html("Deux accords.")}
    assert fetcher("feed /feed") == {"/a": "new", "/b": "new"}
    assert fetcher("feed /feed") == {"/b": "unchanged"}


def test_other_selector_finds_other_links_though_the_list_has_not_changed(fetcher: Fetcher, site: Site) -> None:
    page = '<nav><a href="/n">N</a></nav><h2><a href="/a">A</a></h2>'
    site.pages |= {"/list": html(page, ETag='"l"'), "/a": html("Un accord."), "/n": html("Navigation.")}
    assert fetcher("list /list links = 'h2 a'") == {"/a": "new"}
    assert fetcher("list /list links = 'nav'") == {"/n": "new"}
    assert fetcher("list /list links = '/*'") == {"/n": "unchanged", "/a": "unchanged"}


def test_source_that_fails_is_named_and_its_pages_stay(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {"/feed": feed("/a"), "/a": html("Un accord."), "/list": Page(b"   "), "/b": html("Deux.")}
    fetcher("feed /feed")
    site.pages["/feed"] = html("Maintenance")
    results = fetcher("feed /feed", "list /list", "page /b", "feed /missing")
    assert results == {
        "/feed": "failed: is no RSS or Atom feed",
        "/list": results["/list"],
        "/missing": "failed: answers 404 Not Found",
        "/b": "new",
    }
    assert results["/list"].startswith("failed: is no HTML")
    assert len(fetcher.stored()) == 2


def test_state_that_is_lost_is_made_again_from_the_sidecars(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {"/a": html("Un accord."), "/b": html("Deux accords."), "/c": redirect("/b")}
    fetcher("page /a", "page /b", "page /c")
    (fetcher.raw / FOLDER / STATE).unlink()
    (fetcher.raw / FOLDER / (STATE + "-wal")).write_bytes(b"of the state that was lost")
    site.pages["/b"] = html("Trois accords.")
    results = fetcher("page /a", "page /b", "page /c")
    assert results["/a"] == "unchanged"
    assert sorted([results["/b"], results["/c"]]) == ["changed", "unchanged"]
    assert len(fetcher.stored()) == 2


def test_state_that_is_damaged_is_told_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / STATE).write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="remove it"), opened(tmp_path, never_waits):
        pass


def test_one_fetch_at_a_time(tmp_path: Path) -> None:
    entered, told = threading.Event(), threading.Event()

    def second() -> None:
        with opened(tmp_path, told.set):
            entered.set()

    with opened(tmp_path, never_waits):
        thread = threading.Thread(target=second)
        thread.start()
        assert told.wait(5)
        assert not entered.is_set()
    thread.join(5)
    assert entered.is_set()


def keep_two_versions(raw: Path, moment: int) -> int:
    """Keep a version of a page, then another, in a process that kills itself before or after the n-th rename or commit.

    Returns:
        Its status: 0 where there are not so many steps.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    steps = count(1)
    rename = Path.replace

    def step() -> None:
        if next(steps) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def stepped(path: Path, target: Path) -> Path:
        step()
        renamed = rename(path, target)
        step()
        return renamed

    Path.replace = stepped  # type: ignore[method-assign, assignment]
    status = 1
    try:
        with opened(raw, never_waits) as store:
            for body in (b"<p>Premier.", b"<p>Second."):
                asyncio.run(store.keep(URL, PAGE, reply(body, etag='"e"')))
                step()
        status = 0
    finally:
        os._exit(status)


def test_kill_at_any_step_leaves_a_store_that_the_next_run_completes(tmp_path: Path) -> None:
    for moment in range(1, 99):
        raw = tmp_path / str(moment)
        status = keep_two_versions(raw, moment)
        if status == 0:
            break
        assert status == -signal.SIGKILL
        with opened(raw, never_waits) as store:
            assert not list(raw.rglob("*.unfinished"))
            kept = [path for path in raw.rglob("*.html") if OLDER not in path.parts]
            assert len(kept) <= 1
            assert all(path.with_name(path.name + ".toml").is_file() for path in raw.rglob("*.html"))
            assert all(path.with_suffix("").is_file() for path in raw.rglob("*.toml"))
            asyncio.run(store.keep(URL, PAGE, reply(b"<p>Second.")))
        (now,) = (path for path in raw.rglob("*.html") if OLDER not in path.parts)
        assert now.read_bytes() == b"<p>Second."
        assert tomllib.loads(now.with_name(now.name + ".toml").read_text("utf-8"))["publisher"] == PAGE.publisher
        assert complaints(raw) == []
    assert (
        moment > 14
    )  # before and after: two files and their sidecars written, one of each set aside; two versions kept


def test_pages_that_a_killed_run_did_not_come_to_are_fetched_by_the_next(fetcher: Fetcher, site: Site) -> None:
    """The feed was read, and forgets the page before the next run."""
    source = Source("feed", f"{site.url}/feed", allow_private=True)
    with opened(fetcher.raw, never_waits) as store:
        store.list_links(source, "feed", [f"{site.url}/a"], Validators(source.url, '"fil"'))
    site.pages |= {"/feed": feed("/b", ETag='"autre"'), "/a": html("Un accord."), "/b": html("Deux accords.")}
    assert fetcher("feed /feed") == {"/b": "new", "/a": "new"}


def test_rss_served_as_a_page_counts_as_the_feed_that_it_is(fetcher: Fetcher, site: Site) -> None:
    site.pages["/feed"] = Page(rss("/a"), headers={"Content-Type": "text/html"})
    site.pages["/a"] = html("Un accord.")
    assert fetcher("feed /feed") == {"/a": "new"}
