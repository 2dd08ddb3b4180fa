"""The words between two offsets, at a cost that does not grow with the article.

Offsets count code points, so that cutting a text at one means counting from its start. Here a text is cut once into
pieces of equal length; a span is then cut out of the few pieces that it touches.
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
    pieces = articles.select(piece=pl.col("text").str.extract_all(rf"(?s).{{1,{PIECE}}}"))
    offsets = pieces.select(pl.col("piece").list.len().cast(pl.Int64).cum_sum().shift(1, fill_value=0)).to_series()
    flat = pieces["piece"].explode(empty_as_null=False)
    whole = pl.lit(articles["text"]).gather(article).str.slice(start, end - start)
    if flat.is_empty():
        return whole
    first = start // PIECE
    place = pl.lit(offsets).gather(article) + first
    touched = pl.concat_str(
        [pl.lit(flat).gather((place + k).clip(0, flat.len() - 1)) for k in range(TOUCHED)]
    ).str.slice(start - first * PIECE, end - start)
    is_short = end <= (first + TOUCHED) * PIECE
    return (
        pl.when(is_short)
        .then(touched)
        .when(start.is_not_null())
        .then(pl.lit(articles["text"]).gather(pl.when(~is_short).then(article)).str.slice(start, end - start))
    )
