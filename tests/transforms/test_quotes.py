"""Quotation marks: pairs, nesting, marks that are missing, and cost."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.quotes import quotes
from transforms.text import tokenize, with_sentences


def spans(text: str) -> pl.DataFrame:
    """The quotations of one text."""
    return quotes(with_sentences(tokenize(pl.DataFrame({"text": [text]}))))


def quoted(text: str) -> list[str]:
    """What stands between the marks of the outermost quotations."""
    return [text[row["quote_start"] : row["quote_end"]] for row in spans(text).to_dicts()]


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("Il dit « oui ».", ["oui"]),
        ("Il dit «oui».", ["oui"]),
        ("Il dit «\u00a0oui\u00a0» puis «\u202fnon\u202f».", ["oui", "non"]),
        ("Il dit “oui” puis „non”.", ["oui", "non"]),
        ('Il dit "oui" et l\'"été".', ["oui", "été"]),
        ("Il dit ‘un mot’.", ["un mot"]),
        ("« Il a dit « non » hier »", ["Il a dit « non » hier"]),
        ('« Il a dit “non” hier » et "rien"', ["Il a dit “non” hier", "rien"]),
        ("« Un. Deux ! Trois ? »", ["Un. Deux ! Trois ?"]),
        ("« Un.\n\nDeux. »", ["Un.\n\nDeux."]),
        ("« Un.\n« Deux.\n« Trois. »", ["Un.\n« Deux.\n« Trois."]),
        ("« Un.\n» Deux. »", ["Un.\n» Deux."]),
        ("« »", []),
        ("Rien.", []),
        ("", []),
    ],
)
def test_pairs(text: str, inside: list[str]) -> None:
    assert quoted(text) == inside


def test_a_mark_left_open_ends_with_its_sentence_and_spoils_no_other() -> None:
    text = "« Un départ. Puis il dit « oui » et part."
    rows = spans(text).to_dicts()
    assert [text[r["quote_start"] : r["quote_end"]] for r in rows] == ["Un départ.", "oui"]
    assert [r["is_closed"] for r in rows] == [False, True]


def test_a_mark_never_opened_starts_with_its_line() -> None:
    text = "Chapeau.\nUn départ », dit-il. Puis « oui »."
    rows = spans(text).to_dicts()
    assert [text[r["quote_start"] : r["quote_end"]] for r in rows] == ["Un départ", "oui"]
    assert [r["is_opened"] for r in rows] == [False, True]


def test_an_inch_mark_is_no_quotation_of_what_follows() -> None:
    assert quoted('Un écran de 5" et un de 6" coûtent « cher ».')[-1] == "cher"


def test_articles_do_not_share_marks() -> None:
    articles = pl.DataFrame({"text": ["« ouvert", "fermé »"]})
    rows = quotes(with_sentences(tokenize(articles)))
    assert rows["article"].to_list() == [0, 1]
    assert rows.select("is_opened", "is_closed").rows() == [(True, False), (False, True)]


@pytest.mark.parametrize("mark", ["«", "“", '"', "‘", "»", "«»"])
def test_ten_thousand_marks_are_no_more_than_as_many_words(mark: str) -> None:
    rows = spans(f"{mark} mot " * 10_000)
    assert rows.height <= 10_000
    assert (rows["first"].shift(-1) > rows["last"]).all()


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='a «»“”"‘’.\n', max_size=50))
def test_quotations_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    rows = spans(text)
    assert (rows["quote_start"] < rows["quote_end"]).all()
    assert (rows["quote_end"] <= len(text)).all()
    assert (rows["first"].shift(-1) > rows["last"]).all()
