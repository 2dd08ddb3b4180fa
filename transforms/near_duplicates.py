"""Near-duplicates: agency copy reprinted, cut, retitled or lightly edited.

Two articles of one language are the same story where most of the shorter one stands in the longer one, and the longer
one is not much longer. How much stands where is counted in shingles: four words in a row, folded, boilerplate left out.
Which pairs are worth counting tell MinHash signatures (A. Broder, *On the resemblance and containment of documents*,
1997), cut into bands: two articles that share a band are candidates (locality-sensitive hashing). Only signatures are
needed of all articles at once; texts are read again for candidates alone, some at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
from rensa import RMinHash

from transforms.boilerplate import without_boilerplate_lines
from transforms.integrity import LANGUAGE_TAG
from transforms.schemas import ARTICLE_DUPLICATES

SHINGLE = 4  # words
FEWEST = 16  # shingles; two shorter texts may agree by chance
CONTAINED = 0.7  # share of the shorter article's shingles that stand in the longer one
SHORTEST = 0.28  # length of the shorter article in lengths of the longer one: cut to a third, and a bit for edits
# Slots of a signature: the likeness that it tells is right to 0.04. A band is two of them: an article and its third
# share 1 shingle of 4 or more, and so one of 64 bands in 98 cases of 100.
SLOTS = 128
SEED = 1
NEAR = 8  # neighbours that an article is compared with in a crowded band, besides the first
MARGIN = 0.25  # how far the likeness that signatures tell may fall short
SIGNED_BYTES = 16 * 1024 * 1024  # text that is signed at a time
READ_PAIRS, COUNTED_PAIRS = 32_000, 2_000  # pairs whose texts are read, and that are counted, at a time

SIGNATURES = pl.Schema(
    {
        "article_id": pl.String(), "language": pl.String(), "published_on": pl.Date(), "source_uri": pl.String(),
        "shingles": pl.UInt32(), "signature": pl.Array(pl.UInt32(), SLOTS),
    }
)  # fmt: skip

_ACCENTED = dict(zip("àâäáãåçéèêëíìîïñóòôöõúùûüýÿ", "aaaaaaceeeeiiiinooooouuuuyy", strict=True)) | {
    "œ": "oe",
    "æ": "ae",
}

_Ints = npt.NDArray[np.int64]


def signatures(articles: pl.DataFrame) -> pl.DataFrame:
    """The signatures of articles: all that is needed of each to find its near-duplicates among any others.

    In: rows of ARTICLES. Out: rows of SIGNATURES, in the same order; articles of fewer than 16 shingles have none.
    """
    # What no release takes is no earliest article either.
    sound = articles.filter(pl.col("language").str.contains(LANGUAGE_TAG))
    parts = [_signed(part) for part in _slices(sound, sound["text"].str.len_bytes(), SIGNED_BYTES)]
    return pl.concat([pl.DataFrame(schema=SIGNATURES), *parts])


def article_duplicates(signed: pl.DataFrame, articles: pl.LazyFrame) -> pl.DataFrame:
    """Find the articles that nearly repeat an earlier one.

    In: rows of SIGNATURES of all articles; the articles themselves (`article_id`, `text`). Out: rows of
    ARTICLE_DUPLICATES, sorted by `article_id`. All members of a cluster point to its earliest article by `published_on`
    (undated ones last), then `source_uri`; `similarity` is the share of the shorter one's shingles that both have. It
    may be low where two cut copies are joined by the whole one.
    """
    ordered = signed.sort("published_on", "source_uri", nulls_last=[True, False])
    one, other = _candidates(ordered)
    ids = ordered["article_id"]
    pairs = pl.DataFrame({"one": one, "other": other})
    counted = _counted(pairs, ids, articles)
    same = counted.filter(pl.col("similarity") >= CONTAINED, pl.col("ratio") >= SHORTEST)
    first = _earliest(len(ids), same["one"].to_numpy(), same["other"].to_numpy())
    later = np.flatnonzero(first != np.arange(len(ids)))
    rows = pl.DataFrame({"one": first[later], "other": later}).join(
        same.select("one", "other", "similarity"), on=["one", "other"], how="left", maintain_order="left"
    )
    told = rows.filter(pl.col("similarity").is_not_null())
    untold = _counted(rows.filter(pl.col("similarity").is_null()).drop("similarity"), ids, articles)
    return (
        pl.concat([told, untold.select(told.columns)])
        .select(article_id=pl.lit(ids).gather("other"), duplicate_of=pl.lit(ids).gather("one"), similarity="similarity")
        .sort("article_id")
        .match_to_schema(ARTICLE_DUPLICATES.polars_schema)
    )


def shingles(articles: pl.DataFrame) -> pl.DataFrame:
    """The shingles of texts: four words in a row, without case and accents, boilerplate left out.

    In: `text`. Out: one row per place, in order: `article` (UInt32, position in the frame), `shingle` (UInt64).
    """
    words = (
        articles.lazy()
        .select(
            pl.int_range(pl.len(), dtype=pl.UInt32).alias("article"),
            word=without_boilerplate_lines(pl.col("text"))
            .str.to_lowercase()
            .str.replace_many(list(_ACCENTED), list(_ACCENTED.values()))
            .str.extract_all(r"[\p{L}\p{N}]+"),
        )
        .explode("word", empty_as_null=False)
        .select("article", word=pl.col("word").hash(SEED))
    )
    # Unsigned integers wrap, as in any polynomial hash.
    shingle = pl.col("word")
    for place in range(1, SHINGLE):
        shingle = shingle * pl.lit(0x9E3779B97F4A7C15, pl.UInt64) + pl.col("word").shift(-place)
    return words.select("article", shingle=shingle).filter(
        pl.col("article") == pl.col("article").shift(1 - SHINGLE)
    ).collect()  # fmt: skip


def _slices(frame: pl.DataFrame, weight: pl.Series, most: int) -> Iterator[pl.DataFrame]:
    """The frame in slices, each of so much weight and one row at least."""
    part = (weight.cast(pl.Int64).cum_sum() // most).rle_id() if len(weight) else weight
    yield from frame.with_columns(_part=part).partition_by("_part", maintain_order=True, include_key=False)


def _signed(articles: pl.DataFrame) -> pl.DataFrame:
    """Rows of SIGNATURES."""
    found = shingles(articles)
    counts = found.group_by("article").agg(
        shingles=pl.col("shingle").n_unique().cast(pl.UInt32), places=pl.len().cast(pl.Int64)
    )
    told = (
        articles.select("article_id", pl.col("language").str.extract(r"^([^-]*)"), "published_on", "source_uri")
        .with_row_index("article")
        .join(counts, on="article", how="left", maintain_order="left")
        .with_columns(pl.col("shingles", "places").fill_null(0))
    )
    ends = told["places"].cum_sum().cast(pl.UInt64)
    offsets = pl.concat([pl.Series([0], dtype=pl.UInt64), ends]).to_numpy()
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(found["shingle"].to_numpy(), offsets, SLOTS, SEED)
    signature = pl.Series(np.array(matrix.to_rows(), np.uint32).reshape(-1, SLOTS), dtype=SIGNATURES["signature"])
    return told.with_columns(signature=signature).filter(pl.col("shingles") >= FEWEST).select(SIGNATURES.names())


def _candidates(signed: pl.DataFrame) -> tuple[_Ints, _Ints]:
    """The positions of articles that may be near-duplicates, the earlier one first, each pair once."""
    count = signed.height
    slots = np.ascontiguousarray(signed["signature"].to_numpy()).reshape(count, SLOTS)
    sizes = signed["shingles"].to_numpy().astype(np.int64)
    languages = signed["language"].rank("dense").to_numpy()
    found: list[_Ints] = []
    for band in slots.view(np.uint64).T:  # two slots of 32 bits each
        one, other = _sharing(band)
        fits = (languages[one] == languages[other]) & (
            np.minimum(sizes[one], sizes[other]) >= SHORTEST * np.maximum(sizes[one], sizes[other])
        )
        found.append(np.unique(one[fits] * count + other[fits]))
    codes = np.unique(np.concatenate([np.empty(0, np.int64), *found]))
    one, other = np.divmod(codes, max(count, 1))
    alike = np.concatenate(
        [np.empty(0, bool)]
        + [
            _contained(slots, sizes, one[at : at + COUNTED_PAIRS], other[at : at + COUNTED_PAIRS]) >= CONTAINED - MARGIN
            for at in range(0, len(one), COUNTED_PAIRS)
        ]
    )
    return one[alike], other[alike]


def _sharing(keys: npt.NDArray[np.uint64]) -> tuple[_Ints, _Ints]:
    """The positions of equal keys, in pairs: each with the next eight and with the first, so that all stays linear."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    opens = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(keys) else np.empty(0, np.int64)
    sizes = np.diff(np.append(opens, len(keys)))
    crowd = np.repeat(sizes, sizes) > 1
    order, group = order[crowd], np.repeat(np.arange(len(opens)), sizes)[crowd]
    pairs = []
    for step in range(1, NEAR + 1):
        meets = group[step:] == group[:-step]
        pairs.append((order[:-step][meets], order[step:][meets]))
    first = order[np.searchsorted(group, group, side="left")]
    far = first != order
    pairs.append((first[far], order[far]))
    return np.concatenate([one for one, _ in pairs]), np.concatenate([other for _, other in pairs])


