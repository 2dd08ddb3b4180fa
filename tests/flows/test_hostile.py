"""Hostile and broken files: each ends as records or named lines, the run goes on, memory and time stay bounded."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from flows.loading import load
from flows.sources import RawFolder, Record, Unreadable
from tests.conftest import ROOT
from tests.flows import hostile
from tests.flows.samples import json_lines
from tests.flows.test_loading import AT, raw, table, work
from transforms.schemas import REJECTED

__all__ = ["raw", "work"]  # fixtures

MAX_MB = 1_000
MAX_SECONDS_EACH = 20  # the slowest takes 3 seconds on an idle machine


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], list[tuple[str, int | str, float, int]]]:
    """The entries of the corpus; and what a process of its own made of them: place, outcome, seconds, peak memory."""
    folder = tmp_path_factory.mktemp("hostile")
    names = hostile.build(folder)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.flows.hostile", folder],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    for large in folder.glob("*_50mb*"):
        large.unlink()
    return names, [tuple(json.loads(line)) for line in ran.stdout.splitlines()]


def test_every_file_ends_as_records_or_lines(outcome) -> None:
    names, found = outcome
    assert len(names) > 100
    told = {name for name in names for uri, *_ in found if uri == name or uri.startswith(name + "#")}
    assert told == names
    assert all(reason and ";" in reason and "\n" not in reason for _, reason, *_ in found if isinstance(reason, str))


def test_no_file_takes_much_memory_or_time(outcome) -> None:
    _, found = outcome
    assert max(peak for *_, peak in found) < MAX_MB
    assert [(uri, seconds) for uri, _, seconds, _ in found if seconds > MAX_SECONDS_EACH] == []


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("bidi_\u202etxt.txt", True), ("new\nline.txt", True), ("one_line_50mb.txt", True), ("nul.html", True),
        ("script_title.html", True), ("many_attributes.html", True), ("open_scripts.html", False), ("deep.html", False),
        ("dangerous_charset.html", True), ("damaged.zip#b.txt", True), ("damaged.zip#a.txt", False),
        ("nested.zip#b.txt", True), ("nested.zip#inner.zip", False), ("outside.zip#/etc/a.txt", False),
        ("outside.zip#../../etc/cron.d/a.txt", False), ("links.zip#link.txt", False), ("encrypted.zip#a.txt", False),
        ("bomb.txt.gz", False), ("bomb.zip", False), ("repeated.parquet", False), ("many_members.zip", False),
        ("entity_bomb.xml", False), ("packed_bomb.warc#2", False), ("link.txt", False), ("up", False),
        ("pipe.html", False), ("folder.txt", False), ("sidecar.txt", True), ("sidecar.txt.toml", False),
        ("too_large.txt", False), ("truncated.jsonl#1", True), ("truncated.jsonl#2", False),
        ("open_quote.csv#1", False),
    ],
)  # fmt: skip
def test_some_are_read_and_some_kept_out(outcome, name: str, readable: bool) -> None:
    _, found = outcome
    assert [isinstance(said, int) for uri, said, *_ in found if uri == name] == [readable]


def test_file_that_grows_while_it_is_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(json_lines({"text": "Un accord."}, {"text": "Une trêve."}))
    (tmp_path / "b.txt").write_text("Une suite.")
    records = RawFolder(tmp_path).records()
    first = next(records)
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(json_lines({"text": "Une fin."}))
    rest = list(records)
    assert isinstance(first, Record)
    assert isinstance(rest[-2], Unreadable)
    assert "changed while it was read" in rest[-2].reason
    assert (rest[-1].source_uri, type(rest[-1])) == ("b.txt", Record)


def test_file_that_vanishes_or_becomes_a_link_is_named(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (tmp_path / name).write_text("Un accord.")
    records = RawFolder(tmp_path).records()
    assert isinstance(next(records), Record)
    (tmp_path / "b.txt").unlink()
    (tmp_path / "c.txt").unlink()
    (tmp_path / "c.txt").symlink_to("/etc/passwd")
    assert [(one.source_uri, type(one)) for one in records] == [
        ("b.txt", Unreadable), ("c.txt", Unreadable), ("d.txt", Record),
    ]  # fmt: skip


def test_run_goes_on_and_what_is_kept_out_stands_in_rejected(raw: Path, work: Path) -> None:
    for name in (
        "empty.txt",
        "deep.json",
        "bad_lines.jsonl",
        "damaged.zip",
        "script_title.html",
        "truncated.xml",
        "nul.txt",
    ):
        (raw / name).write_bytes(hostile.FILES[name]())
    (raw / "good.txt").write_text("Un accord.")
    started = time.monotonic()
    loaded = load(raw, work, None, "run", AT)
    assert time.monotonic() - started < MAX_SECONDS_EACH
    sources = table(loaded, "article_sources")
    assert set(sources["source_uri"]) == {"damaged.zip#b.txt", "good.txt", "script_title.html"}
    rejected = REJECTED.to_arrow(pl.read_parquet(work / "rejected.parquet")).column("source_uri").to_pylist()
    assert {"empty.txt", "deep.json", "bad_lines.jsonl", "damaged.zip#a.txt", "truncated.xml", "nul.txt"} <= set(
        rejected
    )
    assert loaded.unreadable == len(rejected)


def test_many_gigabytes_pass_in_little_memory(tmp_path: Path) -> None:
    """A table of 300 MB, unpacked on the way, takes no more memory than one of its batches."""
    row = b'"' + os.urandom(400_000).hex().encode() + b'",Titre\n'
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"text,title\n", 1) + gzip.compress(row, 1) * 375)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.flows.hostile", tmp_path],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [said for _, said, *_ in found] == [800_000] * 375
    assert found[-1][-1] < 150
