"""Exports of article databases: JSON, JSON Lines, CSV and Parquet, one record per article.

Which column holds what is said by `mappings.toml`, or by the file's sidecar. All but JSON are read in bounded memory,
whatever their size: line by line, or some rows at a time.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from flows.sources import metadata as found_in
from flows.sources.html import plain
from flows.sources.record import MAX_RECORD_BYTES, Metadata, RawFile, Record, Unreadable, UnreadableError, digest
from flows.sources.text import BYTE_ORDER_MARKS, decode, expect_no_other_format

FIELDS = ("text", "title", "url", "date", "publisher", "authors", "language")
NAMED_COLUMNS = 20  # of an export that fits no mapping, in the message
MAX_COLUMNS = 2_000
MAX_JSON_VALUES = 5_000_000  # each takes up to 72 bytes in Python, however short it is written
TOO_LONG = f"is a row of more than {MAX_RECORD_BYTES >> 20} MiB"
DELIMITERS = (",", ";", "\t", "|")
PARQUET_ROWS = 64  # read at once
MAX_CHUNK_BYTES = 256 * 1024 * 1024  # of one column in one row group
# Parquet holds a repeated value once: rows may come to more than the file, but not without end.
MAX_EXPANSION, FREE_EXPANSION = 250, 64 * 1024 * 1024

Columns = Mapping[str, tuple[str, ...]]  # field → folded names of the columns that may hold it, the first first

csv.field_size_limit(MAX_RECORD_BYTES)


@dataclass(frozen=True)
class Row:
    """The named values of one record, its place, and the hash and encoding of the bytes they came in."""

    uri: str
    sha256: str
    encoding: str
    values: Mapping[str, Any]


def read_json(file: RawFile) -> Iterator[Record | Unreadable]:
    """The records of a JSON file: one article, a list of them, or an object that holds such a list.

    Raises:
        UnreadableError: no JSON, or nothing in it that fits a mapping.
    """
    data = file.data()
    expect_no_other_format(data)
    text, encoding = decode(data)
    content, sha256 = _parsed(text), digest(data)
    listed = _list_in(content)
    if listed is None:
        row = _row(file.uri, sha256, encoding, content)
        if isinstance(row, Unreadable):
            raise UnreadableError(row.reason)
        yield _record(row, "json", _columns(file.fields, row.values), file.metadata)
    else:
        rows = (_row(f"{file.uri}#{number}", sha256, encoding, one) for number, one in enumerate(listed, 1))
        yield from _records(file, "json", rows)


def read_lines(file: RawFile) -> Iterator[Record | Unreadable]:
    """The records of a JSON Lines file, one object per line.

    Raises:
        UnreadableError: a JSON list, another format, or objects that fit no mapping.
    """
    stream = _in_utf8(file)
    head = stream.peek()
    expect_no_other_format(head)
    if head.lstrip().startswith(b"["):
        raise UnreadableError("is one JSON list, not one object per line; name it .json")
    yield from _records(file, "json", _rows_of_lines(file.uri, stream))


def read_csv(file: RawFile) -> Iterator[Record | Unreadable]:
    """The records of a CSV or TSV file whose first row names the columns; records are counted after that row.

    Raises:
        UnreadableError: no names of columns that fit a mapping, or another format.
    """
    stream = _in_utf8(file)
    head = stream.peek()
    expect_no_other_format(head)
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace")
    lines = _Lines(stream)
    rows = csv.reader(lines, delimiter=max(DELIMITERS, key=first.count))
    try:
        names = [name.strip() for name in next(rows, [])]
    except (csv.Error, UnclosedError) as error:
        raise UnreadableError(f"is no CSV ({error}); export it again") from error
    if len(names) > MAX_COLUMNS:
        raise UnreadableError(f"has more than {MAX_COLUMNS} columns; export those of the articles alone")
    lines.taken()
    _columns(file.fields, dict.fromkeys(names))
    yield from _records(file, "csv", _rows_of_csv(file.uri, rows, lines, names))


def read_parquet(file: RawFile) -> Iterator[Record | Unreadable]:
    """The records of a Parquet file, one per row.

    Raises:
        UnreadableError: no Parquet, columns that fit no mapping, or values much larger than the file.
    """
    from pyarrow import ArrowException, parquet  # noqa: PLC0415 - takes a quarter of a second

    stream = file.stream if file.stream.seekable() else io.BytesIO(file.data())
    sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    allowed = FREE_EXPANSION + MAX_EXPANSION * stream.tell()
    try:
        schema = parquet.ParquetFile(stream).schema_arrow
        tops = {
            column.split(".")[0] for c in _columns(file.fields, dict.fromkeys(schema.names)).values() for column in c
        }
        names = [name for name in schema.names if _folded(name).split(".")[0] in tops]
        # Kept as dictionaries, strings that repeat are not copied for each row.
        strings = [name for name in names if str(schema.field(name).type) in {"string", "large_string"}]
        opened = parquet.ParquetFile(stream, read_dictionary=strings)
        yield from _records(file, "parquet", _rows_of_parquet(file.uri, sha256, opened, names, allowed))
    except (ArrowException, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UnreadableError(f"is no Parquet that can be read ({reason}); export it again") from error


def _records(file: RawFile, source_format: str, rows: Iterable[Row | Unreadable]) -> Iterator[Record | Unreadable]:
    """The record of each row, or the line that says why there is none.

    Raises:
        UnreadableError: the first row fits no mapping, so that none will.
    """
    metadata = file.metadata.of_each()
    columns: Columns = {}
    names: tuple[str, ...] = ()  # that the mapping was taken for: those of JSON objects may differ
    for row in rows:
        if isinstance(row, Unreadable):
            yield row
            continue
        try:
            if tuple(row.values) != names:
                columns, names = _columns(file.fields, row.values), tuple(row.values)
            yield _record(row, source_format, columns, metadata)
        except UnreadableError as error:
            if not columns:
                raise
            yield Unreadable(row.uri, str(error))


def _record(row: Row, source_format: str, columns: Columns, otherwise: Metadata) -> Record:
    """The record of a row, completed by what the sidecar says.

    Raises:
        UnreadableError: the row has no text, or none that can be read.
    """
    values = {_folded(name): value for name, value in row.values.items()}
    given = {field: [_value(values, column) for column in columns[field]] for field in FIELDS}
    text = next((text for text in map(_text, given["text"]) if text.strip()), "")
    if not text:
        raise UnreadableError("has no text in the columns that may hold it; export the full text, or remove it")
    if len(text) > MAX_RECORD_BYTES:
        raise UnreadableError(f"has a text of more than {MAX_RECORD_BYTES >> 20} MiB; cut it into articles")
    metadata = Metadata(
        title=_first(found_in.one_line, map(_plain_or_nothing, given["title"])),
        publisher=_first(found_in.one_line, given["publisher"]),
        url=_first(found_in.address, given["url"]),
        authors=_first(_authors, given["authors"]) or (),
        published_on=_first(found_in.day, given["date"]),
        language=_first(found_in.language, given["language"]),
    )
    return Record(row.uri, source_format, row.sha256, row.encoding, text, metadata.over(otherwise))


def _first(read: Any, values: Iterable[Any]) -> Any:
    """The first value that reads as something."""
    return next((found for found in map(read, values) if found), None)


def _text(value: Any) -> str:
    """The text of a value: a string, or paragraphs in a list; HTML made plain."""
    if isinstance(value, list):
        value = "\n".join(one for one in value if isinstance(one, str))
    return plain(found_in.clean_text(value)) if isinstance(value, str) else ""


def _plain_or_nothing(value: Any) -> str:
    try:
        return _text(value)
    except UnreadableError:
        return ""


def _authors(value: Any) -> tuple[str, ...]:
    """Authors from a list of names or of objects with a name, or from names with semicolons between them."""
    if isinstance(value, str):
        return found_in.names(value[: 4 * found_in.MAX_TITLE_CHARS].split(";"))
    if isinstance(value, list):
        return found_in.names(one.get("name") if isinstance(one, dict) else one for one in value)
    return ()


@cache
def _mappings() -> dict[str, Any]:
    """The mappings that come with the package, their names of columns folded."""
    content = tomllib.loads(resources.files(__package__).joinpath("mappings.toml").read_text("utf-8"))
    for mapping in content["mapping"]:
        mapping.update({key: tuple(map(_folded, mapping[key])) for key in ("when", *FIELDS)})
    return content


def _columns(fields: Mapping[str, str], values: Mapping[str, Any]) -> Columns:
    """The mapping that fits a row of these names, with what the sidecar says before it.

    Raises:
        UnreadableError: no column can hold the text; the message names the columns there are.
    """
    names = {_folded(name) for name in values}
    fitting = (m for m in _mappings()["mapping"] if not m["when"] or not names.isdisjoint(m["when"]))
    mapping = {field: columns for field, columns in next(fitting).items() if field in FIELDS}
    mapping |= {field: (_folded(column),) for field, column in fields.items()}
    if not any(column in names or column.split(".")[0] in names for column in mapping["text"]):
        raise UnreadableError(
            f"has no column that is known to hold the text (it has {_listed(values) or 'none'}); say which one does "
            'in a sidecar: [fields] text = "…"'
        )
    return mapping


def _value(values: Any, column: str) -> Any:
    """What stands under the folded name of a column, dots leading into objects and lists of objects."""
    if isinstance(values, list):
        return [_value(one, column) for one in values[: found_in.MAX_AUTHORS]]
    if not isinstance(values, dict):
        return None
    if column in values:
        return values[column]
    head, _, rest = column.partition(".")
    inner = values.get(head) if rest else None
    if isinstance(inner, dict):
        return _value({_folded(name): value for name, value in inner.items()}, rest)
    if isinstance(inner, list):
        return [_value(one, rest) for one in inner[: found_in.MAX_AUTHORS]]
    return None


def _folded(name: str) -> str:
    """A column's name as it is compared."""
    return "".join(c for c in name.casefold() if c not in "_- ")