def _contained(slots: npt.NDArray[np.uint32], sizes: _Ints, one: _Ints, other: _Ints) -> npt.NDArray[np.float64]:
    """The share of the shorter article in the longer one, as far as signatures tell."""
    jaccard = (slots[one] == slots[other]).mean(axis=1)
    both = jaccard * (sizes[one] + sizes[other]) / (1 + jaccard)
    return np.asarray(both / np.minimum(sizes[one], sizes[other]))


def _counted(pairs: pl.DataFrame, ids: pl.Series, articles: pl.LazyFrame) -> pl.DataFrame:
    """Add to pairs of positions `similarity` and `ratio`, of the shorter article's shingles to the longer one's."""
    parts = [pairs.clear().with_columns(similarity=pl.lit(0.0), ratio=pl.lit(0.0))]
    for at in range(0, pairs.height, READ_PAIRS):
        part = pairs[at : at + READ_PAIRS]
        places = pl.concat([part["one"], part["other"]]).unique()
        wanted = pl.DataFrame({"article_id": ids.gather(places), "place": places})
        texts = (
            articles.select("article_id", "text").join(wanted.lazy(), on="article_id").select("place", "text").collect()
        )
        parts += [_counted_part(part[n : n + COUNTED_PAIRS], texts) for n in range(0, part.height, COUNTED_PAIRS)]
    return pl.concat(parts)


