"""Measure the speed of the statements alone, and that it stays linear.

    python benchmarks/statements.py [MEGABYTES]

The text is the annotated articles of this project over and over. Printed: MB/s of statements (tokens, people and roles
made before), of the tokens, and of `spacy.blank("fr")` with its sentencizer on the same text where spaCy is installed,
with the ratio; then the time of one article twice as long, and of ten and twenty thousand opening marks.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from transforms.people import people
from transforms.quotes import quotes
from transforms.statements import statements
from transforms.text import tokenize, with_sentences

ARTICLES = sorted((Path(__file__).parents[1] / "tests" / "eval").glob("*/articles/*.txt"))


def articles_of(texts: list[str]) -> pl.DataFrame:
    """Articles as the extractor takes them."""
    ids = [f"{i:016x}" for i in range(len(texts))]
    return pl.DataFrame({"article_id": ids, "text": texts}).with_columns(published_on=pl.lit(None, pl.Date))


def seconds(work: Callable[[], object]) -> float:
    """The better of two runs."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def statements_seconds(texts: list[str]) -> float:
    """Time of the statements of texts, their tokens and people given."""
    articles = articles_of(texts)
    tokens = with_sentences(tokenize(articles))
    who = people(tokens, articles)
    return seconds(lambda: statements(tokens, articles, who))


def main() -> None:
    """Print the measures."""
    wanted = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    sample = [path.read_text("utf-8") for path in ARTICLES]
    once = sum(len(text.encode()) for text in sample) / 1e6
    texts = [f"{text}\n{i}" for i in range(max(1, round(wanted / once))) for text in sample]
    size = sum(len(text.encode()) for text in texts) / 1e6
    rate = size / statements_seconds(texts)
    print(f"statements  {rate:6.2f} MB/s over {size:.1f} MB")
    print(f"tokens      {size / seconds(lambda: with_sentences(tokenize(articles_of(texts)))):6.2f} MB/s")
    if importlib.util.find_spec("spacy"):
        pipeline = importlib.import_module("spacy").blank("fr")
        pipeline.add_pipe("sentencizer")
        other = size / seconds(lambda: list(pipeline.pipe(texts)))
        print(f"spacy       {other:6.2f} MB/s; ratio {rate / other:.1f}")
    else:
        print("spacy       SKIPPED: not installed")
    for megabytes in (1, 2):
        one = "\n".join(texts)[: megabytes * 1_000_000]
        print(f"one article of {megabytes} MB   {statements_seconds([one]):6.2f} s")
    for marks in (10_000, 20_000):
        tokens = with_sentences(tokenize(articles_of(["« mot " * marks])))
        print(f"{marks:,} opening marks  {seconds(lambda tokens=tokens: quotes(tokens)):6.3f} s")


if __name__ == "__main__":
    main()
