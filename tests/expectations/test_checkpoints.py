import datetime as dt
import json
import subprocess
import sys
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from expectations import checkpoints
from expectations.checkpoints import RESULTS_SCHEMA, blocking, merge, validate_release, validate_shard
from expectations.suites import rules
from tests.expectations.shard import ARTICLE, AT, TODAY, shard, with_row
from tests.expectations.test_suites import tables as with_actors
from transforms.schemas import ARTICLES, FIGURES, REJECTED, TABLES


def failed(results: pl.DataFrame) -> list[str]:
    return results.filter(~pl.col("success"))["expectation"].to_list()


@pytest.fixture(scope="module")
def sound() -> checkpoints.Validation:
    return validate_shard(shard(), TODAY)


def test_a_sound_shard_fails_nothing(sound: checkpoints.Validation) -> None:
    assert failed(sound.results) == []
    assert sound.failures.is_empty()
    assert sound.examples.is_empty()


def test_every_rule_and_schema_is_judged_once(sound: checkpoints.Validation) -> None:
    expected = {f"{n}.{r.name}" for n in shard() for r in rules(TABLES[n])} | {
        f"{n}.columns_and_types" for n in shard()
    }
    assert sorted(sound.results["expectation"]) == sorted(expected)
    assert sound.results.schema == RESULTS_SCHEMA


def test_failing_rows_are_found_by_position_with_their_severity() -> None:
    tables = with_row(shard(), "figures", 1, value=float("nan"), unit="€", aid_stage=None)
    tables = with_row(tables, "statements", 0, speaker_kind=None)
    tables = with_row(tables, "delegation_members", 1, member_id=None)
    found = validate_shard(tables, TODAY)
    assert found.failures.rows() == [
        ("delegation_members", 1, "delegation_members.member_id_not_null", "critical"),
        ("statements", 0, "statements.speaker_kind_not_null", "critical"),
        ("figures", 1, "figures.aid_has_stage", "info"),
        ("figures", 1, "figures.money_in_currency", "critical"),
        ("figures", 1, "figures.unit_of_kind", "warning"),
        ("figures", 1, "figures.value_finite", "critical"),
    ]
    finite = found.results.row(by_predicate=pl.col("expectation") == "figures.value_finite", named=True)
    assert finite == {
        "dataset": "figures", "expectation": "figures.value_finite", "column_name": "value", "severity": "critical",
        "success": False, "observed": "1 of 2 rows", "unexpected_count": 1, "row_count": 2, "is_table_level": False,
    }  # fmt: skip


def test_an_example_carries_its_sentence() -> None:
    found = validate_shard(with_row(shard(), "figures", 1, unit="€"), TODAY).examples
    example = found.row(by_predicate=pl.col("expectation") == "figures.money_in_currency", named=True)
    assert example["source_uri"] == "a.txt"
    row = json.loads(example["row_json"])
    assert (row["article_id"], row["unit"]) == (ARTICLE, "€")
    assert "verserons 3 millions" in row["sentence"]


def test_no_more_than_five_examples_and_no_long_texts() -> None:
    figures = shard()["figures"].head(1).with_columns(sentence=pl.lit("x" * 5000))
    many = pl.concat([figures] * 8)
    found = validate_shard({**shard(), "figures": many}, TODAY).examples
    repeated = found.filter(pl.col("expectation") == "figures.key_unique")
    assert repeated.height == 5
    assert {len(json.loads(row)["sentence"]) for row in repeated["row_json"]} == {checkpoints.EXCERPT + 1}


@pytest.mark.parametrize("key", ["article_id", "delegation", "person_id"])
def test_a_repeated_key_fails_every_row_that_has_it(key: str) -> None:
    members = shard()["delegation_members"]
    twice = {**shard(), "delegation_members": pl.concat([members, members.head(1)])}
    assert validate_shard(twice, TODAY).failures.filter(pl.col("expectation") == "delegation_members.key_unique")[
        "row"
    ].to_list() == [0, 2]
    other = pl.concat([members, members.head(1).with_columns(pl.lit("0" * 16).alias(key))])
    found = validate_shard({**shard(), "delegation_members": other}, TODAY).failures
    assert "delegation_members.key_unique" not in found["expectation"]


