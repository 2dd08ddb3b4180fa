"""Renders the pages that people read: templates in, files out.

Every page is one file that needs no network; `templates/base.html.j2` is the frame of all. Text of articles is
untrusted: templates escape it and isolate its direction, and each page's own policy forbids requests of any kind.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

BIDI = re.compile("([\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+)")
CONTROLS = 5000  # runs of bidi controls that are shown; the element around the text confines further ones


def write_page(path: Path, template: str, **values: Any) -> None:
    """Render a template to a file, whose folder is made; a reader sees the old page or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = _environment().get_template(template).render(**values)
    # A lone surrogate, which no text of ours holds but a file's name may, would be refused.
    beside(path).write_text(page, encoding="utf-8", errors="replace")
    beside(path).replace(path)


def inert(text: str) -> Markup:
    """A text as HTML whose text content is that text, in which no bidi control turns anything around.

    Each run of controls stands alone in an isolate, and the page's style shows its code points.
    """
    pieces = BIDI.split(text, CONTROLS)
    control = Markup('<bdi class="control" data-c="{}">{}</bdi>')
    shown = (
        control.format(" ".join(f"U+{ord(c):04X}" for c in piece[:3]), piece) if at % 2 else escape(piece)
        for at, piece in enumerate(pieces)
    )
    return Markup("").join(shown)


def beside(path: Path) -> Path:
    """The name under which a file or folder is written before it takes its place."""
    return path.with_name(f".{path.name}.new")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("flows"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["breakable"] = _breakable
    environment.filters["inert"] = inert
    return environment


def _breakable(name: str) -> Markup:
    """A name of ours, long and without spaces, that may be broken after its points and underscores."""
    return Markup("").join(part + Markup("<wbr>") if part in {".", "_"} else part for part in re.split(r"([._])", name))
