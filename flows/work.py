"""The work folder of a run: what its stages hand on to one another, as Parquet files.

work/
  rejected.parquet              raw records kept out
  shards/<shard>/extracted/     every table found in the articles of a shard
  shards/<shard>/kept/          the rows of these to publish
  shards/<shard>/rejected.parquet, results.parquet, examples.parquet
  actors.parquet                gathered over all shards
  results.parquet               every expectation of the run
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

EXTRACTED = ("delegation_members", "delegations", "statements", "figures")
SHARDED = ("articles", "article_sources", "article_duplicates", *EXTRACTED)
MENTIONS = "actor_mentions"  # in no release: what the articles tell of their actors


@dataclass(frozen=True)
class Run:
    """A run: its id, which the rows that it writes carry, and when it began."""

    run_id: str
    at: datetime


@dataclass(frozen=True)
class Verdict:
    """Of the validation of a run: the file of its results, and the expectations that keep the release back."""

    results: Path
    blocking: tuple[str, ...]


def scan_kept(work: Path) -> dict[str, pl.LazyFrame]:
    """The rows to publish of each dataset, over all shards."""
    files = {name: sorted(work.glob(f"shards/*/kept/{name}.parquet")) for name in SHARDED}
    return {name: pl.scan_parquet(found) for name, found in (files | {"actors": [work / "actors.parquet"]}).items()}


def read_rejected(work: Path) -> pl.DataFrame:
    """Every row and raw record kept out by the run."""
    return pl.read_parquet([work / "rejected.parquet", *sorted(work.glob("shards/*/rejected.parquet"))])


def extracted_counts(work: Path) -> dict[str, int]:
    """Rows found of each dataset, before validation."""
    files = {name: list(work.glob(f"shards/*/extracted/{name}.parquet")) for name in SHARDED}
    return {name: _rows(found) for name, found in (files | {"actors": [work / "actors.parquet"]}).items()}


def row_counts(work: Path) -> pl.DataFrame:
    """Rows of each dataset of the run, with columns `dataset`, `extracted`, `rejected`, `published`."""
    rejected = Counter(read_rejected(work)["dataset"])
    kept = {name: int(frame.select(pl.len()).collect().item()) for name, frame in scan_kept(work).items()}
    rows = [(name, extracted, rejected[name], kept[name]) for name, extracted in extracted_counts(work).items()]
    return pl.DataFrame(rows, schema=["dataset", "extracted", "rejected", "published"], orient="row")


def _rows(files: list[Path]) -> int:
    return int(pl.scan_parquet(files).select(pl.len()).collect().item())
