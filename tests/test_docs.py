"""The documentation says what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from transforms.dictionary import page
from transforms.schemas import DATASET_NAMES, FIELDS, TABLES

ROOT = Path(__file__).parents[1]


def test_the_data_dictionary_is_up_to_date():
    assert (ROOT / "docs" / "data-dictionary.md").read_text("utf-8") == page(), "run `make docs`"


def test_every_field_is_described_and_used():
    assert [name for name, field in FIELDS.items() if len(field.description) < 10] == []
    used = {f"{table.name}.{field.name}" for table in TABLES.values() for field in table.fields}
    plain = {name.split(".")[1] for name in used}
    assert [name for name in FIELDS if name not in used and name not in plain] == []


def test_every_dataset_is_declared_and_stands_in_the_readme():
    assert list(DATASET_NAMES) == list(TABLES)
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name, table in TABLES.items() if f"| `{name}` | {table.grain} |" not in readme] == []


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    reasons = (ROOT / "docs" / "decisions" / "dependencies.md").read_text("utf-8")
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = [re.match(r"[a-z0-9-]+", line)[0] for line in wanted]
    assert [name for name in names if f"`{name}`" not in reasons] == []


@pytest.mark.parametrize(
    "page_name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        *(p.relative_to(ROOT).as_posix() for p in sorted((ROOT / "docs").rglob("*.md"))),
    ],
)
def test_links_between_pages_hold(page_name):
    file = ROOT / page_name
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", file.read_text("utf-8"))
    assert [target for target in targets if not (file.parent / target).exists()] == []


def test_every_make_target_of_the_pages_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for name in ("README.md", "CONTRIBUTING.md"):
        assert set(re.findall(r"`make ([a-z]+)", (ROOT / name).read_text("utf-8"))) <= targets
