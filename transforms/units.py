"""Text as units: one letter per word; quotations, names and groups of words of saying are folded into one unit each."""

from __future__ import annotations

import polars as pl

from transforms.articles import MONTHS
from transforms.cues import other_verbs, phrase_letters, saying_letters, verbs, word_letters
from transforms.lexicon import load
from transforms.people import People
from transforms.reported import ALPHABET, CUE_GROUPS, CUE_LETTERS, CUE_PARTS
from transforms.text import find, find_phrases, layer, with_form_features

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


def _base(lower: pl.Expr) -> pl.Expr:
    """A word without the pronoun tied behind it: « a » of « a-t-il »."""
    return lower.str.replace(PRONOUN_BEHIND, "")


def letters_of_words(tokens: pl.DataFrame, roles: pl.DataFrame, who: People) -> pl.DataFrame:
    """Words and names as units.

    In: tokens with sentences; role phrases (`roles.role_spans`); the people. Out: one row per word or name: `letter`,
    `article`, `form`, `is_joined`, `first`, `last` (token positions), `begins`, `ends` (sentences).
    """
    tagged = _in_context(_tagged(tokens))
    heads = roles.select(position="first", is_role=pl.lit(True)).unique("position")
    letter = pl.col("letter")
    units = tagged.join(heads, on="position", how="left", maintain_order="left").select(
        "article", "form", "is_joined", "is_capitalised", "is_shouted", "ends_lower",
        first="position", last="position", begins="sentence", ends="sentence",
        letter=pl.when(pl.col("is_role") & letter.is_in(["n", "N", "f", "h"])).then(pl.lit("S")).otherwise(letter),
    )  # fmt: skip
    return fold(units, who.mentions.select("first", "last", letter=pl.lit("L")))


def _tagged(tokens: pl.DataFrame) -> pl.DataFrame:
    """Tokens with `position`, `letter` by themselves, `plain` (what they are if no verb) and `is_phrase`."""
    lower, form = pl.col("lower"), pl.col("form")
    words, sayings = word_letters(), saying_letters()
    single = sayings.filter(~pl.col("phrase").str.contains(" "))
    table = dict(zip(single["phrase"], single["saying"], strict=True))

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
    is_other = lower.is_in(other_verbs()) | (form.str.contains(r"^\p{Ll}") & lower.str.contains(SURE_FINITE))
    plain, saying, is_tied = pl.col("plain"), pl.col("saying"), pl.col("is_tied")
    features = with_form_features(
        tokens.with_row_index("position"),
        base=_base(lower),
        plain=pl.coalesce(looked_up(lower, words), shape),
        saying=looked_up(_base(lower), table),
        is_tied=_base(lower) != lower,
        is_other=is_other,
        is_auxiliary=looked_up(_base(lower), words).is_in(["A", "E"]),
        may_be_finite=lower.str.contains(MAY_BE_FINITE),
        is_manner=lower.str.ends_with("ment"),
        is_common_at_start=lower.str.contains(COMMON_AT_START),
        is_capitalised=form.str.contains(r"^\p{Lu}\p{Ll}"),
        is_shouted=form.str.contains(r"^\p{Lu}{2,}$"),
        ends_lower=form.str.contains(r"\p{Ll}$"),
    )
    several = sayings.filter(pl.col("phrase").str.contains(" ")).rename({"saying": "fixed"})
    phrases = find_phrases(features.with_columns(lower="base"), pl.concat([phrase_letters(), several]))
    phrases = phrases.unique("first", keep="first", maintain_order=True)
    # A verb of several words has its letter on the first; an adverb of several is adverbs.
    behind = pl.when(pl.col("fixed").is_in(["m", "w", "s"])).then("fixed").otherwise(pl.lit("+"))
    spread = (
        phrases.select(
            position=pl.int_ranges("first", pl.col("last") + 1, dtype=pl.UInt32),
            head="first",
            head_letter="fixed",
            tail_letter=behind,
        )
        .explode("position", empty_as_null=False)
        .select(
            "position", fixed=pl.when(pl.col("position") == pl.col("head")).then("head_letter").otherwise("tail_letter")
        )
    )
    letter = (
        pl.when(pl.col("fixed").is_not_null()).then("fixed")
        .when(is_tied & pl.col("is_auxiliary")).then(pl.lit("H"))
        .when(is_tied & saying.is_in(["V", "D"])).then(pl.lit("W"))
        .when(saying.is_not_null() & ~plain.is_in(["m", "p", "P", "t", "M"])).then(saying)
        .when(pl.col("is_other") & ~plain.is_in(["m", "p", "P", "M", "t", "d", "A", "E"])).then(pl.lit("f"))
        .otherwise(plain)
    )  # fmt: skip
    return features.join(spread, on="position", how="left", maintain_order="left").with_columns(
        letter=letter, is_phrase=pl.col("fixed").is_not_null()
    )


