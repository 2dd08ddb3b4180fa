"""What one release changed against another, from keys and a digest of each row."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from flows.history import Change
from flows.releases import Release
from transforms.schemas import INSTANT, TABLES, Table


def release_delta(before: Release | None, after: Release) -> dict[str, Change]:
    """Rows added, removed and changed, by dataset; `quality_results`, which tells of the run, left out.

    A row is the same row where its key is; it changed where any other column that both releases have differs.
    `rejected` has no key: a row of another content is another row. Times and the run's id are no content. Files that
    both releases share are not read.
    """
    old, new = before.hashes if before else {}, after.hashes
    found = {}
    for name, table in TABLES.items():
        if name == "quality_results":
            continue
        gone = [before.path / path for path in _own(old, new, name)] if before else []
        come = [after.path / path for path in _own(new, old, name)]
        found[name] = _compare(table, gone, come)
    return found


def _own(files: dict[str, str], others: dict[str, str], dataset: str) -> list[str]:
    """The files of a dataset that the other release does not have, or has with another content."""
    return [path for path, digest in files.items() if path.split("/")[0] == dataset and others.get(path) != digest]


def _compare(table: Table, gone: list[Path], come: list[Path]) -> Change:
    columns = sorted(_columns(gone) & _columns(come)) if gone and come else []
    if not columns:
        return Change(_rows(come), _rows(gone), 0)
    timeless = [name for name in columns if table.polars_schema.get(name) != INSTANT and name != "run_id"]
    before, after = (_digests(pl.scan_parquet(files), table, timeless) for files in (gone, come))
    key = [name for name in after.collect_schema() if name != "content"]
    pairs = before.join(after, on=key, how="full", suffix="_after").select(
        added=pl.col("content").is_null().sum(),
        removed=pl.col("content_after").is_null().sum(),
        changed=(pl.col("content") != pl.col("content_after")).sum(),
    )
    return Change(**pairs.collect().row(0, named=True))


def _digests(rows: pl.LazyFrame, table: Table, columns: list[str]) -> pl.LazyFrame:
    """Key and digest of each row; without a key, the digest and its occurrence take its place."""
    digest = pl.struct(columns).hash()
    if table.key:
        return rows.select(*table.key, content=digest)
    return rows.select(same=digest, content=pl.lit(0)).with_columns(occurrence=pl.int_range(pl.len()).over("same"))


def _columns(files: list[Path]) -> set[str]:
    return set(pl.read_parquet_schema(files[0]))


def _rows(files: list[Path]) -> int:
    return int(pl.scan_parquet(files).select(pl.len()).collect().item()) if files else 0
