"""What is measured of releases, and when it counts as another than before."""

import datetime as dt

import polars as pl
import pytest

from expectations import drift
from expectations.checkpoints import validate_release
from tests.expectations.shard import TODAY, shard
from transforms.schemas import REJECTED, TABLES


def earlier(dataset: str, measure: str, *counts: int, of: int = 1000) -> pl.DataFrame:
    """Measures of releases, in order."""
    rows = [(f"r{place:02d}", dataset, measure, count, of) for place, count in enumerate(counts)]
    return pl.DataFrame(rows, schema=drift.MEASURES_SCHEMA, orient="row")


def steady(measure: str, count: int, before: pl.DataFrame, of: int = 1000) -> bool:
    """Whether the measure of `figures` is steady."""
    now = pl.DataFrame([("figures", measure, count, of)], schema=drift.MEASURES_SCHEMA.names()[1:], orient="row")
    ((_, _, is_steady, _),) = drift.compared(now, before)
    return is_steady


@pytest.mark.parametrize(
    ("count", "expected"), [(1000, True), (800, True), (799, False), (2000, True), (2001, False), (0, False)]
)
def test_rows_are_held_against_the_median(count: int, expected: bool) -> None:
    assert steady("rows", count, earlier("figures", "rows", 10, 1000, 9000)) is expected


@pytest.mark.parametrize(
    ("count", "expected"), [(500, True), (550, True), (551, False), (450, True), (449, False), (0, False)]
)
def test_fill_rates_are_held_against_the_median(count: int, expected: bool) -> None:
    assert steady("giver_filled", count, earlier("figures", "giver_filled", 500, 500, 900)) is expected


@pytest.mark.parametrize(
    ("before", "count", "expected"), [(30, 0, False), (30, 15, True), (30, 46, True), (0, 10, True), (0, 11, False)]
)
def test_a_rare_value_is_missed_all_the_same(before: int, count: int, expected: bool) -> None:
    assert steady("per_filled", count, earlier("figures", "per_filled", *[before] * 3)) is expected


def test_a_share_of_few_rows_may_move_further() -> None:
    before = earlier("figures", "giver_filled", 500, 500, 500)
    assert steady("giver_filled", 40, before, of=60)  # 67 %, three standard errors are 19 %
    assert not steady("giver_filled", 42, before, of=60)
    assert steady("giver_filled", 40, before, of=40)  # too few to tell


def test_two_releases_are_too_few() -> None:
    assert steady("rows", 1, earlier("figures", "rows", 1000, 1000))
    assert not steady("rows", 1, earlier("figures", "rows", 1000, 1000, 1000))


def test_only_the_last_ten_releases_count() -> None:
    assert steady("rows", 100, earlier("figures", "rows", *[9000] * 11, *[100] * 10))
    assert not steady("rows", 100, earlier("figures", "rows", *[100] * 11, *[9000] * 10))


def test_handfuls_are_not_compared() -> None:
    assert steady("rows", 1, earlier("figures", "rows", 49, 49, 49))
    assert not steady("rows", 100, earlier("figures", "rows", 3, 3, 3))


def test_measures_are_counted_over_all_rows() -> None:
    tables = {name: frame.lazy() for name, frame in shard().items()}
    found = {(d, m): (count, of) for d, m, count, of in drift.measured(tables).rows()}
    assert found["articles", "rows"] == (1, 1)
    assert found["figures", "giver_filled"] == (1, 2)
    assert found["statements", "unresolved_share"] == (0, 2)
    assert found["articles", "near_duplicate_share"] == (0, 1)


def broad(times: int) -> dict[str, pl.DataFrame]:
    """The sound shard as so many articles."""
    ids = [f"{n:016x}" for n in range(times)]
    return {
        name: pl.concat(
            [
                frame.with_columns(
                    article_id=pl.lit(i), **({f"{k}_id": pl.format("{}-{}", pl.lit(i), f"{k}_id")} if k else {})
                )
                for i in ids
            ]
        )
        for name, frame in shard().items()
        for k in ({"statements": "statement", "figures": "figure", "delegation_members": "member"}.get(name),)
    }


def warned(tables: dict[str, pl.DataFrame], before: pl.DataFrame | None = None) -> dict[str, str]:
    """The expectations of the release that are not met and keep nothing back: name and severity."""
    lazy = {name: frame.lazy() for name, frame in tables.items()}
    results, _ = validate_release(lazy, REJECTED.empty(), {}, before, TODAY)
    found = results.filter(~pl.col("success"), pl.col("severity") != "critical")
    return dict(found.select("expectation", pl.col("severity").cast(pl.String)).iter_rows())


def test_shares_dates_and_people_are_warned_of() -> None:
    sound = broad(60)
    assert warned(sound) == {}
    changes = {
        "statements": {"speaker_name": pl.lit(None, pl.String), "said_on": pl.lit(TODAY + dt.timedelta(days=9))},
        "figures": {"confidence": pl.lit(0.4)},
        "delegation_members": {"person_id": pl.lit("person:fr:Anne Dorval")},
        "delegations": {"agrees": pl.lit(value=False)},
    }
    wrong = sound | {name: sound[name].with_columns(**change) for name, change in changes.items()}
    copies = [(f"{n:016x}", "0" * 16, 0.9) for n in range(1, 60)]
    wrong["article_duplicates"] = pl.DataFrame(copies, TABLES["article_duplicates"].polars_schema, orient="row")
    assert warned(wrong) == {
        "statements.release_unresolved_share": "warning",
        "statements.release_said_on_not_future": "warning",
        "figures.release_low_confidence_share": "warning",
        "articles.release_near_duplicate_share": "warning",
        "delegation_members.release_person_in_one_delegation": "warning",
        "delegations.release_sizes_as_stated": "info",
    }


def test_drift_is_warned_of_and_says_by_how_much() -> None:
    before = pl.concat([earlier("figures", "rows", 500, 500, 500), earlier("figures", "giver_filled", 900, 900, 900)])
    assert warned(broad(60), before) == {
        "figures.release_rows_steady": "warning",
        "figures.release_giver_filled_steady": "warning",
    }
    lazy = {name: frame.lazy() for name, frame in shard().items()}
    results, _ = validate_release(lazy, REJECTED.empty(), {}, before, TODAY)
    told = dict(results.select("expectation", "observed").iter_rows())
    assert told["figures.release_rows_steady"] == "2 rows, 500 in the median of 3 releases"
