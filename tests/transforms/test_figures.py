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


def test_text_before_does_not_matter() -> None:
    """A text that ends without a full stop leaves the number that opens the next one alone."""
    found = read("Le pays a fourni douze chars Leopard", "Trois personnes ont été blessées.")
    assert found["text"].to_list() == ["douze chars", "Trois personnes"]


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


def test_no_figure_yields_an_empty_table() -> None:
    assert read("Rien à compter ici.").equals(FIGURES.empty())
    assert read("").equals(FIGURES.empty())


def test_spans_reproduce_their_text(corpus: pl.DataFrame) -> None:
    texts = {f"{i:016x}": sentence["text"] for i, sentence in enumerate(SENTENCES)}
    for row in corpus.select("article_id", "text", "text_start", "text_end", "figure_id").to_dicts():
        assert texts[row["article_id"]][row["text_start"] : row["text_end"]] == row["text"]
        assert row["figure_id"] == f"{row['article_id']}-f{row['text_start']}"


def test_rows_are_in_order_and_of_the_contract(corpus: pl.DataFrame) -> None:
    assert corpus.schema == FIGURES.polars_schema
    assert corpus.equals(corpus.sort("article_id", "text_start"))
    assert corpus["figure_id"].is_unique().all()
    assert FIGURES.to_arrow(corpus).num_rows == corpus.height


def test_an_article_is_read_the_same_in_any_company(corpus: pl.DataFrame) -> None:
    ids = {sentence["text"]: f"{i:016x}" for i, sentence in enumerate(SENTENCES)}
    apart = ["article_id", "figure_id"]
    for sentence in SENTENCES[::6]:  # alone, so that it is first and last at once
        alone = read(sentence["text"])
        assert alone.drop(apart).equals(corpus.filter(article_id=ids[sentence["text"]]).drop(apart))
    backwards = read(*reversed(ids))
    order = pl.concat([backwards.filter(article_id=f"{i:016x}") for i in reversed(range(len(SENTENCES)))])
    assert order.drop(apart).equals(corpus.drop(apart))


@pytest.mark.parametrize(
    ("text", "giver", "receiver", "stage"),
    [
        ("La Norvège versera 70 millions d'euros à l'Ukraine.", "NO", "UA", "promised"),
        ("L'Arménie a reçu 36 canons de la France.", "FR", "AM", "delivered"),
        ("Les députés ont voté une aide américaine de 300 millions de dollars pour Israël.", "US", "IL", "committed"),
        ("Le Soudan réclame 2 milliards de dollars d'aide.", None, "SD", "requested"),
        ("Berlin a livré douze chars à Kiev.", "DE", "UA", "delivered"),
        ("L'Union européenne apportera 522 millions d'euros d'aide à la Moldavie.", "EU", "MD", "promised"),
    ],
)
def test_aid(text: str, giver: str | None, receiver: str | None, stage: str) -> None:
    (row,) = read(text).to_dicts()
    assert (row["topic"], row["giver"], row["receiver"], row["aid_stage"]) == ("aid", giver, receiver, stage)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Les deux délégations se retrouvent à Genève.", "diplomacy"),
        ("L'armée a perdu 40 soldats au front.", "military"),
        ("Le pain coûte 12 euros.", "other"),
        ("Des obus de 155 mm.", "military"),
        ("Il avait 19 ans.", "other"),
        ("Le pays a déployé huit navires dans la baie.", "military"),
        ("Le pays a livré huit navires à la Norvège.", "aid"),
        ("Manille veut des droits de douane de 19 %.", "diplomacy"),
        ("Le programme d'aide estime que 26 millions de Congolais auront faim.", "other"),
        ("Quelque 400 Islandais furent massacrés.", "military"),
        ("Il a parlé des 88 heures du conflit.", "military"),
        ("L'armée longe une frontière de 817 kilomètres.", "other"),
        ("Le front a reculé de 8 kilomètres.", "military"),
    ],
)
def test_topic(text: str, topic: str) -> None:
    assert read(text)["topic"].to_list() == [topic]


def test_a_subject_stays_within_its_article() -> None:
    assert read("Il a voté une aide", "militaire de 3 millions d'euros.")["subject"].to_list() == ["militaire"]
    assert read("Il a voté une aide militaire", "de 3 millions d'euros.")["subject"].to_list() == [None]


def test_the_currency_written_out_first_settles_the_others() -> None:
    text = "Le port a coûté 5 francs suisses, le pont 6 francs CFA. Le phare coûtera 9 francs."
    assert read(text)["unit"].to_list() == ["CHF", "XOF", "CHF"]


def test_an_unsettled_currency_is_trusted_less() -> None:
    settled, unsettled = read("En Norvège, il a payé 50 couronnes.", "Il a payé 50 couronnes.").to_dicts()
    assert (settled["unit"], unsettled["unit"]) == ("NOK", "SEK")
    assert settled["confidence"] > unsettled["confidence"]


def test_hundreds_of_digits_are_no_quantity() -> None:
    found = read(f"Le code est {'9' * 400} euros. Il reste 12 chars.")
    assert found["text"].to_list() == ["12 chars"]
