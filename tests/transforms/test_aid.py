"""Aid: how many of the sixty annotated figures of aid are read right, column by column."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.figures import figures
from transforms.text import tokenize, with_sentences

CORPUS = Path(__file__).parents[1] / "corpus" / "aid.toml"
SENTENCES = tomllib.loads(CORPUS.read_text("utf-8"))["sentence"]
NEAR_MISSES = tomllib.loads(CORPUS.read_text("utf-8"))["near_miss"]
COLUMNS = ["topic", "giver", "receiver", "aid_stage", "per", "counted", "subject"]
DETERMINER = r"^(?:l[ea]s? |l'|une? |des )"
# How many of the sixty must at least be right: they only rise.
FLOORS = {
    "topic": 59, "giver": 57, "receiver": 58, "aid_stage": 57, "per": 60, "counted": 59, "subject": 57,
}  # fmt: skip


def read(sentences: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The annotated figures, each with the row found in its place as `found` (empty where there is none)."""
    articles = pl.DataFrame(
        {"article_id": [f"{i:016x}" for i in range(len(sentences))], "text": [s["text"] for s in sentences]}
    )
    rows = figures(with_sentences(tokenize(articles)), articles).to_dicts()
    wanted = []
    for sentence, article in zip(sentences, articles["article_id"], strict=True):
        for row in sentence["rows"]:
            start = sentence["text"].index(row["text"])
            end = start + len(row["text"])
            met = [
                found
                for found in rows
                if found["article_id"] == article and found["text_start"] < end and start < found["text_end"]
            ]
            wanted.append({"topic": "aid", **row, "sentence": sentence["text"], "found": met[0] if met else {}})
    return wanted


def is_right(row: dict[str, Any], column: str) -> bool:
    """Whether a column was read as annotated, the determiner of the subject apart."""
    found = row["found"].get(column, "nothing found")
    return bool(row.get(column) == (found and re.sub(DETERMINER, "", found, flags=re.IGNORECASE)))


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """The sixty figures and what is read in their place."""
    return read(SENTENCES)


@pytest.mark.parametrize("column", COLUMNS)
def test_the_sixty(column: str, rows: list[dict[str, Any]]) -> None:
    wrong = [(row["sentence"], row.get(column), row["found"].get(column)) for row in rows if not is_right(row, column)]
    assert len(rows) - len(wrong) >= FLOORS[column], wrong


def test_the_sixty_are_sixty(rows: list[dict[str, Any]]) -> None:
    assert len(rows) == 60
    assert all(row["found"] for row in rows)


@pytest.fixture(scope="module")
def near_misses() -> list[dict[str, Any]]:
    """The near misses and what is read in their place."""
    return read([{"text": near["text"], "rows": [near["row"]]} for near in NEAR_MISSES])


@pytest.mark.parametrize("number", range(len(NEAR_MISSES)))
def test_near_miss(number: int, near_misses: list[dict[str, Any]]) -> None:
    wanted, found = NEAR_MISSES[number]["row"], near_misses[number]["found"]
    told = {key: wanted[key] for key in ("topic", "giver", "receiver", "aid_stage") if key in wanted}
    assert {key: found[key] for key in told} == told
    assert [key for key in wanted.get("none", []) if found[key] is not None] == []
    assert found["topic"] != wanted.get("not_topic")
