import datetime as dt
import json
import logging
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pytest

from expectations.checkpoints import EXAMPLES_SCHEMA, RESULTS_SCHEMA
from flows import reports
from flows.history import Change
from flows.reports import write_reports
from transforms.schemas import FIGURES, REJECTED, TABLES

AT = dt.datetime(2026, 3, 2, 8, 5, tzinfo=dt.UTC)
RLO = "\u202e"
HOSTILE = f'<script>alert(1)</script>{RLO}gro.elpmaxe//:sptth "><img src="https://example.org/x" onerror="alert(2)">'


def result(expectation: str, **values: Any) -> dict[str, Any]:
    return {
        "dataset": expectation.partition(".")[0], "expectation": expectation, "column_name": None,
        "severity": "critical", "success": True, "observed": "0 of 9 rows", "unexpected_count": 0, "row_count": 9,
        "is_table_level": False,
    } | values  # fmt: skip


FINITE = "figures.value_finite"
RESULTS = [
    result("articles.text_not_blank"),
    result("figures.confidence_not_low", severity="info"),
    result("figures.unit_of_kind", severity="warning", success=False, unexpected_count=1, column_name="unit"),
    result(FINITE, success=False, unexpected_count=2, column_name="value"),
]
BLOCKED = result(
    "statements.release_key_unique", success=False, unexpected_count=1, row_count=None, is_table_level=True,
    observed=f"1 wrong: {HOSTILE}",
)  # fmt: skip


def figure(sentence: str, **values: Any) -> str:
    row = dict.fromkeys(FIGURES.polars_schema) | {"text": "deux chars", "sentence": sentence} | values
    frame = pl.DataFrame([row], schema=FIGURES.polars_schema)
    return str(frame.select(pl.struct(pl.all()).struct.json_encode()).item())


def rejected(dataset: str, source_uri: str, reason: str, row_json: str | None, *expectations: str) -> dict[str, Any]:
    return {
        "dataset": dataset, "source_uri": source_uri, "row_json": row_json, "expectations": list(expectations),
        "reason": reason, "run_id": "run-1", "rejected_at": AT,
    }  # fmt: skip


NOTHING: dict[str, Change] = {}


def report(folder: Path, results: list[dict[str, Any]] = RESULTS, *out: dict[str, Any], **options: Any) -> str:
    """Write the reports of a run that published, unless `options` say else; the overview."""
    options = {"release_id": "r1", "at": AT, "run_id": "run-1", "changes": NOTHING} | options
    tables = {name: TABLES[name].empty().lazy() for name in ("articles", "figures")} | options.pop("tables", {})
    path = write_reports(
        folder, options.pop("run_id"), pl.DataFrame(results, schema=RESULTS_SCHEMA),
        pl.DataFrame(list(out), schema=REJECTED.polars_schema), tables, options.pop("release_id"), **options,
    )  # fmt: skip
    assert path == folder / "quality" / "index.html"
    return path.read_text("utf-8")


class Page(HTMLParser):
    """What a browser would make of a page: its elements, ids, links and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags[tag] += 1
        self.ids.update([v for k, v in attrs if k == "id" and v])
        self.links += [v for k, v in attrs if k in ("href", "src") and v]
        self.handlers += [k for k in values if k.startswith("on")]
        if tag not in ("meta", "link", "img", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def run_page(folder: Path, run_id: str = "run-1") -> str:
    return (folder / "quality" / "runs" / f"{run_id}.html").read_text("utf-8")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the reports of a blocked run on hostile text."""
    curated = tmp_path_factory.mktemp("curated")
    out = [
        rejected("raw", f"raw/{HOSTILE}.txt", f"not text: {HOSTILE}", None),
        rejected("figures", "a.txt", "does not hold: x", figure(f"Vus : deux chars {HOSTILE}", rule=HOSTILE), FINITE),
        rejected("figures", "a.txt", "its article is rejected", figure("Encore."), "figures.article_id_in_articles"),
    ]
    report(curated, [*RESULTS, BLOCKED], *out, release_id=None)
    return curated / "quality"


