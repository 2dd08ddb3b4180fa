"""Writes the review pages: an article with its spans and rows, for a person who says what is right, wrong, missed.

    quality/review/
      index.html            the articles that have a page, what needs a look first at the top
      <article_id>.html     the text, its spans marked, its rows, what was kept out
      state.json            the release that the pages show, and which of their articles it changed

A run writes pages for the articles that its release changed, `PER_RUN` at most and those with the highest score; pages
of earlier runs stay while their article is in the release unchanged, up to `KEPT` in all. Others are written on demand.
How marks are read again: `flows.marks`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from expectations.suites import sayings
from flows.marks import JUDGED, Row, key_of, place_of, values_of
from flows.pages import beside, inert, write_page
from flows.releases import Release, quality_folder, state_folder
from transforms.schemas import TABLES

PER_RUN, KEPT = 500, 1000  # pages that a run writes, and leaves, at most
AT_ONCE = 500  # articles whose rows are held in memory
ROWS = 2000  # rows on a page; of an article with more, the rest are counted and it cannot be called complete
LOW = 0.5  # confidence: the threshold of the expectations `confidence_not_low`
# What a look is worth: kept out is lost to readers, a failed warning is in doubt, the rest is where errors gather.
WEIGHTS = {"rejected": 5, "warnings": 3, "low": 2, "unresolved": 1, "changed": 2}
CUT = 300  # characters of a value kept out that are shown

SCORES = pl.Schema({"article_id": pl.String(), **dict.fromkeys(WEIGHTS, pl.Int64()), "score": pl.Int64()})
Offsets = tuple[int, int, str, int]  # start, end, class, row


@dataclass(frozen=True)
class Wanted:
    """Which articles get a page on demand: some of these, all of them together.

    Attributes:
        named: articles by `article_id` or `source_uri`.
        sample: so many at random, the same for the same seed.
        seed: of the sample.
        failing: those with a row kept out or a failed warning, the highest score first.
    """

    named: Sequence[str] = ()
    sample: int = 0
    seed: int = 0
    failing: bool = False


class NoSuchArticleError(Exception):
    """An article that was asked for is not in the release."""


def review_folder(curated: Path) -> Path:
    """Where review pages are."""
    return quality_folder(curated) / "review"


def write_changed(curated: Path, release: Release, previous: Release | None) -> Path:
    """Write the pages of the articles that a release changed against the one before it (null: all); the index.

    Pages whose article has left or changed go; of the others as many as fit are kept, those looked at last first.
    """
    folder = review_folder(curated)
    changed = changed_articles(previous, release)
    scores = article_scores(curated, release, changed)
    stay = set(scores["article_id"]) - changed
    kept = [page for page in _pages(folder) if page in stay]
    written = scores.filter(pl.col("article_id").is_in(list(changed)))["article_id"].head(PER_RUN).to_list()
    kept = kept[: KEPT - len(written)]
    return _write(curated, release, scores, written, [*written, *kept], changed)


def write_wanted(curated: Path, release: Release, wanted: Wanted) -> tuple[Path, int]:
    """Write the pages asked for, beside those that are there; the index, and how many pages were written.

    Raises:
        NoSuchArticleError: the release has no article of that name.
    """
    folder = review_folder(curated)
    changed = _remembered(folder, release)
    scores = article_scores(curated, release, changed)
    chosen = dict.fromkeys(_named(release, wanted.named))
    if wanted.sample:
        ids = scores["article_id"].sort()
        chosen |= dict.fromkeys(ids.sample(min(wanted.sample, len(ids)), seed=wanted.seed, shuffle=True))
    if wanted.failing:
        failing = scores.filter((pl.col("rejected") > 0) | (pl.col("warnings") > 0))
        chosen |= dict.fromkeys(failing["article_id"].head(PER_RUN))
    known = set(scores["article_id"])
    # Without what the last run remembered there is no telling which pages still show what the release holds.
    there = [p for p in _pages(folder) if p in known] if _shows(folder) == release.release_id else []
    index = _write(curated, release, scores, list(chosen), [*chosen, *there], changed)
    return index, len(chosen)


def changed_articles(before: Release | None, after: Release) -> set[str]:
    """The articles of a release that are new, or whose text or rows differ from those of the release before."""
    if before is None:
        return set(after.scan("articles").select("article_id").collect()["article_id"])
    old, new = before.hashes, after.hashes
    changed: set[str] = set()
    for name in ("articles", *JUDGED):
        rows = []
        for release, files, others in ((before, old, new), (after, new, old)):
            own = [release.path / f for f in files if f.split("/")[0] == name and others.get(f) != files[f]]
            scanned = [pl.scan_parquet(f).cast(TABLES[name].polars_schema) for f in own]
            frame = pl.concat(scanned) if scanned else TABLES[name].empty().lazy()
            digest = pl.struct(pl.exclude("article_id")).hash().sort()
            rows.append(frame.group_by("article_id").agg(content=digest))
        pairs = rows[0].join(rows[1], on="article_id", how="full", coalesce=True, suffix="_after").collect()
        changed |= set(pairs.filter(pl.col("content").ne_missing(pl.col("content_after")))["article_id"])
    return changed & set(after.scan("articles").select("article_id").collect()["article_id"])


def article_scores(curated: Path, release: Release, changed: Iterable[str]) -> pl.DataFrame:
    """How much each article of a release needs a look: SCORES, one row per article, the highest score first.

    `rejected`, `warnings`, `low` and `unresolved` count rows, `changed` is 0 or 1; the score is their sum by WEIGHTS.
    Warnings are known of the release that the last run went out from; of another one none are.
    """
    rows = {name: release.scan(name) for name in JUDGED}
    low = [frame.select("article_id", low=(pl.col("confidence") < LOW)) for frame in rows.values()]
    nameless = pl.col("speaker_name").is_null() & (pl.col("speaker_kind") != "unnamed")
    warned = _failures(curated, release).filter(severity="warning").select("article_id", warnings="failed")
    counted = [
        _rejected(release).lazy().select("article_id", rejected=1),
        warned.lazy(),
        pl.concat(low),
        rows["statements"].select("article_id", unresolved=nameless),
        pl.LazyFrame({"article_id": list(changed)}, schema={"article_id": pl.String()}).with_columns(changed=1),
    ]
    found = release.scan("articles").select("article_id")
    for frame in counted:
        column = frame.collect_schema().names()[1]
        sums = frame.group_by("article_id").agg(pl.col(column).cast(pl.Int64).sum())
        found = found.join(sums, on="article_id", how="left")
    return (
        found.with_columns(pl.col(*WEIGHTS).fill_null(0))
        .with_columns(score=pl.sum_horizontal(pl.col(name) * weight for name, weight in WEIGHTS.items()))
        .sort(pl.col("score"), pl.col("article_id"), descending=[True, False])
        .collect()
        .match_to_schema(SCORES)
    )


def marked_text(text: str, spans: Iterable[Offsets]) -> Markup:
    """A text as HTML whose text content is that text, cut wherever a span begins or ends.

    In: spans in code points, which may overlap and nest; what lies outside the text is cut off. Out: each piece lies in
    one element that names the rows it is of (`data-r`, the longest span first) and what it is of each (its classes).
    """
    starts, ends = defaultdict(list), defaultdict(list)
    for start, end, kind, row in spans:
        start, end = max(start, 0), min(end, len(text))  # noqa: PLW2901
        if start < end:
            starts[start].append((start - end, kind, row))
            ends[end].append((start - end, kind, row))
    cuts = sorted({0, len(text), *starts, *ends})
    inside: list[tuple[int, str, int]] = []
    pieces = []
    for start, end in pairwise(cuts):
        inside = [s for s in inside if s not in ends[start]] + starts[start]
        piece = inert(text[start:end])
        if inside:
            rows = " ".join(map(str, dict.fromkeys(row for _, _, row in sorted(inside))))
            kinds = " ".join(dict.fromkeys(kind for _, kind, _ in sorted(inside)))
            piece = Markup('<span class="{}" data-r="{}" tabindex="-1">{}</span>').format(kinds, rows, piece)
        pieces.append(piece)
    return Markup("").join(pieces)


SPANS = {  # the class in the page of each span of a row
    "delegation_members": {"person_name": "member", "role": "role"},
    "statements": {"text": "said", "speaker": "speaker", "cue": "cue"},
    "figures": {"text": "figure"},
}


def _spans(rows: Sequence[Row]) -> Iterator[Offsets]:
    for number, row in enumerate(rows):
        for span in TABLES[row["dataset"]].spans:
            if row[span.start] is not None:
                yield row[span.start], row[span.end], SPANS[row["dataset"]][span.surface], number


def _write(
    curated: Path, release: Release, scores: pl.DataFrame, written: list[str], pages: list[str], changed: set[str]
) -> Path:
    """Write pages, remove those that are not among `pages`, and write the index of these."""
    folder = review_folder(curated)
    of_article = {row["article_id"]: row for row in scores.iter_rows(named=True)}
    failures, rejected = _failures(curated, release), _rejected(release)
    for first in range(0, len(written), AT_ONCE):
        some = written[first : first + AT_ONCE]
        found = {name: _rows_of(release, name, some) for name in JUDGED}
        out = _by_article(rejected.filter(pl.col("article_id").is_in(some)))
        failed = _by_article(failures.filter(pl.col("article_id").is_in(some)))
        for article in _rows_of(release, "articles", some).values():
            article_id = article[0]["article_id"]
            rows = [r | {"dataset": name} for name in JUDGED for r in found[name].get(article_id, [])]
            write_page(
                folder / f"{article_id}.html", "review.html.j2",
                **_page(article[0], rows, out.get(article_id, []), failed.get(article_id, [])),
                scored=of_article[article_id], release=release, weights=WEIGHTS, **_script("review.js"),
            )  # fmt: skip
    kept = set(pages)
    for page in _pages(folder):
        if page not in kept:
            (folder / f"{page}.html").unlink()
    ordered = [row for row in of_article.values() if row["article_id"] in kept]
    index = folder / "index.html"
    write_page(
        index, "review_index.html.j2", listed=_listed(release, ordered), release=release, weights=WEIGHTS,
        total=len(of_article), **_script("review_index.js"),
    )  # fmt: skip
    state = folder / "state.json"
    beside(state).write_text(json.dumps({"release_id": release.release_id, "changed": sorted(changed & kept)}), "utf-8")
    beside(state).replace(state)
    return index


def _page(article: Row, rows: list[Row], rejected: list[Row], failures: list[Row]) -> dict[str, Any]:
    """What the page of an article shows."""
    rows = sorted(rows, key=lambda r: (list(JUDGED).index(r["dataset"]), place_of(r)))
    more, rows = max(0, len(rows) - ROWS), rows[:ROWS]
    shown = [
        {
            "dataset": r["dataset"], "key": key_of(r), "start": place_of(r)[0], "end": place_of(r)[1],
            "values": values_of(r), "rule": r["rule"], "confidence": r["confidence"],
        }
        for r in rows
    ]  # fmt: skip
    groups = {name: [(n, r) for n, r in enumerate(rows) if r["dataset"] == name] for name in JUDGED}
    says = sayings()
    return {
        "article": article,
        "text": marked_text(article["text"], _spans(rows)),
        "groups": groups,
        "shown": shown,
        "more": more,
        "rules": sorted({r["rule"] for r in rows}),
        "rejected": [_kept_out(r) for r in rejected],
        "failures": [f | {"says": says.get(f["expectation"], "")} for f in failures],
        "data": {
            "article_id": article["article_id"], "source_uri": article["source_uri"], "rows": shown, "more": more,
        },
    }  # fmt: skip


def _kept_out(row: Row) -> dict[str, Any]:
    values = json.loads(row["row_json"] or "{}")
    words = values.get("text") or values.get("person_name") or ""
    columns = [(n, str(v)[:CUT]) for n, v in values.items() if v is not None and n not in {"text", "article_id"}]
    return row | {"words": words[:CUT], "columns": columns}


def _listed(release: Release, ordered: list[Row]) -> list[Row]:
    """What the index says of each article, in the order given."""
    ids = pl.LazyFrame({"article_id": [r["article_id"] for r in ordered]}, schema={"article_id": pl.String()})
    columns = ["article_id", "title", "source_uri", "publisher", "published_on"]
    articles = release.scan("articles").select(
        *columns, opening=pl.col("text").str.strip_chars().str.split("\n").list.first()
    )
    people = [("delegation_members", "canonical_name"), ("statements", "speaker_name")]
    names = pl.concat([release.scan(name).select("article_id", people=column) for name, column in people])
    counts = pl.concat([release.scan(name).select("article_id") for name in JUDGED])
    found = (
        ids.join(articles, on="article_id", how="left", maintain_order="left")
        .join(names.group_by("article_id").agg(pl.col("people").drop_nulls().unique().sort()), "article_id", "left")
        .join(counts.group_by("article_id").agg(rows=pl.len()), on="article_id", how="left")
        .with_columns(pl.col("rows").fill_null(0), pl.col("people").fill_null([]))
        .collect()
    )
    told = {row["article_id"]: row for row in found.iter_rows(named=True)}
    return [told[r["article_id"]] | {"scored": r} for r in ordered]


def _rows_of(release: Release, dataset: str, articles: Sequence[str]) -> dict[str, list[Row]]:
    return _by_article(release.scan(dataset).filter(pl.col("article_id").is_in(list(articles))).collect())


def _by_article(frame: pl.DataFrame) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(row["article_id"], []).append(row)
    return found


def _rejected(release: Release) -> pl.DataFrame:
    """The rows kept out of each article of a release; a row kept out with its article is on no page."""
    return (
        release.scan("rejected")
        .filter(pl.col("row_json").is_not_null())
        .with_columns(article_id=pl.col("row_json").str.json_path_match("$.article_id"))
        .collect()
    )


def _failures(curated: Path, release: Release) -> pl.DataFrame:
    """Rows of each article that do not meet an expectation, with its severity; none where no run has left it."""
    schema = {"article_id": pl.String(), "expectation": pl.String(), "failed": pl.UInt32()}
    file = state_folder(curated, release) / "failures.parquet"
    found = pl.read_parquet(file) if file.is_file() else pl.DataFrame(schema=schema)
    severity = release.scan("quality_results").select("expectation", "severity").cast(pl.String).collect()
    counted = found.select(pl.col(n).cast(t) for n, t in schema.items())
    return counted.join(severity.unique("expectation"), on="expectation", how="left").sort("article_id", "expectation")


def _named(release: Release, names: Sequence[str]) -> list[str]:
    """The ids of articles given by id or source; an article that came from several sources has several names."""
    if not names:
        return []
    sources = release.scan("article_sources").select("article_id", "source_uri")
    ids = release.scan("articles").select("article_id", source_uri="article_id")
    listed = pl.concat([sources, ids]).filter(pl.col("source_uri").is_in(list(names))).collect()
    known = dict(zip(listed["source_uri"], listed["article_id"], strict=True))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise NoSuchArticleError(f"release {release.release_id} has no article {', '.join(unknown)}")
    return [known[name] for name in names]


def _pages(folder: Path) -> list[str]:
    """The articles that have a page, the one written last first."""
    pages = [p for p in folder.glob("*.html") if p.name != "index.html"]
    return [p.stem for p in sorted(pages, key=lambda p: (-p.stat().st_mtime_ns, p.name))]


def _state(folder: Path) -> Mapping[str, Any]:
    try:
        state: dict[str, Any] = json.loads((folder / "state.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return state


def _shows(folder: Path) -> str | None:
    return _state(folder).get("release_id")


def _remembered(folder: Path, release: Release) -> set[str]:
    """The articles that the last run changed, as far as they have a page."""
    return set(_state(folder)["changed"]) if _shows(folder) == release.release_id else set()


@cache
def _script(name: str) -> dict[str, Any]:
    """A script of ours, and the hash by which the page's policy lets it run, and nothing else."""
    source = (Path(__file__).with_name("templates") / name).read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    return {"script": Markup(source), "script_hash": f"sha256-{digest}"}  # noqa: S704 - our own file
