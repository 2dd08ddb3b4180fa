"""Which reader answers for which suffix, and how one is called: every file ends as a record or a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from flows.sources import export, feed, html, text, warc
from flows.sources.record import RawFile, Record, Unreadable, UnreadableError

Reader = Callable[[RawFile], Iterable[Record | Unreadable]]

READERS: dict[str, Reader] = {
    ".txt": text.read,
    ".md": text.read,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
    ".json": export.read_json,
    ".jsonl": export.read_lines,
    ".ndjson": export.read_lines,
    ".csv": export.read_csv,
    ".tsv": export.read_csv,
    ".parquet": export.read_parquet,
    ".xml": feed.read,
    ".rss": feed.read,
    ".atom": feed.read,
    ".warc": warc.read,
}
MAX_LINES = 10_000  # that one file may leave in `rejected`


def records_of(file: RawFile, reader: Reader) -> Iterator[Record | Unreadable]:
    """What a reader finds in a file, and a line for the file where it fails or finds nothing."""
    found, kept_out = 0, 0
    try:
        for one in reader(file):
            yield one
            found += 1
            kept_out += isinstance(one, Unreadable)
            if kept_out >= MAX_LINES:
                yield Unreadable(
                    file.uri, f"has {MAX_LINES} records that cannot be read; mend it, the rest is not read"
                )
                return
        if not found:
            yield Unreadable(file.uri, "holds no article; put some into it or remove it")
    except UnreadableError as error:
        yield Unreadable(file.uri, str(error))
    except OSError as error:
        yield Unreadable(file.uri, f"cannot be read ({error.strerror or error}); check the disk")
    except (MemoryError, ImportError):  # no fault of the file
        raise
    except Exception as error:  # noqa: BLE001 - whatever a parser of somebody else does, the run goes on
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        yield Unreadable(file.uri, f"cannot be parsed ({reason}); export it again")


def escaped(place: str) -> str:
    """A place whose `#` after a known suffix is spelt out, so that no file's name passes for a record in another."""
    return HASH.sub(r"\1\\x23", place) if "#" in place else place


HASH = re.compile(rf"({'|'.join(re.escape(suffix) for suffix in (*READERS, '.gz', '.zip'))})#", re.IGNORECASE)
