"""The work folder of a run: what its stages hand on to one another, as Parquet files.

work/
  rejected.parquet              raw records kept out
  shards/<shard>/extracted/     every table found in the articles of a shard
  shards/<shard>/kept/          the rows of these to publish
  shards/<shard>/               records, signatures, rejected, results, failures and examples (.parquet)
  actors.parquet                gathered over all shards
  disagreements.parquet         likewise
  results.parquet               every expectation of the run
  measures.parquet              what was measured of the rows to publish

Where rows are carried over from the previous release, shards hold the articles that are new or changed, and there are:

  previous, state               links to that release, and to what the run that made it kept (flows/state.py)
  gone.parquet                  articles of that release which are not carried over
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from flows.releases import scan
from transforms.schemas import TABLES

EXTRACTED = ("delegation_members", "delegations", "statements", "figures")
SHARDED = ("articles", "article_sources", "article_duplicates", *EXTRACTED)
ACROSS = ("actors", "disagreements")  # made of the rows to publish of all shards
MENTIONS = "actor_mentions"  # in no release: what the articles tell of their actors
# What a run keeps of every article for the next run, beside its rows in the release, and where it is found: tables with
# a column `article_id`.
KEPT_FOR_NEXT = {
    "records": "shards/*/records.parquet",
    "signatures": "shards/*/signatures.parquet",
    "failures": "shards/*/failures.parquet",
    "examples": "shards/*/examples.parquet",
    MENTIONS: f"shards/*/extracted/{MENTIONS}.parquet",
}


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


def carry_over(work: Path, previous: Path, state: Path, gone: pl.DataFrame) -> None:
    """Have the rows of a release carried over, but for those of the articles that are gone."""
    for name, target in (("previous", previous), ("state", state)):
        (work / name).unlink(missing_ok=True)  # of an attempt before this one
        (work / name).symlink_to(target.resolve(), target_is_directory=True)
    gone.select("article_id").write_parquet(work / "gone.parquet")


def read_gone(work: Path) -> pl.Series | None:
    """The articles of the previous release that are not carried over; null where nothing is carried over."""
    file = work / "gone.parquet"
    return pl.read_parquet(file)["article_id"] if file.is_file() else None


def scan_carried(work: Path) -> dict[str, pl.LazyFrame]:
    """The rows of each sharded dataset that are carried over from the previous release; empty where none are."""
    gone = read_gone(work)
    if gone is None:
        return {}
    return {name: _without(scan(work / "previous" / name, TABLES[name]), gone) for name in SHARDED}


def scan_kept(work: Path) -> dict[str, pl.LazyFrame]:
    """The rows to publish of each dataset made so far, over all shards, those carried over among them."""
    carried = scan_carried(work)
    kept = {name: _scan_shards(work, f"shards/*/kept/{name}.parquet") for name in SHARDED}
    kept = {name: pl.concat([carried[name], rows]) if name in carried else rows for name, rows in kept.items()}
    made = [name for name in ACROSS if (work / f"{name}.parquet").is_file()]
    return kept | {name: pl.scan_parquet(work / f"{name}.parquet") for name in made}


def scan_carried_state(work: Path, name: str) -> pl.LazyFrame | None:
    """What the previous run kept of the articles carried over (KEPT_FOR_NEXT); null where nothing is carried over."""
    gone = read_gone(work)
    return None if gone is None else _without(pl.scan_parquet(work / "state" / f"{name}.parquet"), gone)


def scan_state(work: Path, name: str) -> pl.LazyFrame:
    """What is known of all articles beside their rows (KEPT_FOR_NEXT), those carried over among them."""
    carried, found = scan_carried_state(work, name), _scan_shards(work, KEPT_FOR_NEXT[name])
    return found if carried is None else pl.concat([carried, found])


def read_rejected(work: Path) -> pl.DataFrame:
    """Every row and raw record kept out by the run. No article with a row kept out is carried over."""
    return pl.read_parquet([work / "rejected.parquet", *sorted(work.glob("shards/*/rejected.parquet"))])


def extracted_counts(work: Path) -> dict[str, int]:
    """Rows found of each dataset, before validation, those carried over among them."""
    found = {name: _rows(_scan_shards(work, f"shards/*/extracted/{name}.parquet")) for name in SHARDED}
    carried = {name: _rows(rows) for name, rows in scan_carried(work).items()}
    across = {name: _rows(pl.scan_parquet(work / f"{name}.parquet")) for name in ACROSS}
    return {name: rows + carried.get(name, 0) for name, rows in found.items()} | across


def row_counts(work: Path) -> pl.DataFrame:
    """Rows of each dataset of the run, with columns `dataset`, `extracted`, `rejected`, `published`."""
    rejected = Counter(read_rejected(work)["dataset"])
    kept = {name: _rows(frame) for name, frame in scan_kept(work).items()}
    rows = [(name, extracted, rejected[name], kept[name]) for name, extracted in extracted_counts(work).items()]
    return pl.DataFrame(rows, schema=["dataset", "extracted", "rejected", "published"], orient="row")


def _scan_shards(work: Path, pattern: str) -> pl.LazyFrame:
    return pl.scan_parquet(sorted(work.glob(pattern)))


def _without(rows: pl.LazyFrame, gone: pl.Series) -> pl.LazyFrame:
    return rows if gone.is_empty() else rows.join(gone.to_frame().lazy(), on="article_id", how="anti")


def _rows(frame: pl.LazyFrame) -> int:
    return int(frame.select(pl.len()).collect().item())
