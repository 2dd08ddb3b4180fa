"""Actors over all shards: counts, and independence of order and sharding."""

from __future__ import annotations

import polars as pl
from polars.testing import assert_frame_equal

from transforms.actors import ACTOR_MENTIONS, actor_id, actors, speaking_bodies
from transforms.schemas import DELEGATION_MEMBERS, STATEMENTS


def mention(article: str, actor: str, name: str, country: str | None = None) -> dict[str, object]:
    return {
        "article_id": article, "actor_id": actor, "wikidata_id": None, "name": name, "kind": "person",
        "aliases": [name], "country": country, "in_register": False,
    }  # fmt: skip


def mentions(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=ACTOR_MENTIONS)


def said(*rows: tuple[str, str]) -> pl.DataFrame:
    return (
        STATEMENTS.empty()
        .select("article_id", "speaker_id")
        .vstack(pl.DataFrame(rows, schema={"article_id": pl.String, "speaker_id": pl.String}, orient="row"))
    )


def sat(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return (
        DELEGATION_MEMBERS.empty()
        .select("article_id", "person_id", "role")
        .vstack(
            pl.DataFrame(
                rows, schema={"article_id": pl.String, "person_id": pl.String, "role": pl.String}, orient="row"
            )
        )
    )


def test_counts_roles_and_aliases():
    table = actors(
        mentions(
            mention("a", "p1", "Odile Tamba"), mention("b", "p1", "O. Tamba", "CG"), mention("b", "p2", "Unmet")
        ).lazy(),
        said(("a", "p1"), ("a", "p1")).lazy(),
        sat(("b", "p1", "ministre"), ("b", "p1", "cheffe")).lazy(),
    )
    assert table.select("actor_id", "article_count", "statement_count", "membership_count", "country").rows() == [
        ("p1", 2, 2, 2, "CG")
    ]
    assert table["aliases"].to_list() == [["O. Tamba", "Odile Tamba"]]
    assert table["roles"].to_list() == [["cheffe", "ministre"]]


def test_order_and_sharding_change_nothing():
    rows = [mention(a, p, n) for a, p, n in [("a", "p1", "Tamba"), ("b", "p1", "Odile Tamba"), ("c", "p2", "Ilves")]]
    statements = [("a", "p1"), ("b", "p1"), ("c", "p2")]
    one = actors(mentions(*rows).lazy(), said(*statements).lazy(), sat().lazy())
    other = actors(
        pl.concat([mentions(rows[2]).lazy(), mentions(*rows[1::-1]).lazy()]),
        said(*statements[::-1]).lazy(),
        sat().lazy(),
    )
    assert_frame_equal(one, other)


def test_nobody_met_is_an_empty_table():
    assert actors(mentions().lazy(), said().lazy(), sat().lazy()).is_empty()


def test_ids_are_of_kind_country_and_folded_name():
    frame = pl.DataFrame({"name": ["Iouri Tchoubarov", "Yuri Chubarov"], "country": ["RU", None]})
    ids = frame.select(actor_id("person", pl.col("name"), pl.col("country"))).to_series().to_list()
    assert ids == ["person:ru:iuri-cubarov", "person:zz:iuri-cubarov"]


def test_states_and_organisations_that_speak_become_actors():
    ids = pl.DataFrame(
        {"name": ["Russie", "Halte aux mines"], "country": ["RU", None], "kind": ["state", "organisation"]}
    )
    ids = ids.with_columns(speaker_id=actor_id(pl.col("kind"), pl.col("name"), pl.col("country")))
    statements = STATEMENTS.empty().clear(2).with_columns(
        article_id=pl.Series(["a", "a"]), speaker_id=ids["speaker_id"], speaker_name=ids["name"],
        speaker=pl.Series(["Moscou", None]),
    )  # fmt: skip
    told = speaking_bodies(statements)
    assert told.select("name", "kind", "country", "in_register", "aliases").rows() == [
        ("Russie", "state", "RU", True, ["Moscou"]),
        ("Halte aux mines", "organisation", None, False, []),
    ]
