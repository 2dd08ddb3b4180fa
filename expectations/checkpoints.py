"""Runs the suites: the tables of one shard, then the release as a whole.

Great Expectations judges pandas frames. The border is crossed once per table, in `checked`: columns that GX judges
itself as they are, Arrow-backed; every other rule as a boolean column computed in Polars; nothing else, so that the
long texts stay behind. A suite is validated twice at most: first for success alone, which costs half, then, for the
expectations that failed, with the rows that made them fail.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from expectations import drift
from expectations.suites import SEVERITIES, Fact, facts_suite, rules, suite_for
from transforms import integrity
from transforms.schemas import ARTICLES, TABLES, Table

if TYPE_CHECKING:
    import great_expectations as gx
    import pandas as pd
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

SEVERITY = pl.Enum(SEVERITIES)
RESULTS_SCHEMA = pl.Schema(
    {
        "dataset": pl.String(), "expectation": pl.String(), "column_name": pl.String(), "severity": SEVERITY,
        "success": pl.Boolean(), "observed": pl.String(), "unexpected_count": pl.Int64(), "row_count": pl.Int64(),
        "is_table_level": pl.Boolean(),
    }
)  # fmt: skip
FAILURES_SCHEMA = pl.Schema(
    {"dataset": pl.String(), "row": pl.UInt32(), "expectation": pl.String(), "severity": SEVERITY}
)
FAILURE_COUNTS_SCHEMA = pl.Schema(
    {"article_id": pl.String(), "dataset": pl.String(), "expectation": pl.String(), "failed": pl.UInt32()}
)
EXAMPLES_SCHEMA = pl.Schema(
    {"dataset": pl.String(), "expectation": pl.String(), "source_uri": pl.String(), "row_json": pl.String()}
)
EXAMPLES = 5  # rows kept per expectation for the report
EXCERPT = 400  # code points kept of a text column in an example
SHARDED = (
    "articles", "article_sources", "article_duplicates", "delegation_members", "delegations", "statements", "figures",
)  # fmt: skip

ACROSS = ("actors", "disagreements")  # made and judged over all shards

# GX keeps its active batch in the data source, which is one for the process.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Validation:
    """What the validation of a shard found.

    `results`: one row per expectation (RESULTS_SCHEMA). Where `is_table_level` is true the expectation concerns the
    table as a whole, or could not be evaluated: failed and critical, it keeps the release back, and `row_count` is
    null. `failures`: one row per row and expectation that it failed (FAILURES_SCHEMA; `row` is the position in the
    frame). `examples`: up to five failing rows per expectation as JSON, long texts shortened (EXAMPLES_SCHEMA),
    for the report.
    """

    results: pl.DataFrame
    failures: pl.DataFrame
    examples: pl.DataFrame


def validate_shard(tables: Mapping[str, pl.DataFrame], today: dt.date | None = None) -> Validation:
    """Judge every row of one shard.

    In: the tables of the shard by name, with the schemas of TABLES, and under `actor_mentions` what its articles tell
    of their actors (rows of ACTOR_MENTIONS; without them nobody can tell whether a person is in `actors` before all
    shards are there). Tables that cross shards (ACROSS) are left to `validate_release`. A table whose columns or
    types are not those of its schema fails as a whole and its rows are not judged. `today` (default: now, in UTC) is
    the day after which dates lie in the future.
    """
    today = today or dt.datetime.now(dt.UTC).date()
    given = [TABLES[name] for name in SHARDED if name in tables]
    facts = [_schema_fact(table, tables[table.name].lazy(), "columns_and_types") for table in given]
    unsound = {f.dataset for f in facts if f.violations}
    sound = {name: frame for name, frame in tables.items() if name not in unsound}
    results, failures, examples = [_judge_facts(facts)], [], []
    for table in given:
        if table.name in sound:
            judged, failed = _judge_rows(table, checked(table, sound[table.name], sound, today))
            results.append(judged)
            failures.append(failed)
            examples.append(_examples(table.name, sound, failed))
    return Validation(
        pl.concat(results),
        pl.concat([pl.DataFrame(schema=FAILURES_SCHEMA), *failures]),
        pl.concat([pl.DataFrame(schema=EXAMPLES_SCHEMA), *examples]),
    )


def validate_release(
    frames: Mapping[str, pl.LazyFrame],
    rejected: pl.DataFrame,
    extracted_counts: Mapping[str, int],
    earlier: pl.DataFrame | None = None,
    today: dt.date | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Judge what is about to be published, over all shards.

    In: every dataset to be published, by name, `actors` among them; the rows of `rejected`; the rows extracted per
    dataset; the measures of earlier releases (`drift.MEASURES_SCHEMA`), where there are any; the day of the run
    (default: now, in UTC). Out: RESULTS_SCHEMA, all at table level: no row of `actors` can be left out, for statements
    and members refer to it, nor one of `disagreements`, which is made of sound rows; and what only all shards together
    show is no single row's fault. Beside it what was measured of the release (`drift.measured`).
    """
    today = today or dt.datetime.now(dt.UTC).date()
    facts = _release_facts(frames, rejected, extracted_counts)
    unsound = {f.dataset for f in facts if f.name == "release_columns_and_types" and f.violations}
    sound = {name: frame for name, frame in frames.items() if name not in unsound}
    measures = drift.measured(sound)
    facts += _measured_facts(sound, measures, earlier, today)
    results = [_judge_facts(facts)]
    for table in (TABLES[name] for name in ACROSS if name in sound):
        rows = sound[table.name].collect()
        judged, _ = _judge_rows(table, checked(table, rows, _articles_of(rows, sound), today))
        results.append(judged.with_columns(row_count=pl.lit(None, pl.Int64), is_table_level=pl.lit(value=True)))
    return pl.concat(results), measures


