"""Figures: every quantity of a text, its value, unit, range, topic, and who gives what to whom.

`quantities` finds them; here a bare number gets its noun or unit from the figure before (« 2,6 milliards contre 2,4 »), an
ambiguous currency its country, and every row its topic, its giver and receiver. docs/figures.md lists the conventions.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.lexicon import load
from transforms.numerals import numerals
from transforms.parties import parties
from transforms.quantities import LETTERS, quantities
from transforms.schemas import FIGURES
from transforms.text import slices, with_sentence_text

ELLIPSIS_REACH = 2  # sentences back in which a bare number finds its noun
PRONOUN_REACH = 6  # atoms between « en » and the number it stands with
CALIBRE_REACH = 6  # atoms between a weapon and its calibre
PER_REACH = 6  # atoms between a figure and « par jour »
COUNTRY_REACH = 25  # tokens back in which a country decides on a currency
# Currencies that follow the country in sight only where the article writes them out elsewhere: news mean US dollars.
DOLLARS = ["dollar", "$"]


def _letters(*names: str) -> list[str]:
    """The letters of classes of atoms."""
    return [LETTERS[name] for name in names]


def _since(atoms: pl.DataFrame, test: pl.Expr) -> pl.Series:
    """For every atom, how many atoms back the test last held in its sentence; null where it did not."""
    place = pl.int_range(pl.len())
    return atoms.select(place - pl.when(test).then(place).forward_fill().over("sentence")).to_series()


def _until(atoms: pl.DataFrame, test: pl.Expr) -> pl.Series:
    """For every atom, how many atoms on the test next holds in its sentence; null where it does not."""
    place = pl.int_range(pl.len())
    return atoms.select(pl.when(test).then(place).backward_fill().over("sentence") - place).to_series()


def _at(series: pl.Series, place: pl.Series, shift: int = 0) -> pl.Series:
    """The values of atoms at places of rows; null beyond the edges and where the place is null."""
    return series.gather(place.cast(pl.Int64) + shift, null_on_oob=True)


def _measuring(rows: pl.DataFrame, atoms: pl.DataFrame) -> pl.DataFrame:
    """Drop « un/une » with a unit where it is an article: kept where words of measure stand around it."""
    before, after = _at(atoms["lower"], rows["first"], -1), _at(atoms["lower"], rows["last"], 1)
    before2 = _at(atoms["lower"], rows["first"], -2)
    letter = _at(atoms["letter"], rows["end"])
    words = load("figures")["measure"]
    is_time = letter.is_in(_letters("years", "time", "hours", "minutes", "seconds"))
    is_day = _at(atoms["lower"], rows["end"]).str.contains("^(?:jour|nuit|ann)")
    measured = (
        before.is_in(words["before"])
        | (before.is_in(["d'"]) & ~is_day)
        | ((before == "a") & (before2 == "y"))
        | ((before == "à") & after.is_in(["de", "d'", "du", "des"]))
        | after.is_in(words["after"])
    )
    is_idiom = _at(atoms["lower"], rows["end"]).is_in(words["idioms"])
    keep = (
        (rows["written"] != "one")
        | (rows["qualifier"] != "exact")
        | (rows["rule"] != "one")
        | (rows["more_value"].is_not_null())
        | pl.Series((is_time & measured) | (~is_time & ~is_idiom))
    )
    return rows.filter(keep.fill_null(value=False))


def _with_ellipsis(rows: pl.DataFrame, atoms: pl.DataFrame) -> pl.DataFrame:
    """Give bare numbers the unit or noun of the figure before; drop those that nothing explains."""
    lead = pl.coalesce("qualifier_first", "first")
    rows = rows.with_columns(
        bare=pl.col("noun").is_null() & pl.col("kind").is_null() & (pl.col("rule") == "plain"), lead=lead
    )
    known = pl.when(~pl.col("bare"))
    reach = pl.col("sentence").cast(pl.Int64) - known.then("sentence").forward_fill().over("article").cast(pl.Int64)

    def before(column: str) -> pl.Expr:
        return known.then(column).forward_fill().over("article")

    is_money, is_count = (
        (pl.col("kind") == "money").fill_null(value=False),
        pl.col("kind").is_null() & ~pl.col("bare") & pl.col("noun").is_not_null(),
    )
    told = rows.with_columns(
        reach=reach,
        before_kind=before("kind"),
        before_unit=before("unit"),
        before_scale=before("scale"),
        before_noun=before("noun"),
        before_value=before("value"),
        money_before=pl.when(is_money).then("unit").forward_fill().over("article"),
        money_after=pl.when(is_money).then("unit").backward_fill().over("sentence"),
        noun_before=pl.when(is_count).then("noun").forward_fill().over("article"),
        noun_reach=pl.col("sentence").cast(pl.Int64)
        - pl.when(is_count).then("sentence").forward_fill().over("article").cast(pl.Int64),
    )
    word_before, word_after = _at(atoms["lower"], told["lead"], -1), _at(atoms["lower"], told["last"], 1)
    letter_before = _at(atoms["letter"], told["lead"], -1)
    en = _since(
        atoms, (pl.col("lower") == "en") & pl.col("letter").shift(-1).is_in(_letters("singular", "plural", "function"))
    )
    compared = word_before.is_in(["contre", "et", "à"]) | letter_before.is_in(_letters("contre"))
    pointed = (
        word_before.is_in(load("figures")["words"]["pointing"])
        | letter_before.is_in(_letters("being"))
        | ((word_after == "d'") | word_after.is_in(["des", "de"]))
        | (_at(en, told["first"]) <= PRONOUN_REACH)
        | (told["written"] == "collective")
        | (told["written"] == "fraction")
    ).fill_null(value=False)
    against = (letter_before == LETTERS["contre"]).fill_null(value=False)
    told = told.with_columns(against=against, pointed=pointed)
    bare, big = pl.col("bare"), pl.col("scale") >= 1e6
    near = pl.col("reach") == 0
    takes = (
        bare
        & near
        & (pl.col("against") | (big & (pl.col("before_scale") >= 1e6) & pl.col("before_kind").is_not_null()))
    )
    grows = (
        bare
        & pl.col("against")
        & near
        & (pl.col("before_scale") > 1)
        & (pl.col("scale") == 1)
        & (pl.col("value") < 1000)
    )
    money = pl.coalesce("money_before", "money_after")
    is_sum = bare & big & ~takes & money.is_not_null()
    counts = bare & ~takes & ~is_sum
    return told.filter(~bare | takes | is_sum | pl.col("pointed") | (big & bare)).with_columns(
        rule=pl.when(bare).then(pl.lit("ellipsis")).otherwise("rule"),
        value=pl.when(grows).then(pl.col("value") * pl.col("before_scale")).otherwise("value"),
        kind=pl.when(takes).then("before_kind").when(is_sum).then(pl.lit("money")).otherwise("kind"),
        unit=pl.when(takes).then("before_unit").when(is_sum).then(money).otherwise("unit"),
        noun=pl.when(takes)
        .then("before_noun")
        .when(counts & (pl.col("noun_reach") <= ELLIPSIS_REACH))
        .then("noun_before")
        .otherwise("noun"),
    )


def figures(tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Quantities of articles: the `figures` table of the contract.

    In: tokens with sentences (`with_sentences`), `article` being the row of `articles`; articles with `article_id` and
    `text`. Out: one row per quantity, sorted by article and place. Numbers that count or measure nothing (dates, times
    of day, ranks, names) yield none, and neither do bare numbers that no figure before explains.
    """
    named = parties(tokens)
    rows, atoms = quantities(tokens, numerals(tokens), named)
    rows = _with_ellipsis(_measuring(rows, atoms), atoms)
    first, last = atoms["first"].gather(rows["first"]), atoms["last"].gather(rows["last"])
    rows = rows.with_columns(
        first=first,
        last=last,
        text_start=tokens["start"].gather(first),
        text_end=tokens["end"].gather(last),
        kind=pl.coalesce("kind", pl.lit("count")),
        unit=pl.coalesce("unit", pl.lit("1")),
        counted=pl.when(pl.col("kind").is_null()).then(_at(atoms["form"], rows["noun"])),
        article_id=articles["article_id"].gather(rows["article"]),
        body=articles["text"].gather(rows["article"]),
    )
    rows = with_sentence_text(rows, tokens, articles)
    rows = rows.with_columns(
        figure_id=pl.format("{}-f{}", "article_id", "text_start"),
        text=slices(pl.col("body"), pl.col("text_start"), pl.col("text_end")),
        topic=pl.lit("other"),
        confidence=pl.lit(0.9),
        qualifier_text=pl.lit(None, dtype=pl.String),
        **{c: pl.lit(None, dtype=pl.String) for c in ("per", "subject", "giver", "receiver", "aid_stage")},
    )
    return rows.select(pl.col(c).cast(t) for c, t in FIGURES.polars_schema.items()).sort("article_id", "text_start")
