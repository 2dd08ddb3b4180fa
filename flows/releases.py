"""Where curated files are, and how a release is published: the only module that knows.

    curated/
      latest.json                 {"release_id": …, "published_at": …}: the current release
      latest                      link to it, for tools that want a fixed path
      releases/<release_id>/      immutable: <dataset>/part-0000.parquet …, datapackage.json
      quality/                    reports
      .state/<release_id>/        what the run that made the current release keeps for the next (flows/state.py)
      .lock, .prefect/            held, and kept, by runs
      .staging-<run_id>/          of a run under way: work/, release/; removed by the next run where the run was killed

A release is written to the staging folder, flushed to disk, renamed to its place, and only then named by `latest.json`,
which is replaced in one step: whoever follows the pointer sees one release whole, and a run killed at any moment leaves
the previous one current. All of it happens under the lock, so that one run at a time works on a folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from expectations.drift import MEASURES_SCHEMA
from flows.datapackage import describe
from transforms.schemas import TABLES, Table

RELEASE_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
# A part changes with any article in it: small enough to share most parts between releases, large enough to read fast.
PART_CHARACTERS = 16 * 1024 * 1024
MAX_PARTS = 4096
PREFIX_DIGITS, PREFIXES = 4, 0x10000  # first hex digits of the article_id, whose value decides the part
COMPRESSION_LEVEL = 3  # zstd: higher levels cost time and save nothing on these tables


class ReleaseError(Exception):
    """The curated folder is not in a state to publish to; the message says what to do."""


@dataclass(frozen=True)
class Release:
    """A published release: its id, folder, and when it became current."""

    release_id: str
    path: Path
    published_at: datetime

    @property
    def package(self) -> dict[str, Any]:
        """Its `datapackage.json`."""
        package: dict[str, Any] = json.loads((self.path / "datapackage.json").read_bytes())
        return package

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """Path, hash, bytes and rows of every data file, by path within the release."""
        return {file["path"]: file for resource in self.package["resources"] for file in resource["files"]}

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 (`sha256:…`) of every data file, by path within the release."""
        return {path: file["hash"] for path, file in self.files.items()}

    def damaged(self) -> list[str]:
        """The data files that are not there, or not as they were published, by path within the release."""
        return [path for path, digest in self.hashes.items() if not is_intact(self.path / path, digest)]

    @property
    def row_counts(self) -> dict[str, int]:
        """Rows of every dataset."""
        return {resource["name"]: resource["rows"] for resource in self.package["resources"]}

    @property
    def measures(self) -> pl.DataFrame:
        """What was measured of it (`expectations.drift.MEASURES_SCHEMA`)."""
        rows = [
            (self.release_id, resource["name"], measure, told["count"], told["of"])
            for resource in self.package["resources"]
            for measure, told in resource.get("measures", {}).items()
        ]
        return pl.DataFrame(rows, schema=MEASURES_SCHEMA, orient="row")

    def scan(self, dataset: str) -> pl.LazyFrame:
        """The rows of a dataset."""
        return scan(self.path / dataset, TABLES[dataset])


@dataclass(frozen=True)
class Staging:
    """The folder of a run under way: `work` for what stages hand on, `release` for the release being written."""

    path: Path

    @property
    def work(self) -> Path:
        """What stages hand on."""
        return self.path / "work"

    @property
    def release(self) -> Path:
        """The release being written."""
        return self.path / "release"

    @property
    def state(self) -> Path:
        """What is kept for the next run."""
        return self.path / "state"

    @property
    def announced(self) -> Path:
        """The id that the release is about to get, so that the next run can undo a publication cut short."""
        return self.path / "release_id"


def quality_folder(curated: Path) -> Path:
    """Where reports are."""
    return curated / "quality"


def state_folder(curated: Path, release: Release) -> Path:
    """Where the run that made a release, or found nothing changed since, left what the next one can go on from."""
    return _state_path(curated, release.release_id)


def _state_path(curated: Path, release_id: str) -> Path:
    return curated / ".state" / release_id


def lock_file(curated: Path) -> Path:
    """What a run holds from reading the current release to publishing the next."""
    return curated / ".lock"


