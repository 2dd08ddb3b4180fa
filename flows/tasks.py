"""One task per stage and shard: each reads, makes one call and writes. Tasks hand on paths, never frames.

Only the stages that read or write what others share are tried again: a transformation that failed would fail again.
No task has tags: for each, Prefect would ask its server for a concurrency slot, which takes up to two seconds.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from flows import releases, state, validation
from flows.aside import run_aside
from flows.loading import Loaded, load
from flows.releases import Release, Staging
from flows.work import ACROSS, MENTIONS, SHARDED, Run, Verdict, read_gone, read_rejected, scan_kept, scan_state
from transforms.schemas import QUALITY_RESULTS, REJECTED, TABLES

# What a share that was away for a moment, or a device that was busy, is told by.
PASSING = {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.ENETDOWN, errno.ESTALE, errno.ETIMEDOUT}


def _may_pass(_task: Any, _run: TaskRun, state: State[Any]) -> bool:
    """Whether a task failed because the operating system refused what it may allow the next time."""
    return isinstance(state.data, OSError) and state.data.errno in PASSING


RETRIED: dict[str, Any] = {
    "retries": 2,
    "retry_delay_seconds": [1, 5],
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": _may_pass,
}


@task(name="load-articles", cache_policy=NO_CACHE, **RETRIED)
def load_articles(raw: Path, work: Path, previous: Release | None, kept: Path | None, run: Run) -> Loaded:
    """Read the raw folder into shards under `work`: of all articles, or, given a state, of those that differ."""
    return load(raw, work, previous, run.run_id, run.at, kept)


@task(name="extract-tables", task_run_name="extract-{shard.name}", cache_policy=NO_CACHE)
def extract_tables(shard: Path) -> Path:
    """Extract every table from the articles of a shard, into `<shard>/extracted`."""
    from transforms.extract import extract  # noqa: PLC0415 - the rules and lexicons take a second to load

    folder = shard / "extracted"
    for name, rows in extract(pl.read_parquet(folder / "articles.parquet")).items():
        rows.write_parquet(folder / f"{name}.parquet")
    return folder


@task(name="validate-tables", task_run_name="validate-{shard.name}", cache_policy=NO_CACHE)
def validate_tables(shard: Path, run: Run) -> Path:
    """Sort the extracted rows of a shard into those to publish and those kept out."""
    run_aside(validation.validate_shard, shard, run)
    return shard / "kept"


@task(name="resolve-actors", cache_policy=NO_CACHE)
def resolve_actors(work: Path) -> Path:
    """Gather the actors that the rows to publish refer to, over all shards."""
    from transforms.actors import actors  # noqa: PLC0415 - with the rules and lexicons

    kept = scan_kept(work)
    actors(scan_state(work, MENTIONS), kept["statements"], kept["delegation_members"]).write_parquet(
        work / "actors.parquet"
    )
    return work / "actors.parquet"


@task(name="find-disagreements", cache_policy=NO_CACHE)
def find_disagreements(work: Path) -> Path:
    """Find the rows to publish that disagree with one another, over all shards."""
    from transforms.disagreements import disagreements  # noqa: PLC0415 - with the rules and lexicons

    disagreements(scan_kept(work)).write_parquet(work / "disagreements.parquet")
    return work / "disagreements.parquet"


@task(name="validate-release", cache_policy=NO_CACHE)
def validate_release(curated: Path, work: Path) -> Verdict:
    """Check what only all shards together show, and decide whether the release may be published."""
    return run_aside(validation.validate_release, curated, work)


@task(name="publish-release", cache_policy=NO_CACHE, **RETRIED)
def publish_release(curated: Path, staged: Staging, loaded: Loaded, previous: Release | None, run: Run) -> Release:
    """Write a release and make it current; where nothing differs, the previous one stays, and is returned."""
    work, gone = staged.work, read_gone(staged.work)
    characters = scan_kept(work)["articles"].select(pl.col("char_count").cast(pl.Int64).sum()).collect().item()
    writer = releases.Writer(staged, previous, releases.part_count(characters), gone)
    shards, slices = loaded.shards, min(len(loaded.shards), writer.parts)
    for name in SHARDED:
        for index in range(slices):
            own = shards[index * len(shards) // slices : (index + 1) * len(shards) // slices]
            rows = pl.read_parquet([shard / "kept" / f"{name}.parquet" for shard in own])
            writer.write(TABLES[name], rows, index, slices)
    for name in ACROSS:
        writer.write(TABLES[name], pl.read_parquet(work / f"{name}.parquet"))
    writer.write(REJECTED, read_rejected(work))
    is_unchanged = previous is not None and writer.is_unchanged()
    if not is_unchanged or gone is None:
        state.write_state(work, staged.state)
    if previous and is_unchanged:
        releases.keep_state(curated, staged, previous)
        return previous
    writer.write(QUALITY_RESULTS, _quality_results(pl.read_parquet(work / "results.parquet"), run))
    measures = pl.read_parquet(work / "measures.parquet")
    return releases.publish(curated, staged, writer, previous, run.run_id, measures)


@task(name="write-report", cache_policy=NO_CACHE)
def write_report(
    curated: Path, work: Path, verdict: Verdict, release: Release | None, previous: Release | None, run: Run
) -> Path:
    """Write the quality reports of the run, whether it published or not."""
    published = None if verdict.blocking else release
    return run_aside(validation.write_report, curated, work, published, previous, run)


def _quality_results(results: pl.DataFrame, run: Run) -> pl.DataFrame:
    """The results of a run as rows of `quality_results`."""
    rows = results.with_columns(
        run_id=pl.lit(run.run_id),
        unexpected_percent=(100 * pl.col("unexpected_count") / pl.col("row_count")).fill_nan(0.0),  # of no rows
        checked_at=pl.lit(run.at),
    )
    return rows.select(pl.col(name).cast(dtype) for name, dtype in QUALITY_RESULTS.polars_schema.items())
