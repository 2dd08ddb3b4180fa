"""Plain text and Markdown: one file, one record. How bytes become text, for every format."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from flows.sources.record import RawFile, Record, UnreadableError, digest

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
HIGH_CONTROLS = re.compile(rb"[\x80-\x9f]")  # letters and quotation marks in Windows-1252, nothing in ISO 8859-1
MULTIBYTE = re.compile(r"[^\x00-\x7f\ufffd]")
# What pages declare; Python also files compressors and escapes under encodings, which are none of text.
ENCODINGS = {
    "utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255",
    "cp1256", "cp1257", "cp1258", "mac-roman", "koi8-r", "koi8-u", "shift_jis", "cp932", "euc_jp", "euc_kr", "gb2312",
    "gbk", "gb18030", "big5",
    *(f"iso8859-{part}" for part in range(1, 17)),
}  # fmt: skip
# Files of another format that people give a text's suffix, by how they begin (after white space).
OTHER_FORMATS = {
    b"%PDF-": "a PDF; export it as text in UTF-8",
    b"{\\rtf": "RTF; export it as text in UTF-8",
    b"PK\x03\x04": "a ZIP archive or an Office document; name it .zip or export it as text in UTF-8",
    b"\x1f\x8b": "gzip; add .gz to its name",
    b"<!doctype html": "a web page; name it .html",
    b"<html": "a web page; name it .html",
    b"<?xml": "XML; name it .xml, or .html where it is a web page",
    b"<rss": "a feed; name it .xml",
    b"WARC/1": "a web archive; name it .warc",
}
BEGINNINGS = tuple(beginning.lower() for beginning in OTHER_FORMATS)


def read(file: RawFile) -> Iterator[Record]:
    """The record of a text file: its text as decoded, nothing stripped.

    Raises:
        UnreadableError: binary, another format, without a word, or in no encoding that is known.
    """
    data = file.data()
    expect_no_other_format(data)
    text, encoding = decode(data)
    if not text.strip():
        raise UnreadableError("holds no text; put its text into it or remove it")
    yield Record(file.uri, "text", digest(data), encoding, text, file.metadata)


def expect_no_other_format(data: bytes, *allowed: bytes) -> None:
    """Look at how the bytes begin.

    Raises:
        UnreadableError: they begin like another format than the allowed beginnings are of.
    """
    head = data[:64].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if head.startswith(BEGINNINGS):
        for beginning, remedy in OTHER_FORMATS.items():
            if beginning not in allowed and head.startswith(beginning.lower()):
                raise UnreadableError(f"holds {remedy}")


def decode(data: bytes) -> tuple[str, str]:
    """The text of the bytes, and the encoding they were decoded from.

    A byte order mark decides; else what reads as UTF-8 is UTF-8, and the rest is Windows-1252, told as ISO 8859-1 where
    it holds none of the characters in which the two differ.

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
        except UnicodeDecodeError as error:
            if BINARY.search(data):
                raise UnreadableError("is binary; export it as text in UTF-8") from None
            if is_damaged_utf8(data):
                raise UnreadableError(
                    f"is damaged (utf-8 fails at byte {error.start}); export it anew in UTF-8"
                ) from None
            text, encoding = _decoded(data, "cp1252"), single_byte(data)
    if "\x00" in text:
        raise UnreadableError("holds NUL characters; export it again as text in UTF-8")
    return text, encoding


def decode_page(data: bytes, declared: str | None) -> tuple[str, str]:
    """The text of a page whose bytes are not all to be trusted, and the encoding they were decoded from.

    A byte order mark decides; else what reads as UTF-8 is UTF-8, whatever the page declares, because no other text
    does by accident. Then the declared encoding, then Windows-1252. What is damaged becomes U+FFFD, as in browsers.
    """
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        if is_damaged_utf8(data):
            return data.decode("utf-8", "replace"), "utf-8"
    name = known_encoding(declared)
    if name in {None, "utf-8", "ascii", "iso8859-1", "cp1252"}:  # browsers read these labels as Windows-1252
        return data.decode("cp1252", "replace"), single_byte(data)
    return data.decode(str(name), "replace"), str(name)


def is_damaged_utf8(data: bytes) -> bool:
    """Whether bytes that are not UTF-8 are all but a few: in Windows-1252 hardly two letters pass for a character."""
    text = data.decode("utf-8", "replace")
    return len(MULTIBYTE.findall(text)) > text.count("\ufffd")


def single_byte(data: bytes) -> str:
    """Which encoding of one byte per letter: both read alike where no byte tells them apart."""
    return "cp1252" if HIGH_CONTROLS.search(data) else "iso-8859-1"


def known_encoding(declared: str | None) -> str | None:
    """Python's name of a declared encoding of text; None where it is none of ENCODINGS."""
    try:
        name = codecs.lookup((declared or "").strip("'\" \t")).name
    except (LookupError, ValueError):
        return None
    return name if name in ENCODINGS else None


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is damaged ({encoding} fails at byte {error.start}); export it anew in UTF-8") from None
