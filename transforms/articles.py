"""Records as received → articles: text, id, day of publication, language.

The text changes once, here (Unicode NFC, CR LF → LF), so that every offset found later holds in what is published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import polars as pl

from transforms.schemas import ARTICLE_SOURCES, ARTICLES

RECORDS_SCHEMA = pl.Schema(
    {name: ARTICLE_SOURCES.polars_schema[name] for name in ("source_uri", "source_format", "sha256", "encoding")}
    | {
        name: ARTICLES.polars_schema[name]
        for name in ("title", "publisher", "url", "authors", "published_on", "language", "text")
    }
)

# A dateline stands in the first lines: longest head, title included, of the articles this was tried on.
DATELINE_CHARS = 400
LANGUAGE_CHARS = 1_000

MONTHS = {
    "janvier": 1, "janv.": 1, "février": 2, "fevrier": 2, "févr.": 2, "fév.": 2, "mars": 3, "avril": 4, "avr.": 4,
    "mai": 5, "juin": 6, "juillet": 7, "juil.": 7, "août": 8, "aout": 8, "septembre": 9, "sept.": 9, "octobre": 10,
    "oct.": 10, "novembre": 11, "nov.": 11, "décembre": 12, "decembre": 12, "déc.": 12,
}  # fmt: skip


def _either(words: Iterable[str]) -> str:
    """A group that matches any of the words, the longest first."""
    return "(?:" + "|".join(word.replace(".", r"\.") for word in sorted(words, key=len, reverse=True)) + ")"


_WEEKDAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_DATE = (
    rf"\b(?:(?:1er|\d{{1,2}})\s+{_either(MONTHS)}\s+(?:19|20)\d{{2}}"
    r"|\d{1,2}/\d{1,2}/(?:19|20)\d{2}|\d{1,2}\.\d{1,2}\.(?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})\b"
)
_ANY_DATE = rf"(?i){_DATE}"
_DAY = rf"(?i:(?:le\s+)?(?:{_WEEKDAY},?\s+)?(?:le\s+)?({_DATE}))"
_PLACE = r"\p{Lu}[\p{L}’' \-]{1,40}(?:\([^()\n]{1,40}\))?"
# The shapes of a dateline, the surest first; each holds the date in its one group.
_DATELINES = (
    rf"(?m)(?:^|[^\p{{L}}\s,;:’'-])\s*(?i:publiée?|parue?|mise?\s+en\s+ligne|diffusée?|postée?|édition\s+du)\s*:?\s+{_DAY}",
    rf"(?m)^[^\p{{L}}\n]{{0,3}}{_PLACE}\s*[,–—-]\s*{_DAY}\s*(?:$|[.(),;:–—-])",
    rf"(?m)^[^\p{{L}}\d\n]{{0,3}}{_DAY}(?i:[\s,]*(?:à\s+)?\d{{1,2}}\s?[h:]\s?(?:\d{{2}})?)?\W{{0,3}}$",
    rf"(?m)\s[–—|·•-]\s+{_DAY}\W{{0,3}}$",
    rf"(?m)(?i:\bce\s+(?:{_WEEKDAY}\s+)?|(?:^|[^\p{{L}}\d\s])\s*{_WEEKDAY},?\s+)((?i:{_DATE}))",
)

# Function words of French that its neighbours lack: 7 to 10 % of the words in half of all texts, in 1,000 characters of
# prose; under 3 % in 1 text of 100, which the detector judges; none in sentences of ten other languages.
_FRENCH_WORDS = (
    "après", "aux", "avec", "ces", "cette", "dans", "du", "elle", "est", "et", "été", "ils", "leur", "même", "nous",
    "ont", "pour", "qui", "selon", "sont", "sur", "une", "vous",
)  # fmt: skip
FRENCH_SHARE, FRENCH_COUNT = 0.03, 5


def read_articles(records: pl.DataFrame) -> pl.DataFrame:
    """Articles read from records.

    Args:
        records: one row per raw record (RECORDS_SCHEMA); `language` and `published_on` are what metadata says.

    Returns:
        One row per record, the columns of `articles`, `sha256` and `encoding`. Records of the same text carry the same
        `article_id`; `distinct_articles` makes one article of them.
    """
    return (
        records.match_to_schema(RECORDS_SCHEMA)
        .with_columns(
            pl.col("text").str.normalize("NFC").str.replace_all("\r\n", "\n", literal=True),
            pl.col("title", "publisher").str.normalize("NFC"),
        )
        .with_columns(
            article_ids(pl.col("text")),
            published_on_from=pl.when(pl.col("published_on").is_not_null()).then(pl.lit("metadata")),
            char_count=pl.col("text").str.len_chars().cast(pl.Int32),
            word_count=pl.col("text").str.count_matches(r"\S*[\p{L}\p{N}]\S*").cast(pl.Int32),
            stated_on=stated_day(pl.col("text")),
        )
        .with_columns(
            pl.col("published_on").fill_null(pl.col("stated_on")),
            pl.col("published_on_from")
            .fill_null(pl.when(pl.col("stated_on").is_not_null()).then(pl.lit("text")))
            .cast(ARTICLES.polars_schema["published_on_from"]),
            pl.col("language").fill_null(languages(pl.col("text"))),
        )
        .select(*ARTICLES.polars_schema, "sha256", "encoding")
    )


def distinct_articles(candidates: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Articles, and the records that each was read from.

    Args:
        candidates: one row per record, as `read_articles` returns; every record of an article among them.

    Returns:
        `articles`, one row per text, the record of the smallest `source_uri` standing for the others; and the columns
        of `article_sources` but for `first_seen_at`, one row per record. Both sorted by their keys.
    """
    ordered = candidates.sort("source_uri")
    articles = ordered.unique("article_id", keep="first", maintain_order=True).sort("article_id")
    sources = ordered.select("article_id", "source_uri", "source_format", "sha256", "encoding")
    return articles.select(*ARTICLES.polars_schema), sources


