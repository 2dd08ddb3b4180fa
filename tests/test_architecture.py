"""Imports point one way: flows → expectations → transforms."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "transforms": {"flows", "expectations", "prefect", "great_expectations"},
    "expectations": {"flows", "prefect"},
    "flows": {"great_expectations"},
}


def imported(file: Path) -> set[str]:
    """The top-level packages that a module imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", FORBIDDEN)
def test_imports_point_one_way(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    assert {f.name: imported(f) & FORBIDDEN[package] for f in files if imported(f) & FORBIDDEN[package]} == {}


def test_no_row_loop_on_the_hot_path():
    """Extraction is vectorised: no call of Polars that runs Python code row by row."""
    banned = ("map_elements", "iter_rows", "iter_slices", "map_rows", "to_dicts")
    files = sorted((ROOT / "transforms").rglob("*.py"))
    assert {
        f.name: [b for b in banned if f".{b}(" in f.read_text("utf-8")]
        for f in files
        if any(f".{b}(" in f.read_text("utf-8") for b in banned)
    } == {}
