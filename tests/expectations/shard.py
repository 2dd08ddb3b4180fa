"""A shard in which every expectation holds: the tests change one thing in it and see which expectation notices."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import polars as pl

from transforms.schemas import TABLES

AT = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
TODAY = AT.date()
TEXT = (
    "La ministre Anne Dorval conduit la délégation française, forte de deux personnes, avec Paul Mercier.\n"
    "« Nous verserons 3 millions d'euros », a-t-elle déclaré à la radio. Selon elle, la paix est proche."
)
ARTICLE = hashlib.sha256(b"article").hexdigest()[:16]


def place(words: str) -> tuple[int, int]:
    """Where the words stand in TEXT."""
    start = TEXT.index(words)
    return start, start + len(words)


def spans(**words: str | None) -> dict[str, Any]:
    """The columns `<name>_start` and `<name>_end` of each of the words."""
    found: dict[str, Any] = {}
    for name, surface in words.items():
        found[f"{name}_start"], found[f"{name}_end"] = place(surface) if surface else (None, None)
    return found


def member(name: str, role: str | None, *, is_head: bool) -> dict[str, Any]:
    at = spans(name=name, role=role)
    return {
        "member_id": f"{ARTICLE}-m{at['name_start']}", "article_id": ARTICLE, "delegation": "FR",
        "delegation_kind": "country", "person_name": name, "person_id": f"person:fr:{name}", "canonical_name": name,
        "role": role, "role_category": "minister" if role else None, "is_head": is_head, **at, "mention_count": 1,
        "sentence": TEXT.splitlines()[0], "rule": "listed", "confidence": 0.9,
    }  # fmt: skip


def statement(mode: str, words: str, speaker: str, cue: str, quotes: list[tuple[int, int]]) -> dict[str, Any]:
    at = spans(text=words, speaker=speaker, cue=cue)
    return {
        "statement_id": f"{ARTICLE}-s{at['text_start']}", "article_id": ARTICLE, "mode": mode, "text": words, **at,
        "quoted_spans": [{"quote_start": start, "quote_end": end} for start, end in quotes], "speaker": speaker,
        "speaker_kind": "person", "speaker_reference": "pronoun", "speaker_id": "person:fr:Anne Dorval",
        "speaker_name": "Anne Dorval", "cue": cue, "medium": "radio" if mode == "direct" else None, "said_on": None,
        "sentence": TEXT.splitlines()[1], "rule": "quoted", "confidence": 0.9,
    }  # fmt: skip


def figure(words: str, kind: str, value: float, unit: str, **more: Any) -> dict[str, Any]:
    at = spans(text=words)
    return {
        "figure_id": f"{ARTICLE}-f{at['text_start']}", "article_id": ARTICLE, "text": words, **at, "kind": kind,
        "value": value, "qualifier": "exact", "unit": unit, "topic": "other", "sentence": TEXT, "rule": "counted",
        "confidence": 0.9, **more,
    }  # fmt: skip


def shard() -> dict[str, pl.DataFrame]:
    """The tables of one article, every row of which satisfies every expectation."""
    said = "Nous verserons 3 millions d'euros"
    rows: dict[str, list[dict[str, Any]]] = {
        "articles": [{
            "article_id": ARTICLE, "source_uri": "a.txt", "source_format": "text", "authors": [], "language": "fr",
            "published_on": dt.date(2026, 3, 1), "published_on_from": "text", "text": TEXT, "char_count": len(TEXT),
            "word_count": len(TEXT.split()),
        }],
        "article_sources": [
            {"article_id": ARTICLE, "source_uri": uri, "source_format": "text",
             "sha256": hashlib.sha256(uri.encode()).hexdigest(), "first_seen_at": AT} for uri in ("a.txt", "b.txt")
        ],
        "article_duplicates": [],
        "delegation_members": [
            member("Anne Dorval", "ministre", is_head=True), member("Paul Mercier", None, is_head=False)
        ],
        "delegations": [{
            "article_id": ARTICLE, "delegation": "FR", "delegation_kind": "country",
            "head_person_id": "person:fr:Anne Dorval", "member_count": 2, "stated_size": 2,
            "stated_text": "deux personnes", "agrees": True,
        }],
        "statements": [
            statement("direct", said, "elle", "a-t-elle déclaré", [place(said)]),
            statement("indirect", "la paix est proche", "elle", "Selon", []),
        ],
        "figures": [
            figure("deux personnes", "count", 2, "1", counted="personnes"),
            figure("3 millions d'euros", "money", 3e6, "EUR", topic="aid", giver="FR", receiver="UA",
                   aid_stage="promised"),
        ],
    }  # fmt: skip
    return {name: pl.DataFrame(found, schema=TABLES[name].polars_schema) for name, found in rows.items()}


def with_row(tables: Mapping[str, pl.DataFrame], name: str, row: int, **values: Any) -> dict[str, pl.DataFrame]:
    """The tables with other values in one row of one of them."""
    frame = tables[name]
    rows = frame.to_dicts()
    rows[row] |= values
    return {**tables, name: pl.DataFrame(rows, schema=frame.schema)}
