"""The pages that a feed or a list links to."""

from __future__ import annotations

import io
from fnmatch import fnmatchcase
from urllib.parse import urljoin

import feedparser
import lxml.html
from lxml.etree import LxmlError

from flows.fetching.addresses import UnfitUrlError, checked_url
from flows.fetching.settings import Source, is_pattern


class NoLinksError(Exception):
    """What was received is no feed, or no page; the message says which."""


def found_by(source: Source) -> str:
    """How the links of a source are found: where this changes, they are looked for again."""
    return "feed" if source.kind == "feed" else source.links


def links(source: Source, body: bytes, url: str, charset: str | None, most: int) -> list[str]:
    """The addresses of the articles that a feed or a list names, each once, in its order.

    Args:
        source: what it is, and which links of a list count.
        body: the bytes received.
        url: where they came from, for relative addresses.
        charset: the encoding that the header states.
        most: how many to take.

    Raises:
        NoLinksError: the bytes are no feed, or no HTML.
    """
    named = _feed_links(body) if source.kind == "feed" else _page_links(source.links, body, charset)
    found: dict[str, None] = {}
    for link in named:
        try:
            address = checked_url(urljoin(url, link.strip()))
        except (UnfitUrlError, ValueError):
            continue  # mailto:, javascript: and the like lead to no article
        if address == url or (is_pattern(source.links) and not _matches(address, source.links, url)):
            continue
        found[address] = None
        if len(found) == most:
            break
    return list(found)


def _feed_links(body: bytes) -> list[str]:
    # From a stream, for a string might be taken for the name of a file or an address.
    feed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not feed.version and not feed.entries:
        raise NoLinksError("is no RSS or Atom feed")
    return [entry.link for entry in feed.entries if entry.get("link")]


def _page_links(selector: str, body: bytes, charset: str | None) -> list[str]:
    try:
        page = lxml.html.document_fromstring(body, parser=lxml.html.HTMLParser(encoding=_known(charset)))
    except (LxmlError, ValueError) as error:
        raise NoLinksError(f"is no HTML ({error})") from error
    base = next(iter(page.xpath("//base/@href")), "")
    chosen = [page] if is_pattern(selector) else page.cssselect(selector)
    return [urljoin(base, link) for one in chosen for link in one.xpath("descendant-or-self::a/@href")]


def _known(charset: str | None) -> str | None:
    """The encoding, where libxml2 knows it under this name."""
    try:
        lxml.html.HTMLParser(encoding=charset)
    except LookupError:
        return None
    return charset


def _matches(address: str, pattern: str, url: str) -> bool:
    """Whether an address is like `https://host/2025/*`; a pattern that begins with `/` is of the list's own host."""
    return fnmatchcase(address, urljoin(url, pattern) if pattern.startswith("/") else pattern)
