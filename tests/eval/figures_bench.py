"""Read the public test sentences of other number extractors: python tests/eval/figures_bench.py [FILE] [--errors]

Each line of the file holds a text and the figures in it. Two measures are taken:

- `read`: every expected number, whatever its kind, is read with its value by the numbers layer (`numerals`) or a
figure;
- `value`, `value_and_unit`: the figures in the scope of the contract come out with their value, and with their unit.

Bare numbers (« quatre-vingt ») are no figure of the contract, and neither are rates of conversion of their own
(`OUT_OF_SCOPE`): docs/figures.md lists them. A figure that no expected one overlaps is spurious, where the line says
that it is complete for the figure's kind.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2]))

from transforms.figures import figures
from transforms.numerals import numerals
from transforms.text import tokenize, with_sentences

BENCH = Path(__file__).parents[2] / ".." / "shared" / "bench" / "figures_dev.jsonl"
# Durations in any unit agree where their seconds do (« une heure dix-neuf minutes » is 4,740 s there, 79 min here).
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800, "mo": 2629800, "a": 31557600, "{quarter}": 7889400}
# kind there → kinds here
KINDS = {
    "money": {"money"}, "percent": {"percent"}, "temperature": {"temperature"}, "duration": {"duration"},
    "age": {"duration"}, "count": {"count"},
    "measure": {"distance", "area", "mass", "volume", "speed", "energy", "calibre", "other"},
}  # fmt: skip
# Lines whose expectation is no quantity of the contract, or contradicts it, by id; why stands in docs/figures.md.
DEVIATIONS: dict[str, str] = json.loads((Path(__file__).parent / "figures_bench.json").read_text("utf-8"))


def close(a: float, b: float) -> bool:
    """Whether two values are one to a part in a million."""
    return math.isclose(a, b, rel_tol=1e-6)


def agrees(expected: dict[str, Any], row: dict[str, Any]) -> tuple[bool, bool]:
    """Whether the value agrees, and whether value and unit do."""
    value, low, high = expected["value"], expected["value_min"], expected["value_max"]
    unit, found_unit, found = expected["unit"], row["unit"], row["value"]
    factor = 1.0
    if unit and unit.endswith("/100"):
        value, unit = value / 100, unit[:-4]
    if unit in SECONDS and found_unit in SECONDS:
        factor = SECONDS[found_unit] / SECONDS[unit]
    if value is not None:
        value_agrees = close(found * factor, value)
    else:
        value_agrees = (low is None or close(row["value_low"] or math.nan, low)) and (
            high is None or close(row["value_high"] or math.nan, high)
        )
    degrees = {"deg", "Cel"}  # a bare degree is one of Celsius here
    same_unit = (
        expected["kind"] in ("count", "number")
        or unit == found_unit
        or (unit in SECONDS and found_unit in SECONDS)
        or {unit, found_unit} <= degrees
    )
    return value_agrees, value_agrees and same_unit


def evaluate(path: Path) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """The measures as hits over trials, and a line per error."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    articles = pl.DataFrame({"article_id": [line["id"] for line in lines], "text": [line["text"] for line in lines]})
    articles = articles.with_columns(article_id=pl.int_range(pl.len()).cast(pl.String))
    tokens = with_sentences(tokenize(articles))
    found: dict[str, list[dict[str, Any]]] = {}
    for row in figures(tokens, articles).to_dicts():
        found.setdefault(row["article_id"], []).append(row)
    numbers = numerals(tokens)
    read: dict[int, list[dict[str, Any]]] = {}
    for first, last, value in numbers.select("first", "last", "value").iter_rows():
        place = {"start": tokens["start"][first], "end": tokens["end"][last], "value": value}
        read.setdefault(tokens["article"][first], []).append(place)
    measures = dict.fromkeys(("read", "value", "value_and_unit", "spurious"), (0, 0))
    errors: list[str] = []

    def count(measure: str, hit: bool) -> None:
        hits, of = measures[measure]
        measures[measure] = (hits + hit, of + 1)

    for i, line in enumerate(lines):
        rows = found.get(str(i), [])
        for expected in line["expected"]:
            over = [r for r in rows if r["text_start"] < expected["end"] and expected["start"] < r["text_end"]]
            judged = [agrees(expected, r) for r in over]
            if expected["value"] is not None and expected["kind"] == "number":
                bare = [r for r in read.get(i, []) if r["start"] < expected["end"] and expected["start"] < r["end"]]
                hit = any(close(r["value"], expected["value"]) for r in bare) or any(v for v, _ in judged)
                count("read", hit)
                if not hit:
                    errors.append(
                        f"READ  {line['id']} {expected['surface']!r} {expected['value']} {[r['value'] for r in bare]}"
                    )
            elif expected["kind"] == "number" or line["id"] in DEVIATIONS:
                continue
            else:
                value, both = (any(v for v, _ in judged), any(b for _, b in judged))
                count("value", value)
                count("value_and_unit", both)
                if not both:
                    got = [(r["text"], r["value"], r["value_low"], r["value_high"], r["unit"]) for r in over]
                    wanted = f"{expected['surface']!r} {expected['value']} {expected['unit']}"
                    errors.append(f"MISS  {line['id']} {wanted} {got} | {line['text'][:90]}")
        kinds = set().union(*(KINDS.get(kind, set()) for kind in line["complete_for"]))
        for row in rows:
            if row["kind"] not in kinds:
                continue
            spans = [(e["start"], e["end"]) for e in line["expected"]] + [tuple(s) for s in line["ignore"]]
            spurious = not any(row["text_start"] < end and start < row["text_end"] for start, end in spans)
            count("spurious", spurious)
            if spurious:
                errors.append(f"EXTRA {line['id']} {row['text']!r} {row['kind']} | {line['text'][:110]}")
    return measures, errors


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Read the public test sentences of other number extractors.")
    parser.add_argument("file", type=Path, nargs="?", default=BENCH)
    parser.add_argument("--errors", action="store_true", help="list every miss and spurious figure")
    options = parser.parse_args()
    measures, errors = evaluate(options.file)
    for measure, (hits, of) in measures.items():
        sys.stdout.write(f"{measure:<16}{hits / of if of else math.nan:.3f}  {hits}/{of}\n")
    sys.stdout.write("".join(f"{error}\n" for error in errors if options.errors))


if __name__ == "__main__":
    main()
