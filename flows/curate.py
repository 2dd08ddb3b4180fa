"""The main job: raw articles in, one validated release out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from prefect import flow, get_run_logger
from prefect.runtime import flow_run

from flows import aside, releases, tasks
from flows.locks import exclusive
from flows.outcome import BlockedError, Outcome, publish_artifacts
from flows.progress import Stages, tell
from flows.releases import Release
from flows.state import NoStateError, usable_state
from flows.work import Run, row_counts


@flow(name="curate", description="Raw articles in, one validated release of every dataset out.")
async def curate(raw: Path = Path("data/raw"), curated: Path = Path("data/curated"), *, full: bool = False) -> Outcome:
    """Turn a folder of raw articles into the current release of a curated folder.

    Args:
        raw: folder of articles, read recursively and never written to.
        curated: folder of releases and reports; made where it is not there.
        full: extract every article, even where rows could be carried over from the current release.

    Raises:
        BlockedError: an expectation of critical severity failed for a whole table; the previous release stays current.
        NothingToReadError: the raw folder holds no file to read.
        ReleaseError: the curated folder is not in a state to publish to.
    """
    at = datetime.now(UTC).replace(microsecond=0)
    run = Run(f"{at:%Y%m%dT%H%M%SZ}-{str(flow_run.id)[:8]}", at)
    stages = Stages()
    aside.start()
    with (
        exclusive(releases.lock_file(curated), lambda: tell(f"Another run works on {curated}: waiting for it.")),
        releases.staging(curated, run.run_id) as staged,
    ):
        previous = releases.current(curated)
        kept = kept_state(curated, previous, full=full)
        with stages.stage("load"):
            loaded = tasks.load_articles(raw, staged.work, previous, kept, run)
        with stages.stage("extract"):
            for shard in stages.each(loaded.shards):
                tasks.extract_tables(shard)
        with stages.stage("validate"):
            for shard in stages.each(loaded.shards):
                tasks.validate_tables(shard, run)
            tasks.resolve_actors(staged.work)
            tasks.find_disagreements(staged.work)
            verdict = tasks.validate_release(curated, staged.work)
        with stages.stage("publish"):
            release = previous if verdict.blocking else tasks.publish_release(curated, staged, loaded, previous, run)
        with stages.stage("report"):
            report = tasks.write_report(curated, staged.work, verdict, release, previous, run)
        outcome = Outcome(
            release, previous, verdict.blocking, loaded, row_counts(staged.work),
            pl.read_parquet(verdict.results), report, stages.seconds,
        )  # fmt: skip
    await publish_artifacts(outcome)
    get_run_logger().info(outcome.verdict)
    if outcome.blocking:
        raise BlockedError(outcome)
    return outcome


def kept_state(curated: Path, previous: Release | None, *, full: bool) -> Path | None:
    """What the run can go on from; null, having said why, where every article has to be extracted."""
    if previous is None or full:
        return None
    try:
        return usable_state(curated, previous)
    except NoStateError as why:
        tell(f"Every article is extracted anew: {why}.")
        return None
