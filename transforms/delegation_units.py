"""Sentences folded into units, and where the rules of the grammar of delegations match in them.

A person's name, a role phrase, a party, a phrase of the vocabulary (lexicon/delegations.toml) is one unit, any other
word one of its own. Every unit has one letter (`delegation_grammar.ALPHABET`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import cache

import polars as pl

from transforms.delegation_grammar import ALPHABET, PHRASES
from transforms.lexicon import load
from transforms.parties import parties
from transforms.text import Rule, expand, find, find_phrases, phrase_key, with_form_features

# One byte per letter, whose number is its code: the letters of a layer are a text as they stand.
LETTER = pl.Enum([chr(code) for code in range(128)])


@cache
def vocabulary() -> pl.DataFrame:
    """Phrases of the vocabulary: `phrase`, `letter`, `is_long` (of several words)."""
    rows = [
        (phrase, PHRASES[name])
        for name, patterns in load("delegations")["phrases"].items()
        for pattern in patterns
        for phrase in _multiplied(pattern)
    ]
    frame = pl.DataFrame(rows, schema=["phrase", "letter"], orient="row")
    return (
        frame.with_columns(phrase=pl.Series(phrase_key(frame["phrase"].to_list())))
        .unique("phrase", keep="first", maintain_order=True)
        .with_columns(is_long=pl.col("phrase").str.contains(" "))
    )


def _multiplied(pattern: str) -> list[str]:
    """The phrases that a pattern with braces stands for: « {à,en} route » → « à route », « en route »."""
    parts = [part.split(",") for part in re.split(r"[{}]", pattern)]
    return ["".join(choice) for choice in itertools.product(*parts)] if "{" in pattern else [pattern]


def vocabulary_spans(tokens: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Spans of the vocabulary: marks of heads and members, parties, phrases of several words, of one.

    In: tokens `with_letters`.
    """
    phrases = find_phrases(tokens, vocabulary())
    # « son chef, l'ambassadeur X », not « son chef de cabinet ».
    behind = (phrases["last"] + 1).clip(upper_bound=max(tokens.height - 1, 0))
    followed = tokens["form"].gather(behind) == ","
    is_mark = pl.col("letter").is_in(["H", "V", "G"]) | ((pl.col("letter") == "z") & followed)
    rank = pl.when(is_mark).then(0).when("is_long").then(1).otherwise(2)
    parted = phrases.select("first", "last", "letter", rank=rank)
    marks, long, short = (parted.filter(pl.col("rank") == n).drop("rank") for n in range(3))
    named = parties(tokens).select(
        "first",
        "last",
        "party",
        "party_kind",
        letter=pl.when(pl.col("form") == "adjective").then(pl.lit("A")).otherwise(pl.lit("P")),
        is_people=pl.col("form") == "people",
    )
    bodies = load("roles")["bodies"]["adjectives"]
    first = tokens["is_body"].arg_true()
    of_body = pl.DataFrame({"first": first, "last": first, "party": tokens["lower"].gather(first)}).with_columns(
        pl.col("party").replace(bodies),
        party_kind=pl.lit("body"),
        letter=pl.lit("A"),
        is_people=pl.lit(value=False),
    )
    named = pl.concat([named, of_body.join(named, on="first", how="anti")]).sort("first")
    return marks, named, long, short


