"""`sources.toml`: what to fetch, and within which limits."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from cssselect import SelectorError
from cssselect.parser import parse as parse_selector

from flows.fetching.addresses import UnfitUrlError, checked_url, netloc
from flows.fetching.sidecars import sidecar_text
from flows.sources.record import UnreadableError
from flows.sources.sidecar import read_sidecar

Kind = Literal["feed", "page", "list"]

# Content types that are stored, by the suffix they are stored under.
TYPES = {
    ".html": ("text/html", "application/xhtml+xml"),
    ".xml": ("application/xml", "text/xml", "application/rss+xml", "application/atom+xml", "application/rdf+xml"),
    ".json": ("application/json", "application/feed+json", "application/ld+json"),
    ".txt": ("text/plain",),
}
SUFFIXES = {name: suffix for suffix, names in TYPES.items() for name in names}
SOURCE_KEYS: Mapping[str, tuple[str, ...]] = {
    "feed": ("url", "publisher", "language", "allow_private", "follow"),
    "page": ("url", "publisher", "language", "allow_private"),
    "list": ("url", "publisher", "language", "allow_private", "links"),
}
FLAGS = ("follow", "allow_private")


class SettingsError(Exception):
    """`sources.toml` is missing or wrong; the message says where, and what to do."""


@dataclass(frozen=True)
class Source:
    """One feed, page, or page of links.

    Attributes:
        kind: what stands at the address.
        url: the address.
        publisher: who publishes what is fetched, for the sidecars.
        language: what it is written in, for the sidecars.
        follow: of a feed, whether the pages it links to are the articles; else the entries themselves are.
        links: of a list, which links are articles: a CSS selector, or a pattern that the address matches.
        allow_private: whether the host of the address may be in a private network.
    """

    kind: Kind
    url: str
    publisher: str | None = None
    language: str | None = None
    follow: bool = True
    links: str = "a"
    allow_private: bool = False

    @property
    def is_followed(self) -> bool:
        """Whether what is fetched are the pages that the source links to, not the source itself."""
        return self.kind == "list" or (self.kind == "feed" and self.follow)


@dataclass(frozen=True)
class Limits:
    """How much is asked of a host, and taken from it.

    Attributes:
        delay: seconds between two requests to one host, at least; more where its robots.txt asks for more.
        connections: requests at one time, to all hosts together.
        timeout: seconds of silence, while connecting or reading, after which a request has failed.
        deadline: seconds that one request may take altogether.
        retries: further attempts after an answer or an error that may pass.
        backoff: seconds before the first of these, about; they double each time.
        longest_wait: seconds that a host may ask to be left alone (Retry-After, Crawl-delay); past that, this run does
            not ask it again.
        redirects: hops to follow for one address.
        max_bytes: of one body, decompressed.
        max_links: of one feed or list, the first ones.
        types: content types to store.
    """

    delay: float = 1.0
    connections: int = 8
    timeout: float = 20.0
    deadline: float = 120.0
    retries: int = 3
    backoff: float = 1.0
    longest_wait: float = 60.0
    redirects: int = 5
    max_bytes: int = 10 * 1024 * 1024
    max_links: int = 500
    types: tuple[str, ...] = tuple(SUFFIXES)


@dataclass(frozen=True)
class Settings:
    """The whole of `sources.toml`.

    Attributes:
        sources: feeds, pages and lists, in the order of the file by kind.
        limits: see there.
        agent: the name that robots.txt files know this robot by.
        contact: an address of mail or of a page, for those who run the hosts.
    """

    sources: tuple[Source, ...]
    limits: Limits = field(default_factory=Limits)
    agent: str = "depeche"
    contact: str = ""

    @property
    def user_agent(self) -> str:
        """The header that says who asks."""
        return f"{self.agent} (+{self.contact})" if self.contact else self.agent

    @property
    def private_hosts(self) -> frozenset[str]:
        """Host and port of the sources that may be in a private network."""
        return frozenset(netloc(source.url) for source in self.sources if source.allow_private)


def read_settings(path: Path) -> Settings:
    """The settings in a file.

    Raises:
        SettingsError: it is missing, is not TOML in UTF-8, or holds a key or value that is not known.
    """
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror}): copy sources.example.toml there, or give your file by --sources"
        ) from error
    except ValueError as error:
        raise SettingsError(f"{path} is not TOML in UTF-8 ({error}): correct it") from error
    try:
        return _settings(values)
    except (UnfitUrlError, UnreadableError, _WrongError) as error:
        raise SettingsError(f"{path}: {error}") from error


class _WrongError(Exception):
    """A key or a value that is not known."""


def _settings(values: dict[str, Any]) -> Settings:
    _expect_known("the file", values, ("agent", "contact", "limits", *SOURCE_KEYS))
    sources = [_source(kind, entry) for kind in SOURCE_KEYS for entry in _tables(kind, values.get(kind, []))]
    if not sources:
        raise _WrongError("names no [[feed]], [[page]] or [[list]]: add one")
    urls = [source.url for source in sources]
    twice = next((url for url in urls if urls.count(url) > 1), None)
    if twice:
        raise _WrongError(f"names {twice} twice: take one out")
    agent, contact = _header(values, "agent", "depeche"), _header(values, "contact", "")
    if not re.fullmatch(r"[A-Za-z_-]+(/[\w.-]+)?", agent):
        raise _WrongError(f"agent is {agent!r}: give one word of letters, as robots.txt files name robots")
    return Settings(tuple(sources), _limits(values.get("limits", {})), agent, contact)


def _tables(kind: str, entries: Any) -> list[dict[str, Any]]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _WrongError(f"{kind} is no list of tables: write [[{kind}]]")
    return entries


def _source(kind: Any, entry: dict[str, Any]) -> Source:
    _expect_known(f"[[{kind}]]", entry, SOURCE_KEYS[kind])
    if "url" not in entry:
        raise _WrongError(f"a [[{kind}]] has no url: add it")
    for key, value in entry.items():
        kind_of_value, words = (bool, "true or false") if key in FLAGS else (str, "a string")
        if not isinstance(value, kind_of_value):
            raise _WrongError(f"{key} of {entry['url']} is {value!r}: give {words}")
    publisher, language = entry.get("publisher"), entry.get("language")
    read_sidecar(
        sidecar_text(publisher=publisher, language=language).encode()
    )  # what readers would refuse is refused here
    source = Source(
        kind=kind,
        url=checked_url(entry["url"]),
        publisher=publisher,
        language=language,
        follow=entry.get("follow", True),
        links=entry.get("links", "a"),
        allow_private=entry.get("allow_private", False),
    )
    if not is_pattern(source.links):
        try:
            parse_selector(source.links)
        except SelectorError as error:
            raise _WrongError(f"links of {source.url} is no CSS selector ({error})") from error
    return source


def is_pattern(links: str) -> bool:
    """Whether `links` of a list is a pattern of addresses: no CSS selector begins like one."""
    return links.startswith(("http://", "https://", "/"))


def _limits(values: Any) -> Limits:
    if not isinstance(values, dict):
        raise _WrongError("limits is no table: write [limits]")
    known = {one.name: one.default for one in fields(Limits)}
    _expect_known("[limits]", values, tuple(known))
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name == "types":
            if not isinstance(value, list) or not value or not set(value) <= SUFFIXES.keys():
                raise _WrongError(f"types is {value!r}: give a list of {', '.join(SUFFIXES)}")
            given[name] = tuple(value)
            continue
        kinds = (int,) if isinstance(known[name], int) else (int, float)
        least = 0 if name in {"delay", "retries", "backoff", "redirects"} else 1 if kinds == (int,) else 0.001
        if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value < math.inf:
            raise _WrongError(f"{name} is {value!r}: give a{' whole' if kinds == (int,) else ''} number from {least}")
        given[name] = value
    return Limits(**given)


def _header(values: dict[str, Any], key: str, default: str) -> str:
    value = values.get(key, default)
    if not isinstance(value, str) or not value.isascii() or not (value + "x").isprintable():
        raise _WrongError(f"{key} is {value!r}: give a string of plain letters and signs")
    return value.strip()


def _expect_known(place: str, values: dict[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(values.keys() - set(known))
    if unknown:
        raise _WrongError(f"{place} has keys that are not known: {', '.join(unknown)}; known are {', '.join(known)}")
