"""Near-duplicates: pairs annotated by hand, clusters, and the query that counts each story once."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms.near_duplicates import SIGNATURES, article_duplicates, signatures
from transforms.schemas import ARTICLE_DUPLICATES

ROOT = Path(__file__).parents[2]
CORPUS = tomllib.loads((ROOT / "tests" / "corpus" / "near_duplicates.toml").read_text("utf-8"))
PAIRS = CORPUS["pair"]
COLUMNS = ("article_id", "language", "published_on", "source_uri", "text")


def text_of(spec: dict[str, Any]) -> str:
    """The text that a pair of the corpus describes."""
    story = CORPUS["stories"][spec["of"]]
    paragraphs = [*spec.get("head", []), *(story[n] for n in spec.get("keep", range(len(story)))), *spec.get("add", [])]
    text = (" " if spec.get("joined") else "\n\n").join(paragraphs)
    for old, new in spec.get("replace", []):
        assert old in text
        text = text.replace(old, new)
    return text


def articles_of(*texts: str, days: list[int | None] | None = None, language: str = "fr") -> pl.DataFrame:
    """Articles of these texts, published on these days of March, or in their order."""
    return pl.DataFrame(
        {
            "article_id": [hashlib.sha256(text.encode()).hexdigest()[:16] for text in texts],
            "language": [language] * len(texts),
            "published_on": [day and dt.date(2026, 3, day) for day in days or range(1, len(texts) + 1)],
            "source_uri": [f"{number:03d}.txt" for number in range(len(texts))],
            "text": texts,
        },
        schema={name: SIGNATURES.get(name, pl.String()) for name in COLUMNS},
    )


def found(articles: pl.DataFrame) -> list[tuple[int, int]]:
    """Which articles repeat which, by their positions."""
    rows = article_duplicates(signatures(articles), articles.lazy())
    assert rows.schema == ARTICLE_DUPLICATES.polars_schema
    place = {article_id: n for n, article_id in enumerate(articles["article_id"])}
    return sorted((place[a], place[b]) for a, b in rows.select("article_id", "duplicate_of").rows())


def lac(**spec: Any) -> str:
    return text_of({"of": "lac", **spec})


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=lambda n: f"{n}-{PAIRS[n]['kind']}")
def test_corpus(number: int) -> None:
    pair = PAIRS[number]
    articles = articles_of(text_of(pair["one"]), text_of(pair["other"]))
    assert found(articles) == ([(1, 0)] if pair["duplicate"] else [])


def test_all_stories_at_once_are_told_apart() -> None:
    """Nothing joins two stories: every text of the corpus at once gives one cluster per story."""
    specs = [pair[side] for pair in PAIRS for side in ("one", "other")]
    texts = dict.fromkeys((text_of(spec), spec["of"]) for spec in specs)
    articles = articles_of(*(text for text, _ in texts), days=[None] * len(texts))
    story = [of for _, of in texts]
    assert [(story[a], story[b]) for a, b in found(articles) if story[a] != story[b]] == []


def test_every_copy_points_to_the_earliest() -> None:
    whole, cut, lead = lac(), lac(keep=[4, 5, 6, 7]), lac(keep=[0, 1, 2, 3])
    assert found(articles_of(whole, cut, lead, days=[3, 2, 1])) == [(0, 2), (1, 2)]
    assert found(articles_of(whole, cut, lead, days=[None, 9, None])) == [(0, 1), (2, 1)]
    assert found(articles_of(whole, cut, lead, days=[None, None, None])) == [(1, 0), (2, 0)]
    assert found(articles_of(whole, cut, lead, days=[2, 2, 2])) == [(1, 0), (2, 0)]


def test_copies_that_only_the_whole_joins_are_told_how_little_they_share() -> None:
    articles = articles_of(lac(keep=[4, 5, 6, 7]), lac(keep=[0, 1, 2, 3]), lac())
    rows = article_duplicates(signatures(articles), articles.lazy())
    by_id = dict(rows.select("article_id", "similarity").rows())
    assert by_id[articles["article_id"][2]] == 1
    assert by_id[articles["article_id"][1]] < 0.1


def test_another_language_is_another_story() -> None:
    one, other = articles_of(lac()), articles_of(lac(keep=[0, 1, 2, 3]), language="en")
    assert found(pl.concat([one, other])) == []
    canadian = articles_of(lac(keep=[0, 1, 2, 3]), language="fr-CA")
    assert found(pl.concat([one, canadian.with_columns(source_uri=pl.lit("b"))])) == [(1, 0)]


@pytest.mark.parametrize("texts", [[], [""], ["", " "], ["Un mot.", "Un  mot !"], ["a " * 50, "a " * 60]])
def test_texts_with_little_in_them_are_no_copies(texts: list[str]) -> None:
    assert found(articles_of(*texts)) == []


def test_signatures_have_their_schema_and_need_no_neighbours() -> None:
    articles = articles_of(lac(), text_of({"of": "helicos"}), text_of({"of": "treve"}))
    whole = signatures(articles)
    assert whole.schema == SIGNATURES
    assert_frame_equal(whole, pl.concat([signatures(articles[n : n + 1]) for n in range(3)]))


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_articles_changes_nothing(order: list[int]) -> None:
    specs = [pair[side] for pair in PAIRS[7:20] for side in ("one", "other")]
    articles = articles_of(*dict.fromkeys(map(text_of, specs)), days=None)[:12]
    rows = article_duplicates(signatures(articles), articles.lazy())
    mixed = articles[order]
    assert_frame_equal(article_duplicates(signatures(mixed), mixed.lazy()), rows)


def test_a_crowd_of_copies_is_one_cluster() -> None:
    """More copies in one band than are compared with one another."""
    texts = [lac(add=[f"Copie {number}, reçue du bureau {number * 7}."]) for number in range(120)]
    assert found(articles_of(*texts, days=[None] * 120)) == [(number, 0) for number in range(1, 120)]


def test_the_documented_queries_count_each_story_once(tmp_path: Path) -> None:
    articles = articles_of(lac(), lac(keep=[0, 1, 2, 3]), text_of({"of": "treve"}))
    statements = pl.DataFrame(
        {
            "article_id": articles["article_id"].gather([0, 1, 2]),
            "speaker_name": ["Ingrid Solberg"] * 2 + ["Paul Verhoeven"],
        }
    )
    tables = {
        "articles": articles,
        "article_duplicates": article_duplicates(signatures(articles), articles.lazy()),
        "statements": statements,
    }
    for name, frame in tables.items():
        (tmp_path / "data/curated/latest" / name).mkdir(parents=True)
        frame.write_parquet(tmp_path / "data/curated/latest" / name / "part-0000.parquet")
    page = (ROOT / "docs" / "near-duplicates.md").read_text("utf-8")
    sql, python = (re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL)[1] for kind in ("sql", "python"))
    place = str(tmp_path / "data/curated/latest")
    told = duckdb.sql(sql.replace("data/curated/latest", place)).fetchall()
    assert sorted(told) == [("Ingrid Solberg", 1, 2), ("Paul Verhoeven", 1, 1)]
    names: dict[str, Any] = {}
    exec(python.replace("data/curated/latest", place), names)  # noqa: S102 - the page's own code
    assert sorted(names["stories"].rows()) == sorted(told)
