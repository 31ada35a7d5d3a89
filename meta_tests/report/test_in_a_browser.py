"""The page in a real browser: opened, filtered, compared; nothing is asked of the network.

Needs the packages of the group ``browser`` and the program ``chromium``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from meta_tests.report.browser import NEEDS_CHROMIUM, PHONE, WIDE, Opened, launched
from meta_tests.report.sample_results import results
from meta_tests.report.screenshots import run_page as recorded_page
from meta_tests.upgrade.truth import verdict_on
from mlflow_conformance.report.privacy import Person
from mlflow_conformance.report.results import run_document, upgrade_document
from mlflow_conformance.report.write import write_report
from mlflow_conformance.upgrade.report.json_file import report_json

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    with launched() as started:
        yield started


@pytest.fixture(scope="module")
def run_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run with more than 5,000 checks."""
    return write_report(run_document(results(5000)), tmp_path_factory.mktemp("run"), {}, Person())


@pytest.fixture(scope="module")
def upgrade_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a comparison of two releases."""
    document = upgrade_document(verdict_document())
    return write_report(document, tmp_path_factory.mktemp("upgrade"), {}, Person())


def verdict_document() -> dict[str, Any]:
    """Return the comparison of two releases that have baselines, as data."""
    return dict(json.loads(report_json(verdict_on(("2.22.5", "3.17.2")))))


@pytest.fixture
def opened(browser: Any, run_page: Path) -> Iterator[Opened]:
    """The page of a run, opened on a wide screen."""
    page = Opened(browser, run_page, "light", WIDE)
    yield page
    page.context.close()


def test_the_page_asks_for_nothing_and_has_no_errors(opened: Opened) -> None:
    """Only the file itself is loaded; no script fails, and none of somebody else's is run."""
    assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in opened.asked if url.startswith("file:")]) == 1
    assert opened.errors == []
    assert opened.page.evaluate("window.attacked") is None


def test_rows_are_filtered_by_name_and_by_result(opened: Opened) -> None:
    """The filters leave the rows that fit, and say how many."""
    rows = opened.page.locator(".matrix tbody tr:visible")
    assert rows.count() == 42
    opened.page.get_by_label("Name contains").fill("more-1")
    assert rows.count() == 11
    assert opened.page.locator("#shown").inner_text() == "11 of 42 rows"
    opened.page.get_by_label("Name contains").fill("")
    opened.page.get_by_label("Has a result").select_option("broken")
    assert [row.inner_text().split()[0] for row in rows.all()] == ["one-sqlite"]


def test_a_cell_opens_with_the_keyboard_and_closes_again(opened: Opened) -> None:
    """A cell shows requirement, source, what was found and what it should be."""
    button = opened.page.get_by_role("button", name="one-sqlite, signature")
    button.focus()
    opened.page.keyboard.press("Enter")
    dialog = opened.page.get_by_role("dialog")
    text = dialog.inner_text()
    for part in (
        "✕ broken",
        "Inputs are as promised.",
        "MLflow: signatures",
        "found: tensor-based",
    ):
        assert part in text
    assert "should be: column-based" in text
    opened.page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_two_mlmodel_files_are_compared(opened: Opened) -> None:
    """The lines that differ are marked, and can be shown alone."""
    assert opened.page.locator("#differences").inner_text().startswith("2 lines differ")
    opened.page.get_by_label("only what differs").check()
    lines = opened.page.locator("#diff > div").all_inner_texts()
    assert [line.split() for line in lines] == [
        ["-", "mlflow_version:", "3.17.2"],
        ["+", "mlflow_version:", "2.22.5"],
    ]


def test_a_page_of_a_verdict_shows_before_and_after(browser: Any, upgrade_page: Path) -> None:
    """Each change has what was before and after, and its way out."""
    page = Opened(browser, upgrade_page, "light", WIDE)
    text = page.page.locator("main").inner_text()
    verdict = verdict_document()
    changes = [(block, change) for block in verdict["blocks"] for change in block["changes"]]
    (block, change) = next(pair for pair in changes if pair[0]["fails"] and not pair[1]["root"])
    (root, *_) = verdict["roots"]
    assert root["way_out"].replace("`", "") in text
    for part in (
        change["what"],
        str(change["before"]),
        str(change["after"]),
        block["way_out"].replace("`", ""),
    ):
        assert part in text
    assert page.errors == []
    page.context.close()


def test_a_verdict_names_each_side_once_and_sets_code(browser: Any, upgrade_page: Path) -> None:
    """A side that is a release is not named twice, and no text has backticks."""
    page = Opened(browser, upgrade_page, "light", WIDE)
    text = page.page.locator("main").inner_text()
    assert "Compared: MLflow 2.22.5 with MLflow 3.17.2; fails on: breaking." in text
    way_out = page.page.get_by_text("Way out: log inside of").first
    assert way_out.locator("code").all_inner_texts() == ["with mlflow.start_run():"]
    page.context.close()


def test_a_cell_sets_code_and_the_time_is_for_people(browser: Any, tmp_path: Path) -> None:
    """What a docstring sets apart is code; the run began at a time that people write."""
    file = tmp_path / "report.html"
    file.write_text(recorded_page(), encoding="utf-8")
    page = Opened(browser, file, "light", WIDE)
    assert re.search(
        r" began \d{4}-\d\d-\d\d [\d:]{8} UTC, ", page.page.locator("header").inner_text()
    )
    page.page.get_by_role("button", name="signature-frame-sqlite, signature").click()
    requirement = page.page.get_by_text("The name, type, shape, order and")
    assert requirement.locator("code").all_inner_texts() == ["required"]
    page.context.close()


@pytest.mark.parametrize("name", ["run_page", "upgrade_page"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_everybody_can_use_the_page(
    browser: Any, name: str, scheme: str, size: dict[str, int], request: pytest.FixtureRequest
) -> None:
    """axe-core finds nothing serious, in light and dark, and nothing is wider than a phone."""
    page = Opened(browser, request.getfixturevalue(name), scheme, size)
    assert page.serious == []
    assert page.too_wide == 0
    page.context.close()