def _articles_of(rows: pl.DataFrame, tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.DataFrame]:
    """The articles that disagreements name, as the table `articles`; nothing for rows of other tables."""
    if "other_article_id" not in rows.columns or "articles" not in tables:
        return {}
    named = pl.concat([rows["article_id"], rows["other_article_id"].alias("article_id")]).unique().to_frame()
    return {"articles": tables["articles"].join(named.lazy(), on="article_id", how="semi").collect()}


def failures_by_article(tables: Mapping[str, pl.DataFrame], failures: pl.DataFrame) -> pl.DataFrame:
    """Count the failures of a shard by article, dataset and expectation.

    In: the tables that were validated, and `Validation.failures`. Out: FAILURE_COUNTS_SCHEMA, where `failed` is the
    number of rows. Counts of articles add up to those of any set of articles, for no rule looks beyond one article.
    """
    told = [
        of_table.with_columns(article_id=tables[str(name)]["article_id"].gather(of_table["row"]))
        for (name,), of_table in failures.group_by("dataset")
    ]
    counted = pl.concat([failures.clear().with_columns(article_id=pl.lit(None, pl.String)), *told])
    return (
        counted.group_by("article_id", "dataset", "expectation")
        .agg(failed=pl.len().cast(pl.UInt32))
        .sort("article_id", "dataset", "expectation")
        .match_to_schema(FAILURE_COUNTS_SCHEMA)
    )


def carried_results(failures: pl.DataFrame, row_counts: Mapping[str, int]) -> pl.DataFrame:
    """The results of rows that were judged by an earlier run.

    In: failures by article (FAILURE_COUNTS_SCHEMA) and the number of rows of each dataset. Out: RESULTS_SCHEMA, for
    every expectation on rows of these datasets.
    """
    failed = dict(failures.group_by("expectation").agg(pl.col("failed").sum().cast(pl.Int64)).iter_rows())
    results = [
        {
            "dataset": name, "expectation": full_name, "column_name": rule.column, "severity": rule.severity,
            "success": not failed.get(full_name), "observed": f"{failed.get(full_name, 0)} of {rows} rows",
            "unexpected_count": failed.get(full_name, 0), "row_count": rows, "is_table_level": False,
        }
        for name, rows in row_counts.items() for rule in rules(TABLES[name])
        for full_name in (f"{name}.{rule.name}",)
    ]  # fmt: skip
    return pl.DataFrame(results, schema=RESULTS_SCHEMA)


