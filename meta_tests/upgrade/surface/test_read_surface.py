"""Tests that a surface has what a package offers, read without importing it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meta_tests.upgrade.surface.sample_packages import surface, write_package
from mlflow_conformance.upgrade.surface.parameters import first_moved, read_parameters
from mlflow_conformance.upgrade.surface.read_surface import (
    SurfaceNotRead,
    installed_surface,
    read_surface,
)
from mlflow_conformance.upgrade.surface.surface import MISSING, UNKNOWN, Found

FLAVOR = """
    from enum import Enum
    import dataclasses
    from mlflow.models import Model
    from mlflow.utils.annotations import deprecated, keyword_only
    import pandas

    LIMIT = 5
    __internal = 1

    def log_model(model, artifact_path=None, limit=LIMIT, *, name="x", **kwargs):
        def inner(): ...

    @deprecated(since="1.0")
    def old(a): ...

    def warns():
        warnings.warn("no", FutureWarning, stacklevel=2)

    @keyword_only
    def named(a, b=2): ...

    def _hidden(): ...

    class Kind(Enum):
        ONE = "one"
        TWO = (2, object())

    @dataclasses.dataclass
    class Info:
        uri: str
        size: int = 3
        tags: dict = dataclasses.field(default_factory=dict)

    class Child(Model):
        def __init__(self, a, /, b, *args):
            self.public, self._private = a, b
            self.shown = b
        @property
        def state(self): ...
        @state.setter
        def state(self, value): ...
        @classmethod
        def load(cls, path): ...
        @staticmethod
        def check(path): ...
"""
MODELS = {
    "models/__init__.py": """
        from mlflow.models.model import Model
        from mlflow.models._private import secret
        from numpy import array
        try:
            from mlflow.models.extra import absent
        except ImportError:
            absent = None
        __all__ = ["Model", "secret"]
    """,
    "models/model.py": "class Model:\n    def save(self, path): ...\n",
    "models/_private.py": "def secret(a, b=1): ...\ndef other(): ...\n",
    "models/extra.py": "def absent(): ...\n",
    "models/wrapper.py": """
        from functools import wraps
        from mlflow.models._private import secret
        @wraps(secret)
        def wrapped(*args, **kwargs): ...
    """,
}


def text(names: dict[str, str], name: str) -> str | None:
    """Return the text of a name in the sample flavor."""
    return names.get(f"mlflow.flavor.{name}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("log_model", "(model, artifact_path=None, limit=5, *, name='x', **kwargs)"),
        ("old", "@deprecated (a)"),
        ("warns", "@deprecated ()"),
        ("named", "(*, a, b=2)"),
        ("_hidden", None),
        ("log_model.inner", None),
        ("LIMIT", "= 5"),
        ("Kind", "class enum.Enum"),
        ("Kind.ONE", "= 'one'"),
        ("Kind.TWO", "= (2, object())"),
        ("Info.__init__", "(uri, size=3, tags=...)"),
        ("Child", "class mlflow.models.Model"),
        ("Child.__init__", "(a, /, b, *args)"),
        ("Child.shown", "value"),
        ("Child._private", None),
        ("Child.state", "property"),
        ("Child.load", "(path)"),
        ("Child.check", "(path)"),
        ("Model", "~> mlflow.models.Model"),
        ("Enum", None),
    ],
)
def test_a_name_has_its_text(name: str, expected: str | None, tmp_path: Path) -> None:
    """Functions have their parameters, classes their members, constants their values."""
    names = dict(surface(tmp_path, {"flavor.py": FLAVOR, **MODELS}).names)
    assert text(names, name) == (expected or None) or (
        name == "Kind" and text(names, name) in ("class Enum", "class enum.Enum")
    )


def test_names_are_looked_up_where_they_are_defined(tmp_path: Path) -> None:
    """Other names, private modules, bases and fallbacks lead to the definition."""
    found = surface(tmp_path, {"flavor.py": FLAVOR, **MODELS})
    assert found.look_up("mlflow.models.Model.save") == Found(
        "mlflow.models.model.Model.save", "(path)"
    )
    assert found.look_up("mlflow.flavor.Child.save") == found.look_up("mlflow.models.Model.save")
    assert found.look_up("mlflow.models.secret") == Found(
        "mlflow.models._private.secret", "(a, b=1)"
    )
    assert found.look_up("mlflow.models.absent") == Found("mlflow.models.extra.absent", "()")
    assert found.look_up("mlflow.models.wrapper.wrapped") == found.look_up("mlflow.models.secret")
    assert found.look_up("mlflow.flavor.Child.nothing") == MISSING
    assert found.look_up("mlflow.nothing.at_all") == MISSING


def test_what_is_not_read_is_unknown(tmp_path: Path) -> None:
    """What may be there, in another package or a module that is left out, is not missing."""
    found = surface(
        tmp_path,
        {
            "__init__.py": "from mlflow.utils.lazy_load import LazyLoader\n"
            "lazy = LazyLoader('mlflow.lazy', globals(), 'mlflow.flavor')\n"
            "other = LazyLoader('mlflow.other', globals(), 'mlflow_other')\n",
            "flavor.py": FLAVOR,
            "open.py": "def __getattr__(name): ...\n",
            "foreign.py": "import pydantic\nclass X(pydantic.BaseModel): ...\n",
            "broken.py": "def (:\n",
            "genai/__init__.py": "def f(): ...\n",
            **MODELS,
        },
    )
    assert isinstance(found.look_up("mlflow.lazy.log_model"), Found)
    for name in (
        *("mlflow.open.x", "mlflow.foreign.X.x", "mlflow.broken.x", "mlflow.genai.f"),
        *("mlflow.other.x", "mlflow.models.array.x", "numpy.array", "mlflow.models._private.x"),
    ):
        assert found.look_up(name) == UNKNOWN, name
    assert found.look_up("mlflow.foreign.x") == MISSING


def test_imported_names_are_not_meant_to_be_used(tmp_path: Path) -> None:
    """A module's own imports can be looked up, but are no public names of it."""
    found = surface(tmp_path, {"flavor.py": FLAVOR, **MODELS})
    public = set(found.public)
    assert {"mlflow.flavor.log_model", "mlflow.models.Model", "mlflow.models.secret"} <= public
    assert "mlflow.flavor.Model" not in public
    assert "mlflow.models._private.secret" not in public


