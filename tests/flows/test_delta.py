"""What a release changed: rows by key, content without times."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from flows import releases
from flows.delta import release_delta
from flows.history import Change
from flows.releases import Release, Writer
from transforms.schemas import TABLES

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
ONE, TWO, THREE = (f"{digit}" * 16 for digit in "1af")


def duplicates(*rows: tuple[str, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [(article, ONE, similarity) for article, similarity in rows],
        schema=TABLES["article_duplicates"].polars_schema, orient="row",
    )  # fmt: skip


def rejected(*uris: str, at: dt.datetime = AT) -> pl.DataFrame:
    rows = [("raw", uri, None, ["readable"], "cannot be read", f"run-{at:%d}", at) for uri in uris]
    return pl.DataFrame(rows, schema=TABLES["rejected"].polars_schema, orient="row")


def publish(curated: Path, previous: Release | None, parts: int = 4, **tables: pl.DataFrame) -> Release:
    run_id = f"run-{0 if previous is None else int(previous.package['run_id'][-1]) + 1}"
    with releases.staging(curated, run_id) as staged:
        writer = Writer(staged, previous, parts)
        for name, table in TABLES.items():
            writer.write(table, tables.get(name, table.empty()))
        return releases.publish(curated, staged, writer, previous, run_id)


@pytest.fixture
def first(tmp_path: Path) -> Release:
    return publish(
        tmp_path, None, article_duplicates=duplicates((ONE, 0.5), (TWO, 0.5)), rejected=rejected("a", "a", "b")
    )


def test_of_the_first_release_every_row_is_added(first: Release) -> None:
    delta = release_delta(None, first)
    assert delta["article_duplicates"] == Change(2, 0, 0)
    assert delta["rejected"] == Change(3, 0, 0)
    assert delta["articles"] == Change(0, 0, 0)
    assert "quality_results" not in delta


@pytest.mark.parametrize("parts", [4, 8], ids=["same parts", "other parts"])
def test_rows_are_told_by_their_key(tmp_path: Path, first: Release, parts: int) -> None:
    later = publish(tmp_path, first, parts, article_duplicates=duplicates((TWO, 0.6), (THREE, 1.0)))
    assert release_delta(first, later)["article_duplicates"] == Change(added=1, removed=1, changed=1)


def test_rows_without_a_key_are_counted_and_times_are_no_content(tmp_path: Path, first: Release) -> None:
    later = publish(tmp_path, first, rejected=rejected("a", "b", "c", "c", at=AT + dt.timedelta(days=1)))
    assert release_delta(first, later)["rejected"] == Change(added=2, removed=1, changed=0)


def test_files_that_both_releases_share_are_not_read(tmp_path: Path, first: Release) -> None:
    later = publish(tmp_path, first, article_duplicates=duplicates((ONE, 0.5), (TWO, 0.7)))
    shared = "article_duplicates/part-0000.parquet"
    assert first.hashes[shared] == later.hashes[shared]
    for release in (first, later):
        (release.path / shared).unlink()
    assert release_delta(first, later)["article_duplicates"] == Change(0, 0, 1)


def test_a_column_that_only_one_release_has_changes_no_row(tmp_path: Path, first: Release) -> None:
    later = publish(tmp_path, first, article_duplicates=duplicates((ONE, 0.5), (TWO, 0.7)))
    for file in (first.path / "article_duplicates").iterdir():
        pl.read_parquet(file).drop("similarity").write_parquet(file)
    assert release_delta(first, later)["article_duplicates"] == Change(0, 0, 0)
