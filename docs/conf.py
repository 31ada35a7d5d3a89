"""The documentation as a site: ``uv run --group docs sphinx-build -W docs site``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "fixtures")]

from pages import write_pages  # noqa: E402 - the folders must be on the path

project = "MLflow logging conformance"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = project
html_extra_path = ["results.schema.json"]
exclude_patterns = ["site"]
# Files of the repository that are no pages are shown by their names.
OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:\.github/|action\.yml|README\.md)[^)]*\)")
FILES = re.compile(r"\[([^\]]+)\]\([\w/-]+\.(?:yml|json)\)")


def _only_pages(app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = FILES.sub(r"`\1`", OUTSIDE.sub(r"`\1`", source[0]))


def setup(app: Sphinx) -> None:
    """Write the generated pages before any page is read."""
    write_pages(HERE / "generated")
    app.connect("source-read", _only_pages)
