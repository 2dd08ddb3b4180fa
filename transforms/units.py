"""Text as units: one letter per word; quotations, names and groups of words of saying are folded into one unit each."""

from __future__ import annotations

import polars as pl

from transforms.articles import MONTHS
from transforms.cues import other_verbs, phrase_letters, saying_letters, verbs, word_letters
from transforms.lexicon import load
from transforms.people import People
from transforms.reported import ALPHABET, CUE_GROUPS, CUE_LETTERS, CUE_PARTS
from transforms.text import find, find_phrases, with_form_features

# One letter per unit, as a number below 128 that is its byte: cheap to compare, and a string of them costs no more.
LETTER = pl.Enum([chr(code) for code in range(128)])
PHRASE_WORDS = 5  # of the longest verb, « tirer la sonnette d'alarme »
PRONOUN_BEHIND = r"-(?:t-)?(?:il|elle|ils|elles|on)$"
SURE_FINITE = r"(?:aient|èrent|issent|(?:[eid]|[aeou]u|v)(?:ra|ront|rait)|\p{Ll}{2}(?:[bdglmnpstuvç]|[^t]r)ait)$"
INFINITIVE = (
    r"^\p{Ll}{2,}(?:er|ir|oir|dre|[^ao]ire|vre|clure|ompre)$"
    r"|^\p{Ll}*(?:mettre|battre|aître|croire|boire)$|^(?:(?:re|dé|satis|contre)?faire|(?:dé)?plaire|taire|être)$"
)
# Nouns of those who speak by their ending: « économiste », « climatologue », « négociatrice », « électricien ».
PEOPLE = r"^\p{Ll}+(?:[^lp]iste|ologue|iatre|[dgiopstv]ateur|atrice|icien|icienne)s?$"
# What a verb of the third person may end in.
MAY_BE_FINITE = r"^\p{Ll}+(?:e|[^t]ent|[aio]it|ait|[dgrt]a|rd|nd|rt|ut|int)$"
BULLETS = ["•", "▪", "●", "◦", "►", "▶", "■", "‣", "*"]
CLOSING_MARKS = ["»", "”", '"']
# A sentence's first word of such a form is no name: « Interrogé par nos soins, … ».
COMMON_AT_START = r"(?:ée?s?|ant|ement)$"
# Words that start a sentence even where the stop before them is missing: « … sans accord immédiat Le Kremlin a … ».
STARTERS = [
    "Le",
    "La",
    "Les",
    "L'",
    "L’",
    "Un",
    "Une",
    "Il",
    "Elle",
    "Ils",
    "Elles",
    "Cette",
    "Ce",
    "Ces",
    "Selon",
    "En",
]

# Words that decide about their neighbours (by `lower`), and marks and words that part sentences (by `form`).
_WORDS = {
    "le": ["le"], "elided": ["l'"], "object": ["la", "les", "leur"], "of": ["d'"], "en": ["en"],
    "comma": [","], "closing": CLOSING_MARKS, "opening": ["«", "“"],
    "à": ["à"], "aux": ["au", "aux"], "contracted": ["du", "des"], "comme": ["comme"], "ainsi": ["ainsi"],
    "que": ["que", "qu'"], "title": load("cues")["words"]["title"], "hearer": load("cues")["words"]["hearer"],
    "month": list(MONTHS), "strong": ["lui", "eux"],
}  # fmt: skip
_EDGES = {
    "line": ["\n"], "bullet": BULLETS, "starter": STARTERS, "shout": ["!", "?"], "label": ["Q", "R"],
    "stop": ["."], "colon": [":"], "dash": ["–", "—", "-"], "bar": ["―"], "[": ["["], "]": ["]"],
}  # fmt: skip


def _base(lower: pl.Expr) -> pl.Expr:
    """A word without the pronoun tied behind it: « a » of « a-t-il »."""
    return lower.str.replace(PRONOUN_BEHIND, "")


