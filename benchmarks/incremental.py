"""Measure what a run costs after ten articles were added, against a full run and a run on next to nothing.

    python benchmarks/incremental.py [ARTICLES] [FOLDER]

The articles (2,000 by default, some 3 kB each) are paragraphs of the annotated articles drawn by lot, so that no two
are alike. Runs go through the command, Prefect included, into FOLDER (a temporary folder by default). What a run on a
single article takes is the fixed cost; the goal is that adding ten costs, beyond it, at most 5 % of the full run.
Seconds of the processor, which other work on the machine hardly changes, stand beside those of the clock. The files of
the release are compared with those of a full run.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from flows import releases
from transforms.schemas import TABLES

ROOT = Path(__file__).parents[1]
ADDED = 10
ARTICLE_CHARACTERS = 3_000
COMMAND = [sys.executable, "-c", "from flows.cli import app; app()", "run"]


def _paragraphs() -> list[str]:
    articles = sorted((ROOT / "tests" / "eval").glob("*/articles/*.txt"))
    lines = [line.strip() for article in articles for line in article.read_text("utf-8").splitlines()]
    return [line for line in lines if len(line) > 80]


def _write_articles(raw: Path, numbers: range) -> None:
    """Articles by number: each its own first line and its own choice of paragraphs."""
    raw.mkdir(exist_ok=True)
    known = _paragraphs()
    for number in numbers:
        lot = random.Random(number)  # noqa: S311 - no secret
        text = [f"PARIS, {number % 28 + 1} mars 2026. Dépêche numéro {number}."]
        while sum(map(len, text)) < ARTICLE_CHARACTERS:
            text.append(lot.choice(known))
        (raw / f"{number:07d}.txt").write_text("\n\n".join(text), encoding="utf-8")


def _run(raw: Path, curated: Path, *options: str) -> float:
    """Seconds that a run and its processes keep the processor busy."""
    start, used = time.perf_counter(), _processor_seconds()
    command = [*COMMAND, "--raw", str(raw), "--curated", str(curated), *options]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    seconds, used = time.perf_counter() - start, _processor_seconds() - used
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    stages = [line for line in done.stdout.splitlines() if line.endswith(" s")]
    told = ", ".join(" ".join(stage.split()) for stage in stages)
    print(f"  {seconds:7.1f} s, {used:.1f} s of processor ({told})")
    return used


def _processor_seconds() -> float:
    """Seconds of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _untimed(curated: Path) -> dict[str, str]:
    release = releases.current(curated)
    if release is None:
        sys.exit(f"{curated} holds no release")
    timed = {name for name, table in TABLES.items() if table.is_timed}
    return {path: digest for path, digest in release.hashes.items() if path.split("/", maxsplit=1)[0] not in timed}


def main() -> None:
    """Command line."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(temporary)
        raw, curated, small = folder / "raw", folder / "curated", folder / "small"
        _write_articles(small, range(1))
        _run(small, folder / "curated-small")  # makes the database
        print("on one article, changed:")
        (small / "other.txt").write_text("Un accord a été trouvé, a annoncé le ministre.", encoding="utf-8")
        fixed = _run(small, folder / "curated-small", "--full")
        print(f"on {count} articles:")
        _write_articles(raw, range(count))
        full = _run(raw, curated)
        print(f"after adding {ADDED}:")
        _write_articles(raw, range(count, count + ADDED))
        added = _run(raw, curated)
        incremental = _untimed(curated)
        print("nothing changed:")
        _run(raw, curated)
        print("all of it anew:")
        _run(raw, curated, "--full")
        equal = incremental == _untimed(curated)
    print(f"the same files as a full run: {'yes' if equal else 'NO'}")
    print(f"beyond the fixed cost, adding {ADDED} costs {(added - fixed) / full:.1%} of the full run (of processor)")


if __name__ == "__main__":
    main()
