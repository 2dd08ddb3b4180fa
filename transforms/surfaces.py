"""The words between two offsets, at a cost that does not grow with the article.

Offsets count code points, so that cutting a text at one means counting from its start. Here the texts are cut once into
their lines, long lines into pieces of equal length; a span is then cut out of the few pieces that it touches.
"""

from __future__ import annotations

import polars as pl

LONG = 4096  # code points that nearly no paragraph has; a line of more is cut into pieces
PIECE = 1024  # code points
TOUCHED = 3  # pieces that a span is cut from; one that touches more is cut from the whole text


def surface(articles: pl.DataFrame, article: pl.Expr, start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The words of a span.

    In: articles with `text`; expressions for the row position of the article and the code points of the span, end
    exclusive. Out: the words; null where an offset is.
    """
    return pl.map_batches(
        [article, start, end], lambda places: _cut(articles["text"], *places), return_dtype=pl.String
    ).alias("surface")


def _cut(texts: pl.Series, article: pl.Series, start: pl.Series, end: pl.Series) -> pl.Series:
    """The words between two code points of a text, one row per span."""
    used = article.unique().drop_nulls().sort()
    texts, article = texts.gather(used), used.search_sorted(article)
    pieces = _pieces(texts)
    # Where each piece starts, counted over all texts, and where the last ends.
    starts = pl.concat([pl.Series([0], dtype=pl.Int64), pieces.str.len_chars().cast(pl.Int64).cum_sum()])
    before = texts.str.len_chars().cast(pl.Int64).cum_sum().shift(1, fill_value=0)
    at = (before.gather(article) + start).fill_null(0)
    row = (starts.search_sorted(at, side="right").cast(pl.Int64) - 1).clip(0, pieces.len() - 1)
    size, within = end - start, at - starts.gather(row)
    following = [starts.gather((row + k).clip(0, pieces.len())) for k in range(1, TOUCHED + 1)]
    spans = pl.DataFrame({"row": row, "reach": at + size, **{f"start{k}": s for k, s in enumerate(following, 1)}})
    # Few spans go on behind their first piece, so that only these are put together, and fewer behind the last.
    goes_on = [pl.col("reach") > pl.col(f"start{k}") for k in range(1, TOUCHED + 1)]
    parts = [
        pl.lit(pieces).gather(pl.when(goes).then(pl.col("row") + k))
        for k, goes in enumerate((goes_on[0], *goes_on[:-1]))
    ]
    goes_far = pl.lit(texts).gather(pl.when(goes_on[-1]).then(pl.lit(article)))
    return spans.select(
        pl.when(goes_on[-1])
        .then(goes_far.str.slice(pl.lit(start), pl.lit(size)))
        .when(goes_on[0])
        .then(pl.concat_str(parts, ignore_nulls=True).str.slice(pl.lit(within), pl.lit(size)))
        .when(pl.lit(size).is_not_null())
        .then(pl.lit(pieces).gather("row").str.slice(pl.lit(within), pl.lit(size)))
    ).to_series()


def _pieces(texts: pl.Series) -> pl.Series:
    """The lines of the texts, long ones in pieces; put together, they are the texts."""
    lines = texts.str.split("\n", inclusive=True).explode(empty_as_null=False)
    is_long = lines.str.len_chars() > LONG
    if is_long.any():
        cut = pl.when(is_long).then(pl.lit(lines)).str.extract_all(rf"(?s).{{1,{PIECE}}}")
        lines = pl.select(pl.coalesce(cut, pl.concat_list(pl.lit(lines)))).to_series().explode(empty_as_null=False)
    return lines.append(pl.Series([""], dtype=pl.String))  # the end of the last text, so that there is always a piece