def without_overlaps(layers: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Spans of all layers without those that overlap one of an earlier layer, in text order."""
    first, last = (pl.Series([], dtype=pl.UInt32) for _ in range(2))
    kept = []
    for spans in layers:
        # Of those before, only the last that begins before a span ends can reach into it.
        before = first.search_sorted(spans["last"], side="right").cast(pl.Int64) - 1
        reach = last.gather(before.set(before < 0, None))
        clear = (
            spans.filter((reach < spans["first"]).fill_null(value=True))
            .sort("first")
            .filter((pl.col("first") > pl.col("last").cum_max().shift(1)).fill_null(value=True))
        )
        kept.append(clear)
        # None overlaps another: the order of their beginnings is that of their ends.
        first, last = (pl.concat([one, clear[c]]).sort() for one, c in ((first, "first"), (last, "last")))
    return pl.concat(kept, how="diagonal").sort("first")


@cache
def _letter_of_form() -> pl.Expr:
    """The letter that a form has by itself. Works on `form`, `lower`, `is_capital`."""
    words = load("delegations")["words"]
    lower, form = pl.col("lower"), pl.col("form")
    classes = {
        "l": words["determiners"], "d": ["de", "d'", *words["contracted"]], "p": ["par"], "e": ["et", "&", "ainsi"],
        "a": words["adverbs"], "E": words["pronouns"], "q": words["relatives"], "1": words["ordinals_first"],
        "3": words["ordinals_second"], "f": ["pour"], "i": words["prepositions"], "v": words["verbs"], "c": [","],
        "s": [";"], "k": [":"], ".": [".", "!", "…"], "?": ["?"], "L": ["\n"], "/": ["/"], "(": ["(", "["],
        ")": [")", "]"],
        "x": ["«", "»", "“", "”", '"'], "b": ["-", *words["bullets"]],
    }  # fmt: skip
    of_word = {word: letter for letter, ws in reversed(classes.items()) for word in ws}
    is_title = lower.is_in(words["titles"]) & (pl.col("is_capital") | lower.is_in(words["small_titles"]))
    verb = r"(?:ait|aient|era|eront|irent|èrent|urent|a-t-(?:il|elle|on))$"
    return (
        pl.when(is_title).then(pl.lit("T"))
        .when(form.is_in(["–", "—", "-"])).then(pl.lit("-"))
        .when(lower.is_in(list(of_word))).then(lower.replace(of_word))
        .when(form.str.contains(r"^\d")).then(pl.lit("0"))
        .when(form.str.contains(r"^\p{Lu}")).then(pl.lit("u"))
        .when(lower.str.contains(verb) & ~lower.is_in(words["not_verbs"])).then(pl.lit("v"))
        .when(form.str.contains(r"^\p{L}")).then(pl.lit("m"))
        .otherwise(pl.lit("x"))
        .cast(LETTER)
    )  # fmt: skip


def with_letters(tokens: pl.DataFrame) -> pl.DataFrame:
    """Add the `letter` that each token has by itself, and what else its form tells.

    `is_glued`: the end of a sentence glued to the next; `is_dropped`: it says nothing (« M », « . »); `is_body`: an
    adjective that stands for a body; `is_particle`: it may stand within a name.
    """
    words = load("roles")
    form, lower, letter = pl.col("form"), pl.col("lower"), pl.col("letter")
    tagged = with_form_features(
        tokens,
        letter=_letter_of_form(),
        ends_small=form.str.contains(r"\p{Ll}$"),
        is_point=form == ".",
        is_star=form == "*",
        is_variant=form == "\ufe0f",
        closes=form.is_in([".", ")", "-", "°"]),
        is_body=lower.is_in(list(words["bodies"]["adjectives"])) & ~pl.col("is_capital"),
        is_particle=lower.is_in(words["words"]["name_particles"]),
    )
    opens = (letter.shift(1) == "L") | letter.shift(1).is_null() | (pl.col("article") != pl.col("article").shift(1))
    # « 1. », « 2) » before an item: the mark stands for both.
    numbered = (letter.shift(1) == "0") & pl.col("opens").shift(1) & pl.col("closes")
    number = (letter == "0") & pl.col("opens") & pl.col("closes").shift(-1)
    inside = pl.col("is_point") & (pl.col("sentence") == pl.col("sentence").shift(-1))
    is_glued = pl.col("is_joined") & pl.col("is_capital") & pl.col("ends_small").shift(1)
    return (
        tagged.lazy()
        .with_columns(opens=opens)
        .with_columns(
            letter=pl.when(numbered).then(pl.lit("9", LETTER))
            .when(pl.col("opens") & letter.is_in(["b", "-"])).then(pl.lit("b", LETTER))
            .when(letter == "b").then(pl.lit("x", LETTER))
            .otherwise(letter),
            is_glued=is_glued.fill_null(value=False),
            is_dropped=(
                (inside & ~numbered) | (pl.col("is_star") & ~pl.col("opens")) | number | pl.col("is_variant")
            ).fill_null(value=False),
        )
        .drop("opens", "ends_small", "is_point", "is_star", "is_variant", "closes")
        .collect()
    )  # fmt: skip


def folded(tokens: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Fold the tokens of each span into one unit.

    In: tokens with sentences and letters; spans in text order, none overlapping, with `first`, `last`, `letter` and
    columns of their own. Out: one row per unit, in text order: `unit` (row number), `first`, `last` (token positions),
    `letter` (LETTER), `article`, `sentence`, `segment` (sentences on end), `lower` (of the first token), `is_name` (a
    name by itself, or a capitalised word that its place shows to be one) and the columns of the spans, else null.
    Every segment closes with a line, so that no frame reaches over what was left out.
    """
    place = pl.int_range(tokens.height, dtype=pl.UInt32, eager=True)
    inner = spans.select(pl.int_ranges(pl.col("first") + 1, pl.col("last") + 1, dtype=pl.UInt32).explode()).to_series()
    at = (~tokens["is_dropped"]).scatter(spans["first"], True).scatter(inner.drop_nulls(), False).arg_true()
    nth = pl.repeat(None, tokens.height, dtype=pl.UInt32, eager=True).scatter(spans["first"], _numbers(spans.height))
    letter = tokens["letter"].scatter(spans["first"], spans["letter"].cast(LETTER))
    letter = letter.scatter(tokens["is_glued"].arg_true(), "g")
    sentence = tokens["sentence"].gather(at)
    # Sentences are numbered over the frame: with each article one begins.
    article = tokens["article"].gather(at)
    begins = ((sentence.diff() > 1) | (article != article.shift(1))).fill_null(value=False)
    closes = begins.shift(-1, fill_value=True).arg_true()
    row = pl.concat([_numbers(len(at)), closes.cast(pl.UInt32)]).sort()
    is_end, own = (row == row.shift(1)).fill_null(value=False), at.gather(row)
    span = nth.gather(own).scatter(is_end.arg_true(), None)
    units = pl.DataFrame(
        [
            _numbers(len(row)).alias("unit"),
            own.alias("first"),
            place.scatter(spans["first"], spans["last"]).gather(own).alias("last"),
            letter.gather(own).scatter(is_end.arg_true(), "L").alias("letter"),
            article.gather(row),
            sentence.gather(row),
            begins.cum_sum().cast(pl.UInt32).gather(row).alias("segment"),
            tokens["lower"].gather(own).scatter(is_end.arg_true(), "\n"),
            *(spans[c].gather(span) for c in spans.columns if c not in ("first", "last", "letter")),
        ]
    )
    return units.with_columns(is_name=_is_name())


def _numbers(count: int) -> pl.Series:
    return pl.int_range(count, dtype=pl.UInt32, eager=True)


def _is_name() -> pl.Expr:
    """Whether a unit is a name: a known one, or a single capitalised word behind a title, a role or a bullet."""
    letter = pl.col("letter")
    behind_role = letter.shift(1).is_in(["c", "k", "A"]) & letter.shift(2).is_in(["R", "S", "A"])
    introduced = letter.shift(1).is_in(["T", "R", "S", "J", "b", "9", "P"]) | behind_role
    return ((letter == "N") | ((letter == "n") & introduced)).fill_null(value=False)


def matches(units: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Matches of rules within one segment: `match`, `rule`, `order` (of the rule) and the parts, as unit positions.

    `opens`, `closes` are the first and last unit of all parts. What a rule begins behind (`_s`, one unit) stays free
    for the match before it, so that lists can follow each other (« pour Rome, A ; pour Madrid, B »).
    """
    letters = _text(units["letter"])
    present = set(letters)
    tried = [rule for rule in map(_searched, rules) if all(not present.isdisjoint(own) for own in _needed(rule))]
    text = pl.Series([letters], dtype=pl.String)
    # Rules that cannot match have their columns too.
    parts = {
        f"{part}_{side}" for rule in rules for part, _ in rule.parts for side in ("first", "last") if part[0] != "_"
    }
    edges = pl.selectors.ends_with("_first", "_last")
    columns = pl.DataFrame(schema=dict.fromkeys(sorted(parts), pl.UInt32))

    def look_for(wanted: Sequence[Rule], letters: pl.Series) -> pl.DataFrame:
        # Each stretch opens behind a line, the first too.
        found = find(ALPHABET["line"] + letters, wanted, ALPHABET).with_columns(edges.cast(pl.Int64) - 1)
        found = found.filter(pl.min_horizontal(pl.lit(0), edges) == 0).with_columns(edges.cast(pl.UInt32))
        found = pl.concat([columns, found], how="diagonal")
        return found.with_columns(opens=pl.min_horizontal(columns.columns), closes=pl.max_horizontal(columns.columns))

    found = [look_for(tried, text)]
    for rule in (rule for rule in tried if "_end" in dict(rule.parts)):
        taken = found[0].filter(pl.col("rule") == rule.name)
        if not taken.is_empty():
            # What ends a list may open the next one (« pour le Tchad, A, et pour le Soudan, B »): look behind it.
            found.append(look_for([rule], _blanked(text, taken)))
    order = {rule.name: nth for nth, rule in enumerate(rules)}
    behind = {rule.name: expand(dict(rule.parts)["_s"], ALPHABET) for rule in rules if "_s" in dict(rule.parts)}
    segment, letter = pl.lit(units["segment"]), units["letter"].shift(1, fill_value="L")
    opener = pl.lit(letter).gather(pl.col("opens")).cast(pl.String)
    is_free = [(pl.col("rule") == name) & opener.str.contains(openers) for name, openers in behind.items()]
    return (
        pl.concat(found, how="diagonal")
        .filter(segment.gather(pl.col("opens")) == segment.gather(pl.col("closes")))
        .filter(pl.any_horizontal(~pl.col("rule").is_in(list(behind)), *is_free))
        .with_columns(order=pl.col("rule").replace_strict(order, return_dtype=pl.UInt8))
        .sort("order", maintain_order=True)
        .with_row_index("match")
    )


def _text(letters: pl.Series) -> str:
    """The letters as one string: their codes are its bytes."""
    buffer = letters.to_physical().rechunk().to_arrow().buffers()[1]
    return buffer.to_pybytes()[: len(letters)].decode("ascii") if len(letters) else ""


@cache
def _searched(rule: Rule) -> Rule:
    """The rule without what it begins behind."""
    return Rule(rule.name, **{name: part for name, part in rule.parts if name != "_s"})


@cache
def _needed(rule: Rule) -> list[str]:
    """The letters, one of each group of which a match of the rule cannot be without: those of its parts of one unit."""
    classes = [re.fullmatch(r"<([a-z_|]+)>", part.strip()) for _, part in rule.parts]
    return ["".join(ALPHABET[name] for name in one[1].split("|")) for one in classes if one]


def _blanked(text: pl.Series, taken: pl.DataFrame) -> pl.Series:
    """The letters with lines instead of what matches have taken."""
    opens, closes = taken["opens"].cast(pl.Int64), taken["closes"].cast(pl.Int64)
    ends = pl.Series([text.str.len_bytes()[0]], dtype=pl.Int64)
    begins = pl.concat([pl.Series([0], dtype=pl.Int64), closes + 1])
    pieces = pl.select(
        begins=begins, size=pl.concat([opens, ends]) - begins, gap=pl.concat([closes - opens + 1, ends - ends])
    )
    letters = pl.lit(text[0]).cast(pl.Binary).bin.slice(pl.col("begins"), pl.col("size")).cast(pl.String)
    return pieces.select((letters + pl.lit("L").repeat_by("gap").list.join("")).str.join("")).to_series()


def flags_at(set_at: pl.Series, sentences: pl.Series) -> pl.Series:
    """Flags of sentences, set at some: sentences are numbered over the frame, so that a number is a place."""
    count = sentences[-1] + 1 if len(sentences) else 0
    return pl.repeat(False, count, dtype=pl.Boolean, eager=True).scatter(set_at, True)


def names_in(found: pl.DataFrame, units: pl.DataFrame, part: str, *columns: str) -> pl.DataFrame:
    """The names in a part of matches: `match`, `unit`, `nth` (from 0 within the match), the columns asked for."""
    inside = (
        found.drop_nulls(f"{part}_first")
        .select("match", *columns, unit=pl.int_ranges(f"{part}_first", pl.col(f"{part}_last") + 1, dtype=pl.UInt32))
        .explode("unit")
    )
    return inside.filter(units["is_name"].gather(inside["unit"])).with_columns(
        nth=pl.int_range(pl.len(), dtype=pl.UInt32).over("match")
    )


def first_party(units: pl.DataFrame, first: pl.Series, last: pl.Series) -> list[pl.Series]:
    """The first party named between two units: `party`, `party_kind`; null where none is."""
    # One more behind the end is found where no party follows.
    at = units["party"].is_not_null().arg_true().extend(pl.Series([units.height], dtype=pl.UInt32))
    place = at.gather(at.search_sorted(first))
    inside = pl.select(pl.when(place <= last).then(place)).to_series()
    return [units["party"].gather(inside), units["party_kind"].gather(inside)]
