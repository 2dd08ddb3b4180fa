"""A real Chromium for the tests of pages, and what holds for every page that we write.

Chromium is the system's own (`CHROMIUM`, or the first on the path); nothing is downloaded. Where there is none, these
tests are skipped, unless `DEPECHE_BROWSER=required`: then they fail, so that CI cannot pass without them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visit import ARGUMENTS

NAMES = ("chromium", "chromium-browser", "google-chrome")


# Of the package, not of the session: Playwright's event loop runs in this thread, and others' tests start their own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    if not installed():
        told = "no Chromium on this machine: install the package chromium, or give its path in CHROMIUM"
        if os.environ.get("DEPECHE_BROWSER") == "required":
            pytest.fail(told)
        pytest.skip(told)
    with launched() as browser:
        yield browser


def installed() -> str | None:
    """Path of the Chromium of this machine."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless Chromium, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=ARGUMENTS)
        yield browser
        browser.close()
