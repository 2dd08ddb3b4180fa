"""Whose side a frame is on: what it says itself, else what the words before it let conclude."""

from __future__ import annotations

import polars as pl

from transforms.delegation_grammar import ALPHABET, LABEL, LED, LOOSE, NEED_CONTEXT, SIDE
from transforms.delegation_groups import kind_of, parties_by_weight, party_units
from transforms.delegation_units import first_party, names_in


def with_sides(
    frames: pl.DataFrame, found: pl.DataFrame, units: pl.DataFrame, groups: pl.DataFrame, countries: pl.DataFrame
) -> pl.DataFrame:
    """Frames with `party`, `party_kind`: what they say, else the head's country, else the side spoken of last.

    In: `found`, matches of SIDE among others; `groups` as made by `groups_of`; `countries` (`unit`, `country`): where
    the person of a name comes from. `is_sure` says that the frame itself tells its side.
    """
    sides = found.filter(pl.col("rule").is_in([SIDE.name, LABEL.name]))
    party, kind = first_party(units, sides["side_first"], sides["side_last"])
    sides = pl.DataFrame({"unit": sides["side_first"], "party": party, "party_kind": kind})
    frames = _in_context(frames, units, countries)
    # First the frames that tell their side, then those that go on about it.
    first = _sided(frames, units, groups, sides).drop_nulls("party")
    first = first.select(
        unit=pl.coalesce("d_first", "opens"), party="party", party_kind="party_kind", is_concluded=True
    )
    told = pl.concat([groups, first]).unique("unit", keep="first", maintain_order=True).sort("unit")
    return _sided(frames, units, told, sides)


def _in_context(frames: pl.DataFrame, units: pl.DataFrame, countries: pl.DataFrame) -> pl.DataFrame:
    """Frames with what stands in and around them, whatever side was spoken of.

    `of_side`, `kind_of_side` (the party that their side names), `of_role`, `head_country`, `own_country` (of the first
    head and member with one), `bearing` (the party that an earlier word names, or an earlier person comes from),
    `of_ours` (the last group), `later` (the next party named), `word` (the word before), `anchor`, `article`,
    `sentence`, `is_travel`.
    """
    told = party_units(units)
    # « sommet de Nouméa », « pour Kiev » are nobody's side either.
    is_place = pl.col("is_place") | ((pl.col("letter") == "P") & pl.col("letter-1").is_in(["d", "f"]).fill_null(False))
    # A group that opens a sentence is whom it speaks of.
    is_group, behind = pl.col("letter") == "U", pl.col("letter-1")
    opens = behind.is_in(["L", ".", "s"]) | ((behind == "l") & pl.col("letter-2").is_in(["L", ".", "s", "k"]))
    groups = told.filter(is_group).select("unit", "article", "party")
    told = told.filter(
        (pl.col("letter").is_in(["A", "P", "R", "S"]) | (is_group & opens).fill_null(value=False)) & ~is_place,
        ~units["is_inner"].gather(told["unit"]),
    ).select("unit", "article", "party")
    from_there = countries.select("unit", units["article"].gather(countries["unit"]), party="country")
    borne = pl.concat([told, from_there]).sort("unit")
    # « Aux côtés du ministre mauricien, X »: what is between says whose.
    own_side = (
        frames.select(pl.when(pl.col("rule") == "joins").then(f"gap_{edge}").otherwise(f"side_{edge}")).to_series()
        for edge in ("first", "last")
    )
    party, kind = first_party(units, *own_side)
    anchor = frames.select(pl.coalesce("d_first", "cue_first", "opens")).to_series()
    article = units["article"].gather(anchor)
    at_borne = borne["unit"].search_sorted(anchor, side="left").cast(pl.Int64) - 1
    at_group = groups["unit"].search_sorted(anchor, side="left").cast(pl.Int64) - 1
    at_later = told["unit"].search_sorted(anchor, side="right").cast(pl.Int64)
    before = anchor.cast(pl.Int64) - 1
    frames = frames.with_columns(
        of_side=party,
        kind_of_side=kind,
        # « conduits par X, les émissaires russes »: the group is a role.
        of_role=units["party"].gather(frames["d_first"]),
        anchor=anchor,
        article=article,
        sentence=units["sentence"].gather(anchor),
        of_ours=_there(groups, at_group, article, "party"),
        bearing=_there(borne, at_borne, article, "party"),
        later=_there(told, at_later, article, "party"),
        word=units["lower"].gather(pl.select(pl.when(before >= 0).then(before)).to_series()),
        is_travel=units["letter"].gather(frames["cue_first"]).is_in([ALPHABET["travels"], ALPHABET["wake"]]),
    )
    is_led = pl.col("rule").is_in(LED)
    led = frames.with_columns(
        head_first=pl.coalesce("head_first", pl.when(is_led).then("members_first")),
        head_last=pl.coalesce("head_last", pl.when(is_led).then("members_last")),
    )
    for part, name, rows in (("head", "head_country", led), ("members", "own_country", frames)):
        named = names_in(rows, units, part).join(countries, on="unit").sort("unit").unique("match", keep="first")
        frames = frames.join(
            named.select("match", pl.col("country").alias(name)), on="match", how="left", maintain_order="left"
        )
    return frames


def _there(told: pl.DataFrame, at: pl.Series, article: pl.Series, column: str) -> pl.Series:
    """A column at rows of a frame, where these are of the same article."""
    inside = pl.select(pl.when(at.is_between(0, told.height - 1)).then(at)).to_series()
    same = told["article"].gather(inside) == article
    return pl.select(pl.when(same).then(told[column].gather(inside))).to_series()


