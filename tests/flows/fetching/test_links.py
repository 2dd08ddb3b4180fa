"""The links of feeds and lists."""

from __future__ import annotations

import time

import pytest

from flows.fetching.links import NoLinksError, links
from flows.fetching.settings import Source
from tests.flows.fetch_server import rss

FEED = Source("feed", "https://a.fr/fil")
URL = "https://a.fr/une/"


def listed(selector: str, page: str, charset: str | None = "utf-8") -> list[str]:
    return links(Source("list", URL, links=selector), page.encode(charset or "utf-8"), URL, charset, 10)


def test_feed_links_each_once_and_only_to_pages() -> None:
    body = rss("https://a.fr/1", "/2#haut", "https://a.fr/1", "mailto:a@a.fr", "https://a.fr/fil", "http://[")
    assert links(FEED, body, "https://a.fr/fil", None, 10) == ["https://a.fr/1", "https://a.fr/2"]


def test_no_more_links_than_allowed() -> None:
    assert len(links(FEED, rss(*(f"/{n}" for n in range(50))), "https://a.fr/fil", None, 7)) == 7


def test_atom_is_read_too() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Fil</title>
    <entry><title>Un</title><link rel="alternate" href="/1"/></entry></feed>"""
    assert links(FEED, body, "https://a.fr/fil", None, 10) == ["https://a.fr/1"]


def test_feed_that_breaks_off_gives_what_it_has() -> None:
    assert links(FEED, rss("/1", "/2")[:-60], "https://a.fr/fil", None, 10)[0] == "https://a.fr/1"


def test_feed_without_entries_has_no_links() -> None:
    assert links(FEED, rss(), "https://a.fr/fil", None, 10) == []


@pytest.mark.parametrize("body", [b"<html><body>Bonjour", b"\x00\x01", b"/etc/passwd", b"https://a.fr/fil"])
def test_what_is_no_feed_is_named(body: bytes) -> None:
    with pytest.raises(NoLinksError):
        links(FEED, body, "https://a.fr/fil", None, 10)


def test_entities_do_not_unfold() -> None:
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY e0 "lol">{layers}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    body = bomb.encode() + b"<rss version='2.0'><channel><item><link>/&e9;&f;</link></item></channel></rss>"
    started = time.monotonic()
    assert all("root" not in link and "lollol" not in link for link in links(FEED, body, "https://a.fr/", None, 10))
    assert time.monotonic() - started < 2


PAGE = """<html><body><nav><a href="/apropos">À propos</a></nav>
<article><h2><a href="2025/08/accord.html">Accord</a></h2></article>
<article class="une"><h2><a href="/2025/08/visite.html?à">Visite</a></h2><a href="/partage">Partager</a></article>
<a href="https://b.fr/2025/ailleurs.html">Ailleurs</a></body></html>"""


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("article h2 a", ["une/2025/08/accord.html", "2025/08/visite.html?%C3%A0"]),
        ("article.une", ["2025/08/visite.html?%C3%A0", "partage"]),
        ("/2025/*", ["2025/08/visite.html?%C3%A0"]),
        ("https://a.fr/*.html", ["une/2025/08/accord.html"]),
        ("a.rien", []),
    ],
)
def test_list_links_by_selector_or_pattern(selector: str, found: list[str]) -> None:
    assert listed(selector, PAGE) == [f"https://a.fr/{path}" for path in found]


def test_links_follow_the_base_and_the_charset() -> None:
    page = '<html><head><base href="https://c.fr/x/"></head><body><a href="é">É</a></body></html>'
    assert listed("a", page, "iso-8859-1") == ["https://c.fr/x/%C3%A9"]
    assert links(Source("list", URL), page.encode(), URL, "no-such-charset", 10)


def test_empty_or_deep_pages_are_no_trouble() -> None:
    started = time.monotonic()
    assert len(listed("a", "<div>" * 100_000 + '<a href="/x">X</a>')) <= 1
    assert time.monotonic() - started < 5
    with pytest.raises(NoLinksError):
        listed("a", "   ")
