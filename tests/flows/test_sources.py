"""The raw folder → records: formats, encodings, sidecars, and everything that is kept out with its reason."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from flows import sources
from flows.sources import Metadata, RawFolder, Record, Unreadable, record

NOBODY = 65534


def read(folder: Path) -> list[Record | Unreadable]:
    return list(RawFolder(folder).records())


def only_record(folder: Path) -> Record:
    (found,) = read(folder)
    assert isinstance(found, Record)
    return found


def reasons(folder: Path) -> dict[str, str]:
    return {u.source_uri: u.reason for u in read(folder) if isinstance(u, Unreadable)}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path


@contextmanager
def as_nobody() -> Iterator[Path]:
    """A folder, while this process has no more rights than anybody."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


def read_as_nobody(folder: Path) -> list[Record | Unreadable]:
    if os.geteuid() != 0:
        return read(folder)
    os.seteuid(NOBODY)
    try:
        return read(folder)
    finally:
        os.seteuid(0)


def test_records_come_from_every_folder_in_order(raw: Path) -> None:
    for name in ("b.txt", "a.md", "z/c.TXT", "m/d/e.txt"):
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_text("Un accord.")
    assert [r.source_uri for r in read(raw)] == ["a.md", "b.txt", "m/d/e.txt", "z/c.TXT"]


def test_record_tells_the_bytes_received(raw: Path) -> None:
    data = " Un « accord ».\r\n".encode()
    (raw / "a.txt").write_bytes(data)
    assert only_record(raw) == Record(
        "a.txt", "text", hashlib.sha256(data).hexdigest(), "utf-8", " Un « accord ».\r\n", Metadata()
    )


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Événement à l’Élysée".encode(), "utf-8"),
        (b"\xef\xbb\xbf" + "Événement à l’Élysée".encode(), "utf-8"),
        (b"\xff\xfe" + "Événement à l’Élysée".encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + "Événement à l’Élysée".encode("utf-16-be"), "utf-16-be"),
        (b"\xff\xfe\x00\x00" + "Événement à l’Élysée".encode("utf-32-le"), "utf-32-le"),
        ("Événement à l’Élysée".encode("cp1252"), "cp1252"),
    ],
)
def test_encodings_are_told_apart(raw: Path, data: bytes, encoding: str) -> None:
    (raw / "a.txt").write_bytes(data)
    record = only_record(raw)
    assert (record.text, record.encoding) == ("Événement à l’Élysée", encoding)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \n\xc2\xa0", "holds no text"),
        ("nul.txt", b"Un\x00accord", "NUL"),
        ("image.txt", b"\x89PNG\r\n\x1a\n\x01\xff\xd8", "is binary"),
        ("undefined.txt", b"caf\xe9 \x81", "is damaged (cp1252 fails at byte 5)"),
        ("odd.txt", b"\xff\xfeU\x00n", "is damaged (utf-16-le"),
        ("nul16.txt", b"\xff\xfeU\x00\x00\x00", "NUL"),
        ("report.pdf", b"%PDF-1.7", "convert it to one of"),
        ("none", b"Un accord.", "convert it to one of"),
    ],
)
def test_what_is_no_text_is_named_with_its_reason_and_the_others_are_read(
    raw: Path, name: str, data: bytes, reason: str
) -> None:
    (raw / name).write_bytes(data)
    (raw / "zz.txt").write_text("Un accord.")
    bad, good = read(raw)
    assert isinstance(bad, Unreadable)
    assert bad.source_uri == name
    assert reason in bad.reason
    assert good.source_uri == "zz.txt"