@pytest.fixture(scope="module", params=["index.html", "runs/run-1.html", "suites/figures.html"])
def path(written: Path, request: pytest.FixtureRequest) -> Path:
    return written / str(request.param)


@pytest.fixture(scope="module")
def page(path: Path) -> Page:
    return Page(path.read_text("utf-8"))


def test_hostile_text_stays_inert(page: Page) -> None:
    assert page.tags["script"] == page.tags["img"] == 0
    assert page.handlers == []
    assert "<script>alert(1)</script>" in page.text


def test_elements_are_closed_and_links_lead_to_pages_and_places(page: Page, path: Path) -> None:
    assert page.open == []
    assert [i for i, times in page.ids.items() if times > 1] == []
    for link in set(page.links) - {"data:,"}:
        target, _, place = link.partition("#")
        there = path.parent / unquote(target) if target else path
        assert there.is_file(), link
        assert not place or place in Page(there.read_text("utf-8")).ids, link


def test_direction_overrides_are_isolated(tmp_path: Path) -> None:
    out = rejected("figures", f"{RLO}txt.a", "r", figure(f"Vus : {RLO} deux chars"), FINITE)
    html = report(tmp_path, RESULTS, out) + run_page(tmp_path)
    opened = [html.rindex("<", 0, i) for i in (m.start() for m in re.finditer(RLO, html))]
    assert opened
    for start in opened:
        assert html.startswith(("<bdi", "<blockquote dir", "<td dir"), start)


def test_a_run_lists_every_expectation_failing_ones_first(written: Path) -> None:
    page = Page((written / "runs" / "run-1.html").read_text("utf-8"))
    for row in [*RESULTS, BLOCKED]:
        assert row["expectation"].partition(".")[2] in page.text
    cards = [i for i in page.ids if "." in i and not i.endswith("-title")]
    assert cards == ["statements.release_key_unique", FINITE, "figures.unit_of_kind"]


@pytest.mark.parametrize("name", ["index.html", "runs/run-1.html"])
def test_a_run_kept_back_says_so_and_why(written: Path, name: str) -> None:
    text = " ".join(Page((written / name).read_text("utf-8")).text.split())
    assert "Not published. 1 critical expectation on whole tables is not met. There is no release yet." in text
    assert "keeps the release back" in text


def test_a_blocked_run_names_the_release_that_stays(tmp_path: Path) -> None:
    report(tmp_path)
    text = Page(report(tmp_path, [*RESULTS, BLOCKED], run_id="run-2", release_id=None)).text
    assert "Release r1 stays current." in " ".join(text.split())


def test_a_run_that_found_nothing_changed_says_so_and_keeps_the_changes_of_its_release(tmp_path: Path) -> None:
    report(tmp_path, changes={"figures": Change(1_234, 5, 0)})
    page = Page(report(tmp_path, run_id="run-2", changes=None))
    assert "Nothing has changed." in page.text
    assert "+1,234 added −5 removed" in " ".join(page.text.split())


def test_a_published_run_names_its_release(tmp_path: Path) -> None:
    text = " ".join(Page(report(tmp_path, RESULTS)).text.split())
    assert "Published. Rows that did not meet 1 critical expectation were kept out. 1 warning to look at." in text
    assert "run-1 Releaser1 Checked2 March 2026, 08:05 UTC Expectations2 of 4 met" in text


def test_a_run_without_failures_is_told_in_a_sentence(tmp_path: Path) -> None:
    text = " ".join(Page(report(tmp_path, RESULTS[:2])).text.split())
    assert "Every critical expectation is met and there is no warning." in text
    assert "Every raw file was read and every row found is published." in Page(run_page(tmp_path)).text


def test_a_run_that_judged_nothing_has_a_report(tmp_path: Path) -> None:
    assert "0 of 0 met" in Page(report(tmp_path, [])).text


def test_an_example_marks_the_words_in_their_sentence(tmp_path: Path) -> None:
    out = rejected("figures", "a.txt", "r", figure("Il a vu deux chars hier.", value=2.5), FINITE)
    html = report(tmp_path, RESULTS, out)
    assert '<blockquote dir="auto">Il a vu <mark>deux chars</mark> hier.</blockquote>' in html
    assert '<code>value</code> <bdi class="value">2.5</bdi>' in html


