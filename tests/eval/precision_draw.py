"""Draw statements found in public sentences, to be read by eye: python -m tests.eval.precision_draw

Each line of the file is an article of one sentence. The sentences fall into two halves by the hash of their text: the
`tuned` one is read to find kinds of error, the `clean` one is only counted. The order within a half comes from the
hash of seed and text, so that a change of a rule moves no other statement of the draw.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2]))

from transforms.people import people
from transforms.statements import statements
from transforms.text import tokenize, with_sentences

BENCH = Path(__file__).parents[2] / ".." / "shared" / "bench" / "ud_fr_sentences.jsonl"
HALVES = ("tuned", "clean")


def number_of(*parts: str) -> int:
    """A number that depends on nothing but the words given."""
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:8], "big")


def drawn(texts: list[str], half: str, seed: int) -> pl.DataFrame:
    """Every statement of the sentences of a half, in the order of the seed."""
    chosen = sorted(
        {text for text in texts if HALVES[number_of(text) % 2] == half}, key=lambda text: number_of(str(seed), text)
    )
    articles = pl.DataFrame({"article_id": [f"{i:016x}" for i in range(len(chosen))], "text": chosen}).with_columns(
        published_on=pl.lit(None, pl.Date)
    )
    tokens = with_sentences(tokenize(articles))
    return statements(tokens, articles, people(tokens, articles)).sort("article_id", "text_start")


def main() -> int:
    """Print the statements drawn; 1 where the file is missing."""
    options = argparse.ArgumentParser(description="Draw statements found in public sentences, to be read by eye.")
    options.add_argument("file", type=Path, nargs="?", default=BENCH)
    options.add_argument("--half", choices=HALVES, default="clean")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=100)
    chosen = options.parse_args()
    if not chosen.file.exists():
        sys.stderr.write(f"SKIPPED: {chosen.file} is not there\n")
        return 1
    texts = [json.loads(line)["text"] for line in chosen.file.read_text("utf-8").splitlines()]
    rows = drawn(texts, chosen.half, chosen.seed)
    sys.stdout.write(f"{rows.height} statements in the half; the first {chosen.count} of seed {chosen.seed}:\n")
    for number, row in enumerate(rows.head(chosen.count).iter_rows(named=True), 1):
        source = f"{row['speaker']} = {row['speaker_name']} ({row['speaker_kind']}, {row['speaker_reference']})"
        sys.stdout.write(
            f"\n{number}. {row['sentence']}\n   {row['mode']}: {row['text']}\n"
            f"   {source}; cue {row['cue']}; rule {row['rule']}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
