from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from expectations.checkpoints import EXAMPLES_SCHEMA, FAILURES_SCHEMA, RESULTS_SCHEMA, Validation
from expectations.rejection import reject
from tests.expectations.shard import ARTICLE, AT, shard
from transforms.schemas import REJECTED, TABLES


def validation(*failures: tuple[str, int, str, str]) -> Validation:
    return Validation(
        pl.DataFrame(schema=RESULTS_SCHEMA),
        pl.DataFrame(list(failures), schema=FAILURES_SCHEMA, orient="row"),
        pl.DataFrame(schema=EXAMPLES_SCHEMA),
    )


def split(
    *failures: tuple[str, int, str, str], **changed: pl.DataFrame
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    return reject({**shard(), **changed}, validation(*failures), "run-1", AT)


def rows(rejected: pl.DataFrame, dataset: str) -> list[dict[str, Any]]:
    return rejected.filter(pl.col("dataset") == dataset).to_dicts()


def test_nothing_failed_nothing_rejected() -> None:
    kept, rejected = split()
    assert_frame_equal(rejected, REJECTED.empty())
    for name, frame in shard().items():
        assert_frame_equal(kept[name], frame)


def test_what_is_not_published_is_left_aside() -> None:
    kept, _ = split(actor_mentions=pl.DataFrame({"article_id": [ARTICLE]}))
    assert kept.keys() == shard().keys()


def test_a_critical_failure_keeps_the_row_out_with_all_that_it_failed() -> None:
    kept, rejected = split(
        ("figures", 1, "figures.money_in_currency", "critical"),
        ("figures", 1, "figures.unit_of_kind", "warning"),
        ("figures", 1, "figures.value_finite", "critical"),
        ("figures", 0, "figures.aid_has_stage", "info"),
    )
    assert kept["figures"]["text"].to_list() == ["deux personnes"]
    [row] = rejected.to_dicts()
    assert row.pop("row_json").startswith('{"figure_id":"' + ARTICLE)
    assert row == {
        "dataset": "figures", "source_uri": "a.txt",
        "expectations": ["figures.money_in_currency", "figures.unit_of_kind", "figures.value_finite"],
        "reason": "does not hold: money has a currency of three capitals; the value is a finite number",
        "run_id": "run-1", "rejected_at": AT,
    }  # fmt: skip


def test_what_hangs_on_an_article_is_rejected_with_it() -> None:
    kept, rejected = split(("articles", 0, "articles.text_not_blank", "critical"))
    assert all(frame.is_empty() for frame in kept.values())
    assert rejected.group_by("dataset").len().sort("dataset").rows() == [
        ("articles", 1), ("article_sources", 2), ("delegation_members", 2), ("delegations", 1), ("statements", 2),
        ("figures", 2),
    ]  # fmt: skip
    assert rows(rejected, "figures")[0]["reason"] == "its article is rejected"
    assert rows(rejected, "figures")[0]["expectations"] == ["figures.article_id_in_articles"]
    assert rows(rejected, "statements")[0]["source_uri"] == "a.txt"


def test_members_go_with_their_delegation() -> None:
    kept, rejected = split(("delegations", 0, "delegations.head_is_member", "critical"))
    assert kept["delegation_members"].is_empty()
    assert {r["reason"] for r in rows(rejected, "delegation_members")} == {"its delegation is rejected"}
    assert kept["statements"].height == 2


def test_a_delegation_that_lost_its_head_is_counted_again() -> None:
    kept, rejected = split(("delegation_members", 0, "delegation_members.role_verbatim", "critical"))
    assert kept["delegations"].select("member_count", "head_person_id", "stated_size", "agrees").rows() == [
        (1, None, 2, False)
    ]
    assert kept["delegations"].schema == TABLES["delegations"].polars_schema
    assert rows(rejected, "delegations") == []


@pytest.mark.parametrize(("stated", "agrees"), [(2, True), (1, True), (7, False), (None, None)])
def test_a_delegation_that_lost_nobody_keeps_what_its_size_says(stated: int | None, agrees: bool | None) -> None:
    sized = shard()["delegations"].with_columns(
        stated_size=pl.lit(stated, pl.Int32), agrees=pl.lit(agrees, pl.Boolean),
        stated_text=pl.lit(None if stated is None else "personnes", pl.String),
    )  # fmt: skip
    kept, _ = split(delegations=sized)
    assert kept["delegations"].select("member_count", "agrees").rows() == [(2, agrees)]


def test_a_delegation_that_loses_a_member_may_come_to_agree() -> None:
    sized = shard()["delegations"].with_columns(stated_size=pl.lit(1, pl.Int32), agrees=pl.lit(value=False))
    kept, _ = split(("delegation_members", 0, "delegation_members.role_verbatim", "critical"), delegations=sized)
    assert kept["delegations"].select("member_count", "agrees").rows() == [(1, True)]


def test_a_delegation_without_members_is_rejected() -> None:
    kept, rejected = split(
        ("delegation_members", 0, "delegation_members.role_verbatim", "critical"),
        ("delegation_members", 1, "delegation_members.key_unique", "critical"),
    )
    assert kept["delegations"].is_empty()
    [row] = rows(rejected, "delegations")
    assert (row["reason"], row["expectations"]) == ("all its members are rejected", ["delegations.member_count_found"])


def test_a_row_of_an_unknown_article_is_rejected_under_its_article_id() -> None:
    lost = shard()["figures"].with_columns(article_id=pl.lit("0" * 16))
    _, rejected = split(("figures", 0, "figures.article_id_in_articles", "critical"), figures=lost)
    assert rejected["source_uri"].to_list() == ["0" * 16]


def test_a_row_without_an_article_id_is_still_accounted_for() -> None:
    lost = shard()["figures"].with_columns(article_id=pl.lit(None, pl.String))
    kept, rejected = split(("figures", 0, "figures.article_id_not_null", "critical"), figures=lost)
    assert (kept["figures"].height, rejected.height) == (1, 1)


NAMES = [*shard()]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES), st.integers(0, 5), st.sampled_from(["a.x", "b.y"]),
            st.sampled_from(["critical", "warning", "info"]),
        ),
        max_size=12, unique=True,
    )
)  # fmt: skip
def test_rows_in_are_rows_kept_plus_rows_rejected(failures: list[tuple[str, int, str, str]]) -> None:
    other = shard()
    tables = {
        name: pl.concat([frame, frame.with_columns(article_id=pl.lit("0" * 16)), other[name].tail(1)])
        for name, frame in shard().items()
    }
    kept, rejected = reject(tables, validation(*failures), "run-1", AT)
    counts = dict(rejected.group_by("dataset").len().rows())
    for name, frame in tables.items():
        assert frame.height == kept[name].height + counts.get(name, 0)
        assert kept[name].schema == frame.schema
    articles = kept["articles"]["article_id"].implode()
    gone = tables["articles"].filter(~pl.col("article_id").is_in(articles))["article_id"].implode()
    for name in set(NAMES) - {"articles"}:
        assert not kept[name]["article_id"].is_in(gone).any()