def merge(results: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Gather the results of shards and release into one row per dataset and expectation.

    In and out: RESULTS_SCHEMA; expectations keep the order in which they were first met. Successful where all were,
    at table level where one was; counts are sums.
    """
    parts = pl.concat([pl.DataFrame(schema=RESULTS_SCHEMA), *results])
    wrong, rows = pl.col("unexpected_count").sum(), pl.col("row_count").sum()
    at_table_level = pl.col("is_table_level").any()
    told = pl.col("observed").filter(~pl.col("success")).first().fill_null(pl.col("observed").first())
    return (
        parts.group_by("dataset", "expectation", maintain_order=True)
        .agg(
            pl.col("column_name", "severity").first(),
            pl.col("success").all(),
            observed=pl.when(at_table_level).then(told).otherwise(pl.format("{} of {} rows", wrong, rows)),
            unexpected_count=wrong,
            row_count=pl.when(~at_table_level).then(rows),
            is_table_level=at_table_level,
        )
        .match_to_schema(RESULTS_SCHEMA)
    )


def blocking(results: pl.DataFrame) -> pl.DataFrame:
    """The results that keep a release back: critical ones that failed at table level."""
    return results.filter((pl.col("severity") == "critical") & ~pl.col("success") & pl.col("is_table_level"))


def warm_up() -> None:
    """Import Great Expectations and build the suites, so that the first shard need not wait for it.

    It takes two to four seconds, most of them spent reading files: call it in a thread while articles are extracted.
    """
    with _ONE_AT_A_TIME:
        _batch_definition()
        for name in (*SHARDED, *ACROSS):
            suite_for(TABLES[name])


def checked(table: Table, frame: pl.DataFrame, tables: Mapping[str, pl.DataFrame], today: dt.date) -> pl.DataFrame:
    """What Great Expectations gets to see of a table.

    Out: one row per row of the frame: `row`, its position; the columns that expectations judge themselves; and for
    every rule with an expression, under the rule's name, whether it holds. A column that need only be filled is
    there as true or null.
    """
    judged = [rule for rule in rules(table) if rule.holds is None]
    filled = {rule.options["column"] for rule in judged if rule.expects == "ExpectFilled"}
    others = [rule.options for rule in judged if rule.expects != "ExpectFilled"]
    whole = {name for o in others for name in (o.get("column_list") or [o["column"]])}
    return integrity.with_context(table.name, frame, tables, today).select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        *(pl.col(f.name) for f in table.fields if f.name in whole),
        *(
            pl.when(pl.col(f.name).is_not_null()).then(True).alias(f.name)
            for f in table.fields
            if f.name in filled - whole
        ),
        *(rule.holds.fill_null(value=True).alias(rule.name) for rule in rules(table) if rule.holds is not None),
    )


def _judge_rows(table: Table, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The results of a table's suite on its checked frame, and the rows that failed."""
    by_name = {f"{table.name}.{rule.name}": rule for rule in rules(table)}
    results, failures = [], []
    for name, outcome in _run(suite_for(table), _to_pandas(frame)).items():
        rule = by_name[name]
        rows, problem = _failing_rows(outcome)
        results.append(
            {
                "dataset": table.name, "expectation": name, "column_name": rule.column, "severity": rule.severity,
                "success": bool(outcome.success), "unexpected_count": len(rows),
                "observed": problem or f"{len(rows)} of {frame.height} rows",
                "row_count": None if problem else frame.height, "is_table_level": problem is not None,
            }
        )  # fmt: skip
        failures.append(
            pl.DataFrame({"row": rows}, schema={"row": pl.UInt32}).select(
                dataset=pl.lit(table.name),
                row="row",
                expectation=pl.lit(name),
                severity=pl.lit(rule.severity, SEVERITY),
            )
        )
    return (
        pl.DataFrame(results, schema=RESULTS_SCHEMA),
        pl.concat([pl.DataFrame(schema=FAILURES_SCHEMA), *failures]).sort("row", "expectation"),
    )


def _judge_facts(facts: Sequence[Fact]) -> pl.DataFrame:
    """The results of facts on whole tables, as judged by Great Expectations."""
    counts = pl.DataFrame(
        {f.full_name: [f.violations] for f in facts}, schema_overrides={f.full_name: pl.Int64 for f in facts}
    )
    outcomes = _run(facts_suite(facts), _to_pandas(counts)) if facts else {}
    return pl.DataFrame(
        [
            {
                "dataset": f.dataset, "expectation": f.full_name, "column_name": f.rule.column,
                "severity": f.rule.severity,
                "success": bool(outcomes[f.full_name].success), "observed": f.observed,
                "unexpected_count": f.violations, "row_count": None, "is_table_level": True,
            }
            for f in facts
        ],
        schema=RESULTS_SCHEMA,
    )  # fmt: skip


def _run(suite: gx.ExpectationSuite, frame: pd.DataFrame) -> dict[str, Any]:
    """The outcome of every expectation of a suite on a frame, by full name."""
    import great_expectations as gx  # noqa: PLC0415 - it takes seconds

    with _ONE_AT_A_TIME:
        batch = _batch_definition().get_batch({"dataframe": frame})
        outcomes = {_name(o.expectation_config): o for o in batch.validate(suite, result_format="BOOLEAN_ONLY").results}
        failed = [e for e in suite.expectations if not outcomes[_name(e)].success]
        if failed and "row" in frame:
            detailed = batch.validate(
                gx.ExpectationSuite(name=suite.name, expectations=failed),
                result_format={
                    "result_format": "COMPLETE",
                    "unexpected_index_column_names": ["row"],
                    "include_unexpected_rows": False,
                },
            )
            outcomes |= {_name(o.expectation_config): o for o in detailed.results}
    return outcomes


def _name(expectation: Any) -> str:
    """The full name that the suite gave an expectation, or its configuration."""
    return str(expectation.meta["name"])


def _failing_rows(outcome: Any) -> tuple[list[int], str | None]:
    """The rows that an expectation found wrong; where it could not be evaluated, why not."""
    if outcome.success:
        return [], None
    found = outcome.result.get("unexpected_index_list")
    if found is None:
        return [], f"could not be evaluated: {_first_line(outcome.exception_info)}"
    return [entry["row"] for entry in found], None


def _first_line(exception_info: Mapping[str, Any]) -> str:
    """The message in GX's account of an exception, which it files under the metric that raised or at the top."""
    nested = [v for v in exception_info.values() if isinstance(v, Mapping)]
    message = (nested[0] if nested else exception_info).get("exception_message") or "no reason given"
    return str(message).splitlines()[0][:EXCERPT]


def _to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """The frame in pandas: booleans and the row number in NumPy, twice as fast to filter; the rest Arrow-backed."""
    import pandas as pd  # noqa: PLC0415 - comes with Great Expectations

    plain = [n for n, dtype in frame.schema.items() if dtype == pl.Boolean or n == "row"]
    return pd.concat(
        [
            frame.select(plain).to_pandas(),
            frame.drop(plain).cast({pl.Enum: pl.String}).to_pandas(use_pyarrow_extension_array=True),
        ],
        axis=1,
    )


@cache
def _batch_definition() -> Any:
    """Where Great Expectations takes its frames from."""
    asset = quiet_context().data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def quiet_context() -> EphemeralDataContext:
    """A context of Great Expectations that leaves nothing behind, sends nothing and says nothing."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx  # noqa: PLC0415 - it takes seconds
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415 - likewise

    # This module sets a level of its own, under which every context tells of its temporary folder.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _schema_fact(table: Table, frame: pl.LazyFrame, name: str) -> Fact:
    """How far the frame's columns, their order and Arrow types are those that the table declares."""
    found = pl.DataFrame(schema=frame.collect_schema()).to_arrow().schema
    wanted = table.arrow_schema
    types = {f.name: _plain(f.type) for f in found}
    wrong = [
        f"{f.name} is missing" if f.name not in types else f"{f.name} is {types[f.name]}, not {f.type}"
        for f in wanted if types.get(f.name) != f.type
    ]  # fmt: skip
    wrong += [f"{name} is not declared" for name in found.names if name not in wanted.names]
    if not wrong and found.names != wanted.names:
        wrong = ["columns are in another order"]
    return Fact(table.name, name, len(wrong), "; ".join(wrong) or f"{len(wanted)} columns")


def _plain(dtype: pa.DataType) -> pa.DataType:
    """The type as published: without dictionary, and strings and lists not large."""
    if pa.types.is_dictionary(dtype):
        return _plain(dtype.value_type)
    if pa.types.is_list(dtype) or pa.types.is_large_list(dtype):
        return pa.list_(_plain(dtype.value_type))
    if pa.types.is_struct(dtype):
        return pa.struct([pa.field(f.name, _plain(f.type)) for f in dtype])
    return pa.string() if pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype) else dtype


