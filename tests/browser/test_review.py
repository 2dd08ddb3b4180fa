"""Review pages in a real browser: marks by mouse and keyboard, the file they make, hostile articles."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from flows import releases, review
from flows.marks import JUDGED, measure, read_marks
from flows.serving import server
from tests.browser.visit import DESK, PHONE, Theme, Visit, visit
from tests.conftest import COMMAND, Ran, run

HOSTILE = """Genève, 3 mars <script>alert(1)</script> \u202e<img src="https://example.org/x" onerror="alert(2)">\u2066

La délégation américaine est conduite par Steve Witkoff, envoyé spécial du président.
« Nous avons livré 40 000 chars 🇫🇷 à l'Ukraine </div></bdi>", a déclaré Steve Witkoff.
« \u202eNous livrerons dix avions », a déclaré Emmanuel Macron.
"""
LINE = "Le ministère a livré 300 chars, a déclaré Emmanuel Macron. "


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Path:
    """A run on articles that would take the page over, one of them a line of a million characters."""
    folder = tmp_path_factory.mktemp("review")
    raw = folder / "raw"
    raw.mkdir()
    (raw / "hostile.txt").write_text(HOSTILE, "utf-8")
    (raw / "hostile.txt.toml").write_text('title = "<script>alert(3)</script> \\u202e moc.elpmaxe"')
    (raw / "long.txt").write_text(LINE * 40 + "x" * 1_000_000, "utf-8")
    ran = run(raw, folder / "curated", prefect_api)
    assert ran.status == 0, ran.output
    return ran.curated


def address(curated: Path, source: str) -> str:
    release = releases.current(curated)
    assert release
    article_id = release.scan("articles").filter(source_uri=source).collect()["article_id"].item()
    return (review.review_folder(curated) / f"{article_id}.html").as_uri()


@pytest.mark.parametrize("page", ["index", "hostile.txt"])
@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone"])
def test_page_does_nothing_that_none_may(
    chromium: Browser, curated: Path, page: str, size: tuple[int, int], theme: Theme
) -> None:
    url = (review.review_folder(curated) / "index.html").as_uri() if page == "index" else address(curated, page)
    with visit(chromium, url, size, theme) as seen:
        seen.check()
        assert seen.tab_stops()[0] == "a #main"
        assert seen.unreached() == []
        if page != "index":
            seen.page.locator("tr[data-row]").first.focus()
            seen.page.keyboard.press("w")
            select(seen.page, "Genève, 3 mars <script>")
            seen.check()


def test_hostile_text_is_shown_as_it_is(chromium: Browser, curated: Path) -> None:
    release = releases.current(curated)
    assert release
    with visit(chromium, address(curated, "hostile.txt")) as seen:
        text = release.scan("articles").filter(source_uri="hostile.txt").collect()["text"].item()
        assert seen.page.locator("#text").evaluate("e => e.textContent") == text
        assert seen.page.locator("#text .control").count() == 3
        assert seen.page.locator("h1 .control").count() == 1
        assert seen.page.locator("#text :is(script, img, div)").count() == 0


def test_a_line_of_a_million_characters_stays_usable(chromium: Browser, curated: Path) -> None:
    with visit(chromium, address(curated, "long.txt"), PHONE) as seen:
        rows = seen.page.locator("tr[data-row]")
        assert rows.count() >= 40
        rows.first.focus()
        for _ in range(5):
            seen.page.keyboard.press("r", delay=0)
        assert seen.page.locator("tr[data-verdict=right]").count() == 5
        assert seen.overflow() == []
        assert seen.told == []


def test_rows_and_words_lead_to_one_another(chromium: Browser, released: Ran) -> None:
    with visit(chromium, _first(released)) as seen:
        rows = seen.page.locator("tr[data-row]")
        rows.first.focus()
        for number in range(rows.count()):
            assert rows.nth(number).evaluate("e => e === document.activeElement")
            assert seen.page.locator("#text .on").count() > 0
            seen.page.keyboard.press("Enter")
            assert seen.page.evaluate("document.activeElement.dataset.r").split().count(str(number)) == 1
            assert in_pane(seen)
            seen.page.keyboard.press("Escape")
            seen.page.keyboard.press("ArrowDown")
        innermost = seen.page.locator("#text .figure").first
        innermost.click()
        number = innermost.get_attribute("data-r").split()[-1]  # type: ignore[union-attr]
        assert seen.page.evaluate("document.activeElement.dataset.row") == number


def in_pane(seen: Visit) -> bool:
    inside: bool = seen.page.evaluate(
        """() => {
          const [words, pane] = [document.activeElement, document.querySelector("#text")].map(
            e => e.getBoundingClientRect());
          return words.top >= pane.top && words.top < pane.bottom;
        }"""
    )
    return inside


def test_filters_hide_rows_and_the_colour_of_their_words(chromium: Browser, released: Ran) -> None:
    with visit(chromium, _first(released)) as seen:
        seen.page.select_option("#by-dataset", "figures")
        shown = seen.page.locator("tr[data-row]:visible")
        figures = shown.count()
        assert 0 < figures < seen.page.locator("tr[data-row]").count()
        assert seen.page.locator("#text .member:not(.off):not(.figure)").count() == 0
        shown.first.focus()
        seen.page.keyboard.press("w")
        seen.page.select_option("#by-mark", "none")
        assert shown.count() == figures - 1


def test_marks_go_from_the_page_through_the_file_to_the_scores(
    chromium: Browser, released: Ran, tmp_path: Path
) -> None:
    folder = released.curated / "quality"
    words = "délégation"
    with server(folder, 0) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{served.server_port}/review/"
        name = _with_words(released, words)
        with visit(chromium, f"{root}{name}.html") as seen:
            page = seen.page
            rows = page.locator("tr[data-row]")
            total = rows.count()
            assert page.locator("#complete").is_disabled()
            rows.first.focus()
            page.keyboard.press("w")
            page.keyboard.press("r")
            select(page, words)
            page.locator("[data-add=figures]").click()
            page.locator("#rest").click()
            page.locator("#complete").check()
            page.reload()
            assert page.locator("#complete").is_checked()
            assert page.locator("#progress").inner_text() == f"{total} of {total}, 1 added, complete"
            gold = saved(page, "#export", tmp_path)
            page.goto(f"{root}index.html")
            assert "complete" in page.locator(f"[data-article='{name}']").inner_text()
            page.fill("#q", "zzz")
            assert page.locator("tr[data-article]:visible").count() == 0
            everything = saved(page, "#export", tmp_path)
            assert seen.told == []
        served.shutdown()
    article = json.loads(gold.read_text("utf-8"))
    assert json.loads(everything.read_text("utf-8")) == [article]
    assert (article["article_id"], article["complete"]) == (name, True)
    text = _text(released, name)
    assert all(text[r["start"] : r["end"]] == r["text"] for r in article["rows"])
    assert [r["text"] for r in article["rows"] if r["verdict"] == "missed"] == [words]
    found = measure(released.curated / "latest", read_marks([gold])).values()
    assert sum(m.right for m in found) == total - 1
    assert sum(m.wrong for m in found) == 1
    assert sum(m.changed for m in found) == 0
    assert (sum(m.found for m in found), sum(m.listed for m in found)) == (total - 1, total)
    told = subprocess.run(
        [COMMAND, "evaluate", released.curated / "latest", gold], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("1 marked articles, 1 complete")
    assert all(f"{name:<20}precision" in told.stdout for name in JUDGED)


def saved(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as downloading:
        page.locator(button).click()
    path = folder / downloading.value.suggested_filename
    downloading.value.save_as(path)
    return path


def select(page: Page, words: str) -> None:
    """Select words of the text, as dragging the mouse over them would."""
    page.evaluate(
        """words => {
          const text = document.getElementById("text"), walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
          for (let node; (node = walk.nextNode());) {
            const at = node.data.indexOf(words);
            if (at >= 0) return document.getSelection().setBaseAndExtent(node, at, node, at + words.length);
          }
          throw new Error("not in one piece: " + words);
        }""",
        words,
    )
    page.locator("#add").wait_for(state="visible")


def _articles(released: Ran) -> list[dict[str, Any]]:
    release = releases.current(released.curated)
    assert release
    return release.scan("articles").collect().to_dicts()


def _text(released: Ran, article_id: str) -> str:
    return str(next(a["text"] for a in _articles(released) if a["article_id"] == article_id))


def _with_words(released: Ran, words: str) -> str:
    return str(next(a["article_id"] for a in _articles(released) if words in a["text"]))


def _first(released: Ran) -> str:
    return address(released.curated, _articles(released)[0]["source_uri"])
