"""Statements: who said what.

A cascade. Words become letters, quotations and names one unit each (`transforms.units`). Groups of words of saying are
folded: « a pour sa part évoqué », « s'est dit », « a-t-il affirmé ». The grammar of `transforms.reported` finds the
subject of each cue, to its left, to its right or elided, and what the cue reports. One statement is kept per place, and
`transforms.speakers` tells its source. docs/statements.md states the conventions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from transforms.medium import with_medium
from transforms.numerals import WORDS
from transforms.people import People
from transforms.quotes import OPENING, TOGGLED, quotes
from transforms.reported import (
    ACCORDING,
    ALPHABET,
    CITED_STOPS,
    CLOSED,
    CONFIDENCE,
    CONTENT_RANK,
    CONTENTS,
    EXPLAINED,
    HARD_STOPS,
    INDIRECT_QUESTION,
    INSIDE_QUOTES,
    LINKS,
    MAIN_CLAUSE,
    PHRASE_STOPS,
    QUOTE_CLOSED,
    RESUMED,
    SIDE_RANK,
    STOPS,
    SUBJECTS,
    TAKEN_UP,
    UNCUED,
    WHOLE_CONTENTS,
)
from transforms.schemas import STATEMENTS
from transforms.speakers import DEFINITE, with_sources
from transforms.surfaces import surface
from transforms.text import Rule, find, with_form_features
from transforms.units import cue_groups, fold, fold_quotes, letters_in_row, letters_of_words, with_edges

DASHES = ["—", "–", "-", "―"]
NUMBER_WORDS = [
    "un",
    "une",
    *(
        w
        for kind in ("unit", "high_unit", "four", "ten", "teen", "twenty", "tens", "sixty", "hundred", "thousand")
        for w in WORDS[kind]
    ),
]
DEGREES = ["trop", "pas", "peu", "assez", "très", "plus", "moins", "bien", "plutôt", "guère", "jamais", "presque"]
AMOUNTS = ["à", "entre", "au", "aux"]
# Adjectives of a judgement: « juge un accord possible ».
VERDICT = (
    r"^(?:(?:im)?possible|(?:im)?probable|souhaitable|(?:in)?acceptable|inévitable|indispensable|préférable|envisageable|"
    r"(?:ir)?réaliste|(?:in)?crédible|nécessaire|prématurée?|(?:in)?suffisante?|(?:in)?utile|excessi(?:f|ve)|essentiel(?:le)?|"
    r"dangereu(?:x|se)|fragile|responsable|inquiétante?|alarmante?|illégale?|injuste|absurde|plausible|irresponsable)s?$"
)
LATE = ["late", "late_colon", "late_within"]
NICKNAMED = ["dit", "dite", "dits", "dites"]
LINE_WORDS = 7  # of a line that are looked at: three initials, their stops and a dash
MIN_ANSWERS = 2  # that make an interview
EMPHASIS = ["*", "_"]
QUESTION_WORDS = 60
PUT_WORDS = 25  # of a line that stands for a question
FIRST_PERSON = ["je", "j'", "me", "m'", "moi", "mon", "ma", "mes", "nous", "notre", "nos"]
SECOND_PERSON = ["vous", "votre", "vos", "tu", "t'", "toi", "ton", "ta", "tes"]
LABEL_WORDS = 20  # within which the sign behind a label stands
LABEL_TITLES = ["M", "Mme", "Mlle", "Me", "Dr", "Dre", "Pr", "Pre", "Mgr"]
TITLE_WORDS = 4  # that a quotation without words of saying must exceed, its marks included
REPORTING = "CJGFsQ"  # letters without one of which no sentence reports: cues, sources, quotations
PARTS = ("content", "speaker", "apposition", "antecedent")
SPANS = [f"{part}_{side}" for part in PARTS for side in ("first", "last")]
# What a candidate carries: spans of tokens, and how it came about.
CANDIDATE = {
    "rule": pl.String, **dict.fromkeys(SPANS, pl.UInt32), "cue_first": pl.UInt32, "cue_last": pl.UInt32,
    "tied_token": pl.UInt32, "limit": pl.UInt32, "is_direct": pl.Boolean, "is_elided": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """A layer of units: `units` (rows), their `letters` in one string, the `groups` of words of saying among them."""

    units: pl.DataFrame
    letters: pl.Series
    groups: pl.DataFrame

    def at(self, column: str, place: str) -> pl.Expr:
        """A column of the units at the unit in the column `place`."""
        return pl.lit(self.units[column]).gather(place)

    def count(self, letters: str) -> pl.Series:
        """How many units up to and with each one carry one of the letters."""
        return self.units.select(pl.col("letter").is_in(list(letters)).cast(pl.Int32).cum_sum()).to_series()

    @cached_property
    def stops(self) -> pl.DataFrame:
        """Every place where a content may stop: `rule`, `stop_first` (unit)."""
        return find(self.letters, [*PHRASE_STOPS, TAKEN_UP, QUOTE_CLOSED, MAIN_CLAUSE, CLOSED], ALPHABET)

    def until(self, stops: list[Rule], place: str) -> pl.Expr:
        """The unit before the first match of one of the rules behind a unit."""
        names = [rule.name for rule in stops]
        ends = self.stops.filter(pl.col("rule").is_in(names))["stop_first"].unique().sort()
        ends = ends.append(pl.Series([self.units.height], dtype=ends.dtype))
        return (pl.lit(ends).gather(pl.lit(ends).search_sorted(pl.col(place), side="right")) - 1).cast(pl.UInt32)

    def parted(self, letters: str) -> tuple[Layer, Layer]:
        """The sentences that hold one of the letters, and the others: no rule looks beyond a sentence."""
        sentence = self.units.select((pl.col("letter") == "B").cum_sum() - 1).to_series()
        told = sentence.filter(self.units["letter"].is_in(list(letters))).unique()
        count = self.units.select((pl.col("letter") == "B").sum()).item()
        is_told = pl.repeat(value=False, n=count, eager=True).scatter(told, True).gather(sentence)
        parts = [self.units.filter(mask) for mask in (is_told, ~is_told)]
        told_part, other = (Layer(units, letters_in_row(units), self.groups) for units in parts)
        return told_part, other

    def before(self, reach: pl.Series, tokens: pl.DataFrame) -> Layer:
        """The sentences that begin before the token up to which each article is wanted."""
        begins = (self.units["letter"] == "B").arg_true()
        first = self.units["first"].gather(begins)
        wanted = first < reach.gather(tokens["article"].gather(first))
        sentence = self.units.select((pl.col("letter") == "B").cum_sum() - 1).to_series()
        units = self.units.filter(wanted.gather(sentence))
        return Layer(units, letters_in_row(units), self.groups)

    def placed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with their spans of units turned into spans of tokens."""
        spans = [c for c in SPANS if c in rows.columns]
        return rows.with_columns(self.at(c.split("_")[1], c).alias(c) for c in spans)


