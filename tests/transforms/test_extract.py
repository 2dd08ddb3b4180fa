"""The extraction of a shard as a whole."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.eval.gate import HERE, SETS, articles_of
from transforms.extract import extract
from transforms.schemas import ARTICLES, TABLES

NAMES = ("delegation_members", "delegations", "statements", "figures")


@pytest.fixture(scope="module")
def articles() -> pl.DataFrame:
    return pl.concat([articles_of(HERE / name) for name in SETS]).unique("article_id", maintain_order=True)


@pytest.fixture(scope="module")
def tables(articles):
    return extract(articles)


@pytest.mark.parametrize("name", NAMES)
def test_tables_have_the_schema_of_the_contract(tables, name):
    assert tables[name].schema == TABLES[name].polars_schema
    assert tables[name].height > 0


def test_every_actor_is_described(tables):
    described = tables["actor_mentions"].select("article_id", "actor_id")
    met = pl.concat([
        tables["statements"].select("article_id", actor_id="speaker_id").drop_nulls(),
        tables["delegation_members"].select("article_id", actor_id="person_id"),
    ])  # fmt: skip
    assert met.join(described, on=["article_id", "actor_id"], how="anti").rows() == []


@pytest.mark.parametrize("name", [*NAMES, "actor_mentions"])
def test_an_article_decides_alone(articles, tables, name):
    """Whatever shard an article is in, and next to whatever others, its rows are the same."""
    other_order = pl.concat([extract(articles.reverse()[k::3])[name] for k in range(3)])
    keys = [c for c, t in tables[name].schema.items() if t in (pl.String, pl.Int32)]
    assert_frame_equal(other_order.sort(keys), tables[name].sort(keys))


def test_other_languages_and_no_article_yield_typed_empty_tables():
    english = (
        ARTICLES.empty()
        .clear(1)
        .with_columns(
            article_id=pl.lit("0" * 16), language=pl.lit("en"), text=pl.lit("Paris said that 3 tanks were sent.")
        )
    )
    for frame in (english, ARTICLES.empty()):
        found = extract(frame)
        assert [found[name].schema == TABLES[name].polars_schema for name in NAMES] == [True] * 4
        assert [found[name].height for name in NAMES] == [0] * 4


@pytest.mark.parametrize("text", ["", " ", "\n\n", "«", "1", "a", "«" * 50, "selon", "🙂", "a" * 5000, "et " * 3000])
def test_odd_texts_are_read_without_error(text):
    frame = (
        ARTICLES.empty().clear(1).with_columns(article_id=pl.lit("0" * 16), language=pl.lit("fr"), text=pl.lit(text))
    )
    assert set(extract(frame)) == {*NAMES, "actor_mentions"}
