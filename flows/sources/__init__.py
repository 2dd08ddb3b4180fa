"""Raw files, whatever their format, read into one kind of record.

A format is one module with a `read` function, entered in `READERS` under the suffixes it answers for. This module walks
the raw folder and bounds what a reader is given. Whatever is not read becomes a line that names the file and the
remedy: nothing is lost in silence. Files whose name begins with a full stop are left alone, and counted.

The raw folder is untrusted (shared, or filled from the network): links are not followed, special files are not opened,
and what is opened is the very file that was listed, even where somebody moves folders meanwhile.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from flows.sources import text
from flows.sources.record import Metadata, RawFile, Record, Unreadable, UnreadableError
from flows.sources.sidecar import SIDECAR_SUFFIX, read_sidecar

__all__ = ["MAX_FILE_BYTES", "READERS", "Metadata", "RawFolder", "Record", "Unreadable"]

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100  # folders; each one being walked holds a descriptor

READERS: dict[str, Callable[[RawFile], Iterable[Record]]] = {".txt": text.read, ".md": text.read}


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
        # os.fwalk would take a folder that cannot be listed for an empty one.
        os.scandir(self.folder).close()
        denied: list[OSError] = []
        # fwalk opens each folder from its parent's descriptor and never through a link.
        for path, folders, files, descriptor in os.fwalk(self.folder, onerror=denied.append):
            place = PurePosixPath(os.path.relpath(path, self.folder))
            yield from (_denied(error, self.folder) for error in denied)
            denied.clear()
            yield from self._subfolders(place, folders, descriptor)
            names = self._shown(files)
            present = set(names)
            for name in names:
                if not name.endswith(SIDECAR_SUFFIX):
                    has_sidecar = name + SIDECAR_SUFFIX in present
                    yield from _read_entry(place / name, name, descriptor, has_sidecar=has_sidecar)
                elif name.removesuffix(SIDECAR_SUFFIX) not in present:
                    yield Unreadable(_uri(place / name), "describes a file that is not there; put it beside its file")
        yield from (_denied(error, self.folder) for error in denied)

    def _shown(self, names: list[str]) -> list[str]:
        """The names in order, less the hidden ones, which are counted."""
        shown = sorted(name for name in names if not name.startswith("."))
        self.hidden += len(names) - len(shown)
        return shown

    def _subfolders(self, place: PurePosixPath, folders: list[str], descriptor: int) -> Iterator[Unreadable]:
        """Leave in `folders`, in order, those to walk; a line for each of the others that is not hidden."""
        shown = self._shown(folders)
        folders.clear()
        for name in shown:
            if stat.S_ISLNK(os.lstat(name, dir_fd=descriptor).st_mode):
                yield Unreadable(_uri(place / name), "is a link, and links are not followed; copy the folder itself")
            elif PurePosixPath(name).suffix.lower() in READERS:
                yield Unreadable(_uri(place / name), "is a folder with the name of a file; take off the suffix")
            elif len(place.parts) >= MAX_DEPTH:
                yield Unreadable(_uri(place / name), f"is nested deeper than {MAX_DEPTH} folders; move it further up")
            else:
                folders.append(name)


def _read_entry(place: PurePosixPath, name: str, folder: int, *, has_sidecar: bool) -> Iterator[Record | Unreadable]:
    """The records of one file with what its sidecar adds, or the line that says why there are none."""
    uri = _uri(place)
    reader = READERS.get(place.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        yield Unreadable(uri, f"has a suffix that tells no known format; convert it to one of {known}")
        return
    try:
        data = _read_bytes(name, folder)
    except UnreadableError as error:
        yield Unreadable(uri, str(error))
        return
    metadata = Metadata()
    if has_sidecar:
        try:
            metadata = read_sidecar(_read_bytes(name + SIDECAR_SUFFIX, folder))
        except UnreadableError as error:
            yield Unreadable(uri + SIDECAR_SUFFIX, f"{error}; until then {name} is read without it")
    try:
        yield from reader(RawFile(uri, data, hashlib.sha256(data).hexdigest(), metadata))
    except UnreadableError as error:
        yield Unreadable(uri, str(error))


def _read_bytes(name: str, folder: int) -> bytes:
    """The bytes of the regular file `name` in the folder open as `folder`.

    Raises:
        UnreadableError: a link or special file, too large, empty, not permitted, or changed while it was read.
    """
    try:
        # Without O_NONBLOCK a named pipe would wait for a writer for ever.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        try:
            is_link = stat.S_ISLNK(os.lstat(name, dir_fd=folder).st_mode)
        except OSError:
            is_link = False
        if is_link:
            raise UnreadableError("is a link, and links are not followed; copy the file itself") from error
        raise UnreadableError(f"cannot be opened ({error.strerror}); make it readable for this user") from error
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise UnreadableError("is not a regular file; put a copy of its content in its place")
        if before.st_size > MAX_FILE_BYTES:
            raise UnreadableError(f"is larger than {MAX_FILE_BYTES >> 20} MiB; cut it into smaller files")
        try:
            data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise UnreadableError(f"cannot be read ({error.strerror}); check the disk") from error
        after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise UnreadableError("changed while it was read; run again when it is complete")
    if not data:
        raise UnreadableError("is empty; put its text into it or remove it")
    return data


def _denied(error: OSError, root: Path) -> Unreadable:
    """The line for a folder that could not be listed."""
    place = PurePosixPath(os.path.relpath(error.filename, root))
    return Unreadable(_uri(place), f"cannot be listed ({error.strerror}); make it readable for this user")


def _uri(place: PurePosixPath) -> str:
    """The place as it stands in the tables: bytes that are not UTF-8, which no Parquet reader takes, are escaped."""
    return os.fsencode(place).decode("utf-8", "backslashreplace")
