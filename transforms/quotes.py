"""Quotation marks: which belong together.

Marks are paired within a line first: every mark raises or lowers a depth that never falls below zero, and an opening
mark belongs to the next closing one of its depth. So a mark left open or never opened disturbs no other pair. What is
left is paired over lines: an open mark with the closing one that is the next left-over of its article, or with the line
that starts with a mark of its own (the French habit of repeating « at each paragraph). Sums, sorts and shifts only, so
that ten thousand opening marks cost what ten thousand words do.
"""

from __future__ import annotations

import polars as pl

from transforms.text import neighbours, with_form_features

OPENING = ["«", "“", "„", "‘"]
CLOSING = ["»", "”"]
TOGGLED = '"'
PUNCTUATION = r"^[.,;:!?…»)\]]"
DASHES = ["—", "–", "-", "―"]
LINE_ENDS = [".", "!", "?", "…", "...", "»"]
MAX_LINES = 12  # between an open mark and the one that closes it


def quotes(tokens: pl.DataFrame) -> pl.DataFrame:
    """Find the quotations of the outermost level.

    In: tokens with `sentence` and `paragraph`. Out: one row per quotation, in text order: `article`, `first`, `last`
    (UInt32 token positions, marks included, last inclusive), `quote_start`, `quote_end` (code points, marks and the
    blanks beside them excluded), `is_opened`, `is_closed` (false where the mark is missing: the quotation then starts
    with its line or sentence, or ends with its sentence). Empty quotations and those inside another are left out.
    """
    marks, lines = _marks(tokens), _spoken_lines(tokens)
    if marks.is_empty():
        return _outermost(lines, tokens)
    paired = _with_limits(_pair_over_lines(_pair_within_lines(marks)), tokens)
    spans = pl.concat([paired.select(lines.columns), lines]).sort("first", "last", descending=[False, True])
    return _outermost(spans, tokens)


def _spoken_lines(tokens: pl.DataFrame) -> pl.DataFrame:
    """Lines that a dash opens behind a colon: « Il nous dit ceci : / – Je ne demande rien. »; several are a list."""
    form = pl.col("form")
    kinds = with_form_features(
        tokens.select("form_id", "form"), is_dash=form.is_in(DASHES), is_line=form == "\n", is_colon=form == ":"
    )
    line = kinds["is_line"]
    colon = kinds["is_colon"].shift(2) | (line.shift(2) & kinds["is_colon"].shift(3))
    dashes = (kinds["is_dash"] & line.shift(1) & colon).arg_true()
    paragraph = tokens["paragraph"]
    behind = paragraph.search_sorted(paragraph.gather(dashes), side="right").cast(pl.Int64)
    last = behind - 1 - line.gather(behind - 1).cast(pl.Int64)
    article = tokens["article"]
    spans = pl.DataFrame(
        {"article": article.gather(dashes), "first": dashes.cast(pl.UInt32), "last": last.cast(pl.UInt32),
         "behind": behind}
    )  # fmt: skip
    final = tokens.height - 1
    next_opens = pl.any_horizontal(
        pl.lit(kinds["is_dash"]).gather((pl.col("behind") + k).clip(upper_bound=final)) for k in (0, 1)
    )
    opener = pl.lit(article).gather(pl.col("first").cast(pl.Int64) - 2)
    return spans.filter(
        pl.lit(tokens["form"]).gather("last").is_in(LINE_ENDS) & ~next_opens & (opener == pl.col("article"))
    ).select(
        "article", "first", "last", is_opened=pl.lit(value=True), is_closed=pl.lit(value=False),
        close_start=pl.lit(None, pl.Int32),
    )  # fmt: skip


def _empty() -> pl.DataFrame:
    """No quotation."""
    return pl.DataFrame(
        schema={
            "article": pl.UInt32, "first": pl.UInt32, "last": pl.UInt32, "quote_start": pl.Int32, "quote_end": pl.Int32,
            "is_opened": pl.Boolean, "is_closed": pl.Boolean,
        }
    )  # fmt: skip


