"""Lines and bars over runs, as numbers for the templates to draw: small SVG by hand, in the colours of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flows.history import Record

Unit = Literal["rows", "share"]
EDGE = 2  # of the box at either side, so that the marks of the first and the last run stand whole
NARROWEST = 0.1  # of an axis of shares that does not start at zero: a change of a point must not look like a fall


@dataclass(frozen=True)
class Dot:
    """A value of one run, in a box of 100 by 100 with y downwards."""

    x: float
    y: float
    value: float
    run: Record


@dataclass(frozen=True)
class Line:
    """A value over runs.

    Attributes:
        name: what it is.
        unit: whether it counts rows or is a share of them (0-1).
        low, high: values at the lower and the upper edge.
        dots: a place per run that has the value, oldest first.
        strokes: the dots of runs that published, joined; interrupted where such a run has no value.
        areas: what lies below the strokes.
    """

    name: str
    unit: Unit
    low: float
    high: float
    dots: tuple[Dot, ...]
    strokes: str
    areas: str

    @property
    def step(self) -> float | None:
        """By how much the last value differs from that of the last run before that published; None where none did."""
        before = [dot for dot in self.dots[:-1] if dot.run.verdict != "blocked"]
        return self.dots[-1].value - before[-1].value if before else None


@dataclass(frozen=True)
class Bar:
    """What one run stacks up, the gravest at the bottom: (severity, y, height), in a box of 100 by 100."""

    x: float
    width: float
    parts: tuple[tuple[str, float, float], ...]
    run: Record


def line(name: str, unit: Unit, values: Sequence[float | None], runs: Sequence[Record], *, from_zero: bool) -> Line:
    """A line through one value per run, oldest first, null where a run has none."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    if from_zero:
        low, high = 0.0, high or 1.0
    elif high - low < NARROWEST:
        low = min(max((low + high - NARROWEST) / 2, 0.0), 1 - NARROWEST)
        high = low + NARROWEST
    last = max(len(runs) - 1, 1)
    dots: list[Dot] = []
    pieces: list[list[Dot]] = [[]]
    for place, (value, run) in enumerate(zip(values, runs, strict=True)):
        if value is not None:
            x, y = EDGE + (100 - 2 * EDGE) * place / last, 100 * (high - value) / (high - low)
            dots.append(Dot(round(x, 2), round(y, 2), value, run))
        if run.verdict == "blocked":
            continue  # what was blocked is no part of the trend of what was published
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(dots[-1])
    return Line(
        name, unit, low, high, tuple(dots), "".join(map(_stroke, pieces)),
        "".join(f"{_stroke(p)}V100H{p[0].x:g}Z" for p in pieces if p),
    )  # fmt: skip


def _stroke(dots: Sequence[Dot]) -> str:
    return "".join(f"{'L' if place else 'M'}{dot.x:g} {dot.y:g}" for place, dot in enumerate(dots))


def bars(runs: Sequence[Record], severities: Sequence[str]) -> tuple[int, tuple[Bar, ...]]:
    """Expectations that each run did not meet, by severity; the height of the box, in expectations."""
    counts = [[run.expectations.get(severity, (0, 0))[1] for severity in severities] for run in runs]
    highest = max((sum(c) for c in counts), default=0) or 1
    slot = 100 / max(len(runs), 1)
    width = min(slot * 0.7, 6)
    drawn = []
    for place, (run, found) in enumerate(zip(runs, counts, strict=True)):
        parts, floor = [], 100.0
        for severity, number in zip(severities, found, strict=True):
            height = 100 * number / highest
            floor -= height
            if number:
                parts.append((severity, round(floor, 2), round(height, 2)))
        drawn.append(Bar(round(slot * (place + 0.5) - width / 2, 2), round(width, 2), tuple(parts), run))
    return highest, tuple(drawn)
