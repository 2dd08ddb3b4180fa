"""One task per stage and shard: each reads, makes one call and writes. Tasks hand on paths, never frames.

Libraries that are slow to import are imported by the stage that needs them. Only the stages that read or write what
others share are tried again: a transformation that failed would fail again.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from flows import releases
from flows.loading import Loaded, load
from flows.outcome import Verdict
from flows.releases import Release, Staging
from transforms.schemas import QUALITY_RESULTS, REJECTED, TABLES

EXTRACTED = ("delegation_members", "delegations", "statements", "figures")
VALIDATED = ("articles", "article_sources", "article_duplicates", *EXTRACTED)
MENTIONS = "actor_mentions"


@dataclass(frozen=True)
class Run:
    """A run: its id, which the rows that it writes carry, and when it began."""

    run_id: str
    at: datetime


async def _is_refused(_task: Any, _run: TaskRun, state: State[Any]) -> bool:
    """Whether the operating system refused something, which it may allow the next time."""
    return isinstance(await state.aresult(raise_on_failure=False), OSError)


# A share that was away for a moment, a file that somebody was holding.
_retried: dict[str, Any] = {
    "retries": 2,
    "retry_delay_seconds": [1, 5],
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": _is_refused,
}


@task(name="load-articles", tags=["stage:load"], cache_policy=NO_CACHE, **_retried)
def load_articles(raw: Path, work: Path, previous: Release | None, run: Run) -> Loaded:
    """Read the raw folder into shards of articles under `work`."""
    return load(raw, work, previous, run.run_id, run.at)


@task(name="extract-tables", task_run_name="extract-{shard.name}", tags=["stage:extract"], cache_policy=NO_CACHE)
def extract_tables(shard: Path) -> Path:
    """Extract every table from the articles of a shard, into `<shard>/extracted`."""
    from transforms.extract import extract

    folder = shard / "extracted"
    for name, rows in extract(pl.read_parquet(folder / "articles.parquet")).items():
        rows.write_parquet(folder / f"{name}.parquet")
    return folder


@task(name="validate-tables", task_run_name="validate-{shard.name}", tags=["stage:validate"], cache_policy=NO_CACHE)
def validate_tables(shard: Path, run: Run) -> Path:
    """Sort the extracted rows of a shard into those to publish, `<shard>/kept`, and `<shard>/rejected.parquet`."""
    from expectations import checkpoints, rejection

    tables = {name: pl.read_parquet(shard / "extracted" / f"{name}.parquet") for name in VALIDATED}
    validation = checkpoints.validate_shard(tables)
    kept, rejected = rejection.reject(tables, validation, run.run_id, run.at)
    (shard / "kept").mkdir(exist_ok=True)
    for name, rows in kept.items():
        rows.write_parquet(shard / "kept" / f"{name}.parquet")
    rejected.write_parquet(shard / "rejected.parquet")
    validation.results.write_parquet(shard / "results.parquet")
    validation.examples.write_parquet(shard / "examples.parquet")
    return shard / "kept"


@task(name="resolve-actors", tags=["stage:validate"], cache_policy=NO_CACHE)
def resolve_actors(work: Path, shards: tuple[Path, ...]) -> Path:
    """Gather the actors that the rows to publish refer to, over all shards, into `work/actors.parquet`."""
    from transforms.actors import actors

    mentions = pl.scan_parquet([shard / "extracted" / f"{MENTIONS}.parquet" for shard in shards])
    found = actors(mentions, scan_kept(work, "statements"), scan_kept(work, "delegation_members"))
    found.write_parquet(work / "actors.parquet")
    return work / "actors.parquet"


@task(name="validate-release", tags=["stage:validate"], cache_policy=NO_CACHE)
def validate_release(work: Path, shards: tuple[Path, ...]) -> Verdict:
    """Check what only all shards together show, and gather the results of the run in `work/results.parquet`."""
    from expectations import checkpoints

    across = checkpoints.validate_release(_kept(work), read_rejected(work), extracted_counts(work))
    merged = checkpoints.merge([*(pl.read_parquet(shard / "results.parquet") for shard in shards), across])
    merged.write_parquet(work / "results.parquet")
    names = merged.filter(~pl.col("success"), severity="critical", is_table_level=True)["expectation"]
    return Verdict(work / "results.parquet", tuple(names))


@task(name="publish-release", tags=["stage:publish"], cache_policy=NO_CACHE, **_retried)
def publish_release(curated: Path, staged: Staging, loaded: Loaded, previous: Release | None, run: Run) -> Release:
    """Write a release and make it current; where nothing differs, the previous one stays, and is returned."""
    writer = releases.Writer(staged, previous, releases.part_count(loaded.text_bytes))
    for name in VALIDATED:
        for index, shard in enumerate(loaded.shards):
            writer.write(TABLES[name], pl.read_parquet(shard / "kept" / f"{name}.parquet"), index, len(loaded.shards))
    writer.write(TABLES["actors"], pl.read_parquet(staged.work / "actors.parquet"))
    writer.write(REJECTED, read_rejected(staged.work))
    if previous and writer.is_unchanged():
        return previous
    writer.write(QUALITY_RESULTS, _quality_results(pl.read_parquet(staged.work / "results.parquet"), run))
    return releases.publish(curated, staged, writer, previous, run.run_id)


@task(name="write-report", tags=["stage:publish"], cache_policy=NO_CACHE, **_retried)
def write_report(curated: Path, work: Path, verdict: Verdict, release: Release | None, run: Run) -> Path:
    """Write the quality report of the run, whether it published or not."""
    from flows.reports import write_reports

    published = release.release_id if release and not verdict.blocking else None
    results = pl.read_parquet(verdict.results)
    return write_reports(curated, run.run_id, results, read_rejected(work), _kept(work), published)


def _kept(work: Path) -> dict[str, pl.LazyFrame]:
    return {name: scan_kept(work, name) for name in (*VALIDATED, "actors")}


def row_counts(work: Path) -> pl.DataFrame:
    """Rows of each dataset of the run, with columns `dataset`, `extracted`, `rejected`, `published`."""
    extracted, rejected = extracted_counts(work), Counter(read_rejected(work)["dataset"])
    kept = {name: frame.select(pl.len()).collect().item() for name, frame in _kept(work).items()}
    rows = [(name, extracted[name], rejected[name], kept[name]) for name in kept]
    return pl.DataFrame(rows, schema=["dataset", "extracted", "rejected", "published"], orient="row")


def scan_kept(work: Path, dataset: str) -> pl.LazyFrame:
    """The rows to publish of a dataset, over all shards."""
    if dataset == "actors":
        return pl.scan_parquet(work / "actors.parquet")
    return pl.scan_parquet(sorted(work.glob(f"shards/*/kept/{dataset}.parquet")))


def read_rejected(work: Path) -> pl.DataFrame:
    """Every row and raw record kept out by the run."""
    return pl.read_parquet([work / "rejected.parquet", *sorted(work.glob("shards/*/rejected.parquet"))])


def extracted_counts(work: Path) -> dict[str, int]:
    """Rows found of each dataset, before validation."""
    found: Counter[str] = Counter({"actors": _rows(work / "actors.parquet")})
    for name in VALIDATED:
        found[name] = sum(_rows(file) for file in work.glob(f"shards/*/extracted/{name}.parquet"))
    return dict(found)


def _rows(file: Path) -> int:
    return int(pl.scan_parquet(file).select(pl.len()).collect().item())


def _quality_results(results: pl.DataFrame, run: Run) -> pl.DataFrame:
    """The results of a run as rows of `quality_results`."""
    rows = results.with_columns(
        run_id=pl.lit(run.run_id),
        unexpected_percent=(100 * pl.col("unexpected_count") / pl.col("row_count")).fill_nan(0.0),  # of no rows
        checked_at=pl.lit(run.at),
    )
    return rows.select(pl.col(name).cast(dtype) for name, dtype in QUALITY_RESULTS.polars_schema.items())