def test_an_unknown_word_in_a_vocabulary_fails() -> None:
    strings = shard()["figures"].with_columns(kind=pl.lit("weight"))
    found = validate_shard({**shard(), "figures": strings}, TODAY)
    assert "figures.kind_in_vocabulary" in found.failures["expectation"]


def test_another_schema_fails_the_table_as_a_whole_and_leaves_its_rows_unjudged() -> None:
    other = shard()["figures"].drop("rule").with_columns(pl.col("value").cast(pl.String), more=1)
    found = validate_shard({**shard(), "figures": other}, TODAY)
    assert failed(found.results) == ["figures.columns_and_types"]
    row = found.results.row(by_predicate=pl.col("expectation") == "figures.columns_and_types", named=True)
    assert row["observed"] == "value is string, not double; rule is missing; more is not declared"
    assert row["is_table_level"]
    assert found.results.filter(pl.col("dataset") == "figures").height == 1
    assert blocking(merge([found.results]))["expectation"].to_list() == ["figures.columns_and_types"]


def test_columns_in_another_order_fail() -> None:
    found = validate_shard({"articles": shard()["articles"].select(reversed(ARTICLES.polars_schema.names()))}, TODAY)
    assert found.results["observed"].to_list() == ["columns are in another order"]


def test_empty_tables_pass() -> None:
    found = validate_shard({name: TABLES[name].empty() for name in shard()}, TODAY)
    assert failed(found.results) == []


def test_rows_of_a_missing_article_fail() -> None:
    found = validate_shard({"figures": shard()["figures"]}, TODAY)
    assert found.failures.filter(severity="critical")["expectation"].unique().sort().to_list() == [
        "figures.article_id_in_articles"
    ]


def test_what_great_expectations_cannot_evaluate_blocks() -> None:
    table = TABLES["figures"]
    frame = checkpoints.checked(table, shard()["figures"], shard(), TODAY).drop("value_finite")
    results, failures = checkpoints._judge_rows(table, frame)
    row = results.row(by_predicate=pl.col("expectation") == "figures.value_finite", named=True)
    assert failures.is_empty()
    assert row["observed"].startswith("could not be evaluated: ")
    assert "value_finite" in row["observed"]
    assert blocking(merge([results]))["expectation"].to_list() == ["figures.value_finite"]


def result(**values: Any) -> pl.DataFrame:
    row = {
        "dataset": "figures", "expectation": "figures.value_finite", "column_name": "value", "severity": "critical",
        "success": True, "observed": "0 of 4 rows", "unexpected_count": 0, "row_count": 4, "is_table_level": False,
    }  # fmt: skip
    return pl.DataFrame([row | values], schema=RESULTS_SCHEMA)


def test_merge_adds_shards_up() -> None:
    bad = result(success=False, observed="3 of 6 rows", unexpected_count=3, row_count=6)
    expected = result(success=False, observed="3 of 10 rows", unexpected_count=3, row_count=10)
    assert_frame_equal(merge([result(), bad]), expected)


def test_merge_keeps_what_a_failing_table_showed() -> None:
    good = result(observed="22 columns", row_count=None, is_table_level=True)
    bad = result(success=False, observed="rule is missing", unexpected_count=1, row_count=None, is_table_level=True)
    assert_frame_equal(merge([good, bad, good]), bad)


def test_merge_of_nothing_is_empty() -> None:
    assert_frame_equal(merge([]), pl.DataFrame(schema=RESULTS_SCHEMA))


def test_only_critical_failures_of_whole_tables_block() -> None:
    row_level = result(success=False, unexpected_count=1)
    warning = result(success=False, severity="warning", is_table_level=True, row_count=None)
    critical = result(success=False, expectation="figures.other", is_table_level=True, row_count=None)
    assert blocking(merge([row_level]))["expectation"].to_list() == []
    assert blocking(merge([warning]))["expectation"].to_list() == []
    assert blocking(merge([critical]))["expectation"].to_list() == ["figures.other"]


