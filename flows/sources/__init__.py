"""Raw files, whatever their format, read into one kind of record.

A format is one module with a `read` function, entered in `READERS` under the suffixes it answers for. This module walks
the raw folder and bounds what a reader is given. Whatever is not read becomes a line that names the file and the
remedy: nothing is lost in silence. Files whose name begins with a full stop are left alone, and counted.

The raw folder is untrusted (shared, or filled from the network): links are not followed, special files are not opened,
and what is opened is the very file that was listed, even where somebody moves folders meanwhile.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from flows.sources import formats
from flows.sources.containers import CONTAINERS
from flows.sources.record import Metadata, RawFile, Record, Unreadable, UnreadableError
from flows.sources.sidecar import MAX_SIDECAR_BYTES, SIDECAR_SUFFIX, with_sidecar

__all__ = ["READERS", "Metadata", "NothingToReadError", "RawFolder", "Record", "Unreadable"]

MAX_DEPTH = 100  # folders; each one being walked holds a descriptor

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

READERS = formats.READERS | CONTAINERS


class NothingToReadError(Exception):
    """The raw folder holds no file to read; the message says what to do."""


class RawFolder:
    """A raw folder, to be read once.

    Attributes:
        hidden: files and folders left alone so far because their name begins with a full stop.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hidden = 0

    def records(self) -> Iterator[Record | Unreadable]:
        """Every record under the folder, by folder and name, and a line for each entry that cannot be read.

        Raises:
            OSError: the folder itself cannot be listed.
        """
        descriptor = os.open(self.folder, FOLDER)
        try:
            yield from self._walk(descriptor, PurePosixPath())
        finally:
            os.close(descriptor)

    def expect_files(self) -> None:
        """Look for a first file, read or not.

        Raises:
            NothingToReadError: there is none but hidden ones.
            OSError: the folder itself cannot be listed.
        """
        if next(self.records(), None) is None:
            raise NothingToReadError(f"{self.folder} holds no file to read; put articles ({', '.join(READERS)}) there")

    def _walk(self, folder: int, place: PurePosixPath) -> Iterator[Record | Unreadable]:
        """The records of the folder open as `folder`, which stands at `place` in the raw folder."""
        with os.scandir(folder) as listed:
            entries = {entry.name: entry for entry in listed}
        names = sorted(name for name in entries if not name.startswith("."))
        self.hidden += len(entries) - len(names)
        for name in names:
            if entries[name].is_symlink():
                yield Unreadable(_uri(place / name), "is a link, and links are not followed; put a copy in its place")
            elif entries[name].is_dir(follow_symlinks=False):
                yield from self._subfolder(folder, place / name)
            elif not name.endswith(SIDECAR_SUFFIX):
                yield from _read_entry(folder, place / name, has_sidecar=name + SIDECAR_SUFFIX in entries)
            elif name.removesuffix(SIDECAR_SUFFIX) not in entries:
                yield Unreadable(_uri(place / name), "describes a file that is not there; put it beside its file")

    def _subfolder(self, folder: int, place: PurePosixPath) -> Iterator[Record | Unreadable]:
        """The records of a folder in the folder open as `folder`, or the line that says why it is not walked."""
        if place.suffix.lower() in READERS:
            yield Unreadable(_uri(place), "is a folder with the name of a file; take off the suffix")
            return
        if len(place.parts) > MAX_DEPTH:
            yield Unreadable(_uri(place), f"is nested deeper than {MAX_DEPTH} folders; move it further up")
            return
        try:
            descriptor = os.open(place.name, FOLDER | os.O_NOFOLLOW, dir_fd=folder)
        except OSError as error:
            yield Unreadable(_uri(place), f"cannot be opened ({error.strerror}); make it readable for this user")
            return
        try:
            yield from self._walk(descriptor, place)
        finally:
            os.close(descriptor)


def _read_entry(folder: int, place: PurePosixPath, *, has_sidecar: bool) -> Iterator[Record | Unreadable]:
    """The records of one file with what its sidecar adds, or the line that says why there are none."""
    uri = _uri(place)
    reader = READERS.get(place.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        yield Unreadable(uri, f"has a suffix that tells no known format; convert it to one of {known}")
        return
    try:
        with _opened(folder, place.name) as stream:
            file = RawFile(uri, stream)
            if has_sidecar:
                file, line = with_sidecar(file, lambda: _sidecar(folder, place))
                if line:
                    yield line
            yield from _unchanged(file, formats.records_of(file, reader))
    except UnreadableError as error:
        yield Unreadable(uri, str(error))


def _unchanged(file: RawFile, records: Iterator[Record | Unreadable]) -> Iterator[Record | Unreadable]:
    """The records, the last of them only if the file is still the same after it: else it may be cut short."""
    before = os.fstat(file.stream.fileno())
    last = next(records)
    for record in records:
        yield last
        last = record
    after = os.fstat(file.stream.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        last = Unreadable(file.uri, "changed while it was read; run again when it is complete")
    yield last


@contextmanager
def _opened(folder: int, name: str) -> Iterator[io.BufferedReader[Any]]:
    """The regular file `name` in the folder open as `folder`.

    Raises:
        UnreadableError: a link or special file, or not permitted.
    """
    try:
        # Without O_NONBLOCK a named pipe would wait for a writer for ever.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise UnreadableError(f"cannot be opened ({error.strerror}); make it readable for this user") from error
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnreadableError("is not a regular file; put a copy of its content in its place")
        yield stream


def _sidecar(folder: int, place: PurePosixPath) -> bytes:
    """The bytes of a file's sidecar, one more than it may have at most.

    Raises:
        UnreadableError: it cannot be opened or read.
    """
    with _opened(folder, place.name + SIDECAR_SUFFIX) as stream:
        try:
            return stream.read(MAX_SIDECAR_BYTES + 1)
        except OSError as error:
            raise UnreadableError(f"cannot be read ({error.strerror}); check the disk") from error


def _uri(place: PurePosixPath) -> str:
    """The place as it stands in the tables, where it is that of nothing else.

    Spelt out are bytes that are not UTF-8, which no Parquet reader takes, and what would pass for such an escape or for
    a record in a file.
    """
    return formats.escaped(os.fsencode(str(place).replace("\\", "\\x5c")).decode("utf-8", "backslashreplace"))