def _in_context(tagged: pl.DataFrame) -> pl.DataFrame:
    """Words whose letter depends on the words before them: « le juge », « il le juge », « est dit », « M. Dupont »."""
    letter, before, earlier = pl.col("letter"), pl.col("letter").shift(1), pl.col("letter").shift(2)
    word_before, word_earlier = pl.col("lower").shift(1), pl.col("lower").shift(2)
    is_clitic = earlier.is_in(["R", "x", "r", "c", "1", "N", "S", "k"]) & word_before.is_in(
        ["le", "la", "l'", "les", "leur"]
    )
    # « comme le rappelle le rapport », but « comme le juge ».
    is_clitic = is_clitic | (
        (word_earlier == "comme") & (word_before == "le") & ~pl.col("plain").is_in(["S", "T", "z"])
    )
    tied_en = (word_before == "en") & earlier.is_in(list("Rxcr1"))
    is_noun = ((before == "d") & ~is_clitic.fill_null(value=False)) | (before.is_in(["e", "p", "P"]) & ~tied_en)
    # « cet ancien juge a … »
    is_noun = is_noun | ((before == "n") & letter.shift(-1).is_in(["A", "E"])).fill_null(value=False)
    is_first = (pl.col("sentence") != pl.col("sentence").shift(1)).fill_null(value=True)
    # Behind a quotation and a comma stands a verb, known or not: « … », ahane-t-il », « … », feule la chanteuse ».
    unknown = letter.is_in(["n", "f", "h"]) & (word_before == ",") & word_earlier.is_in(CLOSING_MARKS)
    told = unknown & pl.col("may_be_finite") & letter.shift(-1).is_in(["d", "N", "L", "S"])
    # « a sobrement réagi », « affirme clairement que ».
    manner = (letter == "n") & before.is_in(list("AEHVDWfMm,")) & pl.col("is_manner")
    # « il en rit », not « en France ».
    partitive = (pl.col("lower") == "en") & before.is_in(list("Rxcr1")) & letter.shift(-1).is_in(list("AEHVDf"))
    # « confie la maire en saluant … », « a dit le maire à la presse »: circumstances, no part of who speaks.
    behind = [pl.col("lower").shift(-k) for k in (1, 2)]
    while_doing = (pl.col("lower") == "en") & letter.shift(-1).is_in(["n"]) & behind[0].str.contains(r"^\p{Ll}{3,}ant$")
    hearer = load("cues")["words"]["hearer"]
    hearing = behind[0].is_in(hearer) | (letter.shift(-1).is_in(["d"]) & behind[1].is_in(hearer))
    to_whom = pl.col("lower").is_in(["à", "au", "aux"]) & hearing
    # « le maire ainsi que son adjoint », but « c'est ainsi que ».
    adding = (pl.col("lower") == "ainsi") & behind[0].is_in(["que", "qu'"]) & ~before.is_in(["E", "H"])
    adding = adding.fill_null(value=False)
    # « Le 3 mai, une note … »: a day is no subject.
    is_month = pl.col("lower").is_in(list(MONTHS))
    dated = (pl.col("lower") == "le") & is_month.shift(-2) & (letter.shift(-1) == "#")
    in_date = (letter == "#") & (is_month.shift(-1) | is_month.shift(1))
    # A sentence does not open with a verb: « Réplique cinglante de l'avocat : ».
    opening_noun = is_first & letter.is_in(["V", "D"]) & (pl.col("plain") == "T")
    noun = pl.when(pl.col("plain").is_in(["S", "z", "T"])).then("plain").otherwise(pl.lit("n"))
    # « le conseiller » is no infinitive.
    is_agent = (letter == "i") & (pl.col("plain") == "S")
    is_verb_form = (letter.is_in(["V", "D", "f", "W"]) | is_agent) & ~pl.col("is_phrase")
    # « le premier », « cette dernière », but « promet de le faire ».
    behind_article = (before == "d") | word_before.is_in(["au", "aux", "du", "des"])
    no_infinitive = (letter == "h") & behind_article & ~earlier.is_in(["e", "p", "l", "x", "y"])
    return tagged.with_columns(
        letter=pl.when((is_verb_form & is_noun) | ((letter == "g") & (before == "d"))).then(noun)
        .when((letter == ".") & (before == "d") & word_before.is_in(load("cues")["words"]["title"])).then(pl.lit("d"))
        .when((letter == "D") & ((before == "b") | ((before == "E") & (earlier != "c")))).then(pl.lit("n"))
        .when(no_infinitive).then(pl.lit("n"))
        .when(unknown & pl.col("is_tied")).then(pl.lit("W"))
        .when(told).then(pl.lit("V"))
        .when(manner).then(pl.lit("m"))
        .when(partitive).then(pl.lit("c"))
        .when(adding).then(pl.lit("&"))
        .when(adding.shift(1)).then(pl.lit("m"))
        .when(dated).then(pl.lit("P"))
        .when(in_date).then(pl.lit("n"))
        # « L'Est libéré ».
        .when((letter == "E") & pl.col("is_capitalised") & word_before.is_in(["l'", "d'"])).then(pl.lit("N"))
        .when((letter == "p") & (while_doing | to_whom)).then(pl.lit("P"))
        .when(opening_noun).then(pl.lit("T"))
        .when(is_first & (letter == "N") & pl.col("is_common_at_start")).then(pl.lit("n"))
        .otherwise(letter)
    )  # fmt: skip


