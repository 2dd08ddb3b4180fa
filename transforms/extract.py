"""The extraction of one shard: articles in, every candidate table out. All that one article decides is decided here."""

from __future__ import annotations

import polars as pl

from transforms.actors import ACTOR_MENTIONS, speaking_bodies
from transforms.boilerplate import without_boilerplate
from transforms.delegations import delegation_members, delegations
from transforms.figures import figures
from transforms.people import People, people, register
from transforms.schemas import DELEGATION_MEMBERS, DELEGATIONS, FIGURES, STATEMENTS
from transforms.statements import statements
from transforms.text import tokenize, with_sentences


def extract(articles: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Extract every table from the articles of a shard.

    In: rows of ARTICLES. Out: `delegation_members`, `delegations`, `statements`, `figures` (rows of these tables,
    sorted by their place) and `actor_mentions` (rows of ACTOR_MENTIONS: what the articles tell about their actors).
    Articles in other languages than French yield no row; boilerplate yields none.
    """
    french = articles.filter(pl.col("language").str.starts_with("fr"))
    if french.is_empty():
        empty = {t.name: t.empty() for t in (DELEGATION_MEMBERS, DELEGATIONS, STATEMENTS, FIGURES)}
        return {**empty, "actor_mentions": pl.DataFrame(schema=ACTOR_MENTIONS)}
    tokens = without_boilerplate(with_sentences(tokenize(french)))
    who = people(tokens, french)
    members = delegation_members(tokens, french, who)
    said = statements(tokens, french, who)
    return {
        "delegation_members": members,
        "delegations": delegations(members, tokens, french),
        "statements": said,
        "figures": figures(tokens, french),
        "actor_mentions": pl.concat(
            [_persons(who, french), _listed(members), _public(said), speaking_bodies(said)]
        ).unique(["article_id", "actor_id"], keep="first", maintain_order=True),
    }


def _persons(who: People, articles: pl.DataFrame) -> pl.DataFrame:
    """The people of the articles as rows of ACTOR_MENTIONS."""
    spellings = who.mentions.group_by("person").agg(aliases=pl.col("surface").unique().sort())
    return (
        who.persons.join(spellings, on="person", how="left", maintain_order="left")
        .with_columns(
            article_id=articles["article_id"].gather(who.persons["article"]),
            actor_id="person_id",
            name="canonical_name",
            kind=pl.lit("person"),
        )
        .select(ACTOR_MENTIONS.names())
        .match_to_schema(ACTOR_MENTIONS)
    )


def _listed(members: pl.DataFrame) -> pl.DataFrame:
    """Members as rows of ACTOR_MENTIONS: those whom only a list tells to be a person (« une interprète, Lusine »)."""
    return members.select(
        "article_id",
        actor_id="person_id",
        wikidata_id=pl.lit(None, pl.String),
        name="canonical_name",
        kind=pl.lit("person"),
        aliases=pl.concat_list("person_name"),
        country=pl.lit(None, pl.String),
        in_register=pl.lit(value=False),
    )


def _public(said: pl.DataFrame) -> pl.DataFrame:
    """Speakers whom the register tells by their office (« son secrétaire général ») as rows of ACTOR_MENTIONS."""
    known, _ = register()
    return (
        said.select("article_id", person_id="speaker_id")
        .unique(maintain_order=True)
        .join(known, on="person_id", maintain_order="left")
        .select(
            "article_id",
            "wikidata_id",
            "country",
            actor_id="person_id",
            name="canonical_name",
            kind=pl.lit("person"),
            aliases=pl.lit([], dtype=pl.List(pl.String)),
            in_register=pl.lit(value=True),
        )
        .select(ACTOR_MENTIONS.names())
    )
