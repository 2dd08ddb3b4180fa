"""The words of saying and the function words of `lexicon/cues.toml`, every form written out."""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.lexicon import load
from transforms.text import phrase_key

FORMS = ("finite", "participle", "infinitive", "gerund")


def inflect(lemma: str, pattern: str, strong: str | None = None) -> list[tuple[str, str]]:
    """The infinitive, finite forms of the third person, participles and gerund of a verb, each with its kind.

    Raises:
        KeyError: a pattern that the lexicon does not declare.
        ValueError: a lemma that does not end like its pattern.
    """
    endings = load("cues")["pattern"][pattern]
    if not lemma.endswith(endings["infinitive"]):
        raise ValueError(f"{lemma} is no verb of the pattern {pattern}")
    stem = lemma.removesuffix(endings["infinitive"])
    forms = [(lemma, "infinitive")]
    forms += [(stem + ending, kind) for kind in FORMS if kind != "infinitive" for ending in endings[kind]]
    return forms + [(strong + ending, "finite") for ending in endings.get("silent", []) if strong]


@cache
def verbs() -> pl.DataFrame:
    """The verbs of saying.

    Out: one row per form and use: `phrase` (as `find_phrases` wants it), `pronoun` (that it needs: se, y or empty),
    `takes` (what can be the content, see the lexicon), `is_attitude`, `is_loose`, and `is_finite`, `is_participle`,
    `is_infinitive`, `is_gerund`.
    """
    cues = load("cues")
    rows = [
        (f"{form} {after}".strip(), kind, group.get("pronoun", ""), group["takes"],
         bool(group.get("attitude")), bool(group.get("loose")))
        for group in cues["verb"]
        for pattern in cues["pattern"].keys() & group.keys()
        for lemma in group[pattern]
        for form, kind in inflect(lemma, pattern, group.get("strong", {}).get(lemma))
        for after in group.get("after", [""])
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=["phrase", "kind", "pronoun", "takes", "is_attitude", "is_loose"], orient="row")
    return (
        frame.with_columns(phrase=pl.Series(phrase_key(frame["phrase"].to_list())))
        .group_by("phrase", "pronoun", maintain_order=True)
        .agg(
            pl.col("takes").explode().unique().sort(),
            pl.col("is_attitude", "is_loose").all(),
            *[(pl.col("kind") == form).any().alias(f"is_{form}") for form in FORMS],
        )
        .sort("phrase", "pronoun")
    )


@cache
def saying_letters() -> pl.DataFrame:
    """The letter of each form: `phrase`, `saying` (V finite, v participle, D either, i infinitive, g gerund)."""
    kinds = verbs().group_by("phrase", maintain_order=True).agg(pl.col(*[f"is_{form}" for form in FORMS]).any())
    letter = (
        pl.when(pl.col("is_finite") & pl.col("is_participle")).then(pl.lit("D"))
        .when("is_finite").then(pl.lit("V"))
        .when("is_participle").then(pl.lit("v"))
        .when("is_infinitive").then(pl.lit("i"))
        .when("is_gerund").then(pl.lit("g"))
    )  # fmt: skip
    return kinds.select("phrase", saying=letter)


@cache
def word_letters() -> dict[str, str]:
    """The letter of each function word; where a word is in several lists, the last list counts."""
    words = load("cues")["words"]
    letters = {
        "source": "S", "gloss": "T", "title": "d", "intention": "z", "adverb": "m", "determiner": "d",
        "article": "d", "of": "e",
        "preposition": "p", "place": "P", "subordinator": "u", "conjunction": "&", "subject": "R", "neuter": "j",
        "first_person": "1", "second_person": "1", "clitic": "c",
        "avoir": "A", "etre": "E", "negator": "o", "modal_participle": "t",
        "modal_finite": "M",
    }  # fmt: skip
    table = {word: letter for key, letter in letters.items() for word in words[key]}
    return table | {
        "que": "k", "qu'": "k", "qui": "r", "ne": "x", "n'": "x", "été": "b", "avoir": "a", "ayant": "a", "être": "h",
        "étant": "n", "sans": "p", "pour": "l", "nous": "c", "vous": "c", "avant": "y",
        ",": ",", ":": ":", ";": ";", "(": "(", "[": "(",
        ")": ")", "]": ")", "—": "-", "–": "-", "-": "-",
    }  # fmt: skip


@cache
def other_verbs() -> list[str]:
    """Finite forms of frequent verbs that are none of saying: they end a noun phrase and show a clause."""
    other = load("cues")["other"]
    forms = [
        form
        for pattern in load("cues")["pattern"].keys() & other.keys()
        for lemma in other[pattern]
        for form, kind in inflect(lemma, pattern)
        if kind == "finite"
    ]
    return sorted({*forms, *other["forms"]})


@cache
def phrase_letters() -> pl.DataFrame:
    """Fixed phrases and their letter: `phrase`, `fixed`."""
    words = load("cues")["words"]
    letters = {"adverb_phrases": "m", "comment": "w", "according": "s"}
    rows = [(phrase, letter) for key, letter in letters.items() for phrase in words[key]]
    frame = pl.DataFrame(rows, schema=["phrase", "fixed"], orient="row")
    return frame.with_columns(phrase=pl.Series(phrase_key(frame["phrase"].to_list()))).unique("phrase", keep="first")
