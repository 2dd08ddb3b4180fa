"""Sidecars: `<file>.toml` beside a raw file says what its text does not."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from flows.sources.record import Metadata, RawFile, Unreadable, UnreadableError

SIDECAR_SUFFIX = ".toml"
MAX_SIDECAR_BYTES = 64 * 1024
PUBLISHED = ("title", "publisher", "url", "date", "language", "authors")
FIELDS = ("text", *PUBLISHED)  # that [fields] may name the columns of, in an export
# Provenance that people note and that no table carries.
NOTED = ("accessed", "licence", "producer")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")


@dataclass(frozen=True)
class Sidecar:
    """What a sidecar says: of the article, of the columns of an export, and of the encoding the server declared."""

    metadata: Metadata
    fields: dict[str, str] = field(default_factory=dict)
    charset: str | None = None


def with_sidecar(file: RawFile, read: Callable[[], bytes]) -> tuple[RawFile, Unreadable | None]:
    """The file with what its sidecar says, or as it is, with the line that says why the sidecar cannot be read."""
    try:
        said = read_sidecar(read())
    except UnreadableError as error:
        return file, Unreadable(file.uri + SIDECAR_SUFFIX, f"{error}; until then its file is read without it")
    return replace(file, metadata=said.metadata, fields=said.fields, charset=said.charset), None


def read_sidecar(data: bytes) -> Sidecar:
    """What the bytes of a sidecar say.

    Raises:
        UnreadableError: not TOML in UTF-8, too large, a key that is not known, or a value of the wrong kind.
    """
    if len(data) > MAX_SIDECAR_BYTES:
        raise UnreadableError(f"is larger than {MAX_SIDECAR_BYTES >> 10} KiB; a sidecar holds a few lines")
    try:
        values = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"is not TOML in UTF-8 ({error}); correct it") from error
    unknown = sorted(values.keys() - {*PUBLISHED, *NOTED, "charset", "fields"})
    if unknown:
        raise UnreadableError(f"has keys that are not known: {', '.join(unknown)}; known are {', '.join(PUBLISHED)}")
    metadata = Metadata(
        title=_text(values, "title"),
        publisher=_text(values, "publisher"),
        url=_url(values),
        authors=_authors(values),
        published_on=_date(values),
        language=_language(values),
    )
    return Sidecar(metadata, _fields(values), _text(values, "charset"))


def _fields(values: dict[str, Any]) -> dict[str, str]:
    fields = values.get("fields", {})
    if not isinstance(fields, dict) or not all(isinstance(column, str) for column in fields.values()):
        raise UnreadableError('has fields that are no table of names; write [fields] and text = "…" below it')
    unknown = sorted(fields.keys() - set(FIELDS))
    if unknown:
        raise UnreadableError(f"maps fields that are not known: {', '.join(unknown)}; known are {', '.join(FIELDS)}")
    return fields


def _text(values: dict[str, Any], key: str) -> str | None:
    value = values.get(key, "")
    if not isinstance(value, str):
        raise UnreadableError(f"has a {key} that is no string; put it between quotation marks")
    return " ".join(value.split()) or None


def _url(values: dict[str, Any]) -> str | None:
    url = _text(values, "url")
    if url and not url.startswith(("http://", "https://")):
        raise UnreadableError("has a url that does not begin with http:// or https://; give the full address")
    return url


def _authors(values: dict[str, Any]) -> tuple[str, ...]:
    authors = values.get("authors", [])
    names = [authors] if isinstance(authors, str) else authors
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UnreadableError('has authors that are no list of strings; write authors = ["…", "…"]')
    return tuple(name for name in (" ".join(author.split()) for author in names) if name)


def _date(values: dict[str, Any]) -> date | None:
    value = values.get("date")
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(value).date()
    except (TypeError, ValueError) as error:
        raise UnreadableError("has a date that is none; write date = 2025-08-15") from error


def _language(values: dict[str, Any]) -> str | None:
    language = _text(values, "language")
    if language and not LANGUAGE.fullmatch(language):
        raise UnreadableError('has a language that is no BCP 47 tag; write language = "fr"')
    primary, *others = (language or "").split("-")
    return "-".join([primary.lower(), *others]) or None
