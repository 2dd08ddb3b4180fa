"""Where and when something was said, as far as the statement's own sentence tells: « hier sur Telegram »."""

from __future__ import annotations

import polars as pl

from transforms.lexicon import load

WEEKDAYS = {"lundi": 1, "mardi": 2, "mercredi": 3, "jeudi": 4, "vendredi": 5, "samedi": 6, "dimanche": 7}
DAYS_AGO = {"aujourd'hui": 0, "ce matin": 0, "ce midi": 0, "ce soir": 0, "hier": 1, "avant-hier": 2}


def with_medium(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `medium` (as written) and `said_on`, from the words of the sentence outside the statement itself.

    In: statements with `sentence`, `text`, `rule` and `published_on`. A day without the article's date stays null; a
    weekday is the last one up to that date.
    """
    words = load("cues")["medium"]
    networks, nouns = "|".join(words["networks"]), "|".join(words["nouns"])
    outside = (
        pl.when(pl.col("rule").str.starts_with("inside")).then("sentence")
        .otherwise(pl.col("sentence").str.split(pl.col("text")).list.join(" "))
        .str.replace_all(r"[’ʼ]", "'")
    )  # fmt: skip
    medium = pl.coalesce(
        outside.str.extract(rf"\b[Ss]ur (?:son compte |le réseau (?:social )?)?({networks})\b", 1),
        outside.str.extract(
            r"\b(?:[Dd]ans|[Ll]ors|[Aa]u cours|[Pp]ar|[Vv]ia|[Ee]n|[Àà]) (?:de |d')?"
            r"(?:un |une |son |sa |le |la |l'|ce |cette )?"
            rf"(?:\p{{L}}+ )?({nouns})\b",
            1,
        ),
        outside.str.extract(r"\b(?:au micro de|sur les ondes de|à l'antenne de) (?:la |le |l')?(\p{Lu}[\p{L}\d-]*)", 1),
    )
    lower = outside.str.to_lowercase()
    ago = lower.str.extract(rf"\b({'|'.join(DAYS_AGO)})\b", 1).replace_strict(
        DAYS_AGO, default=None, return_dtype=pl.Int32
    )
    weekday = lower.str.extract(rf"\b({'|'.join(WEEKDAYS)})\b", 1).replace_strict(
        WEEKDAYS, default=None, return_dtype=pl.Int32
    )
    since = (pl.col("published_on").dt.weekday().cast(pl.Int32) - weekday + 7) % 7
    return rows.with_columns(medium=medium, said_on=pl.col("published_on") - pl.duration(days=pl.coalesce(ago, since)))
