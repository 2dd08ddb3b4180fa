"""Quotation marks: which belong together.

Marks are paired within a line first: every mark raises or lowers a depth that never falls below zero, and an opening
mark belongs to the next closing one of its depth. So a mark left open or never opened disturbs no other pair. What is
left is paired over lines: an open mark with the closing one that is the next left-over of its article, or with the line
that starts with a mark of its own (the French habit of repeating « at each paragraph). Sums, sorts and shifts only, so
that ten thousand opening marks cost what ten thousand words do.
"""

from __future__ import annotations

import polars as pl

OPENING = ["«", "“", "„", "‘"]
CLOSING = ["»", "”"]
TOGGLED = '"'
PUNCTUATION = r"^[.,;:!?…»)\]]"
MAX_LINES = 12  # between an open mark and the one that closes it


def quotes(tokens: pl.DataFrame) -> pl.DataFrame:
    """Find the quotations of the outermost level.

    In: tokens with `sentence` and `paragraph`. Out: one row per quotation, in text order: `article`, `first`, `last`
    (UInt32 token positions, marks included, last inclusive), `quote_start`, `quote_end` (code points, marks and the
    blanks beside them excluded), `is_opened`, `is_closed` (false where the mark is missing: the quotation then starts
    with its line or sentence, or ends with its sentence). Empty quotations and those inside another are left out.
    """
    marks = _marks(tokens)
    if marks.is_empty():
        return _empty()
    paired = _pair_over_lines(_pair_within_lines(marks))
    return _outermost(_with_limits(paired, tokens), tokens)


def _empty() -> pl.DataFrame:
    """No quotation."""
    return pl.DataFrame(
        schema={
            "article": pl.UInt32, "first": pl.UInt32, "last": pl.UInt32, "quote_start": pl.Int32, "quote_end": pl.Int32,
            "is_opened": pl.Boolean, "is_closed": pl.Boolean,
        }
    )  # fmt: skip


def _marks(tokens: pl.DataFrame) -> pl.DataFrame:
    """The marks with `side` (+1 opens, −1 closes) and `line` (numbered, blank lines not counted)."""
    form, line = pl.col("form"), pl.col("paragraph")
    has_single = bool((tokens["form"] == "‘").any())
    is_mark = form.is_in([*OPENING, *CLOSING, TOGGLED])
    # A single mark closes where a word ends with it: « ‘un mot’ ».
    single = form.str.ends_with("’") & (form.str.len_bytes() > len("’".encode())) if has_single else pl.lit(value=False)
    marks = (
        tokens.lazy()
        .with_row_index("position")
        .select(
            "article", "position", "form", "start", "end", "is_joined",
            line=((line != line.shift(1)).fill_null(value=True) & (form != "\n")).cum_sum(),
            starts_line=(line != line.shift(1)).fill_null(value=True),
            before=form.shift(1), behind=form.shift(-1),
            next_joined=pl.col("is_joined").shift(-1).fill_null(value=False),
            is_single=single,
        )
        .filter(is_mark | (pl.col("is_single") & (~pl.col("next_joined") | pl.col("behind").str.contains(PUNCTUATION))))
        # A closing mark at the start of a line repeats the quotation of the line before.
        .filter(~((form == "»") & pl.col("starts_line")))
        .collect()
    )  # fmt: skip
    before, joined, next_joined = pl.col("before"), pl.col("is_joined"), pl.col("next_joined")
    looks_open = next_joined & (pl.col("behind") != "\n") & (~joined | before.str.contains(r"['’(\[«“—–\n]$"))
    looks_closed = joined & before.str.contains(r"[^'’(\[\n]$") & ~next_joined
    turning = form.is_in(["“", TOGGLED])
    marks = marks.with_columns(
        side=pl.when(form.is_in(["«", "„", "‘"]) | (turning & looks_open & ~looks_closed)).then(1)
        .when(pl.col("is_single") | (form == "»")).then(-1)
        .when((turning | (form == "”")) & looks_closed & ~looks_open).then(-1)
        .when(form == "“").then(1)
        .when(form == "”").then(-1)
    )  # fmt: skip
    # Straight marks that look neither way alternate within their line.
    order = pl.int_range(pl.len()).over("article", "line")
    alternating = pl.when(order % 2 == 0).then(1).otherwise(-1)
    opened = pl.col("side").shift(1).over("article", "line") == 1
    return (
        marks.with_columns(side=pl.coalesce("side", alternating).cast(pl.Int32))
        .filter(~pl.col("is_single") | opened.fill_null(value=False))
        .select("article", "line", "position", "starts_line", "side", "is_single", char_start="start", char_end="end")
    )