def _examples(name: str, tables: Mapping[str, pl.DataFrame], failures: pl.DataFrame) -> pl.DataFrame:
    """The first failing rows of each expectation, their long texts shortened."""
    frame = tables[name]
    chosen = failures.group_by("expectation", maintain_order=True).head(EXAMPLES)
    rows = frame.with_row_index("row").filter(pl.col("row").is_in(chosen["row"].implode()))
    if "source_uri" not in frame.columns:
        articles = tables.get("articles", ARTICLES.empty()).unique("article_id", keep="first")
        rows = rows.join(articles.select("article_id", "source_uri"), on="article_id", how="left")
    text = pl.col(pl.String)
    excerpt = pl.when(text.str.len_chars() > EXCERPT).then(text.str.slice(0, EXCERPT) + "…").otherwise(text)
    encoded = rows.with_columns(excerpt).select(
        "row", "source_uri", row_json=pl.struct(frame.columns).struct.json_encode()
    )
    return chosen.join(encoded, on="row", how="left", maintain_order="left").match_to_schema(
        EXAMPLES_SCHEMA, extra_columns="ignore"
    )


def _release_facts(
    frames: Mapping[str, pl.LazyFrame], rejected: pl.DataFrame, extracted_counts: Mapping[str, int]
) -> list[Fact]:
    """What must hold over all shards, counted: schemas, keys, references, and that nothing was lost on the way."""
    facts = [_schema_fact(TABLES[name], frame, "release_columns_and_types") for name, frame in frames.items()]
    sound = {f.dataset: frames[f.dataset] for f in facts if not f.violations}
    sought = list(_violations(sound))
    found = pl.collect_all([violations for *_, violations in sought])
    facts += [
        Fact(dataset, name, wrong.height, _sample(wrong))
        for (dataset, name, _), wrong in zip(sought, found, strict=True)
    ]
    lengths = pl.collect_all([frame.select(pl.len()) for frame in sound.values()])
    published = {name: length.item() for name, length in zip(sound, lengths, strict=True)}
    if "articles" in published:
        found_articles = f"{published['articles']} articles"
        facts.append(Fact("articles", "release_not_empty", int(not published["articles"]), found_articles))
    kept_out = Counter(rejected["dataset"])
    facts += [
        Fact(
            name, "release_rows_accounted_for", abs(extracted - published[name] - kept_out[name]),
            f"{extracted} extracted, {published[name]} published, {kept_out[name]} rejected",
        )
        for name, extracted in extracted_counts.items() if name in published
    ]  # fmt: skip
    return facts


