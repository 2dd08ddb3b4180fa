"""What must hold of a row and takes more than one column, or more than one table, to say.

`with_context` joins to the rows of a table what its rules look at in other tables, under names that begin with an
underscore; the nouns return boolean expressions over both. Where such an expression is null, its rule says nothing
(`speaker_end` of an elided speaker). The suites of `expectations` expect each of them to be true: Great Expectations
can neither slice a text nor look into another table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl

from transforms.schemas import ARTICLE_SOURCES, ARTICLES, DELEGATION_MEMBERS, DELEGATIONS, TABLES, Span

TEXT, PUBLISHED_ON, TODAY = pl.col("_text"), pl.col("_published_on"), pl.col("_today")
OTHER_TEXT = pl.col("_other_text")
DELEGATION = ("article_id", "delegation")
_ACTORS = {"delegation_members": "person_id", "statements": "speaker_id"}  # who a row of the table is about
# Where the rows of each kind of disagreement stand.
DISAGREEING = {
    "figure_value": ("figures", "figure_id"),
    "quotation_speaker": ("statements", "statement_id"),
    "person_two_delegations": ("delegation_members", "member_id"),
}
COUNTRY_CODE = r"^[A-Z]{2}$"  # ISO 3166-1 alpha-2
CURRENCY_CODE = r"^[A-Z]{3}$"  # ISO 4217
LANGUAGE_TAG = r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$"  # BCP 47, extensions aside
DIALOGUE_LEAD = r"(?:^|\n)\s*(?:[—–-]|[QR]\.?\s*[:.—–-])\s*$"  # the dash or Q/R that opens a line of dialogue


def with_context(name: str, frame: pl.DataFrame, tables: Mapping[str, pl.DataFrame], today: dt.date) -> pl.DataFrame:
    """Join to the rows of a table what its rules need of the others.

    In: rows of the table called `name`; the tables of the same shard (one that is missing counts as empty; what the
    articles tell of their actors stands under `actor_mentions`); the day after which a date lies in the future. Out:
    the same rows in the same order with `_today` and, by table, `_text` and `_published_on` of the row's article (null
    where no article has that id), `_smallest_uri` of its sources, `_members` and `_heads` of the delegation,
    `_is_listed` of the member's delegation, `_is_described` of the actor (null where nothing is known of actors),
    `_other_text` of the other article of a disagreement.
    """
    frame = frame.with_columns(_today=pl.lit(today, pl.Date))
    if name == "articles":
        sources = tables.get("article_sources", ARTICLE_SOURCES.empty())
        smallest = sources.group_by("article_id").agg(_smallest_uri=pl.col("source_uri").min())
        return frame.join(smallest, on="article_id", how="left", maintain_order="left")
    if "article_id" in TABLES[name].polars_schema:
        # A repeated id fails its own rule; here it must not multiply the rows that refer to it.
        articles = tables.get("articles", ARTICLES.empty()).unique("article_id", keep="first")
        told = articles.select("article_id", _text="text", _published_on="published_on")
        frame = frame.join(told, on="article_id", how="left", maintain_order="left")
    if name == "disagreements":
        others = articles.select(other_article_id="article_id", _other_text="text")
        return frame.join(others, on="other_article_id", how="left", maintain_order="left")
    if actor := _ACTORS.get(name):
        frame = _with_described(frame, actor, tables.get("actor_mentions"))
    if name == "delegations":
        members = tables.get("delegation_members", DELEGATION_MEMBERS.empty())
        found = members.group_by(DELEGATION).agg(
            _members=pl.len(), _heads=pl.col("person_id").filter(pl.col("is_head"))
        )
        return frame.join(found, on=DELEGATION, how="left", maintain_order="left")
    if name == "delegation_members":
        listed = tables.get("delegations", DELEGATIONS.empty()).select(DELEGATION).unique()
        return frame.join(
            listed.with_columns(_is_listed=True), on=DELEGATION, how="left", maintain_order="left"
        ).with_columns(pl.col("_is_listed").fill_null(value=False))
    return frame


def _with_described(frame: pl.DataFrame, actor: str, mentions: pl.DataFrame | None) -> pl.DataFrame:
    """Add `_is_described`: whether the row's article tells of the actor whose id stands in the column `actor`."""
    if mentions is None:
        return frame.with_columns(_is_described=pl.lit(None, pl.Boolean))
    told = mentions.select("article_id", pl.col("actor_id").alias(actor)).unique().with_columns(_is_described=True)
    joined = frame.join(told, on=["article_id", actor], how="left", maintain_order="left")
    return joined.with_columns(pl.col("_is_described").fill_null(value=False) | pl.col(actor).is_null())


