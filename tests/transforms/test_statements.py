"""Statements: the corpus of sentences, and what the table promises."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.cues import inflect, verbs
from transforms.people import people
from transforms.reported import (
    ACCORDING,
    ALPHABET,
    CONFIDENCE,
    CONTENTS,
    CUE_GROUPS,
    CUE_LETTERS,
    INSIDE_QUOTES,
    SIDE_RANK,
    STOPS,
    SUBJECTS,
    UNCUED,
    WHOLE_CONTENTS,
)
from transforms.schemas import STATEMENTS
from transforms.statements import statements
from transforms.text import tokenize, with_sentences

CORPUS = Path(__file__).parents[1] / "corpus" / "statements.toml"
SENTENCES = tomllib.loads(CORPUS.read_text("utf-8"))["sentence"]
COLUMNS = {"name": "speaker_name"}


def articles_of(*texts: str, day: str | None = None) -> pl.DataFrame:
    """Articles as the extractor takes them, numbered."""
    ids = [f"{i:016x}" for i in range(len(texts))]
    frame = pl.DataFrame({"article_id": ids, "text": list(texts)}, schema={"article_id": pl.String, "text": pl.String})
    return frame.with_columns(published_on=pl.lit(day, pl.String).str.to_date())


def read(*texts: str, day: str | None = None) -> pl.DataFrame:
    """The statements of texts."""
    articles = articles_of(*texts, day=day)
    tokens = with_sentences(tokenize(articles))
    return statements(tokens, articles, people(tokens, articles))


@pytest.fixture(scope="module")
def corpus() -> pl.DataFrame:
    """The statements of all corpus sentences at once: none may depend on its neighbours."""
    return read(*(sentence["text"] for sentence in SENTENCES))


@pytest.mark.parametrize("number", range(len(SENTENCES)), ids=lambda n: SENTENCES[n]["text"][:60])
def test_corpus(number: int, corpus: pl.DataFrame) -> None:
    expected: list[dict[str, Any]] = SENTENCES[number]["rows"]
    found = corpus.filter(article_id=f"{number:016x}").to_dicts()
    assert [row["text"] for row in found] == [row["text"] for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        assert {key: row[COLUMNS.get(key, key)] or "" for key in wanted} == wanted


def test_rows_are_those_of_the_contract(corpus: pl.DataFrame) -> None:
    assert corpus.schema == STATEMENTS.polars_schema
    assert corpus["statement_id"].is_unique().all()
    assert corpus["rule"].is_in(list(CONFIDENCE)).all()
    assert corpus.equals(corpus.sort("article_id", "text_start"))
    for row in corpus.iter_rows(named=True):
        text = SENTENCES[int(row["article_id"], 16)]["text"]
        assert row["text"] == text[row["text_start"] : row["text_end"]]
        for part in ("speaker", "cue"):
            if row[part] is not None:
                assert row[part] == text[row[f"{part}_start"] : row[f"{part}_end"]]
        for span in row["quoted_spans"]:
            assert row["text_start"] <= span["quote_start"] < span["quote_end"] <= row["text_end"]
        assert (row["mode"] == "indirect") == (not row["quoted_spans"])


def test_no_article_no_statement() -> None:
    assert read().equals(STATEMENTS.empty())
    assert read("").equals(STATEMENTS.empty())
    assert read("Rien ici.").equals(STATEMENTS.empty())


def test_the_register_knows_who_held_an_office_on_the_day() -> None:
    text = "Le président américain a déclaré que la trêve tenait."
    assert read(text, day="2024-06-01")["speaker_name"].to_list() == ["Joe Biden"]
    assert read(text, day="2025-06-01")["speaker_name"].to_list() == ["Donald Trump"]
    assert read(text)["speaker_name"].to_list() == [None]


def test_medium_and_day_come_from_the_sentence_outside_the_words_reported() -> None:
    text = "« Rien n'est dit », a écrit hier Lena Brandt sur Telegram. « Le podcast viendra lundi », a-t-elle ajouté."
    rows = read(text, day="2026-03-12")
    assert rows["medium"].to_list() == ["Telegram", None]
    assert [str(day) for day in rows["said_on"]] == ["2026-03-11", "None"]


def test_the_medium_is_spelled_as_the_article_spells_it() -> None:
    text = "« Rien n’est dit », a lancé Lena Brandt à la télévision d’État."
    assert read(text)["medium"].to_list() == ["télévision d’État"]


def test_a_colon_without_words_behind_it_reports_nothing_of_the_next_line() -> None:
    assert read("Puis la médecin déclare :.\nÀ Vernois, le musée reste fermé.").is_empty()


def test_articles_without_statements_change_nothing_of_the_others() -> None:
    told = "La ministre Lena Brandt est venue. Elle affirme que tout va bien."
    rows = read("Paul Dupont marche.", told, "Anne Morel marche.\nElle sort.", told)
    assert rows["speaker_name"].to_list() == ["Lena Brandt", "Lena Brandt"]


def test_every_form_of_a_verb_is_known() -> None:
    assert ("répète", "finite") in inflect("répéter", "er", "répèt")
    assert ("jugeait", "finite") in inflect("juger", "ger")
    with pytest.raises(ValueError, match="no verb of the pattern"):
        inflect("dire", "er")
    forms = verbs()
    assert forms.select("phrase", "pronoun").is_unique().all()
    assert {"a", "est", "que"}.isdisjoint(forms["phrase"])


def test_rules_compile_and_are_ranked() -> None:
    grammars = (CUE_GROUPS, SUBJECTS, CONTENTS, WHOLE_CONTENTS, STOPS, ACCORDING, UNCUED, INSIDE_QUOTES)
    for rule in (rule for rules in grammars for rule in rules):
        assert rule.compiled(ALPHABET)
    letters = [letter for letters in ALPHABET.values() for letter in letters]
    assert len(letters) == len(set(letters))
    assert {rule.name for rule in CUE_GROUPS} == set(CUE_LETTERS)
    assert {rule.name for rule in SUBJECTS} == {*SIDE_RANK, "right"}
    reporting = (CONTENTS, WHOLE_CONTENTS, ACCORDING, UNCUED, INSIDE_QUOTES)
    assert {rule.name for rules in reporting for rule in rules} | {"dialogue"} == set(CONFIDENCE)


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="aàé «»“”\"'’.,:;!?-–\nQR", max_size=60))
def test_any_text_yields_rows_of_the_contract(text: str) -> None:
    rows = read(text, f"Marie Duval affirme que {text}", f"« {text} », dit Marie Duval.")
    assert rows.schema == STATEMENTS.polars_schema
    assert (rows["text_start"] < rows["text_end"]).all()
