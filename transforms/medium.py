"""Where and when something was said, as far as the statement's own sentence tells: « hier sur Telegram »."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from transforms.lexicon import load
from transforms.text import plain_apostrophes

WEEKDAYS = {"lundi": 1, "mardi": 2, "mercredi": 3, "jeudi": 4, "vendredi": 5, "samedi": 6, "dimanche": 7}
DAYS_AGO = {"aujourd'hui": 0, "ce matin": 0, "ce midi": 0, "ce soir": 0, "hier": 1, "avant-hier": 2}

# The edges of words; as `\b`, but ten times faster in Rust's regex engine.
BEFORE, BEHIND = r"(?:^|\W)", r"(?:\W|$)"


def _one_of(words: Iterable[str]) -> str:
    """A group of words, their apostrophes in any spelling."""
    return f"({'|'.join(words)})".replace("'", "['’ʼ]")


def with_medium(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `medium` (as written) and `said_on`, from the words of the sentence outside the statement itself.

    In: statements with `sentence`, `text`, `rule` and `published_on`. A day without the article's date stays null; a
    weekday is the last one up to that date.
    """
    words = load("cues")["medium"]
    networks, nouns = (_one_of(words[kind]) for kind in ("networks", "nouns"))
    # What stands before and behind the statement is no phrase.
    outside = (
        pl.when(pl.col("rule").str.starts_with("inside")).then("sentence")
        .otherwise(pl.col("sentence").str.split(pl.col("text")).list.join("\n"))
    )  # fmt: skip
    rows = rows.with_columns(outside=outside)
    outside = pl.col("outside")
    medium = pl.coalesce(
        outside.str.extract(rf"{BEFORE}[Ss]ur (?:son compte |le réseau (?:social )?)?{networks}{BEHIND}", 1),
        outside.str.extract(
            rf"{BEFORE}(?:[Dd]ans|[Ll]ors|[Aa]u cours|[Pp]ar|[Vv]ia|[Ee]n|[Àà]) (?:de |d['’ʼ])?"
            r"(?:un |une |son |sa |le |la |l['’ʼ]|ce |cette )?"
            rf"(?:\p{{L}}+ )?{nouns}{BEHIND}",
            1,
        ),
        outside.str.extract(
            rf"{BEFORE}(?:au micro de|sur les ondes de|à l['’ʼ]antenne de) (?:la |le |l['’ʼ])?(\p{{Lu}}[\p{{L}}\d-]*)",
            1,
        ),
    )

    def days(entries: dict[str, int]) -> pl.Expr:
        word = outside.str.to_lowercase().str.extract(rf"{BEFORE}{_one_of(entries)}{BEHIND}", 1)
        return plain_apostrophes(word).replace_strict(entries, default=None, return_dtype=pl.Int32)

    ago, weekday = days(DAYS_AGO), days(WEEKDAYS)
    since = (pl.col("published_on").dt.weekday().cast(pl.Int32) - weekday + 7) % 7
    return rows.with_columns(
        medium=medium, said_on=pl.col("published_on") - pl.duration(days=pl.coalesce(ago, since))
    ).drop("outside")