def _marks(tokens: pl.DataFrame) -> pl.DataFrame:
    """The marks with `side` (+1 opens, −1 closes) and `line` (numbered over the frame, blank lines not counted)."""
    form = pl.col("form")
    kinds = with_form_features(
        tokens.select("form_id", "form"),
        is_mark=form.is_in([*OPENING, *CLOSING, TOGGLED]),
        is_inner=form == "‘",
        # A single mark closes where a word ends with it: « ‘un mot’ ».
        is_single=form.str.ends_with("’") & (form.str.len_bytes() > len("’".encode())),
        is_line=form == "\n",
    )
    is_mark = kinds["is_mark"] | kinds["is_single"] if kinds["is_inner"].any() else kinds["is_mark"]
    places, line_ends = is_mark.arg_true(), kinds["is_line"].arg_true()
    # A line end that opens a line is a blank one.
    paragraph = neighbours(tokens, line_ends, "paragraph", reach=1)
    blank = line_ends.filter(paragraph.select(_differs("paragraph", pl.col("paragraph-1"))).to_series())
    at = neighbours(tokens, places, "form", "is_joined", "paragraph", reach=1)
    marks = at.select(
        "form", "is_joined",
        article=tokens["article"].gather(places), position=places.cast(pl.UInt32),
        start=tokens["start"].gather(places), end=tokens["end"].gather(places),
        line=pl.col("paragraph").cast(pl.Int64) - blank.search_sorted(places).cast(pl.Int64),
        starts_line=_differs("paragraph", pl.col("paragraph-1")),
        before="form-1", behind="form+1", next_joined=pl.col("is_joined+1").fill_null(value=False),
        is_single=kinds["is_single"].gather(places),
    )  # fmt: skip
    marks = marks.filter(~pl.col("is_single") | ~pl.col("next_joined") | pl.col("behind").str.contains(PUNCTUATION))
    # A closing mark at the start of a line repeats the quotation of the line before.
    marks = marks.filter(~((form == "»") & pl.col("starts_line")))
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
    number = pl.int_range(pl.len())
    order = number - pl.when(_differs("line", pl.col("line").shift(1))).then(number).forward_fill()
    alternating = pl.when(order % 2 == 0).then(1).otherwise(-1)
    opened = (pl.col("side").shift(1) == 1) & (pl.col("line").shift(1) == pl.col("line"))
    return (
        marks.with_columns(side=pl.coalesce("side", alternating).cast(pl.Int64))
        .filter(~pl.col("is_single") | opened.fill_null(value=False))
        .select("article", "line", "position", "starts_line", "side", "is_single", char_start="start", char_end="end")
    )


def _differs(column: str, before: pl.Expr) -> pl.Expr:
    """Whether a column differs from what stands before it; the first one does."""
    return (pl.col(column) != before).fill_null(value=True)


def _pair_within_lines(marks: pl.DataFrame) -> pl.DataFrame:
    """Quotations of one line; `close` is null where a mark stays open, `open` where one was never opened."""
    # Every line starts anew: its sums count from a base that lies below all that the lines before it can reach.
    fresh = _differs("line", pl.col("line").shift(1))
    total, side = pl.col("total"), pl.col("side")
    base = pl.when(fresh).then(side.cum_sum() - side).forward_fill()
    drop = fresh.cum_sum() * (2 * marks.height + 1)
    levels = marks.with_columns(total=side.cum_sum() - base, drop=drop)
    levels = levels.with_columns(floor=pl.min_horizontal((total - pl.col("drop")).cum_min() + pl.col("drop"), 0))
    floor = pl.col("floor")
    levels = levels.with_columns(
        level=pl.when(side > 0).then(total - floor).otherwise(total - floor + 1),
        is_stray=(side < 0) & (floor < pl.when(fresh).then(0).otherwise(floor.shift(1, fill_value=0))),
    )
    # By level, the mark that closes stands right behind the one that it closes.
    matched = levels.filter(~pl.col("is_stray")).sort("line", "level", maintain_order=True)
    follows = (pl.col("line").shift(-1) == pl.col("line")) & (pl.col("level").shift(-1) == pl.col("level"))
    closed = pl.when(follows & (side.shift(-1) < 0))
    # A single mark is the end of its word.
    inner_end = pl.when("is_single").then(pl.col("char_end") - 1).otherwise("char_start")
    opened = matched.select(
        "article", "line", "starts_line", "level", "side", open="position",
        close=closed.then(pl.col("position").shift(-1)), close_start=closed.then(inner_end.shift(-1)),
    ).filter(side > 0).drop("side")  # fmt: skip
    stray = levels.filter("is_stray").select(
        "article", "line", "starts_line", level=pl.lit(0, pl.Int64), close_start="char_start",
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
    opens, closes = ~repeats.shift(1, fill_value=False), ~repeats
    heads = whole.filter(opens).select("article", "open", "level", "at")
    return pl.concat([heads, whole.filter(closes).select("close", "close_start")], how="horizontal")


def _with_limits(pairs: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Give quotations that lack a mark a limit: the end of the sentence, or the start of the line or sentence."""
    # Sentences tile the tokens, and a line end can only be the last of one.
    sentence = tokens["sentence"]
    own = sentence.gather(pairs["at"])
    ends = sentence.search_sorted(own, side="right").cast(pl.Int64) - 1
    ends = (ends - (tokens["form"].gather(ends) == "\n").cast(pl.Int64)).cast(pl.UInt32)
    return pairs.with_columns(
        first=pl.coalesce("open", sentence.search_sorted(own, side="left").cast(pl.UInt32)),
        last=pl.coalesce("close", ends),
        is_opened=pl.col("open").is_not_null(),
        is_closed=pl.col("close").is_not_null(),
    ).sort("first", "last", descending=[False, True])


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
