"""Marks of reviewers against a release."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.marks import JUDGED, MarksError, Measure, is_marks, key_of, measure, place_of, read_marks, values_of
from tests.conftest import COMMAND, Ran


def mark(row: dict[str, Any], verdict: str, **values: Any) -> dict[str, Any]:
    start, end = place_of(row)
    judged = values_of(row) | values
    return {"dataset": row["dataset"], "verdict": verdict, "start": start, "end": end, "values": judged}


@pytest.fixture(scope="module")
def rows(released: Ran) -> dict[str, list[dict[str, Any]]]:
    """The rows of one article that has some in every dataset."""
    tables = {n: pl.read_parquet(released.curated / "latest" / n / "*.parquet") for n in JUDGED}
    shared = set.intersection(*(set(t["article_id"]) for t in tables.values()))
    article_id = min(shared)
    return {n: [r | {"dataset": n} for r in t.filter(article_id=article_id).to_dicts()] for n, t in tables.items()}


def scored(released: Ran, rows: dict[str, Any], marks: list[dict[str, Any]], *, complete: bool) -> dict[str, Measure]:
    article_id = rows["figures"][0]["article_id"]
    return measure(released.curated / "latest", {article_id: {"complete": complete, "rows": marks}})


def test_keys_are_those_of_the_page(rows: dict[str, list[dict[str, Any]]]) -> None:
    every = [key_of(r) for own in rows.values() for r in own]
    assert len(every) == len(set(every))


def test_precision_counts_marked_rows_alone(released: Ran, rows: dict[str, list[dict[str, Any]]]) -> None:
    first, second, third = rows["figures"][:3]
    marks = [mark(first, "right"), mark(second, "wrong"), mark(third, "right", value=-1.0)]
    found = scored(released, rows, marks, complete=False)
    assert found["figures"] == Measure(right=1, wrong=1, changed=1, found=0, listed=0)
    assert found["statements"] == Measure(0, 0, 0, 0, 0)


def test_a_complete_article_gives_recall_and_its_unlisted_rows_are_wrong(
    released: Ran, rows: dict[str, list[dict[str, Any]]]
) -> None:
    own = rows["figures"]
    missed = {"dataset": "figures", "verdict": "missed", "start": 10**6, "end": 10**6 + 3}
    found = scored(released, rows, [*(mark(r, "right") for r in own[1:]), missed], complete=True)["figures"]
    assert found == Measure(right=len(own) - 1, wrong=1, changed=0, found=len(own) - 1, listed=len(own))
    assert found.lines()[1].endswith(f"{len(own) - 1}/{len(own)}")


def test_a_missed_row_that_a_later_release_has_is_found(released: Ran, rows: dict[str, list[dict[str, Any]]]) -> None:
    member, *others = rows["delegation_members"]
    missed = {k: v for k, v in mark(member, "missed").items() if k != "values"}
    there = missed | {"values": {"delegation": member["delegation"]}}
    elsewhere = missed | {"values": {"delegation": "none"}}
    rest = [mark(r, "right") for r in others]
    assert scored(released, rows, [there, *rest], complete=True)["delegation_members"].found == len(others) + 1
    assert scored(released, rows, [elsewhere, *rest], complete=True)["delegation_members"].found == len(others)


def file_of(**row: Any) -> str:
    return json.dumps({"article_id": "a", "complete": True, "rows": [row]})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ("3", "neither"),
        ('{"rows": []}', "article_id"),
        ('{"article_id": "a", "rows": []}', "complete"),
        (file_of(dataset="x"), "dataset"),
        (file_of(dataset="figures", verdict="ok"), "verdict"),
        (file_of(dataset="figures", verdict="missed", start=3, end=3), "place"),
        (file_of(dataset="figures", verdict="right", start=3, end=4), "values"),
    ],
)
def test_wrong_files_are_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(text)
    with pytest.raises(MarksError, match=words) as told:
        read_marks([file])
    assert "a.json" in str(told.value)


def test_annotated_articles_are_no_marks_and_are_not_mixed_with_them(released: Ran, tmp_path: Path) -> None:
    marks, gold = tmp_path / "a.json", tmp_path / "b.json"
    marks.write_text(json.dumps([{"article_id": "a", "complete": True, "rows": []}]))
    gold.write_text(json.dumps({"source": "x", "figures": []}))
    assert is_marks(marks)
    assert not is_marks(gold)
    told = subprocess.run(
        [COMMAND, "evaluate", released.curated / "latest", tmp_path], capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "both" in told.stderr
