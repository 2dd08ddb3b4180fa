"""Actors: one row per person, organisation or state met, over all articles."""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.lexicon import load
from transforms.names import fold_name
from transforms.schemas import ACTORS

# What the articles of a shard tell about the actors they speak of: one row per article and actor. Staging only.
ACTOR_MENTIONS = pl.Schema(
    {
        "article_id": pl.String(),
        "actor_id": pl.String(),
        "wikidata_id": pl.String(),
        "name": pl.String(),
        "kind": pl.String(),
        "aliases": pl.List(pl.String()),
        "country": pl.String(),
        "in_register": pl.Boolean(),
    }
)


def actor_id(kind: str | pl.Expr, name: pl.Expr, country: pl.Expr) -> pl.Expr:
    """Id of an actor that no register knows: kind, country and folded fullest name, `person:ir:behzad-horamdel`.

    Neither the article nor the order of articles goes in, so that no article changes another's ids.
    """
    return folded_id(kind, fold_name(name), country)


def folded_id(kind: str | pl.Expr, folded: pl.Expr, country: pl.Expr) -> pl.Expr:
    """`actor_id` of a name that `fold_name` has folded."""
    prefix = pl.lit(kind) if isinstance(kind, str) else kind
    slug = folded.str.replace_all(" ", "-", literal=True)
    return pl.concat_str(prefix, country.str.to_lowercase().fill_null("zz"), slug, separator=":")


@cache
def known_bodies() -> pl.DataFrame:
    """States and organisations of the lexicons as actors: `actor_id`, `name`, `kind`, `country`; one row per name."""
    states = [("state", c["name"], c["code"]) for c in load("countries")["country"]]
    bodies = [("organisation", o["name"], o.get("country")) for o in load("organisations")["organisation"]]
    known = pl.DataFrame(states + bodies, schema=["kind", "name", "country"], orient="row")
    known = known.with_columns(actor_id=actor_id(pl.col("kind"), pl.col("name"), pl.col("country")))
    return known.unique("actor_id", keep="first", maintain_order=True)


def speaking_bodies(statements: pl.DataFrame) -> pl.DataFrame:
    """The states and organisations that statements come from, as rows of ACTOR_MENTIONS.

    In: rows of STATEMENTS, whose `speaker_id` for these is made by `actor_id`.
    """
    spoken = statements.filter(pl.col("speaker_id").str.contains(r"^(?:state|organisation):"))
    return (
        spoken.group_by("article_id", "speaker_id", maintain_order=True)
        .agg(name=pl.col("speaker_name").first(), aliases=pl.col("speaker").drop_nulls().unique().sort())
        .rename({"speaker_id": "actor_id"})
        .join(
            known_bodies().select("actor_id", "country", known="name"), on="actor_id", how="left", maintain_order="left"
        )
        .with_columns(
            kind=pl.col("actor_id").str.extract(r"^([a-z]+):"),
            in_register=pl.col("known").is_not_null(),
            # An article may call a body by its acronym; the actor has one name.
            name=pl.coalesce("known", "name"),
            wikidata_id=pl.lit(None, pl.String),
        )
        .select(ACTOR_MENTIONS.names())
        .match_to_schema(ACTOR_MENTIONS)
    )


def actors(mentions: pl.LazyFrame, statements: pl.LazyFrame, members: pl.LazyFrame) -> pl.DataFrame:
    """Gather the actors of all shards.

    In: `mentions` (ACTOR_MENTIONS, every shard), the published statements and delegation members. Out: the rows of
    ACTORS that these refer to, sorted by id. An actor's name and country are those most often met, ties going to the
    first in alphabetical order, so that neither the order of articles nor their sharding changes the table.
    """
    said = statements.filter(pl.col("speaker_id").is_not_null()).select("article_id", actor_id="speaker_id")
    sat = members.select("article_id", "role", actor_id="person_id")
    met = pl.concat([said.select("actor_id", "article_id"), sat.select("actor_id", "article_id")]).unique()
    counts = (
        met.group_by("actor_id").agg(article_count=pl.len())
        .join(said.group_by("actor_id").agg(statement_count=pl.len()), on="actor_id", how="left")
        .join(
            sat.group_by("actor_id").agg(
                membership_count=pl.len(), roles=pl.col("role").drop_nulls().unique().sort()
            ),
            on="actor_id", how="left",
        )
    )  # fmt: skip
    told = mentions.join(met, on=["actor_id", "article_id"], how="semi")
    described = told.group_by("actor_id").agg(
        _most_often("wikidata_id"), _most_often("name"), _most_often("kind"), _most_often("country"),
        aliases=pl.col("aliases").list.explode(keep_nulls=False, empty_as_null=False).unique().sort(),
        in_register=pl.col("in_register").any(),
    )  # fmt: skip
    return (
        counts.join(described, on="actor_id", how="inner")
        .with_columns(
            pl.col("article_count", "statement_count", "membership_count").fill_null(0).cast(pl.Int32),
            pl.col("roles").fill_null(pl.lit([], dtype=pl.List(pl.String))),
            pl.col("kind").cast(ACTORS.polars_schema["kind"]),
        )
        .select(ACTORS.polars_schema.names())
        .sort("actor_id")
        .collect()
    )


def _most_often(column: str) -> pl.Expr:
    """The value met most often, the first in alphabetical order among equals; null where there is none."""
    return pl.col(column).drop_nulls().mode().sort().first().alias(column)
