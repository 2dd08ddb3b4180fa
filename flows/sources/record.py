"""The one kind of record that every reader yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Metadata:
    """What is known of an article besides its text; unknown is None or empty."""

    title: str | None = None
    publisher: str | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    published_on: date | None = None
    language: str | None = None


@dataclass(frozen=True)
class RawFile:
    """What a reader is given: the place in the raw folder, the bytes, their SHA-256, and the sidecar's metadata."""

    uri: str
    data: bytes
    sha256: str
    metadata: Metadata


@dataclass(frozen=True)
class Record:
    """One article as received: its text decoded but otherwise unchanged, and the encoding it was decoded from."""

    source_uri: str
    source_format: str
    sha256: str
    encoding: str
    text: str
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True)
class Unreadable:
    """A raw file, or a record in one, that is kept out: where it is and why, remedy included."""

    source_uri: str
    reason: str


class UnreadableError(Exception):
    """Raised by a reader on a file that it cannot read; the message says why and what to do."""
