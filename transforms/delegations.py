"""Delegations: who sat on which side, in which role.

The tokens of a text are folded into units: a person's name, a role phrase, a party, a phrase of the vocabulary
(lexicon/delegations.toml) is one unit, any other word one of its own. Local grammars over one letter per unit find the
frames that say who is in a delegation (« composée de », « à la tête de », « côté russe », a list under a heading), with
the names listed in them. Every name of a frame gets the frame's side, and the first role that the article gives him.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cache

import polars as pl

from transforms.delegation_grammar import (
    ALPHABET,
    GROUP_NAME,
    GROUP_OF,
    GROUP_PARTY,
    GROUP_SENT,
    GROUP_SHORT,
    GUESSES,
    NEED_CONTEXT,
    NEED_TALKS,
    OUT,
    PHRASES,
    PRINCIPALS,
    ROLE_RULES,
    RULES,
    SIDE,
    SIZES,
)
from transforms.integrity import size_agrees
from transforms.lexicon import load
from transforms.numerals import numerals
from transforms.parties import parties, party_phrases
from transforms.people import People, with_names
from transforms.schemas import DELEGATION_MEMBERS, DELEGATIONS
from transforms.text import Rule, expand, find, find_phrases, phrase_key, slices, with_form_features, with_sentence_text


@cache
def _vocabulary() -> pl.DataFrame:
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


@cache
def _anchors(kind: str) -> list[str]:
    """The words without which no frame stands: the longest telling word of each phrase of the anchoring classes."""
    words = load("delegations")["words"]
    letters = [PHRASES[name] for name in words[kind]]
    phrases = _vocabulary().filter(pl.col("letter").is_in(letters))["phrase"]
    telling = [[w for w in phrase.split(" ") if len(w) > 3 and w not in words["common"]] for phrase in phrases]
    return sorted({max(found, key=len) for found in telling if found} - set(words["teams"]))


def _windows(tokens: pl.DataFrame, who: People) -> pl.Series:
    """Which tokens stand near enough to an anchor and a name for a frame: up to two sentences before or behind.

    Anchors that other texts use too (« conduit », « participent ») count only in articles that speak of talks. A list
    (lines that open with a bullet, a number, « et », « Pour ») goes with the line before it, and the opening of an
    article, which says whom it is about, with its first anchor.
    """
    words = load("delegations")["words"]
    pairs = words["anchoring_pairs"]
    lower = pl.col("lower")
    tagged = with_form_features(
        tokens,
        is_anchor=lower.is_in(_anchors("anchoring")),
        is_weak=lower.is_in(_anchors("anchoring_in_talks")),
        is_talk=lower.is_in(words["talks"]),
        is_second=lower.is_in([second for _, second in pairs]),
        is_item=pl.col("form").is_in([*words["bullets"], "et", "Pour", "Côté"]) | pl.col("form").str.contains(r"^\d+$"),
    )
    at = tagged.with_row_index("place").filter(pl.col("is_second") & (pl.col("place") > 0))
    pair = tokens["lower"].gather(at["place"] - 1) + " " + at["lower"]
    # « Pour la Syrie, » at the opening of a clause.
    opening = tagged.filter(
        (pl.col("lower") == "pour")
        & (pl.col("is_capital") | pl.col("form").shift(1).is_in([";", ":", ",", "et"]))
        & (pl.col("is_capital").shift(-1) | pl.col("is_capital").shift(-2))
    )
    weak = pl.concat(
        [
            tagged.filter("is_weak")["sentence"],
            at.filter(pair.is_in([" ".join(p) for p in pairs]))["sentence"],
            opening["sentence"],
        ]
    )
    talks = tagged.filter("is_talk")["article"].unique()
    opens = (pl.col("sentence") != pl.col("sentence").shift(1)).fill_null(value=True)
    sentence = pl.col("sentence")
    sentences = tagged.filter(opens).select(
        "article", "sentence", "paragraph", "is_item", is_blank=pl.col("form") == "\n"
    )
    spoken = (
        sentences.filter(~pl.col("is_blank"))
        .with_columns(
            is_item=pl.col("is_item").first().over("paragraph"),
            held=sentence.is_in(tagged.filter("is_anchor")["sentence"].unique().implode())
            | (sentence.is_in(weak.unique().implode()) & pl.col("article").is_in(talks.implode())),
            named=sentence.is_in(tokens["sentence"].gather(who.spans["first"]).unique().implode()),
        )
        .with_columns(_around("named", -1, 3).alias("named"))
        .with_columns(held=pl.col("held") & pl.col("named"))
        .with_columns(near=_around("held", -2, 2))
        # The lines of a list make one with the line before them.
        .with_columns(block=(~pl.col("is_item")).cum_sum())
        .with_columns(
            near=pl.col("near") | (pl.col("is_item") & pl.col("near").any().over("block")),
            is_opening=(pl.col("article") != pl.col("article").shift(3)).fill_null(value=True)
            & pl.col("held").any().over("article"),
        )
        .select("sentence", near=pl.col("near") | pl.col("is_opening"))
    )
    near = (
        sentences.join(spoken, on="sentence", how="left", maintain_order="left")
        .with_columns(pl.col("near").forward_fill())
        .filter("near")
    )
    return tokens["sentence"].is_in(near["sentence"].implode())


def _around(flag: str, first: int, last: int) -> pl.Expr:
    """Whether a flag is set in a row of the same article from `first` to `last` rows away."""
    same = [pl.col("article") == pl.col("article").shift(-k) for k in range(first, last + 1)]
    flags = [pl.col(flag).shift(-k) & here for k, here in zip(range(first, last + 1), same, strict=True)]
    return pl.any_horizontal(f.fill_null(value=False) for f in flags)


def _kept(layers: list[pl.DataFrame], height: int) -> pl.DataFrame:
    """Spans of all layers without those that overlap one of an earlier layer, in text order."""
    covered = pl.zeros(height, dtype=pl.Int32, eager=True)
    kept = []
    for spans in layers:
        inside = covered.cum_sum()
        free = (inside.gather(spans["last"]) - inside.gather(spans["first"]) + covered.gather(spans["first"])) == 0
        clear = (
            spans.filter(free)
            .sort("first")
            .filter((pl.col("first") > pl.col("last").cum_max().shift(1)).fill_null(value=True))
        )
        places = clear.select(pl.int_ranges("first", pl.col("last") + 1, dtype=pl.UInt32).explode())
        covered = covered.scatter(places.to_series(), 1)
        kept.append(clear)
    return pl.concat(kept, how="diagonal").sort("first")


def _layers(tokens: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Spans of the vocabulary: marks of heads and members, phrases of several words, of one, and parties."""
    phrases = find_phrases(tokens, _vocabulary()).select("first", "last", "letter", "is_long")
    # « son chef, l'ambassadeur X », not « son chef de cabinet ».
    followed = pl.lit(tokens["form"].shift(-1)).gather(pl.col("last")) == ","
    is_mark = pl.col("letter").is_in(["H", "V", "G"]) | ((pl.col("letter") == "z") & followed)
    named = parties(tokens).select(
        "first",
        "last",
        "party",
        "party_kind",
        letter=pl.when(pl.col("form") == "adjective").then(pl.lit("A")).otherwise(pl.lit("P")),
        is_people=pl.col("form") == "people",
    )
    bodies = load("roles")["bodies"]["adjectives"]
    of_body = tokens.with_row_index("first").filter(pl.col("lower").is_in(list(bodies)) & ~pl.col("is_capital"))
    of_body = of_body.select(
        "first",
        last="first",
        party=pl.col("lower").replace(bodies),
        party_kind=pl.lit("body"),
        letter=pl.lit("A"),
        is_people=pl.lit(value=False),
    )
    named = pl.concat([named, of_body.join(named, on="first", how="anti")]).sort("first")
    marks, long, short = (
        phrases.filter(kind).drop("is_long")
        for kind in (is_mark, ~is_mark & pl.col("is_long"), ~is_mark & ~pl.col("is_long"))
    )
    return marks, long, short, named


