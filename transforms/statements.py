"""Statements: who said what.

A cascade. Layer 1 gives every word a letter and folds quotations and names into one unit each (`_units`). Layer 2 folds
every group of words of saying: « a pour sa part évoqué », « s'est dit », « a-t-il affirmé » (`_cues`). Layer 3 finds the
source of each cue, to its left, to its right or elided, and what it reports. The pieces are joined on the cue, one
content is kept per place, and the source is told by `transforms.speakers`. docs/statements.md states the conventions.
"""

from __future__ import annotations

import polars as pl

from transforms.cues import other_verbs, phrase_letters, saying_letters, verbs, word_letters
from transforms.lexicon import load
from transforms.people import People
from transforms.quotes import quotes
from transforms.roles import role_spans
from transforms.schemas import STATEMENTS
from transforms.speakers import with_sources
from transforms.text import Rule, find, find_phrases, layer, slices, with_form_features, with_sentence_text

# One letter per class of unit, for every layer.
ALPHABET = {
    "begin": "B", "end": "Z", "quote": "Q", "person": "L", "name": "N", "source": "S", "gloss": "T", "word": "n", "number": "#",
    "determiner": "d", "of": "e", "preposition": "p", "for": "l", "place": "P", "infinitive": "h", "that": "k", "who": "r",
    "sub": "u", "and": "&", "pronoun": "R", "neuter": "j", "first": "1", "clitic": "c", "not": "x", "never": "o",
    "have": "A", "be": "E", "been": "b", "having": "a", "auxiliary": "H", "adverb": "m", "comment": "w",
    "according": "s", "finite": "V", "either": "D", "participle": "v", "to_say": "i", "saying": "g", "inverted": "W",
    "more": "+", "modal": "t", "modal_finite": "M", "verb": "f", "intent": "z", "before": "y", "comma": ",",
    "colon": ":", "semicolon": ";", "opens": "(", "closes": ")", "dash": "-", "stop": ".",
    "cue": "C", "cue_inverted": "J", "cue_saying": "G", "cue_infinitive": "F", "denied": "X",
}  # fmt: skip

PRONOUN_BEHIND = r"-(?:t-)?(?:il|elle|ils|elles|on)$"
SURE_FINITE = r"(?:aient|èrent|eront|eraient|issait|issent)$"
PAST_SINGULAR = r"[^aeiou](?:ait|erait|irait)$"
INFINITIVE = r"^\p{Ll}{2,}(?:er|ir|re|oir)$"

# --- Layer 2: groups of words of saying. `verb` is the word that decides what can follow.
_ADVERBS = "<adverb>{0,3}"
_ASIDE = "(?: <comma> <adverb>+ <comma> )?"
_CLITICS = "(?: <clitic|determiner> ){0,2}"
_SAID = "<participle|either>"
CUE_GROUPS = [
    Rule("modal_past", negation="<not>?", clitics=_CLITICS, open="<have>", _in=f"{_ADVERBS} <modal> {_ADVERBS} <of|preposition>? <clitic>?", verb="<to_say>", more="<more>*"),
    Rule("modal", negation="<not>?", clitics=_CLITICS, open="<modal_finite>", _in=f"{_ADVERBS} <of|preposition> <clitic>?", verb="<to_say>", more="<more>*"),
    Rule("past", negation="<not>?", clitics=_CLITICS, open="<have>", never="<never>?", _in=f"{_ADVERBS} {_ASIDE}", verb=_SAID, more="<more>*"),
    Rule("past_reflexive", negation="<not>?", clitics="<clitic>", open="<be>", never="<never>?", _in=_ADVERBS, verb=_SAID, more="<more>*"),
    Rule("past_inverted", negation="<not>?", clitics="<clitic>{0,2}", open="<auxiliary>", never="<never>?", _in=_ADVERBS, verb=_SAID, more="<more>*"),
    Rule("present", negation="<not>?", clitics=_CLITICS, verb="<finite|either>", more="<more>*", never="<never>?"),
    Rule("present_inverted", negation="<not>?", clitics="<clitic>{0,2}", verb="<inverted>", more="<more>*", never="<never>?"),
    Rule("gerund", lead="<adverb|neuter|determiner>? <preposition>?", clitics="<clitic>{0,2}", verb="<saying>", more="<more>*"),
    Rule("having", lead="<preposition|place>?", negation="<not>?", clitics="<clitic>{0,2}", open="<having>", never="<never>?", _in=_ADVERBS, verb=_SAID, more="<more>*"),
    Rule("before", lead="<before> <of>", clitics="<clitic>{0,2}", verb="<to_say>", more="<more>*"),
    Rule("narrative", lead="<and> <of>", clitics="<clitic>{0,2}", verb="<to_say>", more="<more>*"),
]  # fmt: skip
CUE_LETTERS = {
    "modal_past": "C", "modal": "C", "past": "C", "past_reflexive": "C", "present": "C", "past_inverted": "J",
    "present_inverted": "J", "gerund": "G", "having": "F", "before": "F", "narrative": "F",
}  # fmt: skip

