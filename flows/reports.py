"""Writes the quality reports: the overview, a page per run and per suite, history, Great Expectations' own pages.

    quality/
      index.html              the overview: the current state, trends, what is not met, what the release changed
      runs/<run_id>.html      a run: every expectation, examples, what was kept out
      suites/<dataset>.html   a suite: why each expectation stands, and its results over runs
      history/                what is remembered of every run (`flows.history`)
      data_docs/              Great Expectations' own pages, the extra

Pages are written from aggregates and examples: of the rows to publish only counts are read.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from expectations.checkpoints import EXAMPLES, EXAMPLES_SCHEMA, EXCERPT
from expectations.suites import SEVERITIES, reasons, sayings
from flows.charts import Line, bars, line
from flows.history import Change, Record, Verdict, past_results, past_runs, record_of, remember
from flows.pages import beside, write_page
from flows.releases import quality_folder
from transforms.schemas import TABLES

LISTED = 200  # raw files that could not be read, listed one by one; the rest are counted
POINTS = 40  # runs in a chart: releases and blocked runs, not those that found nothing changed
RUNS = 100  # runs whose page is kept, and that the overview lists; the history keeps all
MOVED = 6  # fill rates that the overview shows: those that moved most

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Example:
    """A row that does not meet an expectation, with its sentence cut around the words that the row is about."""

    source_uri: str
    sentence: tuple[str, str, str] | None
    shown: tuple[str, str] | None
    columns: list[tuple[str, str]]


def write_reports(
    curated: Path,
    run_id: str,
    results: pl.DataFrame,
    rejected: pl.DataFrame,
    tables: Mapping[str, pl.LazyFrame],
    release_id: str | None,
    *,
    changes: dict[str, Change] | None = None,
    examples: pl.DataFrame | None = None,
    at: dt.datetime | None = None,
) -> Path:
    """Write the reports of a run under `quality/`.

    In: the merged results of the run (`expectations.checkpoints.RESULTS_SCHEMA`); the rows of `rejected`; the rows to
    publish by dataset, counted only; the release that the run published or found unchanged, null where it was kept
    back. `changes` is what the release changed against the one before it, null where the run published none. `examples`
    (EXAMPLES_SCHEMA, the concatenated `Validation.examples` of the shards) adds examples to expectations of lower
    severity, whose rows are published: without it only rejected rows are shown. `at` (UTC, default now) is when the
    run checked. Out: the path of the overview. Great Expectations' pages are extra: where they cannot be built, the
    report goes without, and a warning is logged.

    Raises:
        ValueError: `run_id` is not the name of a file.
        OSError: a file cannot be written.
    """
    if Path(run_id).name != run_id:
        msg = f"run id {run_id!r} is not the name of a file"
        raise ValueError(msg)
    quality = quality_folder(curated)
    at = at or dt.datetime.now(dt.UTC)
    verdict: Verdict = "blocked" if release_id is None else "unchanged" if changes is None else "published"
    past = list(past_runs(curated, run_id))
    kept_out = Counter(rejected["dataset"])
    before = past[0] if past else None
    run = record_of(run_id, at, verdict, release_id, results, kept_out, tables, changes, before)
    remember(curated, run, results)
    has_data_docs = _write_data_docs(quality / "data_docs", results, run_id, at)
    runs = [run, *past]
    shown = _Shown(curated, runs, _judged(results, rejected, examples, run))
    write_page(quality / "runs" / f"{run_id}.html", "run.html.j2", **shown.common, **_kept_out(rejected))
    _drop_old(quality / "runs", {r.run_id for r in runs[:RUNS]})
    for name, dataset in shown.datasets.items():
        write_page(quality / "suites" / f"{name}.html", "suite.html.j2", **shown.common, **shown.suite(dataset))
    _drop_old(quality / "suites", set(shown.datasets))
    index = quality / "index.html"
    write_page(
        index, "overview.html.j2", **shown.common, **shown.trends(), has_data_docs=has_data_docs,
        has_review=(quality / "review" / "index.html").is_file(),
    )  # fmt: skip
    return index


def _drop_old(folder: Path, kept: set[str]) -> None:
    """Remove pages of runs that are no longer listed, and of suites that are no more."""
    for page in folder.glob("*.html"):
        if page.stem not in kept:
            page.unlink()


class _Shown:
    """What the pages of a run show.

    Attributes:
        common: what every page knows.
        datasets: name, grain, rows, results of each dataset that was judged, by name.
    """

    def __init__(self, curated: Path, runs: Sequence[Record], judged: list[dict[str, Any]]) -> None:
        run = runs[0]
        names = [n for n in TABLES if n in run.rows or any(r["dataset"] == n for r in judged)]
        changes = next((r.changes for r in runs if r.changes is not None and r.release_id == run.release_id), None)
        self._runs = runs
        # Runs that found nothing changed would flatten every trend.
        self._points = [*islice((r for r in runs if r.verdict != "unchanged" or r is run), POINTS)][::-1]
        if run.verdict == "unchanged" and len(self._points) > 1:
            self._points.pop()
        results = past_results(curated, [p.run_id for p in self._points])
        self._wrong = {
            (run_id, name): wrong / rows if rows else float(not success)
            for run_id, name, success, wrong, rows in results.iter_rows()
        }
        self.datasets: dict[str, dict[str, Any]] = {
            name: {
                "name": name, "grain": TABLES[name].grain, "rows": run.rows.get(name, 0),
                "rejected": run.kept_out.get(name, 0), "change": (changes or {}).get(name),
                "results": [r for r in judged if r["dataset"] == name], "trend": self._rows_of(name),
            }
            for name in names
        }  # fmt: skip
        failed = [r for r in judged if not r["success"]]
        self.common = {
            "run": run,
            "current": next((r.release_id for r in runs if r.release_id), None),
            "severities": SEVERITIES,
            "datasets": list(self.datasets.values()),
            "judged": judged,
            "failed": failed,
            "blocking": [r for r in failed if r["severity"] == "critical" and r["is_table_level"]],
            "changes": changes,
        }

    def _rows_of(self, dataset: str) -> Line:
        return line(dataset, "rows", [r.rows.get(dataset) for r in self._points], self._points, from_zero=True)

    def _fills(self, dataset: str) -> list[Line]:
        """How far each nullable column is filled, but for places in the text, which are where the words are."""
        columns = [c for c in self._runs[0].filled.get(dataset, {}) if not c.endswith(("_start", "_end"))]
        found = {c: [r.filled.get(dataset, {}).get(c) for r in self._points] for c in columns}
        return [line(f"{dataset}.{c}", "share", v, self._points, from_zero=False) for c, v in found.items()]

    def trends(self) -> dict[str, Any]:
        """What the overview shows over runs."""
        followed = dict.fromkeys(name for r in reversed(self._points) for name in r.followed)
        fills = [f for name in self._runs[0].filled for f in self._fills(name)]
        highest, stacked = bars(self._points, SEVERITIES)
        return {
            "points": self._points,
            "bars": stacked,
            "highest": highest,
            "followed": [
                line(name, "share", [r.followed.get(name) for r in self._points], self._points, from_zero=True)
                for name in followed
            ],
            "fills": sorted(fills, key=lambda f: (-abs(f.step or 0), f.name))[:MOVED],
            "runs": self._runs[:RUNS],
        }

    def suite(self, dataset: dict[str, Any]) -> dict[str, Any]:
        """What the page of a suite shows: its results over runs, and how far each column is filled."""
        return {
            "dataset": dataset,
            "points": self._points,
            "shares": {
                r["expectation"]: line(
                    r["expectation"], "share", [self._wrong.get((p.run_id, r["expectation"])) for p in self._points],
                    self._points, from_zero=True,
                )
                for r in dataset["results"]
            },
            "fills": self._fills(dataset["name"]),
        }  # fmt: skip


def _judged(
    results: pl.DataFrame, rejected: pl.DataFrame, examples: pl.DataFrame | None, run: Record
) -> list[dict[str, Any]]:
    """Results with words, reasons, examples and the streak of failures; those not met first, the gravest first."""
    judged = results.sort("success", "severity", ~pl.col("is_table_level"), maintain_order=True).to_dicts()
    shown = _examples(results, rejected, examples)
    for result in judged:
        name = result["expectation"]
        result |= {
            "says": sayings().get(name, ""), "notes": reasons().get(name, ""), "examples": shown.get(name, []),
            "since": run.not_met.get(name),
        }  # fmt: skip
    return judged


def _kept_out(rejected: pl.DataFrame) -> dict[str, Any]:
    """Raw files that could not be read, and rows kept out by reason."""
    told = rejected.with_columns(pl.col("source_uri", "reason").str.head(EXCERPT))
    raw = told.filter(pl.col("dataset") == "raw").select("source_uri", "reason").sort("source_uri")
    causes = (
        told.filter(pl.col("dataset") != "raw")
        .group_by("dataset", "reason", maintain_order=True)
        .agg(rows=pl.len(), source_uri=pl.col("source_uri").first())
    )
    return {
        "raw": raw.head(LISTED).to_dicts(), "raw_more": max(raw.height - LISTED, 0), "causes": causes.to_dicts(),
    }  # fmt: skip


def _write_data_docs(folder: Path, results: pl.DataFrame, run_id: str, at: dt.datetime) -> bool:
    """Replace Great Expectations' pages; say whether there are some of this run."""
    from expectations.data_docs import write_data_docs  # noqa: PLC0415 - Great Expectations takes seconds

    new, old = beside(folder), folder.with_name(f".{folder.name}.old")
    try:
        for left_over in (new, old):
            shutil.rmtree(left_over, ignore_errors=True)
        write_data_docs(new, results, run_id, at)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except Exception:  # noqa: BLE001 - whatever befalls the extra, the report must be written
        _log.warning("Great Expectations could not build its pages; the report goes without them", exc_info=True)
        return False
    return True


