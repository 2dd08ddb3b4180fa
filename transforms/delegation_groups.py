"""Whose a delegation is where its noun phrase says so, and what groups without a state are called."""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.delegation_grammar import (
    ALPHABET,
    GROUP_LABEL,
    GROUP_NAME,
    GROUP_OF,
    GROUP_PARTY,
    GROUP_PROPER,
    GROUP_SENT,
    GROUP_SHORT,
)
from transforms.delegation_units import first_party
from transforms.lexicon import load
from transforms.parties import party_phrases
from transforms.text import neighbours, slices

# How many units behind a group its acronym may stand.
_ACRONYM_REACH = 12
GROUP_RULES = [GROUP_NAME, GROUP_PROPER, GROUP_LABEL, GROUP_SHORT, GROUP_OF, GROUP_PARTY, GROUP_SENT]


@cache
def _kinds() -> dict[str, str]:
    """Party → kind, of all that the lexicon knows."""
    known = party_phrases().select("party", "party_kind").unique("party", keep="first", maintain_order=True)
    return dict(known.rows())


def kind_of(party: pl.Expr) -> pl.Expr:
    """The kind of a party of which only the code is known: one that no lexicon has is a group."""
    return pl.when(party.is_not_null()).then(
        party.replace_strict(_kinds(), default=pl.lit("group"), return_dtype=pl.String)
    )


