"""RSS and Atom feeds: one record per entry, with as much of the article as the feed carries."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from flows.sources import metadata as found_in
from flows.sources.html import plain
from flows.sources.record import Metadata, RawFile, Record, Unreadable, UnreadableError, digest
from flows.sources.text import expect_no_other_format

MAX_FEED_BYTES = 8 * 1024 * 1024  # the parser takes 8 seconds per MiB
MAX_TAGS = 200_000  # of which it takes 10 in a millisecond


def read(file: RawFile) -> Iterator[Record | Unreadable]:
    """The records of a feed. What cannot be parsed to its end is said, and the entries before it are read.

    The parser resolves no external entity, and expat bounds what internal ones expand to.

    Raises:
        UnreadableError: too large, or no feed.
    """
    import feedparser  # noqa: PLC0415 - takes a tenth of a second

    data = file.data(MAX_FEED_BYTES)
    expect_no_other_format(data, b"<?xml", b"<rss")
    if data.count(b"<") > MAX_TAGS:
        raise UnreadableError(f"has more than {MAX_TAGS} tags; cut it into smaller files")
    # Given bytes or a string, it might take them for an address to open.
    feed: Any = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    if not feed.version:
        raise UnreadableError("is XML, but neither an RSS nor an Atom feed; convert it to .jsonl, or remove it")
    if not feed.entries:
        raise UnreadableError("is a feed without entries; fetch it again, or remove it")
    if feed.bozo and not isinstance(feed.bozo_exception, feedparser.CharacterEncodingOverride):
        reason = " ".join(str(feed.bozo_exception).split())[:200]
        yield Unreadable(file.uri, f"is damaged ({reason}); the entries that can be told are read; fetch it again")
    of_feed = Metadata(
        publisher=found_in.one_line(feed.feed.get("title")), language=found_in.language(feed.feed.get("language"))
    )
    sha256, encoding = digest(data), (feed.get("encoding") or "utf-8").lower()
    for number, entry in enumerate(feed.entries, 1):
        uri = f"{file.uri}#{number}"
        try:
            metadata = _metadata(entry).over(file.metadata.of_each()).over(of_feed)
            yield Record(uri, "feed", sha256, encoding, _text(entry), metadata)
        except UnreadableError as error:
            yield Unreadable(uri, str(error))


def _text(entry: Any) -> str:
    """The longest of what the entry carries.

    Raises:
        UnreadableError: it carries none.
    """
    contents = [content.get("value") for content in entry.get("content", [])]
    texts = [plain(found_in.clean_text(text)).strip() for text in (*contents, entry.get("summary")) if text]
    text = max(texts, key=len, default="")
    if not text:
        raise UnreadableError("is an entry without text; fetch the page that it links to")
    return text


def _metadata(entry: Any) -> Metadata:
    """What the entry says of its article."""
    try:
        title = plain(found_in.clean_text(entry.get("title") or ""))
    except UnreadableError:
        title = ""
    authors = [author.get("name") for author in entry.get("authors", [])] or [entry.get("author")]
    return Metadata(
        title=found_in.one_line(title),
        url=found_in.address(entry.get("link")),
        authors=found_in.names(authors),
        published_on=found_in.day(entry.get("published")) or found_in.day(entry.get("updated")),
    )