# --- Layer 3: sources.
_NOUN = "<word|gloss|name|person|source|number|participle|infinitive|intent|modal>"
_INSIDE = f"(?: {_NOUN} | <determiner|of|preposition|for|place|opens|closes|stop|adverb> )"
# A noun phrase from its article or name on: what stands before a verb is all one phrase, so that it needs no more.
_SIMPLE = f"(?: <determiner|name|person|number|source> {_INSIDE}{{0,24}} )"
_PHRASE = f"(?: {_SIMPLE} (?: <and> {_INSIDE}{{1,10}} ){{0,2}} )"
_APPOSITION = "(?: <comma> [^BZ,;:CJXQk]{1,24} ){1,3} <comma>"
_RELATIVE = "(?: <comma> <who> [^BZ;:]{1,40}? <comma> )"
_NAMED = f"(?: <comma> (?: <determiner|word|source|name|number|of> ){{0,6}} <person> | <comma> <name> {{1,4}} )"
# Behind the verb a noun phrase ends before a place or time: « a écrit le président américain sur Telegram ».
_BEHIND = f"(?: <determiner|of>{{0,3}} <determiner|adverb|number>? <word>{{0,2}} <source|name|person> (?: {_NOUN} | <determiner|of|preposition|for|opens|closes|dash> ){{0,16}} | <pronoun> | <determiner|of> {_NOUN}{{1,3}} )"
_EDGE = "<begin|comma|colon|semicolon|and|that|sub|quote|opens|closes|dash|comment>"
_BESIDE = f"{_NAMED} | {_RELATIVE} | {_APPOSITION} | <opens> [^BZ()]{{1,20}} <closes> | <adverb>*"
_VERB = "(?: <not>? (?: <clitic|determiner>{0,2} )? <cue|denied|verb|have|be|auxiliary|finite|either|modal_finite> | <not>? <clitic>{1,2} <word> )"
_SET_OFF = "(?: <adverb>* | <comma> <adverb>+ <comma> )"
SUBJECTS = [
    Rule("left", _edge=_EDGE, speaker=_PHRASE, apposition=_BESIDE, _adverbs=_SET_OFF, verb=_VERB),
    Rule("left_object", _edge="<verb|cue|adverb|have|be>", speaker=_SIMPLE, apposition=_BESIDE, _adverbs=_SET_OFF, verb=_VERB),
    Rule("left_some", _edge="<begin|and|that|quote|semicolon|colon>", speaker=f"<of> (?: {_INSIDE} ){{1,16}}", verb=_VERB),
    Rule("left_relative", _edge=_EDGE, speaker=_PHRASE, _which="<who> [^BZ,;:CQ]{1,20}", verb=_VERB),
    Rule("left_person", speaker="<person>", _adverbs=_SET_OFF, verb="<cue|denied>"),
    Rule("left_pronoun", speaker="<pronoun|neuter|first>", _adverbs=_SET_OFF, verb=_VERB),
    Rule("left_who", antecedent=_SIMPLE, _apposition="(?: <comma> [^BZ,;:CQrk]{1,16} )?", _comma="<comma|quote>? <and>?", speaker="<who>", _adverbs="<adverb>*", verb=_VERB),
    Rule("right", verb="<cue>", _adverbs=f"<adverb>* (?: <comma>? <place|preposition> [^BZ,;:CQ]{{1,12}} <comma> | <place|preposition> <determiner>? <name>{{1,3}} )?", speaker=_BEHIND, apposition="(?: <comma> <person> | <opens> [^BZ()]{1,12} <closes> )?"),
]  # fmt: skip
SIDE_RANK = {
    "left_pronoun": 0,
    "left_who": 1,
    "left": 2,
    "left_object": 2,
    "left_some": 2,
    "left_relative": 3,
    "left_person": 4,
}

LINKS = ["de", "d'", "comme"]
INDIRECT_QUESTION = ["si", "s'il", "qui", "comment", "pourquoi", "où", "quand", "combien"]
# --- Layer 3: contents. A rule finds where a content begins; it runs to the end of its sentence, or to the next of the
# STOPS, which take the report up again: another cue of the same source, a source of its own, a comment.
_ANY_CUE = "<cue|cue_inverted|cue_saying|cue_infinitive>"
_NEXT_SOURCE = "(?: <pronoun> | <determiner|name|person> [^BZ,;:CkQ]{0,10} )"
HARD_STOPS = [Rule("end", stop="<stop>* <end>"), Rule("semicolon", stop="<semicolon>")]
STOPS = [
    *HARD_STOPS,
    Rule("elided", stop="<comma>? <and>? <comma>? <adverb>* <cue_saying|cue_infinitive>"),
    Rule("coordinated", stop="<comma>? <and> <comma>? <adverb>* <cue|denied>"),
    Rule("other_source", stop=f"<comma> <and> <adverb>* {_NEXT_SOURCE} <cue|denied>"),
    Rule("main_clause", stop=f"<comma> {_NEXT_SOURCE} <cue> <adverb>* <that>"),
    Rule("relative", stop="<comma> (?: <that> <pronoun> | <who> ) <cue>"),
    Rule("gloss", stop="<comma> <of|determiner> <gloss|that|who>"),
    Rule("comment", stop="<comma>? <comment>"),
    Rule("inverted", stop="<comma> <adverb>* (?: <cue_inverted> | <cue> <adverb>* <determiner|name|person|source|pronoun> )"),
    Rule("according", stop="<comma>? <according>"),
    Rule("quoted", stop="<colon> <quote>"),
]  # fmt: skip
# Contents built of noun phrases end sooner: « a jugé le moment « historique » et a remercié … ».
PHRASE_STOPS = [
    *STOPS,
    Rule("clause", stop="<comma> <sub|that|who|preposition|place|and|adverb|first|not|clitic|dash>"),
    Rule("verb", stop="<and> <not>? <clitic|determiner>{0,2} <have|be|verb|auxiliary|modal_finite>"),
]
_TOLD = "(?: <comma>? (?: <preposition|place|adverb> [^kBZCJGQ:;fAEli,]{0,20} <comma>? ){0,3} )?"
_TO_DO = "<not>? <never>? <clitic|determiner>{0,2} <infinitive|to_say|having>"
_ANY = "<^begin|end|semicolon>"
CONTENTS = [
    Rule(
        "que",
        cue=_ANY_CUE,
        told=f"(?: {_TOLD} | <determiner|name|person|of> [^kBZCJGQ:;fAEli,]{{0,16}} )",
        _que="<that> <comma>?",
        content=_ANY,
    ),
    Rule("whether", cue=_ANY_CUE, _told=_TOLD, content="<sub|who>"),
    Rule("bare", cue=_ANY_CUE, _adverbs="<adverb>*", content=f"(?: {_TO_DO} | <cue_infinitive> )"),
    Rule(
        "de",
        cue=_ANY_CUE,
        object="(?: <comma|adverb>* <determiner|name|person|preposition|quote> [^BZ;:kCJQ]{0,16}? )?",
        _adverbs="<adverb>*",
        _de="<of>",
        content=f"(?: {_TO_DO} | <cue_infinitive> )",
    ),
    Rule(
        "à",
        cue=_ANY_CUE,
        object="(?: <adverb>* <determiner|name|person|of|place|preposition> [^BZ;:kCJQ]{0,16}? )?",
        _adverbs="<adverb>*",
        _a="<preposition>",
        content=f"(?: {_TO_DO} | <quote> )",
    ),
    Rule(
        "self",
        cue="<cue|cue_inverted|cue_saying>",
        _adverbs="<adverb>*",
        content="<quote|word|participle|number|preposition|infinitive|source|name|place>",
    ),
    Rule(
        "noun",
        cue=_ANY_CUE,
        _adverbs="<adverb>*",
        content=f"<determiner> <word>? <intent> {_INSIDE}{{0,6}}? (?: <of|preposition> (?: {_TO_DO} | <quote> | <determiner> <quote> ) | <that> | <quote> )",
    ),
    Rule(
        "like_quote",
        cue=_ANY_CUE,
        _object="[^BZ;:kQ]{0,24}",
        link="<of|sub>",
        content=f"<determiner>? {_NOUN}{{0,3}} <quote>",
    ),
    Rule(
        "like",
        cue=_ANY_CUE,
        object="(?: <determiner|name|person> [^BZ;:kCJQ,]{0,12}? )?",
        link="<of|sub>",
        content="<word|source|name|determiner>",
    ),
    Rule("amount", cue=_ANY_CUE, _adverbs="<adverb>*", content="<preposition> <number>"),
    Rule(
        "object",
        cue=_ANY_CUE,
        lead="(?: <comma>? <adverb> <comma>? )* (?: <preposition|of> | <of> <determiner> )?",
        content=f"(?: {_INSIDE} {{0,10}} ) <quote>",
    ),
    Rule("colon_plain", cue=_ANY_CUE, _gap="<adverb>*", _colon="<comma>? <colon>", content="<^begin|end|quote>"),
    Rule(
        "announced_clause",
        cue="<cue>",
        _told=_TOLD,
        _colon="<comma|colon>",
        content="<^begin|end|quote|and|cue_saying>",
    ),
]
# Contents with an end of their own.
WHOLE_CONTENTS = [
    Rule("colon", cue=_ANY_CUE, _gap="[^BZQ:CJGF]{0,30}", _colon="<colon>", content="<quote>"),
    Rule("colon_double", cue="<cue>", _gap="[^BZQ:CJGFk,]{1,8}", tail="<cue_saying>", _colon="<colon>", content="<quote>"),
    Rule("behind", before="(?: <begin|colon|semicolon> [^BZ;:CJGF]{0,40}? )?", content="<quote>", _gap="<stop|comma|dash>* <adverb>* <comma>?", cue="<cue|cue_inverted>"),
    Rule("split", content="<quote>", _c="<comma>", cue="<cue|cue_inverted>", _who="[^BZQ;:CJ]{0,12}", _d="<comma>", rest="<quote>"),
    Rule("thus", _begin="<begin>", content="<quote>", _thus="<comma|colon> <neuter> <be> <adverb|sub> <that> [^BZQ,;:C]{0,12}", cue="<cue>"),
    Rule("late", _begin="<begin> (?: <opens> [^BZ()]{1,12} <closes> )? <dash>?", content="[^BZ;CJ]+?", _comma="<comma>", cue="<cue|cue_inverted>", _behind="[^kQBZ,;:C]{0,20} (?: <comma|dash|opens> | <stop>* <end> | <semicolon> | <colon> )"),
]  # fmt: skip
# The surest way first, where a cue reports in several.
CONTENT_RANK = (
    "amount", "que", "colon_double", "colon", "split", "thus", "self", "whether", "bare", "noun", "like_quote", "de", "à", "behind",
    "object", "like", "late", "colon_plain", "announced_clause",
)  # fmt: skip

