"""What a run came to: for whoever started it, and as Prefect artifacts for those who review."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from flows.loading import Loaded
from flows.releases import Release


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        release: the current release at the end of the run; None where there is none.
        previous: the current release at its beginning.
        blocking: the expectations that kept the release back.
        loaded: what was read.
        counts: rows per dataset, with columns `dataset`, `extracted`, `rejected`, `published`.
        results: one row per expectation, with columns `dataset`, `expectation`, `severity`, `success` among others.
        report: the page that shows all results.
        seconds: what each stage took.
    """

    release: Release | None
    previous: Release | None
    blocking: tuple[str, ...]
    loaded: Loaded
    counts: pl.DataFrame
    results: pl.DataFrame
    report: Path
    seconds: dict[str, float]

    @property
    def is_new(self) -> bool:
        """Whether the run published a release."""
        return self.release is not None and self.release != self.previous

    @property
    def verdict(self) -> str:
        """In one line, whether the run published, and which release is current."""
        current = self.release.release_id if self.release else "none"
        if self.blocking:
            return f"Not published, for {', '.join(self.blocking)} failed. Current release: {current}"
        if self.is_new and self.release:
            return f"Published: release {current} in {self.release.path}"
        return f"Nothing has changed: nothing published. Current release: {current}"

    def by_severity(self) -> list[tuple[str, int, int]]:
        """Severity, expectations passed and failed, the gravest first."""
        counted = self.results.group_by("severity").agg(pl.col("success").sum(), failed=(~pl.col("success")).sum())
        found = {severity: (passed, failed) for severity, passed, failed in counted.iter_rows()}
        return [(severity, *found.get(severity, (0, 0))) for severity in ("critical", "warning", "info")]


class BlockedError(Exception):
    """An expectation of critical severity failed for a whole table: the previous release stays current."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(f"{outcome.verdict}. See {outcome.report}")
        self.outcome = outcome


async def publish_artifacts(outcome: Outcome) -> None:
    """Show the row counts, the quality and the difference to the previous release beside the run in Prefect."""
    counts = outcome.counts.to_dicts()
    await acreate_table_artifact(key="row-counts", table=counts, description="Rows of each dataset in this run.")
    await acreate_markdown_artifact(key="data-quality", markdown=_quality(outcome), description="What was expected.")
    if outcome.is_new and outcome.release:
        await acreate_table_artifact(
            key="release-delta",
            table=_delta(outcome.previous, outcome.release),
            description=f"Rows of release {outcome.release.release_id} beside those of the one before.",
        )


def _quality(outcome: Outcome) -> str:
    head = "blocked" if outcome.blocking else "published" if outcome.is_new else "nothing changed"
    lines = [f"**{head}**: [{outcome.report.name}]({outcome.report.resolve().as_uri()})", ""]
    lines += ["| severity | passed | failed |", "| --- | ---: | ---: |"]
    lines += [f"| {severity} | {passed} | {failed} |" for severity, passed, failed in outcome.by_severity()]
    lines += ["", *(f"- keeps the release back: `{name}`" for name in outcome.blocking)]
    return "\n".join(lines)


def _delta(previous: Release | None, release: Release) -> list[dict[str, Any]]:
    before = previous.row_counts if previous else {}
    return [
        {"dataset": name, "before": before.get(name, 0), "after": rows, "difference": rows - before.get(name, 0)}
        for name, rows in release.row_counts.items()
    ]