@contextmanager
def staging(curated: Path, run_id: str) -> Iterator[Staging]:
    """The staging folder of a run; removed at its end, however it ends, short of being killed.

    To be called under the lock: what killed runs left is cleared first.
    """
    for left in sorted(curated.glob(".staging-*")):
        _clear(curated, Staging(left))
    now = current(curated)
    if now:
        _link_latest(curated, now.release_id)
    staged = Staging(curated / f".staging-{run_id}")
    staged.work.mkdir(parents=True)
    try:
        yield staged
    finally:
        _clear(curated, staged)
        _drop_old_states(curated)


def _clear(curated: Path, staged: Staging) -> None:
    """Remove a staging folder, and the release that its run moved to its place but did not make current."""
    _withdraw(curated, staged)
    shutil.rmtree(staged.path)


def _withdraw(curated: Path, staged: Staging) -> None:
    with suppress(FileNotFoundError):
        announced = staged.announced.read_text()
        now = current(curated)
        if RELEASE_ID.fullmatch(announced) and (now is None or now.release_id != announced):
            shutil.rmtree(_release_path(curated, announced))


def current(curated: Path) -> Release | None:
    """The current release; None where nothing has been published.

    Raises:
        ReleaseError: `latest.json` cannot be read, or names a release that is not there.
    """
    pointer = curated / "latest.json"
    try:
        named = json.loads(pointer.read_bytes())
        release_id, published_at = named["release_id"], datetime.fromisoformat(named["published_at"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{pointer} is damaged; write the id of a release into it, or remove it") from error
    path = _release_path(curated, str(release_id))
    if not RELEASE_ID.fullmatch(str(release_id)) or not (path / "datapackage.json").is_file():
        raise ReleaseError(f"{pointer} names {release_id}, which is not there; name another release, or remove it")
    return Release(release_id, path, published_at)


def earlier_measures(curated: Path, last: int) -> pl.DataFrame:
    """The measures (`expectations.drift.MEASURES_SCHEMA`) of the current release and those before it, `last` at most.

    Releases that came after the current one, which was made current again by hand, do not count.
    """
    now = current(curated)
    if now is None:
        return pl.DataFrame(schema=MEASURES_SCHEMA)
    paths = sorted(p for p in (curated / "releases").iterdir() if p.name <= now.release_id)[-last:]
    known = [Release(p.name, p, now.published_at) for p in paths if (p / "datapackage.json").is_file()]
    return pl.concat([pl.DataFrame(schema=MEASURES_SCHEMA), *(release.measures for release in known)])


def _release_path(curated: Path, release_id: str) -> Path:
    return curated / "releases" / release_id


def scan(folder: Path, table: Table) -> pl.LazyFrame:
    """The rows of the Parquet files in a folder, with the table's types."""
    files = sorted(folder.glob("*.parquet"))
    return pl.concat([pl.scan_parquet(file) for file in files]).cast(table.polars_schema)


def part_count(characters: int) -> int:
    """How many parts a dataset is written in, for so much text: a power of two, so that parts split and never mix."""
    count = 1
    while count < MAX_PARTS and count * PART_CHARACTERS < characters:
        count *= 2
    return count


def _part_name(table: Table, part: int) -> str:
    return f"{table.name}/part-{part:04d}.parquet"


def part_of(article_id: pl.Expr, parts: int) -> pl.Expr:
    """The part in which an article's rows stand: `parts` equal ranges of ids, in order."""
    return article_id.str.head(PREFIX_DIGITS).str.to_integer(base=16, dtype=pl.UInt32) // (PREFIXES // parts)


class Writer:
    """Writes the data files of one release to staging, sharing those that the previous release has unchanged.

    Attributes:
        files: for every dataset, the files written: path in the release, hash, bytes, rows.
    """

    def __init__(self, staged: Staging, previous: Release | None, parts: int, gone: pl.Series | None = None) -> None:
        """Begin a release.

        Args:
            staged: where to.
            previous: the release before, whose equal files are shared.
            parts: of each sharded dataset.
            gone: articles of the previous release whose rows are not carried over, while all other rows of sharded
                datasets are; null where nothing is carried over, and all rows will be given.
        """
        self.parts = parts
        self.files: dict[str, list[dict[str, Any]]] = {}
        self._folder = staged.release
        self._previous = previous
        self._known = previous.files if previous else {}
        self._carried = previous if gone is not None else None
        self._gone = pl.DataFrame({"article_id": gone if gone is not None else []}, schema={"article_id": pl.String})
        self._touched = set(self._gone.select(part_of(pl.col("article_id"), parts)).to_series())

    def write(self, table: Table, frame: pl.DataFrame, shard: int = 0, shards: int = 1) -> None:
        """Write a table, or the parts of a sharded table that one shard holds.

        Args:
            table: what the rows are rows of.
            frame: its rows, in any order; of a sharded table, those that are not carried over.
            shard: which of the `shards` equal ranges of article ids the rows are of.
            shards: a power of two, at most `parts`.
        """
        (self._folder / table.name).mkdir(parents=True, exist_ok=True)
        if not table.is_sharded:
            self._write_file(table, frame, 0)
            return
        split = frame.with_columns(part_of(pl.col("article_id"), self.parts).alias("_part"))
        found = split.partition_by("_part", as_dict=True, include_key=False)
        for part in range(shard * self.parts // shards, (shard + 1) * self.parts // shards):
            self._write_part(table, found.get((part,), frame.clear()), part)

    def _write_part(self, table: Table, rows: pl.DataFrame, part: int) -> None:
        """Write a part: the rows given, and those carried over; where these are all there was, share its file."""
        if self._carried is None:
            self._write_file(table, rows, part)
            return
        before = sum(1 for name in self._known if name.startswith(f"{table.name}/"))
        if before == self.parts and rows.is_empty() and part not in self._touched:
            self._link_file(self._carried, table, part)
            return
        # The old parts that overlap the new one: one of them, unless the number of parts has shrunk.
        first, last = part * before // self.parts, ((part + 1) * before - 1) // self.parts
        old = [self._carried.path / _part_name(table, number) for number in range(first, last + 1)]
        carried = (
            pl.concat([pl.scan_parquet(file) for file in old])
            .cast(table.polars_schema)
            .filter(part_of(pl.col("article_id"), self.parts) == part)
            .join(self._gone.lazy(), on="article_id", how="anti")
            .collect()
        )
        self._write_file(table, pl.concat([carried, rows]), part)

    def _write_file(self, table: Table, rows: pl.DataFrame, part: int) -> None:
        # Ties in the key would leave the order, and so the bytes, to chance.
        order = [*table.key, *(f.name for f in table.fields if f.name not in table.key and not f.dtype.is_nested())]
        arrow = table.to_arrow(rows.sort(order, nulls_last=False).rechunk())
        name = _part_name(table, part)
        path = self._folder / name
        pq.write_table(arrow, path, compression="zstd", compression_level=COMPRESSION_LEVEL)
        _flush(path)
        digest = file_hash(path)
        if self._previous and self._known.get(name, {}).get("hash") == digest:
            _share(self._previous.path / name, path, digest)
        entry = {"path": name, "hash": digest, "bytes": path.stat().st_size, "rows": rows.height}
        self.files.setdefault(table.name, []).append(entry)

    def _link_file(self, release: Release, table: Table, part: int) -> None:
        """Take a file over from a release, which has been found undamaged."""
        name = _part_name(table, part)
        path = self._folder / name
        path.unlink(missing_ok=True)  # of an attempt before this one
        try:
            path.hardlink_to(release.path / name)
        except OSError:  # a file system without hard links
            shutil.copyfile(release.path / name, path)
            _flush(path)
        self.files.setdefault(table.name, []).append(self._known[name])

    def is_unchanged(self) -> bool:
        """Whether all that is written so far stands in the previous release, and nothing else of these datasets.

        Times apart: rows kept out for the same reasons are the same. To be asked when every table is written but for
        `quality_results`, which tells of the run.
        """
        if self._previous is None:
            return False
        compared = {name for name, table in TABLES.items() if name not in {"rejected", "quality_results"}}
        written = {f["path"]: f["hash"] for name in compared for f in self.files[name]}
        known = {path: file["hash"] for path, file in self._known.items() if path.split("/")[0] in compared}
        return written == known and self._same_rejected(self._previous)

    def _same_rejected(self, previous: Release) -> bool:
        columns = ["dataset", "source_uri", "row_json", "expectations", "reason"]
        now, before = (
            scan(folder / "rejected", TABLES["rejected"])
            .select(columns)
            .collect()
            .sort("dataset", *columns[1:3], "reason")
            for folder in (self._folder, previous.path)
        )
        return now.equals(before)


def publish(
    curated: Path,
    staged: Staging,
    writer: Writer,
    previous: Release | None,
    run_id: str,
    measures: pl.DataFrame | None = None,
) -> Release:
    """Make the staged files the current release, with what was measured of it (`expectations.drift.measured`).

    Raises:
        OSError: nothing has changed for readers, unless it comes from replacing the link `latest` at the very end.
    """
    _withdraw(curated, staged)  # an attempt before this one may have failed half-way
    # Ids sort as releases were published, even where the clock was set back.
    now = datetime.now(UTC).replace(microsecond=0)
    if previous:
        now = max(now, previous.published_at + timedelta(seconds=1))
    content = "".join(f["hash"] for name in sorted(writer.files) for f in writer.files[name])
    release_id = f"{now:%Y%m%dT%H%M%SZ}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    package = describe(writer.files, release_id, now, run_id, measures)
    _write_flushed(staged.release / "datapackage.json", json.dumps(package, ensure_ascii=False, indent=1) + "\n")
    for folder in (*(staged.release / name for name in writer.files), staged.release):
        _flush(folder)
    path = _release_path(curated, release_id)
    path.parent.mkdir(exist_ok=True)
    _write_flushed(staged.announced, release_id)
    _flush(staged.path)
    staged.release.rename(path)
    _flush(path.parent)
    _place_state(curated, staged, release_id)
    pointer = {"release_id": release_id, "published_at": now.isoformat()}
    _write_flushed(staged.path / "latest.json", json.dumps(pointer) + "\n")
    (staged.path / "latest.json").replace(curated / "latest.json")
    _flush(curated)
    _link_latest(curated, release_id)
    return Release(release_id, path, now)


def keep_state(curated: Path, staged: Staging, release: Release) -> None:
    """Have the next run go on from what this one found, which is what the current release holds already."""
    _place_state(curated, staged, release.release_id)


def _place_state(curated: Path, staged: Staging, release_id: str) -> None:
    if not staged.state.is_dir():
        return
    path = _state_path(curated, release_id)
    path.parent.mkdir(exist_ok=True)
    if path.exists():
        shutil.rmtree(path)
    staged.state.rename(path)


def _drop_old_states(curated: Path) -> None:
    """Remove what was kept of other releases than the current one; to be called when no run goes on from it."""
    now = current(curated)
    for folder in (curated / ".state").glob("*"):
        if now is None or folder.name != now.release_id:
            shutil.rmtree(folder)


def _link_latest(curated: Path, release_id: str) -> None:
    """Point the link `latest` to a release, in one step."""
    link, target = curated / "latest", f"releases/{release_id}"
    if link.is_symlink() and str(link.readlink()) == target:
        return
    new = curated / ".latest"
    new.unlink(missing_ok=True)
    new.symlink_to(target, target_is_directory=True)
    new.replace(link)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, as `sha256:…`."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def _write_flushed(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _flush(path)


def _flush(path: Path) -> None:
    """Have the operating system write a file, or the names in a folder, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_intact(path: Path, digest: str) -> bool:
    """Whether a file is there with the content whose SHA-256 is `sha256:…`."""
    return path.is_file() and file_hash(path) == digest


def _share(existing: Path, path: Path, digest: str) -> None:
    """Replace a new file by a hard link to the same file of an older release, unless that has been damaged since."""
    if not is_intact(existing, digest):
        return
    link = path.with_suffix(".link")
    try:
        link.hardlink_to(existing)
    except OSError:
        return  # a file system without hard links keeps both copies
    link.replace(path)
