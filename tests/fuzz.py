"""Fuzzing of the readers and of the text core: `python -m tests.fuzz [SECONDS]` (`make fuzz`).

Hypothesis makes the examples, round after round, until the time is over; what fails is shrunk and printed, and
becomes a test.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flows.loading import _frame
from flows.sources import RawFolder, Record, Unreadable
from tests.flows import hostile
from tests.flows.samples import HTML_TYPE, SENTENCES, TEXT, feed, json_lines, page, parquet, warc, zipped
from transforms.articles import RECORDS_SCHEMA, distinct_articles, read_articles
from transforms.extract import extract
from transforms.schemas import TABLES
from transforms.text import tokenize, with_sentences

ROOT = Path(__file__).parents[1]
ROUND = 100  # examples
MAX_SECONDS = 20  # that one small file may take
BOUNDED = settings(
    max_examples=ROUND,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)

ARTICLE = {"title": "Titre", "text": TEXT, "date": "2026-02-03", "authors": ["Ana Rusu"]}
ITEM = f"<item><title>Titre</title><pubDate>Tue, 3 Feb 2026 23:30 GMT</pubDate><description>{TEXT}</description></item>"
SEEDS: dict[str, bytes] = {
    "a.txt": TEXT.encode(),
    "a.html": page().encode(),
    "a.json": json_lines(ARTICLE),
    "a.jsonl": json_lines(ARTICLE, ARTICLE),
    "a.csv": f'title;text;date\nTitre;"{TEXT}";2026-02-03\nSuite;Un accord.;hier\n'.encode(),
    "a.parquet": parquet([ARTICLE, ARTICLE]),
    "a.xml": feed(ITEM * 2).encode(),
    "a.warc": warc(("https://a.example/", "200 OK", HTML_TYPE, page().encode())),
    "a.warc.gz": warc(("https://a.example/", "200 OK", HTML_TYPE, page().encode()), packed=True),
    "a.jsonl.gz": gzip.compress(json_lines(ARTICLE)),
    "a.zip": zipped({"a.txt": TEXT.encode(), "b.html": page().encode(), "c.csv": b"text\nUn accord.\n"}),
}
SMALL = {name: data() for name, data in hostile.FILES.items() if not name.endswith(("zip", "gz", "warc", "parquet"))}
PIECES = sorted(
    {data[:200] for data in SMALL.values()} | {b"\x00", b"\xff\xfe", b"<", b'"', b"\\ud800", b"]]>", b"&x;"}
)
ARTICLES = [file.read_text("utf-8") for file in sorted((ROOT / "tests" / "eval").glob("*/articles/*.txt"))]


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes]:
    """The name and bytes of a file: a good one with pieces of it cut, repeated, overwritten or put in, or anything."""
    name = draw(st.sampled_from(sorted(SEEDS)))
    data = draw(st.one_of(st.just(SEEDS[name]), st.binary(max_size=300), st.sampled_from(list(SEEDS.values()))))
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        put = draw(
            st.one_of(st.binary(max_size=8), st.sampled_from(PIECES), st.just(data[start:end] * 30), st.just(b""))
        )
        data = data[:start] + put + data[end:]
    return name, data


TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="aéZ’'«»“”\"()[]-–—…:;,.!?0159%€$ \u00a0\u202f\n\t\r\u0301\u200f\u202e🙂", max_size=200),
    st.lists(
        st.one_of(
            st.sampled_from([line for article in ARTICLES for line in article.splitlines() if line.strip()]),
            st.sampled_from(SENTENCES),
            st.text(alphabet="« »\"’',;:–-\n\u00a0…?! 3kM€%", max_size=12),
        ),
        max_size=6,
    ).map("".join),
)  # fmt: skip


@BOUNDED
@given(files())
def check_readers(file: tuple[str, bytes]) -> None:
    """Whatever a file holds, it ends as records that the tables take, or as lines."""
    name, data = file
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(data)
        started = time.monotonic()
        found = list(RawFolder(Path(folder)).records())
        assert time.monotonic() - started < MAX_SECONDS
    assert found
    assert all(one.source_uri == name or one.source_uri.startswith(name + "#") for one in found)
    assert all(one.reason and len(one.reason) < 3_000 for one in found if isinstance(one, Unreadable))
    records = [one for one in found if isinstance(one, Record)]
    assert len({record.source_uri for record in records}) == len(records)
    assert all(record.text.strip() and "\x00" not in record.text for record in records)
    articles, sources = distinct_articles(read_articles(_frame(records)))
    TABLES["articles"].to_arrow(articles)
    assert sources.height == len(records)


@BOUNDED
@given(st.lists(TEXTS, max_size=3))
def check_text(texts: list[str]) -> None:
    """Tokens stand where they say, in order, and each belongs to one sentence."""
    frame = _articles(texts)
    tokens = with_sentences(tokenize(frame))
    for position, text in enumerate(frame["text"]):
        reach = 0
        for start, end, form in tokens.filter(article=position).select("start", "end", "form").rows():
            assert reach <= start < end <= len(text)
            assert text[start:end] == form
            reach = end
    assert tokens.select(pl.col("sentence").is_sorted()).item() if tokens.height else True


@BOUNDED
@given(st.lists(TEXTS, min_size=1, max_size=3))
def check_extraction(texts: list[str]) -> None:
    """Every table has its schema and key, and every surface stands where its row says."""
    frame = _articles(texts)
    by_id = dict(frame.select("article_id", "text").rows())
    for name, rows in extract(frame).items():
        if name not in TABLES:
            continue
        table = TABLES[name]
        table.to_arrow(rows)
        assert rows.select(table.key).is_duplicated().sum() == 0
        for span in table.spans:
            for article, start, end, surface in rows.select("article_id", span.start, span.end, span.surface).rows():
                assert start is None or by_id[article][start:end] == surface


def _articles(texts: list[str]) -> pl.DataFrame:
    """The texts as articles in French."""
    distinct = dict.fromkeys(text.replace("\x00", "") for text in texts)
    records = [
        {"source_uri": f"{n}.txt", "source_format": "text", "sha256": hashlib.sha256(text.encode()).hexdigest(),
         "encoding": "utf-8", "authors": [], "text": text, "language": "fr", "title": None, "publisher": None,
         "url": None, "published_on": None}
        for n, text in enumerate(distinct)
    ]  # fmt: skip
    return distinct_articles(read_articles(pl.DataFrame(records, schema=RECORDS_SCHEMA)))[0]


CHECKS: tuple[Callable[[], None], ...] = (check_readers, check_text, check_extraction)


def main(seconds: float) -> None:
    """Run the checks in turn until the time is over.

    Raises:
        Exception: what the first failing example raises.
    """
    started, rounds = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        for check in CHECKS:
            check()
        rounds += 1
    print(f"{rounds * ROUND * len(CHECKS)} examples in {time.monotonic() - started:.0f} s, none failed")  # noqa: T201


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 600)
