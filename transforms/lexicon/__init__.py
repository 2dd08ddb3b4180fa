"""Vocabulary of the extractors as TOML, and the one way to read it."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The content of `<name>.toml`.

    Raises:
        FileNotFoundError: no such vocabulary.
        tomllib.TOMLDecodeError: the file is not TOML.
    """
    return tomllib.loads((resources.files(__name__) / f"{name}.toml").read_text("utf-8"))
