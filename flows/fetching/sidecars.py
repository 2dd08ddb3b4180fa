"""Sidecars of fetched files, as `flows/sources/sidecar.py` reads them."""

from __future__ import annotations

import json
from datetime import datetime


def sidecar_text(**values: str | datetime | None) -> str:
    """Lines of TOML, one for each value that is known."""
    return "".join(f"{key} = {_value(value)}\n" for key, value in values.items() if value is not None)


def _value(value: str | datetime) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    # A string of JSON is one of TOML, but for the one control character that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
