"""Where in its articles a delegation may be told of: the sentences worth reading for its members."""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.delegation_grammar import PHRASES
from transforms.delegation_units import flags_at, vocabulary
from transforms.lexicon import load
from transforms.people import People
from transforms.text import neighbours, with_form_features


@cache
def _anchors(kind: str) -> list[str]:
    """The words without which no frame stands: the longest telling word of each phrase of the anchoring classes."""
    words = load("delegations")["words"]
    letters = [PHRASES[name] for name in words[kind]]
    phrases = vocabulary().filter(pl.col("letter").is_in(letters))["phrase"]
    telling = [[w for w in phrase.split(" ") if len(w) > 3 and w not in words["common"]] for phrase in phrases]
    return sorted({max(found, key=len) for found in telling if found} - set(words["teams"]))


def windows(tokens: pl.DataFrame, who: People) -> tuple[pl.Series, pl.Series]:
    """Which tokens stand near enough to an anchor and a name for a frame: up to two sentences before or behind.

    Anchors that other texts use too (« conduit », « participent ») count only in articles that speak of talks. A list
    (lines that open with a bullet, a number, « et », « Pour ») goes with the line before it, and the opening of an
    article, which says whom it is about, with its first anchor. Out: one flag per token, and the articles that speak of
    talks.
    """
    words = load("delegations")["words"]
    pairs = words["anchoring_pairs"]
    form, lower = pl.col("form"), pl.col("lower")
    told = with_form_features(
        tokens.select("form_id", "form", "lower"),
        is_anchor=lower.is_in(_anchors("anchoring")),
        is_weak=lower.is_in(_anchors("anchoring_in_talks")),
        is_talk=lower.is_in(words["talks"]),
        is_second=lower.is_in([second for _, second in pairs]),
        is_for=lower == "pour",
        is_line=form == "\n",
        is_stop=form.is_in([".", "!", "?", "…", "»", "”", '"', "\n"]),
        is_item=form.is_in([*words["bullets"], "et", "Pour", "Côté"]) | form.str.contains(r"^\d+$"),
    )
    sentence = tokens["sentence"]
    pair = neighbours(tokens, told["is_second"].arg_true(), "lower", reach=1).select(
        (pl.col("lower-1") + " " + lower).is_in([" ".join(p) for p in pairs]).fill_null(value=False)
    )
    # « Pour la Syrie, » at the opening of a clause.
    capital = pl.col("is_capital")
    opening = neighbours(tokens, told["is_for"].arg_true(), "form", "is_capital", reach=2).select(
        ((capital | pl.col("form-1").is_in([";", ":", ",", "et"])) & (pl.col("is_capital+1") | pl.col("is_capital+2")))
        .fill_null(value=False)
    )  # fmt: skip
    # Two persons in one sentence may be a list of members.
    of_person = sentence.gather(who.mentions["first"])
    weak = [
        who.mentions["first"].filter(of_person.is_duplicated()),
        told["is_weak"].arg_true(),
        told["is_second"].arg_true().filter(pair.to_series()),
        told["is_for"].arg_true().filter(opening.to_series()),
    ]
    talks = tokens["article"].filter(told["is_talk"]).unique()
    begins = (sentence != sentence.shift(1)).fill_null(value=True).arg_true()
    # A line that no stop ends is one of a list too.
    closes = pl.concat([told["is_line"].arg_true().cast(pl.Int64) - 1, _ends(tokens)]).unique().sort()
    closes = closes.filter(closes >= 0)
    unended = closes.filter(~told["is_stop"].gather(closes))
    listed = pl.col("paragraph").is_in(tokens["paragraph"].gather(unended).implode())
    sentences = tokens.select("article", "paragraph", "sentence")[begins].with_columns(
        told["is_item"].gather(begins), is_blank=tokens["form"].gather(begins) == "\n"
    )
    held, doubtful, named = (
        flags_at(sentence.gather(places), sentence)
        for places in (told["is_anchor"].arg_true(), pl.concat(weak), who.spans["first"])
    )
    article = pl.col("article")
    spoken = (
        sentences.filter(~pl.col("is_blank"))
        .with_columns(
            is_item=pl.when((pl.col("paragraph") != pl.col("paragraph").shift(1)).fill_null(value=True))
            .then("is_item")
            .forward_fill()
            | listed,
            held=pl.lit(held).gather(pl.col("sentence"))
            | (pl.lit(doubtful).gather(pl.col("sentence")) & article.is_in(talks.implode())),
            named=pl.lit(named).gather(pl.col("sentence")),
        )
        .with_columns(held=pl.col("held") & _around("named", -1, 3))
        # The lines of a list make one with the line before them.
        .with_columns(near=_around("held", -2, 2), block=(~pl.col("is_item")).cum_sum())
    )
    told_in, listed_in = spoken.filter("held")["article"].unique(), spoken.filter("near")["block"].unique()
    spoken = spoken.select(
        "sentence",
        near=pl.col("near")
        | (pl.col("is_item") & pl.col("block").is_in(listed_in.implode()))
        | ((article != article.shift(3)).fill_null(value=True) & article.is_in(told_in.implode())),
    )
    near = pl.repeat(None, len(held), dtype=pl.Boolean, eager=True).scatter(spoken["sentence"], spoken["near"])
    # Blank lines go with the sentence before them.
    return near.fill_null(strategy="forward").fill_null(value=False).gather(sentence), talks


def _ends(tokens: pl.DataFrame) -> pl.Series:
    """The last token of each article."""
    article = tokens["article"]
    return (article != article.shift(-1)).fill_null(value=True).arg_true().cast(pl.Int64)


def _around(flag: str, first: int, last: int) -> pl.Expr:
    """Whether a flag is set in a row of the same article from `first` to `last` rows away."""
    article = pl.col("article")
    flags = [pl.col(flag).shift(-k) & (article == article.shift(-k)) for k in range(first, last + 1)]
    return pl.any_horizontal(f.fill_null(value=False) for f in flags)
