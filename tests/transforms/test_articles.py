"""Records → articles: text, ids, duplicates, days of publication, languages."""

from __future__ import annotations

import hashlib
from datetime import date

import polars as pl
import pytest

from transforms.articles import RECORDS_SCHEMA, article_ids, distinct_articles, languages, read_articles, stated_day
from transforms.schemas import ARTICLES


def records(*texts: str, **metadata: object) -> pl.DataFrame:
    """One record per text, named 0.txt, 1.txt…"""
    rows = [
        {"source_uri": f"{i}.txt", "source_format": "text", "sha256": "0" * 64, "authors": [], "text": text} | metadata
        for i, text in enumerate(texts)
    ]
    return pl.DataFrame(rows, schema=RECORDS_SCHEMA)


def article_id(text: str) -> str:
    found: str = pl.DataFrame({"text": [text]}).select(article_ids(pl.col("text"))).item()
    return found


def test_text_is_composed_and_its_line_ends_are_plain_and_nothing_is_stripped() -> None:
    found = read_articles(records("\n De\u0301pe\u0302che\r\nde Kiev\u00a0 \n"))
    assert found["text"].item() == "\n Dépêche\nde Kiev\u00a0 \n"
    assert found["char_count"].item() == len("\n Dépêche\nde Kiev\u00a0 \n")


def test_words_are_runs_with_a_letter_or_a_digit() -> None:
    assert read_articles(records("« L'accord », dit-il – 12 fois !"))["word_count"].item() == 4


def test_id_is_the_digest_of_the_text_with_white_space_collapsed() -> None:
    assert article_id("Un accord.") == hashlib.sha256(b"Un accord.").hexdigest()[:16]
    assert article_id("\u2003\n Un\u00a0\t\u202faccord.\r\n") == article_id("Un accord.")


@pytest.mark.parametrize("other", ["Unaccord.", "un accord.", "Un accord", "Un\u200baccord."])
def test_other_texts_have_other_ids(other: str) -> None:
    assert article_id(other) != article_id("Un accord.")


def test_records_of_one_text_are_one_article_of_the_smallest_uri() -> None:
    read = read_articles(records("Un accord.", "Autre chose.", "Un  accord.\n").reverse())
    articles, sources = distinct_articles(read)
    assert articles["source_uri"].sort().to_list() == ["0.txt", "1.txt"]
    assert articles.schema == ARTICLES.polars_schema
    assert articles["article_id"].is_sorted()
    assert sources["source_uri"].to_list() == ["0.txt", "1.txt", "2.txt"]
    assert sources["article_id"][0] == sources["article_id"][2] != sources["article_id"][1]


DATELINES = [
    ("MOSCOU, 16 février 2026. Le ministère a publié la liste.", date(2026, 2, 16)),
    ("Un titre\n\nBruxelles, le 14 avril 2026\n\nLe texte.", date(2026, 4, 14)),
    ("(Bruxelles, 12/10/2022) Les ministres se sont réunis.", date(2022, 10, 12)),
    ("JOURNAL DU SOIR – retranscription – jeudi 28 septembre 2023\n\nBonsoir.", date(2023, 9, 28)),
    ("TUNIS, vendredi 13 février 2026 (Le Quotidien, avec agences)-Le cinquième round", date(2026, 2, 13)),
    ("Genève accueille, ce dimanche 23 novembre 2025, des négociations.", date(2025, 11, 23)),
    ("Le sommet s'ouvre ce 1er juillet 2024 à Astana.", date(2024, 7, 1)),
    ("Publié le 3 mars 2019 à 10h20\nLe texte.", date(2019, 3, 3)),
    ("KIEV (Agence), 3 AVRIL 2024 – Le président", date(2024, 4, 3)),
    ("Le 16 fevrier 2026\nLe texte.", date(2026, 2, 16)),
    ("17.02.2026 10:20\nLe texte.", date(2026, 2, 17)),
    ("La Gazette, avec agences - 2024-03-02\nLe texte.", date(2024, 3, 2)),
]
NO_DATELINES = [
    "Le musée, inauguré le 9 mai 2020, rouvre ses portes.",
    "Le musée a été inauguré le samedi 9 mai 2020 par le maire.",
    "Un rapport publié le 3 mars 2019 par une organisation le dit.",
    "Il a été arrêté mardi 3 mars 2020 à Lyon.",
    "Les faits remontent au 12/10/2022 et restent obscurs.",
    "Les présidents doivent se rencontrer ce 15 août sur la base.",
    "Paris, 31 février 2024 – Le texte.",
    "Paris, 32/12/2024 – Le texte.",
    "Paris, mars 2024 – Le texte.",
    "Paris, 112/10/20225. Le texte.",
    "Rédigé en toute hâte, le 9 mai 2020. Puis oublié.".replace("Rédigé", "rédigé"),
    "Lorem " * 80 + "\nParis, 1er mars 2024 – trop loin dans le texte.",
]


@pytest.mark.parametrize(("text", "day"), DATELINES)
def test_day_of_publication_is_read_from_the_dateline(text: str, day: date) -> None:
    found = read_articles(records(text))
    assert found["published_on"].item() == day
    assert found["published_on_from"].item() == "text"


@pytest.mark.parametrize("text", NO_DATELINES)
def test_other_dates_are_no_day_of_publication(text: str) -> None:
    assert pl.DataFrame({"text": [text]}).select(stated_day(pl.col("text"))).item() is None


def test_metadata_come_before_the_text() -> None:
    found = read_articles(records("Paris, 1er mars 2024 – Text.", published_on=date(2024, 3, 2), language="en"))
    assert found.select("published_on", "published_on_from", "language").row(0) == (date(2024, 3, 2), "metadata", "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Les ministres se sont réunis pour une heure dans la capitale avec leurs délégations.", "fr"),
        ("Négociations suspendues.", "fr"),
        ("The ministers met for an hour in the capital with their delegations.", "en"),
        ("Die Minister trafen sich eine Stunde lang in der Hauptstadt.", "de"),
        ("Los ministros se reunieron durante una hora en la capital con sus delegaciones.", "es"),
        ("Els ministres es van reunir durant una hora a la capital amb les seves delegacions.", "ca"),
        ("Министры встретились в столице.", "ru"),
        ("12 : 34 !", "und"),
    ],
)
def test_language_is_told_from_the_text(text: str, language: str) -> None:
    assert pl.DataFrame({"text": [text]}).select(languages(pl.col("text"))).item() == language


def test_languages_keep_their_places() -> None:
    french = "Les ministres se sont réunis pour une heure dans la capitale avec leurs délégations."
    texts = pl.DataFrame({"text": [french, "The ministers met for an hour.", french, "?"]})
    assert texts.select(languages(pl.col("text"))).to_series().to_list() == ["fr", "en", "fr", "und"]


def test_no_records_are_no_articles() -> None:
    articles, sources = distinct_articles(read_articles(records()))
    assert articles.is_empty()
    assert articles.schema == ARTICLES.polars_schema
    assert sources.is_empty()
