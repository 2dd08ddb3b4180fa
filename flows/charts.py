"""Lines and bars over runs, as numbers for the templates to draw: small SVG by hand, in the colours of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flows.history import Record

Unit = Literal["rows", "share"]
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
        strokes: the dots joined, interrupted where a run has no value.
    """

    name: str
    unit: Unit
    low: float
    high: float
    dots: tuple[Dot, ...]
    strokes: str

    @property
    def step(self) -> float:
        """By how much the last value differs from the one before."""
        return self.dots[-1].value - self.dots[-2].value if len(self.dots) > 1 else 0.0


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
    dots, strokes, is_down = [], [], False
    for place, (value, run) in enumerate(zip(values, runs, strict=True)):
        if value is None:
            is_down = False
            continue
        dot = Dot(round(100 * place / last, 2), round(100 * (high - value) / (high - low), 2), value, run)
        dots.append(dot)
        strokes.append(f"{'L' if is_down else 'M'}{dot.x:g} {dot.y:g}")
        is_down = True
    return Line(name, unit, low, high, tuple(dots), "".join(strokes))


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