def fold(units: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Fold spans into one unit each.

    In: units with `letter`, `first`, `last` and maybe `ends`; `spans` with `first`, `last` (row positions, not
    overlapping) and `letter`. Out: the units, a folded one with the span's letter, its own `last` and `ends`, and all
    other columns of its first unit.
    """
    reach = [column for column in ("last", "ends") if column in units.columns]
    steps = (
        pl.concat([spans.select(row=pl.col("first") + 1, step=1), spans.select(row=pl.col("last") + 1, step=-1)])
        .group_by("row")
        .agg(pl.col("step").sum())
    )
    heads = spans.select(
        row="first", new_letter="letter", **{f"new_{c}": units[c].gather(spans["last"]) for c in reach}
    ).unique("row", keep="first")
    return (
        units.with_row_index("row")
        .join(steps, on="row", how="left", maintain_order="left")
        .join(heads, on="row", how="left", maintain_order="left")
        .filter(pl.col("step").fill_null(0).cum_sum() == 0)
        .with_columns(pl.coalesce(f"new_{c}", c).alias(c) for c in ("letter", *reach))
        .select(units.columns)
    )


def fold_quotes(units: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Fold quotations (spans of tokens) into one unit each."""
    rows = {side: units["first"].search_sorted(marks[side], side="right") - 1 for side in ("first", "last")}
    return fold(units, pl.DataFrame({k: v.cast(pl.UInt32) for k, v in rows.items()}).with_columns(letter=pl.lit("Q")))


def with_edges(units: pl.DataFrame) -> pl.DataFrame:
    """Put a unit of no width before and behind each sentence; a quotation behind a colon stays with it.

    Out: `letter`, `first`, `last`, `article`.
    """
    form, letter = pl.col("form"), pl.col("letter")
    runs_on = form.is_in(STARTERS) & letter.shift(1).is_in(["n", "N", "h", "L", "#", "v"])
    glued = pl.col("is_capitalised") & pl.col("is_joined") & pl.col("ends_lower").shift(1)
    # « … dans le dos« On ne négocie pas … », a dit X »: a quotation glued to a heading.
    glued = glued | (
        (letter == "Q") & pl.col("is_joined") & (pl.col("ends_lower").shift(1) | form.shift(1).is_in(["!", "?"]))
    )
    # « Q. Selon la force, … »: the label of a question is no part of it.
    starts_line = (form.shift(3) == "\n").fill_null(value=True)
    labelled = form.shift(2).is_in(["Q", "R"]) & form.shift(1).is_in([".", ":", "–", "—", "-"]) & starts_line
    opens = (runs_on | glued | labelled).fill_null(value=False)
    # « … à notre micro : / [EXTRAIT] « … » »: the mark of a recording is nothing.
    bracket, inside = form == "[", pl.col("is_shouted")
    recording = pl.any_horizontal(
        bracket & inside.shift(-1) & (form.shift(-2) == "]"),
        bracket.shift(1) & inside & (form.shift(-1) == "]"),
        bracket.shift(2) & inside.shift(1) & (form == "]"),
    ).fill_null(value=False)
    kept = units.with_columns(runs_on=opens).filter(~form.is_in(["\n", *BULLETS]) & ~recording)
    fresh = (pl.col("begins") != pl.col("ends").shift(1)).fill_null(value=True)
    announced = (letter == "Q") & (letter.shift(1) == ":") & (pl.col("begins") <= pl.col("ends").shift(1) + 2)
    kept = kept.with_row_index("order").select(
        "letter", "article", "first", "last", "order",
        opens=(fresh | pl.col("runs_on")) & ~announced.fill_null(value=False),
    )  # fmt: skip
    kept = kept.with_columns(closes=pl.col("opens").shift(-1, fill_value=True))
    columns = ["letter", "first", "last", "article"]
    layers = [
        kept.filter(pl.col(side)).with_columns(letter=pl.lit(mark)).select(*columns, order=pl.col("order") * 3 + place)
        for side, mark, place in (("opens", "B", 0), ("closes", "Z", 2))
    ]
    return pl.concat([kept.select(*columns, order=pl.col("order") * 3 + 1), *layers]).sort("order").drop("order")


def cue_groups(units: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Groups of words of saying.

    Out: one row per group, in order: `first`, `last` (row positions), `letter`, `cue_first`, `cue_last`, `tied_token`
    (token positions; the last one where a pronoun is tied to the verb), `takes`, `is_attitude`, `is_loose`,
    `is_cataphoric` (« il l'a dit : … »).
    """
    hits = find(layer(units["letter"]), CUE_GROUPS, ALPHABET)
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
        pronoun=pl.when(pl.any_horizontal(c.is_in(["se", "s'"]) for c in clitics)).then(pl.lit("se"))
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
                pl.coalesce(pl.when(pl.col("pronoun") == "se").then("clitics_last"), "open_first", "verb_first")
            ),
            has_lead=pl.col("lead_first").is_not_null(),
            cue_last=pl.lit(units["last"]).gather(pl.max_horizontal("verb_last", "more_last")),
            tied_token=pl.when(pl.col("rule") == "past_inverted").then(token.gather("open_first"))
            .when(pl.col("rule") == "present_inverted").then(token.gather("verb_first")),
        )
    )  # fmt: skip
