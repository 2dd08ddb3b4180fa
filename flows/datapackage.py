"""What a release says of itself: `datapackage.json`, made from the declarations of the tables."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import polars as pl

from transforms.schemas import CONTRACT_VERSION, TABLES, WARNINGS, Field, Table

# They say when things run and what is shown; what they bring along decides no row.
ORCHESTRATING = {"fastapi", "great-expectations", "jinja2", "prefect", "rich", "sqlalchemy", "typer"}


def describe(
    files: Mapping[str, list[dict[str, Any]]],
    release_id: str,
    at: datetime,
    run_id: str,
    measures: pl.DataFrame | None = None,
) -> dict[str, Any]:
    """The content of `datapackage.json` (Data Package standard): the data dictionary, and every file with its hash.

    `measures` (`expectations.drift.measured`) are added to their datasets, for later releases to be compared with.
    """
    told: dict[str, dict[str, dict[str, int]]] = {}
    for row in measures.iter_rows(named=True) if measures is not None else ():
        told.setdefault(row["dataset"], {})[row["measure"]] = {"count": row["count"], "of": row["of"]}
    return {
        "name": "depeche",
        "title": "French news: delegations, statements and figures",
        "version": release_id,
        "created": at.isoformat(),
        "contract_version": CONTRACT_VERSION,
        "code_version": code_version(),
        "fingerprint": fingerprint(),
        "run_id": run_id,
        "resources": [
            _describe_dataset(table, files[name]) | ({"measures": told[name]} if name in told else {})
            for name, table in TABLES.items()
        ],
    }


def _describe_dataset(table: Table, files: list[dict[str, Any]]) -> dict[str, Any]:
    paths = [file["path"] for file in files]
    return {
        "name": table.name,
        "description": table.grain,
        "path": paths[0] if len(paths) == 1 else paths,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "rows": sum(file["rows"] for file in files),
        "usage_warnings": [WARNINGS[key] for key in table.warnings],
        "files": files,
        "schema": {
            "fields": [
                {"name": f.name, "type": _package_type(f.dtype), "description": f.description}
                | ({"unit": f.unit} if f.unit else {})
                | {"constraints": _constraints(table, f)}
                for f in table.fields
            ],
            **({"primaryKey": list(table.key)} if table.key else {}),
            "foreignKeys": [
                {"fields": [r.column], "reference": {"resource": r.table, "fields": [r.target]}}
                for r in table.references
            ],
        },
    }


def _constraints(table: Table, field: Field) -> dict[str, Any]:
    found = {"enum": field.vocabulary, "pattern": field.pattern, "minimum": field.minimum, "maximum": field.maximum}
    return {"required": field.name not in table.nullable} | {
        name: value for name, value in found.items() if value is not None
    }


def _package_type(dtype: pl.DataType) -> str:
    """The Data Package type of a Polars type."""
    if dtype.is_nested():
        return "array"
    if dtype.is_integer():
        return "integer"
    names = {pl.Boolean: "boolean", pl.Float64: "number", pl.Date: "date", pl.Datetime: "datetime", pl.String: "string"}
    return names[dtype.base_type()]


@cache
def code_version() -> str:
    """Version of the package, and a digest of its code and vocabulary: what decides the rows, beside the raw files."""
    digest = hashlib.sha256()
    for package in ("flows", "expectations", "transforms"):
        folder = Path(str(resources.files(package)))
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            digest.update(f"{package}/{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{metadata.version('depeche')}+{digest.hexdigest()[:12]}"


@cache
def fingerprint() -> str:
    """Digest of all that decides the rows beside the raw files: code, vocabulary, Python, and the packages used."""
    versions = sorted(f"{name} {version}" for name, version in _versions().items())
    told = "\n".join([code_version(), platform.python_version(), *versions])
    return hashlib.sha256(told.encode()).hexdigest()


def _versions() -> dict[str, str]:
    """Versions of the packages that this one requires, and of those which they require in turn."""
    found: dict[str, str] = {}
    sought = ["depeche"]
    while sought:
        name = sought.pop()
        if name in found:
            continue
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # required on other systems only
            continue
        found[name] = package.version
        if name not in ORCHESTRATING:
            required = [r for r in package.requires or [] if "extra ==" not in r]
            sought += [re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", r)[0]).lower() for r in required]
    return found