def test_everything_of_a_module_can_be_imported(tmp_path: Path) -> None:
    """What ``import *`` brings is there under both names."""
    found = surface(
        tmp_path,
        {"all.py": "from mlflow.flavor import *\n", "flavor.py": "def f(): ...\n_g = 1\n"},
    )
    assert found.look_up("mlflow.all.f") == Found("mlflow.flavor.f", "()")
    assert found.look_up("mlflow.all._g") == MISSING


def test_environment_variables_are_read(tmp_path: Path) -> None:
    """Each public variable has its type and default."""
    source = """
        class _EnvironmentVariable: ...
        A = _EnvironmentVariable("MLFLOW_A", int, 7)
        B = _BooleanEnvironmentVariable("MLFLOW_B", False)
        C = _EnvironmentVariable("MLFLOW_C", str, default=None)
        _D = _EnvironmentVariable("_MLFLOW_D", str, None)
    """
    assert surface(tmp_path, {"environment_variables.py": source}).variables == {
        "MLFLOW_A": "int, default 7",
        "MLFLOW_B": "boolean, default False",
        "MLFLOW_C": "str, default None",
    }


def test_commands_are_read(tmp_path: Path) -> None:
    """Commands, groups, their own options and shared ones are read from the decorators."""
    main = """
        import click
        @click.group()
        @click.version_option(version="1")
        def cli(): ...

        @cli.command("gc")
        @click.option("--days", "-d", default=3, required=True, help="no")
        @cli_args.PORT
        @click.argument("uri")
        def collect(days): ...
    """
    models = """
        import click
        @click.group("models")
        def commands(): ...
        @commands.command()
        @click.option("--serve/--no-serve", is_flag=True)
        def build_docker(serve): ...
        def helper(): ...
    """
    shared = 'import click\nPORT = click.option("--port", envvar="MLFLOW_PORT")\n'
    files = {"cli.py": main, "models/cli.py": models, "utils/cli_args.py": shared}
    assert surface(tmp_path, files).commands == {
        "mlflow": "group",
        "mlflow gc": "command",
        "mlflow gc --days": "option; default 3; required True",
        "mlflow gc -d": "option; default 3; required True",
        "mlflow gc --port": "option; envvar 'MLFLOW_PORT'",
        "mlflow gc URI": "argument",
        "mlflow models": "group",
        "mlflow models build-docker": "command",
        "mlflow models build-docker --serve": "option; is_flag True",
        "mlflow models build-docker --no-serve": "option; is_flag True",
    }


def test_requirements_are_read(tmp_path: Path) -> None:
    """Python, packages, extras and markers are there; the other halves of MLflow are the same."""
    assert surface(tmp_path, {}).requirements == {
        "Python": ">=3.9",
        "pandas": "<3,>=1",
        "mlflow-skinny": "==<the same release>",
        "boto3 [extras]": ">1",
        "waitress": '<4 if platform_system == "Windows"',
    }


def test_nothing_is_imported(tmp_path: Path) -> None:
    """A package that cannot be imported is read all the same."""
    found = surface(tmp_path, {"flavor.py": "raise SystemExit(3)\ndef f(): ...\n"})
    assert "mlflow.flavor.f" in found.names


def test_two_readings_are_equal(tmp_path: Path) -> None:
    """The same files give the same surface, in the same order."""
    folder = write_package(tmp_path, {"flavor.py": FLAVOR, **MODELS})
    one, other = (read_surface(folder, "1.0") for _ in range(2))
    assert one == other
    assert list(one.names) == list(other.names)


def test_the_installed_mlflow_is_found() -> None:
    """The MLflow of an environment is read by its Python."""
    found = installed_surface(Path(sys.executable), "here").look_up("mlflow.sklearn.log_model")
    assert isinstance(found, Found)
    assert found.is_function


def test_an_environment_without_mlflow_is_told(tmp_path: Path) -> None:
    """If there is no such Python, one line says so."""
    with pytest.raises(SurfaceNotRead, match=r"MLflow 9\.9 is not found"):
        installed_surface(tmp_path / "python", "9.9")


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ("(a, b)", "(a, x, b)", 1),
        ("(a, b)", "(b)", 0),
        ("(a, b)", "(a)", 1),
        ("(a, b)", "(a, *, b)", 1),
        ("(a, b)", "(a, *b)", None),
        ("(a, b)", "(a, b, x=1)", None),
        ("(a, b)", "(a, renamed)", None),
        ("(a, *, b)", "(a, *, x, b)", None),
    ],
)
def test_the_first_moved_position_is_found(old: str, new: str, moved: int | None) -> None:
    """A position has moved if its argument goes to another parameter, not if that is renamed."""
    assert first_moved(read_parameters(old), read_parameters(new)) == moved
