"""What is measured of a release as a whole, and how far it is off what earlier releases had.

A measure is a count out of a total: rows per article, filled values of a column, rows of a kind. Published with the
release (`measures` in `datapackage.json`), it is what later releases are compared with. The bounds and their reasons
are in docs/quality.md.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from transforms import integrity
from transforms.schemas import DATE, INSTANT, TABLES, Table

MEASURES_SCHEMA = pl.Schema(
    {"release_id": pl.String(), "dataset": pl.String(), "measure": pl.String(), "count": pl.Int64(), "of": pl.Int64()}
)
LAST = 10  # earlier releases that count: what a reader remembers, and no more than prunings leave
FOLLOWED = ("actors", "disagreements")  # besides what is written in shards
FEWEST = 3  # releases whose median one odd release cannot move
FEWEST_ROWS = 50  # of fewer rows a share moves by chance alone
FEWER, MORE = 0.8, 2.0  # rows in rows of the median: 20 % under it, twice as many
OFF = 0.05  # share that may change with the news of the day; of what is rare, half of it
LEAST = 0.01  # share that may always change: one row in a hundred proves nothing
ERRORS = 3  # standard errors of a share: one in 370 is further off by chance


@dataclass(frozen=True)
class Share:
    """Rows of a kind among all rows of a dataset, of which there should be few: `most` is the largest share allowed."""

    dataset: str
    name: str
    counted: pl.Expr
    most: float
    says: str
    notes: str

    @property
    def measure(self) -> str:
        """The name of its measure."""
        return f"{self.name}_share"


_DOUBTFUL = "Half of the rows of a sound extractor are sure; a quarter of doubtful ones hides what can be trusted."
SHARES = (
    Share("statements", "unresolved", pl.col("speaker_name").is_null() & (pl.col("speaker_kind") != "unnamed"), 0.4,
          "the speaker of at most 40 % of the statements is neither resolved nor unnamed in the text",
          "Pronouns and elided subjects keep some speakers unknown; beyond that the people of the news are missing in "
          "the register, or sentences are cut wrongly."),
    *(Share(name, "low_confidence", pl.col("confidence") < 0.5, 0.25,
            f"at most 25 % of the {name.replace('_', ' ')} have a confidence below 0.5", _DOUBTFUL)
      for name in ("delegation_members", "statements", "figures")),
    Share("articles", "near_duplicate", pl.col("_is_repeated"), 0.5,
          "at most half of the articles nearly repeat an earlier one",
          "Agency copy makes up a third of some papers; more than half means one source fetched twice, or a text "
          "around the articles that all of them share."),
)  # fmt: skip


def nullable(table: Table) -> list[str]:
    """The columns of a table whose fill rate is followed; places are filled where their surface is."""
    placed = {name for span in table.spans for name in (span.start, span.end)}
    return [f.name for f in table.fields if f.name in table.nullable - placed] if table.is_sharded else []


def dated(table: Table) -> list[str]:
    """The columns of a table that hold dates or times of articles and sources."""
    return [f.name for f in table.fields if f.dtype in (DATE, INSTANT)] if table.is_sharded else []


def measured(tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """Measure the datasets of a release.

    In: rows to publish, by dataset. Out: MEASURES_SCHEMA without `release_id`: for each dataset `rows` (of as many
    articles), `<column>_filled` of the columns that may be null, and the shares of SHARES. Read in one pass per
    dataset, by columns, in Polars' streaming engine.
    """
    names = [name for name in tables if TABLES[name].is_sharded or name in FOLLOWED]
    counted = pl.collect_all([_counts(TABLES[name], tables) for name in names], engine="streaming")
    found = dict(zip(names, (frame.row(0, named=True) for frame in counted), strict=True))
    articles = found["articles"]["rows"] if "articles" in found else 0
    rows = [
        (name, measure, count, articles if measure == "rows" else counts["rows"])
        for name, counts in found.items()
        for measure, count in counts.items()
    ]
    return pl.DataFrame(rows, schema=[*MEASURES_SCHEMA.names()[1:]], orient="row").cast(_measured_schema())


def _measured_schema() -> pl.Schema:
    return pl.Schema({name: dtype for name, dtype in MEASURES_SCHEMA.items() if name != "release_id"})


def _counts(table: Table, tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """One row: the counts of every measure of a table."""
    frame, shares = tables[table.name], [share for share in SHARES if share.dataset == table.name]
    if table.name == "articles":
        repeated = tables.get("article_duplicates", TABLES["article_duplicates"].empty().lazy()).select("article_id")
        frame = frame.join(repeated.with_columns(_is_repeated=True), on="article_id", how="left").with_columns(
            pl.col("_is_repeated").fill_null(value=False)
        )
    return frame.select(
        rows=pl.len(),
        **{f"{name}_filled": pl.col(name).is_not_null().sum() for name in nullable(table)},
        **{share.measure: share.counted.sum() for share in shares},
    )


def future_rows(tables: Mapping[str, pl.LazyFrame], today: dt.date) -> dict[str, dict[str, int]]:
    """By dataset and column, the rows whose date lies after the day of the run, or a day more where the sun rises."""
    names = [name for name in tables if dated(TABLES[name])]
    counted = pl.collect_all(
        [
            tables[name]
            .with_columns(_today=pl.lit(today, pl.Date))
            .select((~integrity.is_not_future(column)).sum().alias(column) for column in dated(TABLES[name]))
            for name in names
        ],
        engine="streaming",
    )
    return dict(zip(names, (frame.row(0, named=True) for frame in counted), strict=True))


def compared(now: pl.DataFrame, earlier: pl.DataFrame) -> Iterator[tuple[str, str, bool, str]]:
    """Compare the measures of a release with those of earlier ones.

    In: what `measured` found; MEASURES_SCHEMA, the releases in any order, of which the last ten count. Out: dataset,
    measure, whether it is steady, and in words what was compared; where nothing can be compared, it is steady.
    """
    ids = earlier["release_id"].unique().sort().tail(LAST)
    known = earlier.filter(pl.col("release_id").is_in(ids.implode()))
    told = {(str(dataset), str(measure)): rows for (dataset, measure), rows in known.group_by("dataset", "measure")}
    for row in now.iter_rows(named=True):
        before = told.get((row["dataset"], row["measure"]), known.clear())
        judge = _rows_steady if row["measure"] == "rows" else _share_steady
        yield row["dataset"], row["measure"], *judge(row["count"], row["of"], before)


def _rows_steady(count: int, _of: int, before: pl.DataFrame) -> tuple[bool, str]:
    """Whether a dataset has about as many rows as it had."""
    if before.height < FEWEST:
        return True, f"{count} rows; {_too_few(before.height)}"
    median = _median(before["count"])
    said = f"{count} rows, {median:g} in the median of {before.height} releases"
    if max(count, median) < FEWEST_ROWS:
        return True, f"{said}; too few rows to compare"
    return FEWER * median <= count <= MORE * median, said


def _share_steady(count: int, of: int, before: pl.DataFrame) -> tuple[bool, str]:
    """Whether a share is about what it was."""
    large = before.filter(pl.col("of") >= FEWEST_ROWS)
    said = f"{count} of {of}" + (f" ({count / of:.1%})" if of else "")
    if of < FEWEST_ROWS:
        return True, f"{said}; too few rows to compare"
    if large.height < FEWEST:
        return True, f"{said}; {_too_few(large.height)}"
    median = _median(large["count"] / large["of"])
    rarer = min(median, 1 - median)
    allowed = max(LEAST, min(OFF, rarer / 2), ERRORS * math.sqrt(median * (1 - median) / of))
    return (
        round(abs(count / of - median), 9) <= round(allowed, 9),
        f"{said}, {median:.1%} in the median of {large.height} releases, ±{allowed:.1%} allowed",
    )


def _median(values: pl.Series) -> float:
    return float(np.median(values.to_numpy()))


def _too_few(releases: int) -> str:
    return f"nothing to compare it with: {releases} earlier releases, {FEWEST} are needed"
