"""Pairs of articles that must disagree, and pairs that must not."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from transforms.disagreements import MOST, disagreements
from transforms.schemas import TABLES

DAY = dt.date(2026, 3, 2)
QUOTE = "Nous ne céderons pas un pouce de notre territoire"


def article(number: int, day: dt.date | None = DAY) -> dict[str, Any]:
    """An article, whose text the rules do not look at."""
    return {
        "article_id": f"{number:016x}", "source_uri": f"{number}.txt", "source_format": "text", "authors": [],
        "language": "fr", "published_on": day, "text": "", "char_count": 0, "word_count": 0,
    }  # fmt: skip


def figure(number: int, value: float, start: int = 0, **more: Any) -> dict[str, Any]:
    """An aid figure of an article."""
    return {
        "figure_id": f"{number:016x}-f{start}", "article_id": f"{number:016x}", "text": str(value), "text_start": start,
        "text_end": start + 9, "kind": "money", "value": value, "qualifier": "exact", "unit": "EUR",
        "subject": "l'aide militaire", "topic": "aid", "giver": "FR", "receiver": "UA", "sentence": "S.", "rule": "r",
        "confidence": 0.9, "aid_stage": "promised", **more,
    }  # fmt: skip


def quote(number: int, text: str, speaker: str, start: int = 0, **more: Any) -> dict[str, Any]:
    """A direct statement of an article."""
    return {
        "statement_id": f"{number:016x}-s{start}", "article_id": f"{number:016x}", "mode": "direct", "text": text,
        "text_start": start, "text_end": start + len(text),
        "quoted_spans": [{"quote_start": start, "quote_end": start + len(text)}], "speaker": speaker,
        "speaker_kind": "person", "speaker_reference": "name", "speaker_id": f"person:{speaker}",
        "speaker_name": speaker, "sentence": "S.", "rule": "r", "confidence": 0.9, **more,
    }  # fmt: skip


def member(number: int, delegation: str, start: int, name: str = "Anne Dorval") -> dict[str, Any]:
    """A member of a delegation in an article."""
    return {
        "member_id": f"{number:016x}-m{start}", "article_id": f"{number:016x}", "delegation": delegation,
        "delegation_kind": "country", "person_name": name, "person_id": f"person:{name}", "canonical_name": name,
        "is_head": False, "name_start": start, "name_end": start + 11, "mention_count": 1, "sentence": "S.",
        "rule": "r", "confidence": 0.9,
    }  # fmt: skip


def found(*rows: dict[str, Any], days: dict[int, dt.date | None] | None = None, copies: tuple[int, ...] = ()) -> Any:
    """What the rows disagree about; `copies` are articles that repeat article 1."""
    numbers = sorted({int(row["article_id"], 16) for row in rows})
    given: dict[str, list[dict[str, Any]]] = {
        "articles": [article(n, (days or {}).get(n, DAY)) for n in numbers],
        "article_duplicates": [
            {"article_id": f"{n:016x}", "duplicate_of": f"{1:016x}", "similarity": 0.9} for n in copies
        ],
        "figures": [row for row in rows if "figure_id" in row],
        "statements": [row for row in rows if "statement_id" in row],
        "delegation_members": [row for row in rows if "member_id" in row],
    }
    return disagreements({name: pl.LazyFrame(told, schema=TABLES[name].polars_schema) for name, told in given.items()})


def values(frame: pl.DataFrame) -> list[tuple[str, str, str]]:
    """Kind and values of each pair."""
    return list(frame.select(pl.col("kind").cast(pl.String), "value", "other_value").iter_rows())


def test_two_values_of_one_figure_disagree() -> None:
    row = found(figure(1, 3e9, 40), figure(2, 2e9, 70, subject="Aide militaire", text="2 milliards d'euros")).row(
        0, named=True
    )
    assert row == {
        "disagreement_id": f"{1:016x}-f40~{2:016x}-f70", "kind": "figure_value", "about": "FR → UA: l'aide militaire",
        "article_id": f"{1:016x}", "other_article_id": f"{2:016x}", "row_id": f"{1:016x}-f40",
        "other_row_id": f"{2:016x}-f70", "value": "exact 3000000000.0 EUR", "other_value": "exact 2000000000.0 EUR",
        "text": "3000000000.0", "text_start": 40, "text_end": 49, "other_text": "2 milliards d'euros",
        "other_text_start": 70, "other_text_end": 79, "sentence": "S.", "other_sentence": "S.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "disagree"),
    [
        ({"value": 1.5e9}, {"value": 1.48e9}, False),  # rounded
        ({"value": 1.5e9}, {"value": 1.6e9}, True),
        ({"value": 300.0}, {"value": 310.0}, False),
        ({"value": 300.0}, {"value": 340.0}, True),
        ({"value": 31.0}, {"value": 32.0}, True),  # both exact to the one
        ({"value": 60e9, "qualifier": "over"}, {"value": 61e9}, False),
        ({"value": 60e9, "qualifier": "over"}, {"value": 50e9}, True),
        ({"value": 60e9, "qualifier": "at_most"}, {"value": 50e9}, False),
        ({"value": 60e9, "qualifier": "under"}, {"value": 70e9}, True),
        ({"value": 100.0, "qualifier": "about"}, {"value": 108.0}, False),
        ({"value": 100.0, "qualifier": "about"}, {"value": 120.0}, True),
        ({"value": 5.0, "qualifier": "between", "value_low": 3.0, "value_high": 7.0}, {"value": 6.0}, False),
        ({"value": 5.0, "qualifier": "between", "value_low": 3.0, "value_high": 7.0}, {"value": 8.0}, True),
        ({"value": 3e9}, {"value": 2e9, "receiver": "MD"}, False),
        ({"value": 3e9}, {"value": 2e9, "unit": "USD"}, False),
        ({"value": 3e9}, {"value": 2e9, "aid_stage": "delivered"}, False),
        ({"value": 3e9}, {"value": 2e9, "subject": "aide humanitaire"}, False),
        ({"value": 3e9}, {"value": 2e9, "per": "a"}, False),
        ({"value": 3e9, "giver": None}, {"value": 2e9, "giver": None}, False),  # nobody knows whose
        ({"value": 3e9, "subject": None}, {"value": 2e9, "subject": None}, False),  # nor of what
        (
            {"value": 30.0, "kind": "count", "unit": "1", "subject": None, "counted": "chars"},
            {"value": 40.0, "kind": "count", "unit": "1", "subject": None, "counted": "char"},
            True,
        ),
    ],
)
def test_figures_disagree_where_no_value_is_meant_by_both(one: Any, other: Any, disagree: bool) -> None:
    assert bool(found(figure(1, **one), figure(2, **other)).height) is disagree
    assert bool(found(figure(2, **one), figure(1, **other)).height) is disagree


@pytest.mark.parametrize(("later", "disagree"), [(2, True), (3, False), (None, False)])
def test_a_figure_that_was_updated_does_not_disagree(later: int | None, disagree: bool) -> None:
    day = DAY + dt.timedelta(days=later) if later is not None else None
    assert bool(found(figure(1, 3e9), figure(2, 2e9), days={2: day}).height) is disagree


def test_the_article_published_first_stands_first() -> None:
    row = found(figure(1, 3e9), figure(2, 2e9), days={2: DAY - dt.timedelta(days=1)}).row(0, named=True)
    assert (row["article_id"], row["other_article_id"]) == (f"{2:016x}", f"{1:016x}")


def test_copies_of_a_story_do_not_disagree_with_one_another() -> None:
    assert found(figure(1, 3e9), figure(2, 2e9), copies=(2,)).height == 0
    assert found(quote(1, QUOTE, "Luc Roy"), quote(2, QUOTE, "Max Blin"), copies=(2,)).height == 0
    assert found(figure(1, 3e9), figure(1, 2e9, 50)).height == 0


def test_a_story_disagrees_once_however_often_it_is_copied() -> None:
    rows = [figure(1, 3e9), figure(2, 3e9), figure(3, 3e9), figure(4, 2e9)]
    assert len(values(found(*rows, copies=(2, 3)))) == 1


def test_one_quotation_of_two_people_disagrees() -> None:
    pair = found(quote(1, QUOTE, "Luc Roy"), quote(2, QUOTE.upper() + " !", "Max Blin"))
    assert values(pair) == [("quotation_speaker", "Luc Roy", "Max Blin")]


@pytest.mark.parametrize(
    ("one", "other", "disagree"),
    [
        ((QUOTE, "Luc Roy"), (QUOTE, "Roy"), False),
        ((QUOTE, "Luc Roy"), (QUOTE, "Jean-Luc Roy"), False),
        ((QUOTE, "Anne Roy"), (QUOTE, "Anne Blin"), True),
        ((QUOTE, "Luc Roy"), (QUOTE + ", jamais de la vie", "Max Blin"), True),  # cut by one of them
        ((QUOTE, "Luc Roy"), ("Oui, " + QUOTE, "Max Blin"), True),  # by the last six words
        ((QUOTE, "Luc Roy"), ("Nous ne céderons pas un pouce, mais parlons", "Max Blin"), False),
        (("Nous ne céderons pas un", "Luc Roy"), ("Nous ne céderons pas un", "Max Blin"), False),  # five words
    ],
)
def test_quotations(one: tuple[str, str], other: tuple[str, str], disagree: bool) -> None:
    assert bool(found(quote(1, *one), quote(2, *other)).height) is disagree


def test_what_interrupts_a_quotation_is_left_out() -> None:
    cut = "Nous ne céderons pas », a dit Max Blin, « un pouce de notre territoire"
    first, second = cut.index(" »"), cut.index("« ") + 2
    spans = [{"quote_start": 5, "quote_end": 5 + first}, {"quote_start": 5 + second, "quote_end": 5 + len(cut)}]
    pair = found(quote(1, QUOTE, "Luc Roy"), quote(2, cut, "Max Blin", 5, quoted_spans=spans))
    assert values(pair) == [("quotation_speaker", "Luc Roy", "Max Blin")]


def test_a_spokesman_does_not_disagree_with_his_house() -> None:
    house = {"speaker_kind": "organisation", "speaker_id": "organisation:x"}
    assert found(quote(1, QUOTE, "Luc Roy"), quote(2, QUOTE, "Kremlin", **house)).height == 0
    assert found(quote(1, QUOTE, "Kremlin", **house), quote(2, QUOTE, "le Kremlin", **house)).height == 0
    assert found(quote(1, QUOTE, "Kremlin", **house), quote(2, QUOTE, "Otan", speaker_kind="organisation")).height == 1


def test_what_is_reported_without_quoting_is_not_compared() -> None:
    plain = {"mode": "indirect", "quoted_spans": []}
    assert found(quote(1, QUOTE, "Luc Roy", **plain), quote(2, QUOTE, "Max Blin", **plain)).height == 0


def test_a_person_in_two_delegations_disagrees() -> None:
    rows = [member(1, "FR", 10), member(1, "UA", 90), member(1, "FR", 50, "Luc Roy"), member(2, "UA", 10)]
    pair = found(*rows)
    assert values(pair) == [("person_two_delegations", "FR", "UA")]
    assert pair["row_id"].to_list() == [f"{1:016x}-m10"]
    assert values(found(member(2, "FR", 10), member(2, "UA", 10), member(1, "FR", 1), copies=(2,))) == []


def test_pairs_grow_with_rows_and_not_with_their_square() -> None:
    rows = [figure(n, 1000.0 * 2**n) for n in range(1, 41)]
    assert found(*rows).height == MOST
    assert found(*rows).equals(found(*reversed(rows)))
    many = [figure(n, float(7 * (1 + n % 2))) for n in range(1, 41)]
    assert found(*many).height <= 4


def test_nothing_disagrees_in_an_empty_release() -> None:
    assert found().equals(TABLES["disagreements"].empty())