# Who is cited, not by what measure: « selon le ministère », not « selon la loi ».
_CITED = "(?: (?: <determiner|of>{0,3} <word|number|adverb>{0,2} <source|person> | <determiner>{0,2} <name> ) (?: [^BZ;:,Qs.] | <number> <comma> <number> ){0,24} | <pronoun|clitic> )"
ACCORDING = [
    Rule("front", _edge="<begin|comma|and|opens|semicolon|dash>", cue="<according>+", speaker=_CITED, _comma="<comma>", content=_ANY),
    Rule("view", _edge="<begin|and|semicolon>", cue="<for>", speaker=_CITED, _comma="<comma>", content=_ANY),
    Rule("aside", _edge="<begin|semicolon>", content="[^BZ;CJ]+? <comma>", cue="<according>+", speaker=_CITED, _comma="<comma|dash|closes>"),
    Rule("tail", _edge="<begin|semicolon>", content="[^BZ;CJ]+?", _comma="<comma|dash|opens>?", cue="<according>+", speaker=_CITED, _end="<comma|closes|stop|end|semicolon|dash>"),
]  # fmt: skip
UNCUED = [
    Rule("announced", _begin="<begin>", speaker=_PHRASE, _gap="(?: <comma> [^BZQ:]{1,30} | [fAE] [^BZQ:]{0,30} )?", _colon="<colon>", content="<quote>"),
    Rule("chain", _begin="<begin>", content="<quote>", _end="<stop>* <end>"),
]  # fmt: skip
INSIDE = [
    Rule("inside", content="[^BZ]+?", _comma="<comma|stop>", cue="<cue_inverted>", speaker="<number>?", rest="[^BZ]*"),
    Rule("inside_named", content="[^BZ]+?", _comma="<comma|stop>", cue="<cue>", _adverbs="<adverb>*", speaker=_BEHIND, rest="(?: <comma|stop|dash|preposition|place> [^BZ]* )?"),
]  # fmt: skip
MIN_CHAIN = 3  # words of a quotation that stands alone


def statements(tokens: pl.DataFrame, articles: pl.DataFrame, who: People) -> pl.DataFrame:
    """Extract the statements of a shard.

    In: tokens with sentences; the articles they come from; their people. Out: rows of STATEMENTS, by place.
    """
    marks = quotes(tokens)
    tagged = _letters(tokens, who)
    units = _units(tagged, marks)
    groups = _cues(units, tokens)
    folded = _fold(units, groups)
    letters = layer(folded["letter"])
    subjects = _subjects(letters, folded)
    candidates = pl.concat(
        [
            _placed(_reported(letters, folded, groups, subjects, tokens), folded),
            _placed(_according(letters, folded, tokens), folded),
            _placed(_uncued(letters, folded), folded),
            _inside_quotes(tagged, marks, tokens),
            _dialogue(tokens, who),
        ],
        how="diagonal",
    )
    if candidates.is_empty():
        return STATEMENTS.empty()
    kept = _without_overlaps(_with_extent(candidates, marks, tokens), marks)
    sources = with_sources(kept, _placed_subjects(subjects, folded), tokens, articles, who)
    return _table(sources, marks, tokens, articles)


# --- Layer 1 ---------------------------------------------------------------------------------------------------------


