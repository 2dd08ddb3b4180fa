"""Plain text and Markdown: one file, one record."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from flows.sources.record import RawFile, Record, UnreadableError

# The longer mark first: UTF-32's begins with UTF-16's. A mark says how to decode and is no part of the text.
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Control characters that no text of one byte per character holds (tab, ends of line and of file do occur).
BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")


def read(file: RawFile) -> Iterator[Record]:
    """The record of a text file: its text as decoded, nothing stripped.

    Raises:
        UnreadableError: binary, without a word, or in no encoding that is known.
    """
    text, encoding = decode(file.data)
    if not text.strip():
        raise UnreadableError("holds no text; put its text into it or remove it")
    yield Record(file.uri, "text", file.sha256, encoding, text, file.metadata)


def decode(data: bytes) -> tuple[str, str]:
    """The text of the bytes, and the encoding they were decoded from.

    A byte order mark decides; else what reads as UTF-8 is UTF-8, and the rest is Windows-1252, whose letters ISO 8859-1
    shares.

    Raises:
        UnreadableError: the bytes hold NUL characters, or are in none of these encodings.
    """
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            text = _decoded(data[len(mark) :], encoding)
            break
    else:
        if b"\x00" in data:
            raise UnreadableError("is binary (it holds NUL bytes); export it as text in UTF-8")
        try:
            text, encoding = data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            if BINARY.search(data):
                raise UnreadableError("is binary; export it as text in UTF-8") from None
            text, encoding = _decoded(data, "cp1252"), "cp1252"
    if "\x00" in text:
        raise UnreadableError("holds NUL characters; export it again as text in UTF-8")
    return text, encoding


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is damaged ({encoding} fails at byte {error.start}); export it anew in UTF-8") from None