def _listed(names: Iterable[str]) -> str:
    """Names of columns for a message: some, and not at length."""
    listed = [repr(name[:40]) for name in names]
    return ", ".join(listed[:NAMED_COLUMNS]) + (" …" if len(listed) > NAMED_COLUMNS else "")


def _row(uri: str, sha256: str, encoding: str, value: Any) -> Row | Unreadable:
    """The row of a JSON value, or the line that says why it is none."""
    if isinstance(value, dict):
        return Row(uri, sha256, encoding, value)
    return Unreadable(uri, "is no object with named values; export each article as one")


def _parsed(text: str) -> Any:
    """The JSON value.

    Raises:
        UnreadableError: no JSON, or nested or split up beyond what is sane.
    """
    if sum(text.count(mark) for mark in ",[{") > MAX_JSON_VALUES:
        raise UnreadableError(f"has more than {MAX_JSON_VALUES} values; cut it into smaller files")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text.lstrip().startswith("{"):
            raise UnreadableError("holds several JSON objects; name it .jsonl, one object per line") from error
        raise UnreadableError(f"is no JSON ({error}); export it again") from error
    except RecursionError as error:
        raise UnreadableError("is nested too deep; export it with each article as one object") from error
    except ValueError as error:
        raise UnreadableError(f"is no JSON that can be read ({error}); export it again") from error


