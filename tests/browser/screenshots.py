"""Takes the pictures of the README again, from real runs: `python -m tests.browser.screenshots [FOLDER]`.

The folder (default: a temporary one) keeps the curated folder that the pictures show; one that is there is used as is.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import launched
from tests.browser.history import make_past
from tests.browser.visit import DESK, PHONE, Theme, visit
from tests.conftest import ROOT

IMAGES = ROOT / "docs" / "images"


def picture(browser: Browser, address: str, image: Path, size: tuple[int, int], theme: Theme = "light") -> None:
    """A picture of what the window shows of a page."""
    with visit(browser, address, size, theme) as seen:
        seen.page.screenshot(path=image)


def main() -> None:
    """Make the runs, then the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    curated = folder / "curated" if (folder / "curated").is_dir() else make_past(folder, 6)
    IMAGES.mkdir(exist_ok=True)
    with launched() as browser:
        overview = (curated / "quality" / "index.html").as_uri()
        picture(browser, overview, IMAGES / "overview.png", (DESK[0], 1150))
        picture(browser, f"{overview}#trends", IMAGES / "trends-phone.png", PHONE, "dark")


if __name__ == "__main__":
    main()
