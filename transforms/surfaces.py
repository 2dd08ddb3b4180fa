"""The words between two offsets, at a cost that does not grow with the article.

Offsets count code points, so that cutting a text at one means counting from its start. Here the texts are cut once into
their lines, long lines into pieces of equal length; a span is then cut out of the few pieces that it touches.
"""

from __future__ import annotations

import polars as pl

PIECE = 1024  # code points
TOUCHED = 3  # pieces that a span is cut from; one that touches more is cut from the whole text


def surface(articles: pl.DataFrame, article: pl.Expr, start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The words of a span.

    In: articles with `text`; expressions for the row position of the article and the code points of the span, end
    exclusive. Out: the words; null where an offset is.
    """
    texts = articles["text"]
    lines = texts.str.split("\n", inclusive=True).explode(empty_as_null=False).rename("line").to_frame()
    is_long = pl.col("line").str.len_chars() > PIECE
    pieces = (
        lines.select(
            pl.when(is_long)
            .then(pl.when(is_long).then("line").str.extract_all(rf"(?s).{{1,{PIECE}}}"))
            .otherwise(pl.concat_list("line"))
        )
        .to_series()
        .explode(empty_as_null=False)
        .append(pl.Series([""]))  # the end of the last text, so that there is always a piece
    )
    # Where each piece starts, counted over all texts, and where the last ends.
    starts = pl.concat([pl.Series([0], dtype=pl.Int64), pieces.str.len_chars().cast(pl.Int64).cum_sum()])
    before = texts.str.len_chars().cast(pl.Int64).cum_sum().shift(1, fill_value=0)
    at = pl.lit(before).gather(article) + start
    size = end - start
    row = pl.when(start.is_not_null()).then(pl.lit(starts).search_sorted(at, side="right").cast(pl.Int64) - 1)
    row = row.clip(0, pieces.len() - 1)

    def reached(k: int) -> pl.Expr:
        """Which piece is the k-th of the span; null where it ends before."""
        following = pl.lit(starts).gather((row + k).clip(0, pieces.len()))
        return pl.when(following < at + size).then(row + k)

    touched = pl.concat_str(
        [pl.lit(pieces).gather(row), *(pl.lit(pieces).gather(reached(k)) for k in range(1, TOUCHED))], ignore_nulls=True
    ).str.slice(at - pl.lit(starts).gather(row), size)
    is_short = reached(TOUCHED).is_null()
    whole = pl.lit(texts).gather(pl.when(~is_short).then(article)).str.slice(start, size)
    return pl.when(start.is_not_null()).then(pl.when(is_short).then(touched).otherwise(whole))