def _examples(results: pl.DataFrame, rejected: pl.DataFrame, examples: pl.DataFrame | None) -> dict[str, list[Example]]:
    """Up to five examples of each expectation that was not met."""
    from_rejected = rejected.select("dataset", "source_uri", "row_json", expectation="expectations").explode(
        "expectation", empty_as_null=False, keep_nulls=False
    )
    from_rejected = from_rejected.select(EXAMPLES_SCHEMA.names()).cast(EXAMPLES_SCHEMA)
    if examples is None:
        examples = pl.DataFrame(schema=EXAMPLES_SCHEMA)
    others = from_rejected.join(examples, on="expectation", how="anti", maintain_order="left")
    failed = results.filter(~pl.col("success")).select("expectation", "column_name")
    chosen = (
        pl.concat([examples, others])
        .filter(pl.col("row_json").is_not_null())
        .join(failed, on="expectation", maintain_order="left")
        .group_by("expectation", maintain_order=True)
        .head(EXAMPLES)
    )
    found: dict[str, list[Example]] = {}
    for row in chosen.to_dicts():
        found.setdefault(row["expectation"], []).append(
            _example(row["dataset"], row["source_uri"], json.loads(row["row_json"]), row["column_name"])
        )
    return found


def _example(dataset: str, source_uri: str | None, row: Mapping[str, Any], column: str | None) -> Example:
    """A row as the page shows it: marked are the words that the column places, else those that the row is about."""
    spans = TABLES[dataset].spans
    own = [s.surface for s in spans if column and column.startswith((s.surface, s.start))]  # speaker_name: the speaker
    words = next((row[name] for name in (*own, *(s.surface for s in spans)) if row.get(name)), None)
    return Example(
        _text(source_uri or ""),
        _cut(row.get("sentence"), words),
        (column, _text(row.get(column))) if column else None,
        [(name, _text(value)) for name, value in row.items() if value is not None and name != "sentence"],
    )


def _cut(sentence: str | None, words: str | None) -> tuple[str, str, str] | None:
    """A sentence in three: before the words, the words, after them; far from them it is left out."""
    if not sentence:
        return None
    before, found, after = sentence.partition(words) if words else (sentence, "", "")
    if not found:
        return _text(sentence), "", ""
    start = before if len(before) <= EXCERPT else "…" + before[-EXCERPT:]
    return start, _text(found), _text(after)


def _text(value: Any) -> str:
    """A value in words, shortened."""
    if value is None:
        return "null"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= EXCERPT else text[:EXCERPT] + "…"
