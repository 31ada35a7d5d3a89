"""The pages of the documentation that are generated from the code: requirements and options."""

from __future__ import annotations

import ast
from itertools import groupby
from pathlib import Path

import yaml

from mlflow_conformance.command.help_text import command_help
from mlflow_conformance.pytest_plugin.requirement_texts import requirements
from mlflow_conformance.support.paths import CONFORMANCE, KNOWN_DEVIATIONS


def write_pages(folder: Path) -> None:
    """Write all generated pages to a folder, which is created if needed."""
    folder.mkdir(exist_ok=True)
    for name, text in {
        "requirements.md": requirements_page(),
        "options.md": options_page(),
        "deviations.md": deviations_page(),
    }.items():
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def requirements_page() -> str:
    """Return the page with every requirement, by topic, with its source and its test."""
    found = requirements(_tests())
    introduction = (
        f"What the {len(found)} tests in `conformance/` require, a sentence each. A test is checked"
        " for every mode that it applies to, some for many cases. Sources are claims of the"
        " exercise ([claims](../claims.md)) and pages of documentation."
    )
    lines = ["# Requirements", "", introduction]
    for topic, group in groupby(found, key=lambda each: each.topic):
        lines += ["", f"## {topic.capitalize()}", "", "| requirement | source | test |"]
        lines += ["|---|---|---|"]
        for each in group:
            test = each.id.rpartition("::")[2]
            lines.append(f"| {_cell(each.text)} | {_cell(each.source)} | `{test}` |")
    return "\n".join(lines) + "\n"


def options_page() -> str:
    """Return the page with all options, as the command's help prints them."""
    return f"# Options\n\n```text\n{command_help().strip()}\n```\n"


def deviations_page() -> str:
    """Return the page with all known deviations: reason, link, and the tests they concern."""
    entries = yaml.safe_load(KNOWN_DEVIATIONS.read_text(encoding="utf-8"))["deviations"]
    introduction = (
        "What releases do otherwise than required, with the way out. Each entry is strict: if the"
        " test passes after all, the run fails ([more](../known-deviations.md))."
    )
    lines = ["# List of known deviations", "", introduction, ""]
    lines += ["| deviation | tests | see |", "|---|---|---|"]
    for entry in entries:
        tests = entry["tests"] if isinstance(entry["tests"], list) else [entry["tests"]]
        named = ", ".join(f"`{test}`" for test in tests)
        lines.append(f"| {_cell(entry['reason'])} | {_cell(named)} | <{entry['link']}> |")
    return "\n".join(lines) + "\n"


def _tests() -> list[str]:
    """Return the ids of all promises, in the order of their files."""
    return [
        f"{CONFORMANCE.name}/{file.name}::{node.name}"
        for file in sorted(CONFORMANCE.glob("test_*.py"))
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")
