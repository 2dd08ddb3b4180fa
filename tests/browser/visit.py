"""Opens pages in Chromium and looks for what no page of ours may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
DESK = (1300, 900)
PHONE = (390, 844)
Theme = Literal["light", "dark"]
WCAG_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass
class Visit:
    """A page that is open, and what it has done so far.

    Attributes:
        page: Playwright's page.
        told: what the console said (errors, warnings) and exceptions that no script caught.
        requests: addresses that the page asked for and that are not this machine's.
        dialogs: what it would have shown in dialogs: hostile text that ran.
    """

    page: Page
    told: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Fail where the page does what none may do, at the present width and theme."""
        assert self.told == []
        assert self.requests == []
        assert self.dialogs == []
        assert self.overflow() == [], "scrolls sideways"
        assert self.violations() == []

    def overflow(self) -> list[str]:
        """What stands out of the window sideways, where the page as a whole can be scrolled sideways."""
        found: list[str] = self.page.evaluate(
            """() => {
              const width = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= width) return [];
              return [...document.body.querySelectorAll("*")]
                .filter(e => e.getBoundingClientRect().right > width + 1)
                .map(e => `${e.tagName.toLowerCase()}.${e.className} ${e.textContent.trim().slice(0, 40)}`).slice(0, 9);
            }"""
        )
        return found

    def violations(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 AA: contrast, names, structure, reach by keyboard."""
        found = Axe().run(self.page, options=WCAG_AA).response["violations"]
        return [f"{v['id']}: {n['html'][:200]} {n['failureSummary']}" for v in found for n in v["nodes"][:5]]

    def tab_stops(self, most: int = 400) -> list[str]:
        """What the Tab key reaches, in order, from the top of the page; each must show that it has the focus."""
        self.page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
        reached: list[str] = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            name, outline = self.page.evaluate(
                """() => {
                  const e = document.activeElement;
                  if (!e || e === document.body) return [null, ""];
                  e.dataset.reached = "";
                  return [`${e.tagName.toLowerCase()} ${(e.getAttribute("href") ?? e.textContent).trim().slice(0, 60)}`,
                          getComputedStyle(e).outlineStyle];
                }"""
            )
            if name is None:
                break
            assert outline != "none", f"{name}: nothing shows that it has the focus"
            reached.append(name)
        return reached

    def unreached(self) -> list[str]:
        """What can be clicked and is shown, but was reached by no Tab since `tab_stops`."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
              .filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0 && !("reached" in e.dataset))
              .map(e => e.outerHTML.slice(0, 120))"""
        )
        return found


@contextmanager
def visit(browser: Browser, url: str, size: tuple[int, int] = DESK, theme: Theme = "light") -> Iterator[Visit]:
    """Open a page in a window of this size, with nothing stored; closed at the end."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=theme, accept_downloads=True, locale="en-GB"
    )
    page = context.new_page()
    seen = Visit(page)
    page.on("console", lambda m: seen.told.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda e: seen.told.append(str(e)))
    page.on("request", lambda r: None if _is_here(r.url) else seen.requests.append(r.url))
    page.on("dialog", lambda d: (seen.dialogs.append(d.message), d.dismiss()))
    page.goto(url, wait_until="load")
    yield seen
    context.close()


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"file", "data", "blob", "about"} or parts.hostname in {"127.0.0.1", "localhost"}
