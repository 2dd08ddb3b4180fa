"""Splits the tables of a shard into what may be published and what is kept out, by the expectations that rows failed.

A row that failed an expectation of critical severity is kept out, and so is what hangs on it: the rows of an article,
the members of a delegation, a delegation that has no member left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from expectations.checkpoints import Validation
from expectations.suites import sayings
from transforms.integrity import DELEGATION, size_agrees
from transforms.schemas import REJECTED, TABLES

# The rows of a table that are kept out: position, the expectations that they failed, and why in words.
_OUT = pl.Schema({"row": pl.UInt32(), "expectations": pl.List(pl.String()), "reason": pl.String()})


def reject(
    tables: Mapping[str, pl.DataFrame], validation: Validation, run_id: str, at: dt.datetime
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Split the tables of a shard by what their validation found.

    In: the tables that were validated (what is not published, `actor_mentions`, is left aside), the run's id and time
    (UTC). Out: the tables without the rows kept out, in their order, `delegations` counted again where they lost
    members; and the rows kept out, as rows of REJECTED. Of every table, the rows that came in are those kept and those
    rejected. A row that hangs on a rejected one lists the expectation that ties it to that row.
    """
    tables = {name: frame for name, frame in tables.items() if name in TABLES}
    kept = dict(tables)
    out = {name: _failed(name, validation.failures) for name in tables}

    def drop(name: str, rows: pl.DataFrame) -> None:
        out[name] = _merged(out[name], rows)
        kept[name] = tables[name].with_row_index("row").join(out[name], on="row", how="anti").drop("row")

    for name, rows in out.items():
        drop(name, rows)
    for name in tables:
        for reference in TABLES[name].references:
            if reference.table == "articles" and "articles" in tables:
                gone = _gone(tables["articles"], out["articles"], ("article_id",), (reference.column,))
                drop(name, _hanging(tables[name], gone, f"{name}.article_id_in_articles", "its article is rejected"))
    if "delegations" in tables and "delegation_members" in tables:
        gone = _gone(tables["delegations"], out["delegations"], DELEGATION)
        hanging = _hanging(
            tables["delegation_members"], gone, "delegation_members.listed_in_delegations", "its delegation is rejected"
        )
        drop("delegation_members", hanging)
        lost = _gone(tables["delegation_members"], out["delegation_members"], DELEGATION)
        emptied = lost.join(kept["delegation_members"], on=DELEGATION, how="anti")
        drop(
            "delegations",
            _hanging(tables["delegations"], emptied, "delegations.member_count_found", "all its members are rejected"),
        )
        kept["delegations"] = _recounted(kept["delegations"], kept["delegation_members"], lost)

    sources = tables["articles"].select("article_id", "source_uri") if "articles" in tables else None
    rejected = [_as_rejected(name, tables[name], rows, sources, run_id, at) for name, rows in out.items()]
    return kept, pl.concat([REJECTED.empty(), *rejected])


def _failed(name: str, failures: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table that failed an expectation of critical severity, with all that they failed."""
    is_critical = pl.col("severity") == "critical"
    broken = pl.col("expectation").filter(is_critical).replace(sayings()).str.join("; ")
    return (
        failures.filter(pl.col("dataset") == name)
        .filter(is_critical.any().over("row"))
        .group_by("row", maintain_order=True)
        .agg(expectations="expectation", reason=pl.lit("does not hold: ") + broken)
        .match_to_schema(_OUT)
    )


def _gone(
    frame: pl.DataFrame, out: pl.DataFrame, key: tuple[str, ...], names: tuple[str, ...] | None = None
) -> pl.DataFrame:
    """The keys of the rows kept out, one row each, under other names where given."""
    rows = frame.with_row_index("row").join(out, on="row", how="semi")
    return rows.select(pl.col(k).alias(n) for k, n in zip(key, names or key, strict=True)).unique()


def _hanging(frame: pl.DataFrame, gone: pl.DataFrame, expectation: str, reason: str) -> pl.DataFrame:
    """The rows that refer to one of the keys that are gone."""
    rows = frame.with_row_index("row").join(gone, on=gone.columns, how="semi", maintain_order="left")
    return rows.select("row", expectations=pl.lit([expectation]), reason=pl.lit(reason)).match_to_schema(_OUT)


def _merged(*outs: pl.DataFrame) -> pl.DataFrame:
    """One row per row kept out, with all its expectations and reasons."""
    return (
        pl.concat(outs)
        .group_by("row", maintain_order=True)
        .agg(
            expectations=pl.col("expectations").explode().unique(maintain_order=True),
            reason=pl.col("reason").unique(maintain_order=True).str.join("; "),
        )
        .sort("row")
    )


def _recounted(delegations: pl.DataFrame, members: pl.DataFrame, lost: pl.DataFrame) -> pl.DataFrame:
    """The delegations, those that lost members counted again: member_count, head_person_id, agrees."""
    left = members.join(lost, on=DELEGATION, how="semi")
    found = left.group_by(DELEGATION).agg(
        _members=pl.len().cast(pl.Int32), _heads=pl.col("person_id").filter(pl.col("is_head"))
    )
    head = pl.col("head_person_id")
    return (
        delegations.join(found, on=DELEGATION, how="left", maintain_order="left")
        .with_columns(
            member_count=pl.col("_members").fill_null(pl.col("member_count")),
            head_person_id=pl.when(pl.col("_heads").is_null() | pl.col("_heads").list.contains(head)).then(head),
        )
        .with_columns(agrees=size_agrees())
        .select(delegations.columns)
    )


def _as_rejected(
    name: str, frame: pl.DataFrame, out: pl.DataFrame, sources: pl.DataFrame | None, run_id: str, at: dt.datetime
) -> pl.DataFrame:
    """The rows kept out of a table as rows of REJECTED."""
    rows = frame.with_row_index("row").join(out, on="row", how="inner", maintain_order="left")
    encoded = rows.with_columns(row_json=pl.struct(frame.columns).struct.json_encode())
    if "source_uri" not in frame.columns and sources is not None:
        one = sources.unique("article_id", keep="first")
        encoded = encoded.join(one, on="article_id", how="left", maintain_order="left")
    elif "source_uri" not in frame.columns:
        encoded = encoded.with_columns(source_uri=pl.lit(None, pl.String))
    return encoded.select(
        dataset=pl.lit(name).cast(REJECTED.polars_schema["dataset"]),
        # A row whose article is unknown has no source; its id is the next best place to look.
        source_uri=pl.coalesce("source_uri", "article_id").fill_null(""),
        row_json="row_json", expectations="expectations", reason="reason",
        run_id=pl.lit(run_id), rejected_at=pl.lit(at, pl.Datetime("us", "UTC")),
    ).match_to_schema(REJECTED.polars_schema)  # fmt: skip
