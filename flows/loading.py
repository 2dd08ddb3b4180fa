"""The raw folder → articles in staging, cut into shards that are worked on one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import compress
from pathlib import Path

import polars as pl

from flows.releases import PREFIXES, Release
from flows.sources import RawFolder, Record, Unreadable
from flows.work import carry_over, scan_carried, scan_state
from transforms.articles import RECORDS_SCHEMA, distinct_articles, read_articles
from transforms.near_duplicates import article_duplicates, signatures
from transforms.schemas import ARTICLE_SOURCES, ARTICLES, REJECTED

# Extraction takes about 7 times the memory of the text it holds.
SHARD_TEXT_BYTES = 128 * 1024 * 1024
BATCH_TEXT_BYTES = 32 * 1024 * 1024
RECORD_BYTES = 2_000  # of a record besides its text: archives hold millions of short ones
NAMED = 10  # raw files that are named on the screen; all are in `rejected`
ROW_GROUP_ROWS = 2_000  # small enough for a shard to read little more than its own rows of a batch


# Of each record, what the next run knows it by: a digest of all that its reader made of it.
DIGESTS_SCHEMA = pl.Schema({"source_uri": pl.String(), "digest": pl.Binary()})


@dataclass(frozen=True)
class Loaded:
    """What was read.

    Attributes:
        shards: folders with one file per table; together they hold every article to extract once, in equal ranges of
            ids.
        articles: distinct articles.
        carried: of these, the ones whose rows are carried over from the previous release, and stand in no shard.
        records: raw records that they were read from.
        unreadable: raw files and records kept out.
        named: the first of these.
        hidden: files and folders left alone because their name begins with a full stop.
    """

    shards: tuple[Path, ...]
    articles: int
    carried: int
    records: int
    unreadable: int
    named: tuple[Unreadable, ...]
    hidden: int


@dataclass(frozen=True)
class _Read:
    """What the raw folder held.

    Attributes:
        batches: files of candidates, one row per record that had to be interpreted.
        digests: of these records (DIGESTS_SCHEMA).
        texts: their articles, by id, and the size of each in bytes of UTF-8: `article_id`, `size`.
        known: the other records, which are the only ones of their articles and were read before, to the letter:
            `article_id`, `source_uri`, `digest`.
        unreadable: raw files and records kept out.
        hidden: files and folders left alone.
    """

    batches: list[Path]
    digests: pl.DataFrame
    texts: pl.DataFrame
    known: pl.DataFrame
    unreadable: list[Unreadable]
    hidden: int


def load(
    raw: Path,
    work: Path,
    previous: Release | None,
    run_id: str,
    at: datetime,
    state: Path | None = None,
    moved_before: pl.Series | None = None,
) -> Loaded:
    """Read the raw folder into shards of `articles`, `article_sources` and `article_duplicates` under `work`.

    Where a state is given, the shards hold the articles that are new or changed; the rows of the others are carried
    over. What cannot be read becomes a row of `rejected` in `work/rejected.parquet`. Memory is bounded by a batch, then
    by a shard, whatever the size of the folder.

    Args:
        raw: the folder of raw files.
        work: a folder to write to, which need not be empty: a load that failed can be repeated.
        previous: the release that says when a record was first seen.
        run_id: the run, for the rows of `rejected`.
        at: when records not seen before are seen.
        state: what the run that made the previous release kept (`flows.state`); null extracts every article.
        moved_before: articles not to be carried over, for their near-duplicates have changed.

    Raises:
        NothingToReadError: the folder holds no file but hidden ones.
        OSError: the folder cannot be listed, or staging not written to.
    """
    RawFolder(raw).expect_files()
    (work / "gone.parquet").unlink(missing_ok=True)  # of an attempt before this one
    before = pl.read_parquet(state / "records.parquet") if previous and state else None
    if before is not None and moved_before is not None:
        before = before.filter(~pl.col("article_id").is_in(moved_before.implode()))
    read = _read(raw, work, before)
    if before is not None and pl.concat([read.known["source_uri"], read.digests["source_uri"]]).is_duplicated().any():
        # Names that differ only in how bytes that are no UTF-8 are written: which is which, nobody can tell.
        return load(raw, work, previous, run_id, at)
    _rejected(read.unreadable, run_id, at).write_parquet(work / "rejected.parquet")

    batches, digests, known = read.batches, read.digests.unique("source_uri"), read.known
    if previous and before is not None:
        # An article known from one record has got another: the one known is needed, too.
        again = known.join(read.texts, on="article_id", how="semi")
        known = known.join(again, on="article_id", how="anti")
        digests = pl.concat([digests, again.select(DIGESTS_SCHEMA.names())])
        batches = [*batches, _write_again(previous, again["article_id"], work)]

    first_seen = previous.scan("article_sources").select("source_uri", "sha256", "first_seen_at") if previous else None
    shards, unchanged, extracted = [], [known.select("article_id")], 0
    count = _shard_count(int(read.texts["size"].sum()))
    for index in range(count):
        articles, sources = distinct_articles(_candidates(batches, index, count))
        if previous and before is not None:
            same = _unchanged(articles, sources, previous, before["article_id"])
            unchanged.append(same)
            articles = articles.join(same, on="article_id", how="anti", maintain_order="left")
            sources = sources.join(same, on="article_id", how="anti", maintain_order="left")
        shard = work / "shards" / f"{index:04d}"
        (shard / "extracted").mkdir(parents=True, exist_ok=True)
        articles.write_parquet(shard / "extracted" / "articles.parquet")
        _with_first_seen(sources, first_seen, at).write_parquet(shard / "extracted" / "article_sources.parquet")
        signatures(articles).write_parquet(shard / "signatures.parquet")
        sources.select("article_id", "source_uri").join(digests, on="source_uri", maintain_order="left").write_parquet(
            shard / "records.parquet"
        )
        shards.append(shard)
        extracted += articles.height
    carried = pl.concat(unchanged)
    if previous and state and before is not None:
        ids = previous.scan("articles").select("article_id")
        carry_over(work, previous.path, state, ids.join(carried.lazy(), on="article_id", how="anti").collect())
    moved = _write_duplicates(work, shards)
    if not moved.is_empty():  # copies of what has come or gone: they are extracted as if they had changed
        out = moved if moved_before is None else pl.concat([moved_before, moved])
        return load(raw, work, previous, run_id, at, state, out)
    return Loaded(
        tuple(shards), extracted + carried.height, carried.height, read.known.height + read.digests.height,
        len(read.unreadable), tuple(read.unreadable[:NAMED]), read.hidden,
    )  # fmt: skip


def _read(raw: Path, work: Path, before: pl.DataFrame | None) -> _Read:
    """Read the raw folder, and interpret the records that are not known from before."""
    folder = RawFolder(raw)
    unreadable: list[Unreadable] = []
    batches: list[Path] = []
    digests = [pl.DataFrame(schema=DIGESTS_SCHEMA)]
    known = [pl.DataFrame(schema={"article_id": pl.String(), **DIGESTS_SCHEMA})]
    texts = [pl.DataFrame(schema={"article_id": pl.String, "size": pl.Int64})]
    sole = None if before is None else before.filter(pl.len().over("article_id") == 1).select("article_id", "digest")
    (work / "batches").mkdir(exist_ok=True)
    for batch in _batches(folder.records(), unreadable):
        told, records = _digests(batch), batch
        if sole is not None:
            met = told.join(sole, on="digest", how="left", maintain_order="left")
            known.append(met.drop_nulls("article_id").select(known[0].columns))
            is_new = met["article_id"].is_null()
            told, records = told.filter(is_new), list(compress(batch, is_new))
        digests.append(told)
        if records:
            candidates = read_articles(_frame(records))
            texts.append(candidates.select("article_id", size=pl.col("text").str.len_bytes().cast(pl.Int64)))
            batches.append(work / "batches" / f"{len(batches):06d}.parquet")
            _write_batch(candidates, batches[-1])
    return _Read(
        batches, pl.concat(digests), pl.concat(texts).unique("article_id"), pl.concat(known), unreadable, folder.hidden
    )


def _digests(records: list[Record]) -> pl.DataFrame:
    """What the records are known by."""
    found = []
    for r in records:
        digest = hashlib.sha256(r.text.encode())
        digest.update(repr(replace(r, text="")).encode())
        found.append(digest.digest())
    return pl.DataFrame({"source_uri": [r.source_uri for r in records], "digest": found}, schema=DIGESTS_SCHEMA)


def _write_batch(candidates: pl.DataFrame, file: Path) -> None:
    candidates.sort("article_id").write_parquet(file, compression="lz4", row_group_size=ROW_GROUP_ROWS)


def _write_again(previous: Release, ids: pl.Series, work: Path) -> Path:
    """Write the candidates that articles of a release were read from, each from one record."""
    own = [name for name in ARTICLE_SOURCES.polars_schema if name not in {*ARTICLES.polars_schema, "first_seen_at"}]
    of_ids = pl.col("article_id").is_in(ids.implode())
    records = previous.scan("article_sources").filter(of_ids).select("article_id", *own)
    candidates = previous.scan("articles").filter(of_ids).join(records, on="article_id").collect()
    file = work / "batches" / "again.parquet"
    _write_batch(candidates.select(*ARTICLES.polars_schema, *own), file)
    return file


def _unchanged(articles: pl.DataFrame, sources: pl.DataFrame, previous: Release, settled: pl.Series) -> pl.DataFrame:
    """The articles, by id, whose rows in `articles` and `article_sources` are those of the previous release."""
    ids = articles["article_id"].filter(articles["article_id"].is_in(settled.implode()))
    if ids.is_empty():
        return ids.to_frame()
    of_ids = pl.col("article_id").is_in(ids.implode())
    old = previous.scan("articles").filter(of_ids).collect()
    both = articles.join(old, on="article_id", suffix="_old", validate="1:1")
    equal = [pl.col(name).eq_missing(pl.col(f"{name}_old")) for name in articles.columns if name != "article_id"]
    same = both.filter(equal).select("article_id")
    now, then = sources.filter(of_ids), previous.scan("article_sources").filter(of_ids).collect()
    moved = [now.join(then, on=now.columns, how="anti"), then.join(now, on=now.columns, how="anti")]
    return same.join(pl.concat([frame.select("article_id") for frame in moved]), on="article_id", how="anti")


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


def _write_duplicates(work: Path, shards: list[Path]) -> pl.Series:
    """Write the rows of `article_duplicates` of every shard; a story may have copies in any of them.

    Returns the articles whose rows are carried over but for this table, where theirs has come, changed or gone.
    """
    carried = scan_carried(work)
    new = pl.concat([pl.scan_parquet(shard / "extracted" / "articles.parquet") for shard in shards])
    articles = pl.concat(
        [rows.select("article_id", "text") for rows in (carried.get("articles"), new) if rows is not None]
    )
    rows = article_duplicates(scan_state(work, "signatures").collect(), articles)
    for shard in shards:
        of_shard = pl.scan_parquet(shard / "extracted" / "articles.parquet").select("article_id").collect()
        own = rows.join(of_shard, on="article_id", how="semi", maintain_order="left")
        own.write_parquet(shard / "extracted" / "article_duplicates.parquet")
    if not carried:
        return rows["article_id"].clear()
    before = carried["article_duplicates"].collect()
    now = rows.join(new.select("article_id").collect(), on="article_id", how="anti")
    differ = [now.join(before, on=now.columns, how="anti"), before.join(now, on=now.columns, how="anti")]
    return pl.concat([frame["article_id"] for frame in differ]).unique()


def _with_first_seen(sources: pl.DataFrame, known: pl.LazyFrame | None, at: datetime) -> pl.DataFrame:
    """The rows of `article_sources`: a record known with the same bytes was first seen when it was."""
    if known is None:
        rows = sources.with_columns(first_seen_at=pl.lit(None, ARTICLE_SOURCES.polars_schema["first_seen_at"]))
    else:
        rows = (
            sources.lazy()
            .join(known, on=["source_uri", "sha256"], how="left", validate="m:1", maintain_order="left")
            .collect()
        )
    return rows.with_columns(pl.col("first_seen_at").fill_null(at)).match_to_schema(ARTICLE_SOURCES.polars_schema)
