"""The atlas in a real browser: opened, filtered, linked to; nothing is asked of the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from meta_tests.report.browser import NEEDS_CHROMIUM, PHONE, WIDE, Opened, launched
from meta_tests.report.screenshots import SHOTS, take
from meta_tests.report.test_screenshots import problems
from meta_tests.upgrade.atlas.sample_atlas import PAIRS, data, page, rows
from mlflow_conformance.upgrade.atlas.page import PAGE
from mlflow_conformance.upgrade.atlas.pairs import Pair
from mlflow_conformance.upgrade.compare import compared

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    with launched() as started:
        yield started


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of all releases."""
    written = tmp_path_factory.mktemp("atlas") / PAGE
    written.write_text(page(), encoding="utf-8")
    return written


@pytest.fixture
def opened(browser: Any, file: Path) -> Iterator[Opened]:
    """The page, opened on a wide screen; no script of it fails, and it asks for nothing."""
    found = Opened(browser, file, "light", WIDE)
    yield found
    assert found.errors == []
    assert {url.partition("#")[0] for url in found.asked} <= {file.as_uri(), "data:,"}
    found.context.close()


def total() -> int:
    """Return how many changes the page has."""
    return len(data()["changes"])


def shown(opened: Opened) -> str:
    """Return how many changes the page says that it shows."""
    return str(opened.page.locator("#shown").inner_text())


def chooser(opened: Opened, name: str) -> Any:
    """Return the list of choices that has a name."""
    return opened.page.get_by_role("combobox", name=name, exact=True)


def group(opened: Opened, name: str) -> Any:
    """Return the button that opens a group of rows."""
    return opened.page.locator("[data-group]").filter(has_text=name)


def test_all_releases_and_groups_are_there(opened: Opened) -> None:
    """A column for each release but the first; what breaks is first, probes are folded."""
    assert opened.page.locator("thead th").count() == 33
    assert shown(opened) == f"{total()} of {total()} changes"
    first = opened.page.locator("tbody").first.locator("tr").nth(1)
    assert first.locator("button.breaking").count() > 0
    probes = group(opened, "Probes")
    assert probes.get_attribute("aria-expanded") == "false"
    probes.press("Enter")
    assert group(opened, "Probes").get_attribute("aria-expanded") == "true"
    rows_of = opened.page.locator("tbody").last.locator("tr")
    assert rows_of.count() == 8
    opened.page.get_by_role("button", name="Show 200 more").last.press("Enter")
    assert rows_of.count() == 208


def filtered(**wanted: str) -> int:
    """Return how many changes have a level, target or maker, or a mode in their modes."""
    mode = wanted.pop("mode", None)
    return sum(
        all(row[name] == value for name, value in wanted.items())
        and (mode is None or mode in row["modes"])
        for row in rows()
    )


@pytest.mark.parametrize(
    ("label", "value", "wanted"),
    [
        ("Level", "breaking", {"level": "breaking"}),
        ("Mode", "python-model", {"mode": "python-model"}),
        ("Target", "default", {"target": "default"}),
        ("Target", "file", {"target": "file"}),
        ("Made by", "packages", {"made_by": "packages"}),
    ],
)
def test_changes_are_filtered(
    opened: Opened, label: str, value: str, wanted: dict[str, str]
) -> None:
    """The filters leave what fits, and say how many."""
    chooser(opened, label).select_option(value)
    number = filtered(**wanted)
    assert 0 < number < total()
    assert shown(opened) == f"{number} of {total()} changes"


def test_filters_add_up_and_a_text_is_found(opened: Opened) -> None:
    """A mode, a level and a text: what fits all of them is left."""
    chooser(opened, "Mode").select_option("autolog-frame")
    chooser(opened, "Level").select_option("breaking")
    both = filtered(mode="autolog-frame", level="breaking")
    assert shown(opened) == f"{both} of {total()} changes"
    opened.page.get_by_label("Contains").fill("multi_class")
    assert shown(opened) == f"2 of {total()} changes"
    assert opened.page.locator("tbody tr:not(.group)").count() == 1