def is_whole(span: Span) -> pl.Expr:
    """Surface, start and end are all there or all null."""
    start, end = pl.col(span.start).is_null(), pl.col(span.end).is_null()
    return (start == end) & (start == pl.col(span.surface).is_null())


def is_in_order(span: Span) -> pl.Expr:
    """The span starts within the text and before its end: 0 ≤ start < end."""
    return (pl.col(span.start) >= 0) & (pl.col(span.start) < pl.col(span.end))


def is_verbatim(span: Span) -> pl.Expr:
    """The article's text between start and end, counted in code points, is exactly the surface."""
    text = TEXT if span.of == "article_id" else OTHER_TEXT
    length = (pl.col(span.end) - pl.col(span.start)).clip(lower_bound=0)
    return text.str.slice(pl.col(span.start), length) == pl.col(span.surface)


def is_trimmed(span: Span) -> pl.Expr:
    """The surface neither starts nor ends with white space."""
    return pl.col(span.surface).str.strip_chars() == pl.col(span.surface)


def names_place(row_id: str, letter: str, span: Span) -> pl.Expr:
    """The row's id is its article, the table's letter and the start of its span."""
    return pl.col(row_id) == pl.concat_str("article_id", pl.lit(f"-{letter}"), span.start)


def holds_words(column: str, words: str) -> pl.Expr:
    """The text in `column` contains the words, as written."""
    return pl.col(column).str.contains(pl.col(words), literal=True)


def is_not_future(column: str) -> pl.Expr:
    """The date lies not after tomorrow: where the sun rises first it is tomorrow already."""
    return pl.col(column).cast(pl.Date) <= TODAY + pl.duration(days=1)


def both_or_neither(one: str, other: str) -> pl.Expr:
    """The two columns are filled together."""
    return pl.col(one).is_null() == pl.col(other).is_null()


def only_if(filled: Iterable[str], condition: pl.Expr) -> pl.Expr:
    """The columns are filled in no other rows than those of the condition."""
    return condition | pl.all_horizontal(pl.col(list(filled)).is_null())


def is_country_code() -> pl.Expr:
    """The delegation of a country goes by an ISO 3166-1 alpha-2 code."""
    return (pl.col("delegation_kind") != "country") | pl.col("delegation").str.contains(COUNTRY_CODE)


def is_no_country_code() -> pl.Expr:
    """The delegation of a group does not look like a country's: its full name stands where the acronym would."""
    return (pl.col("delegation_kind") != "group") | ~pl.col("delegation").str.contains(COUNTRY_CODE)


def size_agrees() -> pl.Expr:
    """Whether the stated size is the number of members, with or without the head; null where none is stated."""
    heads = pl.col("head_person_id").is_not_null().cast(pl.Int32)
    return pl.col("stated_size").is_between(pl.col("member_count") - heads, pl.col("member_count"))


def quotes_are_inside() -> pl.Expr:
    """Every quoted span lies within the statement's."""
    starts, ends = _quotes("quote_start"), _quotes("quote_end")
    return (starts.list.min() >= pl.col("text_start")) & (ends.list.max() <= pl.col("text_end"))


def quotes_are_in_order() -> pl.Expr:
    """Every quoted span starts before its end and after the end of the one before it."""
    return pl.col("quoted_spans").list.eval(_is_orderly()).list.all()


def _quotes(side: str) -> pl.Expr:
    return pl.col("quoted_spans").list.eval(pl.element().struct.field(side))


def _is_orderly() -> pl.Expr:
    start, end = pl.element().struct.field("quote_start"), pl.element().struct.field("quote_end")
    return (start < end) & (start >= end.shift(1).fill_null(0))


def has_quotes() -> pl.Expr:
    """The statement has quoted words."""
    return pl.col("quoted_spans").list.len() > 0


def is_dialogue() -> pl.Expr:
    """Only punctuation announces the statement, or a dash or Q/R opens the line on which it starts."""
    # Sixteen code points hold the line's start, a mark and its spaces.
    before = (pl.col("text_start") - 16).clip(lower_bound=0)
    lead = TEXT.str.slice(before, pl.col("text_start") - before)
    return pl.col("cue").is_null() | lead.str.contains(DIALOGUE_LEAD)


def has_bounds_iff_between() -> pl.Expr:
    """Both bounds stand exactly where the qualifier is `between`."""
    bounded = pl.col("value_low").is_not_null() & pl.col("value_high").is_not_null()
    return bounded == (pl.col("qualifier") == "between")


