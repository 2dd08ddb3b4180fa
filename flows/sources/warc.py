"""Web archives: one record per page that a server answered with."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any

from flows.sources.html import extract
from flows.sources.metadata import address
from flows.sources.record import MAX_RECORD_BYTES, Metadata, RawFile, Record, Unreadable, UnreadableError, digest

PAGES = ("text/html", "application/xhtml+xml")
MAX_HEADER_BYTES = 1024 * 1024
BLOCK_BYTES = 64 * 1024
WINDOW_BITS = {"gzip": (16 + zlib.MAX_WBITS,), "x-gzip": (16 + zlib.MAX_WBITS,), "deflate": (15, -15)}


class _Guarded:
    """A stream for warcio, which reads lines of headers however long they are: within a page's share, or not at all."""

    def __init__(self, stream: io.BufferedReader[Any]) -> None:
        self._stream = stream
        self.allowed: int | None = None

    def read(self, size: int) -> bytes:
        data = self._stream.read1(size)  # what there is, before what follows turns out damaged
        if self.allowed is not None:
            self.allowed -= len(data)
            if self.allowed < 0:
                raise UnreadableError(f"has headers of more than {MAX_HEADER_BYTES >> 20} MiB; record it again")
        return data


def read(file: RawFile) -> Iterator[Record | Unreadable]:
    """The pages in a web archive, counted with its other records: responses of type HTML and status 200.

    The hash is that of the page; what the archive holds besides pages (images, redirects, requests) is not looked at.

    Raises:
        UnreadableError: no web archive, damaged beyond the records read, or without a page.
    """
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415 - few folders hold web archives

    guarded = _Guarded(file.stream)
    records = _archive(guarded)
    number, pages = 0, 0
    while True:
        number += 1
        guarded.allowed = MAX_HEADER_BYTES
        try:
            record = next(records, None)
        except (ArchiveLoadFailed, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UnreadableError(
                f"is no web archive, or damaged at record {number} ({reason}); record it again"
            ) from error
        if record is None:
            break
        try:
            if record.rec_type == "response":
                headers = _headers(record)
                if _is_page(headers):
                    pages += 1
                    guarded.allowed = None
                    yield _page(file, f"{file.uri}#{number}", record, headers)
        except UnreadableError as error:
            yield Unreadable(f"{file.uri}#{number}", str(error))
        guarded.allowed = None
        while record.raw_stream.read(BLOCK_BYTES):
            pass
    if not pages:
        raise UnreadableError(
            "is a web archive without a page (an answer of type HTML and status 200); record some, or remove it"
        )


def _archive(stream: _Guarded) -> Iterator[Any]:
    """The records of the archive, their content not yet read."""
    from warcio.archiveiterator import WARCIterator  # noqa: PLC0415 - likewise
    from warcio.bufferedreaders import BufferedReader  # noqa: PLC0415 - likewise

    class Quiet(WARCIterator):  # type: ignore[misc]
        INC_RECORD = ""  # else it writes what it finds between records to the screen

    records = Quiet(stream, no_record_parse=True)
    records.reader = BufferedReader(stream)  # what is compressed was unpacked before, within bounds
    return iter(records)


def _headers(record: Any) -> Any:
    """The HTTP headers of a response."""
    from warcio.statusandheaders import StatusAndHeadersParser  # noqa: PLC0415 - likewise

    try:
        return StatusAndHeadersParser([], verify=False).parse(record.raw_stream)
    except EOFError:
        raise UnreadableError("is a response without content; record it again") from None


def _is_page(headers: Any) -> bool:
    kind = (headers.get_header("content-type") or "").split(";")[0].strip().lower()
    return kind in PAGES and headers.statusline.split(" ")[0] == "200"


def _page(file: RawFile, uri: str, record: Any, headers: Any) -> Record:
    """The article in a response.

    Raises:
        UnreadableError: too large, damaged, or a page in which no article is found.
    """
    data = _unpacked(record.raw_stream.read(MAX_RECORD_BYTES + 1), headers)
    if not data:
        raise UnreadableError("is a page without content; record it again")
    charset = (headers.get_header("content-type") or "").lower().partition("charset=")[2].split(";")[0]
    text, encoding, metadata = extract(data, charset)
    recorded = Metadata(url=address((record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")))
    return Record(uri, "warc", digest(data), encoding, text, recorded.over(metadata).over(file.metadata.of_each()))


def _unpacked(data: bytes, headers: Any) -> bytes:
    """The content of an answer as it was before the server packed it for the way."""
    from warcio.bufferedreaders import ChunkedDataReader  # noqa: PLC0415 - likewise

    too_large = UnreadableError(f"is a page of more than {MAX_RECORD_BYTES >> 20} MiB; it is no article")
    if len(data) > MAX_RECORD_BYTES:
        raise too_large
    if "chunked" in (headers.get_header("transfer-encoding") or "").lower():
        data = ChunkedDataReader(io.BytesIO(data)).read()
    coding = (headers.get_header("content-encoding") or "identity").strip().lower()
    if coding in {"identity", "", "none", "utf-8"} or data.lstrip()[:1] == b"<":  # unpacked by who recorded it
        return data
    if coding not in WINDOW_BITS:
        raise UnreadableError(f"is packed as {coding[:20]!r}; record it with gzip or unpacked")
    for bits in WINDOW_BITS[coding]:
        unpacker = zlib.decompressobj(bits)
        try:
            content = unpacker.decompress(data, MAX_RECORD_BYTES)
        except zlib.error:
            continue
        if unpacker.unconsumed_tail:
            raise too_large
        return content
    raise UnreadableError("is packed and damaged; record it again")