def _counted_part(pairs: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """The same for pairs whose texts are given by `place`."""
    places = pl.concat([pairs["one"], pairs["other"]]).unique()
    few = texts.filter(pl.col("place").is_in(places.implode()))
    found = shingles(few).select(place=pl.lit(few["place"]).gather("article"), shingle="shingle").unique()
    sizes = found.group_by("place").len("size")
    shared = (
        pairs.join(found, left_on="one", right_on="place")
        .join(found, left_on=["other", "shingle"], right_on=["place", "shingle"], how="semi")
        .group_by("one", "other")
        .len("shared")
    )
    smaller, larger = pl.min_horizontal("size", "size_other"), pl.max_horizontal("size", "size_other")
    return (
        pairs.join(shared, on=["one", "other"], how="left", maintain_order="left")
        .join(sizes, left_on="one", right_on="place", maintain_order="left")
        .join(sizes, left_on="other", right_on="place", suffix="_other", maintain_order="left")
        .select("one", "other", similarity=pl.col("shared").fill_null(0) / smaller, ratio=smaller / larger)
    )


def _earliest(count: int, one: _Ints, other: _Ints) -> _Ints:
    """For each of so many positions the lowest that it is tied to, through any number of pairs."""
    lowest = np.arange(count)
    while True:
        low = np.minimum(lowest[one], lowest[other])
        before = lowest.copy()
        np.minimum.at(lowest, one, low)
        np.minimum.at(lowest, other, low)
        lowest = lowest[lowest]
        if np.array_equal(before, lowest):
            return lowest