def test_a_cell_says_who_made_a_change_and_the_way_out(opened: Opened) -> None:
    """Opened with the keyboard; Escape closes it and goes back to the cell."""
    opened.page.get_by_label("Contains").fill("multi_class")
    cell = opened.page.locator("tr:not(.group) button[aria-label^='3.7.0: breaking']")
    cell.press("Enter")
    dialog = opened.page.get_by_role("dialog")
    text = dialog.inner_text()
    for part in (
        "✕ breaking a parameter is no longer logged",
        "Release: 3.6.0 → 3.7.0",
        "Made by: a package of its day, not MLflow",
        "scikit-learn 1.7.2 → 1.8.0",
        "Before:\n\ndeprecated",
        "After:\n\n(nothing)",
        "9 modes: autolog-array",
        "Way out: log it in the script: mlflow.log_param",
        "nox -s compare -- 3.6.0 3.7.0 --of-their-day",
    ):
        assert part in text, text
    opened.page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert cell.evaluate("cell => cell === document.activeElement")


@pytest.mark.parametrize("pair", PAIRS[:2])
def test_a_permalink_shows_the_verdict_of_compare(browser: Any, file: Path, pair: Pair) -> None:
    """The headline and what breaks are those of the command that is named."""
    old, new = pair
    found = Opened(browser, file, "light", WIDE, f"#{old}..{new}")
    text, verdict = found.page.locator("#pair").inner_text(), compared(old, new)
    assert verdict.headline in text
    for block in verdict.shown:
        assert block.level != "breaking" or f"{block.subject.name} ({len(block.open)})" in text
    assert f"uv run nox -s compare -- {old} {new}" in text
    releases = found.page.locator("thead th a").all_inner_texts()
    assert (old in releases, releases[-1]) == (False, new)
    assert found.errors == []
    found.context.close()


def test_a_pair_is_chosen_and_left_again(opened: Opened) -> None:
    """The address names the chosen pair; without it, all releases are there again."""
    chooser(opened, "From").select_option("2.22.5")
    chooser(opened, "To").select_option("3.0.1")
    opened.page.wait_for_function("location.hash === '#2.22.5..3.0.1'")
    opened.page.get_by_text("NOT SAFE").wait_for()
    opened.page.get_by_role("link", name="Skip to the result").press("Enter")
    assert opened.page.locator("thead th").count() == 2
    opened.page.get_by_role("button", name="Show all releases").click()
    assert shown(opened) == f"{total()} of {total()} changes"
    assert opened.page.locator("#pair").inner_text() == ""


def test_the_head_of_a_column_leads_to_its_verdict(opened: Opened) -> None:
    """A release is a link to the pair of it and the one before; the verdict is then in focus."""
    opened.page.get_by_role("link", name="3.0.1", exact=True).press("Enter")
    opened.page.get_by_text("NOT SAFE").wait_for()
    assert opened.page.locator("#pair").evaluate("pair => pair === document.activeElement")


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("#2.9.2..3.0.1", "This is no verdict: it adds up the changes of neighbouring releases"),
        ("#3.0.1..2.9.2", "uv run nox -s compare -- 3.0.1 2.9.2"),
        ("#3.0.1..3.0.1", "Choose two different releases."),
        ("#3.0.1..9.9", "There is no release 9.9 in this atlas; choose two of its releases."),
        ("#%..<b>", "There is no release % in this atlas"),
    ],
)
def test_a_pair_without_a_verdict_says_so(browser: Any, file: Path, place: str, text: str) -> None:
    """What was not compared is told as what it is, with the command that compares it."""
    found = Opened(browser, file, "light", WIDE, place)
    assert text in found.page.locator("#pair").inner_text()
    assert found.errors == []
    found.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_everybody_can_use_the_page(
    browser: Any, file: Path, scheme: str, size: dict[str, int]
) -> None:
    """axe-core finds nothing serious, and nothing is wider than a phone; nor in an open cell."""
    found = Opened(browser, file, scheme, size, "#2.16.2..3.1.4")
    assert found.serious == []
    assert found.too_wide == 0
    found.page.locator(".group button.breaking").last.click()
    assert found.page.get_by_role("dialog").is_visible()
    assert found.serious == []
    assert found.too_wide == 0
    assert found.errors == []
    found.context.close()


def test_its_picture_is_taken(browser: Any, tmp_path: Path) -> None:
    """The script of the documentation's pictures takes that of the atlas."""
    (shot,) = (shot for shot in SHOTS if shot.page == "atlas")
    (file,) = take([shot], tmp_path, browser)
    assert problems(file) == []
