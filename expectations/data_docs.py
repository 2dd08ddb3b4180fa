"""Great Expectations' own pages, rendered from results that are there already.

GX renders one page per dataset from the merged results of a run, so that nothing is validated twice and a thousand
shards make no more pages than one. The pages fetch styles and scripts from the network when opened and are blank
without: they are the extra beside the report of `flows.reports`.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from expectations.checkpoints import quiet_context
from expectations.suites import Fact, facts_suite, suite_for
from transforms.schemas import TABLES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult


TRACKER = re.compile(r"https://great-expectations-web-assets[^\s\"'()<>]*")
LOGO = "static/images/logo-long.png"  # the same image, beside the pages


def write_data_docs(folder: Path, results: pl.DataFrame, run_id: str, at: dt.datetime) -> None:
    """Render a page per dataset, and their index, into the folder.

    In: merged results (RESULTS_SCHEMA), the run's id and time (UTC).
    """
    from great_expectations.core import RunIdentifier  # noqa: PLC0415 - Great Expectations takes seconds
    from great_expectations.data_context.types.resource_identifiers import (  # noqa: PLC0415
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    context = quiet_context()
    for site in list(context.list_data_docs_sites()):
        context.delete_data_docs_site(site)
    context.add_data_docs_site(
        "site",
        {
            "class_name": "SiteBuilder",
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.resolve())},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    run = RunIdentifier(run_name=run_id, run_time=at)
    for (dataset,), rows in results.group_by("dataset", maintain_order=True):
        key = ValidationResultIdentifier(ExpectationSuiteIdentifier(str(dataset)), run, str(dataset))
        context.validation_results_store.set(key, _outcome(str(dataset), rows, run, at))
    context.build_data_docs()
    for page in folder.rglob("*.html"):
        logo = "../" * (len(page.relative_to(folder).parts) - 1) + LOGO
        page.write_text(_without_tracker(page.read_text("utf-8"), logo), encoding="utf-8")


def _without_tracker(page: str, logo: str) -> str:
    """A page of GX without the image that tells its makers who opened it when, and without their newsletter."""
    begin, end = page.find("<footer>"), page.find("</footer>")
    if 0 <= begin < end and "newsletter" in page[begin:end]:
        page = page[:begin] + page[end + len("</footer>") :]
    return TRACKER.sub(logo, page)


def _outcome(dataset: str, rows: pl.DataFrame, run: Any, at: dt.datetime) -> ExpectationSuiteValidationResult:
    """The results of a dataset as GX would have returned them for one batch of all its rows."""
    from great_expectations.core import (  # noqa: PLC0415 - Great Expectations takes seconds
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )

    facts = [
        Fact(dataset, row["expectation"].removeprefix(f"{dataset}."), row["unexpected_count"], row["observed"])
        for row in rows.filter("is_table_level").to_dicts()
    ]
    suites = (suite_for(TABLES[dataset]), facts_suite(facts))
    configurations = {c.meta["name"]: c for suite in suites for c in suite.expectation_configurations}
    outcomes = [
        ExpectationValidationResult(
            success=row["success"],
            expectation_config=configurations[row["expectation"]],
            result={"observed_value": row["observed"]}
            if row["is_table_level"]
            else {
                "element_count": row["row_count"], "unexpected_count": row["unexpected_count"],
                "unexpected_percent": 100 * row["unexpected_count"] / max(row["row_count"], 1),
                "partial_unexpected_list": [],
            },
            exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
        )
        for row in rows.to_dicts()
    ]  # fmt: skip
    passed = int(rows["success"].sum())
    return ExpectationSuiteValidationResult(
        success=passed == rows.height,
        results=outcomes,
        suite_name=dataset,
        statistics={
            "evaluated_expectations": rows.height,
            "successful_expectations": passed,
            "unsuccessful_expectations": rows.height - passed,
            "success_percent": 100 * passed / rows.height,
        },
        meta={"run_id": run, "batch_markers": {}, "validation_time": at.isoformat()},
    )