def release(changed: dict[str, pl.DataFrame] | None = None, **counts: int) -> pl.DataFrame:
    none = {name: TABLES[name].empty() for name in ("article_duplicates", "disagreements")}
    frames = with_actors() | none | (changed or {})
    del frames["actor_mentions"]
    extracted = {name: frame.height for name, frame in frames.items()} | counts
    return validate_release({name: frame.lazy() for name, frame in frames.items()}, REJECTED.empty(), extracted)[0]


def test_a_sound_release_fails_nothing() -> None:
    results = release()
    assert failed(results) == []
    assert results["is_table_level"].all()
    assert "figures.release_article_id_in_articles" in results["expectation"]


@pytest.mark.parametrize(
    ("dataset", "change", "expectation"),
    [
        ("figures", lambda f: pl.concat([f, f.head(1)]), "figures.release_key_unique"),
        ("statements", lambda f: f.with_columns(speaker_id=pl.lit("person:x")),
         "statements.release_speaker_id_in_actors"),
        ("delegation_members", lambda f: f.with_columns(article_id=pl.lit("0" * 16)),
         "delegation_members.release_article_id_in_articles"),
        ("delegation_members", lambda f: f.head(1), "delegations.release_member_count_agrees"),
        ("statements", lambda f: f.head(1), "actors.release_counts_agree"),
        ("article_duplicates", lambda f: pl.DataFrame([("a", "b", 0.9), ("b", "c", 0.9)], f.schema, orient="row"),
         "article_duplicates.release_points_to_earliest"),
        ("actors", lambda f: f.head(1), "delegation_members.release_person_id_in_actors"),
        ("actors", lambda f: f.with_columns(name=pl.lit(None, pl.String)), "actors.name_not_null"),
        ("articles", lambda f: f.head(0), "articles.release_not_empty"),
        ("figures", lambda f: f.drop("rule"), "figures.release_columns_and_types"),
    ],
)  # fmt: skip
def test_what_only_the_whole_release_shows_keeps_it_back(dataset: str, change: Any, expectation: str) -> None:
    results = release({dataset: change(with_actors()[dataset])})
    assert expectation in blocking(merge([results]))["expectation"].to_list()


def test_lost_rows_keep_the_release_back() -> None:
    results = release(figures=3)
    row = results.row(by_predicate=pl.col("expectation") == "figures.release_rows_accounted_for", named=True)
    assert not row["success"]
    assert row["observed"] == "3 extracted, 2 published, 0 rejected"


def test_rejected_rows_are_accounted_for() -> None:
    rejected = pl.DataFrame(
        [{"dataset": "figures", "source_uri": "a.txt", "row_json": "{}", "expectations": ["figures.value_finite"],
          "reason": "r", "run_id": "r", "rejected_at": AT}],
        schema=REJECTED.polars_schema,
    )  # fmt: skip
    found, _ = validate_release({"figures": shard()["figures"].lazy()}, rejected, {"figures": 3})
    assert failed(found) == []


def test_violations_are_named() -> None:
    twice = pl.concat([shard()["figures"]] * 2)
    row = release({"figures": twice}).row(
        by_predicate=pl.col("expectation") == "figures.release_key_unique", named=True
    )
    assert row["unexpected_count"] == 2
    assert ARTICLE in row["observed"]


def test_published_strings_pass_for_enums() -> None:
    strings = FIGURES.to_arrow(shard()["figures"])
    found, _ = validate_release({"figures": pl.DataFrame(strings).lazy()}, REJECTED.empty(), {})
    assert failed(found) == []


def test_the_day_of_the_run_decides_what_is_future() -> None:
    later = validate_shard(shard(), TODAY - dt.timedelta(days=9)).failures
    assert "articles.published_on_not_future" in later["expectation"]


def test_great_expectations_says_nothing() -> None:
    script = "import logging as l; l.basicConfig(level=l.INFO); from expectations import checkpoints as c; c.warm_up()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""