def _list_in(content: Any) -> list[Any] | None:
    """The list of articles in a JSON value, if it is one or holds one."""
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        names = {_folded(name): value for name, value in content.items()}
        for place in _mappings()["lists"]["at"]:
            outer, _, inner = place.partition(".")
            found = names.get(outer)
            found = found.get(inner) if inner and isinstance(found, dict) else found
            if isinstance(found, list):
                return found
    return None


def _in_utf8(file: RawFile) -> io.BufferedReader[Any]:
    """The stream of a file of lines, made UTF-8 where its byte order mark says that its lines end in other bytes."""
    head = file.stream.peek(4)
    if not head:
        raise UnreadableError("is empty; put its text into it or remove it")
    wide = next((e for mark, e in BYTE_ORDER_MARKS.items() if head.startswith(mark) and e != "utf-8"), None)
    if wide is None:
        return file.stream
    return io.BufferedReader(io.BytesIO(decode(file.data())[0].encode("utf-8", "replace")))


def _line(stream: io.BufferedReader[Any]) -> bytes | None:
    """The next line, empty at the end of the stream; None where it is longer than a record may be."""
    line = stream.readline(MAX_RECORD_BYTES + 1)
    if len(line) <= MAX_RECORD_BYTES:
        return line
    while line and not line.endswith(b"\n"):
        line = stream.readline(1 << 20)
    return None


