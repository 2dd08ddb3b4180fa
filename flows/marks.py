"""Reads what reviewers marked on the review pages, and scores a release by it. The format: docs/review.md.

A mark says of one row, by its place and its values, that it is right or wrong; or of a place, that a row is missed
there. A row that stands at the place of a mark with other values has changed since: that mark says nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from transforms.schemas import TABLES

Row = dict[str, Any]

# The columns that a verdict is about, beside the place of the words.
JUDGED = {
    "delegation_members": ("delegation", "canonical_name", "role", "is_head"),
    "statements": ("mode", "speaker", "speaker_name", "cue"),
    "figures": ("kind", "value", "value_low", "value_high", "qualifier", "unit", "counted", "subject", "topic", "giver",
                "receiver", "aid_stage"),
}  # fmt: skip
OVERLAP = 0.5  # of a statement, intersection over union with the words marked as missed; others need to touch
VERDICTS = ("right", "wrong", "missed")


class MarksError(Exception):
    """A file of marks is not what docs/review.md says; the message names the file."""


@dataclass(frozen=True)
class Measure:
    """The marks of a dataset against a release, in rows.

    Attributes:
        right: rows of the release that are marked right.
        wrong: rows that are marked wrong, or that a complete article does not list.
        changed: marked rows that are there with other values, to be judged again.
        found: of the rows that complete articles list, those that the release has.
        listed: the rows that complete articles list: marked right, or missed.
    """

    right: int
    wrong: int
    changed: int
    found: int
    listed: int

    def lines(self) -> list[str]:
        """Precision over the rows that marks judge, recall over complete articles, and what is to be judged again."""
        rates = [("precision", self.right, self.right + self.wrong), ("recall", self.found, self.listed)]
        told = [f"{name:<24}{f'{hits / of:.3f}' if of else '  n/a'}  {hits}/{of}" for name, hits, of in rates]
        return told + ([f"{'changed since marked':<24}{self.changed:>5}"] if self.changed else [])


def place_of(row: Row) -> tuple[int, int]:
    """Where the words of a row of a dataset stand (`row["dataset"]` names it)."""
    span = TABLES[row["dataset"]].spans[0]
    return row[span.start], row[span.end]


def values_of(row: Row) -> Row:
    """The values that a verdict on a row is about."""
    return {name: row[name] for name in JUDGED[row["dataset"]]}


def key_of(row: Row) -> str:
    """What tells a row from the others of its article: dataset, place, and of a member the delegation."""
    start, end = place_of(row)
    return " ".join([row["dataset"], str(start), str(end), row.get("delegation") or ""]).rstrip()


def is_marks(file: Path) -> bool:
    """Whether a gold file holds marks of a review, rather than an article annotated for the scorer.

    Raises:
        MarksError: the file cannot be read as JSON.
    """
    return all("source" not in article for article in _objects(file))


def read_marks(files: Iterable[Path]) -> dict[str, Row]:
    """The marked articles of gold files, by `article_id`; of an article in several, the last file counts.

    Raises:
        MarksError: a file is not as docs/review.md says.
    """
    found = {}
    for file in files:
        for article in _objects(file):
            _check(file, article)
            found[article["article_id"]] = article
    return found


def _objects(file: Path) -> list[Row]:
    try:
        read = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise MarksError(f"{file} cannot be read as JSON ({error})") from error
    articles = read if isinstance(read, list) else [read]
    if not all(isinstance(article, dict) for article in articles):
        raise MarksError(f"{file} holds neither an object nor a list of objects")
    return articles


def _check(file: Path, article: Row) -> None:
    def expect(holds: bool, wrong: str) -> None:
        if not holds:
            raise MarksError(f"{file}: {wrong}")

    article_id = article.get("article_id")
    expect(isinstance(article_id, str), "an article without `article_id`")
    expect(isinstance(article.get("complete"), bool), f"{article_id}: `complete` is not true or false")
    expect(isinstance(article.get("rows"), list), f"{article_id}: `rows` is not a list")
    for number, row in enumerate(article["rows"], 1):
        name = f"{article_id}: row {number}"
        expect(isinstance(row, dict) and row.get("dataset") in JUDGED, f"{name}: `dataset` is none of {[*JUDGED]}")
        expect(row.get("verdict") in VERDICTS, f"{name}: `verdict` is none of {[*VERDICTS]}")
        place = (row.get("start"), row.get("end"))
        expect(all(type(p) is int for p in place) and 0 <= place[0] < place[1], f"{name}: no place in the text")
        is_judged = row["verdict"] == "missed" or isinstance(row.get("values"), dict)
        expect(is_judged, f"{name}: `values` is not an object")


def measure(release: Path, marks: Mapping[str, Row]) -> dict[str, Measure]:
    """Score a release by marks, dataset by dataset. Marked articles that the release has not count as found nowhere."""
    return {name: _measure(name, _rows(release, name, marks), marks) for name in JUDGED}


def _rows(release: Path, dataset: str, marks: Mapping[str, Row]) -> dict[str, list[Row]]:
    files = sorted((release / dataset).glob("*.parquet"))
    found: dict[str, list[Row]] = {}
    if files:
        chosen = pl.scan_parquet(files, glob=False).filter(pl.col("article_id").is_in(list(marks))).collect()
        for row in chosen.iter_rows(named=True):
            found.setdefault(row["article_id"], []).append(row | {"dataset": dataset})
    return found


def _measure(dataset: str, rows: Mapping[str, list[Row]], marks: Mapping[str, Row]) -> Measure:
    right = wrong = changed = found = listed = 0
    for article_id, article in marks.items():
        own = [m for m in article["rows"] if m["dataset"] == dataset]
        verdicts = {_mark_key(m): m for m in own if m["verdict"] != "missed"}
        expected = [m for m in own if m["verdict"] != "wrong"]
        there = rows.get(article_id, [])
        pairs = _pairs(expected, there)
        for number, row in enumerate(there):
            mark = verdicts.get(key_of(row))
            if mark and mark["values"] == values_of(row):
                right += mark["verdict"] == "right"
                wrong += mark["verdict"] == "wrong"
            elif mark:
                changed += 1
            elif article["complete"]:
                # A row at the place of one that was missed, or that moved a little, is there at last, yet unjudged.
                wrong += number not in pairs.values()
        if article["complete"]:
            listed += len(expected)
            found += len(pairs)
    return Measure(right, wrong, changed, found, listed)


def _mark_key(mark: Row) -> str:
    delegation = mark["values"].get("delegation") if mark["dataset"] == "delegation_members" else None
    return " ".join([mark["dataset"], str(mark["start"]), str(mark["end"]), delegation or ""]).rstrip()


def _pairs(expected: Sequence[Row], rows: Sequence[Row]) -> dict[int, int]:
    """Listed rows and the rows of the release at their place, one to one, those that overlap most first."""
    likely = sorted(
        (-shared, i, j) for i, m in enumerate(expected) for j, r in enumerate(rows) if (shared := _shared(m, r)) > 0
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in likely:
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _shared(mark: Row, row: Row) -> float:
    """Intersection over union of the words; 0 where the mark cannot mean the row."""
    delegation = (mark.get("values") or {}).get("delegation")
    if delegation and delegation != row["delegation"]:
        return 0.0
    (a, b), (c, d) = (mark["start"], mark["end"]), place_of(row)
    common = min(b, d) - max(a, c)
    shared = common / (max(b, d) - min(a, c)) if common > 0 else 0.0
    return shared if shared >= (OVERLAP if row["dataset"] == "statements" else 0) else 0.0