def test_file_beyond_the_limit_is_kept_out(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MAX_FILE_BYTES", 1 << 20)
    (raw / "a.txt").write_bytes(b"a" * ((1 << 20) + 1))
    assert "is larger than 1 MiB" in reasons(raw)["a.txt"]
    (raw / "a.txt").write_bytes(b"a" * (1 << 20))
    assert reasons(raw) == {}


def test_links_and_special_files_are_not_opened(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text("Un secret.")
    (raw / "file.txt").symlink_to(outside / "secret.txt")
    (raw / "folder").symlink_to(outside)
    (raw / "loop").symlink_to(raw)
    (raw / "broken.txt").symlink_to(raw / "nowhere")
    os.mkfifo(raw / "pipe.txt")
    found = reasons(raw)
    assert set(found) == {"file.txt", "folder", "loop", "broken.txt", "pipe.txt"} == {r.source_uri for r in read(raw)}
    assert "is not a regular file" in found.pop("pipe.txt")
    assert all("is a link" in reason for reason in found.values())


def test_folder_with_the_name_of_a_file_is_named(raw: Path) -> None:
    (raw / "a.txt").mkdir()
    (raw / "a.txt" / "b.txt").write_text("Un accord.")
    assert list(reasons(raw)) == ["a.txt"]


def test_hidden_entries_are_left_alone_and_counted(raw: Path) -> None:
    (raw / ".gitkeep").touch()
    (raw / ".cache").mkdir()
    (raw / ".cache" / "a.txt").write_text("Un accord.")
    folder = RawFolder(raw)
    assert list(folder.records()) == []
    assert folder.hidden == 2


def test_folders_beyond_the_depth_are_named(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_DEPTH", 2)
    (raw / "a" / "b" / "c").mkdir(parents=True)
    (raw / "a" / "b" / "in.txt").write_text("Un accord.")
    (raw / "a" / "b" / "c" / "out.txt").write_text("Un accord.")
    assert [r.source_uri for r in read(raw)] == ["a/b/c", "a/b/in.txt"]


def test_names_that_are_not_utf8_are_spelt_out(raw: Path) -> None:
    Path(os.fsdecode(os.fsencode(raw) + b"/caf\xe9\n.txt")).write_text("Un accord.")
    assert only_record(raw).source_uri == "caf\\xe9\n.txt"


def test_what_may_not_be_read_is_named() -> None:
    with as_nobody() as raw:
        (raw / "a.txt").write_text("Un accord.")
        (raw / "a.txt").chmod(0)
        (raw / "closed").mkdir()
        (raw / "closed").chmod(0)
        (raw / "z.txt").write_text("Un accord.")
        found = {r.source_uri: r for r in read_as_nobody(raw)}
        (raw / "closed").chmod(0o700)
    assert isinstance(found["z.txt"], Record)
    for name in ("a.txt", "closed"):
        bad = found[name]
        assert isinstance(bad, Unreadable)
        assert "Permission denied" in bad.reason


def test_folder_that_cannot_be_listed_is_an_error(raw: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(raw / "missing")


def test_sidecar_adds_what_the_text_does_not_say(raw: Path) -> None:
    (raw / "a.txt").write_text("Un accord.")
    (raw / "a.txt.toml").write_text(
        'title = " Un\\n titre "\npublisher = "La Gazette"\nurl = "https://example.org/a"\ndate = 2025-08-15\n'
        'language = "FR-be"\nauthors = ["A. Untel", ""]\nlicence = "CC BY"\n'
    )
    assert only_record(raw).metadata == Metadata(
        "Un titre", "La Gazette", "https://example.org/a", ("A. Untel",), date(2025, 8, 15), "fr-be"
    )


@pytest.mark.parametrize(
    "written", ["2025-08-15", '"2025-08-15"', "2025-08-15T10:00:00Z", '"2025-08-15T10:00:00+02:00"']
)
def test_sidecar_dates_may_be_written_in_these_ways(raw: Path, written: str) -> None:
    (raw / "a.txt").write_text("Un accord.")
    (raw / "a.txt.toml").write_text(f"date = {written}\n")
    assert only_record(raw).metadata.published_on == date(2025, 8, 15)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"title = ", "is not TOML"),
        (b'title = "caf\xe9"', "is not TOML in UTF-8"),
        (b"a = " + b"[" * 5_000, "is not TOML"),
        (b"titel = 'x'", "keys that are not known: titel"),
        (b"title = 3", "title that is no string"),
        (b"date = 'hier'", "has a date"),
        (b"date = 20250815", "has a date"),
        (b"url = 'javascript:alert(1)'", "has a url"),
        (b"language = 'le francais'", "has a language"),
        (b"authors = [1]", "has authors"),
        (b"#" * 70_000, "is larger than 64 KiB"),
    ],
)
def test_bad_sidecar_is_named_and_its_file_read_without_it(raw: Path, content: bytes, reason: str) -> None:
    (raw / "a.txt").write_text("Un accord.")
    (raw / "a.txt.toml").write_bytes(content)
    bad, record = read(raw)
    assert isinstance(bad, Unreadable)
    assert bad.source_uri == "a.txt.toml"
    assert reason in bad.reason
    assert isinstance(record, Record)
    assert record.metadata == Metadata()


def test_sidecar_without_its_file_is_named(raw: Path) -> None:
    (raw / "a.txt.toml").write_text('title = "Un titre"')
    assert "a file that is not there" in reasons(raw)["a.txt.toml"]
