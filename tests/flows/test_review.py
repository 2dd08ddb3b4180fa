"""Review pages: what they show of an article, which articles get one, and in which order."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import releases, review
from flows.marks import JUDGED
from flows.review import Wanted, article_scores, changed_articles, marked_text, write_changed, write_wanted
from tests.conftest import COMMAND, Ran
from transforms.schemas import TABLES


class Pieces(HTMLParser):
    """The text of a page's fragment, and of which rows and kinds each character is."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.rows: list[set[str]] = []
        self._open: list[dict[str, str | None]] = []
        self.feed(str(html))  # plain: what comes out is compared, not written
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"span", "bdi"}
        self._open.append(dict(attrs))

    def handle_endtag(self, _tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        rows = {row for element in self._open for row in (element.get("data-r") or "").split()}
        self.rows += [rows] * len(data)


TEXTS = st.text(st.sampled_from("aé🇫🇷<>&\"'\n \u202e\u2069\u200f"), max_size=40)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=8))
def test_text_content_is_the_text_whatever_the_spans(text: str, places: list[tuple[int, int]]) -> None:
    pieces = Pieces(marked_text(text, [(a, b, "figure", row) for row, (a, b) in enumerate(places)]))
    assert pieces.text == text
    assert pieces.rows == [{str(row) for row, (a, b) in enumerate(places) if a <= at < b} for at in range(len(text))]


def test_nested_spans_list_the_longest_first() -> None:
    html = marked_text("il a « 🇫🇷 mille » dit", [(3, 15, "said", 1), (10, 15, "figure", 0)])
    assert '<span class="said figure" data-r="1 0" tabindex="-1">mille</span>' in html


@pytest.fixture
def curated(released: Ran, tmp_path: Path) -> Path:
    """A curated folder of its own, with the release of the three articles."""
    return Path(shutil.copytree(released.curated, tmp_path / "curated", symlinks=True))


def current(curated: Path) -> releases.Release:
    release = releases.current(curated)
    assert release
    return release


def listed(index: Path) -> list[str]:
    return re.findall('data-article="([^"]+)"', index.read_text("utf-8"))


def changed_copy(curated: Path, dataset: str, change: pl.Expr) -> releases.Release:
    """A later release, in which a dataset differs."""
    before = current(curated)
    path = before.path.with_name("20300101T000000Z-00000000")
    shutil.copytree(before.path, path)
    file = next((path / dataset).glob("*.parquet"))
    pl.read_parquet(file).with_columns(change).write_parquet(file)
    package = json.loads((path / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        for entry in resource["files"]:
            entry["hash"] = releases.file_hash(path / entry["path"])
    (path / "datapackage.json").write_text(json.dumps(package), "utf-8")
    return releases.Release(path.name, path, before.published_at)


def test_a_run_writes_a_page_per_article_with_its_text_and_rows(curated: Path) -> None:
    release = current(curated)
    folder = curated / "quality" / "review"
    articles = release.scan("articles").collect()
    assert {f.stem for f in folder.glob("*.html")} == {"index", *articles["article_id"]}
    for article_id, text in articles.select("article_id", "text").iter_rows():
        page = (folder / f"{article_id}.html").read_text("utf-8")
        found = re.search(r'<div class="text"[^>]*>(.*?)</div>', page, re.DOTALL)
        assert found
        assert Pieces(found[1]).text == text
        data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
        rows = sum(release.scan(n).filter(article_id=article_id).collect().height for n in JUDGED)
        assert len(data["rows"]) == rows == len(re.findall("<tr data-row", page))
    assert "Review articles" in (curated / "quality" / "index.html").read_text("utf-8")


def test_articles_whose_rows_differ_are_changed(curated: Path) -> None:
    before = current(curated)
    first = before.scan("figures").collect()["article_id"][0]
    differs = pl.when(article_id=first).then(pl.lit("other")).otherwise(pl.col("subject")).alias("subject")
    after = changed_copy(curated, "figures", differs)
    assert changed_articles(before, after) == {first}
    assert changed_articles(before, before) == set()
    assert changed_articles(None, before) == set(before.scan("articles").collect()["article_id"])


def test_the_index_shows_first_what_needs_a_look_and_scores_add_up(curated: Path) -> None:
    release = current(curated)
    ids = sorted(release.scan("articles").collect()["article_id"])
    row = {
        "dataset": "figures", "source_uri": "x.txt", "row_json": json.dumps({"article_id": ids[2], "text": "<b>3</b>"}),
        "expectations": ["figures.value_finite"], "reason": "does not hold: <i>", "run_id": "r",
        "rejected_at": release.published_at,
    }  # fmt: skip
    rejected = pl.DataFrame([row] * 40, schema=TABLES["rejected"].polars_schema)
    rejected.cast({"dataset": pl.String}).write_parquet(next((release.path / "rejected").glob("*.parquet")))
    scores = article_scores(curated, release, {ids[1]})
    one = scores.row(by_predicate=pl.col("article_id") == ids[2], named=True)
    assert one["rejected"] == 40
    assert one["score"] == sum(one[name] * weight for name, weight in review.WEIGHTS.items())
    assert scores.row(by_predicate=pl.col("article_id") == ids[1], named=True)["changed"] == 1
    index = write_changed(curated, release, None)
    assert listed(index)[0] == ids[2]
    assert listed(index) == article_scores(curated, release, ids)["article_id"].to_list()
    page = (index.parent / f"{ids[2]}.html").read_text("utf-8")
    assert "&lt;b&gt;3" in page
    assert "does not hold: &lt;i&gt;" in page
    assert "<b>3" not in page


def test_pages_are_bounded_and_those_of_articles_that_left_go(curated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = current(curated)
    folder = curated / "quality" / "review"
    stale = folder / "0123456789abcdef.html"
    stale.write_text("left")
    monkeypatch.setattr(review, "PER_RUN", 1)
    index = write_changed(curated, release, None)
    assert not stale.exists()
    assert [f.stem for f in folder.glob("*.html") if f != index] == listed(index)
    assert len(listed(index)) == 1
    # Nothing changed: what is there stays, up to the bound.
    assert listed(write_changed(curated, release, release)) == listed(index)
    index, written = write_wanted(curated, release, Wanted(sample=2, seed=3))
    assert written == 2
    assert 2 <= len(listed(index)) <= 3
    monkeypatch.setattr(review, "KEPT", 2)
    assert len(listed(write_changed(curated, release, release))) == 2


def test_pages_on_demand(curated: Path) -> None:
    shutil.rmtree(curated / "quality" / "review")
    articles = current(curated).scan("articles").collect()
    (source, *_), (_, other, _) = articles["source_uri"], articles["article_id"]

    def depeche(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, "review", "--curated", curated, *arguments], capture_output=True, text=True, check=False
        )

    told = depeche("--article", source, "--article", other)
    assert told.returncode == 0, told.stderr
    assert "2 review pages written" in told.stdout
    index = curated / "quality" / "review" / "index.html"
    assert set(listed(index)) == set(articles["article_id"][:2])
    told = depeche("--article", "missing.txt")
    assert told.returncode == 2
    assert "missing.txt" in told.stderr
    assert depeche("--sample", "9").stdout.startswith("3 review pages")
    assert unescape(index.read_text("utf-8")).count("<tr data-article") == 3
