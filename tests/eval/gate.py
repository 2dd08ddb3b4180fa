"""The quality gate: scores of the extraction on annotated articles, which may only rise.

    python -m tests.eval.gate            print the scores; fail where one is below its floor
    python -m tests.eval.gate --raise    write the scores reached as the new floors (a floor is never lowered)

Each set holds `articles/*.txt` and their annotation `gold/*.json`. The floors are tied to the
gold by a fingerprint: changed gold needs new floors, set on purpose with `--raise`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table as View

from tests.eval import score
from transforms.articles import RECORDS_SCHEMA, distinct_articles, read_articles
from transforms.extract import extract
from transforms.schemas import TABLES

HERE = Path(__file__).parent
FLOORS = HERE / "floors.json"
SETS = ("seeds", "dev", "own", "dev_2", "held_out", "held_out_2", "held_out_3")
# What the gate holds: the measures that the product is judged by.
HELD = {
    "delegation_members": ("f1", "role_accuracy", "is_head_accuracy", "canonical_name_accuracy"),
    "statements": ("f1", "direct_recall", "exact_span_rate", "mode_accuracy", "speaker_accuracy",
                   "speaker_name_accuracy", "cue_accuracy"),
    "figures": ("f1", "end_to_end_f1", "exact_span_rate", "kind_accuracy", "qualifier_accuracy", "topic_accuracy"),
}  # fmt: skip


def articles_of(folder: Path) -> pl.DataFrame:
    """The articles of a set, as the pipeline reads them."""
    files = sorted((folder / "articles").glob("*.txt"))
    records = [
        {"source_uri": f.name, "source_format": "text", "sha256": hashlib.sha256(f.read_bytes()).hexdigest(),
         "authors": [], "text": f.read_text("utf-8")} for f in files
    ]  # fmt: skip
    articles, _ = distinct_articles(read_articles(pl.DataFrame(records, schema=RECORDS_SCHEMA)))
    return articles


def write_release(folder: Path, articles: pl.DataFrame) -> None:
    """Write the extraction of the articles as the datasets of a release, for the scorer."""
    for name, frame in {"articles": articles, **extract(articles)}.items():
        if name in TABLES:
            (folder / name).mkdir(parents=True)
            frame.match_to_schema(TABLES[name].polars_schema).cast({pl.Enum: pl.String}).write_parquet(
                folder / name / "part.parquet"
            )


def fingerprint(folder: Path) -> str:
    """SHA-256 over the gold files of a set."""
    digest = hashlib.sha256()
    for file in sorted((folder / "gold").glob("*.json")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def measure(name: str) -> tuple[dict[str, Any], list[str]]:
    """The report of the scorer on one set, and its error lines.

    A gold file judges the datasets that it has a key for, so each dataset is scored on the files that annotate it.
    """
    folder = HERE / name
    with tempfile.TemporaryDirectory() as scratch:
        release, gold = Path(scratch) / "release", Path(scratch) / "gold"
        write_release(release, articles_of(folder))
        report, errors = score.score(release, folder / "gold")
        for dataset in score.TABLES:
            (gold / dataset).mkdir(parents=True)
            for file in sorted((folder / "gold").glob("*.json")):
                if dataset in json.loads(file.read_text("utf-8")):
                    (gold / dataset / file.name).write_bytes(file.read_bytes())
            if any((gold / dataset).iterdir()):
                part, lines = score.score(release, gold / dataset)
                report[dataset] = part[dataset]
                errors = [e for e in errors if f" {dataset} " not in e] + [e for e in lines if f" {dataset} " in e]
    return report, errors


def held(report: dict[str, Any]) -> dict[str, float]:
    """The measures that the gate holds, `dataset.measure` → score."""
    return {
        f"{dataset}.{measure}": round(report[dataset][measure]["score"], 4)
        for dataset, measures in HELD.items()
        for measure in measures
        if report[dataset][measure]["score"] is not None
    }


def check() -> tuple[dict[str, dict[str, float]], list[str]]:
    """Scores of every set, and what is wrong: scores below their floor, breaches of the contract, changed gold."""
    floors = json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {}
    scores, faults = {}, []
    for name in SETS:
        report, _ = measure(name)
        scores[name] = held(report)
        known = floors.get(name, {"gold": None, "floors": {}})
        if known["gold"] != fingerprint(HERE / name):
            faults.append(f"{name}: the gold has changed; review it and set the floors with --raise")
        breaches = {k: v for k, v in report["contract"].items() if v}
        if breaches:
            faults.append(f"{name}: breaches of the contract: {breaches}")
        faults += [
            f"{name}: {key} is {scores[name].get(key)}, its floor is {floor}"
            for key, floor in known["floors"].items()
            if scores[name].get(key, 0) < floor
        ]
    return scores, faults


def raise_floors(scores: dict[str, dict[str, float]]) -> None:
    """Write the floors: the higher of what was held and what was reached, or what was reached where gold changed."""
    floors = json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {}
    for name, reached in scores.items():
        known = floors.get(name, {"gold": None, "floors": {}})
        same_gold = known["gold"] == fingerprint(HERE / name)
        old = known["floors"] if same_gold else {}
        floors[name] = {
            "gold": fingerprint(HERE / name),
            "floors": {key: max(value, old.get(key, 0)) for key, value in reached.items()},
        }
    FLOORS.write_text(json.dumps(floors, indent=1) + "\n", "utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raise", dest="up", action="store_true", help="write the scores reached as the floors")
    parser.add_argument("--errors", metavar="SET", help="list every missed, spurious and wrong row of a set")
    options = parser.parse_args()
    if options.errors:
        sys.stdout.write("\n".join(measure(options.errors)[1]) + "\n")
        return
    scores, faults = check()
    view = View("measure", *SETS)
    for key in dict.fromkeys(key for reached in scores.values() for key in reached):
        view.add_row(key, *(f"{scores[name][key]:.3f}" if key in scores[name] else "" for name in SETS))
    Console(width=max(Console().width, 130)).print(view)
    if options.up:
        raise_floors(scores)
        return
    for fault in faults:
        sys.stderr.write(fault + "\n")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
