"""A corpus of hostile and broken files. `python -m tests.flows.hostile FOLDER` reads one, and tells what it took."""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from flows.sources import RawFolder, Record
from tests.flows.samples import HTML_TYPE, SENTENCES, feed, json_lines, page, parquet, warc, zipped

MB = 1_000_000
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
ARTICLE = {"title": "Titre", "text": "\n".join(SENTENCES)}


def entity_bomb(body: str) -> bytes:
    doubled = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return body.replace("<rss", f'<!DOCTYPE rss [<!ENTITY e0 "aaaaaaaaaa">{doubled}]><rss', 1).encode()


def overlapping_zip() -> bytes:
    """Many members that are the same packed bytes: each entry of the list points to one local header."""
    one = bytearray(zipped({"000.txt": b"a" * 8 * MB}))
    start = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    local, entry = bytes(one[:start]), bytes(one[start:end])
    entries = b"".join(entry.replace(b"000.txt", b"%03d.txt" % number) for number in range(100))
    tail = bytearray(one[end:])
    tail[8:12] = (100).to_bytes(2, "little") * 2
    tail[12:16] = len(entries).to_bytes(4, "little")
    return local + entries + bytes(tail)


def encrypted_zip() -> bytes:
    data = bytearray(zipped({"a.txt": b"Un accord."}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def linked_zip() -> bytes:
    import io

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def damaged(data: bytes, at: int) -> bytes:
    return data[:at] + bytes(byte ^ 0x55 for byte in data[at : at + 8]) + data[at + 8 :]


def lying_warc() -> bytes:
    return warc(("https://a.example/", "200 OK", HTML_TYPE, page().encode())).replace(
        b"Content-Length: ", b"Content-Length: 99999", 2
    )


FILES: dict[str, Callable[[], bytes]] = {
    # text
    "empty.txt": lambda: b"",
    "blank.txt": lambda: b" \n\t\n",
    "bom_only.txt": lambda: b"\xef\xbb\xbf",
    "nul.txt": lambda: b"Un\x00accord",
    "nul_only.txt": lambda: b"\x00" * MB,
    "random.txt": lambda: bytes((n * 7919 + n * n) % 256 for n in range(10_000)),
    "half_utf16.txt": lambda: "Un accord.".encode("utf-16")[:-1],
    "truncated_utf8.txt": lambda: "Été à l’Élysée, où siège l’État".encode()[:-2] + b"\xc3",
    "mixed_encodings.txt": lambda: "Été à l’Élysée. ".encode() * 9 + "Été".encode("cp1252"),
    "one_line_50mb.txt": lambda: b"mot " * (50 * MB // 4),
    "too_large.txt": lambda: b"a" * (65 * 1024 * 1024),
    "only_controls.txt": lambda: b"\x01\x02\x03\x1b[31mrouge\x07",
    "surrogates.txt": lambda: b"Un \xed\xa0\x80 accord",
    "overlong.txt": lambda: b"\xc0\xaf\xe0\x80\xaf",
    "bidi_\u202etxt.txt": "Un \u202eaccord\u202c \u2066signé\u2069.".encode,
    "new\nline.txt": lambda: b"Un accord.",
    "-rf; echo $(id).txt": lambda: b"Un accord.",
    "<script>alert(1)<.txt": lambda: b"Un accord.",
    "combining.txt": ("e" + "\u0301" * 100_000).encode,
    "nbsp_only.txt": "\u00a0\u202f\u3000".encode,
    # pages
    "empty_page.html": lambda: b"<html></html>",
    "truncated.html": lambda: page().encode()[:-300],
    "deep.html": ("<html><body>" + "<div>" * 100_000 + PARAGRAPHS).encode,
    "deep_inline.html": ("<html><body>" + "<p><b><i>x" * 20_000 + PARAGRAPHS).encode,
    "deep_lists.html": ("<html><body>" + "<ul><li>mot" * 20_000).encode,
    "one_line_50mb.html": lambda: b"<p>" + b"mot " * (50 * MB // 4),
    "many_attributes.html": ("<p " + " ".join(f"a{n}" for n in range(200_000)) + ">" + PARAGRAPHS).encode,
    "many_tags.html": lambda: b"<p>" * 1_000_000,
    "open_scripts.html": lambda: b"<script>" * 200_000 + PARAGRAPHS.encode(),
    "open_tags.html": lambda: b"<p " * 300_000,
    "script_title.html": lambda: page("&lt;script&gt;alert(1)&lt;/script&gt;").encode(),
    "nul.html": lambda: page().replace("délégation", "délé\x00gation").encode(),
    "linked_data.html": lambda: page(head=f'<script type="application/ld+json">{"[" * 90_000}</script>').encode(),
    "unknown_charset.html": lambda: page(head='<meta charset="x-klingon">').encode("cp1252"),
    "dangerous_charset.html": lambda: page(head='<meta charset="zlib_codec">').encode("cp1252"),
    "comments.html": lambda: b"<!--" * 200_000 + PARAGRAPHS.encode(),
    # exports
    "deep.json": lambda: b"[" * 500_000,
    "deep_object.json": lambda: b'{"a":' * 200_000,
    "many_values.json": lambda: b"[" + b"{}," * 20_000_000 + b"{}]",
    "huge_number.json": lambda: b'{"text": ' + b"9" * MB + b"}",
    "not_finite.json": lambda: b'{"text": "Un accord.", "date": Infinity}',
    "truncated.json": lambda: json.dumps([ARTICLE] * 10).encode()[:-40],
    "twice.json": lambda: b'{"text": "a", "text": "Un accord."}',
    "scalar.json": lambda: b"3",
    "list_of_lists.json": lambda: b"[[1], [2]]",
    "surrogate.jsonl": lambda: b'{"text": "Un \\ud800 accord."}',
    "one_line_50mb.jsonl": lambda: b'{"text": "' + b"mot " * (50 * MB // 4) + b'"}',
    "truncated.jsonl": lambda: json_lines(ARTICLE, ARTICLE)[:-40],
    "bad_lines.jsonl": lambda: b"{\n" * 100_000,
    "html_field.jsonl": lambda: json_lines({"text": "<div>" * 100_000 + "Un accord."}, {"text": "<p " * 500_000 + ">"}),
    "script_title.jsonl": lambda: json_lines({"title": "<script>alert(1)</script> Titre", "text": "Un accord."}),
    "dates.jsonl": lambda: json_lines(
        *({"text": "Un accord.", "date": d} for d in (1e300, -1, "9" * 80, [], "0000-00-00"))
    ),
    "open_quote.csv": lambda: b'text\n"Un accord.\n' + (b"mot " * 50 + b"\n") * (20 * MB // 201),
    "many_columns.csv": lambda: b"text," * 100_000 + b"\n" + b"a," * 100_000,
    "no_text.csv": lambda: b"a,b\n1,2\n",
    "formula.csv": lambda: b"text,title\nUn accord.,=cmd|' /C calc'!A0\n",
    "one_line_50mb.csv": lambda: b"text\n" + b"mot " * (50 * MB // 4),
    "repeated.csv": lambda: b"text,text\nUn,Deux\n",
    "truncated.parquet": lambda: parquet([ARTICLE])[:-20],
    "damaged.parquet": lambda: damaged(parquet([ARTICLE] * 50), 40),
    "repeated.parquet": lambda: parquet([{"text": "mot " * 250_000}] * 100),
    "numbers.parquet": lambda: parquet([{"text": 3}]),
    # feeds
    "entity_bomb.xml": lambda: entity_bomb(feed("<item><description>&e9;</description></item>")),
    "long_entity.xml": lambda: (
        feed("<item><description>" + "&a;" * 100_000 + "</description></item>")
        .replace("<rss", f'<!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]><rss', 1)
        .encode()
    ),
    "external_entity.xml": lambda: (
        feed("<item><description>&x;</description></item>")
        .replace("<rss", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss', 1)
        .encode()
    ),
    "truncated.xml": lambda: feed("<item><description>Un accord.</description></item>").encode()[:-30],
    "deep.xml": lambda: feed("<a>" * 30_000).encode(),
    "many_tags.xml": lambda: feed("<a>" * 300_000).encode(),
    "open_tags.xml": lambda: feed("<item><description>" + "<a " * 100_000).encode(),
    "no_feed.xml": lambda: b'<?xml version="1.0"?><svg/>',
    "script.xml": lambda: feed(
        "<item><title>&lt;script&gt;x&lt;/script&gt;</title><description>Un accord.</description></item>"
    ).encode(),
    # web archives
    "lying.warc": lying_warc,
    "truncated.warc": lambda: warc(("https://a.example/", "200 OK", HTML_TYPE, page().encode()))[:-900],
    "long_header.warc": lambda: b"WARC/1.0\r\nX: " + b"a" * 20 * MB,
    "many_headers.warc": lambda: b"WARC/1.0\r\n" + b"a: b\r\n" * 2_000_000,
    "negative.warc": lambda: b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: -5\r\n\r\n" * 50,
    "no_address.warc": lambda: b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 4\r\n\r\nHTTP\r\n\r\n",
    "packed_bomb.warc": lambda: warc(
        ("https://a.example/", "200 OK", [*HTML_TYPE, ("Content-Encoding", "gzip")], gzip.compress(b"a" * 50 * MB, 1))
    ),
    "huge_chunk.warc": lambda: warc(
        (
            "https://a.example/",
            "200 OK",
            [*HTML_TYPE, ("Transfer-Encoding", "chunked")],
            b"7fffffff\r\n" + b"a" * 20 * MB,
        )
    ),
    "no_page.warc": lambda: warc(("https://a.example/", "301 Moved Permanently", HTML_TYPE, b"")),
    # archives
    "bomb.txt.gz": lambda: gzip.compress(b"a" * 10 * MB) * 100,
    "bomb.jsonl.gz": lambda: gzip.compress(json_lines({"text": "a" * 10 * MB})) * 40,
    "twice_packed.txt.gz.gz": lambda: gzip.compress(gzip.compress(b"Un accord.")),
    "truncated.txt.gz": lambda: gzip.compress(page().encode())[:-9],
    "damaged.txt.gz": lambda: damaged(gzip.compress(page().encode()), 200),
    "trailing.txt.gz": lambda: gzip.compress(b"Un accord.") + b"et la suite",
    "raw_deflate.txt.gz": lambda: zlib.compress(b"Un accord."),
    "bomb.zip": lambda: zipped({f"{n}.txt": b"a" * 40 * MB for n in range(4)}),
    "overlapping.zip": overlapping_zip,
    "nested.zip": lambda: zipped({"inner.zip": zipped({"a.txt": b"Un accord."}), "b.txt": b"Un accord."}),
    "outside.zip": lambda: zipped(
        {"../../etc/cron.d/a.txt": b"x", "/etc/a.txt": b"x", "..\\a.txt": b"x", "C:/a.txt": b"x"}
    ),
    "links.zip": linked_zip,
    "encrypted.zip": encrypted_zip,
    "truncated.zip": lambda: zipped({"a.txt": b"Un accord."})[:-30],
    "damaged.zip": lambda: damaged(zipped({"a.txt": page().encode(), "b.txt": b"Un accord."}), 60),
    "many_members.zip": lambda: zipped({f"{n}.txt": b"a" for n in range(100_001)}, zipfile.ZIP_STORED),
    "names.zip": lambda: zipped({"a\nb\u202e.txt": b"Un accord.", "x" * 5_000 + ".txt": b"Une suite."}),
    "empty.zip": lambda: zipped({}),
    "no_zip.zip": lambda: b"PK\x03\x04 et rien d'autre",
}


def build(folder: Path) -> set[str]:
    """Write the corpus; the names of its entries."""
    for name, data in FILES.items():
        (folder / name).write_bytes(data())
    (folder / "folder.txt").mkdir()
    (folder / "link.txt").symlink_to("/etc/passwd")
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "pipe.html")
    (folder / "closed.txt").write_text("Un accord.")
    (folder / "closed.txt").chmod(0)
    (folder / "sidecar.txt").write_text("Un accord.")
    (folder / "sidecar.txt.toml").write_bytes(b"\xff\xfe")
    return {*FILES, "folder.txt", "link.txt", "up", "pipe.html", "closed.txt", "sidecar.txt", "sidecar.txt.toml"}


def main(folder: Path) -> None:
    """Read the folder and print, per place: whether it became a record or why not, its text's length, and seconds."""
    started = time.monotonic()
    for one in RawFolder(folder).records():
        took, started = time.monotonic() - started, time.monotonic()
        said = len(one.text) if isinstance(one, Record) else one.reason
        print(json.dumps([one.source_uri, said, round(took, 2), peak()]))  # noqa: T201 - what the test reads


def peak() -> int:
    """Most memory of this process so far, in MB (what getrusage tells begins with that of the parent)."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024 // MB


if __name__ == "__main__":
    main(Path(sys.argv[1]))
