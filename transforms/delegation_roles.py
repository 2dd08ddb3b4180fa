"""Which role goes with which name in the sentences read for delegations, and the first that somebody is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from transforms.delegation_grammar import GUESSES, ROLE_RULES
from transforms.delegation_groups import with_acronyms, with_halves
from transforms.delegation_units import (
    flags_at,
    folded,
    matches,
    names_in,
    vocabulary_spans,
    with_letters,
    without_overlaps,
)
from transforms.lexicon import load
from transforms.people import People
from transforms.text import Rule

READ = ("article", "sentence", "form_id", "form", "lower", "is_capital", "is_joined")


@dataclass(frozen=True)
class Reading:
    """Sentences folded into units.

    `units`: as of `folded`, with token positions in the whole shard, and `party`, `party_kind` (of a party; of a role),
    `role` (row of `roles`), `person`. `roles`: the role phrases. `found`: the matches of the rules asked for.
    `named`: which role goes with which name (`_named_roles`).
    """

    units: pl.DataFrame
    roles: pl.DataFrame
    found: pl.DataFrame
    named: pl.DataFrame


def read(tokens: pl.DataFrame, who: People, kept: pl.Series, rules: Sequence[Rule] = ()) -> Reading:
    """Fold the sentences of the tokens that are `kept` (whole sentences), and find rules beside those of roles."""
    local, place = with_letters(tokens.select(READ).filter(kept)), kept.arg_true()
    index = kept.cast(pl.UInt32).cum_sum()

    def moved(spans: pl.DataFrame) -> pl.DataFrame:
        """The spans that begin in a kept sentence, by their places in these."""
        inside = spans.filter(kept.gather(spans["first"]))
        return inside.with_columns(
            (index.gather(inside[c]) - 1).alias(c) for c in ("first", "last", "bare_last") if c in inside.columns
        )

    # No role goes over the end of its sentence.
    roles = moved(who.roles)
    mentions = moved(who.mentions).select("first", "last", "person", letter=pl.lit("N"))
    candidates = moved(who.spans).select("first", "last", letter=pl.lit("n"))
    marks, named, long, short = vocabulary_spans(local)
    candidates = pl.concat([candidates, _behind_people(local, named)])
    behind = local["form"].gather((roles["first"].cast(pl.Int64) - 1).clip(0))
    spoken = roles.with_row_index("role").select(
        "first", "role", "party",
        # Whose somebody is, is a country unless more is known.
        party_kind=pl.when(pl.col("party").is_not_null()).then(pl.lit("country")),
        # « X, gendre du président Y »: apposed, the inner name belongs to the role; else it may be the next member.
        last=pl.when(behind.is_in([",", "(", "–", "—", ":"])).then("last").otherwise("bare_last"),
        letter=pl.when("is_plural").then(pl.lit("S")).otherwise(pl.lit("R")),
    )  # fmt: skip
    named = named.drop("is_people")
    spans = without_overlaps([marks, spoken, mentions, named, long, short, candidates])
    units = folded(local, spans)
    units = units.with_columns(place.gather(units["first"]).alias("first"), place.gather(units["last"]).alias("last"))
    units = with_halves(with_acronyms(units))
    found = matches(units, [*rules, *ROLE_RULES])
    return Reading(units, roles, found, _named_roles(units, found, tokens, roles, who))


def _behind_people(tokens: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Capitalised words behind a nationality, which may be a name (« l'Autrichien Klaus Hofer »): `first`, `last`."""
    capital = tokens["is_capital"]
    inside = capital | (tokens["is_particle"] & capital.shift(-1, fill_value=False))
    stops = (~inside).arg_true().extend(pl.Series([tokens.height], dtype=pl.UInt32))
    first = named.filter("is_people")["last"] + 1
    first = first.filter(first < tokens.height)
    first = first.filter(inside.gather(first))
    last = stops.gather(stops.search_sorted(first)) - 1
    return pl.DataFrame({"first": first, "last": last}).with_columns(letter=pl.lit("n"))