def _pair_within_lines(marks: pl.DataFrame) -> pl.DataFrame:
    """Quotations of one line; `close` is null where a mark stays open, `open` where one was never opened."""
    line = ["article", "line"]
    total = pl.col("side").cum_sum().over(line)
    floor = pl.min_horizontal(total.cum_min().over(line), pl.lit(0))
    depth = total - floor
    levels = marks.with_columns(
        level=pl.when(pl.col("side") > 0).then(depth).otherwise(depth + 1),
        is_stray=(pl.col("side") < 0) & (floor < floor.shift(1, fill_value=0).over(line)),
    )
    level = [*line, "level"]
    matched = levels.filter(~pl.col("is_stray")).with_columns(
        close=pl.when(pl.col("side").shift(-1).over(level) < 0).then(pl.col("position").shift(-1).over(level)),
        close_start=pl.when(pl.col("side").shift(-1).over(level) < 0).then(
            # A single mark is the end of its word.
            pl.when(pl.col("is_single").shift(-1).over(level))
            .then(pl.col("char_end").shift(-1).over(level) - 1)
            .otherwise(pl.col("char_start").shift(-1).over(level))
        ),
        close_in_word=pl.col("is_single").shift(-1).over(level),
    )
    opened = matched.filter(pl.col("side") > 0).select(
        "article", "line", "starts_line", "level", "close_start", open="position", close="close"
    )
    stray = levels.filter("is_stray").select(
        "article", "line", "starts_line", level=pl.lit(0, pl.Int32), close_start="char_start",
        open=pl.lit(None, pl.UInt32), close="position",
    )  # fmt: skip
    return pl.concat([opened, stray], how="diagonal_relaxed")


def _pair_over_lines(pairs: pl.DataFrame) -> pl.DataFrame:
    """Join what is left over lines: an open mark to a stray closing one, or to the next line that opens again."""
    placed = pairs.with_columns(at=pl.coalesce("open", "close")).sort("at")
    left = placed.filter(pl.col("open").is_null() | pl.col("close").is_null())
    near = (pl.col("line").shift(-1) - pl.col("line") <= MAX_LINES) & (pl.col("article").shift(-1) == pl.col("article"))
    meets = pl.col("close").is_null() & pl.col("open").shift(-1).is_null() & near
    joined = left.with_columns(
        is_joined=meets.fill_null(value=False),
        new_close=pl.when(meets).then(pl.col("close").shift(-1)),
        new_start=pl.when(meets).then(pl.col("close_start").shift(-1)),
    ).with_columns(is_used=pl.col("is_joined").shift(1, fill_value=False))
    joined = joined.filter(~pl.col("is_used")).with_columns(
        close=pl.coalesce("close", "new_close"), close_start=pl.coalesce("close_start", "new_start")
    )
    whole = pl.concat([placed.filter(pl.col("open").is_not_null() & pl.col("close").is_not_null()), joined],
                      how="diagonal_relaxed").sort("at")  # fmt: skip
    # A line left open and a next line that starts with a mark are one quotation, up to the last of such lines.
    following = pl.col("line").shift(-1) == pl.col("line") + 1
    repeats = (
        pl.col("close").is_null()
        & following
        & pl.col("starts_line").shift(-1)
        & (pl.col("article").shift(-1) == pl.col("article"))
    ).fill_null(value=False)
    chained = whole.with_columns(chain=(~repeats.shift(1, fill_value=False)).cum_sum())
    return chained.group_by("chain", maintain_order=True).agg(
        pl.col("article", "open", "level", "at").first(), pl.col("close", "close_start").last()
    )


def _with_limits(pairs: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Give quotations that lack a mark a limit: the end of the sentence, or the start of the line or sentence."""
    edges = tokens.with_row_index("position").group_by("sentence", maintain_order=True).agg(
        begins=pl.col("position").first(), ends=pl.col("position").filter(pl.col("form") != "\n").last()
    )  # fmt: skip
    at = pl.coalesce("open", "close")
    return (
        pairs.with_columns(sentence=tokens["sentence"].gather(pairs.select(at).to_series()))
        .join(edges, on="sentence", how="left", maintain_order="left")
        .with_columns(
            first=pl.coalesce("open", "begins"),
            last=pl.coalesce("close", "ends", "open"),
            is_opened=pl.col("open").is_not_null(),
            is_closed=pl.col("close").is_not_null(),
        )
        .sort("first", "last", descending=[False, True])
    )


def _outermost(spans: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Keep the spans that no earlier one covers, with the offsets of what they hold."""
    kept = spans.filter((pl.col("first") > pl.col("last").cum_max().shift(1)).fill_null(value=True))
    inner_first = pl.when("is_opened").then(pl.col("first") + 1).otherwise("first")
    # A single mark closes inside its word.
    in_word = pl.lit(tokens["start"]).gather("last") < pl.col("close_start")
    inner_last = pl.when(pl.col("is_closed") & ~in_word).then(pl.col("last").cast(pl.Int64) - 1).otherwise("last")
    placed = kept.with_columns(inner_first=inner_first, inner_last=inner_last).filter(
        pl.col("inner_last") >= pl.col("inner_first")
    )
    return placed.with_columns(
        quote_start=tokens["start"].gather(placed["inner_first"]),
        quote_end=pl.min_horizontal(
            tokens["end"].gather(placed["inner_last"]), pl.col("close_start").fill_null(2**31 - 1)
        ).cast(pl.Int32),
    ).select(_empty().columns)
