"""Files of any format in .gz and .zip: unpacked as they are read, never onto the disk, and never without bound."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from flows.sources.formats import READERS, escaped, records_of
from flows.sources.record import Budget, RawFile, Record, Unreadable, UnreadableError
from flows.sources.sidecar import MAX_SIDECAR_BYTES, SIDECAR_SUFFIX, with_sidecar

# Texts pack to a fifth, tables to a thirtieth; bombs to a thousandth.
MAX_RATIO, FREE_BYTES = 250, 64 * 1024 * 1024
MAX_MEMBERS = 100_000
MAX_DIRECTORY_BYTES = 16 * 1024 * 1024
DAMAGE = (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile)


def read_gzip(file: RawFile) -> Iterator[Record | Unreadable]:
    """What the packed file holds, by the suffix before `.gz`.

    Raises:
        UnreadableError: no known suffix, damaged, or unpacking to much more than its size lets expect.
    """
    name = file.uri[: -len(".gz")]
    reader = READERS.get(PurePosixPath(name).suffix.lower())
    if reader is None:
        raise UnreadableError(
            "is packed, and its suffix before .gz tells no known format; unpack it, or name it .txt.gz"
        )
    budget = file.budget or _budget(file)
    with gzip.GzipFile(fileobj=file.stream) as unpacked:
        stream = io.BufferedReader(_Unpacked(unpacked, budget))
        yield from reader(replace(file, stream=stream, budget=budget))


def read_zip(file: RawFile) -> Iterator[Record | Unreadable]:
    """What the members hold, in the order of their names; a member's sidecar may stand beside it.

    Raises:
        UnreadableError: no ZIP archive, or one of too many members or too much content.
    """
    if not file.stream.seekable():
        raise UnreadableError("is a ZIP archive in another archive; unpack the outer one")
    budget = _budget(file)
    try:
        opened = zipfile.ZipFile(_Bounded(file.stream))
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(f"is no ZIP archive that can be read ({str(error)[:100]}); pack it again") from error
    with opened:
        members = [info for info in opened.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
        if len(members) > MAX_MEMBERS:
            raise UnreadableError(f"has more than {MAX_MEMBERS} members; cut it into smaller archives")
        names = {info.filename for info in members}
        seen: set[str] = set()
        for info in sorted(members, key=lambda info: info.filename):
            uri = f"{file.uri}#{escaped(info.filename)}"
            if info.filename.endswith(SIDECAR_SUFFIX) and info.filename.removesuffix(SIDECAR_SUFFIX) in names:
                continue
            problem = _problem(info, seen)
            seen.add(info.filename)
            if problem:
                yield Unreadable(uri, problem)
                continue
            member = replace(file, uri=uri, budget=budget)
            if info.filename + SIDECAR_SUFFIX in names:
                member, line = with_sidecar(member, lambda: _small(opened, info.filename + SIDECAR_SUFFIX, budget))  # noqa: B023 - called at once
                if line:
                    yield line
            yield from _member(opened, info, member, budget)
            if budget.left < 0:
                raise UnreadableError("unpacks to much more than its size lets expect; the rest is not read")


def _member(
    opened: zipfile.ZipFile, info: zipfile.ZipInfo, file: RawFile, budget: Budget
) -> Iterator[Record | Unreadable]:
    """The records of one member."""
    try:
        content = opened.open(info)
    except (*DAMAGE, NotImplementedError) as error:
        yield Unreadable(file.uri, f"cannot be unpacked ({str(error)[:100]}); pack it again")
        return
    with content:
        stream = io.BufferedReader(_Unpacked(content, budget))
        yield from records_of(replace(file, stream=stream), MEMBERS[_suffix(info)])


def _problem(info: zipfile.ZipInfo, seen: set[str]) -> str | None:
    """Why a member is not even opened."""
    name = PurePosixPath(info.filename)
    if name.is_absolute() or ".." in name.parts or "\\" in info.filename or ":" in name.parts[0]:
        return "has a name that leads out of the archive; pack it again with plain names"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link, and links are not followed; pack a copy in its place"
    if info.flag_bits & 0x1:
        return "is encrypted; pack it again without a password"
    if info.filename in seen:
        return "stands twice in the archive; the first is read"
    if _suffix(info) == ".zip":
        return "is a ZIP archive in another archive; unpack the outer one"
    if _suffix(info) not in MEMBERS:
        return f"has a suffix that tells no known format; convert it to one of {', '.join(sorted(MEMBERS))}"
    return None


def _suffix(info: zipfile.ZipInfo) -> str:
    return PurePosixPath(info.filename).suffix.lower()


def _is_hidden(name: str) -> bool:
    """Whether a member is left alone, as hidden files are in the raw folder, or is what macOS adds to archives."""
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") and part != ".." for part in parts) or parts[:1] == ("__MACOSX",)


def _small(opened: zipfile.ZipFile, name: str, budget: Budget) -> bytes:
    """The bytes of a sidecar in the archive."""
    try:
        with opened.open(name) as content:
            return io.BufferedReader(_Unpacked(content, budget)).read(MAX_SIDECAR_BYTES + 1)
    except (*DAMAGE, NotImplementedError) as error:
        raise UnreadableError(f"cannot be unpacked ({str(error)[:100]}); pack it again") from error


def _budget(file: RawFile) -> Budget:
    size = file.stream.seek(0, os.SEEK_END)
    file.stream.seek(0)
    return Budget(FREE_BYTES + MAX_RATIO * size)


class _Bounded:
    """A file for zipfile, which reads the list of members at once, however long it says it is."""

    def __init__(self, stream: io.BufferedReader[Any]) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(MAX_DIRECTORY_BYTES + 1 if size < 0 else min(size, MAX_DIRECTORY_BYTES + 1))
        if len(data) > MAX_DIRECTORY_BYTES:
            raise UnreadableError("has too long a list of members; cut it into smaller archives")
        return data


class _Unpacked(io.RawIOBase):
    """An unpacked stream within a budget; what is damaged raises UnreadableError."""

    def __init__(self, stream: Any, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read1(len(buffer))  # what there is before what follows turns out damaged
        except DAMAGE as error:
            raise UnreadableError(f"is damaged ({str(error)[:100]}); pack it again") from error
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)


MEMBERS = READERS | {".gz": read_gzip}
CONTAINERS = {".gz": read_gzip, ".zip": read_zip}
