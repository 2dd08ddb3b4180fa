"""Sizes of delegations that the text states: « une délégation de douze personnes »."""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.delegation_grammar import PHRASES, SIZES
from transforms.delegation_groups import GROUP_RULES, groups_of, with_groups
from transforms.delegation_units import (
    first_party,
    flags_at,
    folded,
    matches,
    vocabulary,
    vocabulary_spans,
    with_letters,
    without_overlaps,
)
from transforms.lexicon import load
from transforms.numerals import VULGAR, WORDS, numerals
from transforms.text import slices, with_form_features


def stated_sizes(tokens: pl.DataFrame, articles: pl.DataFrame, spoken: pl.Series) -> pl.DataFrame:
    """Sizes of delegations that the text states.

    In: tokens with sentences, the articles they come from and which of these to read. Out: one row per statement:
    `article_id`, `party` (null where only the context tells), `start` (code points), `stated_size`, `stated_text`.
    """
    tokens = with_letters(tokens.filter(_may_tell(tokens), spoken.gather(tokens["article"])))
    numbers = numerals(tokens).filter(pl.col("written") != "one").select("first", "last", "value", letter=pl.lit("0"))
    lower = tokens["lower"]
    first = lower.is_in(load("delegations")["words"]["sized"]).arg_true()
    counted = pl.DataFrame({"first": first, "last": first}).with_columns(letter=pl.lit("h"))
    marks, named, long, short = vocabulary_spans(tokens)
    units = folded(tokens, without_overlaps([numbers, marks, named, long, counted, short]))
    found = matches(units, [*SIZES, *GROUP_RULES])
    units = with_groups(units, found, tokens, articles)
    groups = groups_of(units, found, tokens, articles).select("party", d_first="unit")
    sizes = found.filter(pl.col("rule").is_in([rule.name for rule in SIZES])).sort("opens")
    size, text = sizes["size_first"], articles["text"]
    article = units["article"].gather(sizes["opens"])
    return (
        sizes.select(
            "d_first", "size_first", article=article,
            of_side=first_party(units, sizes["side_first"], sizes["side_last"])[0],
            start=tokens["start"].gather(units["first"].gather(size)),
            end=tokens["end"].gather(units["last"].gather(sizes["size_last"])),
            stated_size=units["value"].gather(size).cast(pl.Int32),
            text=text.gather(article),
            article_id=articles["article_id"].gather(article),
        )
        .join(groups, on="d_first", how="left", maintain_order="left")
        .with_columns(party=pl.coalesce("of_side", "party"))
        .sort("size_first", pl.col("party").is_null(), maintain_order=True)
        .unique("size_first", keep="first", maintain_order=True)
        .select(
            "article_id", "party", "start", "stated_size",
            stated_text=slices(pl.col("text"), pl.col("start"), pl.col("end")),
        )
    )  # fmt: skip


def _may_tell(tokens: pl.DataFrame) -> pl.Series:
    """Which tokens may tell a size: those of sentences with a number before what fits it, and of the ones before.

    What is counted stands behind its number, or a verb of being there does and the sentence names a side. A rebel or a
    government without a name takes its whole article to tell whose it is.
    """
    words, lower = load("delegations")["words"], pl.col("lower")
    attending = vocabulary().filter(pl.col("letter").is_in([PHRASES["attends"], PHRASES["travels"]]))["phrase"]
    told = with_form_features(
        tokens.select("form_id", "form", "lower"),
        is_number=pl.col("form").str.contains(r"^\d") | lower.str.extract("^([^-]+)").is_in(_number_words()),
        is_counted=lower.is_in(words["sized"]),
        attends=lower.is_in({phrase.split(" ")[0] for phrase in attending}),
        is_vague=lower.is_in(_telling_words("state_side", "rebel_side")),
        is_side=lower.is_in(["pour", *_telling_words("side")]),
    )
    sentence = tokens["sentence"]
    sided = flags_at(sentence.filter(told["is_side"]), sentence)
    # « 12 de ces diplomates », « douze autres membres du gouvernement étaient présents ».
    counts, attends = (
        pl.any_horizontal(pl.col(name).shift(-k, fill_value=False) for k in range(1, reach + 1))
        for name, reach in (("is_counted", 3), ("attends", 6))
    )
    numbers = told.select(sentence, counts=counts, attends=attends).filter(told["is_number"])
    is_sided = pl.col("attends") & sided.gather(numbers["sentence"])
    flags = flags_at(numbers.filter(pl.col("counts") | is_sided)["sentence"], sentence)
    kept = (flags | flags.shift(-1, fill_value=False)).gather(sentence)
    vague = tokens["article"].filter(kept & told["is_vague"]).unique()
    return kept | tokens["article"].is_in(vague.implode())


@cache
def _number_words() -> list[str]:
    """Words that a number may begin with or be, but « un »."""
    return [word for kind, words in WORDS.items() if kind not in ("one", "et", "comma", "of") for word in words] + [
        *VULGAR
    ]


@cache
def _telling_words(*kinds: str) -> list[str]:
    """Words without which no phrase of these classes stands: the longest of each."""
    phrases = vocabulary().filter(pl.col("letter").is_in([PHRASES[kind] for kind in kinds]))["phrase"]
    return sorted({max(phrase.split(" "), key=len) for phrase in phrases})