def _layer(words: pl.DataFrame, edges: pl.DataFrame, tokens: pl.DataFrame) -> Layer:
    """Units with their edges, and their groups of words of saying folded."""
    units = with_edges(words, edges)
    groups = cue_groups(units, tokens)
    number = pl.repeat(None, n=units.height, dtype=pl.UInt32, eager=True)
    number = number.scatter(groups["first"], pl.int_range(groups.height, dtype=pl.UInt32, eager=True))
    folded = fold(units.with_columns(group=number), groups)
    return Layer(folded, letters_in_row(folded), groups)


def _holds(counter: pl.Series, first: str, last: str) -> pl.Expr:
    """Whether a span of units holds one of the letters that were counted."""
    start = pl.col(first).cast(pl.Int64)
    before = pl.when(start > 0).then(pl.lit(counter).gather((start - 1).clip(0))).otherwise(0)
    return (pl.lit(counter).gather(pl.col(last)) > before).fill_null(value=False)


def _candidates(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of CANDIDATE, null where rows lack them."""
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in CANDIDATE.items() if name not in rows.columns]
    return rows.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in CANDIDATE.items())


def statements(tokens: pl.DataFrame, articles: pl.DataFrame, who: People) -> pl.DataFrame:
    """Extract the statements of a shard.

    In: tokens with sentences; the articles they come from; their people. Out: rows of STATEMENTS, by article and place.
    """
    marks, roles = quotes(tokens), who.roles
    words, edges = letters_of_words(tokens, roles, who)
    text = _layer(fold_quotes(words, marks), edges, tokens)
    if text.units.is_empty():
        return STATEMENTS.empty()
    told, other = text.parted(REPORTING)
    subjects = _subjects(told)
    found = [
        told.placed(_reported(told, subjects, tokens)),
        told.placed(_according(told, tokens)),
        told.placed(_uncued(told, tokens)),
        _inside_quotes(words, edges, marks, tokens),
        _dialogue(tokens, edges, who),
    ]
    kept = _without_overlaps(_with_extent(pl.concat([_candidates(rows) for rows in found]), marks, tokens))
    if kept.is_empty():
        return STATEMENTS.empty()
    # Those whom a pronoun may take up stand in any sentence, but not behind the last paragraph of a statement.
    reach = _reach(kept, tokens)
    other = other.before(reach, tokens)
    likely = pl.concat([told.placed(_likely(subjects)), other.placed(_likely(_subjects(other)))]).sort("speaker_first")
    article = tokens["article"].gather(likely["speaker_first"])
    likely = likely.filter(likely["speaker_first"] < reach.gather(article))
    return _table(with_sources(kept, likely, tokens, articles, who, roles), marks, tokens, articles)


def _reach(rows: pl.DataFrame, tokens: pl.DataFrame) -> pl.Series:
    """For every article the token behind the last paragraph that a statement touches, 0 without one."""
    last = rows.group_by("article").agg(
        pl.max_horizontal("content_last", "speaker_last", "antecedent_last", "cue_last").max()
    )
    paragraph = tokens["paragraph"]
    behind = paragraph.search_sorted(paragraph.gather(last["content_last"]), side="right").cast(pl.UInt32)
    count = int(tokens["article"][-1]) + 1
    return pl.repeat(0, n=count, dtype=pl.UInt32, eager=True).scatter(last["article"], behind)


def _likely(subjects: pl.DataFrame) -> pl.DataFrame:
    """The subjects that may speak; what stands behind a verb that has its subject before it is no subject."""
    turned = pl.col("side") == "right"
    known = subjects.filter(~turned)["verb"].unique()
    return subjects.filter(
        pl.col("is_likely") & ~pl.col("is_barred") & ~(turned & pl.col("verb").is_in(known.implode()))
    )


def _subjects(text: Layer) -> pl.DataFrame:
    """Who does what: the subjects of verbs, the sources of cues among them.

    Out: `verb` (unit), `side` (the rule), `speaker_*`, `apposition_*`, `antecedent_*` (units), `is_likely` (it holds a
    name, a pronoun or a noun of those who speak), `is_barred` (« je », « cela »).
    """
    likely, barred = text.count("SNLRr"), text.count("j1")
    found = find(text.letters, SUBJECTS, ALPHABET).rename({"rule": "side", "verb_last": "verb"}).drop("verb_first")
    # « le contrat de X, qui … »: the name before a relative is whom it speaks of.
    is_named = text.at("letter", "antecedent_last") == "L"
    return found.with_columns(
        antecedent_first=pl.when(is_named).then("antecedent_last").otherwise("antecedent_first"),
        is_likely=_holds(likely, "speaker_first", "speaker_last"),
        is_barred=_holds(barred, "speaker_first", "speaker_first"),
    )


def _contents(text: Layer, tokens: pl.DataFrame) -> pl.DataFrame:
    """What cues report, as far as each cue can report it that way.

    Out: `rule`, `cue` (unit), `content_first`, `content_last` (units), `is_direct`, and of the cue `cue_letter`,
    `cue_first`, `cue_last`, `tied_token` (tokens), `is_loose`.
    """
    finite = text.count("AEHfVDMCX")
    spelled = text.count("NSTLndeRplPhVDvgCJXGFj1rkuzfAE#")
    lower = pl.lit(tokens["lower"])
    to_do = text.count("hia")
    is_verdict = with_form_features(tokens.select("form_id", "lower"), said=pl.col("lower").str.contains(VERDICT))[
        "said"
    ]
    judged = is_verdict.gather(text.units["first"]).cast(pl.Int32).cum_sum()
    begun = find(text.letters, CONTENTS, ALPHABET)
    is_phrase = pl.col("rule").is_in(["object", "like", "like_quote", "amount", "amount_of", "judged"])
    begun = begun.with_columns(
        content_last=pl.when(is_phrase)
        .then(text.until(PHRASE_STOPS, "content_last"))
        .when(pl.col("rule") == "self")
        .then(text.until([*STOPS, EXPLAINED], "content_last"))
        .otherwise(text.until(STOPS, "content_last"))
    )
    begun = _with_main_clause(text, begun.filter(~_holds(text.count("Z"), "content_first", "content_last")), finite)
    about = text.groups.with_row_index("group").drop("first", "last").rename({"letter": "cue_letter"})
    found = (
        pl.concat([begun, find(text.letters, WHOLE_CONTENTS, ALPHABET)], how="diagonal")
        .rename({"cue_first": "cue"})
        .drop("cue_last")
        .with_columns(group=text.at("group", "cue"))
        .join(about, on="group", how="inner", maintain_order="left")
        .with_columns(
            after_closing=(pl.col("closing_last") + 1).clip(upper_bound=max(text.units.height - 1, 0)),
            sentence_last=text.until(HARD_STOPS, "closing_last"),
            is_final=text.at("letter", "closing_last") == "Z",
            # A dateline is no part of what follows it.
            is_built_in=(pl.col("before_last") > pl.col("before_first"))
            & _holds(spelled, "before_first", "before_last")
            & (text.at("letter", "before_last") != "-"),
        )
        # « Dans ce rapport, souligne la ministre, les chiffres montrent … »: the cue stands inside what it reports.
        .with_columns(
            is_cut=~_holds(finite, "content_first", "content_last")
            & (text.at("letter", "closing_first") == ",")
            & (
                # « Le port, a-t-elle prévenu, « ne rouvrira pas » ».
                ((text.at("letter", "after_closing") == "Q") & (text.at("letter", "content_last") != "Q"))
                # « Trop cher, jugent les Vingt-Sept, qui … ».
                | (
                    text.at("letter", "after_closing").is_in(list("dNLRj"))
                    & _holds(finite, "after_closing", "sentence_last")
                )
                | text.at("letter", "after_closing").is_in(list("xAEHfM"))
            )
        )
        # « La buvette a vendu, nous dit-on, trois cents beignets »: a verb without its object.
        .with_columns(
            is_cut=pl.col("is_cut")
            | (
                (pl.col("rule") == "late")
                & (pl.col("cue_letter") == "J")
                & (text.at("letter", "closing_first") == ",")
                & text.at("letter", "after_closing").is_in(["d", "#"])
                & ~lower.gather(text.at("first", "after_closing")).is_in(DEFINITE)
                & ~_holds(finite, "after_closing", "sentence_last")
            ).fill_null(value=False)
        )
        # « Trop cher, jugent les Vingt-Sept, qui … ».
        .with_columns(
            is_elliptic=lower.gather(text.at("first", "content_first")).is_in(DEGREES)
            & (text.at("letter", "after_closing") == "r")
        )
        .with_columns(has_inciso=(pl.col("is_cut") & pl.col("rule").is_in(LATE)).any().over("cue"))
    )

    def letter(place: str) -> pl.Expr:
        return text.at("letter", place)

    def word(place: str) -> pl.Expr:
        return pl.lit(tokens["lower"]).gather(text.at("first", place))

    def takes(*ways: str) -> pl.Expr:
        return pl.any_horizontal(pl.col("takes").list.contains(way) for way in ways)

    rule, no_object = pl.col("rule"), pl.col("object_first").is_null()
    spoken, linked = (
        takes("quote", "que", "object") | (takes("behind") & (rule == "behind")),
        word("link_first").is_in(LINKS),
    )
    # « dénonce des « … » » has an article, « parle de « … » » a preposition.
    partitive = (letter("lead_last") == "e") & word("lead_last").is_in(["du", "des"]) & takes("object")
    as_object = (
        pl.when(pl.col("lead_first").is_null() | letter("lead_last").is_in(["m", ","]))
        .then(takes("object", "state") | ((letter("content_first") == "Q") & takes("quote", "bare", "que")))
        .when(partitive).then(pl.lit(True))
        .when(letter("lead_last") == "e").then(takes("of"))
        .when(word("lead_last") == "contre").then(takes("against"))
        .when(word("lead_last").is_in(["à", "au", "aux"])).then(takes("to"))
    )  # fmt: skip
    # Who may be the pronoun stands before the colon, in the same sentence.
    begins = (text.units["letter"] == "B").arg_true()
    opening = pl.lit(begins).gather(pl.lit(begins).search_sorted(pl.col("colon_first")).clip(1) - 1)
    likely = text.count("SNLR")
    is_introduced = pl.lit(likely).gather("colon_first") > pl.lit(likely).gather(opening)
    told = letter("told_first").is_in(["d", "N", "L", "S", "e"])
    valid = (
        pl.when(rule == "que").then(pl.when(told).then(takes("told")).otherwise(takes("que", "told")))
        .when(rule == "whether")
        .then(
            takes("whether") & word("content_first").is_in(INDIRECT_QUESTION)
            # « a répondu aux maires, qui … » asks nothing.
            & ((word("content_first") != "qui") | (_before(text, "content_first") != ","))
        )
        .when((rule == "behind") & pl.col("is_built_in") & pl.col("has_inciso")).then(pl.lit(value=False))
        .when(rule == "bare").then(takes("bare", "que"))
        .when(rule == "de")
        .then(
            takes("de") & (no_object | takes("person"))
            # « propose les services du « réseau » » names a thing.
            & ((letter("content_first") != "Q") | _word_before(text, tokens, "content_first").is_in(["de", "d'"]))
        )
        .when(rule == "à")
        .then(takes("à", "to") & (no_object | takes("person") | letter("object_first").is_in(["p", "P", "m"])))
        .when(rule == "self").then(takes("self"))
        .when(rule == "noun").then(takes("noun"))
        .when(rule == "for").then(takes("for"))
        .when(rule == "judged").then(takes("state") & _holds(judged, "content_first", "content_last"))
        .when(rule == "like_quote")
        .then(
            # « accuse X d'avoir posé de « nouvelles » mines ».
            (takes("like") & linked & ~(takes("de") & _holds(to_do, "cue", "link_first")))
            | (takes("as") & (word("link_first") == "comme"))
        )
        .when(rule == "like").then(takes("label") & linked & (~no_object | (_before(text, "cue") == "R")))
        .when(rule == "amount_of")
        .then(takes("state") & ((letter("figure_first") == "#") | word("figure_first").is_in(NUMBER_WORDS)))
        .when(rule == "amount").then(takes("state") & word("content_first").is_in(AMOUNTS))
        .when(rule == "object").then(as_object)
        .when(rule == "late_within").then(spoken)
        .when((rule == "late_colon") & ~is_introduced).then(pl.lit(value=False))
        .when(rule.is_in(LATE))
        .then(
            spoken & ~letter("content_last").is_in(["k", "r", "u"])
            & (_holds(finite, "content_first", "content_last")
               | pl.any_horizontal("is_cut", "is_final", "is_elliptic"))
        )
        .when(rule == "announced_clause").then(takes("que") & pl.col("is_cataphoric"))
        .otherwise(spoken)
    )  # fmt: skip
    content_first = (
        pl.when((rule == "object") & partitive).then("lead_last")
        .when((rule == "behind") & pl.col("is_built_in")).then(pl.col("before_first") + 1)
        .otherwise("content_first")
    )  # fmt: skip
    whole = rule.is_in(["colon", "colon_double", "split", "thus"]) | ((rule == "behind") & ~pl.col("is_built_in"))
    found = found.filter(valid.fill_null(value=False))
    # « Il partage sa carte : « … », résume X »: a verb of saying behind a quotation counts before one that may be none.
    said_behind = found.filter((rule == "behind") & ~pl.col("is_built_in"))["content_first"]
    found = found.filter((rule != "colon") | takes("que") | ~pl.col("content_first").is_in(said_behind.implode()))
    return found.select(
        "rule", "cue", "cue_letter", "cue_first", "tied_token", "is_attitude", "is_loose", "has_lead",
        cue_last=pl.coalesce(text.at("last", "more_last"), "cue_last"),
        content_first=content_first.cast(pl.UInt32),
        content_last=pl.coalesce("rest_last", pl.when("is_cut").then("sentence_last"), "content_last"),
        is_direct=whole,
    ).filter(~_holds(text.count("Z"), "content_first", "content_last"))  # fmt: skip


def _with_main_clause(text: Layer, begun: pl.DataFrame, finite: pl.Series) -> pl.DataFrame:
    """Contents that end before the verb of their own source goes on (`content_last`)."""
    ends = {"taken_up": TAKEN_UP, "closed": QUOTE_CLOSED, "main": MAIN_CLAUSE}
    begun = begun.with_columns(text.until([stop], "content_first").alias(name) for name, stop in ends.items())
    # « Estimant que, si le gel dure, le port fermera, le maire … »: the first such clause is that of the condition.
    conditional = text.at("letter", "content_first") == "u"
    again = text.until([MAIN_CLAUSE], "behind")
    begun = begun.with_columns(
        behind=(pl.col("main") + 1).clip(upper_bound=max(text.units.height - 2, 0))
    ).with_columns(main=pl.when(conditional).then(again).otherwise("main"))
    clause = text.count("kru")
    is_bare = pl.col("rule").is_in(["bare", "de", "à", "noun"]) & ~_holds(clause, "content_first", "taken_up")
    is_quoted = (pl.col("rule") == "que") & (pl.col("closed") == pl.col("content_first"))
    opens = text.at("letter", "cue_first").is_in(["G", "F"]) & (_before(text, "cue_first") == "B")
    is_opening = opens & (_holds(finite, "content_first", "main") | _holds(text.count("Q"), "content_first", "main"))
    return begun.with_columns(
        content_last=pl.min_horizontal(
            "content_last",
            pl.when(is_bare | (pl.col("rule") == "noun")).then("taken_up"),
            pl.when(is_quoted).then("closed"),
            pl.when(is_opening).then("main"),
        )
    ).drop(*ends, "behind")


def _word_before(text: Layer, tokens: pl.DataFrame, place: str) -> pl.Expr:
    """The word before a unit."""
    return pl.lit(tokens["lower"].shift(1)).gather(text.at("first", place))


def _before(text: Layer, place: str) -> pl.Expr:
    """The letter before a unit."""
    return pl.lit(text.units["letter"].shift(1)).gather(place)


def _reported(text: Layer, subjects: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Contents with their cue and source: one row per cue, spans in units."""
    sources = subjects.select("verb", "side", "is_likely", "is_barred", *[c for c in SPANS if "content" not in c])
    left = (
        sources.filter(pl.col("side") != "right")
        .sort(pl.col("side").replace_strict({**SIDE_RANK, "right": None}, return_dtype=pl.Int32), maintain_order=True)
        .unique("verb", keep="first")
    )
    right = sources.filter(pl.col("side") == "right")
    cued = _contents(text, tokens)
    behind = pl.col("rule").is_in(["behind", "split", *LATE])
    # « Faux, rétorque l'état-major : « … » »: a comma parts the cue from what stands before it.
    turned = (pl.col("rule") == "colon") & _before(text, "cue").is_in([",", "k"]) & pl.col("side").is_null()
    ahead = cued.filter(~behind).join(left, left_on="cue", right_on="verb", how="left").with_columns(turned=turned)
    rows = pl.concat(
        [
            ahead.filter(~pl.col("turned")).drop("turned"),
            ahead.filter("turned").select(cued.columns).join(right, left_on="cue", right_on="verb", how="left"),
            cued.filter(behind).join(right, left_on="cue", right_on="verb", how="left"),
        ],
        how="diagonal",
    )
    # « Je termine en disant que … »: what « je » says is no one's report.
    placed = left.sort("speaker_first")
    row = pl.lit(placed["speaker_first"]).search_sorted(pl.col("cue"), side="left").cast(pl.Int64) - 1
    latest = pl.when(row >= 0).then(row)
    number = text.count("B")
    sentence = pl.lit(number).gather(pl.lit(placed["speaker_first"]).gather(latest))
    first_person = pl.lit(placed["is_barred"]).gather(latest) & (sentence == pl.lit(number).gather("cue"))
    tied, bare = pl.col("cue_letter") == "J", pl.col("cue_letter").is_in(["G", "F"])
    own = ~tied & ~bare & pl.col("side").is_not_null()
    in_relative = (pl.col("side") == "left_who") & (_before(text, "speaker_first") == ",")
    # « Le pont, que le maire assure vouloir réparer, a … ».
    two_before = pl.lit(text.units["letter"].shift(2)).gather("speaker_first")
    in_relative = in_relative | (_before(text, "speaker_first").is_in(["k", "u"]) & (two_before == ","))
    rows = rows.with_columns(resumed=pl.when(in_relative).then(text.until([RESUMED], "content_first")))
    # « …, qui, bien que malade, travaille »: the verb is that of the relative within.
    inner = text.units.select(
        ((pl.col("letter") == "r") & (pl.col("letter").shift(-1) == ",")).cast(pl.Int32).cum_sum()
    )
    resumed = pl.when(~_holds(inner.to_series(), "content_first", "resumed")).then("resumed")
    rows = rows.with_columns(content_last=pl.min_horizontal("content_last", resumed))
    rows = rows.filter(~pl.col("is_attitude") | _holds(text.count("Q"), "content_first", "content_last"))
    rows = rows.filter(own | tied | ~first_person.fill_null(value=False))
    # « une attitude indiquant que … »: what a thing shows is none either.
    shown = (
        bare & pl.col("is_loose") & ~pl.col("has_lead") & ~_before(text, "cue").is_in([",", "&", "Q", ")", "B", "m"])
    )
    # « ne voulant se compromettre » says nothing; « décrit par les siens comme … » is said by others.
    rows = rows.filter(~shown & ~(bare & (_before(text, "cue") == "x")))
    passive = pl.lit(tokens["lower"].shift(-1)).gather("cue_last") == "par"
    may_elide = _before(text, "cue").is_in([",", "&", "m", ")", "Q"]) & ~behind & (pl.col("rule") != "thus") & ~passive
    # « Si la banque estime que …, le port reste ouvert ».
    main = text.until([MAIN_CLAUSE], "content_first")
    before = pl.col("speaker_first").cast(pl.Int64)
    opens = (_before(text, "speaker_first") == "u") & (pl.lit(text.units["letter"]).gather((before - 2).clip(0)) == "B")
    rows = rows.with_columns(main=main).with_columns(
        content_last=pl.when(opens & _holds(text.count("AEHfVDMCX"), "content_first", "main"))
        .then(pl.min_horizontal("content_last", "main"))
        .otherwise("content_last")
    )
    # « Le maire, en visite, a annoncé la création … »: a subject on the left makes an object of what is behind, unless
    # that is a name.
    has_left = pl.col("cue").is_in(left.filter(pl.col("side").is_in(["left", "left_apposed"]))["verb"].implode())
    is_named = _holds(text.count("LN"), "speaker_first", "speaker_last")
    rows = rows.filter((pl.col("rule") != "late") | ~has_left | is_named)
    # « Jonas Albrecht, dit « le Morse », … »: a nickname.
    called = (
        (pl.col("rule") == "object")
        & _before(text, "cue").is_in([",", "("])
        & pl.lit(tokens["lower"]).gather("cue_first").is_in(NICKNAMED)
        & (pl.col("cue_first") == pl.col("cue_last"))
    )
    # « Ni le maire, malade, ni Jonas Albrecht, dit « Hemo », … »: one word with a capital behind a name is one, too.
    marked = text.at("first", "content_first")
    one_name = (text.at("last", "content_first") - marked <= 2) & pl.lit(tokens["is_capital"]).gather(
        (marked + 1).clip(upper_bound=tokens.height - 1)
    )
    behind_name = pl.lit(text.units["letter"].shift(2)).gather("cue").is_in(["L", "N"])
    called = called & (~own | (one_name & behind_name))
    rows = rows.filter(~called.fill_null(value=False))
    # « Il n'y a plus, comme on l'a dit, de … »: an aside announces nothing.
    aside = _before(text, "speaker_first") == "u"
    rows = rows.filter((pl.col("rule") != "announced_clause") | ~aside.fill_null(value=False))
    wary = pl.col("is_loose") | pl.col("rule").is_in(["de", "à", "late", "amount_of"])
    return (
        rows.filter(tied | bare | (own & ~pl.col("is_barred") & (pl.col("is_likely") | ~wary)) | (~own & may_elide))
        .with_columns(is_elided=bare | (~own & ~tied))
        .with_columns(pl.when(own).then(pl.col(c)).alias(c) for c in SPANS if "content" not in c)
        .sort("cue", pl.col("rule").replace_strict(CONTENT_RANK, return_dtype=pl.Int32), "content_first")
        .unique("cue", keep="first", maintain_order=True)
    )


def _according(text: Layer, tokens: pl.DataFrame) -> pl.DataFrame:
    """« Selon X, … », « …, d'après X », « Pour X, … « … » »; spans in units, the cue in tokens."""
    likely, quoted, finite = text.count("SNLR"), text.count("Q"), text.count("AEHfVDCJXM")
    rule = pl.col("rule")
    found = find(text.letters, ACCORDING, ALPHABET).with_columns(
        is_clause=_holds(finite, "content_first", "content_last"),
        is_final=text.at("letter", "closing_last") == "Z",
        is_quote=(pl.col("content_first") == pl.col("content_last")) & (text.at("letter", "content_first") == "Q"),
        sentence_last=text.until(HARD_STOPS, "speaker_last"),
        first_word=pl.lit(tokens["lower"]).gather(text.at("first", "speaker_first")),
        # « Hier, selon la mairie, le bac a coulé »: a time alone stands outside.
        is_when=~_holds(text.count("".join(set(ALPHABET.values()) - set("m&,"))), "content_first", "content_last"),
    )
    found = found.with_columns(
        # « Washington, selon un haut fonctionnaire, veut que … »: the aside stands inside what is reported.
        content_last=pl.when((rule == "front") & (_before(text, "cue_first") == "("))
        .then(text.until([*STOPS, CLOSED], "content_last"))
        .when(rule.is_in(["front", "view"])).then(text.until(CITED_STOPS, "content_last"))
        .when(rule == "aside").then("sentence_last")
        .otherwise("content_last")
    )  # fmt: skip
    # « La firme aurait selon ses voisins payé … », « un homme qui selon X a … »: cut through, no clause.
    is_broken = text.at("letter", "content_last").is_in(list("AEHMCJrku&"))
    # « …, soit trente morts (douze selon la police) »: what stands before the bracket is not the police's.
    opened, closed = (pl.lit(text.count(mark)) for mark in "()")
    depth = [opened.gather(pl.col(f"content_{side}")) - closed.gather(f"content_{side}") for side in ("first", "last")]
    is_broken = is_broken | (depth[1] > depth[0])
    # « … », a crié X, selon trois témoins »: they relay what is X's.
    following = [pl.lit(text.units["letter"].shift(-k)).gather("content_first") for k in (1, 2)]
    is_broken = is_broken | (
        (text.at("letter", "content_first") == "Q") & (following[0] == ",") & following[1].is_in(["C", "J"])
    )
    # « auraient dit, selon le site, des voisins »: that is who spoke.
    is_turned = (_before(text, "cue_first") == ",") & pl.lit(text.units["letter"].shift(2)).gather("cue_first").is_in(
        ["C", "J"]
    )
    is_verbless_behind = ~_holds(finite, "speaker_last", "sentence_last")
    valid = (
        pl.when(rule == "view").then(_holds(quoted, "content_first", "content_last"))
        .when(rule == "aside").then(~pl.col("is_when") & (~pl.col("is_clause") | is_verbless_behind))
        # A comma and the end of the sentence show a clause, whatever its verb.
        .when(rule == "tail")
        .then((pl.col("is_clause") | (pl.col("comma_first").is_not_null() & pl.col("is_final"))) & ~is_broken)
        .otherwise((rule == "front_quote") | ((rule == "front") & ~is_turned))
    )  # fmt: skip
    cited = _holds(likely, "speaker_first", "speaker_last") | pl.col("first_word").is_in(["lui", "eux"])
    rank = {"front_quote": 0, "aside": 0, "front": 1, "view": 2, "tail": 3}
    return (
        found.filter(valid & cited & ~_holds(text.count("Z"), "content_first", "content_last"))
        .sort("cue_first", rule.replace_strict(rank, return_dtype=pl.Int32))
        .unique("cue_first", keep="first", maintain_order=True)
        .with_columns(
            cue_first=text.at("first", "cue_first"), cue_last=text.at("last", "cue_last"),
            # « … », selon la ministre: nothing but the quotation is reported.
            is_direct=(rule == "front_quote") | ((rule == "tail") & pl.col("is_quote")),
            is_elided=False,
        )
    )  # fmt: skip


def _uncued(text: Layer, tokens: pl.DataFrame) -> pl.DataFrame:
    """Quotations that a colon alone announces (« X, à notre micro : « … » »), and those that stand as a sentence."""
    likely, chain = text.count("SNLR"), pl.col("rule") == "chain"
    words = text.at("last", "content_last") - text.at("first", "content_first")
    # A word or two behind a colon are a title.
    said = _holds(likely, "speaker_first", "speaker_last") & ((words > TITLE_WORDS) | (pl.col("rule") == "spoken_of"))
    found = find(text.letters, UNCUED, ALPHABET)
    # « Ne Pars Pas Sans Moi »: so are words that all have a capital.
    in_lower = tokens.select(pl.col("form").str.contains(r"^\p{Ll}{2}").cast(pl.Int32).cum_sum()).to_series()
    span = {side: text.at(side, f"content_{side}") for side in ("first", "last")}
    spoken = pl.lit(in_lower).gather(span["last"]) > pl.lit(in_lower).gather(span["first"])
    return found.filter(chain | (said & spoken)).with_columns(
        is_direct=True, is_elided=chain, cue_first=text.at("first", "cue_first"), cue_last=text.at("last", "cue_last")
    )


def _inside_quotes(words: pl.DataFrame, edges: pl.DataFrame, marks: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Quotations that hold their own cue: « …, a-t-il affirmé. … »; spans in tokens.

    One that is left open ends before its cue (`limit`).
    """

    def quote(place: str) -> pl.Expr:
        return pl.lit(marks["first"]).search_sorted(pl.col(place), side="left").cast(pl.Int64) - 1

    def of_mark(column: str) -> pl.Expr:
        return pl.lit(marks[column]).gather("quote")

    # Words between the marks, that of a single mark left out.
    low = words["first"].search_sorted(marks["first"], side="right")
    high = words["last"].search_sorted(marks["last"] - marks["is_closed"].cast(pl.UInt32), side="right")
    rows = marks.select(row=pl.int_ranges(low, high)).with_row_index("quote").explode("row")
    inner = words[rows["row"]].with_columns(begins=rows["quote"], ends=rows["quote"])
    text = _layer(inner, edges, tokens)
    about = text.groups.with_row_index("group").select("group", "cue_first", "cue_last", "tied_token")
    likely = text.count("SLR")
    found = find(text.letters, INSIDE_QUOTES, ALPHABET)
    found = (
        found.filter((pl.col("rule") == "inside") | _holds(likely, "speaker_first", "speaker_last"))
        .with_columns(group=text.at("group", "cue_first"))
        .drop("cue_first", "cue_last")
        .join(about, on="group", how="inner", maintain_order="left")
    )
    return (
        text.placed(found)
        .with_columns(quote=quote("content_first"))
        .unique("quote", keep="first", maintain_order=True)
        .with_columns(
            limit=pl.when(~of_mark("is_closed")).then("content_last"), content_first=of_mark("first"),
            content_last=of_mark("last"), is_direct=True, is_elided=False,
        )
    )  # fmt: skip


def _dialogue(tokens: pl.DataFrame, edges: pl.DataFrame, who: People) -> pl.DataFrame:
    """Answers of an interview, turns of a debate; spans in tokens.

    Lines behind « R. – », behind a dash where such lines answer questions, or behind a label where an article has
    several such lines: a name (« M. Paul Dupont (PS) – », « Paul Dupont, maire – », « Paul Dupont : ») or initials
    (« P. D. : »).
    """
    lines = _lines(tokens, edges)
    forms, final = pl.lit(tokens["form"]), tokens.height - 1

    def form(place: pl.Expr) -> pl.Expr:
        return forms.gather(place.cast(pl.Int64).clip(0, final))

    word = [pl.col(f"word_{k}") for k in range(LINE_WORDS)]
    ends = pl.col("ending").is_in([".", "!", "?", "…", "...", "»"])
    initial, signs = r"^\p{Lu}$", [*DASHES, ":"]
    two = word[0].str.contains(initial) & word[2].str.contains(initial) & (word[1] == ".") & (word[3] == ".")
    three = two & word[4].str.contains(initial) & (word[5] == ".") & word[6].is_in(signs)
    initials = (two & word[4].is_in(signs)) | three
    # The name that opens the line, behind a title or not.
    names = who.mentions.select("person", named="first", named_last=pl.col("last").cast(pl.Int64))
    titled = word[0].is_in(LABEL_TITLES)
    place = pl.col("first") + pl.when(~titled).then(0).when(word[1] == ".").then(2).otherwise(1)
    after, sign = form(pl.col("named_last") + 1), pl.col("sign")
    # « Paul Dupont – », « Paul Dupont. – ».
    bare = (sign == pl.col("named_last") + 1) | ((after == ".") & (sign == pl.col("named_last") + 2))
    near = sign <= pl.col("first") + LABEL_WORDS
    labelled = bare | ((after == "(") & (form(sign - 1) == ")")) | ((after == ",") & (form(sign) != ":"))
    quoted = form(sign + 1).is_in([*OPENING, TOGGLED, "\n"])
    lines = (
        lines.with_columns(named=place.cast(pl.UInt32))
        .join(names, on="named", how="left", maintain_order="left")
        # Looked up before any `over`, which would carry every token into every group.
        .with_columns(is_quoted=quoted, is_labelled=labelled, mark=form(sign))
        .with_columns(
            is_turn=(
                pl.col("is_labelled") & near & (sign > pl.col("named_last")) & ~pl.col("is_quoted") & ends
            ).fill_null(value=False)
        )
        .with_columns(is_lettered=(initials & ~pl.col("is_quoted") & (pl.col("ending") != "?")).fill_null(value=False))
        .with_columns(
            is_turn=pl.col("is_turn")
            & ((pl.col("is_turn") | pl.col("is_lettered")).sum().over("article") >= MIN_ANSWERS),
            is_lettered=pl.col("is_lettered") & (pl.col("is_lettered").sum().over("article") >= MIN_ANSWERS),
        )
        .with_columns(
            # A name with a colon opens the turns of one who has several of them.
            is_turn=pl.col("is_turn")
            & ((pl.col("mark") != ":") | (pl.col("is_turn").sum().over("article", "person") >= MIN_ANSWERS))
        )
    )
    opens = word[0].is_in(DASHES)
    fresh = opens & ~opens.shift(1, fill_value=False).over("article")
    asked = fresh & (pl.col("ending").shift(1).over("article") == "?")
    marker = (
        pl.when(pl.col("is_turn")).then(sign + 1 - pl.col("first"))
        .when((word[0] == "R") & word[1].is_in([".", ":"]) & word[2].is_in(DASHES)).then(3)
        .when((word[0] == "R") & word[1].is_in([*DASHES, ":", "."])).then(2)
        .when("is_lettered").then(pl.when(three).then(7).otherwise(5))
        .when(fresh & ends & (asked.sum().over("article") >= MIN_ANSWERS)).then(1)
    )  # fmt: skip
    lines = lines.with_columns(marker=marker)
    unmarked = lines.filter(pl.col("marker").is_null().all().over("article"))
    marked = lines.filter(pl.col("last") >= pl.col("first") + pl.col("marker")).select(
        rule=pl.lit("dialogue"), content_first=pl.col("first") + pl.col("marker"), content_last="last",
        speaker_first=pl.when("is_turn").then("first"), speaker_last=pl.when("is_turn").then("named_last"),
        # Initials name no one by themselves.
        apposition_first=pl.when("is_lettered").then("first"),
        apposition_last=pl.when("is_lettered").then(pl.col("first") + pl.col("marker") - 2),
        is_direct=True, is_elided=~pl.col("is_turn"),
    )  # fmt: skip
    return pl.concat([marked, _answers(unmarked, tokens, who)], how="diagonal_relaxed")


def _answers(lines: pl.DataFrame, tokens: pl.DataFrame, who: People) -> pl.DataFrame:
    """Answers of an interview that marks neither them nor its questions; spans in tokens.

    A question is a line that ends with « ? », or one set off like the questions are. Its answer is the next line, and
    the lines behind that up to the next question where no heading or rule is between. A short line that puts someone's
    words to the person asked or speaks to them (« La compagnie parle d'un « succès ». ») is a question, too. That it is
    an interview shows by « vous » in the questions and « je » or « nous » in the answers, and by a person named before.
    """
    forms, final = pl.lit(tokens["form"]), tokens.height - 1

    def form(place: pl.Expr) -> pl.Expr:
        return forms.gather(place.cast(pl.Int64).clip(0, final))

    may_ask = pl.col("ending").is_in(["?", *EMPHASIS]).sum().over("article") >= MIN_ANSWERS
    lines = lines.filter(may_ask)
    ends = [form(pl.col("last").cast(pl.Int64) - k) for k in range(3)]
    ending = pl.coalesce(pl.when(~end.is_in(EMPHASIS)).then(end) for end in ends)
    lines = lines.with_columns(
        is_asking=(ending == "?") & (pl.col("last") - pl.col("first") <= QUESTION_WORDS),
        is_set_off=pl.col("word_0").is_in(EMPHASIS) & ends[0].is_in(EMPHASIS),
        is_text=ending.is_in([".", "!", "?", "…", "...", "»", "”", '"']) & (pl.col("word_0") != pl.col("ending")),
    )
    asks = pl.col("is_asking").sum().over("article") >= MIN_ANSWERS
    lines = lines.filter(asks.fill_null(value=False))
    if lines.is_empty():
        return pl.DataFrame(schema={"content_first": pl.UInt32, "content_last": pl.UInt32})
    lower = pl.col("lower")
    words = with_form_features(
        tokens.select("form_id", "form", "lower"),
        is_me=lower.is_in(FIRST_PERSON), is_you=lower.is_in(SECOND_PERSON) | lower.str.contains("-(?:vous|tu)$"),
        is_mark=pl.col("form").is_in([*OPENING, TOGGLED]),
    )  # fmt: skip

    def holds(flag: str) -> pl.Expr:
        places = words[flag].arg_true()
        low = pl.lit(places).search_sorted(pl.col("first"), side="left")
        high = pl.lit(places).search_sorted(pl.col("last"), side="right")
        return high > low

    sentence = pl.lit(tokens["sentence"])
    in_italics = (pl.col("is_set_off") & pl.col("is_asking")).any().over("article")
    lines = lines.with_columns(holds(flag).alias(flag) for flag in ("is_me", "is_you", "is_mark")).with_columns(
        is_asking=pl.col("is_asking") | (pl.col("is_set_off") & in_italics),
        is_single=sentence.gather("first") == sentence.gather(pl.col("last") - 1),
    )
    # What stands behind a heading or a rule is no answer.
    turn, broken = pl.col("is_asking").cum_sum(), (~pl.col("is_text") & ~pl.col("is_asking")).cum_sum()
    lines = lines.with_columns(turn=turn.over("article")).with_columns(
        is_broken=(broken.over("article", "turn") > 0) & ~pl.col("is_asking")
    )
    before, behind = (
        (~pl.col("is_asking") & ~pl.col("is_broken")).shift(step).over("article", "turn") for step in (1, -1)
    )
    is_put = (
        ~pl.col("is_asking") & ~pl.col("is_broken") & before & behind & pl.col("is_single") & ~pl.col("is_me")
        & (pl.col("is_mark") | pl.col("is_you")) & (pl.col("last") - pl.col("first") <= PUT_WORDS)
    )  # fmt: skip
    heads = pl.col("is_asking") | is_put.fill_null(value=False)
    lines = lines.with_columns(is_head=heads).with_columns(turn=pl.col("is_head").cum_sum().over("article"))
    turns = (
        lines.filter((pl.col("turn") > 0) & ~pl.col("is_head"))
        .group_by("article", "turn", maintain_order=True)
        .agg(
            pl.col("first", "is_me", "word_0", "word_1").first(),
            last=pl.col("last").first(), whole=pl.col("last").last(),
            is_broken=pl.col("is_broken").any(), is_text=~pl.col("is_broken").first(),
        )
    )  # fmt: skip
    asked = lines.filter("is_head").select("article", "turn", asks_you="is_you", asked="first")
    turns = asked.join(turns, on=["article", "turn"], how="left").filter(pl.col("is_text")).sort("article", "turn")
    people = who.mentions.group_by("article").agg(named=pl.col("first").min())
    turns = turns.join(people, on="article", how="left")
    told, spoken_to = (pl.col(flag).sum().over("article") for flag in ("is_me", "asks_you"))
    # Answers that open alike have a label, which tells more than we know.
    is_labelled = pl.struct("word_0", "word_1").is_duplicated().over("article").any().over("article")
    is_interview = (
        ~is_labelled & (pl.len().over("article") >= MIN_ANSWERS) & (told > 0) & (spoken_to > 0)
        & (told + spoken_to >= pl.len().over("article")) & (pl.col("named") < pl.col("asked").min().over("article"))
    )  # fmt: skip
    goes_on = ~pl.col("is_broken") & (pl.col("turn") < pl.col("turn").max().over("article"))
    return turns.filter(is_interview.fill_null(value=False)).select(
        rule=pl.lit("dialogue"), content_first="first", content_last=pl.when(goes_on).then("whole").otherwise("last"),
        is_direct=True, is_elided=True,
    )  # fmt: skip


def _lines(tokens: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """The lines that are not blank.

    Out: `article`, `first`, `last` (tokens, without the line end), the first forms (`word_0` and so on), the last one
    (`ending`), and the first dash or colon (`sign`, a token).
    """
    form, paragraph = tokens["form"], tokens["paragraph"]
    starts = (paragraph != paragraph.shift(1)).fill_null(value=True).arg_true().cast(pl.Int64)
    lasts = starts.shift(-1, fill_value=tokens.height) - 1
    lasts = lasts - (form.gather(lasts) == "\n").cast(pl.Int64)
    lines = pl.DataFrame({"first": starts, "last": lasts}).filter(pl.col("last") >= pl.col("first"))
    first, last = lines["first"], lines["last"]
    signs = edges["edge"].is_in(["colon", "dash", "bar"]).arg_true().cast(pl.Int64)
    signs = signs.append(pl.Series([tokens.height], dtype=pl.Int64))
    sign = signs.gather(signs.search_sorted(first))
    words = [
        form.gather(pl.select(pl.when(first + k <= last).then(first + k)).to_series()).alias(f"word_{k}")
        for k in range(LINE_WORDS)
    ]
    return lines.select(
        pl.col("first", "last").cast(pl.UInt32),
        *words,
        article=tokens["article"].gather(first),
        ending=form.gather(last),
        sign=pl.when(sign <= last).then(sign),
    )


def _with_extent(rows: pl.DataFrame, marks: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Add `article`, `text_start`, `text_end`: a direct statement stands between its marks, another in its words."""
    opening = marks.select("quote_start", content_first="first")
    closing = marks.select("quote_end", content_last="last")
    quoted = pl.when("is_direct")
    return (
        rows.join(opening, on="content_first", how="left", maintain_order="left")
        .join(closing, on="content_last", how="left", maintain_order="left")
        .with_columns(
            article=pl.lit(tokens["article"]).gather("content_first"),
            text_start=pl.coalesce(quoted.then("quote_start"), pl.lit(tokens["start"]).gather("content_first")),
            text_end=pl.coalesce(
                pl.lit(tokens["end"]).gather("limit"), quoted.then("quote_end"),
                pl.lit(tokens["end"]).gather("content_last"),
            ),
        )
        .filter(pl.col("text_end") > pl.col("text_start"))
    )  # fmt: skip


def _without_overlaps(rows: pl.DataFrame) -> pl.DataFrame:
    """One statement per place: the outermost, a report inside a report being none; at one place the surest rule."""
    rank = pl.col("rule").replace_strict(CONTENT_RANK, return_dtype=pl.Int32)
    quoted = rows.filter("is_direct").sort("content_first", rank).unique("content_first", keep="first")
    rows = pl.concat([quoted, rows.filter(~pl.col("is_direct"))])
    ordered = rows.sort("article", "text_start", "text_end", rank, descending=[False, False, True, False])
    cover = pl.col("text_end").cum_max().shift(1).over("article")
    return ordered.filter((pl.col("text_start") >= cover).fill_null(value=True))


def _table(rows: pl.DataFrame, marks: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """The rows as the contract wants them."""
    low = marks["first"].search_sorted(rows["content_first"], side="left")
    high = marks["first"].search_sorted(rows["content_last"], side="right")
    inside = (
        rows.select("row", "text_start", "text_end", mark=pl.int_ranges(low, high))
        .explode("mark", empty_as_null=False)
        # A quotation that is left open, or cut by its own cue, ends with the statement at the latest.
        .select(
            "row",
            quote_start=pl.max_horizontal(pl.lit(marks["quote_start"]).gather("mark"), "text_start"),
            quote_end=pl.min_horizontal(pl.lit(marks["quote_end"]).gather("mark"), "text_end"),
        )
        .filter(pl.col("quote_start") < pl.col("quote_end"))
        .group_by("row")
        .agg(quoted_spans=pl.struct("quote_start", "quote_end"))
    )
    direct = pl.col("is_direct")
    whole = pl.concat_list(pl.struct(quote_start="text_start", quote_end="text_end"))
    said = rows.join(inside, on="row", how="left", maintain_order="left").with_columns(
        article_id=pl.lit(articles["article_id"]).gather("article"),
        published_on=pl.lit(articles["published_on"]).gather("article"),
        cue_start=pl.lit(tokens["start"]).gather("cue_first"), cue_end=pl.lit(tokens["end"]).gather("cue_last"),
        mode=pl.when(direct).then(pl.lit("direct")).when(pl.col("quoted_spans").is_not_null()).then(pl.lit("mixed"))
        .otherwise(pl.lit("indirect")),
        confidence=pl.col("rule").replace_strict(CONFIDENCE, return_dtype=pl.Float64),
    )  # fmt: skip
    said = said.with_columns(
        statement_id=pl.concat_str("article_id", pl.lit("-s"), "text_start"),
        quoted_spans=pl.when(direct & pl.col("quoted_spans").is_null()).then(whole)
        .otherwise(pl.col("quoted_spans").fill_null([])),
    )  # fmt: skip
    said = with_medium(_with_words(said, tokens, articles))
    return said.select(pl.col(c).cast(t) for c, t in STATEMENTS.polars_schema.items()).sort("article_id", "text_start")


def _with_words(rows: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Add the surfaces `text`, `cue`, `speaker` and `sentence`, cut from the one passage that holds them all."""
    # Sentences tile the tokens, and a line end can only be the last of one.
    sentence = tokens["sentence"]
    opens = sentence.search_sorted(sentence.gather(rows["content_first"]), side="left")
    closes = sentence.search_sorted(sentence.gather(rows["content_last"]), side="right").cast(pl.Int64) - 1
    closes = closes - (tokens["form"].gather(closes) == "\n").cast(pl.Int64)
    parts = ["text", "cue", "speaker", "sentence"]
    start = pl.min_horizontal(f"{part}_start" for part in parts)
    end = pl.max_horizontal(f"{part}_end" for part in parts)
    words = pl.col("passage").str
    return (
        rows.with_columns(sentence_start=tokens["start"].gather(opens), sentence_end=tokens["end"].gather(closes))
        .with_columns(passage=surface(articles, pl.col("article"), start, end), passage_start=start)
        .with_columns(
            words.slice(
                pl.col(f"{part}_start") - pl.col("passage_start"), pl.col(f"{part}_end") - pl.col(f"{part}_start")
            ).alias(part)
            for part in parts
        )
    )
