"""Read the public reporting sentences: python tests/eval/reporting_bench.py [FILE] [--errors]

Each line of the file holds a sentence, the content reported and its source. Two measures are taken: `found`, the share
of contents that a statement covers by half or more (intersection over union), and `speaker`, the share of these whose
source overlaps the expected one. A line that is no statement counts as `false` where one is found.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2]))

from transforms.people import people
from transforms.statements import statements
from transforms.text import tokenize, with_sentences

BENCH = Path(__file__).parents[2] / ".." / "shared" / "bench" / "ud_fr_reporting_dev.jsonl"
COVERED = 0.5


def share(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Intersection over union of two spans."""
    common = min(a[1], b[1]) - max(a[0], b[0])
    return max(common, 0) / (max(a[1], b[1]) - min(a[0], b[0]))


def measure(lines: list[dict[str, Any]]) -> tuple[dict[str, float], list[str]]:
    """The measures over lines of the bench, and a line per error."""
    articles = pl.DataFrame(
        {"article_id": [f"{i:016x}" for i in range(len(lines))], "text": [line["text"] for line in lines]}
    ).with_columns(published_on=pl.lit(None, pl.Date))
    tokens = with_sentences(tokenize(articles))
    rows = statements(tokens, articles, people(tokens, articles)).to_dicts()
    wanted = found = spoken = false = 0
    errors = []
    for number, line in enumerate(lines):
        content, source = (line["content_start"], line["content_end"]), (line["speaker_start"], line["speaker_end"])
        hits = [
            row
            for row in rows
            if row["article_id"] == f"{number:016x}" and share((row["text_start"], row["text_end"]), content) >= COVERED
        ]
        if not line["statement"]:
            false += bool(hits)
            continue
        wanted += 1
        found += bool(hits)
        right = any(
            r["speaker_start"] is not None and share((r["speaker_start"], r["speaker_end"]), source) for r in hits
        )
        spoken += right
        if not right:
            errors.append(f"{'SOURCE' if hits else 'MISS'} {line['speaker_surface']} | {line['text']}")
    return {"found": found / wanted, "speaker": spoken / max(found, 1), "false": float(false)}, errors


def main() -> int:
    """Print the measures; 1 where the file is missing."""
    options = argparse.ArgumentParser(description="Read the public reporting sentences.")
    options.add_argument("file", type=Path, nargs="?", default=BENCH)
    options.add_argument("--errors", action="store_true")
    chosen = options.parse_args()
    if not chosen.file.exists():
        sys.stderr.write(f"SKIPPED: {chosen.file} is not there\n")
        return 1
    measures, errors = measure([json.loads(line) for line in chosen.file.read_text("utf-8").splitlines()])
    lines = [f"{name:<10}{value:.3f}" for name, value in measures.items()] + (errors if chosen.errors else [])
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