def _rows_of_lines(uri: str, stream: io.BufferedReader[Any]) -> Iterator[Row | Unreadable]:
    number = 0
    while (line := _line(stream)) != b"":
        number += 1
        place = f"{uri}#{number}"
        if line is None:
            yield Unreadable(place, f"is a line of more than {MAX_RECORD_BYTES >> 20} MiB; cut it into articles")
        elif content := line.strip():
            try:
                text, encoding = decode(content)
                yield _row(place, digest(content), encoding, _parsed(text))
            except UnreadableError as error:
                yield Unreadable(place, str(error))


class _Lines:
    """The lines of a CSV file for the csv module, keeping the bytes of the row being read."""

    def __init__(self, stream: io.BufferedReader[Any]) -> None:
        self._stream = stream
        self._data = bytearray()
        self._encoding = "utf-8"

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = _line(self._stream)
        if line is None:
            raise csv.Error(f"{TOO_LONG}; cut it into articles")
        if not line:
            raise StopIteration
        self._data += line
        if len(self._data) > MAX_RECORD_BYTES:  # where the next row begins is not to be told
            raise UnclosedError(f"{TOO_LONG}, or a quotation mark before is not closed; the rest is not read")
        text, encoding = decode(line)
        if encoding != "utf-8":
            self._encoding = encoding
        return text

    def taken(self) -> tuple[bytes, str]:
        """The bytes of the lines since the last call, and their encoding."""
        data, encoding = bytes(self._data), self._encoding
        self._data, self._encoding = bytearray(), "utf-8"
        return data, encoding


class UnclosedError(Exception):
    """A row of a table that does not end."""


def _rows_of_csv(uri: str, rows: Iterator[list[str]], lines: _Lines, names: list[str]) -> Iterator[Row | Unreadable]:
    number = 0
    while True:
        number += 1
        try:
            values = next(rows, None)
            data, encoding = lines.taken()
            if values is None:
                return
            if len(values) > len(names):
                reason = f"has {len(values)} values for {len(names)} columns; mend its quotation marks"
                yield Unreadable(f"{uri}#{number}", reason)
            elif values:
                yield Row(
                    f"{uri}#{number}", digest(data.rstrip(b"\r\n")), encoding, dict(zip(names, values, strict=False))
                )
        except UnclosedError as error:
            yield Unreadable(f"{uri}#{number}", str(error))
            return
        except (csv.Error, UnreadableError) as error:
            lines.taken()
            yield Unreadable(f"{uri}#{number}", str(error))


def _rows_of_parquet(uri: str, sha256: str, opened: Any, names: list[str], allowed: int) -> Iterator[Row | Unreadable]:
    """The rows of a Parquet file, whose texts may come to `allowed` characters.

    Raises:
        UnreadableError: they come to more, or a part of the file says that it would not fit into memory.
    """
    for group in range(opened.metadata.num_row_groups):
        chunks = opened.metadata.row_group(group)
        if any(chunks.column(i).total_uncompressed_size > MAX_CHUNK_BYTES for i in range(chunks.num_columns)):
            raise UnreadableError(
                f"has row groups of more than {MAX_CHUNK_BYTES >> 20} MiB; export it with smaller ones"
            )
    number = 0
    for batch in opened.iter_batches(batch_size=PARQUET_ROWS, columns=names):
        for position in range(batch.num_rows):
            number += 1
            values = {name: batch.column(name)[position].as_py() for name in names}
            allowed -= sum(len(value) for value in values.values() if isinstance(value, str))
            if allowed < 0:
                raise UnreadableError("holds much more text than its size lets expect; export it as .jsonl")
            yield Row(f"{uri}#{number}", sha256, "utf-8", values)