def test_five_examples_are_shown_and_those_given_come_before_rejected_rows(tmp_path: Path) -> None:
    given = pl.DataFrame(
        [("figures", "figures.unit_of_kind", "b.txt", figure(f"Phrase {i}.")) for i in range(9)],
        schema=EXAMPLES_SCHEMA, orient="row",
    )  # fmt: skip
    out = [rejected("figures", "a.txt", "r", figure(f"Rejet {i}."), FINITE, "figures.unit_of_kind") for i in range(9)]
    html = report(tmp_path, RESULTS, *out, examples=given)
    assert re.findall(r"Phrase \d", html) == [f"Phrase {i}" for i in range(5)]
    assert re.findall(r"Rejet \d", html) == [f"Rejet {i}" for i in range(5)]


def test_long_values_and_long_lists_are_cut(tmp_path: Path) -> None:
    out = [rejected("raw", f"{i:04}.txt", "unreadable", None) for i in range(reports.LISTED + 3)]
    long = rejected("figures", "x" * 9_000, "x" * 9_000, figure("Il a vu deux chars.", subject="x" * 9_000), FINITE)
    html = report(tmp_path, RESULTS, *out, long) + run_page(tmp_path)
    assert html.count("unreadable") == reports.LISTED
    assert "3 more files" in html
    assert "x" * 401 not in html


def test_the_history_keeps_every_run(tmp_path: Path) -> None:
    report(tmp_path, RESULTS)
    report(tmp_path, [*RESULTS, BLOCKED], run_id="run-2", release_id=None)
    history = pl.read_parquet(tmp_path / "quality" / "history" / "*.parquet").sort("run_id")
    assert history.group_by("run_id", "release_id", "checked_at", maintain_order=True).len().rows() == [
        ("run-1", "r1", AT, 4), ("run-2", None, AT, 5),
    ]  # fmt: skip
    assert history.schema["severity"] == pl.String


def test_great_expectations_pages_are_replaced(tmp_path: Path) -> None:
    assert 'href="data_docs/index.html"' in report(tmp_path, RESULTS)
    docs = tmp_path / "quality" / "data_docs"
    (docs / "old.html").touch()
    report(tmp_path, RESULTS, run_id="run-2")
    assert not (docs / "old.html").exists()
    pages = sorted(p.name for p in docs.glob("validations/*/run-2/*/*.html"))
    assert pages == ["articles.html", "figures.html"]
    written = sorted(p.name for p in (tmp_path / "quality").iterdir())
    assert written == ["data_docs", "history", "index.html", "runs", "suites"]


def test_great_expectations_pages_tell_nobody_and_advertise_nothing(tmp_path: Path) -> None:
    report(tmp_path, RESULTS)
    pages = list((tmp_path / "quality" / "data_docs").rglob("*.html"))
    assert len(pages) == 3
    for page in pages:
        html = page.read_text("utf-8")
        assert not re.search("great-expectations-web-assets|newsletter|utm_", html), page
        for logo in re.findall(r'[(">\'](?P<path>[^(">\']*logo-long.png)', html):
            assert (page.parent / logo).is_file()


def test_an_example_marks_the_words_that_its_column_places(tmp_path: Path) -> None:
    results = [result("statements.speaker_resolved", success=False, column_name="speaker_name", unexpected_count=2)]
    row = {"text": "il pleut", "sentence": "Selon un voisin, il pleut."}
    out = [
        rejected("statements", "a.txt", "r", json.dumps(row | {"speaker": speaker}), "statements.speaker_resolved")
        for speaker in ("un voisin", None)
    ]
    marked = re.findall("<mark>(.*?)</mark>", report(tmp_path, results, *out))
    assert marked == ["un voisin", "il pleut"]


