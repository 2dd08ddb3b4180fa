import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms import integrity
from transforms.schemas import ARTICLES, Span

DAY = dt.date(2026, 3, 1)
SPAN = Span("text", "text_start", "text_end")


def verbatim(text: str, surface: str, start: int, end: int) -> bool:
    frame = pl.DataFrame({"_text": [text], "text": [surface], "text_start": [start], "text_end": [end]})
    return bool(frame.select(integrity.is_verbatim(SPAN)).item())


def test_offsets_count_code_points() -> None:
    text = "L’Élysée 🇫🇷 a « parlé »"
    start = text.index("parlé")
    assert verbatim(text, "parlé", start, start + 5)
    assert not verbatim(text, "parlé", start + 2, start + 7)
    assert not verbatim(text, "parle\u0301", start, start + 6)


def test_a_span_beyond_the_text_is_not_verbatim() -> None:
    assert not verbatim("court", "court et long", 0, 13)
    assert not verbatim("court", "court", 3, 1)


def test_context_keeps_rows_and_order_where_an_article_is_there_twice() -> None:
    row = {"article_id": "a", "text": "t", "published_on": DAY}
    articles = pl.DataFrame([row, row, row | {"article_id": "b"}]).match_to_schema(
        ARTICLES.polars_schema, missing_columns="insert"
    )
    frame = pl.DataFrame({"article_id": ["b", "a", "c", "b"]})
    found = integrity.with_context("figures", frame, {"articles": articles}, DAY)
    assert found["article_id"].to_list() == ["b", "a", "c", "b"]
    assert found["_text"].to_list() == ["t", "t", None, "t"]


@pytest.mark.parametrize(
    ("size", "members", "head", "agrees", "holds"),
    [
        (3, 3, "p", True, True),
        (2, 3, "p", True, True),
        (2, 3, None, True, False),
        (4, 3, "p", True, False),
        (4, 3, "p", False, True),
        (None, 3, "p", None, None),
    ],
)
def test_a_stated_size_counts_with_or_without_the_head(
    size: int | None, members: int, head: str | None, agrees: bool | None, holds: bool | None
) -> None:
    frame = pl.DataFrame(
        {"stated_size": [size], "member_count": [members], "head_person_id": [head], "agrees": [agrees]},
        schema={"stated_size": pl.Int32, "member_count": pl.Int32, "head_person_id": pl.String, "agrees": pl.Boolean},
    )
    assert frame.select(pl.col("agrees") == integrity.size_agrees()).item() is holds


@pytest.mark.parametrize(
    ("kind", "unit", "holds"), [("mass", "kg", True), ("mass", "km", False), ("other", "anything", True)]
)
def test_units_belong_to_kinds(kind: str, unit: str, holds: bool) -> None:
    frame = pl.DataFrame({"kind": [kind], "unit": [unit]})
    assert frame.select(integrity.is_unit_of_kind({"mass": ["kg", "t"], "area": ["km2"]})).item() is holds


@pytest.mark.parametrize(
    ("before", "holds"),
    [("", False), ("— ", True), ("Il vient.\n– ", True), ("Q. : ", True), ("R : ", True), ("Il vient - ", False)],
)
def test_dialogue_is_told_by_what_opens_its_line(before: str, holds: bool) -> None:
    frame = pl.DataFrame({"_text": [before + "Je viens."], "text_start": [len(before)], "cue": ["dit-il"]})
    assert frame.select(integrity.is_dialogue()).item() is holds


def test_spans_of_one_article_are_compared_in_the_order_of_the_text() -> None:
    frame = pl.DataFrame({"article_id": ["a", "b", "a", "a"], "text_start": [10, 0, 0, 4], "text_end": [12, 99, 5, 9]})
    assert frame.select(integrity.starts_after_previous()).to_series().to_list() == [True, None, None, False]


def test_orphans_are_the_values_that_the_other_table_lacks() -> None:
    statements = pl.LazyFrame({"speaker_id": ["x", None, "y"]})
    actors = pl.LazyFrame({"actor_id": ["x"]})
    assert_frame_equal(
        integrity.orphans(statements, "speaker_id", actors, "actor_id").collect(), pl.DataFrame({"speaker_id": ["y"]})
    )


def test_repeated_keys_are_listed_once() -> None:
    frame = pl.LazyFrame({"a": [1, 1, 1, 2], "b": ["x", "x", "x", "x"]})
    assert integrity.repeated(frame, ["a", "b"]).collect().rows() == [(1, "x")]


STATEMENTS = pl.LazyFrame({"article_id": ["1", "1", "2"], "speaker_id": ["p", "p", None]})
MEMBERS = pl.LazyFrame({"article_id": ["2"], "person_id": ["p"], "delegation": ["FR"]})


@pytest.mark.parametrize(
    ("actor", "articles", "said", "sat", "wrong"),
    [
        ("p", 2, 2, 1, []),
        ("p", 3, 2, 1, ["p"]),
        ("p", 2, 1, 1, ["p"]),
        ("p", 2, 2, 0, ["p"]),
        ("q", 0, 0, 0, ["p", "q"]),
    ],
)
def test_the_counts_of_actors_are_those_of_the_tables(
    actor: str, articles: int, said: int, sat: int, wrong: list[str]
) -> None:
    actors = pl.LazyFrame(
        {"actor_id": [actor], "article_count": [articles], "statement_count": [said], "membership_count": [sat]}
    )
    found = integrity.miscounted_actors(actors, STATEMENTS, MEMBERS).collect()
    assert sorted(found["actor_id"]) == wrong


@pytest.mark.parametrize(("count", "article", "wrong"), [(1, "2", 0), (2, "2", 1), (1, "3", 1)])
def test_the_counts_of_delegations_are_those_of_the_members(count: int, article: str, wrong: int) -> None:
    delegations = pl.LazyFrame({"article_id": [article], "delegation": ["FR"], "member_count": [count]})
    assert integrity.miscounted_delegations(delegations, MEMBERS).collect().height == wrong
