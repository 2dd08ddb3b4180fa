"""Every page type in a real browser: nothing on the console, no request, phone width, contrast, keyboard."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from flows.history import Change
from flows.serving import server
from tests.browser.visit import DESK, PHONE, Theme, visit
from tests.flows.test_reports import AT, BLOCKED, FINITE, HOSTILE, RESULTS, figure, rejected, report
from transforms.schemas import FIGURES

PAGES = ["index.html", "runs/run-3.html", "runs/run-4.html", "suites/figures.html", "suites/articles.html"]
LONG_LINE = "x" * 1_000_000


@pytest.fixture(scope="module")
def quality(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of four runs, the last one blocked, on text that would take the page over."""
    curated = tmp_path_factory.mktemp("hostile")
    out = [
        rejected("raw", f"raw/{HOSTILE}.txt", f"not text: {HOSTILE}", None),
        rejected("raw", f"raw/{LONG_LINE}.txt", LONG_LINE, None),
        rejected("figures", "a.txt", "does not hold: x", figure(f"Vus : deux chars {HOSTILE}", rule=HOSTILE), FINITE),
        rejected("figures", LONG_LINE, LONG_LINE, figure(f"{LONG_LINE} deux chars"), "figures.unit_of_kind"),
    ]
    for day in range(1, 5):
        report(
            curated, [*RESULTS, BLOCKED] if day == 4 else RESULTS, *out, run_id=f"run-{day}",
            release_id=None if day == 4 else f"r{day}", at=AT + dt.timedelta(day),
            changes={"figures": Change(1_000 * day, 3, 20)} if day < 4 else None,
            tables={"figures": FIGURES.empty().clear(10 * day % 25).lazy()},
        )  # fmt: skip
    return curated / "quality"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone"])
def test_page_does_nothing_that_none_may(
    chromium: Browser, quality: Path, page: str, size: tuple[int, int], theme: Theme
) -> None:
    with visit(chromium, (quality / page).as_uri(), size, theme) as seen:
        seen.check()


@pytest.mark.parametrize("page", PAGES)
def test_keyboard_reaches_all_that_can_be_clicked(chromium: Browser, quality: Path, page: str) -> None:
    with visit(chromium, (quality / page).as_uri(), PHONE) as seen:
        assert seen.tab_stops()[0] == "a #main"
        assert seen.unreached() == []


def test_folded_rows_open_by_keyboard_and_hold_too(chromium: Browser, quality: Path) -> None:
    with visit(chromium, (quality / "runs" / "run-4.html").as_uri(), PHONE) as seen:
        for summary in seen.page.locator("summary").all():
            summary.focus()
            seen.page.keyboard.press("Enter")
        assert seen.page.locator("details:not([open])").count() == 0
        seen.check()


def test_reports_hold_when_served_and_lead_to_one_another(chromium: Browser, quality: Path) -> None:
    with server(quality, 0) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        with visit(chromium, f"http://127.0.0.1:{served.server_port}/") as seen:
            for link, heading in [("figures", "figures"), ("run-4", "Run of"), ("Data quality", "Data quality")]:
                seen.page.get_by_role("link", name=link, exact=True).first.click()
                assert heading in seen.page.inner_text("h1")
                seen.check()
        served.shutdown()


def test_a_page_that_misbehaves_is_told(chromium: Browser, tmp_path: Path) -> None:
    """The checks see what they look for."""
    page = tmp_path / "page.html"
    page.write_text(
        "<title>x</title><p style='width: 2000px; color: #999; background: #aaa'>pale</p>"
        "<img src='http://127.0.0.3:9/x.png'><script>alert(1); boom()</script>"
    )
    with visit(chromium, page.as_uri()) as seen:
        assert seen.requests == ["http://127.0.0.3:9/x.png"]
        assert seen.dialogs == ["1"]
        assert any("boom" in told for told in seen.told)
        assert any("pale" in told for told in seen.overflow())
        found = " ".join(seen.violations())
        assert "color-contrast" in found
        assert "image-alt" in found