def letters_of_words(tokens: pl.DataFrame, roles: pl.DataFrame, who: People) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Words and names as units.

    In: tokens with sentences; role phrases (`roles.role_spans`); the people. Out: one row per word or name: `letter`,
    `first`, `last` (token positions), `begins`, `ends` (sentences); and one row per token: the shapes that `with_edges`
    needs.
    """
    shapes = _shapes(tokens)
    letter = _in_context(_tagged(shapes, tokens))
    heads = roles["first"].unique()
    # A word of a role is one of those who speak.
    heads = heads.filter(letter.gather(heads).is_in(["n", "N", "f", "h"]))
    positions = pl.int_range(tokens.height, dtype=pl.UInt32, eager=True)
    units = pl.DataFrame(
        {
            "letter": letter.scatter(heads, "S"),
            "first": positions,
            "last": positions,
            "begins": tokens["sentence"],
            "ends": tokens["sentence"],
        }
    )
    edges = shapes.select("edge", "is_capitalised", "is_shouted", "ends_lower", is_joined=tokens["is_joined"])
    return fold(units, who.mentions.select("first", "last", letter=pl.lit("L"))), edges


def _shapes(tokens: pl.DataFrame) -> pl.DataFrame:
    """What each token tells by itself.

    Out: `base` (without the pronoun tied to it), `letter`, `plain` (what it is if no verb), `word` and `edge` (words
    that decide about others) and flags of its form.
    """
    lower, form, words = pl.col("lower"), pl.col("form"), word_letters()
    sayings = saying_letters().filter(~pl.col("phrase").str.contains(" "))

    def looked_up(word: pl.Expr, entries: dict[str, str]) -> pl.Expr:
        return word.replace_strict(entries, default=None, return_dtype=pl.String)

    shape = (
        pl.when(form.str.contains(r"^\d")).then(pl.lit("#"))
        .when(form.str.contains(r"^[%‰°$€£¥+=]")).then(pl.lit("n"))
        .when(form.str.contains(r"^[^\p{L}\p{N}\s]")).then(pl.lit("."))
        .when(form.str.contains(r"^\p{Lu}")).then(pl.lit("N"))
        .when(form.str.contains(INFINITIVE)).then(pl.lit("h"))
        .when(form.str.contains(PEOPLE)).then(pl.lit("S"))
        .otherwise(pl.lit("n"))
    )  # fmt: skip
    base = _base(lower)
    plain = pl.coalesce(looked_up(lower, words), shape)
    saying = looked_up(base, dict(zip(sayings["phrase"], sayings["saying"], strict=True)))
    is_tied = base != lower
    is_other = lower.is_in(other_verbs()) | (form.str.contains(r"^\p{Ll}") & lower.str.contains(SURE_FINITE))
    letter = (
        pl.when(is_tied & looked_up(base, words).is_in(["A", "E"])).then(pl.lit("H"))
        .when(is_tied & saying.is_in(["V", "D"])).then(pl.lit("W"))
        .when(saying.is_not_null() & ~plain.is_in(["m", "p", "P", "t", "M"])).then(saying)
        .when(is_other & ~plain.is_in(["m", "p", "P", "M", "t", "d", "A", "E"])).then(pl.lit("f"))
        .otherwise(plain)
    )  # fmt: skip
    kinds = {"word": (lower, _WORDS), "edge": (form, _EDGES)}
    return with_form_features(
        tokens.select("form_id", "form", "lower"),
        base=base,
        letter=letter.cast(LETTER),
        plain=plain.cast(LETTER),
        is_tied=is_tied,
        may_be_finite=lower.str.contains(MAY_BE_FINITE),
        may_be_gerund=lower.str.contains(r"^\p{Ll}{3,}ant$"),
        is_manner=lower.str.ends_with("ment"),
        is_common_at_start=lower.str.contains(COMMON_AT_START),
        is_capitalised=form.str.contains(r"^\p{Lu}\p{Ll}"),
        is_shouted=form.str.contains(r"^\p{Lu}{2,}$"),
        ends_lower=form.str.contains(r"\p{Ll}$"),
        **{
            name: looked_up(written, {w: kind for kind, ws in table.items() for w in ws}).cast(pl.Enum(list(table)))
            for name, (written, table) in kinds.items()
        },
    )


def _tagged(shapes: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Words with the `letter` of the phrase that they are in, if any (`is_phrase`), and their sentence."""
    several = saying_letters().filter(pl.col("phrase").str.contains(" ")).rename({"saying": "fixed"})
    phrases = find_phrases(
        tokens.select("article", "form_id", lower=shapes["base"]), pl.concat([phrase_letters(), several])
    )
    phrases = phrases.unique("first", keep="first", maintain_order=True)
    # A verb of several words has its letter on the first; an adverb of several is adverbs.
    behind = pl.when(pl.col("fixed").is_in(["m", "w", "s"])).then("fixed").otherwise(pl.lit("+"))
    spread = phrases.select(
        "first", "fixed", behind=behind, position=pl.int_ranges("first", pl.col("last") + 1, dtype=pl.UInt32)
    ).explode("position")
    fixed = pl.when(pl.col("position") == pl.col("first")).then("fixed").otherwise("behind")
    letters = spread.select(fixed.cast(LETTER)).to_series()
    is_phrase = pl.repeat(value=False, n=shapes.height, eager=True)
    return shapes.with_columns(
        shapes["letter"].scatter(spread["position"], letters),
        is_phrase=is_phrase.scatter(spread["position"], True),
        sentence=tokens["sentence"],
    )