def _group_names(found: pl.DataFrame, units: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.Series:
    """What groups are called: their acronym where one stands in brackets, else their name as written."""
    at = {c: units[c] for c in ("article", "first", "last")}
    return pl.select(
        text=articles["text"].gather(at["article"].gather(found["group_first"])),
        start=tokens["start"].gather(at["first"].gather(found["group_first"])),
        end=tokens["end"].gather(at["last"].gather(found["group_last"])),
        acronym=_acronyms(found, units, tokens),
    ).select(pl.coalesce("acronym", slices(pl.col("text"), pl.col("start"), pl.col("end"))))["acronym"]


def _acronyms(found: pl.DataFrame, units: pl.DataFrame, tokens: pl.DataFrame) -> pl.Series:
    """The words within the brackets behind a group; null where none are."""
    return tokens["form"].gather(units["first"].gather(found["acronym_first"] + 1))


def with_acronyms(units: pl.DataFrame) -> pl.DataFrame:
    """Units where an acronym is a party's name, once brackets behind a group have told it (« l'AAD a délégué… »)."""
    letter, article = units["letter"], units["article"]
    in_brackets = (
        (letter == ALPHABET["capital"])
        & (letter.shift(1) == ALPHABET["open"])
        & (letter.shift(-1) == ALPHABET["close"])
    ).fill_null(value=False)
    places = in_brackets.arg_true()
    groups = letter.is_in([ALPHABET["own_group"], ALPHABET["rebel_side"]]).arg_true()
    if places.is_empty() or groups.is_empty():
        return units
    nearest = groups.gather((groups.search_sorted(places).cast(pl.Int64) - 1).clip(0))
    near = (
        (places > nearest) & (places - nearest <= _ACRONYM_REACH) & (article.gather(places) == article.gather(nearest))
    )
    told = units.select("article", "lower")[places.filter(near)].unique()
    again = (
        units.select("unit", "article", "lower")
        .filter((letter == ALPHABET["capital"]) & ~in_brackets)
        .join(told, on=["article", "lower"], how="semi")
    )
    return units.with_columns(letter.scatter(again["unit"], ALPHABET["party"]))


def with_halves(units: pl.DataFrame) -> pl.DataFrame:
    """Units where « le Nord », « le Sud » in an article on Korea are its two states."""
    halves = units.select("unit", "article", "lower", "letter").filter(
        (pl.col("letter") == ALPHABET["capital"])
        & pl.col("lower").is_in(["nord", "sud"])
        & (units["letter"].shift(1) == ALPHABET["det"])
    )
    on_korea = units.filter(pl.col("party").is_in(["KR", "KP"]))["article"].unique()
    halves = halves.filter(pl.col("article").is_in(on_korea.implode()))
    state = halves["lower"].replace_strict({"nord": "KP", "sud": "KR"}, return_dtype=pl.String)
    return units.with_columns(
        units["letter"].scatter(halves["unit"], ALPHABET["party"]),
        units["party"].scatter(halves["unit"], state),
        units["party_kind"].scatter(halves["unit"], "country"),
    )


def with_groups(
    units: pl.DataFrame,
    found: pl.DataFrame,
    tokens: pl.DataFrame,
    articles: pl.DataFrame,
    roles: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Units where groups of their own (« société civile soudanaise ») are parties under their name.

    In: `found`, matches of GROUP_RULES; `roles`, all role phrases, which may name a group. « la guérilla », « les
    rebelles » by themselves are the movement that the article speaks of most, « gouvernemental » is then the state's
    that it fights.
    """
    labels = found.filter(pl.col("rule") == GROUP_LABEL.name)
    has_party = labels.select(
        held=pl.int_ranges("group_first", pl.col("group_last") + 1, dtype=pl.UInt32).list.eval(
            pl.lit(units["party"].is_not_null()).gather(pl.element())
        )
    )["held"].list.any()
    is_state = units["lower"].gather(labels["group_first"]).is_in(load("delegations")["words"]["states"])
    labels = labels.filter(~(has_party & is_state))
    proper = found.filter(
        (pl.col("rule") == GROUP_PROPER.name)
        & units["lower"].gather(found["d_first"]).is_in(load("delegations")["words"]["companies"])
    ).with_columns(acronym_first=pl.lit(None, pl.UInt32))
    found = found.filter(pl.col("rule") == GROUP_NAME.name)
    is_rebel = units["letter"].gather(found["group_first"]) == ALPHABET["rebel_side"]
    is_bare = is_rebel & found["acronym_first"].is_null() & (found["group_first"] == found["group_last"])
    named = found.filter(~is_bare)
    inner = (
        named.select(unit=pl.int_ranges(pl.col("group_first") + 1, pl.col("group_last") + 1, dtype=pl.UInt32))
        .explode("unit")["unit"]
        .drop_nulls()
    )
    party, kind = units["party"], units["party_kind"]
    for spans, at in ((named, "group_first"), (labels, "group_first"), (proper, "d_first")):
        party = party.scatter(spans[at], _group_names(spans, units, tokens, articles))
        kind = kind.scatter(spans[at], "group")
    if roles is None:
        roles = pl.DataFrame(schema={"article": tokens.schema["article"], "first": pl.UInt32, "last": pl.UInt32})
    read_in = pl.col("article").is_in(units["article"].unique().implode())
    in_roles = _groups_in_roles(roles.filter(read_in), tokens, articles)
    units = _spelled_out(units.with_columns(party, kind), named, proper, in_roles)
    # A nation within a group's name is not another side.
    units = units.with_columns(is_inner=pl.repeat(False, units.height, eager=True).scatter(inner, True))
    # « l'AAD »: as its brackets have told.
    short = named.filter(named["acronym_first"].is_not_null())
    told = pl.DataFrame(
        {
            "article": units["article"].gather(short["group_first"]),
            "lower": units["lower"].gather(short["acronym_first"] + 1),
            "name": _acronyms(short, units, tokens),
        }
    ).unique(["article", "lower"], keep="first", maintain_order=True)
    again = (
        units.select("unit", "article", "lower", "party")
        .filter((units["letter"] == ALPHABET["party"]) & pl.col("party").is_null())
        .join(told, on=["article", "lower"], maintain_order="left")
    )
    units = units.with_columns(
        units["party"].scatter(again["unit"], again["name"]), units["party_kind"].scatter(again["unit"], "group")
    )
    letter = pl.col("letter")
    vague = units.select(
        "unit",
        "article",
        "party",
        is_rebel=letter == ALPHABET["rebel_side"],
        is_state=letter == ALPHABET["state_side"],
    ).filter((pl.col("is_rebel") | pl.col("is_state")) & pl.col("party").is_null())
    if vague.is_empty():
        return units
    # « syndical » is not the company's side.
    employers = units.select("article", "party")[proper["d_first"]]
    ranked = parties_by_weight(units).join(employers, on=["article", "party"], how="anti", maintain_order="left")
    ranked = ranked.unique(["article", "party_kind"], keep="first", maintain_order=True)
    movement, state = (
        ranked.filter(pl.col("party_kind") == kind).select("article", pl.col("party").alias(name))
        for name, kind in (("movement", "group"), ("state", "country"))
    )
    movement = pl.concat([movement, in_roles.select("article", "movement")])
    movement = movement.unique("article", keep="first", maintain_order=True)
    implied = (
        vague.join(movement, on="article", maintain_order="left")
        # Of a state only where a movement is the other side: else « gouvernementale » tells nothing.
        .join(state, on="article", how="left", maintain_order="left")
        .select(
            "unit",
            party=pl.when("is_rebel").then("movement").otherwise("state"),
            kind=pl.when("is_rebel").then(pl.lit("group")).otherwise(pl.lit("country")),
        )
        .drop_nulls("party")
    )
    return units.with_columns(
        units["party"].scatter(implied["unit"], implied["party"]),
        units["party_kind"].scatter(implied["unit"], implied["kind"]),
    )


def _spelled_out(
    units: pl.DataFrame, named: pl.DataFrame, proper: pl.DataFrame, in_roles: pl.DataFrame
) -> pl.DataFrame:
    """Units where a group by its noun alone (« la Fédération ») has the name that the article gives it elsewhere."""
    # One word more may be a verb (« la compagnie parle »).
    is_more = (named["group_last"] > named["group_first"] + 1) | (
        (named["group_last"] > named["group_first"]) & (units["letter"].gather(named["group_last"]) != ALPHABET["word"])
    )
    is_long = is_more | named["acronym_first"].is_not_null()
    full = pl.concat([named.filter(is_long)["group_first"], proper["d_first"]])
    bare = named.filter(~is_long)["group_first"]
    bare = bare.filter(~bare.is_in(proper["d_first"].implode()))
    names = pl.concat(
        [units.select("article", "lower", "party")[full], in_roles.select("article", "lower", party="movement")]
    ).unique(["article", "lower"], keep="first", maintain_order=True)
    meant = units.select("unit", "article", "lower")[bare].join(names, on=["article", "lower"])
    return units.with_columns(units["party"].scatter(meant["unit"], meant["party"]))


def _groups_in_roles(roles: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Groups that only role phrases name (« présidente du Syndicat des pilotes »), in text order.

    In: role phrases (`first`, `last`). Out: `article`, `lower` (its noun), `movement` (its name or acronym).
    """
    words = [phrase for phrase in load("delegations")["phrases"]["own_group"] if " " not in phrase]
    opens = (tokens["is_capital"] & tokens["lower"].is_in(words)).arg_true()
    first, last = roles["first"], roles["last"]
    at = first.search_sorted(opens, side="right").cast(pl.Int64) - 1
    # Of the role that begins before it, where it begins before that ends.
    held = (opens <= last.gather(at.set(at < 0, None))).fill_null(value=False)
    if not held.any():
        return pl.DataFrame(schema={"article": tokens.schema["article"], "lower": pl.String, "movement": pl.String})
    opens, at = opens.filter(held), at.filter(held)
    around = neighbours(tokens, last.gather(at), "form", "is_capital", reach=3)
    is_short = (pl.col("form+1") == "(") & pl.col("is_capital+2") & (pl.col("form+3") == ")")
    article = tokens["article"].gather(opens)
    return around.select(
        article=article,
        lower=tokens["lower"].gather(opens),
        text=articles["text"].gather(article),
        start=tokens["start"].gather(opens),
        end=tokens["end"].gather(last.gather(at)),
        short=pl.when(is_short.fill_null(value=False)).then("form+2"),
    ).select("article", "lower", movement=pl.coalesce("short", slices(pl.col("text"), pl.col("start"), pl.col("end"))))


def parties_by_weight(units: pl.DataFrame) -> pl.DataFrame:
    """The parties that each article speaks of, the most spoken of first: `article`, `party`, `party_kind`, `weight`.

    Those of a government, an army, a movement have more `weight`; where something happens, and where somebody is
    from (« la Norvégienne X »), has none.
    """
    before, state = pl.col("letter-1"), ALPHABET["state_side"]
    follows_side = before.is_in([state, ALPHABET["rebel_side"], ALPHABET["delegation"]])
    follows_side |= before.is_in(["d", "l"]) & pl.col("letter-2").is_in([state, "d"])
    return (
        party_units(units)
        .filter(~pl.col("letter").is_in(["R", "S"]))
        .with_columns(
            weight=pl.when(pl.col("is_place") | pl.col("letter+1").is_in(["N", "n"]))
            .then(0)
            .when(follows_side)
            .then(3)
            .otherwise(1)
        )
        .group_by("article", "party", maintain_order=True)
        .agg(pl.col("party_kind").first(), pl.col("weight").sum())
        .sort("article", "weight", descending=[False, True], maintain_order=True)
    )


def party_units(units: pl.DataFrame) -> pl.DataFrame:
    """The units that have a party: `unit`, `article`, `party`, `party_kind`, `letter`, the letters around (`letter-1`).

    `is_place`: a place where something happens: « à Nouméa », « au Qatar », « La Havane, 3 mars ».
    """
    at = units["party"].is_not_null().arg_true()
    around = neighbours(units, at, "letter", "lower", reach=2).drop("lower", "lower-2", "lower+1", "lower+2")
    inside = (pl.col("letter-1") == "i") | pl.col("lower-1").is_in(["au", "aux"])
    dateline = pl.col("letter-1").is_in(["L", "k"]) & pl.col("letter+1").is_in(["c", "(", "-"])
    is_place = (pl.col("letter") == "P") & (inside | dateline).fill_null(value=False)
    own = [units[c].gather(at) for c in ("article", "party", "party_kind")]
    return around.with_columns(at.alias("unit"), *own, is_place=is_place)


def groups_of(units: pl.DataFrame, found: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Whose a delegation is where its noun phrase says so: `unit` (of the noun), `party`, `party_kind`.

    In: `found`, matches of GROUP_RULES. `is_concluded` (whether only the context tells) is false.
    """
    short, long, party, sent = (
        found.filter(pl.col("rule") == rule.name) for rule in (GROUP_SHORT, GROUP_OF, GROUP_PARTY, GROUP_SENT)
    )
    short = short.filter(_acronyms(short, units, tokens).str.contains(r"^\p{Lu}[\p{Lu}\d-]+$"))
    called = pl.concat([short, long])
    # « une délégation du Sénat » is its state's.
    is_institution = (
        tokens["form"].gather(units["last"].gather(called["group_last"])).is_in(load("roles")["words"]["institutions"])
    )
    called = called.filter((called["group_first"] < called["group_last"]) | ~is_institution)
    own = pl.DataFrame(
        {"unit": called["d_first"], "party": _group_names(called, units, tokens, articles), "party_kind": "group"},
        schema={"unit": pl.UInt32, "party": pl.String, "party_kind": pl.String},
    )
    named = pl.concat([party, sent])
    names, kinds = first_party(units, named["party_first"], named["party_last"])
    told = pl.DataFrame({"unit": named["d_first"], "party": names, "party_kind": kinds})
    return (
        pl.concat([own, told])
        .drop_nulls("party")
        .unique("unit", keep="first", maintain_order=True)
        .with_columns(party_kind=pl.coalesce("party_kind", kind_of(pl.col("party"))), is_concluded=pl.lit(value=False))
        .sort("unit")
    )
