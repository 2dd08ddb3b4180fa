"""Releases: parts, sharing, the pointer, and what killed runs leave behind."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from flows import releases
from flows.locks import exclusive
from flows.releases import Release, ReleaseError, Writer
from transforms.schemas import TABLES

AT = datetime(2026, 2, 16, 12, tzinfo=UTC)


def articles(*ids: str) -> pl.DataFrame:
    rows = [
        {
            "article_id": article_id, "source_uri": f"{article_id}.txt", "source_format": "text", "authors": [],
            "language": "fr", "text": f"Texte {article_id}.", "char_count": 23, "word_count": 2,
        }
        for article_id in ids
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=TABLES["articles"].polars_schema)


def write(writer: Writer, frames: dict[str, pl.DataFrame]) -> None:
    for name, table in TABLES.items():
        writer.write(table, frames.get(name, table.empty()))


def publish(curated: Path, run_id: str = "run", parts: int = 1, **frames: pl.DataFrame) -> Release:
    """A release of these tables, the others being empty."""
    previous = releases.current(curated)
    with releases.staging(curated, run_id) as staged:
        writer = Writer(staged, previous, parts)
        write(writer, frames)
        return releases.publish(curated, staged, writer, previous, run_id)


def is_unchanged(curated: Path, **frames: pl.DataFrame) -> bool:
    with releases.staging(curated, "asks") as staged:
        writer = Writer(staged, releases.current(curated), 1)
        write(writer, frames)
        return writer.is_unchanged()


def rejected(reason: str, run_id: str = "run", at: datetime = AT) -> pl.DataFrame:
    row = {
        "dataset": "raw", "source_uri": "a.txt", "expectations": ["is_readable"], "reason": reason, "run_id": run_id,
        "rejected_at": at,
    }  # fmt: skip
    return pl.DataFrame([row], schema=TABLES["rejected"].polars_schema)


def test_release_holds_every_dataset_typed_and_described(tmp_path: Path) -> None:
    release = publish(tmp_path, articles=articles("00ab000000000000"))
    assert {p.name for p in release.path.iterdir()} == {*TABLES, "datapackage.json"}
    for name, table in TABLES.items():
        (file,) = (release.path / name).iterdir()
        schema = pq.read_schema(file)
        assert schema.remove_metadata().equals(table.arrow_schema.remove_metadata())
        assert all(field.metadata[b"description"] for field in schema)


def test_package_lists_every_file_with_its_hash_and_rows(tmp_path: Path) -> None:
    release = publish(tmp_path, parts=4, articles=articles("0000000000000000", "ffff000000000000"))
    listed = {f["path"]: f for r in release.package["resources"] for f in r["files"]}
    assert set(listed) == {str(p.relative_to(release.path)) for p in release.path.rglob("*.parquet")}
    for path, file in listed.items():
        assert file["hash"] == "sha256:" + hashlib.sha256((release.path / path).read_bytes()).hexdigest()
        assert file["bytes"] == (release.path / path).stat().st_size
        assert file["rows"] == pq.read_metadata(release.path / path).num_rows
    assert release.row_counts["articles"] == 2
    assert release.package["run_id"] == "run"
    assert release.package["code_version"].startswith("0.1.0+")


def test_package_describes_every_column(tmp_path: Path) -> None:
    release = publish(tmp_path)
    for resource in release.package["resources"]:
        fields = {f["name"]: f for f in resource["schema"]["fields"]}
        assert list(fields) == TABLES[resource["name"]].polars_schema.names()
        assert all(f["description"] for f in fields.values())
    (figures,) = (r for r in release.package["resources"] if r["name"] == "figures")
    fields = {f["name"]: f for f in figures["schema"]["fields"]}
    assert fields["text_start"]["unit"] == "code points"
    assert fields["aid_stage"]["constraints"]["enum"][0] == "requested"
    assert not fields["aid_stage"]["constraints"]["required"]


def test_pointer_and_link_name_the_release(tmp_path: Path) -> None:
    first = publish(tmp_path, "one")
    second = publish(tmp_path, "two", articles=articles("00ab000000000000"))
    pointer = json.loads((tmp_path / "latest.json").read_text())
    assert pointer == {"release_id": second.release_id, "published_at": second.published_at.isoformat()}
    assert (tmp_path / "latest").resolve() == second.path.resolve()
    assert releases.current(tmp_path) == second
    assert first.path.is_dir()
    assert first.release_id < second.release_id
    assert not list(tmp_path.glob(".staging-*"))


def test_ids_sort_as_published_even_where_the_clock_is_set_back(tmp_path: Path) -> None:
    first = publish(tmp_path)
    future = first.published_at + timedelta(days=1)
    (tmp_path / "latest.json").write_text(
        json.dumps({"release_id": first.release_id, "published_at": future.isoformat()})
    )
    assert publish(tmp_path, articles=articles("00ab000000000000")).published_at > future


def test_parts_split_by_id_and_rows_are_sorted_by_key(tmp_path: Path) -> None:
    ids = ["ffff000000000000", "8000000000000000", "0000000000000000", "3fff000000000000", "4000000000000000"]
    release = publish(tmp_path, parts=4, articles=articles(*ids))
    found = [
        pl.read_parquet(file)["article_id"].to_list() for file in sorted((release.path / "articles").glob("*.parquet"))
    ]
    assert found == [["0000000000000000", "3fff000000000000"], ["4000000000000000"], ["8000000000000000"], [
        "ffff000000000000"
    ]]  # fmt: skip


def test_shards_write_the_same_files_as_one(tmp_path: Path) -> None:
    ids = [f"{i:04x}000000000000" for i in range(0, 65536, 1111)]
    whole = publish(tmp_path / "whole", parts=8, articles=articles(*ids))
    with releases.staging(tmp_path / "cut", "run") as staged:
        writer = Writer(staged, None, 8)
        for shard in range(2):
            own = articles(*ids).filter(releases.part_of(pl.col("article_id"), 2) == shard)
            writer.write(TABLES["articles"], own, shard, 2)
        assert writer.files["articles"] == [
            f for r in whole.package["resources"] if r["name"] == "articles" for f in r["files"]
        ]


@pytest.mark.parametrize(
    ("text_bytes", "parts"),
    [(0, 1), (1, 1), (16 << 20, 1), ((16 << 20) + 1, 2), (300_000_000, 32), (1 << 50, releases.MAX_PARTS)],
)
def test_number_of_parts_is_a_power_of_two_that_grows_with_the_text(text_bytes: int, parts: int) -> None:
    assert releases.part_count(text_bytes) == parts


def test_order_of_rows_does_not_change_the_bytes(tmp_path: Path) -> None:
    found = articles("ffff000000000000", "0000000000000000")
    one = publish(tmp_path / "one", articles=found)
    other = publish(tmp_path / "other", articles=found.reverse())
    assert one.hashes == other.hashes


def test_unchanged_files_are_shared_and_outlive_the_older_release(tmp_path: Path) -> None:
    old = publish(tmp_path, "one", parts=2, articles=articles("0000000000000000", "8000000000000000"))
    new = publish(tmp_path, "two", parts=2, articles=articles("0000000000000000", "9000000000000000"))
    parts = [[(r.path / "articles" / f"part-{i:04d}.parquet").stat().st_ino for i in range(2)] for r in (old, new)]
    assert parts[0][0] == parts[1][0]
    assert parts[0][1] != parts[1][1]


def test_damaged_file_is_not_shared(tmp_path: Path) -> None:
    old = publish(tmp_path, "one", articles=articles("0000000000000000"))
    damaged = old.path / "articles" / "part-0000.parquet"
    damaged.write_bytes(b"x" + damaged.read_bytes()[1:])
    new = publish(tmp_path, "two", articles=articles("0000000000000000"))
    assert pl.read_parquet(new.path / "articles" / "part-0000.parquet").height == 1


def test_same_rows_are_no_change(tmp_path: Path) -> None:
    assert not is_unchanged(tmp_path)
    publish(tmp_path, articles=articles("0000000000000000"), rejected=rejected("is empty"))
    later = rejected("is empty", "another run", AT + timedelta(hours=1))
    assert is_unchanged(tmp_path, articles=articles("0000000000000000"), rejected=later)


def test_other_rows_or_reasons_are_a_change(tmp_path: Path) -> None:
    publish(tmp_path, articles=articles("0000000000000000"), rejected=rejected("is empty"))
    assert not is_unchanged(tmp_path, articles=articles("0000000000000001"), rejected=rejected("is empty"))
    assert not is_unchanged(tmp_path, articles=articles("0000000000000000"), rejected=rejected("is binary"))
    assert not is_unchanged(tmp_path, articles=articles("0000000000000000"))


def test_killed_run_is_cleared_by_the_next(tmp_path: Path) -> None:
    kept = publish(tmp_path, "one")
    killed = tmp_path / ".staging-killed"
    (killed / "work").mkdir(parents=True)
    # Killed after its release was in its place, before the pointer named it.
    (killed / "release_id").write_text("20990101T000000Z-0badcafe")
    orphan = tmp_path / "releases" / "20990101T000000Z-0badcafe"
    orphan.mkdir()
    # Killed after the pointer named its release: that one stays.
    done = tmp_path / ".staging-done"
    done.mkdir()
    (done / "release_id").write_text(kept.release_id)
    (tmp_path / "latest").unlink()
    with releases.staging(tmp_path, "next"):
        assert [p.name for p in tmp_path.glob(".staging-*")] == [".staging-next"]
    assert not orphan.exists()
    assert kept.path.is_dir()
    assert (tmp_path / "latest").resolve() == kept.path.resolve()


def _publish_articles_alone(curated: Path, previous: Release) -> None:
    with releases.staging(curated, "two") as staged:
        writer = Writer(staged, previous, 1)
        writer.write(TABLES["articles"], articles("0000000000000000"))
        releases.publish(curated, staged, writer, previous, "two")


def test_failure_leaves_the_current_release_and_no_staging(tmp_path: Path) -> None:
    kept = publish(tmp_path, "one")
    with pytest.raises(KeyError, match="article_sources"):
        _publish_articles_alone(tmp_path, kept)
    assert releases.current(tmp_path) == kept
    assert [p.name for p in (tmp_path / "releases").iterdir()] == [kept.release_id]
    assert not list(tmp_path.glob(".staging-*"))


@pytest.mark.parametrize(
    "pointer", ["", "{}", "[]", '{"release_id": "20990101T000000Z-0badcafe", "published_at": "2099-01-01T00:00:00Z"}',
                '{"release_id": "../outside", "published_at": "2099-01-01T00:00:00Z"}']
)  # fmt: skip
def test_damaged_pointer_is_told(tmp_path: Path, pointer: str) -> None:
    (tmp_path / "latest.json").write_text(pointer)
    with pytest.raises(ReleaseError, match=r"latest\.json"):
        releases.current(tmp_path)


def test_null_where_the_contract_allows_none_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="language"):
        publish(tmp_path, articles=articles("0000000000000000").with_columns(language=pl.lit(None, pl.String)))
    assert releases.current(tmp_path) is None


def test_lock_makes_the_second_wait(tmp_path: Path) -> None:
    waited = []

    class Waiting(Exception):  # noqa: N818 - no error: it ends the wait
        pass

    def waiting() -> None:
        waited.append(1)
        raise Waiting

    lock = tmp_path / "folder" / ".lock"
    with exclusive(lock, waiting):
        assert not waited
        with pytest.raises(Waiting), exclusive(lock, waiting):
            pass
    with exclusive(lock, waiting):
        assert len(waited) == 1
