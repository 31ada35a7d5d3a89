"""A headless browser for the tests of pages, and pages that are opened in it.

Needs the packages of the group ``browser`` and the program ``chromium``: without them, tests that
import this are skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
CHROMIUM = shutil.which("chromium")
NEEDS_CHROMIUM = pytest.mark.skipif(
    CHROMIUM is None, reason="the program chromium is not installed"
)
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
SERIOUS = {"serious", "critical"}


@contextmanager
def launched() -> Iterator[Any]:
    """Yield a headless Chromium, which ends with the block."""
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


class Opened:
    """A page in the browser, the addresses that it asked for, and what its console says."""

    def __init__(
        self, browser: Any, file: Path, scheme: str, size: dict[str, int], place: str = ""
    ) -> None:
        """Open the file; ``place`` is the end of its address, such as ``#2.16.2..3.1.4``."""
        self.context = browser.new_context(color_scheme=scheme, viewport=size)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self.errors.append(said.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri() + place)

    @property
    def serious(self) -> list[tuple[str, str]]:
        """Return what axe-core finds that keeps people out, each with an element."""
        found = axe.Axe().run(self.page).response["violations"]
        return [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in SERIOUS]

    @property
    def too_wide(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(overflow))
