"""Takes the pictures of the documentation, in Debian's Chromium: ``nox -s screenshots``.

What they show are results of the suite: a recorded run with the broken promise that the README
tells about, the comparison of two shipped baselines, and the atlas. ``--record`` runs the suite
again, for when the page of a run shows something new.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image

from mlflow_conformance.report.page import report_page
from mlflow_conformance.report.privacy import Person, private_document
from mlflow_conformance.report.results import upgrade_document
from mlflow_conformance.report.write import RESULTS_FILE
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.upgrade.compare import compared
from mlflow_conformance.upgrade.report.json_file import report_json

IMAGES: Final = ROOT / "docs" / "images"
RUN: Final = Path(__file__).resolve().parent / "recorded_run.json.gz"
# What the README changes in a script, and the modes that the recorded run has.
SCRIPT: Final = "train-model-signature.py"
PROMISED, BROKEN = 'ColSpec("integer", "Age")', 'ColSpec("double", "Age")'
MODES: Final = (
    *("autolog-array", "autolog-frame", "infer-array", "infer-frame"),
    *("signature-array", "signature-frame", "save-log", "pipeline", "python-model"),
)
PAIR: Final = ("2.22.5", "3.17.2")
# Width and height.
DESKTOP: Final = (1200, 800)
PHONE: Final = (390, 844)
# Enough for text on a few grounds; all of them take three times the bytes.
COLOURS: Final = 128
# Folders of the machine where the run was recorded.
OF_THE_MACHINE: Final = re.compile(r"/\w+/pytest-of-[\w-]+/pytest-\d+/conformance/")
# Exit codes.
TAKEN, NOT_TAKEN = 0, 2


@dataclass(frozen=True)
class Shot:
    """A picture: the page, how the browser shows it, and what is done before it is taken."""

    name: str
    page: str
    scheme: str = "light"
    size: tuple[int, int] = DESKTOP
    place: str = ""
    cell: str = ""


SHOTS: Final = (
    Shot("report.png", "run", size=(1200, 1100)),
    Shot("report-cell.png", "run", cell="signature-frame-sqlite, signature"),
    Shot("report-phone.png", "run", "dark", PHONE),
    Shot("verdict.png", "verdict"),
    Shot("atlas.png", "atlas"),
)


def run_page() -> str:
    """Return the page of the recorded run."""
    return report_page(json.loads(gzip.decompress(RUN.read_bytes())))


def verdict_page() -> str:
    """Return the page of ``compare`` for two shipped baselines."""
    document = upgrade_document(json.loads(report_json(compared(*PAIR))))
    return report_page(private_document(document.plain, Person()))


def atlas_page() -> str:
    """Return the release atlas."""
    from meta_tests.upgrade.atlas.sample_atlas import page  # takes half a minute

    return page()


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "run": run_page,
    "verdict": verdict_page,
    "atlas": atlas_page,
}


def take(shots: Iterable[Shot], folder: Path, browser: Any = None) -> list[Path]:
    """Take pictures, and write them to a folder; return their files.

    Without a browser, one is started; a process cannot have two.
    """
    from meta_tests.report.browser import Opened, launched  # needs the group browser

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with ExitStack() as stack:
        temporary = stack.enter_context(tempfile.TemporaryDirectory())
        if browser is None:
            browser = stack.enter_context(launched())
        for shot in shots:
            page = Path(temporary) / f"{shot.page}.html"
            if not page.exists():
                page.write_text(PAGES[shot.page](), encoding="utf-8")
            size = dict(zip(("width", "height"), shot.size, strict=True))
            opened = Opened(browser, page, shot.scheme, size, shot.place)
            if shot.cell:
                opened.page.get_by_role("button", name=shot.cell).click()
            file = folder / shot.name
            taken = opened.page.screenshot(animations="disabled", caret="hide")
            with Image.open(io.BytesIO(taken)) as image:
                image.convert("RGB").quantize(COLOURS).save(file, optimize=True)
            opened.context.close()
            written.append(file)
    return written


def record() -> None:
    """Run the suite with the changed script, and keep the results."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(ROOT / "training", folder / "training")
        script = folder / "training" / SCRIPT
        text = script.read_text(encoding="utf-8")
        script.write_text(text.replace(PROMISED, BROKEN), encoding="utf-8")
        command = [sys.executable, "-m", "mlflow_conformance", "-m", "local", "-q"]
        command += ["--catalogue", "training/modes.yaml", "--report", "report"]
        command += [word for mode in MODES for word in ("--mode", mode)]
        variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        subprocess.run(command, cwd=folder, env=variables, check=False)
        results = (folder / "report" / RESULTS_FILE).read_text(encoding="utf-8")
    RUN.write_bytes(gzip.compress(OF_THE_MACHINE.sub("…/", results).encode(), mtime=0))


def main() -> int:
    """Take all pictures; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="nox -s screenshots", description="Take the pictures of the documentation."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=IMAGES, help="where to write them")
    parser.add_argument("--record", action="store_true", help="run the suite again before")
    asked: Any = parser.parse_args()
    if shutil.which("chromium") is None:
        print("the program chromium is not installed: apt-get install chromium", file=sys.stderr)
        return NOT_TAKEN
    if asked.record:
        record()
    for file in take(SHOTS, asked.folder):
        print(f"{file}: {file.stat().st_size // 1024} KB")
    return TAKEN


if __name__ == "__main__":
    sys.exit(main())