def test_a_long_sentence_is_cut_around_its_words(tmp_path: Path) -> None:
    sentence = "avant " * 100_000 + "deux chars" + " après" * 100_000
    html = report(tmp_path, RESULTS, rejected("figures", "a.txt", "r", figure(sentence), FINITE))
    assert "avant <mark>deux chars</mark> après" in html
    assert len(html) < 100_000


def test_a_streak_begins_with_its_first_run_and_outlasts_runs_that_judged_no_row(tmp_path: Path) -> None:
    failing, good, judged_none = [RESULTS[3]], [result(FINITE)], [result(FINITE, row_count=0)]
    runs = [failing, good, failing, judged_none, [BLOCKED], failing]
    told = []
    for day, results in enumerate(runs):
        release_id = None if results == [BLOCKED] else f"r{day}"
        html = report(tmp_path, results, run_id=f"run-{day}", at=AT + dt.timedelta(day), release_id=release_id)
        card = Page(
            html.partition(f'<article id="{FINITE}" class="card critical" aria-labelledby="{FINITE}-title">')[
                2
            ].partition("</p>")[0]
        ).text
        told.append(" ".join(card.split()))
    new = "✗ critical rows kept out new in this run"
    since = "✗ critical rows kept out since 4 Mar 2026, 08:05, 2 runs in a row"
    assert told == [new, "", new, "", "", since]


def test_trends_show_what_was_published_and_leave_blocked_runs_off_the_line(tmp_path: Path) -> None:
    for number, rows in enumerate([2, 0, 4]):
        table = FIGURES.empty().clear(rows).lazy()
        blocked = {"release_id": None, "results": [BLOCKED]} if not rows else {"release_id": f"r{number}"}
        html = report(tmp_path, run_id=f"run-{number}", tables={"figures": table}, **blocked)
    assert 'aria-label="figures: 2 to 4 over 3 runs"' in html
    assert '<path class="stroke" d="M2 50L98 0"/>' in html
    assert '<path class="hit blocked" d="M50.0 100.0h0">' in html
    assert "+2" in Page(html).text


def test_runs_that_found_nothing_changed_are_listed_but_flatten_no_trend(tmp_path: Path) -> None:
    report(tmp_path)
    for number in range(2, 5):
        html = report(tmp_path, run_id=f"run-{number}", changes=None)
    assert html.count("nothing changed</span>") == 3
    assert "This is the first run on record" in html


def test_pages_of_old_runs_go_and_their_history_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "RUNS", 2)
    for number in range(4):
        report(tmp_path, run_id=f"run-{number}")
    assert sorted(p.stem for p in (tmp_path / "quality" / "runs").iterdir()) == ["run-2", "run-3"]
    assert len(list((tmp_path / "quality" / "history").glob("*.json"))) == 4


def test_damaged_history_is_told_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(3):
        report(tmp_path, run_id=f"run-{number}")
    history = tmp_path / "quality" / "history"
    (history / "run-0.json").write_text('{"run_id": "run-0"}')
    (history / "run-1.parquet").write_bytes(b"PAR1")
    assert "run-0" not in report(tmp_path, run_id="run-3")
    assert "run-0.json is damaged" in caplog.text
    assert "run-1.parquet is missing or damaged" in caplog.text


def test_without_great_expectations_pages_there_is_still_a_report(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="flows.reports"):
        html = report(tmp_path, [*RESULTS, result("figures.no_such_rule")])
    assert "no_such_rule" in run_page(tmp_path).replace("<wbr>", "")
    assert "data_docs" not in html
    assert "goes without" in caplog.text


def test_a_run_id_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the name of a file"):
        report(tmp_path, run_id="../../run")


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_contrasts_with_its_ground(theme: int) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    style = (Path(reports.__file__).parent / "templates" / "base.css.j2").read_text("utf-8")
    block = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[theme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    grounds = {name: ["paper", "card"] for name in ("ink", "soft", "link", "good")}
    grounds |= {name: [f"{name}-bg"] for name in ("good", "critical", "warning", "info")}
    grounds["ink"] = ["paper", "card", "mark", "good-bg", "critical-bg"]
    grounds["good"] = ["paper", "card", "good-bg"]
    for text, behind in grounds.items():
        for ground in behind:
            bright, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