def _letters(tokens: pl.DataFrame, who: People) -> pl.DataFrame:
    """Tokens with `letter`, their class, and `base`, the word without a pronoun tied behind it (« a » of « a-t-il »)."""
    lower, form = pl.col("lower"), pl.col("form")
    table = word_letters()
    single = saying_letters().filter(~pl.col("phrase").str.contains(" "))
    saying = dict(zip(single["phrase"], single["saying"], strict=True))
    base = lower.str.replace(PRONOUN_BEHIND, "")
    shape = (
        pl.when(form.str.contains(r"^\d")).then(pl.lit("#"))
        .when(form.str.contains(r"^[^\p{L}\p{N}\s]")).then(pl.lit("."))
        .when(form.str.contains(r"^\p{Lu}")).then(pl.lit("N"))
        .when(form.str.contains(INFINITIVE)).then(pl.lit("h"))
        .otherwise(pl.lit("n"))
    )  # fmt: skip
    features = with_form_features(
        tokens,
        base=base,
        plain=pl.coalesce(lower.replace_strict(table, default=None, return_dtype=pl.String), shape),
        saying=base.replace_strict(saying, default=None, return_dtype=pl.String),
        is_tied=base != lower,
        is_other=lower.is_in(other_verbs()) | form.str.contains(r"^\p{Ll}") & lower.str.contains(SURE_FINITE),
        auxiliary=base.replace_strict(table, default=None, return_dtype=pl.String).is_in(["A", "E"]),
    )
    fixed = find_phrases(features, phrase_letters())
    multi = find_phrases(
        features.with_columns(lower="base"),
        saying_letters().filter(pl.col("phrase").str.contains(" ")).rename({"saying": "fixed"}),
    )
    spans = pl.concat([multi.select("first", "last", "fixed"), fixed.select("first", "last", "fixed")]).sort(
        "first", "last", descending=[False, True]
    )
    spans = spans.filter((pl.col("first") > pl.col("last").cum_max().shift(1)).fill_null(value=True))
    heads = spans.select(pl.col("first").alias("position"), fixed="fixed")
    rest = (
        spans.filter(pl.col("last") > pl.col("first"))
        .select(
            position=pl.int_ranges(pl.col("first") + 1, pl.col("last") + 1, dtype=pl.UInt32),
            fixed=pl.when(pl.col("fixed").is_in(["m", "w", "s"])).then("fixed").otherwise(pl.lit("+")),
        )
        .explode("position", empty_as_null=False)
    )
    tagged = (
        features.with_row_index("position")
        .join(pl.concat([heads, rest]), on="position", how="left", maintain_order="left")
        .with_columns(
            letter=pl.when(pl.col("is_tied") & pl.col("auxiliary"))
            .then(pl.lit("H"))
            .when(pl.col("is_tied") & pl.col("saying").is_in(["V", "D"]))
            .then(pl.lit("W"))
            .when(pl.col("saying").is_not_null() & ~pl.col("plain").is_in(["m", "p", "P", "t", "M"]))
            .then("saying")
            .when(pl.col("is_other") & ~pl.col("plain").is_in(["m", "p", "P", "M", "t", "d"]))
            .then(pl.lit("f"))
            .otherwise("plain"),
        )
        .with_columns(letter=pl.coalesce("fixed", "letter"))
    )
    letter, before, earlier = pl.col("letter"), pl.col("letter").shift(1), pl.col("letter").shift(2)
    is_clitic = earlier.is_in(["R", "x", "r", "c", "1", "N", "S", "L", "k"]) & tokens["lower"].shift(1).is_in(
        ["le", "la", "l'", "les", "leur"]
    )
    behind_article = (before == "d") & ~is_clitic.fill_null(value=False)
    is_title = tokens["lower"].shift(1).is_in(load("cues")["words"]["title"])
    tagged = tagged.with_columns(
        letter=pl.when(letter.is_in(["V", "D", "f", "W"]) & pl.col("fixed").is_null() & (behind_article | before.is_in(["e", "p", "P"])))
        .then(pl.when(pl.col("plain").is_in(["S", "z"])).then("plain").otherwise(pl.lit("n")))
        # The stop of a title: « M. Dupont ».
        .when((letter == ".") & (before == "d") & is_title)
        .then(pl.lit("d"))
        .when((letter == "D") & before.is_in(["b"])).then(pl.lit("n"))
        .when((letter == "D") & (before == "E") & ~earlier.is_in(["c"])).then(pl.lit("n"))
        .otherwise("letter"),
    )  # fmt: skip
    roles = role_spans(tokens).select(position="first", is_role=pl.lit(True)).unique("position")
    # The capital of a sentence's first word tells nothing: « Interrogé par nos soins, … ».
    initial = (pl.col("sentence") != pl.col("sentence").shift(1)).fill_null(value=True)
    common = pl.col("lower").str.contains(r"(?:ée?s?|ant|ement)$") & (pl.col("letter") == "N")
    tagged = tagged.with_columns(letter=pl.when(initial & common).then(pl.lit("n")).otherwise("letter"))
    tagged = tagged.join(roles, on="position", how="left", maintain_order="left").select(
        pl.when(pl.col("is_role") & pl.col("letter").is_in(["n", "N", "f", "h"]))
        .then(pl.lit("S"))
        .otherwise("letter")
        .alias("letter"),
        "article",
        "form",
        "is_joined",
        first="position",
        last="position",
        begins="sentence",
        ends="sentence",
    )
    return _collapse(tagged, who.mentions.select("first", "last", letter=pl.lit("L")))


