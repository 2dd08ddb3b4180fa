"""Small files of every format, made on the spot; the texts are invented."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import polars as pl
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

SENTENCES = [
    "La délégation moldave a quitté Vienne mardi soir après deux jours de pourparlers sur le transit du gaz.",
    "Le ministre de l’Énergie, Ion Marga, a déclaré que l’accord serait signé « avant la fin du mois ».",
    "Selon le communiqué commun, 120 millions d’euros seront versés aux communes riveraines du fleuve.",
    "Les experts des deux pays doivent se retrouver à Chisinau pour fixer le calendrier des travaux.",
    "Aucun des négociateurs n’a souhaité commenter la présence d’observateurs étrangers dans la salle.",
]
TEXT = "\n".join(SENTENCES)


def page(title: str = "Accord à Vienne", sentences: list[str] = SENTENCES, head: str = "") -> str:
    """A page of a newspaper, with what surrounds an article there."""
    paragraphs = "".join(f"<p>{sentence}</p>\n" for sentence in sentences)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}<title>{title} – La Gazette du fleuve</title>'
        f'<meta property="og:title" content="{title}"><meta property="og:site_name" content="La Gazette du fleuve">'
        '<meta name="author" content="Ana Rusu"><link rel="canonical" href="https://gazette.example/vienne">'
        '<meta property="article:published_time" content="2026-02-03T18:30:00+01:00"></head>'
        '<body><nav><ul><li><a href="/">Accueil</a></li><li><a href="/monde">Monde</a></li></ul></nav>'
        f"<article><h1>{title}</h1>{paragraphs}</article><footer><p>Mentions légales</p></footer></body></html>"
    )


def feed(items: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>La Gazette du fleuve</title>'
        f"<language>fr-FR</language>{items}</channel></rss>"
    )


def json_lines(*values: object) -> bytes:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()


def parquet(rows: list[dict[str, object]]) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(rows).write_parquet(buffer)
    return buffer.getvalue()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def warc(*answers: tuple[str, str, list[tuple[str, str]], bytes], packed: bool = False) -> bytes:
    """A web archive of answers: address, status line, headers, body; `packed` record by record, as crawlers do."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("crawl.warc", {"software": "a test"}))
    for address, status, headers, body in answers:
        http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
        writer.write_record(writer.create_warc_record(address, "response", payload=io.BytesIO(body), http_headers=http))
    return buffer.getvalue()


HTML_TYPE = [("Content-Type", "text/html; charset=utf-8")]
packed = gzip.compress
