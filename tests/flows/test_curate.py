"""The main job end to end, through Prefect."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from flows import releases, server
from flows.locks import exclusive
from tests.conftest import SEEDS, Ran, command, run
from transforms.schemas import TABLES


def query(api_url: str, what: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{api_url}/{what}/filter", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310
        found: list[dict[str, Any]] = json.loads(reply.read())
        return found


def read(curated: Path, dataset: str) -> pl.DataFrame:
    return pl.read_parquet(curated / "latest" / dataset / "*.parquet")


def assert_complete(curated: Path) -> None:
    """Whatever happened, the pointer names a release whose files are all there and as listed."""
    release = releases.current(curated)
    assert release is not None
    for path, digest in release.hashes.items():
        assert digest == "sha256:" + hashlib.sha256((release.path / path).read_bytes()).hexdigest()
    assert set(release.hashes) == {str(p.relative_to(release.path)) for p in release.path.rglob("*.parquet")}
    assert (curated / "latest" / "datapackage.json").is_file()


def test_three_articles_become_a_release(released: Ran) -> None:
    assert released.status == 0, released.output
    assert "3 articles read from 3 records" in released.output
    assert "Published: release" in released.output
    assert_complete(released.curated)
    assert set(read(released.curated, "articles")["source_uri"]) == {p.name for p in SEEDS.glob("*.txt")}
    for name in ("delegation_members", "statements", "figures", "actors", "quality_results"):
        assert read(released.curated, name).height > 0, name


def test_the_stated_sixteen_agree_with_the_members_found(released: Ran) -> None:
    sized = read(released.curated, "delegations").drop_nulls("stated_size")
    assert sized.select("delegation", "member_count", "stated_size", "stated_text", "agrees").rows() == [
        ("US", 17, 16, "16 officiels", True)
    ]


def test_run_says_nothing_but_its_own_words(released: Ran) -> None:
    first = released.output.splitlines()[0]
    assert first.startswith("start")
    for noise in ("Prefect", "INFO", "WARNING", "Traceback", "http://"):
        assert noise not in released.output


def test_spans_of_the_release_reproduce_their_words(released: Ran) -> None:
    texts = read(released.curated, "articles").select("article_id", article_text="text")
    for table in TABLES.values():
        for span in table.spans:
            rows = (
                read(released.curated, table.name)
                .join(texts, left_on=span.of, right_on="article_id")
                .drop_nulls(span.surface)
            )
            found = rows.select(
                pl.col("article_text").str.slice(pl.col(span.start), pl.col(span.end) - pl.col(span.start))
            )
            assert found.to_series().to_list() == rows[span.surface].to_list()


def test_nothing_is_lost_on_the_way(released: Ran) -> None:
    release = releases.current(released.curated)
    assert release is not None
    rejected = read(released.curated, "rejected")["dataset"].value_counts()
    told = dict(rejected.iter_rows())
    for line in released.output.splitlines():
        cells = [cell.strip() for cell in line.strip("│ ").split("│")]
        if cells[0] in release.row_counts and len(cells) == 4:
            extracted, kept_out, published = map(int, cells[1:])
            assert (kept_out, published) == (told.get(cells[0], 0), release.row_counts[cells[0]])
            assert extracted == kept_out + published


def test_report_and_history_are_written(released: Ran) -> None:
    assert (released.curated / "quality" / "index.html").is_file()
    assert list((released.curated / "quality" / "history").iterdir())


def test_two_runs_at_once_publish_once_and_the_same_bytes_as_ever(
    tmp_path: Path, prefect_api: str, released: Ran
) -> None:
    raw, curated = tmp_path / "raw", tmp_path / "curated"
    shutil.copytree(SEEDS, raw)
    (raw / "bad\x1b[31m.txt").write_bytes(b"\x00")
    both = [command(raw, curated, prefect_api) for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert sum("Published: release" in output for output in outputs) == 1
    assert sum("Nothing has changed" in output for output in outputs) == 1
    assert all("kept out: bad\\x1b[31m.txt is binary" in output for output in outputs)
    assert len(list((curated / "releases").iterdir())) == 1
    assert untimed(curated) == untimed(released.curated)
    assert read(curated, "rejected").select("dataset", "source_uri").rows() == [("raw", "bad\x1b[31m.txt")]

    (flow_run, *_) = query(prefect_api, "flow_runs", {"sort": "START_TIME_DESC", "limit": 1})
    assert flow_run["state_type"] == "COMPLETED"
    keys = {artifact["key"] for artifact in query(prefect_api, "artifacts", {})}
    assert keys >= {"row-counts", "data-quality", "release-delta"}


def untimed(curated: Path) -> dict[str, str]:
    """The hashes of the files that the same raw files and code give again, byte for byte."""
    release = releases.current(curated)
    assert release is not None
    timed = {name for name, table in TABLES.items() if table.is_timed}
    return {path: digest for path, digest in release.hashes.items() if path.split("/")[0] not in timed}


def has(pattern: str) -> Callable[[Path], bool]:
    return lambda curated: any(curated.glob(pattern))


def pointer_moved(before: str) -> Callable[[Path], bool]:
    return lambda curated: (curated / "latest.json").read_text() != before


def is_free(lock: Path) -> bool:
    def refuse() -> None:
        raise BlockingIOError

    try:
        with exclusive(lock, refuse):
            return True
    except BlockingIOError:
        return False


def kill_when(moment: Callable[[Path], bool], raw: Path, curated: Path, api_url: str) -> str:
    """Start a run that has something to publish, kill it as soon as the moment has come, and say what it said."""
    (raw / f"{time.time_ns()}.txt").write_text(f"Un accord a été trouvé au bout de {time.time_ns()} heures.")
    process = command(raw, curated, api_url)
    while process.poll() is None and not moment(curated):
        time.sleep(0.0005)
    process.kill()
    output, _ = process.communicate()
    assert process.returncode == -9, "the run ended before the moment came"
    return output


def test_run_killed_at_any_moment_leaves_a_complete_release(tmp_path: Path, prefect_api: str, released: Ran) -> None:
    raw, curated = tmp_path / "raw", tmp_path / "curated"
    shutil.copytree(SEEDS, raw)
    shutil.copytree(released.curated, curated, symlinks=True)
    first = releases.current(curated)

    output = kill_when(has(".staging-*/*/shards"), raw, curated, "http://127.0.0.1:9/api")
    assert "No Prefect server answers at http://127.0.0.1:9/api: this run uses a temporary one." in output
    assert_complete(curated)
    # The temporary server ends with its run: it holds the lock on its home until then.
    deadline = time.monotonic() + server.STOP_SECONDS
    while not is_free(server.home(curated) / "lock"):
        assert time.monotonic() < deadline, "the temporary server outlives its run"
        time.sleep(0.05)

    kill_when(has(".staging-*/release_id"), raw, curated, prefect_api)
    assert_complete(curated)
    kill_when(pointer_moved((curated / "latest.json").read_text()), raw, curated, prefect_api)
    assert_complete(curated)
    assert releases.current(curated) != first

    (raw / "last.txt").write_text("Les deux ministres ont annoncé une trêve de trois jours.")
    ran = run(raw, curated, prefect_api)
    assert ran.status == 0, ran.output
    assert_complete(curated)
    assert not list(curated.glob(".staging-*"))
    assert "last.txt" in set(read(curated, "articles")["source_uri"])
    assert all((folder / "datapackage.json").is_file() for folder in (curated / "releases").iterdir())