def _units(tagged: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Layer 1: sentences that may report something, as units between a `begin` and an `end` of no width.

    Out: `letter`, `first`, `last` (token positions), `article`, in text order. Quotations and names are one unit each.
    """
    folded = _collapse(tagged, _reindex(tagged, marks.select("first", "last", letter=pl.lit("Q"))))
    # A heading run into the text: « … sans accord immédiat Le Kremlin a déclaré … », « chef du protocoleTrump sera … ».
    starter = pl.col("form").is_in(
        [
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
            "Dans",
        ]
    )
    glued = (
        pl.col("form").str.contains(r"^\p{Lu}\p{Ll}")
        & pl.col("is_joined")
        & pl.col("form").shift(1).str.contains(r"\p{Ll}$")
    )
    folded = folded.with_columns(
        is_heading_end=((starter & pl.col("letter").shift(1).is_in(["n", "N", "h", "L", "#", "v"])) | glued).fill_null(
            value=False
        )
    )
    kept = folded.filter(pl.col("form") != "\n")
    fresh = (pl.col("begins") != pl.col("ends").shift(1)).fill_null(value=True) | pl.col("is_heading_end")
    tied = (
        (pl.col("letter").shift(1) == ":")
        & (pl.col("letter") == "Q")
        & (pl.col("begins") <= pl.col("ends").shift(1) + 2)
    )
    kept = kept.with_columns(opens=fresh & ~tied.fill_null(value=False)).with_row_index("order")
    kept = kept.with_columns(closes=pl.col("opens").shift(-1, fill_value=True))
    edges = [
        kept.filter(side).select(
            letter=pl.lit(letter), article="article", first="first", last="last", order=pl.col("order") * 3 + shift
        )
        for side, letter, shift in (("opens", "B", 0), ("closes", "Z", 2))
    ]
    body = kept.select("letter", "article", "first", "last", order=pl.col("order") * 3 + 1)
    return pl.concat([body, *edges]).sort("order").drop("order")


def _reindex(units: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Spans of tokens as spans of units."""
    first = units["first"].search_sorted(spans["first"], side="right") - 1
    last = units["first"].search_sorted(spans["last"], side="right") - 1
    return spans.with_columns(first=first.cast(pl.UInt32), last=last.cast(pl.UInt32))


def _collapse(units: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Fold spans of units (`first`, `last`: row positions; `letter`) into one unit each, all columns else the first's."""
    steps = pl.concat([
        spans.select(row=pl.col("first") + 1, step=pl.lit(1)), spans.select(row=pl.col("last") + 1, step=pl.lit(-1))
    ]).group_by("row").agg(pl.col("step").sum())  # fmt: skip
    ends = spans.select(row="first", new_letter="letter", new_last=units["last"].gather(spans["last"]),
                        **({"new_ends": units["ends"].gather(spans["last"])} if "ends" in units.columns else {}))  # fmt: skip
    return (
        units.with_row_index("row")
        .join(steps, on="row", how="left", maintain_order="left")
        .join(ends.unique("row", keep="first"), on="row", how="left", maintain_order="left")
        .with_columns(
            letter=pl.coalesce("new_letter", "letter"),
            last=pl.coalesce("new_last", "last"),
            inside=pl.col("step").fill_null(0).cum_sum(),
            **({"ends": pl.coalesce("new_ends", "ends")} if "ends" in units.columns else {}),
        )
        .filter(pl.col("inside") == 0)
        .select(units.columns)
    )


# --- Layer 2 ---------------------------------------------------------------------------------------------------------


def _cues(units: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Layer 2: groups of words of saying.

    Out: one row per group: `first`, `last` (unit positions), `letter`, `cue_first`, `cue_last`, `pronoun_token` (token
    positions), `takes`, `is_attitude`, `is_loose`.
    """
    hits = find(layer(units["letter"]), CUE_GROUPS, ALPHABET)
    for part in ("negation", "clitics", "open", "never", "lead", "more"):
        if f"{part}_first" not in hits.columns:
            hits = hits.with_columns(
                pl.lit(None, pl.UInt32).alias(f"{part}_first"), pl.lit(None, pl.UInt32).alias(f"{part}_last")
            )
    hits = hits.with_columns(
        first=pl.min_horizontal("lead_first", "negation_first", "clitics_first", "open_first", "verb_first"),
        last=pl.max_horizontal("verb_last", "more_last", "never_last"),
    ).sort("first", "last", descending=[False, True])
    hits = hits.filter((pl.col("first") > pl.col("last").cum_max().shift(1)).fill_null(value=True))
    token = units["first"]
    lower = tokens["lower"]
    clitic = [lower.gather(token.gather(hits[f"clitics_{side}"])) for side in ("first", "last")]
    verb_token = token.gather(hits["verb_first"])
    head = lower.gather(verb_token).str.replace(PRONOUN_BEHIND, "")
    tail = [lower.gather((verb_token + k).clip(0, tokens.height - 1)) for k in (1, 2)]
    width = (hits["more_last"] - hits["more_first"] + 1).fill_null(0)
    known = hits.with_columns(
        phrase=pl.when(width == 2)
        .then(pl.concat_str(head, tail[0], tail[1], separator=" "))
        .when(width == 1)
        .then(pl.concat_str(head, tail[0], separator=" "))
        .otherwise(head),
        pronoun=pl.when(pl.any_horizontal(c.is_in(["se", "s'"]) for c in clitic))
        .then(pl.lit("se"))
        .when(pl.any_horizontal((c == "y") for c in clitic))
        .then(pl.lit("y"))
        .otherwise(pl.lit("")),
        # « le ministre l'a dit d'emblée, la France ne peut pas … »
        is_cataphoric=clitic[1].is_in(["le", "l'"]).fill_null(value=False),
    )
    table = verbs().select("phrase", "pronoun", "takes", "is_attitude", "is_loose")
    known = known.join(table, on=["phrase", "pronoun"], how="left", maintain_order="left").join(
        table.filter(pl.col("pronoun") == "").drop("pronoun"),
        on="phrase",
        how="left",
        suffix="_plain",
        maintain_order="left",
    )
    plain = pl.col("pronoun") == "y"
    reflexive_first = pl.when(pl.col("pronoun") == "se").then("clitics_last")
    return (
        known.with_columns(
            [pl.coalesce(c, pl.when(plain).then(f"{c}_plain")).alias(c) for c in ("takes", "is_attitude", "is_loose")]
        )
        .filter(pl.col("takes").is_not_null())
        .with_columns(
            letter=pl.when(pl.col("negation_first").is_not_null() & ~pl.col("rule").str.starts_with("modal"))
            .then(pl.lit("X")).otherwise(pl.col("rule").replace_strict(CUE_LETTERS)),
            cue_first=pl.lit(token).gather(pl.coalesce(reflexive_first, "open_first", "verb_first")),
            cue_last=pl.lit(units["last"]).gather(pl.max_horizontal("verb_last", "more_last")),
            tied_token=pl.when(pl.col("rule") == "past_inverted").then(pl.lit(token).gather("open_first"))
            .when(pl.col("rule") == "present_inverted").then(pl.lit(token).gather("verb_first")),
        )
        .select("first", "last", "letter", "cue_first", "cue_last", "tied_token", "takes", "is_attitude", "is_loose", "is_cataphoric", kind="rule")
    )  # fmt: skip


def _fold(units: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Units with every group folded into one; `group` is its row in `groups`."""
    numbered = groups.with_row_index("group_row")
    folded = _collapse(units.with_row_index("unit"), groups.select("first", "last", "letter"))
    return folded.join(numbered.select(unit="first", group="group_row"), on="unit", how="left", maintain_order="left")


# --- Layer 3 ---------------------------------------------------------------------------------------------------------


def _counter(units: pl.DataFrame, letters: str) -> pl.Series:
    """How many units up to and with each one carry one of the letters."""
    return units.select(pl.col("letter").is_in(list(letters)).cast(pl.Int32).cum_sum()).to_series()


def _holds(counter: pl.Series, first: str, last: str) -> pl.Expr:
    """Whether a span of units holds one of the letters that were counted."""
    start = pl.col(first).cast(pl.Int64)
    before = pl.when(start > 0).then(pl.lit(counter).gather((start - 1).clip(0))).otherwise(0)
    return (pl.lit(counter).gather(pl.col(last)) > before).fill_null(value=False)


def _at(values: pl.Series, place: str | pl.Expr) -> pl.Expr:
    """The value of a series of units at the unit in a column."""
    return pl.lit(values).gather(place)


def _subjects(letters: pl.Series, units: pl.DataFrame) -> pl.DataFrame:
    """Who does what: the subjects of verbs, the sources of cues among them.

    Out: `verb` (unit), `side` (the rule), `speaker_*`, `apposition_*`, `antecedent_*` (units, first and last),
    `is_likely` (it holds a name, a pronoun or a noun of those who speak), `is_barred` (« je », « cela »).
    """
    likely, barred = _counter(units, "SNLRr"), _counter(units, "j1")
    found = find(letters, SUBJECTS, ALPHABET).rename({"rule": "side", "verb_last": "verb"}).drop("verb_first")
    return found.with_columns(
        is_likely=_holds(likely, "speaker_first", "speaker_last"),
        is_barred=_holds(barred, "speaker_first", "speaker_first"),
    )


def _ends(letters: pl.Series, stops: list[Rule]) -> pl.Series:
    """Where contents stop: the units at which one of the rules begins, in order."""
    return find(letters, stops, ALPHABET)["stop_first"].unique().sort()


def _until(ends: pl.Series, last: str) -> pl.Expr:
    """The unit before the first stop behind a unit."""
    row = pl.lit(ends).search_sorted(pl.col(last), side="right")
    return (pl.lit(ends).gather(row) - 1).cast(pl.UInt32)


def _contents(letters: pl.Series, units: pl.DataFrame, groups: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """What cues report, as far as each cue can report it that way.

    Out: `rule`, `rank`, `cue` (unit), `content_first`, `content_last` (units), `is_direct`, `has_quote`, and the
    columns of `groups`.
    """
    quoted, plain = _counter(units, "Q"), _counter(units, "NSLndeRphVDvgCJXGFj1rkuzfAE#")
    letter, lower = units["letter"], tokens["lower"].gather(units["first"])
    about = groups.with_row_index("group").drop("first", "last").rename({"letter": "cue_letter"})
    begun = find(letters, CONTENTS, ALPHABET)
    phrasal = pl.col("rule").is_in(["object", "like", "like_quote", "amount"])
    begun = begun.with_columns(
        content_last=pl.when(phrasal)
        .then(_until(_ends(letters, PHRASE_STOPS), "content_last"))
        .otherwise(_until(_ends(letters, STOPS), "content_last")),
    )
    found = (
        pl.concat([begun, find(letters, WHOLE_CONTENTS, ALPHABET)], how="diagonal")
        .rename({"cue_first": "cue"})
        .drop("cue_last")
        .with_columns(group=_at(units["group"], "cue"))
        .join(about, on="group", how="inner", maintain_order="left")
        .with_columns(
            has_quote=_holds(quoted, "content_first", "content_last"),
            starts=_at(letter, "content_first"),
            told=_at(letter, "told_first"),
            lead=_at(letter, "lead_last"),
            lead_word=_at(lower, "lead_last"),
            starter=_at(lower, "content_first"),
            link=_at(lower, "link_first"),
            is_built_in=(pl.col("before_last") > pl.col("before_first")) & _holds(plain, "before_first", "before_last"),
        )
    )
    rule = pl.col("rule")
    partitive = (pl.col("lead") == "e") & pl.col("lead_word").is_in(["du", "des"])

    def takes(*ways: str) -> pl.Expr:
        return pl.any_horizontal([pl.col("takes").list.contains(way) for way in ways])

    bare_quote = pl.col("starts") == "Q"
    prepared = (
        pl.when(pl.col("lead").is_null() | pl.col("lead").is_in(["m", ","]))
        .then(takes("object", "state") | (bare_quote & takes("quote", "bare", "que")))
        .when(partitive & takes("object")).then(pl.lit(True))
        .when(pl.col("lead") == "e").then(takes("of"))
        .when(pl.col("lead_word") == "contre").then(takes("against"))
        .when(pl.col("lead_word").is_in(["à", "au", "aux"])).then(takes("to"))
        .otherwise(pl.lit(False))
    )  # fmt: skip
    spoken = takes("quote", "que", "object")
    valid = (
        pl.when(rule == "que").then(pl.when(pl.col("told").is_in(["d", "N", "L", "S", "e"])).then(takes("told")).otherwise(takes("que", "told")))
        .when(rule == "whether").then(takes("whether") & pl.col("starter").is_in(INDIRECT_QUESTION))
        .when(rule.is_in(["bare"])).then(takes("bare", "que"))
        .when(rule.is_in(["de"])).then(takes("de") & (pl.col("object_first").is_null() | takes("person")))
        .when(rule == "à").then(takes("à", "to") & (pl.col("object_first").is_null() | takes("person") | _at(letter, "object_first").is_in(["p", "P", "m"])))
        .when(rule == "self").then(takes("self"))
        .when(rule == "noun").then(takes("noun"))
        .when(rule == "like_quote").then(takes("like") & pl.col("link").is_in(LINKS))
        .when(rule == "like").then(takes("label") & pl.col("link").is_in(LINKS) & (pl.col("object_first").is_not_null() | (_at(letter.shift(1), "cue") == "R")))
        .when(rule == "amount").then(takes("state"))
        .when(rule == "object").then(prepared)
        .when(rule == "announced_clause").then(takes("que") & pl.col("is_cataphoric"))
        .when(rule.is_in(["colon", "colon_plain"])).then(spoken)
        .otherwise(spoken)
    )  # fmt: skip
    content_first = (
        pl.when((rule == "object") & partitive & takes("object")).then("lead_last")
        .when((rule == "behind") & pl.col("is_built_in")).then(pl.col("before_first") + 1)
        .otherwise("content_first")
    )  # fmt: skip
    return (
        found.filter(valid & (~pl.col("is_attitude") | pl.col("has_quote")))
        .with_columns(
            content_first=content_first.cast(pl.UInt32),
            is_direct=rule.is_in(["colon_double", "colon", "thus", "split"])
            | ((rule == "behind") & ~pl.col("is_built_in")),
            rank=rule.replace_strict({name: i for i, name in enumerate(CONTENT_RANK)}, return_dtype=pl.Int32),
            content_last=pl.coalesce("rest_last", "content_last"),
            cue_last=pl.coalesce(_at(units["last"], "tail_last"), "cue_last"),
        )
        .select(
            "rule",
            "rank",
            "cue",
            "content_first",
            "content_last",
            "is_direct",
            "has_quote",
            "cue_letter",
            "cue_first",
            "cue_last",
            "tied_token",
            "is_loose",
        )
    )


def _reported(
    letters: pl.Series, units: pl.DataFrame, groups: pl.DataFrame, subjects: pl.DataFrame, tokens: pl.DataFrame
) -> pl.DataFrame:
    """Layer 3: contents with their cue and source.

    Out: candidates (`rule`, `rank`, `content_first`, `content_last`, `speaker_*`, `apposition_*`, `antecedent_*`
    (units), `cue_first`, `cue_last`, `tied_token` (tokens), `is_direct`, `has_quote`, `is_elided`).
    """
    before = units["letter"].shift(1)
    spans = [f"{part}_{side}" for part in ("speaker", "apposition", "antecedent") for side in ("first", "last")]
    # A lone comma parts the cue from what stands before it: « Faux, rétorque l'état-major : « … » ».
    left = (
        subjects.filter(pl.col("side") != "right")
        .with_columns(order=pl.col("side").replace_strict(SIDE_RANK, return_dtype=pl.Int32))
        .sort("verb", "order")
        .unique("verb", keep="first", maintain_order=True)
    )
    right = subjects.filter(pl.col("side") == "right")
    keep = ["verb", *spans, "is_likely", "is_barred"]
    cued = _contents(letters, units, groups, tokens)
    from_behind = pl.col("rule").is_in(["behind", "late", "split"])
    sides = [
        cued.filter(~from_behind).join(left.select(keep), left_on="cue", right_on="verb", how="left"),
        cued.filter(from_behind).join(right.select(keep), left_on="cue", right_on="verb", how="left"),
    ]
    can_elide = _at(before, "cue").is_in([",", "&", "m", ")", "Q"]) & ~pl.col("rule").is_in(["behind", "late", "thus"])
    tied, none = pl.col("cue_letter") == "J", pl.col("speaker_first").is_null()
    rows = (
        pl.concat(sides, how="vertical")
        .with_columns(is_elided=pl.col("cue_letter").is_in(["G", "F"]))
        .filter(tied | pl.col("is_elided") | ~none | can_elide)
        .filter(~pl.col("is_barred").fill_null(value=False) | tied | pl.col("is_elided"))
        .filter(
            tied | pl.col("is_elided") | none | pl.col("is_likely") | ~(pl.col("is_loose") | (pl.col("rule") == "late"))
        )
        .with_columns(is_elided=pl.col("is_elided") | (none & ~tied))
        .with_columns(pl.when(~(pl.col("is_elided") | tied)).then(pl.col(c)).alias(c) for c in spans)
    )
    best = rows.sort("cue", "rank", "content_first").unique("cue", keep="first", maintain_order=True)
    return best.select(
        "rule",
        "rank",
        "content_first",
        "content_last",
        *spans,
        "cue_first",
        "cue_last",
        "tied_token",
        "is_direct",
        "has_quote",
        "is_elided",
    )


def _according(letters: pl.Series, units: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """« Selon X, … », « …, d'après X », « Pour X, « … » », as candidates like those of `_reported`."""
    likely, quoted, finite = _counter(units, "SNLR"), _counter(units, "Q"), _counter(units, "AEHfVDCJXM")
    lower = tokens["lower"].gather(units["first"])
    found = find(letters, ACCORDING, ALPHABET)
    starts = pl.col("rule").is_in(["front", "view"])
    found = found.with_columns(
        content_last=pl.when(starts).then(_until(_ends(letters, STOPS), "content_last")).otherwise("content_last"),
        rest_last=_until(_ends(letters, HARD_STOPS), "speaker_last"),
    ).with_columns(
        is_likely=_holds(likely, "speaker_first", "speaker_last") | _at(lower, "speaker_first").is_in(["lui", "eux"]),
        has_quote=_holds(quoted, "content_first", "content_last"),
        is_clause=_holds(finite, "content_first", "content_last"),
        is_view=(pl.col("rule") == "view") & (_at(lower, "cue_first") == "pour"),
    )
    rule = pl.col("rule")
    whole = (rule == "aside") & ~pl.col("is_clause")
    valid = (
        pl.when(rule == "view")
        .then(pl.col("is_view") & pl.col("has_quote"))
        .when(rule == "front")
        .then(pl.lit(True))
        .when(rule == "aside")
        .then(whole)
        .otherwise(pl.col("is_clause"))
    )
    return (
        found.filter(valid & pl.col("is_likely"))
        .with_columns(
            content_last=pl.when(whole).then("rest_last").otherwise("content_last"),
            rank=rule.replace_strict({"aside": 0, "front": 1, "view": 2, "tail": 3}, return_dtype=pl.Int32),
        )
        .with_columns(has_quote=_holds(quoted, "content_first", "content_last"))
        .sort("cue_first", "rank")
        .unique("cue_first", keep="first", maintain_order=True)
        .with_columns(
            cue_first=_at(units["first"], "cue_first"),
            cue_last=_at(units["last"], "cue_last"),
            rank=pl.lit(50, pl.Int32),
            is_direct=pl.lit(False),
            is_elided=pl.lit(False),
        )
        .select(
            "rule",
            "rank",
            "content_first",
            "content_last",
            "speaker_first",
            "speaker_last",
            "cue_first",
            "cue_last",
            "is_direct",
            "has_quote",
            "is_elided",
        )
    )


def _uncued(letters: pl.Series, units: pl.DataFrame) -> pl.DataFrame:
    """Quotations that a colon alone announces (« X, à notre micro : « … » »), and those that stand as a sentence."""
    likely = _counter(units, "SNLR")
    found = find(letters, UNCUED, ALPHABET)
    if "speaker_first" not in found.columns:
        found = found.with_columns(speaker_first=pl.lit(None, pl.UInt32), speaker_last=pl.lit(None, pl.UInt32))
    announced = pl.col("rule") == "announced"
    return (
        found.filter(~announced | _holds(likely, "speaker_first", "speaker_last"))
        .with_columns(
            rank=pl.when(announced).then(60).otherwise(70).cast(pl.Int32),
            is_direct=pl.lit(True), has_quote=pl.lit(True), is_elided=~announced,
        )
        .select("rule", "rank", "content_first", "content_last", "speaker_first", "speaker_last", "is_direct", "has_quote", "is_elided")
    )  # fmt: skip


SPANS = [f"{part}_{side}" for part in ("content", "speaker", "apposition", "antecedent") for side in ("first", "last")]


def _placed(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Spans of units as spans of tokens."""
    return rows.with_columns(
        pl.lit(units["first" if column.endswith("first") else "last"]).gather(column).alias(column)
        for column in SPANS
        if column in rows.columns
    )


def _placed_subjects(subjects: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Subjects by tokens, in text order."""
    return _placed(subjects.filter(~pl.col("is_barred")), units).sort("speaker_first")


def _inside_quotes(tagged: pl.DataFrame, marks: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Quotations that hold their own cue: « …, a-t-il affirmé. … »."""
    row = pl.lit(marks["first"]).search_sorted(pl.col("first"), side="left").cast(pl.Int64) - 1
    inner = (
        tagged.with_columns(quote=row)
        .filter(pl.col("quote") >= 0)
        .filter(
            (pl.col("last") < _at(marks["last"], "quote"))
            | (~_at(marks["is_closed"], "quote") & (pl.col("last") <= _at(marks["last"], "quote")))
        )
        .filter(pl.col("form") != "\n")
        .with_columns(begins="quote", ends="quote")
        .drop("quote")
    )
    units = _units(inner, marks.clear())
    groups = _cues(units, tokens)
    units = _fold(units, groups)
    likely = _counter(units, "SLR")
    about = groups.with_row_index("group").drop("first", "last", "letter", "takes")
    found = find(layer(units["letter"]), INSIDE, ALPHABET).rename({"cue_first": "cue"}).drop("cue_last")
    found = (
        found.filter((pl.col("rule") == "inside") | _holds(likely, "speaker_first", "speaker_last"))
        .with_columns(group=_at(units["group"], "cue"))
        .join(about, on="group", how="inner", maintain_order="left")
        .with_columns(rank=pl.lit(5, pl.Int32), is_direct=pl.lit(True), has_quote=pl.lit(True), is_elided=pl.lit(False))
    )
    placed = _placed(found, units)
    number = pl.lit(marks["first"]).search_sorted(pl.col("content_first"), side="left").cast(pl.Int64) - 1
    # A quotation left open ends before its own cue.
    placed = placed.with_columns(quote=number, before_cue="content_last").with_columns(
        content_first=_at(marks["first"], "quote"),
        content_last=_at(marks["last"], "quote"),
        limit=pl.when(~_at(marks["is_closed"], "quote")).then("before_cue"),
    )
    return placed.unique("quote", keep="first", maintain_order=True).select(
        "rule",
        "rank",
        "content_first",
        "content_last",
        "speaker_first",
        "speaker_last",
        "cue_first",
        "cue_last",
        "tied_token",
        "is_direct",
        "has_quote",
        "is_elided",
        "limit",
    )


def _dialogue(tokens: pl.DataFrame, who: People) -> pl.DataFrame:
    """Answers of an interview: lines behind « R. – », or behind a dash where such lines answer questions."""
    at = pl.col("position")
    lines = (
        tokens.with_row_index("position")
        .lazy()
        .filter(pl.col("form") != "\n")
        .group_by("paragraph", maintain_order=True)
        .agg(
            pl.col("article").first(),
            first=at.first(),
            last=at.last(),
            end="form",
            words=pl.col("form").head(3),
            ending=pl.col("form").last(),
        )
        .drop("end")
        .collect()
    )
    dash = ["—", "–", "-", "―"]
    word = [pl.col("words").list.get(k, null_on_oob=True) for k in range(3)]
    marker = (
        pl.when((word[0] == "R") & word[1].is_in([".", ":"]) & word[2].is_in(dash)).then(3)
        .when((word[0] == "R") & word[1].is_in([*dash, ":", "."])).then(2)
    )  # fmt: skip
    questioned = pl.col("ending").shift(1).over("article") == "?"
    starts = word[0].is_in(dash)
    fresh = starts & ~starts.shift(1, fill_value=False).over("article")
    answers = (
        lines.with_columns(
            marker=marker,
            is_dash=fresh & pl.col("ending").is_in([".", "!", "?", "…", "...", "»"]),
            is_asked=fresh & questioned,
        )
        .with_columns(is_interview=(pl.col("is_asked").sum().over("article") >= 2))
        .with_columns(marker=pl.coalesce("marker", pl.when(pl.col("is_dash") & pl.col("is_interview")).then(1)))
        .filter(pl.col("marker").is_not_null() & (pl.col("last") >= pl.col("first") + pl.col("marker")))
    )
    return answers.select(
        rule=pl.lit("dialogue"), rank=pl.lit(1, pl.Int32),
        content_first=(pl.col("first") + pl.col("marker")).cast(pl.UInt32), content_last="last",
        is_direct=pl.lit(True), has_quote=pl.lit(False), is_elided=pl.lit(True),
    )  # fmt: skip


def _with_extent(rows: pl.DataFrame, marks: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Add `text_start`, `text_end`: what is between the marks of a direct statement, else from first to last word."""
    opening = marks.select(pl.col("first").alias("content_first"), "quote_start")
    closing = marks.select(pl.col("last").alias("content_last"), "quote_end")
    quoted = pl.when("is_direct")
    return (
        rows.join(opening, on="content_first", how="left", maintain_order="left")
        .join(closing, on="content_last", how="left", maintain_order="left")
        .with_columns(
            article=pl.lit(tokens["article"]).gather("content_first"),
            text_start=pl.coalesce(quoted.then("quote_start"), pl.lit(tokens["start"]).gather("content_first")),
            text_end=pl.coalesce(
                pl.lit(tokens["end"]).gather("limit"),
                quoted.then("quote_end"),
                pl.lit(tokens["end"]).gather("content_last"),
            ),
        )
    )


def _without_overlaps(rows: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """One statement per place: the outermost, a report inside a report being none; at one place the surest rule."""
    del marks
    ordered = rows.sort("article", "text_start", "text_end", "rank", descending=[False, False, True, False])
    cover = pl.col("text_end").cum_max().shift(1).over("article")
    return ordered.filter((pl.col("text_start") >= cover).fill_null(value=True)).filter(
        pl.col("text_end") > pl.col("text_start")
    )


def _table(rows: pl.DataFrame, marks: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """The rows as the contract wants them."""
    rows = rows.sort("article", "text_start")
    low = pl.Series(marks["first"].search_sorted(rows["content_first"], side="left"))
    high = pl.Series(marks["first"].search_sorted(rows["content_last"], side="right"))
    inside = (
        rows.select("row", low=low, high=high)
        .filter(pl.col("high") > pl.col("low"))
        .select("row", mark=pl.int_ranges("low", "high"))
        .explode("mark", empty_as_null=False)
        .with_columns(
            quote_start=pl.lit(marks["quote_start"]).gather("mark"), quote_end=pl.lit(marks["quote_end"]).gather("mark")
        )
        .group_by("row")
        .agg(quoted_spans=pl.struct("quote_start", "quote_end"))
    )
    text = pl.lit(articles["text"]).gather("article")
    edge = [
        pl.lit(tokens[side]).gather(f"cue_{place}").alias(f"cue_{side}")
        for side, place in (("start", "first"), ("end", "last"))
    ]
    out = (
        rows.join(inside, on="row", how="left", maintain_order="left")
        .with_columns(
            *edge,
            article_id=pl.lit(articles["article_id"]).gather("article"),
            first="content_first",
            last="content_last",
        )
        .with_columns(
            statement_id=pl.concat_str("article_id", pl.lit("-s"), "text_start"),
            mode=pl.when("is_direct")
            .then(pl.lit("direct"))
            .when(pl.col("quoted_spans").is_not_null())
            .then(pl.lit("mixed"))
            .otherwise(pl.lit("indirect")),
            text=slices(text, pl.col("text_start"), pl.col("text_end")),
            cue=slices(text, pl.col("cue_start"), pl.col("cue_end")),
            speaker=slices(text, pl.col("speaker_start"), pl.col("speaker_end")),
            quoted_spans=pl.when(pl.col("is_direct") & pl.col("quoted_spans").is_null())
            .then(pl.concat_list(pl.struct(quote_start="text_start", quote_end="text_end")))
            .otherwise(pl.col("quoted_spans").fill_null([])),
            medium=pl.lit(None, pl.String),
            said_on=pl.lit(None, pl.Date),
            confidence=pl.lit(0.9),
        )
    )
    out = with_sentence_text(out, tokens, articles)
    schema = STATEMENTS.polars_schema
    return out.select(pl.col(c).cast(t) for c, t in schema.items()).sort("article_id", "text_start")