def _named_roles(
    units: pl.DataFrame, found: pl.DataFrame, tokens: pl.DataFrame, roles: pl.DataFrame, who: People
) -> pl.DataFrame:
    """Which role goes with which naming, by the words around it.

    In: `found`, matches of ROLE_RULES among others. Out: one row per name unit and role: `unit`, `place` (first token
    of the name), `role_first`, `role_last` (token positions), `role` (row of `roles`; null where the lexicon knows no
    such role), `head`, `category`, `party`, `rank` (0 a role, 1 a rank or a title before a surname, 2 a guess).
    """
    words = load("delegations")["words"]
    rule = pl.col("rule")
    # A singular role is one person's: the rule that comes first says whose.
    found = found.filter(rule.is_in([r.name for r in ROLE_RULES]))
    # « vice-Premier ministre et ministre de la Défense » are two offices; « ministre et patron de X » is one and more.
    second = roles["category"].cast(pl.String).gather(units["role"].gather(found["role_last"]))
    office = second.is_in(words["official"]).fill_null(value=False)
    # « chargé des opérations » is a charge, « chargée de l'aider » or « de rédiger » a task.
    lower = tokens["lower"]
    opens = units["first"].gather(found["role_first"])
    verbs = [lower.gather((opens + n).clip(upper_bound=tokens.height - 1)).str.contains("[ei]r$") for n in (2, 3)]
    of_charge = lower.gather(opens).is_in(["chargé", "chargée"])
    is_task = of_charge & found["rule"].is_in(["charged", *GUESSES]) & (verbs[0] | verbs[1])
    found = found.filter(~rule.str.starts_with("both_") | office, (rule != "charged") | of_charge, ~is_task).filter(
        rule.str.ends_with("_all") | pl.col("role_first").is_first_distinct()
    )
    names = names_in(found, units, "names", "rule", "order", "role_first", "role_last")
    full = who.mentions.filter("is_full").select(place="first", is_full=pl.lit(value=True))
    role = units["role"].gather(names["role_first"])
    # « les ministres des Affaires étrangères et de la Défense, A et B »: to each his part.
    first = units["first"].gather(names["role_first"])
    ands = (tokens["lower"] == "et").arg_true().extend(pl.Series([tokens.height], dtype=pl.UInt32))
    split = pl.col("split")
    praising = rf"(?:{'|'.join(words['praising'])})$"
    is_dealt = (rule == "before_all") & (pl.len().over("match") == 2) & (split < pl.col("role_last"))
    named = (
        names.with_columns(
            place=units["first"].gather(names["unit"]),
            role=role,
            party=units["party"].gather(names["role_first"]),
            role_first=first,
            role_last=units["last"].gather(names["role_last"]),
            split=ands.gather(ands.search_sorted(first)),
            head=roles["head"].gather(role),
            category=roles["category"].cast(pl.String).gather(role),
        )
        .with_columns(
            role_first=pl.when(is_dealt & (pl.col("nth") == 1)).then(split + 1).otherwise("role_first"),
            role_last=pl.when(is_dealt & (pl.col("nth") == 0)).then(split - 1).otherwise("role_last"),
        )
        .join(full, on="place", how="left", maintain_order="left")
        .with_columns(length=pl.col("role_last") - pl.col("role_first") + 1)
    )
    opening, closing = (tokens["lower"].gather(named[c]) for c in ("role_first", "role_last"))
    # « le général de brigade X », « le président X » before a surname alone: forms of address rather than roles.
    is_rank = pl.col("head").is_in(words["ranks"]) & (pl.col("length") <= 3)
    is_form_of_address = pl.col("is_full").is_null() & (pl.col("length") == 1)
    return (
        named.filter(
            # « Membres : A, ministre » heads a list.
            pl.col("head").ne_missing("membre") | (pl.col("length") > 1),
            pl.col("role").is_not_null() | ~opening.is_in(words["titles"]),
            (rule != "noun_before") | ~closing.str.contains(praising),
        )
        .with_columns(
            rank=pl.when(rule.is_in(GUESSES)).then(2)
            .when((rule == "before") & (is_rank | is_form_of_address)).then(1)
            .otherwise(0)
        )
        .sort("unit", "rank", "order", maintain_order=True)
    )  # fmt: skip


@cache
def leaders() -> pl.DataFrame:
    """Heads of state and of government of the register: `person_id`, `party`, `category`."""
    heads = {
        "head_of_state": ["président", "roi", "émir", "empereur", "sultan"],
        "head_of_government": ["premier ministre", "chancelier"],
    }
    rows = [
        (person["id"], office["body"], category)
        for person in load("people")["person"]
        for office in person.get("office", [])
        for category, words in heads.items()
        if office["role"] in words
    ]
    return pl.DataFrame(rows, schema=["person_id", "party", "category"], orient="row").unique(maintain_order=True)


def first_roles(persons: pl.DataFrame, near: Reading, tokens: pl.DataFrame, who: People) -> pl.DataFrame:
    """The first role that an article gives each person: `person`, `role_first`, `role_last` (tokens), `category`.

    In: `persons` (`person`); `near`, which is read already. A role that stands for a leader of the register counts as
    his (« le président russe »).
    """
    mentions = who.mentions.join(persons, on="person", how="semi", maintain_order="left")
    led = (
        who.persons.select("article", "person", "person_id")
        .join(persons, on="person", how="semi", maintain_order="left")
        .join(leaders(), on="person_id")
    )
    told = _told(near, mentions, led)
    # What stands behind a sure role cannot come before it.
    sure = told.filter(pl.col("rank") == 0).select("person", "place")
    before = pl.col("first") < pl.col("place").fill_null(tokens.height)
    open_mentions = mentions.join(sure, on="person", how="left").filter(before)
    described = (
        who.roles.with_columns(pl.col("category").cast(pl.String))
        .filter(~pl.col("is_plural"))
        .join(led, on=["article", "party", "category"])
        .join(sure, on="person", how="left")
        .filter(before)
    )
    sentence = tokens["sentence"]
    asked = flags_at(sentence.gather(open_mentions["first"]), sentence)
    asked = asked | asked.shift(-1, fill_value=False)
    asked = asked.scatter(sentence.gather(described["first"]), True)
    asked = asked.scatter(sentence.gather(near.units["first"]), False)
    if not asked.any():
        return told.drop("place", "rank")
    rest = read(tokens, who, asked.gather(sentence))
    return _earliest(pl.concat([told, _told(rest, mentions, led)])).drop("place", "rank")


def _told(reading: Reading, mentions: pl.DataFrame, led: pl.DataFrame) -> pl.DataFrame:
    """The first role that a reading gives each person, with its `place` and `rank`."""
    columns = ["person", "place", "role_first", "role_last", "category", "rank"]
    alone = reading.units.select("letter", "article", "party", "role", "first", "last").filter(
        (pl.col("letter") == "R") & pl.col("party").is_not_null()
    )
    category = reading.roles["category"].cast(pl.String).gather(alone["role"])
    described = (
        alone.with_columns(category=category)
        .join(led, on=["article", "party", "category"])
        .with_columns(place="first", role_first="first", role_last="last", rank=pl.lit(0, pl.Int32))
    )
    given = mentions.select("person", place="first").join(reading.named, on="place")
    return _earliest(pl.concat([given.select(columns), described.select(columns)]))


def _earliest(told: pl.DataFrame) -> pl.DataFrame:
    return told.sort("rank", "place", maintain_order=True).unique("person", keep="first", maintain_order=True)