def article_ids(text: pl.Expr) -> pl.Expr:
    """First 16 hex digits of the SHA-256 of the text in UTF-8, white space collapsed.

    Each run of Unicode White_Space counts as one space, and none at the ends.
    """
    # All runs but single spaces, which are most: four times as fast as every run.
    return (
        text.str.replace_all(r"[\s&&[^ ]]\s*| \s+", " ")
        .str.strip_chars(" ")
        .map_batches(_digests, pl.String)
        .alias("article_id")
    )


def _digests(texts: pl.Series) -> pl.Series:
    # hashlib is faster than any hash that Polars could reach, and SHA-256 is stable across versions.
    return pl.Series(texts.name, [hashlib.sha256(text.encode()).hexdigest()[:16] for text in texts], pl.String)


def stated_day(text: pl.Expr) -> pl.Expr:
    """The day of publication, where the dateline of the text states it in full; null elsewhere.

    A dateline stands in the first 400 characters: after « Publié » or a place (« MOSCOU, 16 février 2026. »), on a line
    of its own, at the end of a line after a dash, as « ce dimanche 23 novembre 2025 », or with its weekday after a mark
    of punctuation. A date by which the text tells an event (« inauguré le 9 mai 2020 ») is none.
    """
    return text.str.slice(0, DATELINE_CHARS).map_batches(_stated_days, pl.Date)


def _stated_days(heads: pl.Series) -> pl.Series:
    """The day that each head of a text states; only the few with a date in them are searched for its shape."""
    frame = heads.to_frame("head").with_row_index()
    day = _day(pl.coalesce(pl.col("head").str.extract(shape) for shape in _DATELINES))
    dated = frame.filter(pl.col("head").str.contains(_ANY_DATE)).select("index", day=day)
    return frame.join(dated, on="index", how="left", maintain_order="left")["day"]


def _day(written: pl.Expr) -> pl.Expr:
    """The date of a day written as `_DATE`; null where there is no such day (31 février)."""
    numbers = written.str.to_lowercase().str.replace("1er", "1", literal=True)
    named = numbers.str.extract_groups(r"^(\d+)\s+(\S+)\s+(\d{4})$").struct
    short = numbers.str.extract_groups(r"^(\d+)[/.](\d+)[/.](\d{4})$").struct
    spelt = pl.format(
        "{}-{}-{}", named["3"], named["2"].replace_strict(MONTHS, default=None, return_dtype=pl.Int32), named["1"]
    )
    digits = pl.format("{}-{}-{}", short["3"], short["2"], short["1"])
    return pl.coalesce(spelt, digits, numbers).str.to_date("%Y-%m-%d", strict=False)


def languages(text: pl.Expr) -> pl.Expr:
    """The language of each text (BCP 47), from its first 1,000 characters; `und` where they hold no letter.

    Texts full of French function words are French; py3langid, with the model in its package, judges the others.
    """
    head = text.str.slice(0, LANGUAGE_CHARS)
    french, words = head.str.count_matches(f" {_either(_FRENCH_WORDS)} "), head.str.count_matches(r"\s") + 1
    is_french = (french >= FRENCH_COUNT) & (french / words >= FRENCH_SHARE)
    settled = pl.when(is_french).then(pl.lit("fr")).when(~head.str.contains(r"\p{L}")).then(pl.lit("und"))
    return pl.struct(head.alias("head"), settled.alias("language")).map_batches(_detected, pl.String)


def _detected(heads: pl.Series) -> pl.Series:
    """The settled language where there is one, else the one that the detector finds."""
    frame = heads.struct.unnest()
    doubtful = frame["language"].is_null()
    if not doubtful.any():
        return frame["language"]
    from py3langid.langid import classify  # noqa: PLC0415 - its model takes 0.3 s

    found = [classify(head)[0] for head in frame["head"].filter(doubtful)]
    positions = doubtful.arg_true()
    return frame["language"].scatter(positions, found)