def has_bounds_in_order() -> pl.Expr:
    """value_low ≤ value ≤ value_high, as far as they are there."""
    value = pl.col("value")
    return (pl.col("value_low") <= value).fill_null(value=True) & (value <= pl.col("value_high")).fill_null(value=True)


def is_midpoint() -> pl.Expr:
    """The value of a range is its midpoint, but for rounding."""
    middle = (pl.col("value_low") + pl.col("value_high")) / 2
    return (pl.col("qualifier") != "between") | ((pl.col("value") - middle).abs() <= 1e-9 * middle.abs())


def has_lone_bound_where_vague() -> pl.Expr:
    """A lower bound stands alone only for « plusieurs dizaines »: about, and the value itself; an upper one never."""
    low, high = pl.col("value_low"), pl.col("value_high")
    vague = (pl.col("qualifier") == "about") & (low == pl.col("value"))
    return ~(low.is_not_null() & high.is_null() & ~vague) & ~(low.is_null() & high.is_not_null())


def is_unit_of_kind(units: Mapping[str, Iterable[str]]) -> pl.Expr:
    """The unit is one that the kind is measured in; kinds that `units` does not name take any."""
    fits = pl.lit(value=True)
    for kind, codes in units.items():
        fits = pl.when(pl.col("kind") == kind).then(pl.col("unit").is_in(list(codes))).otherwise(fits)
    return fits


def starts_after_previous() -> pl.Expr:
    """The span starts where the one before it in the article has ended."""
    previous = pl.col("text_end").shift(1).over("article_id", order_by="text_start")
    return pl.col("text_start") >= previous


def orphans(frame: pl.LazyFrame, column: str, target: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """The values of `column` that `key` of the target lacks, one row each, nulls aside."""
    return frame.select(pl.col(column).drop_nulls()).join(target.select(key), left_on=column, right_on=key, how="anti")


def repeated(frame: pl.LazyFrame, key: Iterable[str]) -> pl.LazyFrame:
    """The keys that more than one row has, one row per key."""
    return frame.group_by(list(key)).len().filter(pl.col("len") > 1).drop("len")


def chained(duplicates: pl.LazyFrame) -> pl.LazyFrame:
    """The articles that others repeat, and that themselves repeat another."""
    repeated_ones = duplicates.select("duplicate_of").unique()
    return repeated_ones.join(duplicates, left_on="duplicate_of", right_on="article_id", how="semi")


def miscounted_actors(actors: pl.LazyFrame, statements: pl.LazyFrame, members: pl.LazyFrame) -> pl.LazyFrame:
    """The ids of actors whose counts are not those of the tables; ids that only one side knows are among them."""
    said = statements.select(actor_id="speaker_id", article_id="article_id", _said=True).drop_nulls("actor_id")
    sat = members.select(actor_id="person_id", article_id="article_id", _said=False)
    counted = (
        pl.concat([said, sat])
        .group_by("actor_id")
        .agg(_articles=pl.col("article_id").n_unique(), _said=pl.col("_said").sum(), _sat=(~pl.col("_said")).sum())
    )
    both = actors.join(counted, on="actor_id", how="full", coalesce=True)
    agrees = (
        pl.col("article_count").eq_missing(pl.col("_articles"))
        & pl.col("statement_count").eq_missing(pl.col("_said"))
        & pl.col("membership_count").eq_missing(pl.col("_sat"))
    )
    return both.filter(~agrees).select("actor_id")


def miscounted_delegations(delegations: pl.LazyFrame, members: pl.LazyFrame) -> pl.LazyFrame:
    """The delegations whose member_count is not their number of members."""
    found = members.group_by(DELEGATION).agg(_members=pl.len())
    return (
        delegations.join(found, on=DELEGATION, how="left")
        .filter(pl.col("member_count") != pl.col("_members").fill_null(0))
        .select(DELEGATION)
    )


def in_two_delegations(members: pl.LazyFrame) -> pl.LazyFrame:
    """The articles and people of whom two delegations claim to be theirs."""
    return members.group_by("article_id", "person_id").len().filter(pl.col("len") > 1).drop("len").sort(pl.all())


def unpublished(disagreements: pl.LazyFrame, rows: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The ids that disagreements name and none of the datasets has, of those given."""
    named = pl.concat([disagreements.select("kind", row_id=column) for column in ("row_id", "other_row_id")])
    lacking = [
        named.filter(pl.col("kind").cast(pl.String) == kind).join(
            rows[dataset], left_on="row_id", right_on=row_id, how="anti"
        )
        for kind, (dataset, row_id) in DISAGREEING.items()
        if dataset in rows
    ]
    return pl.concat(lacking).select("row_id") if lacking else named.select("row_id").clear()