def _measured_facts(
    tables: Mapping[str, pl.LazyFrame], measures: pl.DataFrame, earlier: pl.DataFrame | None, today: dt.date
) -> list[Fact]:
    """What is worth looking at in a release as a whole, and keeps nothing back: shares, dates, drift."""
    earlier = pl.DataFrame(schema=drift.MEASURES_SCHEMA) if earlier is None else earlier
    facts = [
        Fact(dataset, f"release_{measure}_steady", int(not is_steady), observed)
        for dataset, measure, is_steady, observed in drift.compared(measures, earlier)
    ]
    found = {(row["dataset"], row["measure"]): row for row in measures.iter_rows(named=True)}
    for share in drift.SHARES:
        if row := found.get((share.dataset, share.measure)):
            part = row["count"] / max(row["of"], 1)
            is_much = row["of"] >= drift.FEWEST_ROWS and part > share.most
            facts.append(
                Fact(
                    share.dataset,
                    f"release_{share.measure}",
                    row["count"] if is_much else 0,
                    f"{row['count']} of {row['of']} rows ({part:.1%})",
                )
            )
    facts += [
        Fact(dataset, f"release_{column}_not_future", count, f"{count} rows after {today}")
        for dataset, counts in drift.future_rows(tables, today).items()
        for column, count in counts.items()
    ]
    if "delegation_members" in tables:
        torn = integrity.in_two_delegations(tables["delegation_members"]).collect(engine="streaming")
        facts.append(Fact("delegation_members", "release_person_in_one_delegation", torn.height, _sample(torn)))
    if "disagreements" in tables:
        kinds = Counter(tables["disagreements"].select(pl.col("kind").cast(pl.String)).collect()["kind"])
        facts += [
            Fact(dataset, name, kinds[kind], f"pairs in disagreements: {kinds[kind]}")
            for dataset, name, kind in (
                ("figures", "release_values_agree", "figure_value"),
                ("statements", "release_speakers_agree", "quotation_speaker"),
            )
        ]
    if "delegations" in tables:
        sizes = tables["delegations"].filter(pl.col("stated_size").is_not_null())
        stated, members, wrong = (
            sizes.select(pl.col("stated_size").sum(), pl.col("member_count").sum(), wrong=(~pl.col("agrees")).sum())
            .collect()
            .row(0)
        )
        observed = f"{stated} persons stated, {members} members found"
        facts.append(Fact("delegations", "release_sizes_as_stated", wrong, observed))
    return facts


