"""The words between two offsets."""

import polars as pl
import pytest

from transforms.surfaces import LONG, PIECE, TOUCHED, surface

TEXTS = ["é" * PIECE + "ab\ncd" + "ï" * LONG, "", "court", "un\ndeux\n\ntrois\n" + "ô" * 3]
SPANS = [
    (0, 0, 1), (0, PIECE - 1, PIECE + 2), (0, PIECE, PIECE + 5), (0, 0, TOUCHED * PIECE), (0, 5, TOUCHED * PIECE + 9),
    (0, 4 * PIECE, 4 * PIECE + 5), (2, 0, 5), (2, 1, 1), (0, None, None),
    (3, 1, 4), (3, 0, 9), (3, 0, 17), (3, 8, 8), (3, 14, 17),
]  # fmt: skip


@pytest.mark.parametrize("span", SPANS)
def test_it_is_the_slice_of_the_text(span: tuple[int, int | None, int | None]) -> None:
    article, start, end = span
    rows = pl.DataFrame([span], schema={"article": pl.UInt32, "start": pl.Int32, "end": pl.Int32}, orient="row")
    cut = surface(pl.DataFrame({"text": TEXTS}), pl.col("article"), pl.col("start"), pl.col("end"))
    expected = None if start is None else TEXTS[article][start:end]
    assert rows.select(cut).item() == expected


def test_no_text_no_words() -> None:
    rows = pl.DataFrame({"article": [0], "start": [0], "end": [0]})
    cut = surface(pl.DataFrame({"text": [""]}), pl.col("article"), pl.col("start"), pl.col("end"))
    assert rows.select(cut).item() == ""