def _behind_people(tokens: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Capitalised words behind a nationality, which may be a name (« l'Autrichien Klaus Hofer »): `first`, `last`."""
    joint = pl.col("lower").is_in(load("roles")["words"]["name_particles"]) & pl.col("is_capital").shift(-1)
    shape = tokens.with_row_index("position").with_columns(inside=pl.col("is_capital") | joint.fill_null(value=False))
    shape = shape.with_columns(
        stop=pl.when(~pl.col("inside")).then("position").backward_fill().fill_null(tokens.height)
    )
    starts = named.filter("is_people").select(first=pl.col("last") + 1)
    starts = starts.filter(pl.col("first") < tokens.height)
    is_inside, stop = pl.lit(shape["inside"]), pl.lit(shape["stop"])
    return starts.filter(is_inside.gather(pl.col("first"))).select(
        "first", last=(stop.gather(pl.col("first")) - 1).cast(pl.UInt32), letter=pl.lit("n")
    )


@dataclass(frozen=True)
class _Reading:
    """Sentences folded into units.

    `units`: one row per unit, in text order: `unit`, `first`, `last` (token positions), `letter` (ALPHABET), `article`,
    `sentence`, `segment` (sentences on end), `lower` (of the first token), `party` and `party_kind` (of a party; of a
    role), `role` (row of `roles`), `person`. `roles`: the role phrases. `named`: which role goes with which name.
    """

    units: pl.DataFrame
    roles: pl.DataFrame
    named: pl.DataFrame


def _read(tokens: pl.DataFrame, articles: pl.DataFrame, who: People, kept: pl.Series) -> _Reading:
    """Fold the sentences of the tokens that are `kept` (whole sentences) into units."""
    local = tokens.with_row_index("place").filter(kept)
    index = pl.lit(kept.cast(pl.UInt32).cum_sum()) - 1
    moved = [index.gather(pl.col(c)).cast(pl.UInt32).alias(c) for c in ("first", "last")]
    is_kept = pl.lit(kept).gather(pl.col("first"))
    mentions = who.mentions.filter(is_kept).select(*moved, "person", letter=pl.lit("N"))
    candidates = who.spans.filter(is_kept).select(*moved, letter=pl.lit("n"))
    # No role goes over the end of its sentence.
    roles = who.roles.filter(is_kept).with_columns(
        index.gather(pl.col(c)).cast(pl.UInt32).alias(c) for c in ("first", "last", "bare_last")
    )
    marks, long, short, named = _layers(local)
    candidates = pl.concat([candidates, _behind_people(local, named)])
    behind = pl.lit(local["form"]).gather((pl.col("first").cast(pl.Int64) - 1).clip(0))
    spoken = roles.with_row_index("role").select(
        "first", "role", "party",
        # « X, gendre du président Y »: apposed, the inner name belongs to the role; else it may be the next member.
        last=pl.when(behind.is_in([",", "(", "–", "—", ":"])).then("last").otherwise("bare_last"),
        letter=pl.when("is_plural").then(pl.lit("S")).otherwise(pl.lit("R")),
    )  # fmt: skip
    spans = _kept([marks, spoken, mentions, named, long, short, candidates], local.height)
    units = _folded(_tagged(local), spans).with_columns(
        pl.lit(local["place"]).gather(pl.col(c)).alias(c) for c in ("first", "last")
    )
    units = _with_groups(units, tokens, articles)
    return _Reading(units, roles, _named_roles(units, tokens, roles, who))


def _tagged(tokens: pl.DataFrame) -> pl.DataFrame:
    """Tokens with the letter each has by itself, and `is_dropped` where it says nothing (« M », « . »)."""
    words = load("delegations")["words"]
    lower, form = pl.col("lower"), pl.col("form")
    classes = {
        "l": words["determiners"], "d": ["de", "d'", *words["contracted"]], "p": ["par"], "e": ["et", "&", "ainsi"],
        "a": words["adverbs"], "E": words["pronouns"], "q": words["relatives"], "1": words["ordinals_first"],
        "3": words["ordinals_second"], "f": ["pour"], "i": words["prepositions"], "v": words["verbs"], "c": [","],
        "s": [";"], "k": [":"], ".": [".", "!", "…"], "?": ["?"], "L": ["\n"], "/": ["/"], "(": ["(", "["],
        ")": [")", "]"],
        "x": ["«", "»", "“", "”", '"'], "-": ["-", "–", "—"], "b": words["bullets"],
    }  # fmt: skip
    of_word = {word: letter for letter, ws in reversed(classes.items()) for word in ws}
    is_title = lower.is_in(words["titles"]) & (pl.col("is_capital") | lower.is_in(words["small_titles"]))
    verb = r"(?:ait|aient|era|eront|irent|èrent|urent|a-t-(?:il|elle|on))$"
    tagged = with_form_features(
        tokens,
        letter=pl.when(is_title).then(pl.lit("T"))
        .when(lower.is_in(list(of_word))).then(lower.replace(of_word))
        .when(form.str.contains(r"^\d")).then(pl.lit("0"))
        .when(form.str.contains(r"^\p{Lu}")).then(pl.lit("u"))
        .when(lower.str.contains(verb) & ~lower.is_in(words["not_verbs"])).then(pl.lit("v"))
        .when(form.str.contains(r"^\p{L}")).then(pl.lit("m"))
        .otherwise(pl.lit("x")),
        ends_small=form.str.contains(r"\p{Ll}$"),
    )  # fmt: skip
    before, letter = pl.col("form").shift(1), pl.col("letter")
    opens = (before == "\n") | before.is_null() | (pl.col("article") != pl.col("article").shift(1))
    # « 1. », « 2) » before an item: the mark stands for both.
    closes = form.is_in([".", ")", "-", "°"])
    numbered = (letter.shift(1) == "0") & opens.shift(1) & closes
    number = (letter == "0") & opens & closes.shift(-1)
    inside = (form == ".") & (pl.col("sentence") == pl.col("sentence").shift(-1))
    mark = letter.is_in(["b", "-"])
    return tagged.with_columns(
        letter=pl.when(numbered).then(pl.lit("9")).when(mark & opens).then(pl.lit("b"))
        .when(form.is_in(["–", "—", "-"])).then(pl.lit("-")).when(letter == "b").then(pl.lit("x"))
        .when(letter == "-").then(pl.lit("x")).otherwise(letter),
        is_glued=pl.col("is_joined") & pl.col("is_capital") & pl.col("ends_small").shift(1),
        is_dropped=(inside & ~numbered) | ((form == "*") & ~opens) | number | (form == "\ufe0f"),
    )  # fmt: skip


def _folded(tagged: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Fold the tokens of each span into one unit; every article ends with a line."""
    covered = spans.select(position=pl.int_ranges(pl.col("first") + 1, pl.col("last") + 1, dtype=pl.UInt32).explode())
    columns = {"party": pl.String, "party_kind": pl.String, "role": pl.UInt32, "person": pl.UInt32, "value": pl.Float64}
    missing = [pl.lit(None, dtype).alias(c) for c, dtype in columns.items() if c not in spans.columns]
    spans = spans.with_columns(missing)
    units = (
        tagged.lazy()
        .with_row_index("position")
        .join(covered.drop_nulls().lazy(), on="position", how="anti", maintain_order="left")
        .join(
            spans.lazy().rename({"letter": "span_letter", "first": "position"}),
            on="position", how="left", maintain_order="left",
        )
        .filter(pl.col("span_letter").is_not_null() | ~pl.col("is_dropped").fill_null(value=False))
        .select(
            "article", "sentence", "lower", *columns,
            first="position", last=pl.coalesce("last", "position"),
            letter=pl.when(pl.col("is_glued")).then(pl.lit("g")).otherwise(pl.coalesce("span_letter", "letter")),
        )
    ).collect()  # fmt: skip
    # Each stretch of sentences on end closes with a line, so that no frame reaches over what was left out.
    jump = (pl.col("sentence").cast(pl.Int64) - pl.col("sentence").shift(1).cast(pl.Int64)) > 1
    units = units.with_columns(
        segment=((pl.col("article") != pl.col("article").shift(1)) | jump)
        .fill_null(value=False)
        .cum_sum()
        .cast(pl.UInt32)
    )
    ends = units.group_by("segment", maintain_order=True).agg(pl.col("article", "sentence", "first", "last").last())
    ends = ends.with_columns(letter=pl.lit("L"), lower=pl.lit("\n"), is_end=pl.lit(value=True))
    return (
        pl.concat([units.with_columns(is_end=pl.lit(value=False)), ends], how="diagonal")
        .sort("segment", "first", "is_end", maintain_order=True)
        .drop("is_end")
        .with_row_index("unit")
    )


def _matches(units: pl.DataFrame, rules: list[Rule]) -> pl.DataFrame:
    """Matches of rules within one segment: `match`, `rule`, `opens`, `closes` and the parts, as unit positions.

    A rule is tried on the segments only that hold a letter of its `cue` (or of a part that is one class). What it
    begins behind (`_s`, one unit) stays free for the match before it, so that lists can follow each other (« pour Rome,
    A ; pour Madrid, B »).
    """
    segments = units.group_by("segment", maintain_order=True).agg(
        start=pl.col("unit").first(), letters=pl.col("letter").str.join("")
    )
    per_rule = []
    # Every segment ends with a line: that is what the first unit of the next one stands behind.
    before = pl.lit(units["letter"].shift(1, fill_value="L"))
    for rule in rules:
        parts = dict(rule.parts)
        behind = parts.pop("_s", None)
        matches = _matches_of(segments, Rule(rule.name, **parts))
        edges = pl.selectors.ends_with("_first", "_last")
        matches = matches.with_columns(opens=pl.min_horizontal(edges), closes=pl.max_horizontal(edges))
        if behind is not None:
            opener = before.gather(pl.col("opens"))
            matches = matches.filter(opener.str.contains(expand(behind, ALPHABET)))
        per_rule.append(matches)
    found = pl.concat(per_rule, how="diagonal")
    segment = pl.lit(units["segment"])
    same = segment.gather(pl.col("opens")) == segment.gather(pl.col("closes"))
    return found.filter(same.fill_null(value=False)).with_row_index("match")


def _matches_of(segments: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """The matches of one rule as `find` gives them, in unit positions."""
    parts = dict(rule.parts)
    single = [
        part for name, part in [("cue", parts.get("cue", "")), *parts.items()] if re.fullmatch(r"<[a-z_|]+>", part)
    ]
    tried = segments.filter(pl.col("letters").str.contains(expand(single[0], ALPHABET))) if single else segments
    tried = tried.with_columns(size=pl.col("letters").str.len_bytes())
    found = find(tried["letters"].str.join(""), [rule], ALPHABET)
    if found.is_empty():
        return found
    if "_end" in parts:
        # What ends a list may open the next one (« pour le Tchad, A, et pour le Soudan, B »): look again behind it.
        first, last = (pl.selectors.ends_with(side) for side in ("_first", "_last"))
        taken = found.select(pl.int_ranges(pl.min_horizontal(first), pl.max_horizontal(last) + 1).explode())
        left = tried["letters"].str.join("").str.split("").explode().scatter(taken.to_series(), "L")
        found = pl.concat([found, find(left.str.join(""), [rule], ALPHABET)], how="diagonal")
    # Positions in the letters tried → units: each segment is moved as a whole. What goes over the end of one lands in
    # another segment than it began in.
    opens = tried.select((pl.col("size").cum_sum() - pl.col("size")).cast(pl.Int64)).to_series()
    edges = pl.selectors.ends_with("_first", "_last")
    begins = found.select(pl.min_horizontal(edges)).to_series()
    moved = (tried["start"].cast(pl.Int64) - opens).gather(opens.search_sorted(begins, side="right") - 1)
    return found.with_columns((edges + moved).cast(pl.UInt32))


def _nameable(units: pl.DataFrame) -> pl.Series:
    """Which units are names: known ones, and single capitalised words behind a title, a role or a bullet."""
    letter = pl.col("letter")
    behind_role = letter.shift(1).is_in(["c", "k", "A"]) & letter.shift(2).is_in(["R", "S", "A"])
    introduced = letter.shift(1).is_in(["T", "R", "S", "J", "b", "9", "P"]) | behind_role
    return units.select(((letter == "N") | ((letter == "n") & introduced)).fill_null(value=False)).to_series()


def _names_in(matches: pl.DataFrame, units: pl.DataFrame, part: str, *columns: str) -> pl.DataFrame:
    """The names in a part of matches: `match`, `unit`, `nth` (from 0 within the match), the columns asked for."""
    return (
        matches.drop_nulls(f"{part}_first")
        .select("match", *columns, unit=pl.int_ranges(f"{part}_first", pl.col(f"{part}_last") + 1, dtype=pl.UInt32))
        .explode("unit")
        .filter(pl.lit(_nameable(units)).gather(pl.col("unit")))
        .with_columns(nth=pl.int_range(pl.len(), dtype=pl.UInt32).over("match"))
    )


def _first_party(units: pl.DataFrame, first: str, last: str) -> list[pl.Expr]:
    """The first party named between two units: `party`, `party_kind`; null where none is."""
    at = units.select(pl.when(pl.col("party").is_not_null()).then("unit").backward_fill()).to_series()
    place = pl.lit(at).gather(pl.col(first))
    place = pl.when(place <= pl.col(last)).then(place)
    return [pl.lit(units[c]).gather(place).alias(c) for c in ("party", "party_kind")]


@cache
def _kinds() -> dict[str, str]:
    """Party → kind, of all that the lexicon knows."""
    known = party_phrases().select("party", "party_kind").unique("party", keep="first", maintain_order=True)
    return dict(known.rows())


def _kind_of(party: pl.Expr) -> pl.Expr:
    """The kind of a party of which only the code is known: one that no lexicon has is a group."""
    return pl.when(party.is_not_null()).then(
        party.replace_strict(_kinds(), default=pl.lit("group"), return_dtype=pl.String)
    )


def _named_roles(units: pl.DataFrame, tokens: pl.DataFrame, roles: pl.DataFrame, who: People) -> pl.DataFrame:
    """Which role goes with which naming, by the words around it.

    Out: one row per name unit and role: `unit`, `place` (first token of the name), `role_first`, `role_last` (token
    positions), `role` (row of `roles`; null where the lexicon knows no such role), `category`, `party`, `rank` (0 a
    role, 1 a rank or a title before a surname, 2 a guess).
    """
    words = load("delegations")["words"]
    order = {rule.name: nth for nth, rule in enumerate(ROLE_RULES)}
    found = _matches(units, ROLE_RULES).with_columns(order=pl.col("rule").replace_strict(order, return_dtype=pl.UInt8))
    # A singular role is one person's: the rule that comes first says whose.
    found = found.sort("order", maintain_order=True)
    found = found.filter(pl.col("rule").str.ends_with("_all") | pl.col("role_first").is_first_distinct())
    full = who.mentions.filter("is_full").select(place="first", is_full=pl.lit(value=True))
    at = {c: pl.lit(units[c]) for c in ("first", "last", "role", "party")}
    # « les ministres des Affaires étrangères et de la Défense, A et B »: to each his part.
    place, word = pl.int_range(tokens.height, dtype=pl.UInt32, eager=True), pl.lit(tokens["lower"])
    ands = pl.lit(pl.select(pl.when(tokens["lower"] == "et").then(place).backward_fill()).to_series())
    split = ands.gather(pl.col("role_first"))
    praising = rf"(?:{'|'.join(words['praising'])})$"
    # « le général de brigade X », « le président X » before a surname alone: forms of address rather than roles.
    is_rank = pl.col("head").is_in(words["ranks"]) & (pl.col("length") <= 3)
    is_form_of_address = pl.col("is_full").is_null() & (pl.col("length") == 1)
    is_dealt = (pl.col("rule") == "before_all") & (pl.len().over("match") == 2) & (split < pl.col("role_last"))
    return (
        _names_in(found, units, "names", "rule", "order", "role_first", "role_last")
        .with_columns(
            place=at["first"].gather(pl.col("unit")),
            role=at["role"].gather(pl.col("role_first")),
            party=at["party"].gather(pl.col("role_first")),
            role_first=at["first"].gather(pl.col("role_first")),
            role_last=at["last"].gather(pl.col("role_last")),
        )
        .with_columns(
            role_first=pl.when(is_dealt & (pl.col("nth") == 1)).then(split + 1).otherwise("role_first"),
            role_last=pl.when(is_dealt & (pl.col("nth") == 0)).then(split - 1).otherwise("role_last"),
        )
        .join(full, on="place", how="left", maintain_order="left")
        .with_columns(
            head=pl.lit(roles["head"]).gather(pl.col("role")),
            category=pl.lit(roles["category"].cast(pl.String)).gather(pl.col("role")),
            length=pl.col("role_last") - pl.col("role_first") + 1,
        )
        # « Membres : A, ministre » heads a list.
        .filter(pl.col("head").ne_missing("membre") | (pl.col("length") > 1))
        .filter(pl.col("role").is_not_null() | ~word.gather(pl.col("role_first")).is_in(words["titles"]))
        .filter((pl.col("rule") != "noun_before") | ~word.gather(pl.col("role_last")).str.contains(praising))
        .with_columns(
            rank=pl.when(pl.col("rule").is_in(GUESSES)).then(2)
            .when((pl.col("rule") == "before") & (is_rank | is_form_of_address)).then(1)
            .otherwise(0)
        )
        .sort("unit", "rank", "order", maintain_order=True)
    )  # fmt: skip


def _group_names(units: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.Expr:
    """What groups are called: their acronym where one stands in brackets, else their name as written."""
    at = {c: pl.lit(units[c]) for c in ("article", "first", "last")}
    text = pl.lit(articles["text"]).gather(at["article"].gather(pl.col("group_first")))
    start = pl.lit(tokens["start"]).gather(at["first"].gather(pl.col("group_first")))
    end = pl.lit(tokens["end"]).gather(at["last"].gather(pl.col("group_last")))
    acronym = pl.lit(tokens["form"]).gather(at["first"].gather(pl.col("acronym_first") + 1))
    return pl.coalesce(acronym, slices(text, start, end))


def _with_groups(units: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Units where groups of their own (« société civile soudanaise ») are parties under their name.

    « la guérilla », « les rebelles » by themselves are the movement that the article speaks of most, « gouvernemental »
    is then the state's that it fights.
    """
    found = _matches(units, [GROUP_NAME])
    letter = pl.lit(units["letter"])
    is_bare = (letter.gather(pl.col("group_first")) == ALPHABET["rebel_side"]) & pl.col("acronym_first").is_null()
    is_bare &= pl.col("group_first") == pl.col("group_last")
    named = found.filter(~is_bare).select(
        pl.col("group_first").alias("unit"), own=_group_names(units, tokens, articles), own_kind=pl.lit("group")
    )
    units = (
        units.join(named, on="unit", how="left", maintain_order="left")
        .with_columns(party=pl.coalesce("own", "party"), party_kind=pl.coalesce("own_kind", "party_kind"))
        .drop("own", "own_kind")
    )
    ranked = _parties_by_weight(units)
    firsts = {
        name: ranked.filter(pl.col("party_kind") == kind).unique("article", keep="first").select("article", party)
        for name, kind in (("movement", "group"), ("state", "country"))
        for party in [pl.col("party").alias(name)]
    }
    is_rebel, is_state = (pl.col("letter") == ALPHABET[name] for name in ("rebel_side", "state_side"))
    # Of a state only where a movement is the other side: else « gouvernementale » tells nothing.
    implied = pl.when(is_rebel).then("movement").when(is_state & pl.col("movement").is_not_null()).then("state")
    return (
        units.join(firsts["movement"], on="article", how="left", maintain_order="left")
        .join(firsts["state"], on="article", how="left", maintain_order="left")
        .with_columns(implied=implied)
        .with_columns(
            party_kind=pl.coalesce("party_kind", pl.when(is_rebel).then(pl.lit("group")).otherwise(pl.lit("country"))),
            party=pl.coalesce("party", "implied"),
        )
        .with_columns(party_kind=pl.when(pl.col("party").is_not_null()).then("party_kind"))
        .drop("movement", "state", "implied")
    )


def _parties_by_weight(units: pl.DataFrame) -> pl.DataFrame:
    """The parties that each article speaks of, the most spoken of first: `article`, `party`, `party_kind`, `weight`.

    Those of a government, an army, a movement have more `weight`; where something happens, and where somebody is
    from (« la Norvégienne X »), has none.
    """
    letter, before = pl.col("letter"), pl.col("letter").shift(1)
    follows_side = before.is_in([ALPHABET["state_side"], ALPHABET["rebel_side"], ALPHABET["delegation"]])
    follows_side |= before.is_in(["d", "l"]) & pl.col("letter").shift(2).is_in([ALPHABET["state_side"], "d"])
    return (
        units.with_columns(
            weight=pl.when(_is_place() | letter.shift(-1).is_in(["N", "n"]))
            .then(0)
            .when(follows_side)
            .then(3)
            .otherwise(1)
        )
        .filter(pl.col("party").is_not_null() & ~letter.is_in(["R", "S"]))
        .group_by("article", "party", maintain_order=True)
        .agg(pl.col("party_kind").first(), pl.col("weight").sum())
        .sort("article", "weight", descending=[False, True], maintain_order=True)
    )


def _is_place() -> pl.Expr:
    """Whether a party names a place where something happens: « à Nouméa », « au Qatar », « La Havane, 3 mars »."""
    letter, lower = pl.col("letter"), pl.col("lower")
    inside = (letter.shift(1) == "i") | lower.shift(1).is_in(["au", "aux"])
    dateline = letter.shift(1).is_in(["L", "k"]) & letter.shift(-1).is_in(["c", "(", "-"])
    return (letter == "P") & (inside | dateline).fill_null(value=False)


def _groups(units: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Whose a delegation is where its noun phrase says so: `unit` (of the noun), `party`, `party_kind`.

    `is_concluded` (whether only the context tells) is false.
    """
    found = pl.concat([_short_named(units, tokens), _matches(units, [GROUP_OF])], how="diagonal")
    # « une délégation du Sénat » is its state's.
    is_institution = pl.lit(tokens["form"]).gather(pl.lit(units["last"]).gather(pl.col("group_last")))
    is_institution = is_institution.is_in(load("roles")["words"]["institutions"])
    found = found.filter((pl.col("group_first") < pl.col("group_last")) | ~is_institution)
    own = found.select(
        pl.col("d_first").alias("unit"), party=_group_names(units, tokens, articles), party_kind=pl.lit("group")
    )
    named, sent = (
        _matches(units, [rule]).select(
            pl.col("d_first").alias("unit"), *_first_party(units, "party_first", "party_last")
        )
        for rule in (GROUP_PARTY, GROUP_SENT)
    )
    groups = pl.concat([own, named, sent]).drop_nulls("party").unique("unit", keep="first", maintain_order=True)
    return groups.with_columns(
        party_kind=pl.coalesce("party_kind", _kind_of(pl.col("party"))), is_concluded=pl.lit(value=False)
    ).sort("unit")


def _short_named(units: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Matches of GROUP_SHORT with an acronym in the brackets."""
    written = pl.lit(tokens["form"]).gather(pl.lit(units["first"]).gather(pl.col("acronym_first") + 1))
    return _matches(units, [GROUP_SHORT]).filter(written.str.contains(r"^\p{Lu}[\p{Lu}\d-]+$"))


def _context(units: pl.DataFrame, events: pl.DataFrame, countries: pl.DataFrame) -> pl.DataFrame:
    """What stands before each unit of its article.

    Out: one row per unit: `event`, `event_kind`, `event_sentence` (the side spoken of last), `bearing` (the party that
    an earlier word names, or an earlier person comes from), `later` (the next party named), `word` (the word before).
    """
    # « sommet de Nouméa », « pour Kiev » are nobody's side either.
    letter = pl.col("letter")
    is_place = _is_place() | ((letter == "P") & letter.shift(1).is_in(["d", "f"]))
    is_party = letter.is_in(["A", "P", "R", "S"]) & ~is_place
    events = events.rename({"party": "event", "party_kind": "event_kind"})
    told = (
        units.select("unit", "article", "sentence", "party", "letter", "lower")
        .join(events, on="unit", how="left", maintain_order="left")
        .join(countries, on="unit", how="left", maintain_order="left")
        .with_columns(borne=pl.coalesce(pl.when(is_party).then("party"), "country"))
        .with_columns(
            at_event=pl.when(pl.col("event").is_not_null()).then("unit").forward_fill().shift(1),
            at_borne=pl.when(pl.col("borne").is_not_null()).then("unit").forward_fill().shift(1),
            at_later=pl.when(pl.col("party").is_not_null() & is_party).then("unit").backward_fill().shift(-1),
        )
    )

    def there(column: str, at: str) -> pl.Expr:
        """A column at another unit of the same article."""
        same = pl.lit(told["article"]).gather(pl.col(at)) == pl.col("article")
        return pl.when(same).then(pl.lit(told[column]).gather(pl.col(at)))

    return told.select(
        "unit",
        "sentence",
        event=there("event", "at_event"),
        event_kind=there("event_kind", "at_event"),
        event_sentence=there("sentence", "at_event"),
        bearing=there("borne", "at_borne"),
        later=there("party", "at_later"),
        word=pl.col("lower").shift(1),
    )


def _with_sides(
    frames: pl.DataFrame, units: pl.DataFrame, groups: pl.DataFrame, countries: pl.DataFrame
) -> pl.DataFrame:
    """Frames with `party`, `party_kind`: what they say, else the head's country, else the side spoken of last.

    In: `groups` as made by `_groups`; `countries` (`unit`, `country`): where the person of a name comes from.
    """
    named = groups.rename({"unit": "d_first", "party": "of_group", "party_kind": "kind_of_group"})
    frames = (
        frames.with_columns(_first_party(units, "side_first", "side_last"))
        .join(named, on="d_first", how="left", maintain_order="left")
        # « conduits par X, les émissaires russes »: the group is a role.
        .with_columns(of_role=pl.lit(units["party"]).gather(pl.col("d_first")))
        .with_columns(
            party=pl.coalesce("party", "of_group", "of_role"),
            party_kind=pl.coalesce("party_kind", "kind_of_group", _kind_of(pl.col("of_role"))),
        )
    )
    sides = _matches(units, [SIDE])
    events = pl.concat(
        [
            groups.drop("is_concluded"),
            sides.select(pl.col("side_first").alias("unit"), *_first_party(units, "side_first", "side_last")),
            frames.filter(pl.col("side_first").is_not_null()).select("party", "party_kind", unit="side_first"),
        ],
        how="diagonal",
    ).drop_nulls("party").unique("unit", keep="first", maintain_order=True)  # fmt: skip
    events = pl.concat([events, _opposite_sides(units, events)], how="diagonal").unique("unit", keep="first")
    is_led = pl.col("rule").is_in(["led_by", "led_too", "led_first", "it_led", "roles_led_by"])
    led = frames.with_columns(
        head_first=pl.coalesce("head_first", pl.when(is_led).then("members_first")),
        head_last=pl.coalesce("head_last", pl.when(is_led).then("members_last")),
    )
    heads = _names_in(led, units, "head").join(countries, on="unit").sort("unit").unique("match", keep="first")
    listed = _names_in(frames, units, "members").join(countries, on="unit").sort("unit").unique("match", keep="first")
    context = _context(units, events, countries)
    ordinal = _ordinal_sides(frames, units, groups)
    anchored = (
        frames.with_columns(anchor=pl.coalesce("d_first", "cue_first", "opens"))
        .join(heads.select("match", head_country="country"), on="match", how="left", maintain_order="left")
        .join(listed.select("match", own_country="country"), on="match", how="left", maintain_order="left")
        .join(context.rename({"unit": "anchor"}), on="anchor", how="left", maintain_order="left")
        .join(ordinal, on="match", how="left", maintain_order="left")
        .with_columns(is_travel=pl.lit(units["letter"]).gather(pl.col("cue_first")) == ALPHABET["travels"])
    )
    gap = (pl.col("sentence").cast(pl.Int64) - pl.col("event_sentence").cast(pl.Int64)).fill_null(99)
    event = pl.col("event")
    anaphor = (
        pl.when(pl.col("rule") == "accompanied_role").then(None)
        .when(pl.col("which_first").is_not_null()).then("ordinal")
        .when(pl.col("rule") == "its_head").then(pl.coalesce(pl.when(gap <= 1).then(event), "head_country"))
        .when(pl.col("rule").is_in(NEED_CONTEXT)).then(
            # « Ont fait le voyage avec lui »: his, of whom the text speaks.
            pl.coalesce(pl.when(gap <= 4).then(event), "own_country", pl.when("is_travel").then("bearing"))
        )
        .when(pl.col("word").is_in(["notre", "nos", "votre", "vos"])).then(None)
        .when(pl.col("word").is_in(["sa", "leur"])).then(pl.coalesce("bearing", event))
        .when(gap == 0).then(event)
        .otherwise(pl.coalesce("head_country", pl.when(gap <= 3).then(event), "own_country", event, "bearing", "later"))
    )  # fmt: skip
    # What the frame itself says is surer than what the words around it let conclude.
    is_concluded = pl.col("party").is_null() | (pl.col("side_first").is_null() & pl.col("is_concluded"))
    confidence = pl.col("confidence") - pl.when(is_concluded).then(0.1).otherwise(0.0)
    return anchored.with_columns(
        party=pl.coalesce("party", anaphor), confidence=confidence, is_sure=~is_concluded
    ).with_columns(
        party_kind=pl.coalesce(
            "party_kind", pl.when(event == pl.col("party")).then("event_kind"), _kind_of(pl.col("party"))
        )
    )


def _opposite_sides(units: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Whose side « en face », « l'autre » is: the party most spoken of beside the one spoken of last.

    In: `events` (`unit`, `party`): where a side is named. Out: `unit`, `party`, `party_kind`.
    """
    turns = units.filter(pl.col("letter") == ALPHABET["opposite"]).select("unit", "article")
    told = events.sort("unit").select("unit", one="party", told_in=pl.lit(units["article"]).gather(pl.col("unit")))
    return (
        turns.join_asof(told, on="unit", strategy="backward")
        .filter(pl.col("article") == pl.col("told_in"))
        .join(_parties_by_weight(units), on="article", maintain_order="left_right")
        .filter((pl.col("party") != pl.col("one")) & (pl.col("weight") > 0))
        .unique("unit", keep="first", maintain_order=True)
        .select("unit", "party", "party_kind")
    )


def _ordinal_sides(frames: pl.DataFrame, units: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Which side « la première », « le second » is: `match`, `ordinal`, by the last sentence that names two groups."""
    asked = frames.drop_nulls("which_first").select(
        "match", is_second=pl.lit(units["letter"]).gather(pl.col("which_last")) == "3",
        article=pl.lit(units["article"]).gather(pl.col("opens")),
        before=pl.lit(units["sentence"]).gather(pl.col("opens")),
    )  # fmt: skip
    pairs = (
        groups.with_columns(pl.lit(units[c]).gather(pl.col("unit")).alias(c) for c in ("article", "sentence"))
        .group_by("article", "sentence", maintain_order=True)
        .agg(one="party", two=pl.col("party").last(), count=pl.len())
        .filter(pl.col("count") > 1)
        .with_columns(one=pl.col("one").list.first())
    )
    return (
        asked.join(pairs, on="article")
        .filter(pl.col("sentence") < pl.col("before"))
        .sort("sentence")
        .unique("match", keep="last")
        .select("match", ordinal=pl.when("is_second").then("two").otherwise("one"))
    )


def delegation_members(tokens: pl.DataFrame, articles: pl.DataFrame, who: People) -> pl.DataFrame:
    """Who the articles say was in a delegation.

    In: tokens with sentences; the articles they come from; their people. Out: rows of DELEGATION_MEMBERS, one per
    article, delegation and person, sorted by article, delegation and place.
    """
    windows = _windows(tokens, who)
    near = _read(tokens, articles, who, windows)
    units, named = near.units, near.named
    certain = named.filter(pl.col("rank") < 2)
    knows = pl.col("head").is_in(load("delegations")["words"]["knowing"]).fill_null(value=False)
    with_role = (
        certain.filter(~knows)
        .drop_nulls("party")
        .unique("unit", keep="first", maintain_order=True)
        .select("unit", "party")
    )
    # « le Qatari Jassem Boualy ».
    by_origin = units.select(
        unit=pl.col("unit"),
        party=pl.when((pl.col("letter") == "N") & pl.col("letter").shift(1).is_in(["A", "P"])).then(
            pl.col("party").shift(1)
        ),
    ).drop_nulls()
    with_role = pl.concat([by_origin, with_role]).unique("unit", keep="first")
    countries = (
        units.filter(pl.col("letter").is_in(["N", "n"]))
        .select("unit", own=pl.lit(who.persons["country"]).gather(pl.col("person")))
        .join(with_role, on="unit", how="left", maintain_order="left")
        .select("unit", country=pl.coalesce("party", "own"), by_role="party")
        .drop_nulls("country")
    )
    order = {rule.name: nth for nth, rule in enumerate(RULES)}
    frames = _matches(units, list(RULES)).with_columns(
        order=pl.col("rule").replace_strict(order, return_dtype=pl.UInt8),
        confidence=pl.col("rule").replace_strict({r.name: c for r, c in RULES.items()}, return_dtype=pl.Float64),
    )
    frames, groups = _in_talks(frames, near, tokens), _groups(units, tokens, articles)
    # First the frames that tell their side, then those that go on about it.
    first = _with_sides(frames, units, groups, countries).drop_nulls("party")
    first = first.select("party", "party_kind", unit=pl.coalesce("d_first", "opens"), is_concluded=pl.lit(value=True))
    told = pl.concat([groups, first], how="diagonal").with_columns(pl.col("is_concluded").fill_null(value=False))
    frames = _with_sides(frames, units, told.unique("unit", keep="first", maintain_order=True).sort("unit"), countries)
    rows = _listed(frames, units, countries)
    rows = pl.concat([_with_company(rows, units, certain), _principals(units, certain, who)], how="diagonal")
    out = _names_in(_matches(units, OUT), units, "names").select("unit")
    # « accompagné de son homologue »: the host, no company.
    peers = certain.filter(pl.col("head") == "homologue").select("unit", is_peer=pl.lit(value=True)).unique()
    rows = rows.join(out, on="unit", how="anti", maintain_order="left").drop_nulls("party")
    rows = rows.join(peers, on="unit", how="left", maintain_order="left").filter(
        pl.col("is_peer").is_null()
        | pl.col("is_head")
        | (pl.col("party_kind") != "country")
        | pl.col("rule").is_in(["with_delegations", "led_by", "it_led", "principals"])
    )
    places = rows.with_columns(pl.lit(units[c]).gather(pl.col("unit")).alias(c) for c in ("first", "last", "letter"))
    # A single name that only its place in a list tells to be one.
    who = with_names(who, places.filter(pl.col("letter") == "n"), tokens, articles)
    rows = _joined(places, who)
    rest = _read(tokens, articles, who, _sentences_about(rows, tokens, who) & ~windows)
    return _published(rows, _first_roles([near, rest], who), tokens, articles, who)


def _in_talks(frames: pl.DataFrame, near: _Reading, tokens: pl.DataFrame) -> pl.DataFrame:
    """Frames without those that need talks around them (teams, sides by a bare preposition) where there are none."""
    words = load("delegations")["words"]
    at = {c: pl.lit(near.units[c]) for c in ("article", "lower", "letter", "role")}
    is_talk = with_form_features(tokens, is_talk=pl.col("lower").is_in(words["talks"])).filter("is_talk")
    sent = near.units.filter(pl.col("letter") == "O")
    met = frames.filter(pl.col("rule").is_in(["side_attends", "attends_side"]))
    met_in = met.select(at["article"].gather(pl.col("opens"))).to_series()
    talks = pl.concat([is_talk["article"], sent["article"], met_in]).unique()
    team = at["lower"].gather(pl.col("d_first")).is_in(words["teams"]).fill_null(value=False)
    needs = team | pl.col("rule").is_in(NEED_TALKS)
    head = pl.lit(near.roles["head"]).gather(at["role"].gather(pl.col("side_first")))
    named = at["letter"].gather(pl.col("side_first")).is_in(["S"]) & pl.col("rule").is_in(
        ["negotiators", "roles_led_by"]
    )
    is_other = named & ~head.is_in(words["negotiators"])
    return frames.filter((~needs | at["article"].gather(pl.col("opens")).is_in(talks.implode())) & ~is_other)


def _listed(frames: pl.DataFrame, units: pl.DataFrame, countries: pl.DataFrame) -> pl.DataFrame:
    """The names of frames: `match`, `unit`, `party`, `party_kind`, `is_head`, `rule`, `confidence`, `order`."""
    keep = ("rule", "confidence", "order", "party", "party_kind", "d_first", "is_sure")
    rule, nth = pl.col("rule"), pl.col("nth")
    # Behind the end of a list glued to the next sentence (« chef du protocoleTrump sera… ») nobody is listed.
    last = units.select(
        line=pl.when(pl.col("letter") == "L").then("unit").forward_fill(),
        glue=pl.when(pl.col("letter") == "g").then("unit").forward_fill(),
    )
    glued = last.select((pl.col("glue") > pl.col("line").fill_null(0)).fill_null(value=False)).to_series()
    listed = _names_in(frames, units, "members", *keep)
    listed = listed.filter(~rule.is_in(["list", "list_of_it", "side_block"]) | ~pl.lit(glued).gather(pl.col("unit")))
    # « dirigée par A et B »: both lead; whoever is « accompagné de » the next leads too.
    about = units.select(
        "unit",
        commas=(pl.col("letter") == "c").cum_sum(),
        after=pl.when(pl.col("letter").is_in(list("NnBe.Ls"))).then("letter").backward_fill().shift(-1),
    )
    groups = units.select(d_first="unit", group="letter")
    listed = (
        listed.join(about, on="unit", maintain_order="left")
        .join(groups, on="d_first", how="left", maintain_order="left")
        .with_columns(
            is_joined=pl.col("commas") == pl.col("commas").shift(1).over("match"), count=pl.len().over("match")
        )
    )
    several = pl.col("group") == "2"
    is_second = (nth == 1) & (pl.col("is_joined") | several) & (pl.col("count") == 2)
    leads = rule.is_in(["led_by", "led_too", "led_first", "it_led", "roles_led_by"]) & ((nth == 0) | is_second)
    marked = rule.is_in(["with_delegations", "both_lead", "head_mark", "head_mark_first"])
    own = (rule == "with_delegations") | several.fill_null(value=False)
    listed = listed.with_columns(is_head=marked | leads | (pl.col("after") == "B"), is_own=own)
    heads = _names_in(frames, units, "head", *keep).unique("match", keep="last", maintain_order=True)
    # « arrivé avec deux valises » tells of no company.
    is_alone = rule.is_in(["arrives_with", "accompanied", "accompanied_on"]) & ~pl.col("match").is_in(
        listed["match"].unique().implode()
    )
    heads = heads.filter(~is_alone).with_columns(is_head=pl.lit(value=True), is_own=pl.lit(value=False))
    rows = pl.concat([listed.select(heads.columns), heads])
    dealt = (
        frames.drop_nulls("parties_first")
        .select("match", unit=pl.int_ranges("parties_first", pl.col("parties_last") + 1, dtype=pl.UInt32))
        .explode("unit")
        .select("match", share=pl.lit(units["party"]).gather(pl.col("unit")))
        .drop_nulls()
        .with_columns(nth=pl.int_range(pl.len(), dtype=pl.UInt32).over("match"))
    )
    return (
        rows.join(countries, on="unit", how="left", maintain_order="left")
        .join(dealt, on=["match", "nth"], how="left", maintain_order="left")
        # Beside the head of another state, whoever has an office of his own country stands for that.
        .with_columns(
            is_own=pl.col("is_own")
            | (~pl.col("is_sure") & pl.col("by_role").is_not_null() & (pl.col("party_kind") == "country"))
        )
        .with_columns(
            side=pl.when(rule.is_in(["dealt", "both_lead"]))
            .then("share")
            .when("is_own")
            .then("country")
            .otherwise("party")
        )
        .with_columns(
            party_kind=pl.when(pl.col("side") == pl.col("party")).then("party_kind").otherwise(_kind_of(pl.col("side")))
        )
        .with_columns(party="side")
        .drop("d_first", "side", "share", "is_own", "is_sure", "by_role")
    )


def _with_company(rows: pl.DataFrame, units: pl.DataFrame, roles: pl.DataFrame) -> pl.DataFrame:
    """Rows with the side of whoever is accompanied: his own by another frame, else an official's country or body."""
    is_company = pl.col("rule").is_in(["accompanied", "accompanied_on", "arrives_with"])
    rows = rows.with_columns(pl.lit(units[c]).gather(pl.col("unit")).alias(c) for c in ("article", "person"))
    direct = (
        rows.filter(~is_company).drop_nulls(["party", "person"]).sort("order")
        .unique(["article", "person"], keep="first").select("article", "person", side="party", side_kind="party_kind")
    )  # fmt: skip
    is_official = pl.col("category").is_in(load("delegations")["words"]["official"])
    is_official |= pl.col("head") == "homologue"
    official = roles.filter(is_official | (_kind_of(pl.col("party")) == "body")).select("unit").unique()
    heads = (
        rows.filter(is_company & pl.col("is_head"))
        .join(direct, on=["article", "person"], how="left")
        .join(official.with_columns(is_official=pl.lit(value=True)), on="unit", how="left")
        .with_columns(side=pl.coalesce("side", pl.when("is_official").then("country")))
        .sort("unit")
        .select("match", "side", side_kind=pl.coalesce("side_kind", _kind_of(pl.col("side"))))
        .unique("match", keep="first")
    )
    return rows.join(heads, on="match", how="left", maintain_order="left").with_columns(
        party=pl.when(is_company).then("side").otherwise("party"),
        party_kind=pl.when(is_company).then("side_kind").otherwise("party_kind"),
    )


@cache
def _leaders() -> pl.DataFrame:
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


def _principals(units: pl.DataFrame, roles: pl.DataFrame, who: People) -> pl.DataFrame:
    """« Les présidents russe et américain, accompagnés de leurs délégations »: who they are, where the article says.

    In: `roles` as made by `_named_roles`. Out: rows as of `_listed`.
    """
    found = _matches(units, [PRINCIPALS])
    article, party = pl.lit(units["article"]), pl.lit(units["party"])
    sides = pl.concat(
        found.select(article=article.gather(pl.col("opens")), party=party.gather(pl.col(part)))
        for part in ("first_first", "second_first")
    ).drop_nulls("party").unique()  # fmt: skip
    bearers = units.filter(pl.col("letter") == "N").select("unit", "article", "person")
    by_role = roles.filter(pl.col("category").is_in(["head_of_state", "head_of_government"])).select("unit", "party")
    known = who.persons.select("person", "person_id").join(_leaders(), on="person_id").select("person", "party")
    leaders = pl.concat(
        [
            bearers.join(known, on="person"),
            bearers.join(by_role.drop_nulls("party"), on="unit").select("unit", "article", "person", "party"),
        ]
    )
    return (
        leaders.join(sides, on=["article", "party"], how="semi")
        .sort("unit")
        .unique(["article", "party"], keep="first", maintain_order=True)
        .select(
            "unit", "article", "person", "party", party_kind=_kind_of(pl.col("party")), is_head=pl.lit(value=True),
            rule=pl.lit("principals"), confidence=pl.lit(0.85), order=pl.lit(len(RULES), pl.UInt8),
        )
    )  # fmt: skip


def _joined(places: pl.DataFrame, who: People) -> pl.DataFrame:
    """Rows of names → one row per article and person, on one side: where he is named, the side, the rule."""
    return (
        places.drop("person")
        .join(who.mentions.select("first", "person"), on="first", maintain_order="left")
        .sort("order", "unit")
        # One naming belongs to the frame that says most, one person to one side.
        .with_columns(is_head=pl.col("is_head").any().over("unit", "party"))
        .unique("unit", keep="first", maintain_order=True)
        .sort("person", "confidence", "unit", descending=[False, True, False])
        .filter(pl.col("party") == pl.col("party").first().over("person"))
        .sort("unit")
        .group_by("article", "person", maintain_order=True)
        .agg(
            pl.col("party", "party_kind").first(),
            pl.col("is_head").any(),
            pl.col("rule", "confidence", "first", "last").first(),
        )
    )


def _sentences_about(rows: pl.DataFrame, tokens: pl.DataFrame, who: People) -> pl.Series:
    """Tokens of the sentences that name members, of those before them, and of articles with a leader as member."""
    mentions = who.mentions.join(rows.select("person"), on="person", how="semi")
    named = tokens["sentence"].gather(mentions["first"]).unique()
    ids = who.persons.join(rows.select("person"), on="person", how="semi")
    led = ids.join(_leaders(), on="person_id", how="semi")["article"].unique()
    sentence, article = pl.col("sentence"), pl.col("article")
    return tokens.select(
        sentence.is_in(named.implode()) | (sentence + 1).is_in(named.implode()) | article.is_in(led.implode())
    ).to_series()


def _first_roles(readings: list[_Reading], who: People) -> pl.DataFrame:
    """The first role that an article gives each person: `person`, `role_first`, `role_last` (tokens), `category`.

    A role that stands for a leader of the register counts as his (« le président russe »).
    """
    columns = ["person", "place", "role_first", "role_last", "category", "rank"]
    bearers = who.mentions.select("person", place="first")
    leaders = who.persons.select("article", "person", "person_id").join(_leaders(), on="person_id")
    found = []
    for reading in readings:
        alone = reading.units.filter((pl.col("letter") == "R") & pl.col("party").is_not_null()).drop("person")
        category = pl.lit(reading.roles["category"].cast(pl.String)).gather(pl.col("role"))
        described = (
            alone.with_columns(category=category)
            .join(leaders, on=["article", "party", "category"])
            .with_columns(place="first", role_first="first", role_last="last", rank=pl.lit(0, pl.Int32))
        )
        found += [bearers.join(reading.named, on="place").select(columns), described.select(columns)]
    return (
        pl.concat(found)
        .sort("rank", "place", maintain_order=True)
        .unique("person", keep="first", maintain_order=True)
        .drop("place", "rank")
    )


def _published(
    rows: pl.DataFrame, roles: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame, who: People
) -> pl.DataFrame:
    """One row per article, delegation and person, as DELEGATION_MEMBERS has them."""
    is_full = pl.col("is_full")
    naming = (
        who.mentions.sort("person", "is_full", "first", descending=[False, True, False])
        .group_by("person", maintain_order=True)
        .agg(
            pl.col("start").first().alias("name_start"),
            pl.col("end").first().alias("name_end"),
            pl.col("surface").first().alias("person_name"),
            mention_count=pl.when(is_full.any()).then(is_full.sum()).otherwise(pl.len()),
        )
    )
    text = pl.lit(articles["text"]).gather(pl.col("article"))
    start = pl.lit(tokens["start"]).gather(pl.col("role_first"))
    end = pl.lit(tokens["end"]).gather(pl.col("role_last"))
    return (
        rows.join(naming, on="person", maintain_order="left")
        .join(roles, on="person", how="left", maintain_order="left")
        .join(who.persons.select("person", "person_id", "canonical_name"), on="person", maintain_order="left")
        .pipe(with_sentence_text, tokens, articles)
        .with_columns(
            article_id=pl.lit(articles["article_id"]).gather(pl.col("article")),
            delegation="party",
            delegation_kind="party_kind",
            role_start=start,
            role_end=end,
            role=slices(text, start, end),
            role_category=pl.when(pl.col("role_first").is_not_null()).then(pl.coalesce("category", pl.lit("other"))),
        )
        .with_columns(member_id=pl.format("{}-m{}", "article_id", "name_start"))
        .unique(["article_id", "delegation", "person_id"], keep="first", maintain_order=True)
        .select(pl.col(c).cast(t) for c, t in DELEGATION_MEMBERS.polars_schema.items())
        .sort("article_id", "delegation", "name_start")
    )


def _sizes(tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Sizes of delegations that the text states.

    Out: one row per statement: `article`, `party` (null where only the context tells), `start` (code points),
    `stated_size`, `stated_text`.
    """
    numbers = numerals(tokens).filter(pl.col("written") != "one").select("first", "last", "value", letter=pl.lit("0"))
    counted = tokens.with_row_index("first").filter(pl.col("lower").is_in(load("delegations")["words"]["sized"]))
    counted = counted.select("first", last="first", letter=pl.lit("h"))
    marks, long, short, named = _layers(tokens)
    units = _folded(_tagged(tokens), _kept([numbers, marks, named, long, counted, short], tokens.height))
    units = _with_groups(units, tokens, articles)
    groups = _groups(units, tokens, articles).select("unit", "party")
    found, text = _matches(units, SIZES).sort("opens"), pl.lit(articles["text"])
    at = {c: pl.lit(units[c]) for c in ("article", "first", "last", "value")}
    start = pl.lit(tokens["start"]).gather(at["first"].gather(pl.col("size_first")))
    end = pl.lit(tokens["end"]).gather(at["last"].gather(pl.col("size_last")))
    return (
        found.with_columns(_first_party(units, "side_first", "side_last")[0].alias("of_side"))
        .join(groups, left_on="d_first", right_on="unit", how="left", maintain_order="left")
        .select(
            "size_first", article=at["article"].gather(pl.col("opens")), party=pl.coalesce("of_side", "party"),
            start=start, end=end, stated_size=at["value"].gather(pl.col("size_first")).cast(pl.Int32),
        )
        .sort("size_first", pl.col("party").is_null(), maintain_order=True)
        .unique("size_first", keep="first", maintain_order=True)
        .with_columns(stated_text=slices(text.gather(pl.col("article")), pl.col("start"), pl.col("end")))
        .with_columns(article_id=pl.lit(articles["article_id"]).gather(pl.col("article")))
        .drop("size_first", "end", "article")
    )  # fmt: skip


def delegations(members: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """The delegations that have members, with the size that the text states.

    In: rows of DELEGATION_MEMBERS; tokens with sentences and the articles they come from. Out: rows of DELEGATIONS,
    sorted by article and delegation. A size of which the text does not say whose it is goes to the delegation of the
    member named nearest to it; of several sizes of one delegation the first counts.
    """
    spoken = articles["article_id"].is_in(members["article_id"].implode())
    sizes = _sizes(tokens.filter(pl.lit(spoken).gather(pl.col("article"))), articles)
    near = (
        sizes.filter(pl.col("party").is_null())
        .select("article_id", "start")
        .join(members.select("article_id", "delegation", "name_start"), on="article_id")
        .sort((pl.col("name_start") - pl.col("start")).abs(), maintain_order=True)
        .unique(["article_id", "start"], keep="first", maintain_order=True)
        .select("article_id", "start", "delegation")
    )
    stated = (
        sizes.join(near, on=["article_id", "start"], how="left", maintain_order="left")
        .with_columns(delegation=pl.coalesce("party", "delegation"))
        .unique(["article_id", "delegation"], keep="first", maintain_order=True)
        .select("article_id", "delegation", "stated_size", "stated_text")
    )
    return (
        members.with_columns(pl.col("delegation_kind").cast(pl.String))
        .group_by("article_id", "delegation")
        .agg(
            pl.col("delegation_kind").first(),
            head_person_id=pl.col("person_id")
            .filter("is_head")
            .sort_by(pl.col("name_start").filter("is_head"))
            .first(),
            member_count=pl.len().cast(pl.Int32),
        )
        .join(stated, on=["article_id", "delegation"], how="left")
        .with_columns(agrees=size_agrees())
        .select(pl.col(c).cast(t) for c, t in DELEGATIONS.polars_schema.items())
        .sort("article_id", "delegation")
    )
