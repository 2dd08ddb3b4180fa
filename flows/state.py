"""What a run keeps for the next one, so that it need extract only what is new or changed.

`curated/.state/<release_id>/`, of the current release only, holds the tables of `KEPT_FOR_NEXT`, for the articles whose
rows the next run may carry over, and `state.json`: what decided the rows, and the SHA-256 of the tables.
"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from expectations import checkpoints
from expectations.suites import day_bound, on_rows
from flows import releases
from flows.datapackage import fingerprint
from flows.releases import Release
from flows.work import KEPT_FOR_NEXT, SHARDED, scan_state

KEPT_EXAMPLES = 4 * checkpoints.EXAMPLES  # so that some are left when their articles have gone


class NoStateError(Exception):
    """Rows cannot be carried over from the previous release; the message says why."""


def usable_state(curated: Path, previous: Release) -> Path:
    """The state from which a run can go on, found undamaged with its release, and made by the same code.

    Raises:
        NoStateError: there is none; every article has to be extracted.
    """
    folder = releases.state_folder(curated, previous)
    try:
        told = json.loads((folder / "state.json").read_bytes())
        made_by, files = told["fingerprint"], {name: told["files"][name] for name in KEPT_FOR_NEXT}
    except FileNotFoundError:
        raise NoStateError(f"what was kept of release {previous.release_id} is not there") from None
    except (ValueError, KeyError, TypeError):
        raise NoStateError(f"{folder / 'state.json'} is damaged") from None
    if made_by != fingerprint():
        raise NoStateError("the code, its vocabulary or a package has changed since the last run")
    for name, digest in files.items():
        if not releases.is_intact(folder / f"{name}.parquet", digest):
            raise NoStateError(f"{folder / name}.parquet is damaged")
    damaged = previous.damaged()
    if damaged:
        raise NoStateError(f"{previous.path / damaged[0]} is damaged")
    return folder


def write_state(work: Path, folder: Path) -> None:
    """Write the state of a run whose rows are about to be published, or are published already.

    Where an expectation could not be evaluated, none is written: nobody could tell how carried rows stand to it.
    """
    results = pl.read_parquet(work / "results.parquet")
    failed = results.filter("is_table_level", ~pl.col("success"), pl.col("dataset").is_in(SHARDED))
    if not failed.filter(pl.col("expectation").is_in(sorted(on_rows()))).is_empty():
        return
    folder.mkdir(exist_ok=True)
    unsettled = _unsettled(work)
    digests = {}
    for name in KEPT_FOR_NEXT:
        rows = scan_state(work, name).join(unsettled, on="article_id", how="anti")
        if name == "examples":
            rows = (
                rows.group_by("expectation", maintain_order=True)
                .head(KEPT_EXAMPLES)
                .select(rows.collect_schema().names())
            )
        file = folder / f"{name}.parquet"
        rows.sink_parquet(file)
        digests[name] = releases.file_hash(file)
    told = {"fingerprint": fingerprint(), "files": digests}
    (folder / "state.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _unsettled(work: Path) -> pl.LazyFrame:
    """Articles to be extracted anew next time: with a row kept out, or one whose judgement depends on the day."""
    rejected = pl.scan_parquet(sorted(work.glob("shards/*/rejected.parquet")))
    kept_out = rejected.select(article_id=pl.col("row_json").str.json_path_match("$.article_id"))
    dated = scan_state(work, "failures").filter(pl.col("expectation").is_in(sorted(day_bound()))).select("article_id")
    return pl.concat([kept_out, dated]).drop_nulls().unique()