def _violations(tables: Mapping[str, pl.LazyFrame]) -> Iterator[tuple[str, str, pl.LazyFrame]]:
    """What must be empty: dataset, name of the expectation, the keys or values that break it."""
    for name, frame in tables.items():
        if TABLES[name].key:
            yield name, "release_key_unique", integrity.repeated(frame, TABLES[name].key)
        for r in TABLES[name].references:
            if r.table in tables:
                lacking = integrity.orphans(frame, r.column, tables[r.table], r.target)
                yield name, f"release_{r.column}_in_{r.table}", lacking
    if "article_duplicates" in tables:
        chained = integrity.chained(tables["article_duplicates"])
        yield "article_duplicates", "release_points_to_earliest", chained
    if {"actors", "statements", "delegation_members"} <= tables.keys():
        miscounted = integrity.miscounted_actors(tables["actors"], tables["statements"], tables["delegation_members"])
        yield "actors", "release_counts_agree", miscounted
    if "disagreements" in tables:
        yield "disagreements", "release_rows_published", integrity.unpublished(tables["disagreements"], tables)
    if {"delegations", "delegation_members"} <= tables.keys():
        miscounted = integrity.miscounted_delegations(tables["delegations"], tables["delegation_members"])
        yield "delegations", "release_member_count_agrees", miscounted


def _sample(wrong: pl.DataFrame) -> str:
    """How many violations there are, and the first of them."""
    if wrong.is_empty():
        return "none"
    first = ", ".join(" / ".join(map(str, row)) for row in wrong.head(3).rows())
    return f"{wrong.height} wrong: {first}{'…' if wrong.height > 3 else ''}"[:EXCERPT]
