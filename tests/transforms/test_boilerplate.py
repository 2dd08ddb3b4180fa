"""Boilerplate: the corpus of lines, and that it yields neither statements nor members while the text stays."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import polars as pl
import pytest

from transforms.boilerplate import without_boilerplate, without_boilerplate_lines
from transforms.extract import extract
from transforms.lexicon import load
from transforms.schemas import ARTICLES
from transforms.text import tokenize, with_sentences

LINES = tomllib.loads((Path(__file__).parents[1] / "corpus" / "boilerplate.toml").read_text("utf-8"))["line"]


def left_out(*texts: str) -> list[str]:
    """What is left out of each text, without blanks."""
    tokens = with_sentences(tokenize(pl.DataFrame({"text": texts})))
    gone = tokens.join(without_boilerplate(tokens), on=["article", "start"], how="anti", maintain_order="left")
    return ["".join("".join(gone.filter(article=number)["form"]).split()) for number in range(len(texts))]


def article(text: str) -> pl.DataFrame:
    return (
        ARTICLES.empty()
        .clear(1)
        .with_columns(article_id=pl.lit("0" * 16), language=pl.lit("fr"), text=pl.lit(text, pl.String))
    )


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """What is left out of every line, each between two lines of an article."""
    texts = [f"La réunion a duré deux jours.\n{line['text']}\nLa ministre est rentrée." for line in LINES]
    return left_out(*texts)


@pytest.mark.parametrize("number", range(len(LINES)), ids=lambda n: LINES[n]["text"][:60])
def test_corpus(number: int, lines: list[str]) -> None:
    assert lines[number] == "".join("".join(LINES[number].get("page", [])).split())


def test_the_first_and_the_last_line_are_lines_as_well() -> None:
    assert left_out("Lire aussi Tarvel et le lac") == ["LireaussiTarveletlelac"]


def test_a_neighbouring_article_changes_nothing() -> None:
    assert left_out("Le lac baisse", "Lire aussi Tarvel et le lac", "Partager") == [
        "",
        "LireaussiTarveletlelac",
        "Partager",
    ]


def test_forms_are_numbered_as_tokenize_numbers_them() -> None:
    tokens = without_boilerplate(with_sentences(tokenize(pl.DataFrame({"text": ["Partager\nLe lac baisse, le lac."]}))))
    assert tokens["form_id"].to_list() == [0, 1, 2, 3, 4, 5, 2, 6]
    assert tokens["form"].to_list() == ["\n", "Le", "lac", "baisse", ",", "le", "lac", "."]


def test_boilerplate_says_nothing_and_the_text_stays() -> None:
    body = "La ministre Anne Dorval a déclaré que le lac baissait."
    more = "Lire aussi : « Nous ne paierons pas », a déclaré Jean Valmont\nElle a promis de revenir."
    text = f"Par Paul Mercier\n{body}\n{more}"
    said = extract(article(text))["statements"]
    assert said["text"].to_list() == ["le lac baissait", "revenir"]
    assert all(text[s:e] == words for words, s, e in said.select("text", "text_start", "text_end").rows())
    assert extract(article(text))["actor_mentions"]["name"].to_list() == ["Anne Dorval"]
    assert extract(article(f"{body}\nAbonnez-vous dès 1 € par mois"))["delegation_members"].is_empty()


def test_lines_are_left_out_of_what_is_compared() -> None:
    text = pl.Series(["Partager\nLe lac baisse.\nLire aussi : Tarvel", "", "Le lac."]).to_frame("text")
    assert text.select(without_boilerplate_lines(pl.col("text")))["text"].to_list() == [
        "\nLe lac baisse.\n",
        "",
        "Le lac.",
    ]


def test_phrases_stand_once_and_in_lower_case() -> None:
    lexicon = load("boilerplate")
    for table in ("item", "opener", "signed"):
        phrases = [phrase for entry in lexicon[table] for phrase in entry["phrases"]]
        assert [p for p in phrases if p != p.lower()] == []
        assert sorted({p for p in phrases if phrases.count(p) > 1}) == []


def test_patterns_take_linear_time() -> None:
    def seconds(times: int) -> float:
        tokens = with_sentences(
            tokenize(pl.DataFrame({"text": ["Partager " * times, "Accueil > " * times, "Par A " * times]}))
        )
        began = time.perf_counter()
        without_boilerplate(tokens)
        return time.perf_counter() - began

    seconds(10)
    assert seconds(40_000) < 40 * max(seconds(4_000), 0.02)
