"""The raw folder → articles in staging, cut into shards that are worked on one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from flows.releases import PREFIXES, Release, part_of
from flows.sources import RawFolder, Record, Unreadable
from transforms.articles import RECORDS_SCHEMA, distinct_articles, read_articles
from transforms.near_duplicates import article_duplicates, signatures
from transforms.schemas import ARTICLE_SOURCES, REJECTED

# Extraction takes about 7 times the memory of the text it holds.
SHARD_TEXT_BYTES = 128 * 1024 * 1024
BATCH_TEXT_BYTES = 32 * 1024 * 1024
RECORD_BYTES = 2_000  # of a record besides its text: archives hold millions of short ones
NAMED = 10  # raw files that are named on the screen; all are in `rejected`
ROW_GROUP_ROWS = 2_000  # small enough for a shard to read little more than its own rows of a batch


@dataclass(frozen=True)
class Loaded:
    """What was read.

    Attributes:
        shards: folders with one file per table; together they hold every article once, in equal ranges of ids.
        articles: distinct articles.
        records: raw records that they were read from.
        unreadable: raw files and records kept out.
        named: the first of these.
        hidden: files and folders left alone because their name begins with a full stop.
        text_bytes: size of the text, in UTF-8.
    """

    shards: tuple[Path, ...]
    articles: int
    records: int
    unreadable: int
    named: tuple[Unreadable, ...]
    hidden: int
    text_bytes: int


def load(raw: Path, work: Path, previous: Release | None, run_id: str, at: datetime) -> Loaded:
    """Read the raw folder into shards of `articles`, `article_sources` and `article_duplicates` under `work`.

    What cannot be read becomes a row of `rejected` in `work/rejected.parquet`. Memory is bounded by a batch, then by a
    shard, whatever the size of the folder.

    Args:
        raw: the folder of raw files.
        work: a folder to write to, which need not be empty: a load that failed can be repeated.
        previous: the release that says when a record was first seen.
        run_id: the run, for the rows of `rejected`.
        at: when records not seen before are seen.

    Raises:
        NothingToReadError: the folder holds no file but hidden ones.
        OSError: the folder cannot be listed, or staging not written to.
    """
    RawFolder(raw).expect_files()
    folder = RawFolder(raw)
    unreadable: list[Unreadable] = []
    batches: list[Path] = []
    records = text_bytes = 0
    (work / "batches").mkdir(exist_ok=True)
    for batch in _batches(folder.records(), unreadable):
        candidates = read_articles(_frame(batch)).sort("article_id")
        batches.append(work / "batches" / f"{len(batches):06d}.parquet")
        candidates.write_parquet(batches[-1], compression="lz4", row_group_size=ROW_GROUP_ROWS)
        records += candidates.height
        text_bytes += int(candidates["text"].str.len_bytes().sum())
    _rejected(unreadable, run_id, at).write_parquet(work / "rejected.parquet")

    first_seen = previous.scan("article_sources").select("source_uri", "sha256", "first_seen_at") if previous else None
    shards, articles = [], 0
    count = _shard_count(text_bytes)
    for index in range(count):
        candidates = _candidates(batches, index, count)
        shard = work / "shards" / f"{index:04d}"
        (shard / "extracted").mkdir(parents=True, exist_ok=True)
        found, sources = distinct_articles(candidates)
        found.write_parquet(shard / "extracted" / "articles.parquet")
        _with_first_seen(sources, first_seen, at).write_parquet(shard / "extracted" / "article_sources.parquet")
        signatures(found).write_parquet(shard / "signatures.parquet")
        shards.append(shard)
        articles += found.height
    _write_duplicates(shards)
    return Loaded(
        tuple(shards), articles, records, len(unreadable), tuple(unreadable[:NAMED]), folder.hidden, text_bytes
    )


def _batches(read: Iterable[Record | Unreadable], unreadable: list[Unreadable]) -> Iterator[list[Record]]:
    """The records in batches of bounded text; what is unreadable goes to the list."""
    batch: list[Record] = []
    size = 0
    for one in read:
        if isinstance(one, Unreadable):
            unreadable.append(one)
            continue
        batch.append(one)
        size += len(one.text) + RECORD_BYTES
        if size >= BATCH_TEXT_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _frame(records: list[Record]) -> pl.DataFrame:
    """The records as rows of RECORDS_SCHEMA."""
    return pl.DataFrame(
        {
            "source_uri": [r.source_uri for r in records],
            "source_format": [r.source_format for r in records],
            "sha256": [r.sha256 for r in records],
            "encoding": [r.encoding for r in records],
            "title": [r.metadata.title for r in records],
            "publisher": [r.metadata.publisher for r in records],
            "url": [r.metadata.url for r in records],
            "authors": [list(r.metadata.authors) for r in records],
            "published_on": [r.metadata.published_on for r in records],
            "language": [r.metadata.language for r in records],
            "text": [r.text for r in records],
        },
        schema=RECORDS_SCHEMA,
    )


def _rejected(unreadable: list[Unreadable], run_id: str, at: datetime) -> pl.DataFrame:
    """What could not be read, as rows of `rejected`."""
    return pl.DataFrame(
        {
            "dataset": ["raw"] * len(unreadable),
            "source_uri": [u.source_uri for u in unreadable],
            "row_json": [None] * len(unreadable),
            "expectations": [["is_readable"]] * len(unreadable),
            "reason": [u.reason for u in unreadable],
            "run_id": [run_id] * len(unreadable),
            "rejected_at": [at] * len(unreadable),
        },
        schema=REJECTED.polars_schema,
    )


def _shard_count(text_bytes: int) -> int:
    """How many shards so much text is worked on in: a power of two, so that a shard holds whole parts of a release."""
    count = 1
    while count * SHARD_TEXT_BYTES < text_bytes and count < PREFIXES:
        count *= 2
    return count


def _candidates(batches: list[Path], shard: int, shards: int) -> pl.DataFrame:
    """The rows of every batch whose article is in the shard."""
    if not batches:
        return read_articles(pl.DataFrame(schema=RECORDS_SCHEMA))
    width = PREFIXES // shards
    low, high = f"{shard * width:04x}", f"{(shard + 1) * width - 1:04x}g"  # any id with the last prefix sorts before g
    of_shard = pl.col("article_id").is_between(pl.lit(low), pl.lit(high))
    return pl.concat([pl.scan_parquet(batch).filter(of_shard) for batch in batches]).collect()


def _write_duplicates(shards: list[Path]) -> None:
    """Write the rows of `article_duplicates` of every shard; a story may have copies in any of them."""
    signed = pl.concat([pl.read_parquet(shard / "signatures.parquet") for shard in shards])
    articles = pl.concat([pl.scan_parquet(shard / "extracted" / "articles.parquet") for shard in shards])
    rows = article_duplicates(signed, articles).with_columns(
        _shard=part_of(pl.col("article_id"), len(shards)).cast(pl.Int64)
    )
    for index, shard in enumerate(shards):
        own = rows.filter(_shard=index).drop("_shard")
        own.write_parquet(shard / "extracted" / "article_duplicates.parquet")


def _with_first_seen(sources: pl.DataFrame, known: pl.LazyFrame | None, at: datetime) -> pl.DataFrame:
    """The rows of `article_sources`: a record known with the same bytes was first seen when it was."""
    if known is None:
        rows = sources.with_columns(first_seen_at=pl.lit(None, ARTICLE_SOURCES.polars_schema["first_seen_at"]))
    else:
        rows = (
            sources.lazy()
            .join(known, on=["source_uri", "sha256"], how="left", validate="1:1", maintain_order="left")
            .collect()
        )
    return rows.with_columns(pl.col("first_seen_at").fill_null(at)).match_to_schema(ARTICLE_SOURCES.polars_schema)
