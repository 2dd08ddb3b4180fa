"""Every page type in a real browser: nothing on the console, no request, phone width, contrast, keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visit import DESK, PHONE, Theme, visit
from tests.flows.test_reports import BLOCKED, FINITE, HOSTILE, RESULTS, figure, rejected, report


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The curated folder of a run on text that would take the page over."""
    curated = tmp_path_factory.mktemp("hostile")
    out = [
        rejected("raw", f"raw/{HOSTILE}.txt", f"not text: {HOSTILE}", None),
        rejected("figures", "a.txt", "does not hold: x", figure(f"Vus : deux chars {HOSTILE}", rule=HOSTILE), FINITE),
        rejected("figures", "a.txt", "r", figure("x" * 1_000_000 + " deux chars"), "figures.unit_of_kind"),
    ]
    report(curated, [*RESULTS, BLOCKED], *out, release_id=None)
    return curated


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_page_does_nothing_that_none_may(chromium: Browser, hostile: Path, size: tuple[int, int], theme: Theme) -> None:
    with visit(chromium, (hostile / "quality" / "index.html").as_uri(), size, theme) as seen:
        seen.check()


def test_keyboard_reaches_all_that_can_be_clicked(chromium: Browser, hostile: Path) -> None:
    with visit(chromium, (hostile / "quality" / "index.html").as_uri()) as seen:
        assert seen.tab_stops()[0] == "a #main"
        assert seen.unreached() == []
