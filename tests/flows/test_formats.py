"""Every format → records: what is read from where, how encodings are decided, and what is said of the rest."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from datetime import date
from pathlib import Path

import pytest

from flows.sources import Metadata, Record, Unreadable, containers, export, html, record
from tests.flows.samples import HTML_TYPE, SENTENCES, TEXT, feed, json_lines, page, parquet, warc, zipped
from tests.flows.test_sources import only_record, read, reasons

PLAIN = {"title": "Accord à Vienne", "text": TEXT, "url": "https://gazette.example/vienne", "date": "2026-02-03"}
LATIN_9 = page(head='<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">')
KNOWN = Metadata("Accord à Vienne", None, "https://gazette.example/vienne", (), date(2026, 2, 3), None)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path


def records(folder: Path) -> list[Record]:
    found = read(folder)
    assert [one for one in found if isinstance(one, Unreadable)] == []
    return [one for one in found if isinstance(one, Record)]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# Web pages


def test_page_gives_its_article_and_metadata(raw: Path) -> None:
    (raw / "a.html").write_text(page(), "utf-8")
    found = only_record(raw)
    assert (found.source_format, found.encoding) == ("html", "utf-8")
    assert found.sha256 == sha256(page().encode())
    assert [line for line in found.text.split("\n") if line in SENTENCES] == SENTENCES
    assert "Accueil" not in found.text
    assert found.metadata == Metadata(
        "Accord à Vienne",
        "La Gazette du fleuve",
        "https://gazette.example/vienne",
        ("Ana Rusu",),
        date(2026, 2, 3),
        None,
    )


def test_sidecar_goes_before_what_the_page_says(raw: Path) -> None:
    (raw / "a.html").write_text(page(), "utf-8")
    (raw / "a.html.toml").write_text('publisher = "Le Fleuve"\nlanguage = "fr"\n')
    found = only_record(raw)
    assert (found.metadata.publisher, found.metadata.language) == ("Le Fleuve", "fr")
    assert found.metadata.title == "Accord à Vienne"


@pytest.mark.parametrize(
    ("data", "sidecar", "encoding"),
    [
        (page().encode("utf-8"), "", "utf-8"),
        (page(head='<meta charset="iso-8859-1">').encode("utf-8"), "", "utf-8"),  # wrongly declared
        (page().encode("utf-16"), "", "utf-16-le"),
        (page(head='<meta charset="windows-1252">').encode("cp1252"), "", "cp1252"),
        (page(head='<meta charset="iso-8859-1">').encode("cp1252"), "", "cp1252"),  # what browsers make of it
        (LATIN_9.encode("iso-8859-15", "replace"), "", "iso8859-15"),
        (page().replace("’", "'").replace("–", "-").encode("cp1252"), "", "iso-8859-1"),
        (page().replace("’", "'").replace("–", "-").encode("mac-roman"), 'charset = "macintosh"', "mac-roman"),
        (page().encode("utf-8")[:-400] + b"\xe9" + page().encode("utf-8")[-400:], "", "utf-8"),  # one bad byte
    ],
)  # fmt: skip
def test_encoding_of_a_page_is_told_by_its_bytes_then_by_what_is_declared(
    raw: Path, data: bytes, sidecar: str, encoding: str
) -> None:
    (raw / "a.html").write_bytes(data)
    (raw / "a.html.toml").write_text(sidecar)
    found = only_record(raw)
    assert found.encoding == encoding
    assert "La délégation moldave a quitté Vienne" in found.text


def test_script_in_a_title_stays_text(raw: Path) -> None:
    (raw / "a.html").write_text(page("Le &lt;script&gt;alert(1)&lt;/script&gt; de trop"), "utf-8")
    assert only_record(raw).metadata.title == "Le <script>alert(1)</script> de trop"


def test_images_in_line_and_scripts_do_not_count_as_size(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MAX_PAGE_CHARS", 10_000)
    heavy = (
        f'<img src="data:image/png;base64,{"A" * 50_000}"><script>{"x = 1 < 2;" * 5_000}</script><style>{"p{}" * 9_000}'
    )
    (raw / "a.html").write_text(page().replace("<h1>", heavy + "</style><h1>"), "utf-8")
    assert SENTENCES[-1] in only_record(raw).text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Trois < quatre, et R&D", "Trois < quatre, et R&D"),
        ("<p>Un <b>accord</b>.</p><p>Une trêve.</p>", "Un accord.\nUne trêve."),
        ("Un accord.<br/>Une trêve.", "Un accord.\nUne trêve."),
        ("L&rsquo;accord &amp; la tr&#234;ve", "L’accord & la trêve"),
        ("<p>Un accord.<script>alert(1)</script><!-- non --></p><style>p {}</style> Fin.", "Un accord.\nFin."),
        ("<ul><li>Un</li><li>Deux</li></ul>", "Un\nDeux"),
        (page(), TEXT),
    ],
)
def test_html_in_a_field_is_made_text(value: str, text: str) -> None:
    assert html.plain(value).endswith(text)
    assert "<" not in html.plain(value).replace("< quatre", "")


# Exports


@pytest.mark.parametrize(
    ("name", "data", "uri"),
    [
        ("a.json", json.dumps(PLAIN).encode(), "a.json"),
        ("a.json", json.dumps([PLAIN]).encode(), "a.json#1"),
        ("a.json", json.dumps({"status": "ok", "articles": [PLAIN]}).encode(), "a.json#1"),
        ("a.json", b"\xef\xbb\xbf" + json.dumps(PLAIN).encode(), "a.json"),
        ("a.jsonl", b"\n" + json.dumps(PLAIN).encode() + b"\r\n", "a.jsonl#2"),
        ("a.JSONL", json.dumps(PLAIN, ensure_ascii=False).encode("utf-16"), "a.JSONL#1"),
        ("a.parquet", parquet([PLAIN]), "a.parquet#1"),
    ],
)
def test_export_of_title_text_url_date_is_read(raw: Path, name: str, data: bytes, uri: str) -> None:
    (raw / name).write_bytes(data)
    found = only_record(raw)
    assert (found.source_uri, found.text, found.metadata) == (uri, TEXT, KNOWN)
    assert found.source_format == ("parquet" if name.endswith("parquet") else "json")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_tables_are_read_whatever_their_delimiter_and_encoding(raw: Path, delimiter: str, encoding: str) -> None:
    rows = [["Titre", "Texte", "Date"], ["Accord à Vienne", f'"{TEXT}"', "03/02/2026"], ["Suite", "« Un mot »", "hier"]]
    (raw / "a.csv").write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    first, second = records(raw)
    assert (first.source_uri, first.source_format, first.text) == ("a.csv#1", "csv", TEXT)
    assert (first.metadata.title, first.metadata.published_on) == ("Accord à Vienne", date(2026, 2, 3))
    assert (second.source_uri, second.text, second.metadata.published_on) == ("a.csv#2", "« Un mot »", None)
    assert first.encoding == (encoding if encoding == "cp1252" else "utf-8")


def test_record_of_a_line_has_the_hash_of_its_own_bytes(raw: Path) -> None:
    line = json.dumps(PLAIN).encode()
    (raw / "a.jsonl").write_bytes(line + b"\n" + json.dumps(PLAIN | {"text": "Une trêve."}).encode())
    (raw / "b.csv").write_bytes(b"text\nUn accord.\n")
    first, _, row = records(raw)
    assert (first.sha256, row.sha256) == (sha256(line), sha256(b"Un accord."))


EVENT_REGISTRY = {
    "uri": "8123", "lang": "fra", "isDuplicate": False, "date": "2026-02-04", "dateTime": "2026-02-04T01:00:00Z",
    "dateTimePub": "2026-02-03T23:10:00Z", "url": "https://gazette.example/vienne", "title": "Accord à Vienne",
    "body": TEXT, "source": {"uri": "gazette.example", "dataType": "news", "title": "La Gazette du fleuve"},
    "authors": [{"uri": "ana_rusu@gazette.example", "name": "Ana Rusu", "type": "author", "isAgency": False}],
}  # fmt: skip
MEDIA_CLOUD = {
    "id": "5ad0", "indexed_date": "2026-02-04 03:00:00", "language": "fr", "media_name": "La Gazette du fleuve",
    "media_url": "gazette.example", "publish_date": "2026-02-03", "title": "Accord à Vienne",
    "url": "https://gazette.example/vienne", "text": TEXT,
}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "authors"),
    [({"articles": {"results": [EVENT_REGISTRY], "totalResults": 1}}, ("Ana Rusu",)), ([MEDIA_CLOUD], ())],
)
def test_exports_of_known_services_are_read_out_of_the_box(
    raw: Path, content: object, authors: tuple[str, ...]
) -> None:
    (raw / "a.json").write_text(json.dumps(content))
    found = only_record(raw)
    assert found.text == TEXT
    assert found.metadata == Metadata(
        "Accord à Vienne", "La Gazette du fleuve", "https://gazette.example/vienne", authors, date(2026, 2, 3), "fr"
    )


def test_each_object_is_read_by_the_mapping_that_fits_it(raw: Path) -> None:
    (raw / "a.json").write_text(json.dumps([PLAIN, EVENT_REGISTRY, {"id": 1}, MEDIA_CLOUD]))
    assert [one.source_uri for one in read(raw) if isinstance(one, Record)] == ["a.json#1", "a.json#2", "a.json#4"]
    assert "it has 'id'" in reasons(raw)["a.json#3"]


def test_sidecar_maps_other_columns(raw: Path) -> None:
    values = {"doc": {"Plein-texte": f"<p>{TEXT}</p>"}, "Chapeau": "Accord à Vienne", "paru": 1770163200000}
    (raw / "a.jsonl").write_bytes(json_lines(values))
    (raw / "a.jsonl.toml").write_text(
        'publisher = "La Gazette"\ntitle = "sans effet"\n'
        '[fields]\ntext = "doc.plein-texte"\ntitle = "chapeau"\ndate = "paru"\n'
    )
    found = only_record(raw)
    assert (found.text, found.metadata) == (
        " ".join(TEXT.split("\n")), Metadata("Accord à Vienne", "La Gazette", None, (), date(2026, 2, 4), None)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"id,corps de page\n1,Un accord.\n2,Une tr\xc3\xaave.\n"),
        ("a.jsonl", json_lines(*[{"id": 1, "corps de page": "Un accord."}] * 3)),
        ("a.json", json.dumps([{"id": 1, "corps de page": "Un accord."}] * 3).encode()),
        ("a.parquet", parquet([{"id": 1, "corps de page": "Un accord."}] * 3)),
    ],
)
def test_export_that_fits_no_mapping_is_one_line_with_its_columns_and_the_remedy(
    raw: Path, name: str, data: bytes
) -> None:
    (raw / name).write_bytes(data)
    ((uri, reason),) = reasons(raw).items()
    assert uri == name
    assert "'id', 'corps de page'" in reason
    assert '[fields] text = "…"' in reason


def test_bad_records_are_lines_and_the_others_are_read(raw: Path) -> None:
    good = json.dumps(PLAIN).encode()
    lines = [
        good,
        b"{",
        b"[1]",
        b'{"title": "Sans texte"}',
        b'{"text": "a\\u0000b"}',
        b"\xff\x00",
        good,
        b'{"text": 3}',
        good,
    ]
    (raw / "a.jsonl").write_bytes(b"\n".join(lines))
    found = read(raw)
    assert [one.source_uri for one in found] == [f"a.jsonl#{number}" for number in range(1, 10)]
    assert [number for number, one in enumerate(found, 1) if isinstance(one, Record)] == [1, 7, 9]
    said = reasons(raw)
    assert "is no JSON" in said["a.jsonl#2"]
    assert "no object" in said["a.jsonl#3"]
    assert "it has 'title'" in said["a.jsonl#4"]
    assert "NUL" in said["a.jsonl#5"]
    assert "binary" in said["a.jsonl#6"]


def test_bad_rows_of_a_table_are_lines_and_the_others_are_read(raw: Path) -> None:
    (raw / "a.csv").write_bytes(b"text,title\nUn accord.,A\nUne,tr\xc3\xaave,de trop\n\n,Vide\nNul\x00,N\nUne fin.,F\n")
    found = {one.source_uri: one for one in read(raw)}
    assert [uri for uri, one in found.items() if isinstance(one, Record)] == ["a.csv#1", "a.csv#6"]
    assert {"a.csv#2": "3 values for 2 columns", "a.csv#4": "has no text", "a.csv#5": "NUL"}.items() <= {
        uri: next(part for part in ("3 values for 2 columns", "has no text", "NUL") if part in reason)
        for uri, reason in reasons(raw).items()
    }.items()


def test_line_beyond_the_limit_is_skipped_and_the_next_is_read(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MAX_RECORD_BYTES", 1 << 20)
    long = json.dumps({"text": "a" * (3 << 20)}).encode()
    (raw / "a.jsonl").write_bytes(long + b"\n" + json.dumps(PLAIN).encode())
    (raw / "b.csv").write_bytes(b"text\n" + b"a" * (3 << 20) + b"\nUn accord.\n")
    found = {one.source_uri: one for one in read(raw)}
    assert {uri for uri, one in found.items() if isinstance(one, Record)} == {"a.jsonl#2", "b.csv#2"}


def test_lone_surrogates_are_replaced(raw: Path) -> None:
    (raw / "a.jsonl").write_bytes(rb'{"text": "Un \ud83d accord \ud83d\ude00.", "title": "\udc00 Titre"}')
    found = only_record(raw)
    assert found.text == "Un \ufffd accord 😀."
    assert found.metadata.title == "\ufffd Titre"


def test_file_of_nothing_but_bad_lines_is_given_up(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.sources.formats.MAX_LINES", 5)
    (raw / "a.jsonl").write_bytes(b"{\n" * 1000)
    assert len(read(raw)) == 6
    assert "has 5 records" in reasons(raw)["a.jsonl"]


# Wrong suffixes


@pytest.mark.parametrize(
    ("name", "data", "remedy"),
    [
        ("a.txt", page().encode(), "name it .html"),
        ("a.txt", b"%PDF-1.7 \n1 0 obj", "a PDF"),
        ("a.md", b"{\\rtf1 Un accord.}", "RTF"),
        ("a.txt", zipped({"a.txt": b"Un accord."}), "a ZIP archive"),
        ("a.txt", gzip.compress(b"Un accord."), "add .gz"),
        ("a.jsonl", json.dumps([PLAIN, PLAIN], indent=1).encode(), "name it .json"),
        ("a.json", json_lines(PLAIN, PLAIN), "name it .jsonl"),
        ("a.json", page().encode(), "name it .html"),
        ("a.csv", page().encode(), "name it .html"),
        ("a.xml", page().encode(), "name it .html"),
        ("a.xml", b'<?xml version="1.0"?><urlset><url/></urlset>', "neither an RSS nor an Atom feed"),
        ("a.html", gzip.compress(page().encode()), "add .gz"),
        ("a.parquet", b"text\nUn accord.\n", "is no Parquet"),
        ("a.warc", b"Un accord.\n", "is no web archive"),
        ("a.zip", b"Un accord.", "is no ZIP archive"),
        ("a.txt.gz", b"Un accord.", "is damaged"),
        ("a.gz", gzip.compress(b"Un accord."), "name it .txt.gz"),
    ],
)
def test_wrong_suffix_is_said_with_the_remedy(raw: Path, name: str, data: bytes, remedy: str) -> None:
    (raw / name).write_bytes(data)
    (reason,) = reasons(raw).values()
    assert remedy in reason
    assert len(read(raw)) == 1


# Feeds

ITEM = (
    "<item><title>Accord à &lt;i&gt;Vienne&lt;/i&gt;</title><link>https://gazette.example/vienne</link>"
    "<dc:creator>Ana Rusu</dc:creator><pubDate>Tue, 03 Feb 2026 23:30:00 +0100</pubDate>"
    "<description>Deux jours de pourparlers.</description>"
    f"<content:encoded><![CDATA[{''.join(f'<p>{s}</p>' for s in SENTENCES)}]]></content:encoded></item>"
)
ATOM = (
    '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>La Gazette du fleuve</title><entry>'
    '<title>Accord à Vienne</title><link href="https://gazette.example/vienne"/><author><name>Ana Rusu</name></author>'
    f'<published>2026-02-03T23:30:00+01:00</published><content type="text">{TEXT}</content></entry></feed>'
)


@pytest.mark.parametrize(
    ("data", "language"), [(feed(ITEM), "fr-FR"), (feed(ITEM).replace("utf-8", "iso-8859-15"), "fr-FR"), (ATOM, None)]
)
def test_entries_of_a_feed_are_records(raw: Path, data: str, language: str | None) -> None:
    encoding = "iso-8859-15" if "iso-8859-15" in data else "utf-8"
    (raw / "a.xml").write_bytes(data.encode(encoding, "replace"))
    found = only_record(raw)
    assert (found.source_uri, found.source_format, found.encoding) == ("a.xml#1", "feed", encoding)
    assert found.text == TEXT or encoding == "iso-8859-15"
    assert found.metadata == Metadata(
        "Accord à Vienne",
        "La Gazette du fleuve",
        "https://gazette.example/vienne",
        ("Ana Rusu",),
        date(2026, 2, 3),
        language,
    )


def test_damaged_feed_gives_its_entries_and_a_line(raw: Path) -> None:
    (raw / "a.xml").write_text(feed(ITEM + "<item><title>Sans texte</title></item>")[:-30], "utf-8")
    found = read(raw)
    assert [one.source_uri for one in found] == ["a.xml", "a.xml#1", "a.xml#2"]
    assert isinstance(found[1], Record)
    assert "is damaged" in reasons(raw)["a.xml"]
    assert "without text" in reasons(raw)["a.xml#2"]


def test_feed_opens_nothing_outside(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("outside") / "secret"
    secret.write_text("Un secret.")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY % y SYSTEM "file://{secret}"> %y;]>'
    (raw / "a.xml").write_text(feed(ITEM.replace("Deux jours", "&x; Deux jours")).replace("<rss", doctype + "<rss", 1))
    (raw / "b.xml").write_text(str(secret))
    assert "Un secret" not in str(read(raw))


# Web archives


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_pages_of_a_web_archive_are_records(raw: Path, name: str) -> None:
    body = page().encode()
    chunked = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (100, body[:100], len(body) - 100, body[100:])
    latin = page().replace("’", "'").replace("–", "-").encode("cp1252")
    (raw / name).write_bytes(
        warc(
            ("https://a.example/", "200 OK", HTML_TYPE, body),
            ("https://b.example/", "200 OK", [("Content-Type", "image/png")], b"\x89PNG"),
            ("https://c.example/", "404 Not Found", HTML_TYPE, body),
            ("https://d.example/", "200 OK", [*HTML_TYPE, ("Content-Encoding", "gzip")], gzip.compress(body)),
            ("https://e.example/", "200 OK", [*HTML_TYPE, ("Transfer-Encoding", "chunked")], chunked),
            ("https://f.example/", "200 OK", [*HTML_TYPE, ("Content-Encoding", "deflate")], zlib.compress(body)),
            ("https://g.example/", "200 OK", [("Content-Type", "text/html; charset=ISO-8859-1")], latin),
            packed=name.endswith("gz"),
        )
    )
    found = records(raw)
    assert [one.source_uri for one in found] == [f"{name}#{number}" for number in (2, 5, 6, 7, 8)]
    assert {one.source_format for one in found} == {"warc"}
    assert [one.metadata.url for one in found] == [f"https://{host}.example/" for host in "adefg"]
    assert {one.sha256 for one in found[:4]} == {sha256(body)}
    assert [one.encoding for one in found] == ["utf-8"] * 4 + ["iso-8859-1"]
    assert all(one.metadata.published_on == date(2026, 2, 3) and "quitté Vienne" in one.text for one in found)


def test_bad_page_of_a_web_archive_is_a_line(raw: Path) -> None:
    body = page().encode()
    (raw / "a.warc").write_bytes(
        warc(
            (
                "https://a.example/",
                "200 OK",
                [*HTML_TYPE, ("Content-Encoding", "gzip")],
                gzip.compress(body)[:40] + b"x",
            ),
            ("https://b.example/", "200 OK", [*HTML_TYPE, ("Content-Encoding", "br")], b"\x0b\x02\x80"),
            ("https://c.example/", "200 OK", HTML_TYPE, b"<html></html>"),
            ("https://d.example/", "200 OK", HTML_TYPE, body),
        )
    )
    found = read(raw)
    assert [one.source_uri for one in found] == [f"a.warc#{number}" for number in (2, 3, 4, 5)]
    assert [isinstance(one, Record) for one in found] == [False, False, False, True]


def test_web_archive_cut_short_gives_the_pages_before_the_cut(raw: Path) -> None:
    data = warc(*[(f"https://{host}.example/", "200 OK", HTML_TYPE, page().encode()) for host in "ab"], packed=True)
    (raw / "a.warc.gz").write_bytes(data[:-500])
    found = read(raw)
    assert isinstance(found[0], Record)
    assert isinstance(found[-1], Unreadable)


# Archives


def test_members_of_an_archive_are_read_by_their_suffix(raw: Path) -> None:
    (raw / "a.zip").write_bytes(
        zipped(
            {
                "b/page.html": page().encode(), "a.txt": b"Un accord.", "export.jsonl": json_lines(PLAIN, PLAIN),
                "c.csv.gz": gzip.compress(b"text\nUn accord.\n"), "d.parquet": parquet([PLAIN]),
                "e.xml": feed(ITEM).encode(), "a.txt.toml": b'title = "Titre"', ".DS_Store": b"\x00",
                "__MACOSX/a.txt": b"\x00", "f.pdf": b"%PDF", "g/": b"",
            }
        )
    )  # fmt: skip
    found = read(raw)
    assert [one.source_uri for one in found] == [
        "a.zip#a.txt", "a.zip#b/page.html", "a.zip#c.csv.gz#1", "a.zip#d.parquet#1", "a.zip#e.xml#1",
        "a.zip#export.jsonl#1", "a.zip#export.jsonl#2", "a.zip#f.pdf",
    ]  # fmt: skip
    assert [one.source_format for one in found if isinstance(one, Record)] == [
        "text", "html", "csv", "parquet", "feed", "json", "json",
    ]  # fmt: skip
    assert isinstance(found[0], Record)
    assert found[0].metadata.title == "Titre"
    assert "no known format" in reasons(raw)["a.zip#f.pdf"]


def test_gzip_holds_one_file_of_any_format(raw: Path) -> None:
    (raw / "a.txt.gz").write_bytes(gzip.compress(b"Un ") + gzip.compress(b"accord."))
    (raw / "b.jsonl.GZ").write_bytes(gzip.compress(json_lines(PLAIN)))
    text, line = records(raw)
    assert (text.source_uri, text.text, text.sha256) == ("a.txt.gz", "Un accord.", sha256(b"Un accord."))
    assert (line.source_uri, line.source_format) == ("b.jsonl.GZ#1", "json")


def test_what_an_archive_unpacks_to_is_bounded(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "FREE_BYTES", 1 << 20)
    bomb = json_lines(*[{"text": "a" * 1000}] * 3000)
    (raw / "a.jsonl.gz").write_bytes(gzip.compress(bomb))
    (raw / "b.zip").write_bytes(zipped({f"{number:03d}.txt": b"a" * 1_000_000 for number in range(20)}))
    found = reasons(raw)
    assert "unpacks to much more" in found["a.jsonl.gz"]
    assert "unpacks to much more" in found["b.zip"]
    assert len(found) < 5


def test_place_of_a_record_is_that_of_no_other(raw: Path) -> None:
    """Places are keys: whoever names files can make none of them pass for another."""
    (raw / "a.zip").write_bytes(
        zipped({"b.txt": b"Un", "b.csv": b"text\nDeux\n", "b.csv#1": b"", "c\\x23.txt": b"Trois"})
    )
    (raw / "a.zip#b.txt").write_text("Quatre")
    (raw / "n° #7.txt").write_text("Cinq")
    (raw / "\\xe9.txt").write_text("Six")
    Path(str(raw / "x").removesuffix("x") + "\udce9.txt").write_text("Sept")
    found = [one.source_uri for one in read(raw) if isinstance(one, Record)]
    assert len(found) == len(set(found)) == 6
    assert "n° #7.txt" in found


def test_limits_say_how_large(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MAX_FILE_BYTES", 1 << 20)
    (raw / "a.json").write_bytes(b" " * (2 << 20))
    assert "is larger than 1 MiB" in reasons(raw)["a.json"]
