"""What was fetched, as raw files, and what is known of every address.

raw/fetched/<host>/<first 2 digits>/<SHA-256>.html        the bytes as received, and beside them
                                    <SHA-256>.html.toml   where they come from
raw/fetched/.older/<host>/…                               versions of pages that have changed since
raw/fetched/.state.sqlite                                 what is known of every address

Readers of the raw folder leave names with a full stop alone. A page that has changed is still one story, of which the
release shall hold the last version: the one before moves to `.older`. Feeds and exports (`.xml`, `.json`) hold many
stories and forget the older ones: every version stays, and what they share is merged as the exact duplicate that it is.

A kill loses nothing: the sidecar is written before its file, the file before the state, each by renaming what is
complete. A run that was killed leaves its mark in the state, by which the next one puts files and state in order.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from flows.fetching.addresses import netloc
from flows.fetching.http import Reply, Validators
from flows.fetching.settings import Source
from flows.fetching.sidecars import sidecar_text
from flows.locks import exclusive
from flows.sources import READERS
from flows.sources.sidecar import SIDECAR_SUFFIX

FOLDER = "fetched"
OLDER = ".older"
STATE = ".state.sqlite"
UNFINISHED = ".unfinished"
ONE_STORY = (".html", ".txt")  # what holds one article, of which the last version counts
MAX_FAILURES = 5  # runs that try a page again which is not listed any more
# `links` are those that stood there when they were found by `links_by`; `answered_at` is where redirects led to.
# One process holds the store. After a power failure the state may lag behind the files, which are flushed, never lead.
PRAGMAS = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
SCHEMA = """
CREATE TABLE IF NOT EXISTS addresses (
    url TEXT PRIMARY KEY, source TEXT, answered_at TEXT, etag TEXT, last_modified TEXT,
    file TEXT, links TEXT, links_by TEXT, failures INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS answered ON addresses (answered_at);
CREATE INDEX IF NOT EXISTS files ON addresses (file);
CREATE INDEX IF NOT EXISTS pending ON addresses (source) WHERE file IS NULL;
"""


class StoreError(Exception):
    """The state of the store cannot be read; the message says what to do."""


class Stored(StrEnum):
    """What a reply came to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Known:
    """What is known of an address.

    Attributes:
        validators: by which to ask whether it has changed.
        file: where it is stored, below the store; None where it is not, or the file is gone.
        links: what it listed the last time; None where that was not looked for.
        links_by: how they were found.
    """

    validators: Validators
    file: str | None
    links: tuple[str, ...] | None
    links_by: str | None


class Store:
    """The fetched files of one raw folder, and their state. Made by `opened`."""

    def __init__(self, folder: Path, state: sqlite3.Connection) -> None:
        self.folder = folder
        self._state = state
        self._writing = asyncio.Lock()

    def known(self, url: str) -> Known | None:
        """What earlier runs say of an address."""
        columns = "answered_at, etag, last_modified, file, links, links_by"
        row = self._state.execute(f"SELECT {columns} FROM addresses WHERE url = ?", [url]).fetchone()  # noqa: S608
        if row is None:
            return None
        answered_at, etag, last_modified, file, links, links_by = row
        return Known(
            Validators(answered_at or url, etag, last_modified),
            file if file and (self.folder / file).is_file() else None,
            None if links is None else tuple(json.loads(links)),
            links_by,
        )

    def list_links(self, source: Source, links_by: str, links: Iterable[str], validators: Validators) -> None:
        """Note what a feed or list holds now; pages that are new stay wanted until they were fetched.

        In one step: were the validators noted first, a kill would leave a feed that has not changed and pages that
        nobody knows of.
        """
        found = list(links)
        with self._state:
            self._state.execute(
                "INSERT INTO addresses (url, answered_at, etag, last_modified, links, links_by)"
                " VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (url) DO UPDATE SET answered_at = excluded.answered_at, etag = excluded.etag,"
                " last_modified = excluded.last_modified, links = excluded.links, links_by = excluded.links_by",
                [source.url, validators.url, validators.etag, validators.last_modified, json.dumps(found), links_by],
            )
            self._state.executemany(
                "INSERT INTO addresses (url, source) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(url, source.url) for url in found],
            )

    def pending(self, source: Source) -> list[str]:
        """Pages that a source listed once and that no run has got so far, the first found first."""
        return [
            url
            for (url,) in self._state.execute(
                "SELECT url FROM addresses WHERE source = ? AND file IS NULL AND failures < ? ORDER BY rowid",
                [source.url, MAX_FAILURES],
            )
        ]

    def note_failure(self, url: str, *, passes: bool) -> None:
        """Note that a page was not got; one that will not come is tried again only while it is listed."""
        more = 1 if passes else MAX_FAILURES
        with self._state:
            self._state.execute("UPDATE addresses SET failures = failures + ? WHERE url = ?", [more, url])

    async def keep(self, url: str, source: Source, reply: Reply) -> Stored:
        """Store what was received for an address.

        Raises:
            OSError: it cannot be written.
        """
        if reply.body is None:
            return Stored.UNCHANGED
        digest = hashlib.sha256(reply.body).hexdigest()
        file = f"{_host_folder(reply.validators.url)}/{digest[:2]}/{digest}{reply.suffix}"
        # Flushing to disk takes longer than many a host: those that are being asked meanwhile are not kept waiting.
        async with self._writing:
            was_there = await asyncio.to_thread(self._write, file, reply, source)
        answered_at = reply.validators.url
        with self._state:
            # Several addresses may lead to one page: what is stored of it is the same for all.
            before = {
                row[0]
                for row in self._state.execute(
                    "SELECT file FROM addresses WHERE (url = ? OR answered_at = ?) AND file IS NOT NULL",
                    [url, answered_at],
                )
            }
            self._state.execute(
                "UPDATE addresses SET file = ? WHERE answered_at = ? AND file IS NOT NULL", [file, answered_at]
            )
            self._state.execute(
                "INSERT INTO addresses (url, source, answered_at, etag, last_modified, file) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (url) DO UPDATE SET answered_at = excluded.answered_at, etag = excluded.etag,"
                " last_modified = excluded.last_modified, file = excluded.file, links = NULL, failures = 0",
                [url, source.url, answered_at, reply.validators.etag, reply.validators.last_modified, file],
            )
        for other in before - {file}:
            self._retire(other)
        if file in before or (was_there and not before):
            return Stored.UNCHANGED
        return Stored.CHANGED if before else Stored.NEW

    def _write(self, file: str, reply: Reply, source: Source) -> bool:
        """Write a file and its sidecar, unless both are there; whether they were."""
        path = self.folder / file
        sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
        if path.is_file() and sidecar.is_file():
            return True
        path.parent.mkdir(parents=True, exist_ok=True)
        known = sidecar_text(
            url=reply.validators.url,
            publisher=source.publisher,
            language=source.language,
            charset=reply.charset,
            accessed=datetime.now(UTC),
        )
        _write_flushed(sidecar, known.encode())
        _write_flushed(path, reply.body or b"")
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return False

    def _retire(self, file: str) -> None:
        """Move a version of a page that no address has any more out of the readers' sight."""
        path = self.folder / file
        in_use = self._state.execute("SELECT 1 FROM addresses WHERE file = ?", [file]).fetchone()
        if in_use or path.suffix not in ONE_STORY:
            return
        older = self.folder / OLDER / file
        older.parent.mkdir(parents=True, exist_ok=True)
        for name in (path.name, path.name + SIDECAR_SUFFIX):
            if path.with_name(name).exists():
                path.with_name(name).replace(older.with_name(name))

    def put_in_order(self) -> None:
        """Mend what a killed run left half done, and learn from the sidecars what the state does not know."""
        versions: defaultdict[str, list[tuple[datetime, int, str]]] = defaultdict(list)
        for path in sorted(self.folder.glob("*/??/*")):
            if path.parts[len(self.folder.parts)].startswith("."):
                continue
            if path.name.startswith(".") and path.name.endswith(UNFINISHED):
                path.unlink()
            elif path.name.endswith(SIDECAR_SUFFIX) and not path.with_suffix("").exists():
                older = self.folder / OLDER / path.relative_to(self.folder)
                if older.with_suffix("").exists():
                    path.replace(older)
                else:
                    path.unlink()
            elif path.name.endswith(SIDECAR_SUFFIX):
                url, accessed = _origin(path)
                if url:
                    stored = path.with_suffix("")
                    versions[url].append((accessed, stored.stat().st_mtime_ns, str(stored.relative_to(self.folder))))
        for url, found in versions.items():
            last = max(found)[2]
            with self._state:
                changed = self._state.execute(
                    "UPDATE addresses SET file = ?, etag = NULL, last_modified = NULL"
                    " WHERE answered_at = ? AND file IS NOT NULL AND file <> ?",
                    [last, url, last],
                ).rowcount
                has_file = self._state.execute("SELECT 1 FROM addresses WHERE file = ?", [last]).fetchone()
                if not changed and not has_file:
                    self._state.execute(
                        "INSERT INTO addresses (url, answered_at, file) VALUES (?, ?, ?)"
                        " ON CONFLICT (url) DO UPDATE SET answered_at = excluded.answered_at, file = excluded.file",
                        [url, url, last],
                    )
            for _, _, file in found:
                self._retire(file)


@contextmanager
def opened(raw: Path, waiting: Callable[[], None]) -> Iterator[Store]:
    """The store of a raw folder, which no other process works on meanwhile.

    Args:
        raw: the raw folder; made where it is not there.
        waiting: called where another process holds the store, before waiting for it.

    Raises:
        StoreError: the state is damaged.
        OSError: the folder cannot be written to.
    """
    folder = raw / FOLDER
    with exclusive(folder / ".lock", waiting):
        path = folder / STATE
        is_new = not path.exists()
        if is_new:  # the log of a state that somebody removed would be taken for one of the new state
            path.with_name(STATE + "-wal").unlink(missing_ok=True)
        state = sqlite3.connect(path, isolation_level="IMMEDIATE")
        try:
            try:
                state.executescript(PRAGMAS + SCHEMA)
                is_left_open = bool(state.execute("PRAGMA user_version").fetchone()[0])
            except sqlite3.DatabaseError as error:
                raise StoreError(
                    f"{path} is damaged ({error}): remove it, and the next fetch makes it again from the sidecars"
                ) from error
            store = Store(folder, state)
            state.execute("PRAGMA user_version = 1")
            if is_new or is_left_open:
                store.put_in_order()
            yield store
            state.execute("PRAGMA user_version = 0")
        finally:
            state.close()


def _host_folder(url: str) -> str:
    """The folder for what comes from the host of an address.

    A folder named like a file (« journal.md », of Moldova) would be taken for a mistake by the readers.
    """
    name = netloc(url).replace(":", "_").rstrip(".")
    return name + "_" if Path(name).suffix in READERS else name


def _origin(sidecar: Path) -> tuple[str | None, datetime]:
    """The address that a sidecar names, and when it was asked; no address where somebody has spoilt the sidecar."""
    try:
        values = tomllib.loads(sidecar.read_text(encoding="utf-8"))
        url, accessed = values["url"], values["accessed"]
    except (OSError, ValueError, KeyError):
        return None, datetime.min.replace(tzinfo=UTC)
    if not isinstance(url, str) or not isinstance(accessed, datetime) or accessed.tzinfo is None:
        return None, datetime.min.replace(tzinfo=UTC)
    return url, accessed


def _write_flushed(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, even where the power fails."""
    unfinished = path.with_name(f".{path.name}{UNFINISHED}")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
