"""Spellings of person names: one fold for all, and a likeness that tells spellings from other people."""

from __future__ import annotations

import polars as pl
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

# Letters that NFKD does not take apart.
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ə": "e"}
_TITLE = "^(?:sir|lord|lady|dame|cheikh|dr) "
# French and English transliterations of one sound → one spelling. Longest first: the replacement is leftmost-longest.
# (French « ou, tch, ch, dj, gu » stand for English « u or w, ch, sh, j, g »; ch and sh cannot be kept apart.)
_SOUNDS = {
    "tsch": "c", "stch": "c", "shch": "c", "tch": "c", "sch": "c", "ch": "c", "sh": "c", "ou": "u", "oo": "u",
    "kh": "h", "gh": "g", "dj": "j", "dzh": "j", "zh": "j", "gue": "ge", "gui": "gi", "ph": "f", "th": "t", "ck": "k",
    "qu": "k", "c": "k", "q": "k", "x": "ks", "w": "u", "iy": "i", "yi": "i", "ij": "i", "yy": "i", "ii": "i", "y": "i",
}  # fmt: skip
_DOUBLED = {letter * times: letter for times in (8, 4, 3, 2) for letter in "abcdefgijklmnoprstuvz"}
# Measured on spellings of one person and on different people (docs/decisions/names.md): between the two groups.
SAME_NAME = 0.85
SAME_SURNAME = 0.9
SAME_GIVEN = 0.65


def fold_letters(name: pl.Expr) -> pl.Expr:
    """Names without case, accents and apostrophes: words of a–z and hyphens, parted by one blank.

    A hyphenated name is one word: « Pierre » does not shorten « Karine Jean-Pierre ».
    """
    bare = name.str.to_lowercase().str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    return (
        bare.str.replace_many(list(_LETTERS), list(_LETTERS.values()))
        .str.replace_all(r"['’ʼ‘]", "")
        .str.replace_all(r"[‐‑]", "-")
        .str.replace_all(r"[^a-z0-9-]+", " ")
        .str.strip_chars(" -")
        .str.replace(_TITLE, "")
    )


def fold_name(name: pl.Expr) -> pl.Expr:
    """Names in a spelling where French and English transliterations meet: « Iouri Ouchakov » → « iuri ucakov »."""
    sounds = fold_letters(name).str.replace_many(list(_SOUNDS), list(_SOUNDS.values()), leftmost=True)
    # Doubled letters say nothing across transliterations; Rust's regex has no back-reference, so each by name. Twice,
    # for runs of up to 64.
    for _ in range(2):
        sounds = sounds.str.replace_many(list(_DOUBLED), list(_DOUBLED.values()), leftmost=True)
    return sounds


def likeness(left: pl.Series, right: pl.Series) -> pl.Series:
    """Likeness (0–1) of folded names, pair by pair: normalised Indel similarity (rapidfuzz)."""
    return pl.Series(cpdist(left.to_list(), right.to_list(), scorer=Indel.normalized_similarity), dtype=pl.Float32)


def same_person(pairs: pl.DataFrame) -> pl.DataFrame:
    """Keep the pairs of folded full names that spell one person's name.

    In: `left`, `right` (results of `fold_name`). Kept where the whole names, the surnames (last words) and the given
    names (first words) are each alike enough: different surnames veto, and so do different given names (Emmanuel and
    Brigitte Macron).
    """
    parts = pairs.select(
        left_surname=pl.col("left").str.split(" ").list.last(),
        right_surname=pl.col("right").str.split(" ").list.last(),
        left_given=pl.col("left").str.split(" ").list.first(),
        right_given=pl.col("right").str.split(" ").list.first(),
    )
    alike = (
        (likeness(pairs["left"], pairs["right"]) >= SAME_NAME)
        & (likeness(parts["left_surname"], parts["right_surname"]) >= SAME_SURNAME)
        & (likeness(parts["left_given"], parts["right_given"]) >= SAME_GIVEN)
    )
    return pairs.filter(alike)
