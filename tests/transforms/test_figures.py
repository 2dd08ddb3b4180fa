"""Figures: the corpus of sentences, and what the table promises."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.figures import figures
from transforms.schemas import FIGURES
from transforms.text import tokenize, with_sentences

CORPUS = Path(__file__).parents[1] / "corpus" / "figures.toml"
SENTENCES = tomllib.loads(CORPUS.read_text("utf-8"))["sentence"]
COLUMNS = {"low": "value_low", "high": "value_high"}


def articles_of(*texts: str) -> pl.DataFrame:
    """Articles as the extractor takes them, numbered."""
    return pl.DataFrame({"article_id": [f"{i:016x}" for i in range(len(texts))], "text": list(texts)})


def read(*texts: str) -> pl.DataFrame:
    """The figures of texts."""
    articles = articles_of(*texts)
    return figures(with_sentences(tokenize(articles)), articles)


@pytest.fixture(scope="module")
def corpus() -> pl.DataFrame:
    """The figures of all corpus sentences at once: none may depend on its neighbours."""
    return read(*(sentence["text"] for sentence in SENTENCES))


@pytest.mark.parametrize("number", range(len(SENTENCES)))
def test_corpus(number: int, corpus: pl.DataFrame) -> None:
    expected: list[dict[str, Any]] = SENTENCES[number]["rows"]
    found = corpus.filter(article_id=f"{number:016x}").to_dicts()
    assert [row["text"] for row in found] == [row["text"] for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        assert {key: row[COLUMNS.get(key, key)] for key in wanted} == wanted
