"""Runs without the Prefect engine, for tests and benchmarks that make many: the same stages in the same order."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import polars as pl

from flows import curate, releases, tasks
from flows.loading import Loaded
from flows.releases import Release
from flows.work import Run
from transforms.schemas import TABLES

_runs = count(1)
TIMES = {"run_id", "first_seen_at", "rejected_at", "checked_at"}


def run(raw: Path, curated: Path, *, full: bool = False) -> tuple[Release | None, Loaded, tuple[str, ...]]:
    """The current release after a run, what it loaded, and what blocked it."""
    run = Run(f"run-{next(_runs)}", datetime.now(UTC).replace(microsecond=0))
    with releases.staging(curated, run.run_id) as staged:
        previous = releases.current(curated)
        kept = curate.kept_state(curated, previous, full=full)
        loaded = tasks.load_articles.fn(raw, staged.work, previous, kept, run)
        for shard in loaded.shards:
            tasks.extract_tables.fn(shard)
            tasks.validate_tables.fn(shard, run)
        tasks.resolve_actors.fn(staged.work)
        tasks.find_disagreements.fn(staged.work)
        verdict = tasks.validate_release.fn(curated, staged.work)
        if not verdict.blocking:
            tasks.publish_release.fn(curated, staged, loaded, previous, run)
        return releases.current(curated), loaded, verdict.blocking


def rows(release: Release, dataset: str) -> pl.DataFrame:
    """The rows of a dataset, without run ids, times and what earlier releases were like, in an order of their own."""
    table = TABLES[dataset]
    found = release.scan(dataset).collect().drop(TIMES, strict=False)
    if dataset == "rejected":  # rows kept out as they were, with their times
        found = found.with_columns(pl.col("row_json").str.replace(r'"first_seen_at":"[^"]*"', ""))
    if dataset == "quality_results":
        found = found.filter(~pl.col("expectation").str.ends_with("_steady"))
    return found.sort([f.name for f in table.fields if f.name in found.columns and not f.dtype.is_nested()])
