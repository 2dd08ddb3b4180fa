"""Boilerplate: what the page around an article says (« Lire aussi : … », « 1,2 k partages », « Tout accepter »).

It is recognised by what whole sentences are made of, and its tokens are left out before anything is extracted, so that
it yields no rows and nobody in it is taken for a speaker, while the text and every offset stay as they are. The words
stand in the lexicon `boilerplate`; here is how they make patterns, all of them for Rust's linear-time engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import polars as pl

from transforms.lexicon import load
from transforms.text import BLANK, distinct_forms, per_token, phrase_key, plain_apostrophes

# Between items stand marks and blanks, or nothing: « PartagerPartager sur Facebook ».
_BETWEEN = r"[\s|·•‧∙>›→\-–—,.:;!?…/()\[\]*▪■►▶#]*"
# Before an opener stand bullets or brackets, but no quotation mark: quoted words are the article's.
_LEAD = r"[\s|·•>›→*▪■►▶\[(\-–—]*"
_CAPITALISED = r"[A-ZÀ-ÖØ-ÞŠŽĐ][^\s,;:|()!?/]*"
_NAME = rf"{_CAPITALISED}(?: (?:(?:de|du|des|la|le|van|von|der|el|al|ben) )?{_CAPITALISED}){{0,4}}"
_CREDIT = rf"(?:© ?)?{_CAPITALISED}(?:(?: ?[/,&] ?| (?:via |pour |et |de )?){_CAPITALISED}){{0,5}}"
_NUMBER = r"\d+(?:[ .,']\d+)*(?: ?k\b)?"
_DAY = (
    r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche),? )?(?:\d{1,2}(?:er)? "
    r"(?:janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc)\p{Ll}*\.?(?: \d{4})?"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}|hier|aujourd'hui)"
)
_HOUR = r"\d{1,2} ?(?:[h:] ?\d{2}(?::\d{2})?|h(?-u:\b))(?: (?:gmt|utc|cet|cest))?"
_STAMP = rf"(?:(?:le )?{_DAY}(?:[, à•·-]*{_HOUR})?|(?:à )?{_HOUR})"
_MARKED = r"\s*(?:[:|>›→–—]|- |$)"
# A title behind an opener: it begins with a capital or a determiner, and no full stop ends it.
_LIKE_TITLE = r"^\S+ \S+(?: \S+)?? (?:[A-ZÀ-ÖØ-Þ\d«“\"]|(?:nos|notre|les?|la|l'|une?|des) ?).*[^.]$"
MAX_CHARS = 600  # of a sentence that the patterns are tried on; a longer one is prose


def without_boilerplate(tokens: pl.DataFrame) -> pl.DataFrame:
    """Leave out the tokens of boilerplate.

    In: tokens with `sentence` and `paragraph`. Out: the same but for those rows, their forms numbered anew; line ends
    stay, and so do the offsets and the numbers of sentences and paragraphs, which may then have gaps.
    """
    cue = pl.col("lower").is_in(_cues())
    short = (pl.col("lower").str.len_chars() <= 4) & ~pl.col("lower").is_in(_marks())
    is_cue, is_short = per_token(tokens, distinct_forms(tokens, "lower").select("form_id", cue=cue, short=cue & short))
    sentence, paragraph = tokens["sentence"], tokens["paragraph"]
    # Short words are everywhere: they count where a sentence opens with them (« Par Rosa Quispe »).
    is_cue = is_cue & (~is_short | (sentence != sentence.shift(3)).fill_null(value=True))
    if not is_cue.any():
        return tokens
    row = sentence.is_in(sentence.filter(is_cue).unique().implode()).arg_true()
    last = tokens.height - 1
    before = pl.col("form").shift(1)
    # What stood side by side on the page meets without a blank: « par anJe m'abonne ».
    is_glued = (
        pl.col("is_joined")
        & (pl.col("is_capital") | pl.col("form").is_in(["«", "“"]))
        & before.str.contains(r"[\p{Ll}\d»”!?.…]$")
    )
    units = (
        tokens.select("sentence", "form", "is_joined", "is_capital")[row]
        .with_columns(
            row=row,
            starts_line=(row == 0) | (paragraph.gather(row) != paragraph.gather((row.cast(pl.Int64) - 1).clip(0))),
            ends_line=(row == last) | (paragraph.gather(row) != paragraph.gather((row + 1).clip(0, last))),
            unit=((pl.col("sentence") != pl.col("sentence").shift(1)) | is_glued).fill_null(value=False).cum_sum(),
            piece=pl.when("is_joined").then("form").otherwise(pl.lit(" ") + pl.col("form")),
        )
        .group_by("unit", maintain_order=True)
        .agg(
            "row",
            pl.col("piece").str.join(""),
            is_line=pl.col("starts_line").first() & pl.col("ends_line").last(),
        )
    )
    out = units.filter(is_boilerplate(pl.col("piece"), pl.col("is_line")))["row"].explode(empty_as_null=False)
    out = out.filter(tokens["form"].gather(out) != "\n")
    kept = tokens.filter(
        pl.repeat(value=True, n=tokens.height, dtype=pl.Boolean, eager=True).scatter(out, values=False)
    )
    # Forms are numbered without gaps, as tokenize numbers them.
    left = kept["form_id"].gather(kept["form_id"].arg_unique())
    numbers = pl.repeat(0, len(is_cue) + 1, dtype=pl.UInt32, eager=True)
    numbers = numbers.scatter(left, pl.int_range(len(left), dtype=pl.UInt32, eager=True))
    return kept.with_columns(form_id=numbers.gather(kept["form_id"]))


def without_boilerplate_lines(text: pl.Expr) -> pl.Expr:
    """Texts without the lines that are boilerplate, and what is so in a row of sentences: for counting words alone."""
    return text.map_batches(_kept_lines, pl.String)


def _kept_lines(texts: pl.Series) -> pl.Series:
    cues = _cues().explode().to_list()
    lines = texts.to_frame("text").select(line=pl.col("text").str.split("\n")).with_row_index("text").explode("line")
    may = pl.col("line").str.to_lowercase().str.contains_any(cues) & (pl.col("line").str.len_bytes() <= 2 * MAX_CHARS)
    sentences = pl.col("line").str.strip_chars()
    found = lines.with_row_index("row").filter(may).filter(is_boilerplate(sentences, pl.lit(value=True)))["row"]
    keep = pl.repeat(value=True, n=lines.height, dtype=pl.Boolean, eager=True).scatter(found, values=False)
    return (
        lines.with_columns(pl.when(keep).then("line").otherwise(pl.lit("")))
        .group_by("text", maintain_order=True)
        .agg(pl.col("line").str.join("\n"))["line"]
    )


def is_boilerplate(sentence: pl.Expr, is_line: pl.Expr) -> pl.Expr:
    """Whether a sentence is boilerplate.

    Args:
        sentence: its words, or those of a part of it that nothing but a missing blank sets apart.
        is_line: whether it is all of its line.
    """
    plain = plain_apostrophes(sentence.str.replace_all(rf"[{BLANK}\n]+", " ").str.strip_chars())
    slotted = plain.str.to_lowercase().str.replace_all(_STAMP, "{stamp}").str.replace_all(_NUMBER, "{n}")
    patterns = _patterns()
    return (plain.str.len_chars() <= MAX_CHARS) & (
        slotted.str.contains(patterns["items"])
        | slotted.str.contains(patterns["trails"])
        | slotted.str.contains(patterns["mark"])
        | (slotted.str.contains(patterns["title"]) & plain.str.contains(_LIKE_TITLE) & is_line)
        | (slotted.str.contains(patterns["call"]) & ~slotted.str.contains(patterns["reported"]))
        | plain.str.contains(patterns["signed"])
    )


@cache
def _patterns() -> dict[str, str]:
    """The patterns that the vocabulary makes, by what they recognise."""
    lexicon = load("boilerplate")
    openers: dict[str, list[str]] = {"mark": [], "title": [], "call": [], "any": []}
    for opener in lexicon["opener"]:
        openers[opener["then"]] += opener["phrases"]
    begins = {then: rf"^{_LEAD}{_either(phrases)}" for then, phrases in openers.items()}
    items = _either(phrase for entry in lexicon["item"] for phrase in entry["phrases"])
    signed = _either((phrase for entry in lexicon["signed"] for phrase in entry["phrases"]), is_signed=True)
    roots, marks = _either(lexicon["trail"]["roots"]), "".join(lexicon["trail"]["marks"])
    calls, reported = (_either(lexicon[name]["phrases"]) for name in ("calls", "reported"))
    return {
        "items": rf"^{_BETWEEN}(?:{items}{_BETWEEN})+$",
        "trails": rf"^(?:{roots}(?: ?[{marks}] ?[^{marks}.]{{1,60}}){{1,8}}"
        rf"|[^>›→.]{{1,40}}(?: [>›→] [^>›→.]{{1,60}}){{3,8}})$",
        "mark": rf"{begins['mark']}{_MARKED}|{begins['title']}{_MARKED}",
        "title": begins["title"],
        "call": rf"{begins['call']}(?:{_MARKED}|\s*[!.(]| {calls}(?:[ :']|$))|{begins['any']}",
        "reported": rf"[,»”\"!?] ?{reported} |-t-(?:il|elle|on)",
        "signed": rf"^{_LEAD}{signed}[\s.)\]]*$",
    }


def _either(phrases: Iterable[str], *, is_signed: bool = False) -> str:
    """A group that matches any of the phrases, the longest first.

    In lower case, numbers and times being slots in the text as well; or, signed, in any case but for the names.
    """
    literal = "(?i:{})" if is_signed else "{}"
    lists = load("boilerplate")["slots"].items()
    slots = {"n": r"\{n\}", "stamp": r"\{stamp\}", "name": _NAME, "credit": _CREDIT} | {
        slot: literal.format("(?:" + "|".join(map(pl.escape_regex, words)) + ")") for slot, words in lists
    }

    def pattern(phrase: str) -> str:
        parts = enumerate(re.split(r"\{(\w+)\}", phrase))
        return "".join(slots[part] if n % 2 else literal.format(pl.escape_regex(part)) for n, part in parts if part)

    return "(?:" + "|".join(map(pattern, sorted(phrases, key=len, reverse=True))) + ")"


@cache
def _cues() -> pl.Series:
    """A word of every phrase, its longest, as one list: sentences without any of them need not be looked at."""
    lexicon: dict[str, Any] = load("boilerplate")
    parts = (entry for name in ("item", "opener", "signed") for entry in lexicon[name])
    phrases = [re.sub(r"\{\w+\}", " ", phrase) for part in parts for phrase in part["phrases"]]
    words = {max(key.split(" "), key=len) for key in phrase_key(phrases)}
    return pl.Series([sorted(words | set(_marks()))])


def _marks() -> list[str]:
    """The marks between the sections of a trail, but for the one that also closes quotations."""
    return [mark for mark in load("boilerplate")["trail"]["marks"] if mark != "»"]
