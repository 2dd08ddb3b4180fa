"""How fast near-duplicates are found, in how much memory, and how many of them.

    python benchmarks/near_duplicates.py [ARTICLES]    100,000 by default; texts are made of random words

Of the articles 70 % stand alone, 20 % repeat one of these (half of them cut, to a third or more, one word in 25
replaced), and 10 % are series: each shares 40 % of its words with 1,000 others.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from transforms.near_duplicates import article_duplicates, signatures

BATCH = 5_000


def vocabulary(rng: np.random.Generator) -> np.ndarray:
    """30,000 words of letters at random."""
    letters = rng.integers(97, 123, (30_000, 7), dtype=np.uint8)
    return np.array([bytes(word[: 2 + number % 6]).decode() for number, word in enumerate(letters)], object)


def write(folder: Path, count: int) -> int:
    """Write the articles as Parquet files; the number of those that repeat another."""
    rng = np.random.default_rng(1)
    words = vocabulary(rng)
    templates = rng.zipf(1.2, (10, 400)) % len(words)
    repeats = 0
    for start in range(0, count, BATCH):
        # The text of an article is a function of its seed, so that a repetition needs no memory of the original.
        texts = []
        for number in range(start, min(start + BATCH, count)):
            kind = number % 10
            original = number - 7 if kind in (7, 8) else number
            own = np.random.default_rng(original)
            drawn = own.zipf(1.2, 300 + original % 200) % len(words)
            if kind == 9:
                drawn = templates[number // 10 % 10].copy()
                changed = own.random(len(drawn)) < 0.6
                drawn[np.repeat(changed[::8], 8)[: len(drawn)]] = own.integers(0, len(words))
                drawn[changed] = own.integers(0, len(words), changed.sum())
            if kind in (7, 8):
                repeats += 1
                edits = np.random.default_rng(number)
                if kind == 8:
                    drawn = drawn[: max(len(drawn) // 3, int(len(drawn) * edits.random()))]
                drawn[edits.random(len(drawn)) < 0.04] = 0
            texts.append(" ".join(words[drawn]))
        numbers = np.arange(start, start + len(texts))
        pl.DataFrame({"number": numbers, "text": texts}).select(
            article_id=pl.format("{}{}", pl.lit("f" * 6), pl.col("number").cast(pl.String).str.zfill(10)),
            language=pl.lit("fr"),
            published_on=pl.lit(None, pl.Date),
            source_uri=pl.col("number").cast(pl.String).str.zfill(10),
            text="text",
        ).write_parquet(folder / f"{start:09d}.parquet", compression="lz4")
    return repeats


def peak() -> int:
    """The most memory that the process has taken so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        repeats = write(folder, count)
        files = sorted(folder.glob("*.parquet"))
        before = peak()
        began = time.perf_counter(), time.process_time()
        for file in files:
            signatures(pl.read_parquet(file)).write_parquet(folder / f"{file.stem}.signed")
        signed = time.perf_counter(), time.process_time()
        at_signing = peak()
        rows = article_duplicates(
            pl.concat([pl.read_parquet(file.with_suffix(".signed")) for file in files]), pl.scan_parquet(files)
        )
        done = time.perf_counter(), time.process_time()
        found = rows.with_columns(pl.col("article_id", "duplicate_of").str.slice(6).cast(pl.Int64))
        kind = found["article_id"] % 10
        right = found.filter(kind.is_in([7, 8]), pl.col("article_id") - pl.col("duplicate_of") == 7)
    print(f"{count:,} articles, {repeats:,} repeat another")
    print(f"signatures {signed[0] - began[0]:.1f} s (CPU {signed[1] - began[1]:.1f})")
    print(f"candidates and counting {done[0] - signed[0]:.1f} s (CPU {done[1] - signed[1]:.1f})")
    print(f"rows {rows.height:,}, right {right.height:,}: recall {right.height / repeats:.3f}")
    print(f"peak memory in MiB: making the texts {before}, signatures {at_signing}, all {peak()}")


if __name__ == "__main__":
    main()
