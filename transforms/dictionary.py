"""The data dictionary as a page: `python -m transforms.dictionary > docs/data-dictionary.md` (`make docs`)."""

from __future__ import annotations

import sys

from transforms.schemas import CONTRACT_VERSION, TABLES, WARNINGS, Field, Table


def page() -> str:
    """The data dictionary in Markdown, made from the declarations of `transforms.schemas` alone."""
    head = (
        f"# Data dictionary\n\nContract version {CONTRACT_VERSION}. Made from `transforms/schemas.py` by `make docs`: "
        "edit that file, not this page.\nOffsets count Unicode code points in `articles.text`, end exclusive.\n"
    )
    return "\n".join([head, *(_table(table) for table in TABLES.values())])


def _table(table: Table) -> str:
    """The section of one dataset."""
    lines = [f"## {table.name}", "", f"{table.grain.capitalize()}."]
    if table.key:
        lines.append(f"Key: {', '.join(f'`{column}`' for column in table.key)}.")
    lines += [f"\n> {WARNINGS[warning]}" for warning in table.warnings]
    lines += ["", "| column | type | null | unit | what it holds |", "| --- | --- | --- | --- | --- |"]
    lines += [_row(table, field) for field in table.fields]
    return "\n".join(lines) + "\n"


def _row(table: Table, field: Field) -> str:
    """The line of one column."""
    arrow = table.arrow_schema.field(field.name).type
    values = f" One of: {', '.join(f'`{value}`' for value in field.vocabulary)}." if field.vocabulary else ""
    reference = next((f" → `{r.table}.{r.target}`" for r in table.references if r.column == field.name), "")
    null = "yes" if field.name in table.nullable else ""
    what = f"{field.description}{values}{reference}".replace("|", "\\|").replace("<", "&lt;")
    return f"| `{field.name}` | {arrow} | {null} | {field.unit or ''} | {what} |"


if __name__ == "__main__":
    sys.stdout.write(page())
