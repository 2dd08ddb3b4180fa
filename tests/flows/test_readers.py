"""The curated files as users read them: the lines of the README, run on a real release."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.conftest import ROOT, Ran
from transforms.schemas import TABLES

pytestmark = pytest.mark.usefixtures("in_place")
README = (ROOT / "README.md").read_text("utf-8")


@pytest.fixture
def in_place(released: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory in which the release lies where the README says."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "curated").symlink_to(released.curated)
    monkeypatch.chdir(tmp_path)


def example(language: str) -> list[str]:
    """The lines of the README's example in a language, comments aside."""
    block = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert block, language
    return [line for line in block[1].splitlines() if not line.startswith(("--", "#"))]


def test_duckdb_reads_as_the_readme_says() -> None:
    rows = duckdb.sql(" ".join(example("sql")).rstrip(";")).fetchall()
    assert ("Donald Trump", "prévient", "Personne ne me manipulera") in rows


def test_polars_and_pandas_read_as_the_readme_says() -> None:
    figures, members = (eval(line.split("  #")[0], {"pl": pl, "pd": pd}) for line in example("python"))  # noqa: S307
    assert 1.5e9 in figures["value"].to_list()
    assert "Howard Lutnick" in set(members["canonical_name"])


def test_offsets_count_the_same_in_duckdb() -> None:
    wrong = duckdb.sql("""
        SELECT count(*) FROM 'data/curated/latest/figures/*.parquet' f
        JOIN 'data/curated/latest/articles/*.parquet' a USING (article_id)
        WHERE substring(a.text, f.text_start + 1, f.text_end - f.text_start) <> f.text
    """).fetchall()
    assert wrong == [(0,)]


def test_files_explain_themselves() -> None:
    for table in TABLES.values():
        for file in Path("data/curated/latest", table.name).glob("*.parquet"):
            schema = pq.read_schema(file)
            assert schema.names == table.arrow_schema.names
            for field in table.fields:
                assert schema.field(field.name).metadata[b"description"].decode() == field.description
