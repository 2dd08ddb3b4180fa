"""Disagreements: pairs of published rows of which one at least must be wrong, or has been overtaken.

- `figure_value`: two articles give different values for the same giver, receiver, thing, unit and stage.
- `quotation_speaker`: two articles put the same words into the mouths of different people or organisations.
- `person_two_delegations`: one article has a person in two delegations.

Copies of one story (`article_duplicates`) count once and never disagree with one another. Of a group of rows that tell
of the same thing, each value is held against the four values met before it, and twenty pairs are kept at most: the
number of pairs, and the time, grow with the number of rows. The rules and their limits: docs/disagreements.md.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from transforms.names import fold_letters, fold_name
from transforms.schemas import DISAGREEMENTS

NEAR = 4  # values met before that a value is held against
MOST = 20  # pairs of a group: a reader has understood by then
DAYS = 2  # between two articles on one figure; later ones update what was known
QUOTED_WORDS = 6  # fewer are said by many people
COMMON = 0.8  # share of the shorter quotation's words that stand in the longer one
HALF = 0.499  # of two values that touch, one was not rounded from the other
ABOUT = 0.1  # how far « environ » reaches
ROUNDED = 0.05  # how far an exact value may have been rounded, at most
_ORDER = ["published_on", "article_id", "start", "row_id", "value"]
_SMALL_WORDS = r" (?:l|le|la|les|un|une|des|du|de|d|en|a|au|aux) "
_PARTED = "\x1f"


def disagreements(tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """Find the rows of a release that disagree.

    In: the rows to publish of `articles`, `article_duplicates`, `statements`, `figures` and `delegation_members`, over
    all shards. Out: rows of DISAGREEMENTS, sorted by id; `article_id` is the article published earlier (undated ones
    last), in one article the earlier place.
    """
    stories = (
        tables["articles"]
        .select("article_id", "published_on")
        .join(tables["article_duplicates"].select("article_id", "duplicate_of"), on="article_id", how="left")
        .select("article_id", "published_on", story=pl.coalesce("duplicate_of", "article_id"))
    )
    figures = _claims(_figures(tables["figures"]), stories).filter(pl.col("published_on").is_not_null())
    quotations = _claims(_quotations(tables["statements"]), stories)
    members = _claims(_members(tables["delegation_members"]), stories).filter(pl.col("story") == pl.col("article_id"))
    found = [
        _pairs(figures, "figure_value", _apart("story") & _values_apart() & _days_apart()),
        _pairs(quotations, "quotation_speaker", _apart("story") & _speakers_apart() & _words_in_common()),
        _pairs(members, "person_two_delegations", _apart("value")),
    ]
    return pl.concat(found).sort("disagreement_id")


def _claims(rows: pl.LazyFrame, stories: pl.LazyFrame) -> pl.LazyFrame:
    """Add the day and story of the article, and keep rows of groups in which there is more than one value."""
    crowded = rows.group_by("group").agg(pl.col("value").n_unique()).filter(pl.col("value") > 1)
    return rows.join(crowded.select("group"), on="group", how="semi").join(stories, on="article_id")


def _figures(figures: pl.LazyFrame) -> pl.LazyFrame:
    """Figures that say who gives what to whom, with the least and the most that they may mean."""
    thing = pl.coalesce("subject", "counted")
    key = [pl.col("giver", "receiver"), folded_thing(thing), pl.col("unit", "kind", "per", "aid_stage").cast(pl.String)]
    low, high = bounds()
    return figures.filter(pl.all_horizontal(pl.col("giver", "receiver").is_not_null(), thing.is_not_null())).select(
        "article_id", "text", "sentence",
        row_id="figure_id", start="text_start", end="text_end",
        group=pl.concat_str([part.fill_null("") for part in key], separator=_PARTED),
        value=pl.format("{} {} {}", pl.col("qualifier").cast(pl.String), "value", "unit"),
        about=pl.format("{} → {}: {}", "giver", "receiver", thing),
        low=low, high=high,
    )  # fmt: skip


def folded_thing(thing: pl.Expr) -> pl.Expr:
    """What a figure counts or measures, without case, accents, articles and plural: « Les chars » → « char »."""
    words = pl.concat_str(pl.lit(" "), fold_letters(thing.str.replace_all(r"['’ʼ]", " ")), pl.lit(" "))
    spaced = words.str.replace_all(" ", "  ", literal=True)
    bare = spaced.str.replace_all(_SMALL_WORDS, " ").str.replace_all("[sx] ", " ")
    return bare.str.replace_all(" +", " ").str.strip_chars()


def bounds() -> tuple[pl.Expr, pl.Expr]:
    """The least and the most that a figure may mean, by its qualifier.

    An exact value may have been rounded by half a unit of its last digit that is not zero, though by 5 % at most.
    """
    value, size = pl.col("value"), pl.col("value").abs()
    # The unit of the last digit, of up to twelve, that is not zero.
    step = pl.min_horizontal(
        pl.when(((size / 10.0**n).round() * 10.0**n - size).abs() > 1e-9 * size).then(10.0 ** (n - 1)).otherwise(None)
        for n in range(-3, 16)
    ).fill_null(10.0**15)
    rounded = pl.min_horizontal(step * HALF, size * ROUNDED)
    qualifier = pl.col("qualifier").cast(pl.String)
    reach = pl.when(qualifier == "about").then(size * ABOUT).otherwise(rounded)
    low = (
        pl.when(qualifier.is_in(["at_most", "under"]))
        .then(float("-inf"))
        .when(qualifier == "between")
        .then(pl.col("value_low"))
        .otherwise(value - reach)
    )
    high = (
        pl.when(qualifier.is_in(["at_least", "over"]))
        .then(float("inf"))
        .when(qualifier == "between")
        .then(pl.col("value_high"))
        .otherwise(value + reach)
    )
    return low, high


def _quotations(statements: pl.LazyFrame) -> pl.LazyFrame:
    """Six quoted words or more, of people and organisations that are known: by the first six and by the last six."""
    said = statements.filter(
        pl.col("speaker_name").is_not_null(), pl.col("speaker_kind").cast(pl.String).is_in(["person", "organisation"]),
        pl.col("mode").cast(pl.String) != "indirect",
    ).with_columns(words=fold_letters(_quoted()).str.split(" "))  # fmt: skip
    long = said.filter(pl.col("words").list.len() >= QUOTED_WORDS)
    ends = {"first": pl.col("words").list.head(QUOTED_WORDS), "last": pl.col("words").list.tail(QUOTED_WORDS)}
    return pl.concat(
        [
            long.select(
                "article_id", "text", "sentence", "words", "speaker_id",
                row_id="statement_id", start="text_start", end="text_end",
                group=pl.concat_str(pl.lit(f"{name} "), pl.col("speaker_kind").cast(pl.String), words.list.join(" "),
                                    separator=_PARTED),
                value="speaker_name",
                about=pl.col("words").list.head(2 * QUOTED_WORDS).list.join(" "),
                is_person=pl.col("speaker_kind").cast(pl.String) == "person",
                names=fold_name(pl.col("speaker_name")).str.split(" "),
            )
            for name, words in ends.items()
        ]
    )  # fmt: skip


def _quoted() -> pl.Expr:
    """The quoted words of a statement; all of a direct one without marks. What interrupts them is left out."""
    begins, text = pl.col("text_start"), pl.col("text")
    # Three parts: a quotation that is interrupted more often is compared by these.
    parts = []
    for place in range(3):
        span = pl.col("quoted_spans").list.get(place, null_on_oob=True)
        start, end = span.struct.field("quote_start"), span.struct.field("quote_end")
        parts.append(text.str.slice(start - begins, end - start))
    whole = pl.when(pl.col("quoted_spans").list.len() == 0).then(text)
    return pl.coalesce(whole, pl.concat_str(parts, separator=" ", ignore_nulls=True))


def _members(members: pl.LazyFrame) -> pl.LazyFrame:
    """Members, by article and person."""
    return members.select(
        "article_id", "sentence",
        text="person_name", row_id="member_id", start="name_start", end="name_end",
        group=pl.concat_str("article_id", "person_id", separator=_PARTED),
        value="delegation", about="canonical_name",
    )  # fmt: skip


def _pairs(claims: pl.LazyFrame, kind: str, differ: pl.Expr) -> pl.DataFrame:
    """The claims of a group that differ, each with the four before it; of equal claims the first and the last."""
    rows = claims.collect(engine="streaming").sort("group", *_ORDER, nulls_last=True)
    rows = rows.unique(["group", "story", "value"], keep="first", maintain_order=True)
    outer = (pl.int_range(pl.len()) == 0) | (pl.int_range(pl.len()) == pl.len() - 1)
    rows = (
        rows.filter(outer.over("group", "value")).with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    )
    steps = [
        rows.join(rows.with_columns(pl.col("place") + step), on=["group", "place"], suffix="_before").filter(differ)
        for step in range(1, NEAR + 1)
    ]
    found = pl.concat(steps).sort("group", "place", "row_id_before", "value_before")
    return (
        found.group_by("group", maintain_order=True)
        .head(MOST)
        .with_columns(
            disagreement_id=pl.concat_str("row_id_before", "row_id", separator="~"),
            kind=pl.lit(kind, DISAGREEMENTS.polars_schema["kind"]),
        )
        .unique("disagreement_id", keep="first", maintain_order=True)
        .select(
            "disagreement_id", "kind", about="about_before",
            article_id="article_id_before", other_article_id="article_id",
            row_id="row_id_before", other_row_id="row_id", value="value_before", other_value="value",
            text="text_before", text_start="start_before", text_end="end_before",
            other_text="text", other_text_start="start", other_text_end="end",
            sentence="sentence_before", other_sentence="sentence",
        )
        .match_to_schema(DISAGREEMENTS.polars_schema)
    )  # fmt: skip


def _apart(column: str) -> pl.Expr:
    return pl.col(column) != pl.col(f"{column}_before")


def _values_apart() -> pl.Expr:
    """No value is meant by both figures."""
    return (pl.col("low") > pl.col("high_before")) | (pl.col("low_before") > pl.col("high"))


def _days_apart() -> pl.Expr:
    """The articles appeared within two days."""
    return (pl.col("published_on") - pl.col("published_on_before")).dt.total_days() <= DAYS


def _speakers_apart() -> pl.Expr:
    """The speakers are two: neither person's surname is among the other's names; the organisations have two ids."""
    surname, other = pl.col("names").list.last(), pl.col("names_before").list.last()
    others = ~pl.col("names_before").list.contains(surname) & ~pl.col("names").list.contains(other)
    ids = pl.col("speaker_id") != pl.col("speaker_id_before")
    return pl.when(pl.col("is_person")).then(others & ids.fill_null(value=True)).otherwise(ids.fill_null(value=False))


def _words_in_common() -> pl.Expr:
    """Most of the shorter quotation's words stand in the longer one."""
    words, before = pl.col("words").list.unique(), pl.col("words_before").list.unique()
    return words.list.set_intersection(before).list.len() >= COMMON * pl.min_horizontal(
        words.list.len(), before.list.len()
    )
