"""Web pages as saved: the article in the page, by trafilatura, and pieces of HTML in the fields of other formats."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from typing import Any

from flows.sources.metadata import address, day, names, one_line
from flows.sources.record import MAX_RECORD_BYTES, Metadata, RawFile, Record, UnreadableError, digest
from flows.sources.text import decode_page, expect_no_other_format

# Parsers took 17 seconds for each MiB of pages made to be slow (on a busy machine). That articles stay below, scripts
# and styles aside, is an assumption: raise the limits where `rejected` names pages that are ones.
MAX_PAGE_CHARS = 2 * 1024 * 1024
MAX_TAGS = 60_000
MAX_TAG_CHARS = 2_000

CHARSET = re.compile(
    rb"""<(?:meta\b[^<>]{0,200}?\bcharset|\?xml\b[^<>]{0,100}?\bencoding)\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)
CHARSET_BYTES = 4096
LONG_TAG = re.compile(rf"<([A-Za-z][A-Za-z0-9:-]{{0,30}})\b[^<>]{{{MAX_TAG_CHARS},}}")
OPENING = re.compile(r"<(script|style|svg)\b", re.IGNORECASE)
CLOSING = {name: re.compile(rf"</{name}\b[^<>]{{0,100}}>", re.IGNORECASE) for name in ("script", "style", "svg")}
LINKED_DATA = re.compile(r"<script\b[^<>]{0,200}\bld\+json", re.IGNORECASE)  # says title, authors and date
MAX_LINKED_DATA_CHARS = 100_000

MARKUP = re.compile(
    r"</?(?:p|br|div|span|a|b|i|u|em|strong|h[1-6]|ul|ol|li|img|figure|figcaption|blockquote|table|tr|td|section|article"
    r"|script|style|iframe|html|body)(?:\s[^<>]*)?/?>|&(?:[A-Za-z]{2,10}|#\d{2,6}|#x[0-9A-Fa-f]{2,5});",
    re.IGNORECASE,
)
PAGE = re.compile(r"\s*(?:<\?xml[^<>]*>\s*)?(?:<!doctype\s+html|<html)\b", re.IGNORECASE)
NOT_READ = ("script", "style", "noscript", "iframe", "template", "head", "svg", "form", "button")
BLOCKS = {
    "p", "div", "br", "li", "ul", "ol", "blockquote", "figure", "figcaption", "table", "tr", "section", "article",
    "header", "footer", "aside", "pre", "hr", "h1", "h2", "h3", "h4", "h5", "h6",
}  # fmt: skip


def read(file: RawFile) -> Iterator[Record]:
    """The article of a page; what its sidecar says goes before what the page says.

    Raises:
        UnreadableError: another format, too large, or a page in which no article is found.
    """
    data = file.data(MAX_RECORD_BYTES)
    expect_no_other_format(data, b"<!doctype html", b"<html", b"<?xml")
    text, encoding, metadata = extract(data, file.charset)
    yield Record(file.uri, "html", digest(data), encoding, text, file.metadata.over(metadata))


def extract(data: bytes, charset: str | None) -> tuple[str, str, Metadata]:
    """The article of a page: its text, the encoding of the page, and its metadata but for the language.

    The language that pages declare is that of their template often enough; the text tells it better.

    Raises:
        UnreadableError: as `article`, or binary.
    """
    declared = CHARSET.search(data[:CHARSET_BYTES])
    page, encoding = decode_page(data, charset or (declared[1].decode("ascii", "replace") if declared else None))
    if page.count("\x00") > len(page) // 100:
        raise UnreadableError("is binary (it holds NUL bytes); save the page anew")
    text, metadata = article(page)
    return text, encoding, metadata


def article(page: str) -> tuple[str, Metadata]:
    """The text and metadata of the article in a page.

    Raises:
        UnreadableError: larger than can be read in a bounded time, or without an article.
    """
    from trafilatura import bare_extraction  # noqa: PLC0415 - takes half a second

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it reports on every page that is none
    try:
        found: Any = bare_extraction(lighter(page), with_metadata=True, include_comments=False)
    except (UnreadableError, MemoryError, ImportError):
        raise
    except Exception as error:  # a page that no parser was tried on must not end the run, nor its archive
        raise UnreadableError(f"cannot be parsed ({type(error).__name__}); save the page anew") from error
    text = (found.text or "").replace("\x00", "") if found else ""
    if not text.strip():
        raise UnreadableError("holds no article that can be told from the rest of the page; save its text as .txt")
    return text, Metadata(
        one_line(found.title),
        one_line(found.sitename),
        address(found.url),
        names((found.author or "").split(";")),
        day(found.date),
    )


def plain(value: str) -> str:
    """The text of a field that may hold HTML: without a tag or entity as it is, else one line per paragraph.

    Raises:
        UnreadableError: as `article`.
    """
    if not MARKUP.search(value):
        return value
    if PAGE.match(value):
        return article(value)[0]
    if "<" not in value:
        return html.unescape(value).replace("\x00", "")
    from lxml.etree import iterwalk  # noqa: PLC0415 - with what is read of HTML
    from lxml.html import HTMLParser, fragment_fromstring  # noqa: PLC0415 - likewise

    parser = HTMLParser(remove_comments=True, remove_pis=True)
    root = fragment_fromstring(lighter(value).replace("\x00", ""), create_parent="div", parser=parser)
    for unread in list(root.iter(*NOT_READ)):
        unread.clear(keep_tail=True)
    pieces: list[str] = []
    for event, element in iterwalk(root, events=("start", "end")):
        if element.tag in BLOCKS:
            pieces.append("\n")
        pieces.append(" ".join(((element.text if event == "start" else element.tail) or "").split("\n")))
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def lighter(page: str) -> str:
    """The page without scripts, styles and drawings, and without the attributes of endless tags (images in line).

    Raises:
        UnreadableError: what is left is larger than can be read in a bounded time.
    """
    page = LONG_TAG.sub(r"<\1 ", "".join(_without_programs(page)))
    if len(page) > MAX_PAGE_CHARS:
        raise UnreadableError(f"is larger than {MAX_PAGE_CHARS >> 20} MiB of HTML; cut it into smaller files")
    if page.count("<") > MAX_TAGS:
        raise UnreadableError(f"has more than {MAX_TAGS} tags; cut it into smaller files")
    return page


def _without_programs(page: str) -> Iterator[str]:
    """The pieces of the page that are neither script, style nor drawing; time linear in the page's length."""
    unclosed: set[str] = set()
    kept = 0
    opening = OPENING.search(page)
    while opening:
        name = opening[1].lower()
        closing = None if name in unclosed else CLOSING[name].search(page, opening.end())
        if closing is None:
            unclosed.add(name)
            opening = OPENING.search(page, opening.end())
            continue
        says = LINKED_DATA.match(page, opening.start()) and closing.end() - opening.start() <= MAX_LINKED_DATA_CHARS
        yield page[kept : closing.end() if says else opening.start()]
        kept = closing.end()
        opening = OPENING.search(page, kept)
    yield page[kept:]
