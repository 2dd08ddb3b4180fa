"""What is remembered of every run, blocked ones too: `quality/history/`, outside the releases: pruning spares it.

    <run_id>.parquet    the result of every expectation
    <run_id>.json       a record: outcome, rows, fill rates, what was not met and since when, what the release changed

Trends are read from the records alone, a few kilobytes each. Run ids sort by time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from flows.pages import beside
from flows.releases import quality_folder
from transforms.schemas import TABLES

READ = 1000  # records read at most, the newest first: of more runs than that none is shown

RESULT = pl.Schema(
    {
        "run_id": pl.String(), "expectation": pl.String(), "success": pl.Boolean(), "unexpected_count": pl.Int64(),
        "row_count": pl.Int64(),
    }
)  # fmt: skip
Verdict = Literal["published", "unchanged", "blocked"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Streak:
    """The runs in a row, up to the present one, in which an expectation was not met."""

    run_id: str
    at: datetime
    runs: int


@dataclass(frozen=True)
class Change:
    """Rows of a dataset that a release added, removed, and kept under their key with another content."""

    added: int
    removed: int
    changed: int


@dataclass(frozen=True)
class Record:
    """What is remembered of a run.

    Attributes:
        run_id: the run.
        at: when it checked (UTC).
        verdict: whether it published, found nothing changed, or was blocked.
        release_id: the release that it published or found unchanged; None where blocked.
        rows: rows ready to be published, by dataset.
        kept_out: rows rejected, by dataset; raw records under `raw`.
        filled: share of rows (0-1) that have a value, by dataset and nullable column; datasets without rows left out.
        expectations: met and not met, by severity.
        followed: share of rows (0-1) that do not meet an expectation of severity info, by expectation.
        not_met: since when, by expectation; a run that judged no row of it neither ends nor prolongs a streak.
        changes: what the release changed, by dataset; None where the run published none.
    """

    run_id: str
    at: datetime
    verdict: Verdict
    release_id: str | None
    rows: dict[str, int]
    kept_out: dict[str, int]
    filled: dict[str, dict[str, float]]
    expectations: dict[str, tuple[int, int]]
    followed: dict[str, float]
    not_met: dict[str, Streak]
    changes: dict[str, Change] | None


def history_folder(curated: Path) -> Path:
    """Where runs are remembered."""
    return quality_folder(curated) / "history"


def remember(curated: Path, record: Record, results: pl.DataFrame) -> None:
    """Write the record of a run and its results (`expectations.checkpoints.RESULTS_SCHEMA`)."""
    folder = history_folder(curated)
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / f"{record.run_id}.parquet"
    results.cast({pl.Enum: pl.String}).with_columns(
        run_id=pl.lit(record.run_id),
        release_id=pl.lit(record.release_id, pl.String),
        checked_at=pl.lit(record.at, pl.Datetime("us", "UTC")),
    ).write_parquet(beside(table))
    beside(table).replace(table)
    note = table.with_suffix(".json")
    beside(note).write_text(json.dumps(asdict(record), default=datetime.isoformat, ensure_ascii=False), "utf-8")
    beside(note).replace(note)


def past_runs(curated: Path, run_id: str | None = None) -> Iterator[Record]:
    """The records of runs before this one (default: of all), the newest first, READ at most, damaged ones left out."""
    files = sorted(f for f in history_folder(curated).glob("[!.]*.json") if run_id is None or f.stem < run_id)
    for file in reversed(files[-READ:]):
        try:
            yield _record(json.loads(file.read_bytes()))
        except (ValueError, KeyError, TypeError):
            _log.warning("%s is damaged: trends go without that run", file)


def _record(read: dict[str, Any]) -> Record:
    changes = read["changes"]
    return Record(
        **read
        | {
            "at": datetime.fromisoformat(read["at"]),
            "expectations": {name: (met, not_met) for name, (met, not_met) in read["expectations"].items()},
            "not_met": {
                name: Streak(s["run_id"], datetime.fromisoformat(s["at"]), s["runs"])
                for name, s in read["not_met"].items()
            },
            "changes": None if changes is None else {name: Change(**change) for name, change in changes.items()},
        }
    )


def past_results(curated: Path, run_ids: Iterable[str]) -> pl.DataFrame:
    """The results of these runs, damaged ones left out (RESULT)."""
    found = [RESULT.to_frame()]
    for run_id in run_ids:
        file = history_folder(curated) / f"{run_id}.parquet"
        try:
            found.append(pl.read_parquet(file, columns=RESULT.names()).match_to_schema(RESULT))
        except (OSError, pl.exceptions.PolarsError):
            _log.warning("%s is missing or damaged: trends go without that run", file)
    return pl.concat(found)


def record_of(
    run_id: str,
    at: datetime,
    verdict: Verdict,
    release_id: str | None,
    results: pl.DataFrame,
    kept_out: Mapping[str, int],
    tables: Mapping[str, pl.LazyFrame],
    changes: dict[str, Change] | None,
    before: Record | None,
) -> Record:
    """The record of a run. Of the rows to publish (`tables`) only counts are read; `before` is the run before it."""
    rows, filled = _fill(tables)
    severities = results.group_by("severity", maintain_order=True).agg(
        met=pl.col("success").sum(), not_met=(~pl.col("success")).sum()
    )
    followed = results.filter(~pl.col("is_table_level"), pl.col("row_count") > 0, severity="info").select(
        "expectation", pl.col("unexpected_count") / pl.col("row_count")
    )
    known = before.not_met if before else {}
    failed = results.filter(~pl.col("success"))["expectation"]
    judged = set(results.filter(pl.col("is_table_level") | (pl.col("row_count") > 0))["expectation"])
    streaks = {name: streak for name, streak in known.items() if name not in judged}
    streaks |= {name: _streak(known.get(name), run_id, at) for name in failed}
    return Record(
        run_id, at, verdict, release_id, rows, dict(kept_out), filled,
        {str(severity): (met, not_met) for severity, met, not_met in severities.iter_rows()},
        dict(followed.iter_rows()),
        streaks, changes,
    )  # fmt: skip


def _streak(known: Streak | None, run_id: str, at: datetime) -> Streak:
    return Streak(known.run_id, known.at, known.runs + 1) if known else Streak(run_id, at, 1)


def _fill(tables: Mapping[str, pl.LazyFrame]) -> tuple[dict[str, int], dict[str, dict[str, float]]]:
    """Rows of each dataset, and the share of them that have a value in each nullable column."""
    columns = {name: [c for c in TABLES[name].polars_schema if c in TABLES[name].nullable] for name in tables}
    counted = pl.collect_all(
        [frame.select(pl.len().alias(""), pl.col(columns[name]).count()) for name, frame in tables.items()]
    )
    found = {name: counts.row(0, named=True) for name, counts in zip(tables, counted, strict=True)}
    rows = {name: counts[""] for name, counts in found.items()}
    filled = {
        name: {column: counts[column] / counts[""] for column in columns[name]}
        for name, counts in found.items() if columns[name] and counts[""]
    }  # fmt: skip
    return rows, filled
