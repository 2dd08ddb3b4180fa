"""Where a text names the parties of the contract: countries, their capitals and institutions, bodies and groups.

« la Norvège », « Oslo », « norvégien », « les Norvégiens », « le Kremlin », « l'Union européenne », « le M23 ». The
names come from `lexicon/countries.toml` and `lexicon/organisations.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from transforms.lexicon import load
from transforms.text import find_phrases, plain_apostrophes, tokenize

SHOUTED = r"^\p{Lu}{5,}$"


@cache
def party_phrases() -> pl.DataFrame:
    """The lexicon as `find_phrases` reads it: `phrase`, `spelling` (first word), `party`, `party_kind`, `form`.

    Bodies and groups that are no party elsewhere have the form `organisation` and their name as party; institutions
    without a country are left out.
    """
    rows: list[tuple[str, str, str, str]] = []
    for country in load("countries")["country"]:
        code = country["code"]
        rows += [(name, code, "country", "name") for name in (country["name"], *country["names"])]
        rows += [(name, code, "country", "capital") for name in country["capitals"]]
        rows += [(name, code, "country", "adjective") for name in country["adjectives"]]
    for organisation in load("organisations")["organisation"]:
        if organisation["kind"] in ("body", "group") and "party" in organisation:
            entry = (organisation["party"], organisation["kind"], "name")
        elif organisation["kind"] in ("body", "group"):
            rows += [
                (name, organisation["name"], organisation["kind"], "organisation") for name in organisation["names"]
            ]
            continue
        elif organisation["kind"] == "institution" and "country" in organisation:
            entry = (organisation["country"], "country", "institution")
        else:
            continue
        rows += [(name, *entry) for name in organisation["names"]]
    # A name met twice (a city-state and its capital) keeps the first reading; homonyms of two parties stay both.
    found = pl.DataFrame(rows, schema=["text", "party", "party_kind", "form"], orient="row").unique(
        ["text", "party"], keep="first", maintain_order=True
    )
    return found.with_columns(_keys(found["text"].to_list())).drop("text")


def _keys(entries: Sequence[str]) -> pl.DataFrame:
    """The spelling of `find_phrases` and the first word of each entry."""
    return (
        tokenize(pl.DataFrame({"text": list(entries)}))
        .group_by("article", maintain_order=True)
        .agg(phrase=pl.col("lower").str.join(" "), spelling=plain_apostrophes(pl.col("form")).first())
        .drop("article")
    )


def parties(tokens: pl.DataFrame, *, organisations: bool = False) -> pl.DataFrame:
    """Occurrences of parties, in text order.

    In: tokens (`tokenize`), and whether bodies and groups that are no party of their own count. Out: one row per
    occurrence: `first`, `last` (UInt32 token positions, last inclusive), `article` (position of the article), `party`
    (code of the contract), `party_kind` (country|body|group) and `form` (name, adjective, people: « les Norvégiens »,
    capital, institution, organisation). Names are case-sensitive but for headings in capitals. A name that two parties
    bear (« congolais ») goes to the one that the article otherwise names most often.
    """
    spelling, initial, form = pl.col("spelling"), pl.col("written"), pl.col("form")
    found = find_phrases(tokens, party_phrases())
    found = (
        found.with_columns(
            article=tokens["article"].gather(found["first"]),
            written=tokens["form"].gather(found["first"]),
        )
        .with_columns(written=plain_apostrophes(pl.col("written")))
        .with_columns(is_people=(pl.col("form") == "adjective") & initial.str.contains(r"^\p{Lu}"))
        .filter(
            (initial == spelling)
            | pl.col("is_people")
            | (initial.str.contains(SHOUTED) & spelling.str.contains(r"^\p{Lu}")),
            (form != "organisation") | organisations,
        )
        .with_columns(
            form=pl.when("is_people").then(pl.lit("people")).otherwise("form"), readings=pl.len().over("first")
        )
    )
    named = (pl.col("readings") == 1).sum().over("article", "party")
    return (
        found.with_columns(named=named)
        .sort("first", "named", descending=[False, True], maintain_order=True)
        .unique("first", keep="first", maintain_order=True)
        .select("first", "last", "article", "party", "party_kind", "form")
    )
