"""Tests of the comparison of surfaces: what scripts use, and lists of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from meta_tests.upgrade.surface.sample_packages import surface
from mlflow_conformance.upgrade.changes.classify import Change, changes
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.surface.surface import Surface
from mlflow_conformance.upgrade.surface.unused_changes import unused_changes
from mlflow_conformance.upgrade.surface.used_changes import used_changes
from mlflow_conformance.upgrade.surface.uses import read_uses

BEFORE = {
    "__init__.py": "from mlflow.fluent import log, Client\n__all__ = ['log', 'Client']\n",
    "fluent.py": """
        LIMIT = "a"
        def log(key, value, step=None, *, extra=1): ...
        def gone(): ...
        class Client:
            def __init__(self, uri=None): ...
            def get(self, run_id): ...
            def other(self): ...
        class Lost:
            def method(self): ...
    """,
    "flavor/__init__.py": "def save(): ...\n",
    "environment_variables.py": 'A = _EnvironmentVariable("MLFLOW_A", int, 7)\n',
    "cli.py": """
        import click
        @click.group()
        def cli(): ...
        @cli.command()
        @click.option("--days")
        def gc(days): ...
    """,
}


def sides(folder: Path, **edits: tuple[str, str]) -> tuple[Surface, Surface]:
    """Return the surfaces before and after edits: in each module, one text becomes another."""
    after = dict(BEFORE)
    for module, (old, new) in edits.items():
        name = next(n for n in after if n.partition(".")[0].partition("/")[0] == module)
        assert old in after[name]
        after[name] = after[name].replace(old, new)
    return surface(folder, BEFORE, "1.0"), surface(folder, after, "2.0")


def used(folder: Path, both: tuple[Surface, Surface], script: str) -> list[Change]:
    """Return the changes of what a script uses."""
    (folder / "train.py").write_text(dedent(script), encoding="utf-8")
    return list(changes(used_changes(*both, read_uses([folder / "train.py"], folder)), RULES))


def lists(both: tuple[Surface, Surface]) -> dict[str, Any]:
    """Return the lists of what changed, by rule."""
    return {c.rule.id: c.after for c in changes(unused_changes(*both), RULES)}


CASES: Mapping[str, tuple[tuple[str, str], str, str, str]] = {
    # what changes in fluent.py, the script's call, one that is not affected, the rule
    "name": (
        ("def gone(): ...", ""),
        "mlflow.fluent.gone()",
        "mlflow.log(1, 2)",
        "name-gone",
    ),
    "class": (
        ("class Lost", "class Other"),
        "mlflow.fluent.Lost()",
        "mlflow.Client()",
        "name-gone",
    ),
    "method": (
        ("def get(", "def fetch("),
        "mlflow.Client().get(1)",
        "mlflow.Client().other()",
        "name-gone",
    ),
    "moved": (
        ("value, step=None", "value, new=3, step=None"),
        "mlflow.log(1, 2, 3)",
        "mlflow.log(1, 2)",
        "argument-moved",
    ),
    "named only": (
        ("value, step=None, *", "value, *, step=None"),
        "mlflow.log(1, 2, 3)",
        "mlflow.log(1, 2, step=3)",
        "argument-moved",
    ),
    "lost": (
        ("step=None, *", "*"),
        "mlflow.log(1, 2, step=3)",
        "mlflow.log(1, value=2)",
        "parameter-lost",
    ),
    "required": (
        ("step=None", "step"),
        "mlflow.log(1, 2)",
        "mlflow.log(1, 2, 3)",
        "parameter-required",
    ),
    "new and required": (
        ("extra=1", "extra=1, must"),
        "mlflow.log(1, 2)",
        "mlflow.log(**given)",
        "parameter-required",
    ),
    "constructor": (
        ("uri=None", "uri"),
        "mlflow.Client()",
        "mlflow.Client('a')",
        "parameter-required",
    ),
    "default": (
        ("extra=1", "extra=2"),
        "mlflow.log(1, 2)",
        "mlflow.log(1, 2, extra=1)",
        "parameter-default-changed",
    ),
    "constant": (
        ('LIMIT = "a"', 'LIMIT = "b"'),
        "print(mlflow.fluent.LIMIT)",
        "mlflow.log(1, 2)",
        "constant-changed",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_script_uses_is_told_with_its_line(case: str, tmp_path: Path) -> None:
    """A change of what the script uses is exactly one change, with the file and the line."""
    edit, call, _, rule = CASES[case]
    found = used(tmp_path, sides(tmp_path, fluent=edit), f"import mlflow.fluent\n{call}\n")
    assert [change.rule.id for change in found] == [rule]
    assert "train.py:2" in str(found[0].before)


@pytest.mark.parametrize("case", CASES)
def test_a_script_that_is_not_affected_is_told_nothing(case: str, tmp_path: Path) -> None:
    """A script with another call is not affected, and the list has the change."""
    edit, _, other, _ = CASES[case]
    both = sides(tmp_path, fluent=edit)
    assert used(tmp_path, both, f"import mlflow.fluent\n{other}\n") == []
    assert lists(both)


def test_keywords_that_go_into_others_are_not_lost(tmp_path: Path) -> None:
    """A function that takes any keyword may still take one that it no longer lists."""
    both = sides(tmp_path, fluent=("step=None, *, extra=1", "**others"))
    assert used(tmp_path, both, "import mlflow\nmlflow.log(1, 2, step=3)\n") == []


def test_a_name_that_moved_is_not_gone(tmp_path: Path) -> None:
    """What is defined elsewhere and imported where it was is still there."""
    old = surface(tmp_path, BEFORE, "1.0")
    new = surface(
        tmp_path,
        {**BEFORE, "fluent.py": "from mlflow._new import *\n", "_new.py": BEFORE["fluent.py"]},
        "2.0",
    )
    script = "import mlflow.fluent\nmlflow.log(1, 2)\nmlflow.fluent.gone()\n"
    assert used(tmp_path, (old, new), script) == []
    assert "unused-names-gone" not in lists((old, new))


def test_variables_and_commands_of_scripts_are_told(tmp_path: Path) -> None:
    """A variable or an option that a script names, and that is gone, is told with its line."""
    both = sides(tmp_path, environment_variables=("MLFLOW_A", "MLFLOW_B"), cli=("days", "weeks"))
    script = (
        'os.environ["MLFLOW_A"]\nrun(["mlflow", "gc", "--days", "3"])\nos.environ["MLFLOW_OTHER"]\n'
    )
    found = used(tmp_path, both, script)
    assert [(c.rule.id, c.what[-1]) for c in found] == [
        ("variable-gone", "MLFLOW_A"),
        ("command-gone", "mlflow gc --days"),
    ]


@pytest.mark.parametrize(("lost", "is_told"), [("other", False), ("get", True), ("Client", False)])
def test_what_is_not_reached_without_a_name_is_not_told(
    lost: str, is_told: bool, tmp_path: Path
) -> None:
    """After a condition on a name, a use breaks only in a release that has the name."""
    after = {"Client": ("class Client", "class Agent")}.get(lost, (f"def {lost}(", "def changed("))
    both = sides(tmp_path, fluent=after)
    script = """
        import mlflow.fluent
        if hasattr(mlflow.fluent, "Client"):
            client = mlflow.fluent.Client()
            if hasattr(client, "other"):
                mlflow.fluent.gone()
                mlflow.Client().get(1)
    """
    assert bool(used(tmp_path, both, script)) is is_told


HEAD = "import mlflow.fluent\nfrom packaging.version import Version\n"
RELEASES = {
    # a script and whether it uses what is gone with 2.0
    "an older one": ("if Version(mlflow.__version__) < Version('2'):\n    GONE", False),
    "a newer one": ("if Version(mlflow.__version__) >= Version('2'):\n    GONE", True),
    "exchanged": ("if Version('2') > Version(mlflow.__version__):\n    GONE", False),
    "the opposite": ("if not Version(mlflow.__version__) >= Version('2'):\n    GONE", False),
    "the other branch": (
        "if Version(mlflow.__version__) >= Version('2'):\n    x()\nelse:\n    GONE",
        False,
    ),
    "of both": ("if Version(mlflow.__version__) < Version('2') and x:\n    GONE", False),
    "by name": ("V = Version(mlflow.__version__)\nif V < Version('2'):\n    GONE", False),
    "as installed": ("if Version(version('mlflow')) < Version('2'):\n    GONE", False),
    "an early return": (
        (
            "def f():\n    if Version(mlflow.__version__) >= Version('2'):\n"
            "        return new()\n    return GONE"
        ),
        False,
    ),
    "too old": (
        "if Version(mlflow.__version__) < Version('0.9'):\n    raise SystemExit('too old')\nGONE",
        True,
    ),
    "too new": (
        "if Version(mlflow.__version__) >= Version('2'):\n    sys.exit('too new')\nGONE",
        False,
    ),
}


@pytest.mark.parametrize("case", RELEASES)
def test_a_comparison_of_versions_is_decided(case: str, tmp_path: Path) -> None:
    """What a script does with some releases alone breaks only if the new one is among them."""
    script, is_told = RELEASES[case]
    text = script.replace("GONE", "mlflow.fluent.gone()")
    found = used(tmp_path, sides(tmp_path, fluent=("def gone(): ...", "")), f"{HEAD}{text}\n")
    assert [change.rule.id for change in found] == (["name-gone"] if is_told else [])


def test_the_lists_have_the_rest(tmp_path: Path) -> None:
    """Each list has its kind of change, and what is inside of something gone is not repeated."""
    old = surface(tmp_path, BEFORE, "1.0")
    after = {
        **{name: text for name, text in BEFORE.items() if "flavor" not in name},
        "fluent.py": """
            from mlflow.utils.annotations import deprecated
            LIMIT = "b"
            def log(key, new, value, step=0, *, extra=1, more=2): ...
            @deprecated
            def gone(): ...
            class Client:
                def __init__(self, uri=None): ...
                def get(self, run_id): ...
                def added(self): ...
        """,
        "cli.py": BEFORE["cli.py"].replace("days", "weeks"),
        "environment_variables.py": 'A = _EnvironmentVariable("MLFLOW_A", int, 8)\n',
    }
    assert lists((old, surface(tmp_path, after, "2.0"))) == {
        "unused-names-gone": ["mlflow.flavor", "mlflow.Client.other", "mlflow.fluent.Lost"],
        "unused-parameters-changed": [
            "mlflow.log(value): its position 2 is now of new",
            "mlflow.log(new): must be given",
        ],
        "unused-defaults-changed": [
            "mlflow.log(step): None -> 0",
            "mlflow.fluent.LIMIT: 'a' -> 'b'",
        ],
        "names-deprecated": ["mlflow.fluent.gone"],
        "commands-changed": ["mlflow gc --days: gone"],
        "variables-changed": ["MLFLOW_A: int, default 7 -> int, default 8"],
        "names-added": ["mlflow.log(more)", "mlflow.Client.added", "mlflow gc --weeks"],
    }


def test_equal_surfaces_have_no_changes(tmp_path: Path) -> None:
    """Two releases that offer the same are the same."""
    both = sides(tmp_path)
    assert unused_changes(*both) == ()
    assert used(tmp_path, both, "import mlflow\nmlflow.log(1)\n") == []
