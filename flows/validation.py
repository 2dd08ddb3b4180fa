"""Validation of the work folder, and its report: what the process aside does."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from expectations import checkpoints, drift, rejection
from flows.delta import release_delta
from flows.releases import Release, earlier_measures
from flows.reports import write_reports
from flows.review import review_folder, write_changed
from flows.work import (
    MENTIONS,
    SHARDED,
    Run,
    Verdict,
    extracted_counts,
    read_rejected,
    scan_carried,
    scan_carried_state,
    scan_kept,
    scan_state,
)


def validate_shard(shard: Path, run: Run) -> None:
    """Sort the extracted rows of a shard into those to publish and those kept out."""
    tables = {name: pl.read_parquet(shard / "extracted" / f"{name}.parquet") for name in (*SHARDED, MENTIONS)}
    validation = checkpoints.validate_shard(tables)
    kept, rejected = rejection.reject(tables, validation, run.run_id, run.at)
    (shard / "kept").mkdir(exist_ok=True)
    for name, rows in kept.items():
        rows.write_parquet(shard / "kept" / f"{name}.parquet")
    rejected.write_parquet(shard / "rejected.parquet")
    validation.results.write_parquet(shard / "results.parquet")
    failures = checkpoints.failures_by_article(tables, validation.failures)
    failures.write_parquet(shard / "failures.parquet")
    examples = validation.examples.with_columns(article_id=pl.col("row_json").str.json_path_match("$.article_id"))
    examples.write_parquet(shard / "examples.parquet")


def validate_release(curated: Path, work: Path) -> Verdict:
    """Check what only all shards together show, by earlier releases too, and gather the results of the run."""
    across, measures = checkpoints.validate_release(
        scan_kept(work), read_rejected(work), extracted_counts(work), earlier_measures(curated, drift.LAST)
    )
    measures.write_parquet(work / "measures.parquet")
    shards = [pl.read_parquet(file) for file in sorted(work.glob("shards/*/results.parquet"))]
    merged = checkpoints.merge([*shards, *_carried_results(work), across])
    merged.write_parquet(work / "results.parquet")
    blocking = merged.filter(~pl.col("success"), severity="critical", is_table_level=True)
    return Verdict(work / "results.parquet", tuple(blocking["expectation"]))


def _carried_results(work: Path) -> list[pl.DataFrame]:
    """The results of the rows carried over, where there are any."""
    failures = scan_carried_state(work, "failures")
    if failures is None:
        return []
    counts = {name: rows.select(pl.len()).collect().item() for name, rows in scan_carried(work).items()}
    return [checkpoints.carried_results(failures.collect(), counts)]


def write_report(curated: Path, work: Path, release: Release | None, previous: Release | None, run: Run) -> Path:
    """Write the quality reports of a run, which published this release or found it unchanged, or was blocked (None)."""
    if release and (release != previous or not (review_folder(curated) / "index.html").is_file()):
        write_changed(curated, release, previous if release != previous else None)
    return write_reports(
        curated,
        run.run_id,
        pl.read_parquet(work / "results.parquet"),
        read_rejected(work),
        scan_kept(work),
        release.release_id if release else None,
        changes=release_delta(previous, release) if release and release != previous else None,
        examples=scan_state(work, "examples").select(checkpoints.EXAMPLES_SCHEMA.names()).collect(),
        at=run.at,
    )
