"""What readers are given and what they yield, whatever the format."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

MAX_FILE_BYTES = 64 * 1024 * 1024  # of a format that is read as a whole
MAX_RECORD_BYTES = 16 * 1024 * 1024  # of one record in a format that is read record by record
BLOCK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Metadata:
    """What is known of an article besides its text; unknown is None or empty."""

    title: str | None = None
    publisher: str | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    published_on: date | None = None
    language: str | None = None

    def over(self, other: Metadata) -> Metadata:
        """What is known here, completed by what is known there."""
        return Metadata(
            self.title or other.title,
            self.publisher or other.publisher,
            self.url or other.url,
            self.authors or other.authors,
            self.published_on or other.published_on,
            self.language or other.language,
        )

    def of_each(self) -> Metadata:
        """What a sidecar says of every record in its file: a title or an address is that of one article."""
        return replace(self, title=None, url=None)


@dataclass
class Budget:
    """The bytes that may still come out of an archive, of all its members together."""

    left: int

    def spend(self, size: int) -> None:
        """Take off what came out.

        Raises:
            UnreadableError: more came out than may.
        """
        self.left -= size
        if self.left < 0:
            raise UnreadableError("unpacks to much more than its size lets expect; unpack it and look what it is")


@dataclass(frozen=True)
class RawFile:
    """What a reader is given.

    Attributes:
        uri: the place in the raw folder, of a member in an archive too (`pages.zip#a.html`).
        stream: the bytes, from the first; whoever opened it closes it.
        metadata: what the sidecar says of the article.
        fields: what the sidecar says of the columns of an export.
        charset: the encoding that the sidecar says the server declared.
        budget: of the archive that the file stands in.
    """

    uri: str
    stream: io.BufferedReader[Any]
    metadata: Metadata = field(default_factory=Metadata)
    fields: Mapping[str, str] = field(default_factory=dict)
    charset: str | None = None
    budget: Budget | None = None

    def data(self, limit: int | None = None) -> bytes:
        """All bytes, at most `limit` (MAX_FILE_BYTES).

        Raises:
            UnreadableError: there are more, or none.
        """
        limit = MAX_FILE_BYTES if limit is None else limit
        first = min(BLOCK_BYTES, limit + 1)
        data = self.stream.read(first)
        if len(data) == first:  # else memory for the limit would be taken for every small file
            data += self.stream.read(limit + 1 - first)
        if len(data) > limit:
            raise UnreadableError(f"is larger than {limit >> 20} MiB; cut it into smaller files")
        if not data:
            raise UnreadableError("is empty; put its text into it or remove it")
        return data


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
    """Raised by a reader on what it cannot read; the message says why and what to do."""


def digest(data: bytes) -> str:
    """SHA-256 of the bytes received."""
    return hashlib.sha256(data).hexdigest()