def _sided(frames: pl.DataFrame, units: pl.DataFrame, groups: pl.DataFrame, sides: pl.DataFrame) -> pl.DataFrame:
    """Frames (`_in_context`) with their side, by the groups that are known."""
    named = groups.rename({"unit": "d_first", "party": "of_group", "party_kind": "kind_of_group"})
    frames = frames.join(named, on="d_first", how="left", maintain_order="left").with_columns(
        party=pl.coalesce("of_side", "of_group", "of_role"),
        party_kind=pl.coalesce("kind_of_side", "kind_of_group", kind_of(pl.col("of_role"))),
    )
    sided = frames.filter(pl.col("side_first").is_not_null()).select("party", "party_kind", unit="side_first")
    events = (
        pl.concat([groups.select(sides.columns), sides, sided.select(sides.columns)])
        .drop_nulls("party")
        .unique("unit", keep="first", maintain_order=True)
    )
    events = pl.concat([events, _opposite_sides(units, events)]).unique("unit", keep="first").sort("unit")
    events = events.with_columns(units[c].gather(events["unit"]) for c in ("article", "sentence"))
    at = events["unit"].search_sorted(frames["anchor"], side="left").cast(pl.Int64) - 1
    frames = frames.with_columns(
        event=_there(events, at, frames["article"], "party"),
        event_kind=_there(events, at, frames["article"], "party_kind"),
        event_sentence=_there(events, at, frames["article"], "sentence"),
    ).join(_ordinal_sides(frames, units, groups), on="match", how="left", maintain_order="left")
    gap = (pl.col("sentence").cast(pl.Int64) - pl.col("event_sentence").cast(pl.Int64)).fill_null(99)
    event, joins = pl.col("event"), pl.col("rule") == "joins"
    anaphor = (
        pl.when((pl.col("rule") == "accompanied_role") | (pl.col("rule").is_in(LOOSE) & ~joins)).then(None)
        .when(pl.col("which_first").is_not_null()).then("ordinal")
        .when(pl.col("rule") == "its_head").then(pl.coalesce(pl.when(gap <= 2).then(event), "head_country"))
        .when(pl.col("rule").is_in(NEED_CONTEXT)).then(
            # « Ont fait le voyage avec lui »: his, of whom the text speaks.
            pl.coalesce(
                pl.when(gap <= pl.when(joins).then(8).otherwise(4)).then(event),
                pl.when((pl.col("rule") != "list_in") | event.is_not_null()).then("own_country"),
                pl.when(joins).then(pl.coalesce("of_ours", "bearing")).when("is_travel").then("bearing"),
            )
        )
        .when(pl.col("word").is_in(["notre", "nos", "votre", "vos"])).then(None)
        .when(pl.col("word").is_in(["sa", "leur"])).then(pl.coalesce("bearing", event))
        .when(gap == 0).then(event)
        .otherwise(pl.coalesce("head_country", pl.when(gap <= 3).then(event), "own_country", event, "bearing", "later"))
    )  # fmt: skip
    # What the frame itself says is surer than what the words around it let conclude.
    is_concluded = pl.col("party").is_null() | (pl.col("side_first").is_null() & pl.col("is_concluded"))
    confidence = pl.col("confidence") - pl.when(is_concluded).then(0.1).otherwise(0.0)
    return frames.with_columns(
        party=pl.coalesce("party", anaphor), confidence=confidence, is_sure=~is_concluded
    ).with_columns(
        party_kind=pl.coalesce(
            "party_kind", pl.when(event == pl.col("party")).then("event_kind"), kind_of(pl.col("party"))
        )
    )


def _opposite_sides(units: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Whose side « en face », « l'autre » is: the party most spoken of beside the one spoken of last.

    In: `events` (`unit`, `party`): where a side is named. Out: `unit`, `party`, `party_kind`.
    """
    turns = units.select("unit", "article", "letter").filter(pl.col("letter") == ALPHABET["opposite"])
    if turns.is_empty():
        return events.clear()
    told = events.sort("unit").select("unit", one="party", told_in=pl.lit(units["article"]).gather(pl.col("unit")))
    return (
        turns.join_asof(told, on="unit", strategy="backward")
        .filter(pl.col("article") == pl.col("told_in"))
        .join(parties_by_weight(units), on="article", maintain_order="left_right")
        .filter((pl.col("party") != pl.col("one")) & (pl.col("weight") > 0))
        .unique("unit", keep="first", maintain_order=True)
        .select("unit", "party", "party_kind")
    )


def _ordinal_sides(frames: pl.DataFrame, units: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Which side « la première », « le second » is: `match`, `ordinal`, by the last sentence that names two groups."""
    asked = frames.drop_nulls("which_first")
    if asked.is_empty():
        return asked.select("match", ordinal="party")
    opens = asked["opens"]
    asked = asked.select(
        "match", is_second=units["letter"].gather(asked["which_last"]) == "3",
        article=units["article"].gather(opens), before=units["sentence"].gather(opens),
    )  # fmt: skip
    pairs = (
        groups.with_columns(units[c].gather(groups["unit"]) for c in ("article", "sentence"))
        .group_by("article", "sentence", maintain_order=True)
        .agg(one=pl.col("party").first(), two=pl.col("party").last(), count=pl.len())
        .filter(pl.col("count") > 1)
    )
    return (
        asked.join(pairs, on="article")
        .filter(pl.col("sentence") < pl.col("before"))
        .sort("sentence")
        .unique("match", keep="last")
        .select("match", ordinal=pl.when("is_second").then("two").otherwise("one"))
    )