def _in_context(tagged: pl.DataFrame) -> pl.Series:
    """The letters of words, some by the words before them: « le juge », « il le juge », « est dit », « M. Dupont »."""
    letter, before, earlier = pl.col("letter"), pl.col("letter").shift(1), pl.col("letter").shift(2)
    word, word_before, word_earlier = pl.col("word"), pl.col("word").shift(1), pl.col("word").shift(2)
    is_clitic = earlier.is_in(["R", "x", "r", "c", "1", "N", "S", "k"]) & word_before.is_in(["le", "elided", "object"])
    # « comme le rappelle le rapport », but « comme le juge ».
    is_clitic = is_clitic | (
        (word_earlier == "comme") & (word_before == "le") & ~pl.col("plain").is_in(["S", "T", "z"])
    )
    # « Un élu danois la juge « bancale » ».
    is_clitic = is_clitic | (
        (letter == "V")
        & word_before.is_in(["le", "object", "elided"])
        & earlier.is_in(["n", "h"])
        & word.shift(-1).is_in(["opening", "closing"])
    )
    tied_en = (word_before == "en") & earlier.is_in(list("Rxcr1"))
    is_noun = ((before == "d") & ~is_clitic.fill_null(value=False)) | (
        before.is_in(["e", "p", "P"]) & ~tied_en.fill_null(value=False)
    )
    # « cet ancien juge a … »
    is_noun = is_noun | ((before == "n") & letter.shift(-1).is_in(["A", "E"])).fill_null(value=False)
    is_first = (pl.col("sentence") != pl.col("sentence").shift(1)).fill_null(value=True)
    # Behind a quotation and a comma stands a verb, known or not: « … », ahane-t-il », « … », feule la chanteuse ».
    unknown = letter.is_in(["n", "f", "h"]) & (word_before == "comma") & (word_earlier == "closing")
    told = unknown & pl.col("may_be_finite") & letter.shift(-1).is_in(["d", "N", "L", "S"])
    # « a sobrement réagi », « affirme clairement que ».
    manner = (letter == "n") & before.is_in(list("AEHVDWfMm,")) & pl.col("is_manner")
    # « il en rit », not « en France ».
    partitive = (word == "en") & before.is_in(list("Rxcr1")) & letter.shift(-1).is_in(list("AEHVDf"))
    # « promet d'en financer », « affirme en avoir », not « en atelier ».
    partitive = partitive | (
        (word == "en") & ((letter.shift(-1) == "a") | ((before == "e") & letter.shift(-1).is_in(["h", "i"])))
    )
    # « Lui soutient que … », not « Lui parler … ».
    contrast = is_first & (word == "strong") & letter.shift(-1).is_in(list("VDfAEH"))
    # « confie la maire en saluant … », « a dit le maire à la presse »: circumstances, no part of who speaks.
    while_doing = (word == "en") & (letter.shift(-1) == "n") & pl.col("may_be_gerund").shift(-1)
    hearing = (word.shift(-1) == "hearer") | ((letter.shift(-1) == "d") & (word.shift(-2) == "hearer"))
    to_whom = word.is_in(["à", "aux"]) & hearing
    # « le maire ainsi que son adjoint », but « c'est ainsi que ».
    adding = ((word == "ainsi") & (word.shift(-1) == "que") & ~before.is_in(["E", "H"])).fill_null(value=False)
    # « Le 3 mai, une note … »: a day is no subject.
    is_month = word == "month"
    dated = (word == "le") & is_month.shift(-2) & (letter.shift(-1) == "#")
    in_date = (letter == "#") & (is_month.shift(-1) | is_month.shift(1))
    # A sentence does not open with a verb: « Réplique cinglante de l'avocat : ».
    opening_noun = is_first & letter.is_in(["V", "D"]) & (pl.col("plain") == "T")
    noun = pl.when(pl.col("plain").is_in(["S", "z", "T"])).then("plain").otherwise(pl.lit("n"))
    # « le conseiller » is no infinitive.
    is_agent = (letter == "i") & (pl.col("plain") == "S")
    is_verb_form = (letter.is_in(["V", "D", "f", "W"]) | is_agent) & ~pl.col("is_phrase")
    # « le premier », « cette dernière », but « promet de le faire ».
    behind_article = (before == "d") | word_before.is_in(["aux", "contracted"]).fill_null(value=False)
    no_infinitive = (letter == "h") & behind_article & ~earlier.is_in(["e", "p", "l", "x", "y"])
    return tagged.select(
        pl.when((is_verb_form & is_noun) | ((letter == "g") & (before == "d"))).then(noun)
        .when((letter == ".") & (before == "d") & (word_before == "title")).then(pl.lit("d"))
        .when((letter == "D") & ((before == "b") | ((before == "E") & (earlier != "c")))).then(pl.lit("n"))
        .when(no_infinitive).then(pl.lit("n"))
        .when(unknown & pl.col("is_tied")).then(pl.lit("W"))
        .when(told).then(pl.lit("V"))
        .when(manner).then(pl.lit("m"))
        .when(partitive).then(pl.lit("c"))
        .when(contrast).then(pl.lit("R"))
        .when(adding).then(pl.lit("&"))
        .when(adding.shift(1)).then(pl.lit("m"))
        .when(dated).then(pl.lit("P"))
        .when(in_date).then(pl.lit("n"))
        # « N'Djamena ».
        .when((letter == "x") & pl.col("is_capitalised").shift(-1)).then(pl.lit("N"))
        # « L'Est libéré ».
        .when((letter == "E") & pl.col("is_capitalised") & word_before.is_in(["elided", "of"])).then(pl.lit("N"))
        .when((letter == "p") & (while_doing | to_whom)).then(pl.lit("P"))
        .when(opening_noun).then(pl.lit("T"))
        .when(is_first & (letter == "N") & pl.col("is_common_at_start")).then(pl.lit("n"))
        .otherwise(letter)
        .alias("letter")
    ).to_series()  # fmt: skip


