"""Writes the quality report of a run: our page, the history of results, and Great Expectations' own pages beside them.

The page is one file without scripts that needs no network. What it shows of articles is untrusted text: the template
escapes all of it and isolates its direction, and the page's own policy forbids scripts and requests of any kind.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from expectations.checkpoints import EXAMPLES, EXAMPLES_SCHEMA, EXCERPT
from expectations.suites import SEVERITIES, reasons, sayings
from flows.pages import beside, write_page
from flows.releases import quality_folder
from transforms.schemas import TABLES

LISTED = 200  # raw files that could not be read, listed one by one; the rest are counted

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
    examples: pl.DataFrame | None = None,
    at: dt.datetime | None = None,
) -> Path:
    """Write `quality/index.html`, `quality/history/<run_id>.parquet` and `quality/data_docs/` under `curated`.

    In: the merged results of the run (`expectations.checkpoints.RESULTS_SCHEMA`); the rows of `rejected`; the rows to
    publish by dataset, counted only; the release that the run published, null where it was kept back. `examples`
    (EXAMPLES_SCHEMA, the concatenated `Validation.examples` of the shards) adds examples to expectations of lower
    severity, whose rows are published: without it only rejected rows are shown. `at` (UTC, default now) is when the
    run checked. Out: the path of the page. Great Expectations' pages are extra: where they cannot be built, the report
    goes without, and a warning is logged.

    Raises:
        ValueError: `run_id` is not the name of a file.
        OSError: a file cannot be written.
    """
    if Path(run_id).name != run_id:
        msg = f"run id {run_id!r} is not the name of a file"
        raise ValueError(msg)
    at = at or dt.datetime.now(dt.UTC)
    quality = quality_folder(curated)
    (quality / "history").mkdir(parents=True, exist_ok=True)
    history = quality / "history" / f"{run_id}.parquet"
    results.cast({pl.Enum: pl.String}).with_columns(
        run_id=pl.lit(run_id), release_id=pl.lit(release_id, pl.String), checked_at=pl.lit(at, pl.Datetime("us", "UTC"))
    ).write_parquet(beside(history))
    beside(history).replace(history)
    index = quality / "index.html"
    _write_page(
        index, run_id, results, rejected, tables, release_id, examples, at,
        has_data_docs=_write_data_docs(quality / "data_docs", results, run_id, at),
    )  # fmt: skip
    return index


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


def _write_page(
    page: Path,
    run_id: str,
    results: pl.DataFrame,
    rejected: pl.DataFrame,
    tables: Mapping[str, pl.LazyFrame],
    release_id: str | None,
    examples: pl.DataFrame | None,
    at: dt.datetime,
    *,
    has_data_docs: bool,
) -> None:
    """The report of a run."""
    lengths = pl.collect_all([frame.select(pl.len()) for frame in tables.values()])
    rows = {name: length.item() for name, length in zip(tables, lengths, strict=True)}
    kept_out = Counter(rejected["dataset"])
    judged = results.sort("success", "severity", ~pl.col("is_table_level"), maintain_order=True).to_dicts()
    shown = _examples(results, rejected, examples)
    for result in judged:
        name = result["expectation"]
        result |= {"says": sayings().get(name, ""), "notes": reasons().get(name, ""), "examples": shown.get(name, [])}
    raw = rejected.filter(pl.col("dataset") == "raw").select("source_uri", "reason").sort("source_uri")
    causes = (
        rejected.filter(pl.col("dataset") != "raw")
        .group_by("dataset", "reason", maintain_order=True)
        .agg(rows=pl.len(), source_uri=pl.col("source_uri").first())
    )
    write_page(
        page,
        "quality.html.j2",
        run_id=run_id,
        release_id=release_id,
        at=at,
        severities=SEVERITIES,
        datasets=[
            {
                "name": name, "grain": TABLES[name].grain, "rows": rows.get(name, 0), "rejected": kept_out[name],
                "results": [r for r in judged if r["dataset"] == name],
            }
            for name in TABLES if name in rows or any(r["dataset"] == name for r in judged)
        ],
        judged=judged,
        failed=[r for r in judged if not r["success"]],
        blocking=[r for r in judged if not r["success"] and r["severity"] == "critical" and r["is_table_level"]],
        raw=raw.head(LISTED).to_dicts(),
        raw_more=max(raw.height - LISTED, 0),
        causes=causes.to_dicts(),
        has_data_docs=has_data_docs,
    )  # fmt: skip


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
    """A row as the page shows it."""
    sentence, spans = row.get("sentence"), TABLES[dataset].spans
    words = row.get(spans[0].surface) if spans else None
    cut = sentence.partition(words) if sentence and words else (sentence, "", "") if sentence else None
    return Example(
        source_uri or "",
        cut,
        (column, _text(row.get(column))) if column else None,
        [(name, _text(value)) for name, value in row.items() if value is not None and name != "sentence"],
    )


def _text(value: Any) -> str:
    """A value in words, shortened."""
    if value is None:
        return "null"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= EXCERPT else text[:EXCERPT] + "…"
