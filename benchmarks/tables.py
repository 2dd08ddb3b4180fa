"""Measure the speed of each table alone, and of all together, against spaCy's mere tokenisation.

    python benchmarks/tables.py [MEGABYTES] [PYTHON]

The text is the annotated articles of this project over and over; each table is measured with its own tokens and people.
PYTHON is an interpreter that has spaCy, which splits the same text into tokens and sentences before and after
(`spacy.blank("fr")` with its sentencizer): the ratios are to the mean of both.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from transforms.delegations import delegation_members, delegations
from transforms.extract import extract
from transforms.figures import figures
from transforms.people import people
from transforms.statements import statements
from transforms.text import tokenize, with_sentences

ARTICLES = sorted((Path(__file__).parents[1] / "tests" / "eval").glob("*/articles/*.txt"))
SPACY = """
import json, spacy, sys, time
texts = json.load(sys.stdin)
pipeline = spacy.blank("fr")
pipeline.add_pipe("sentencizer")
list(pipeline.pipe(texts[:20]))
start = time.perf_counter()
for document in pipeline.pipe(texts):
    len(document)
print(sum(len(text.encode()) for text in texts) / 1e6 / (time.perf_counter() - start))
"""


def _delegations(tokens: pl.DataFrame, articles: pl.DataFrame) -> None:
    members = delegation_members(tokens, articles, people(tokens, articles))
    delegations(members, tokens, articles)


TABLES: dict[str, Callable[[pl.DataFrame], object]] = {
    "tokens": lambda a: with_sentences(tokenize(a)),
    "people": lambda a: people(with_sentences(tokenize(a)), a),
    "figures": lambda a: figures(with_sentences(tokenize(a)), a),
    "statements": lambda a: statements(t := with_sentences(tokenize(a)), a, people(t, a)),
    "delegations": lambda a: _delegations(with_sentences(tokenize(a)), a),
    "all tables": extract,
}


def main() -> None:
    """Command line."""
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 9.0
    once = [file.read_text("utf-8") for file in ARTICLES]
    texts = once * max(1, round(megabytes * 1e6 / sum(len(text.encode()) for text in once)))
    size = sum(len(text.encode()) for text in texts) / 1e6
    articles = pl.DataFrame({"article_id": [f"{i:016x}" for i in range(len(texts))], "text": texts}).with_columns(
        published_on=pl.lit(None, pl.Date), language=pl.lit("fr")
    )

    def reference() -> list[float]:
        if len(sys.argv) < 3:
            return []
        told = subprocess.run(
            [sys.argv[2], "-c", SPACY], input=json.dumps(once * 10), capture_output=True, text=True, check=True
        )
        return [float(told.stdout)]

    speeds = reference()
    found = {}
    for name, work in TABLES.items():
        work(articles.head(3))  # lexicons are loaded once
        start, used = time.perf_counter(), time.process_time()
        work(articles)
        found[name] = size / (time.perf_counter() - start), time.process_time() - used
    speeds += reference()
    print(f"{size:.1f} MB, {len(texts)} articles")
    for name, (speed, seconds) in found.items():
        ratio = f"{speed * len(speeds) / sum(speeds):6.1f} times spaCy" if speeds else ""
        print(f"{name:12} {speed:6.2f} MB/s, {seconds:6.2f} s of processor {ratio}")
    if speeds:
        print("spaCy        " + ", ".join(f"{speed:.2f}" for speed in speeds) + " MB/s")


if __name__ == "__main__":
    main()
