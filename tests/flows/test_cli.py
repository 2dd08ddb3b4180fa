"""The command: its help, its statuses, and what it says."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from flows.screen import printable
from tests.conftest import COMMAND, ROOT, SEEDS, Ran, command, run


def depeche(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ["run", "evaluate"]),
        (("--help",), ["run", "evaluate"]),
        (("run", "--help"), ["--raw", "--curated", "130 interrupted"]),
        (("evaluate", "--help"), ["RELEASE", "GOLD", "--errors"]),
        (("review", "--help"), ["--article", "--sample", "--failing"]),
    ],
)
def test_help_reads_well(tmp_path: Path, arguments: tuple[str, ...], words: list[str]) -> None:
    told = depeche(*arguments, cwd=tmp_path)
    assert all(word in told.stdout for word in words)
    assert told.stderr == ""


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, flows.cli; print(*{'polars', 'prefect', 'pyarrow', 'great_expectations'} & set(sys.modules))"
    told = subprocess.run([COMMAND.with_name("python"), "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""


@pytest.mark.parametrize(
    ("raw", "words"),
    [("missing", "No such file"), ("file.txt", "Not a directory"), ("empty", "holds no file to read")],
)
def test_raw_folder_that_cannot_be_read_or_is_empty_is_wrong_use(tmp_path: Path, raw: str, words: str) -> None:
    (tmp_path / "file.txt").write_text("Un accord.")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".gitkeep").touch()
    told = depeche("run", "--raw", raw, "--curated", "curated", cwd=tmp_path)
    assert told.returncode == 2
    assert words in told.stderr
    assert raw in told.stderr
    assert not (tmp_path / "curated").exists()


def test_folders_one_in_the_other_are_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Un accord.")
    told = depeche("run", "--raw", ".", "--curated", "curated", cwd=tmp_path)
    assert told.returncode == 2
    assert "one in the other" in told.stderr


def test_unknown_option_is_wrong_use(tmp_path: Path) -> None:
    assert depeche("run", "--fast", cwd=tmp_path).returncode == 2


def test_curated_folder_that_cannot_be_made_is_a_failure_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = depeche("run", "--raw", SEEDS, "--curated", tmp_path / "file" / "curated", cwd=tmp_path)
    assert told.returncode == 3
    assert "Not a directory" in told.stderr


def test_release_without_an_article_is_blocked_and_reported(tmp_path: Path, prefect_api: str) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "empty.txt").touch()
    ran = run(tmp_path / "raw", tmp_path / "curated", prefect_api)
    assert ran.status == 1, ran.output
    assert "Not published, for articles.release_not_empty failed" in ran.output
    assert "kept out: empty.txt is empty" in ran.output
    assert not (tmp_path / "curated" / "latest.json").exists()
    assert (tmp_path / "curated" / "quality" / "index.html").is_file()


def test_damaged_pointer_is_a_failure_with_its_details_in_a_file(tmp_path: Path, prefect_api: str) -> None:
    (tmp_path / "curated").mkdir()
    (tmp_path / "curated" / "latest.json").write_text("{")
    ran = run(SEEDS, tmp_path / "curated", prefect_api)
    assert ran.status == 3, ran.output
    assert "latest.json is damaged" in ran.output
    assert "Traceback" not in ran.output
    assert "Traceback" in (tmp_path / "curated" / ".prefect" / "error.log").read_text()


def test_interrupted_run_says_so_and_leaves_nothing_behind(tmp_path: Path, prefect_api: str) -> None:
    curated = tmp_path / "curated"
    process = command(SEEDS, curated, prefect_api)
    while process.poll() is None and not list(curated.glob(".staging-*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "Interrupted" in output
    assert not list(curated.glob(".staging-*"))
    assert not (curated / "latest.json").exists()


def test_scorer_runs_on_a_release_of_a_checkout(released: Ran, tmp_path: Path) -> None:
    told = depeche("evaluate", released.curated / "latest", ROOT / "tests" / "eval" / "seeds" / "gold", cwd=tmp_path)
    assert told.returncode == 0
    assert re.search(r"^figures +f1 +1\.000 ", told.stdout, re.MULTILINE)
    assert "span_mismatches=0 duplicate_ids=0 orphan_rows=0 gold_missing=0 gold_misaligned=0" in told.stdout


def test_scoring_what_is_no_release_is_wrong_use(tmp_path: Path) -> None:
    told = depeche("evaluate", tmp_path, ROOT / "tests" / "eval" / "seeds" / "gold", cwd=tmp_path)
    assert told.returncode == 2
    assert "is no release" in told.stderr


def test_curated_that_is_a_file_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = depeche("run", "--raw", SEEDS, "--curated", tmp_path / "file", cwd=tmp_path)
    assert told.returncode == 2
    assert "is a file" in told.stderr


def test_names_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2J\u202e\r.txt") == "a\\x1b[2J\\u202e\\r.txt"
    assert printable("Élysée « à l’heure »") == "Élysée « à l’heure »"