def fold(units: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Fold spans into one unit each.

    In: units with `letter`, `first`, `last` and maybe `ends`; `spans` with `first`, `last` (row positions, not
    overlapping) and `letter`. Out: the units, a folded one with the span's letter, its own `last` and `ends`, and all
    other columns of its first unit.
    """
    heads = spans.unique("first", keep="first", maintain_order=True)
    reach = [column for column in ("last", "ends") if column in units.columns]
    inside = spans.select(pl.int_ranges(pl.col("first") + 1, pl.col("last") + 1)).to_series().explode()
    is_kept = pl.repeat(value=True, n=units.height, eager=True).scatter(inside, False)
    return units.with_columns(
        units["letter"].scatter(heads["first"], heads["letter"].cast(LETTER)),
        *[units[column].scatter(heads["first"], units[column].gather(heads["last"])) for column in reach],
    ).filter(is_kept)


def fold_quotes(units: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Fold quotations (spans of tokens) into one unit each."""
    rows = {side: units["first"].search_sorted(marks[side], side="right") - 1 for side in ("first", "last")}
    return fold(units, pl.DataFrame({k: v.cast(pl.UInt32) for k, v in rows.items()}).with_columns(letter=pl.lit("Q")))


def with_edges(units: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Put a unit of no width before and behind each sentence; a quotation behind a colon stays with it.

    In: units; the shapes of all tokens (`letters_of_words`). Out: `letter`, `first`, `last`.
    """
    edge, letter = pl.col("edge"), pl.col("letter")
    joined, after_lower = pl.col("is_joined"), pl.col("ends_lower").shift(1)
    runs_on = (edge == "starter") & letter.shift(1).is_in(["n", "N", "h", "L", "#", "v"])
    glued = pl.col("is_capitalised") & joined & after_lower
    # « … dans le dos« On ne négocie pas … », a dit X »: a quotation glued to a heading.
    shouts = (edge.shift(1) == "shout").fill_null(value=False)
    glued = glued | ((letter == "Q") & joined & (after_lower | shouts))
    # « Q. Selon la force, … »: the label of a question is no part of it.
    starts_line = (edge.shift(3) == "line") | (pl.int_range(pl.len()) < 3)
    labelled = (edge.shift(2) == "label") & edge.shift(1).is_in(["stop", "colon", "dash"]) & starts_line
    opens = pl.any_horizontal(e.fill_null(value=False) for e in (runs_on, glued, labelled))
    # « … à notre micro : / [EXTRAIT] « … » »: the mark of a recording is nothing.
    bracket, inside, closes = edge == "[", pl.col("is_shouted"), edge == "]"
    recording = pl.any_horizontal(
        bracket & inside.shift(-1) & closes.shift(-2),
        bracket.shift(1) & inside & closes.shift(-1),
        bracket.shift(2) & inside.shift(1) & closes,
    ).fill_null(value=False)
    is_kept = ~edge.is_in(["line", "bullet"]).fill_null(value=False) & ~recording
    begins, ends = pl.col("begins"), pl.col("ends").shift(1)
    announced = (letter == "Q") & (letter.shift(1) == ":") & (begins <= ends + 2)
    fresh = (begins != ends).fill_null(value=True) | pl.col("runs_on")
    kept = (
        units.with_columns(edges[units["first"]])
        .with_columns(runs_on=opens)
        .filter(is_kept)
        .select("letter", "first", "last", opens=fresh & ~announced.fill_null(value=False))
    )
    # Before a unit stand two edges for each sentence before, and the edge of its own.
    rows = pl.int_range(kept.height, dtype=pl.UInt32, eager=True)
    places = rows + 2 * kept["opens"].cum_sum() - 1
    is_opening, is_closing = kept["opens"], kept["opens"].shift(-1, fill_value=True)
    begin, end = places.filter(is_opening) - 1, places.filter(is_closing) + 1
    source = pl.repeat(0, n=kept.height + 2 * begin.len(), dtype=pl.UInt32, eager=True)
    for at, of in ((places, rows), (begin, rows.filter(is_opening)), (end, rows.filter(is_closing))):
        source = source.scatter(at, of)
    edged = kept.select("letter", "first", "last")[source]
    return edged.with_columns(edged["letter"].scatter(begin, "B").scatter(end, "Z"))


def letters_in_row(units: pl.DataFrame) -> pl.Series:
    """The letters of all units as one string, for `find`."""
    codes = units["letter"].to_physical().rechunk()
    return pl.Series([codes.to_numpy(allow_copy=False).tobytes().decode("ascii")])


def cue_groups(units: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Groups of words of saying.

    Out: one row per group, in order: `first`, `last` (row positions), `letter`, `cue_first`, `cue_last`, `tied_token`
    (token positions; the last one where a pronoun is tied to the verb), `takes`, `is_attitude`, `is_loose`,
    `is_cataphoric` (« il l'a dit : … »).
    """
    hits = find(letters_in_row(units), CUE_GROUPS, ALPHABET)
    missing = [f"{p}_{s}" for p in CUE_PARTS for s in ("first", "last") if f"{p}_{s}" not in hits.columns]
    hits = hits.with_columns(pl.lit(None, pl.UInt32).alias(c) for c in missing)
    hits = hits.with_columns(
        first=pl.min_horizontal("lead_first", "negation_first", "clitics_first", "open_first", "verb_first"),
        last=pl.max_horizontal("verb_last", "more_last", "never_last"),
    ).sort("first", "last", descending=[False, True])
    hits = hits.filter((pl.col("first") > pl.col("last").cum_max().shift(1)).fill_null(value=True))

    def word(unit: pl.Expr, step: int = 0) -> pl.Expr:
        place = pl.lit(units["first"]).gather(unit).cast(pl.Int64) + step
        return pl.lit(tokens["lower"]).gather(place.clip(0, tokens.height - 1))

    verb, width = pl.col("verb_first"), (pl.col("more_last") - pl.col("more_first") + 1).fill_null(0)
    clitics = [word(pl.col(f"clitics_{side}")) for side in ("first", "last")]
    named = hits.with_columns(
        phrase=pl.concat_str(
            _base(word(verb)), *[pl.when(width >= k).then(word(verb, k)) for k in range(1, PHRASE_WORDS)],
            separator=" ", ignore_nulls=True,
        ),
        is_reflexive=pl.any_horizontal(c.is_in(["se", "s'"]) for c in clitics),
        # « se borne à dire »: the pronoun is the other verb's.
        pronoun=pl.when(pl.col("rule").str.starts_with("modal")).then(pl.lit(""))
        .when(pl.any_horizontal(c.is_in(["se", "s'"]) for c in clitics)).then(pl.lit("se"))
        .when(pl.any_horizontal(c == "y" for c in clitics)).then(pl.lit("y"))
        .otherwise(pl.lit("")),
        is_cataphoric=clitics[1].is_in(["le", "l'"]).fill_null(value=False),
    )  # fmt: skip
    about = ["takes", "is_attitude", "is_loose"]
    table = verbs().select("phrase", "pronoun", *about)
    # A verb that no lexicon knows says what stands before it, if its subject can speak.
    guess = {"takes": pl.lit(["behind"]), "is_attitude": pl.lit(value=False), "is_loose": pl.lit(value=True)}
    is_unknown = ~pl.col("phrase").is_in(table["phrase"].implode())
    plain = table.filter(pl.col("pronoun") == "").select("phrase", *[pl.col(c).alias(f"plain_{c}") for c in about])
    # « y » belongs to some verbs (« y voir ») and stands beside any (« Il y affirme que … »).
    beside = pl.when(pl.col("pronoun") == "y")
    denied = pl.col("negation_first").is_not_null() & ~pl.col("rule").str.starts_with("modal")
    token = pl.lit(units["first"])
    return (
        named.join(table, on=["phrase", "pronoun"], how="left", maintain_order="left")
        .join(plain, on="phrase", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce(c, beside.then(f"plain_{c}"), pl.when(is_unknown).then(guess[c])).alias(c) for c in about
        )
        # « il vous est demandé » is no one's saying.
        .filter(pl.col("takes").is_not_null() & ((pl.col("rule") != "past_reflexive") | (pl.col("pronoun") == "se")))
        .select(
            "first", "last", *about, "is_cataphoric",
            letter=pl.when(denied).then(pl.lit("X")).otherwise(pl.col("rule").replace_strict(CUE_LETTERS)),
            cue_first=token.gather(
                pl.coalesce(pl.when("is_reflexive").then("clitics_last"), "open_first", "verb_first")
            ),
            has_lead=pl.col("lead_first").is_not_null(),
            cue_last=pl.lit(units["last"]).gather(pl.max_horizontal("verb_last", "more_last")),
            tied_token=pl.when(pl.col("rule").is_in(["past_inverted", "modal_inverted"]))
            .then(token.gather("open_first"))
            .when(pl.col("rule") == "present_inverted").then(token.gather("verb_first")),
        )
    )  # fmt: skip
