"""Tests that the uses of MLflow in scripts are found, and nothing that only looks like one."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from mlflow_conformance.upgrade.surface.uses import Call, Uses, read_uses


def uses(folder: Path, source: str, **others: str) -> Uses:
    """Return the uses in a script, beside other modules."""
    for name, text in {"train": source, **others}.items():
        (folder / f"{name}.py").write_text(dedent(text), encoding="utf-8")
    return read_uses([folder / "train.py"], folder)


def names(found: Uses) -> set[str]:
    """Return the names that are used."""
    return {use.name for use in found.names}


def possible(found: Uses) -> set[str]:
    """Return the names that may be used."""
    return set() if found.possible is None else names(found.possible)


def test_names_and_calls_are_found(tmp_path: Path) -> None:
    """Imports, chains of attributes and calls with their arguments are found, with the line."""
    found = uses(
        tmp_path,
        """
        import mlflow, mlflow.sklearn as flavor
        from mlflow.models import infer_signature as infer
        flavor.log_model(model, "m", signature=infer(x, y))
        mlflow.start_run(*args, **more)
        print(mlflow.entities.RunStatus.FINISHED)
        """,
    )
    by_name = {use.name: use for use in found.names if use.call}
    assert by_name["mlflow.sklearn.log_model"].call == Call(2, ("signature",), True)
    assert by_name["mlflow.sklearn.log_model"].place == "train.py:4"
    assert by_name["mlflow.models.infer_signature"].call == Call(2, (), True)
    assert by_name["mlflow.start_run"].call == Call(1, (), False)
    assert {"mlflow.sklearn", "mlflow.entities.RunStatus.FINISHED"} <= names(found)


def test_methods_of_instances_are_found(tmp_path: Path) -> None:
    """What is called on a new instance, or on a variable that holds only that, is a use."""
    found = uses(
        tmp_path,
        """
        import mlflow
        client = mlflow.MlflowClient()
        client.search_runs([], max_results=3)
        mlflow.MlflowClient().get_run(1)
        """,
    )
    called = {use.name: use.call for use in found.names if use.call}
    assert called["mlflow.MlflowClient().search_runs"] == Call(1, ("max_results",), True)
    assert called["mlflow.MlflowClient().get_run"] == Call(1, (), True)


@pytest.mark.parametrize(
    "source",
    [
        "import other as mlflow\nmlflow.log_model()",
        "class mlflow: ...\nmlflow.log_model()",
        "from .mlflow import log_model\nlog_model()",
        "from mlflow_other import log_model\nlog_model()",
        "print('mlflow.log_model()')",
    ],
)
def test_what_only_looks_like_a_use_is_none(source: str, tmp_path: Path) -> None:
    """Other things of that name are no uses, not even possible ones."""
    found = uses(tmp_path, source)
    assert not {name for name in {*names(found), *possible(found)} if "log_model" in name}


# The conditions and handlers are about something else, or the script fails all the same.
CERTAIN = {
    "a version of a model": "if model_version is not None:\n    mlflow.old()",
    "a version from MLflow": """
        model_version = mlflow.register_model(tags={"by": mlflow.__version__})
        if model_version.version:
            mlflow.old()
    """,
    "a table's columns": "if hasattr(df, 'columns'):\n    mlflow.old()",
    "another name": "if hasattr(mlflow, 'other'):\n    mlflow.old()",
    "Python's version": "import sys\nif sys.version_info >= (3, 8):\n    mlflow.old()",
    "another package's version": "if Version(numpy.__version__) >= '2':\n    mlflow.old()",
    "errors of values": "try:\n    mlflow.old()\nexcept (ValueError, KeyError):\n    pass",
    "wrong arguments": "try:\n    mlflow.old()\nexcept TypeError:\n    pass",
    "an exit": """
        try:
            mlflow.old()
        except (ValueError, TypeError) as e:
            raise SystemExit(e)
    """,
    "raised again": "try:\n    mlflow.old()\nexcept AttributeError:\n    print()\n    raise",
    "raised in both cases": """
        try:
            mlflow.old()
        except Exception as e:
            if debug:
                raise
            else:
                sys.exit(1)
    """,
    "the first handler raises": """
        try:
            mlflow.old()
        except AttributeError:
            raise
        except Exception:
            pass
    """,
    "an import of itself": "try:\n    import mlflow\n    mlflow.old()\nexcept ImportError: ...",
    "a handler of something else": "try:\n    read()\nexcept Exception:\n    mlflow.old()",
    "the way back of another call": "try:\n    f()\nfinally:\n    mlflow.old()",
    "suppressed errors of files": """
        with contextlib.suppress(FileNotFoundError):
            mlflow.old()
    """,
    "a function that is only defined": """
        try:
            def f():
                mlflow.old()
        except AttributeError:
            f = None
    """,
    "MLflow itself is there": "if find_spec('mlflow'):\n    mlflow.old()",
    "an import that may fail": """
        try:
            import mlflow
        except ImportError:
            mlflow = None
        mlflow.old()
    """,
    "not for type checkers": "if not TYPE_CHECKING:\n    mlflow.old()",
    "an early return": "def f():\n    if done:\n        return\n    mlflow.old()",
    "another name of it is guarded": """
        if mlflow.__version__ < "3":
            f = mlflow.old
        mlflow.old()
    """,
    "its import elsewhere is guarded": """
        try:
            from mlflow import old
        except ImportError:
            old = None
        mlflow.old()
    """,
    "another name of the module": "ml = mlflow\nml.old()",
    "an annotated name": "ml: Any = mlflow\nml.old()",
    "a name in a condition": "if ml := mlflow:\n    ml.old()",
    "several names": "a, b = 1, mlflow\nb.old()",
    "several targets": "a = b = mlflow\na.old()",
    "a name declared first": "ml: Any\nml = None\nml = mlflow\nml.old()",
    "a name of a function": "from mlflow import *\nold()",
}


def test_every_certain_use_is_found_without_a_guard(tmp_path: Path) -> None:
    """A use with nothing around it is certain, and no other kind of use."""
    found = uses(tmp_path, "import mlflow\nmlflow.old()\n")
    assert names(found) == {"mlflow", "mlflow.old"}
    assert found.possible is None


@pytest.mark.parametrize("case", CERTAIN)
def test_a_use_is_certain_unless_the_guard_is_about_mlflow(case: str, tmp_path: Path) -> None:
    """Conditions and handlers that are about something else guard nothing; names are followed."""
    found = uses(tmp_path, f"import mlflow\n{dedent(CERTAIN[case])}")
    assert "mlflow.old" in names(found), f"not found in the script of {case!r}"


# The script is prepared for a release without the name, or it may mean something else.
POSSIBLE = {
    "the handler of an import": """
        try:
            from mlflow.newplace import X
        except ImportError:
            from mlflow import old
    """,
    "any error in an import": "try:\n    from mlflow import old\nexcept Exception:\n    old = None",
    "a bare handler": "try:\n    from mlflow import old\nexcept:\n    old = None",
    "listed errors": """
        ERRORS = (ImportError, AttributeError)
        try:
            mlflow.old()
        except ERRORS:
            pass
    """,
    "a suppressed import": "with contextlib.suppress(ImportError):\n    from mlflow import old",
    "a suppressed attribute": "with suppress(AttributeError):\n    mlflow.old()",
    "an attribute": "try:\n    mlflow.old()\nexcept AttributeError: ...",
    "raised in one case": """
        try:
            mlflow.old()
        except AttributeError:
            if debug:
                raise
    """,
    "the handler of a call": "try:\n    mlflow.new(a=1)\nexcept TypeError:\n    mlflow.old()",
    "the else of an import": """
        try:
            import mlflow.fastai
        except ImportError:
            pass
        else:
            mlflow.old()
    """,
    "after a return": """
        def f():
            try:
                return mlflow.new()
            except AttributeError:
                pass
            return mlflow.old()
    """,
    "its own name": "if hasattr(mlflow, 'old'):\n    mlflow.old()",
    "the other branch": "if hasattr(mlflow, 'new'):\n    mlflow.new()\nelse:\n    mlflow.old()",
    "without the new name": "if not hasattr(mlflow, 'new'):\n    mlflow.old()",
    "an attribute or nothing": "if getattr(mlflow, 'old', None):\n    mlflow.old()",
    "in an expression": "mlflow.old if hasattr(mlflow, 'old') else None",
    "an operand": "hasattr(mlflow, 'old') and mlflow.old()",
    "the version as text": "if mlflow.__version__ < '3':\n    mlflow.old()",
    "a part of the version": "if int(mlflow.__version__.split('.')[0]) < 3:\n    mlflow.old()",
    "a name of the version": "V = Version(mlflow.__version__)\nif V.major < 3:\n    mlflow.old()",
    "a name of the answer": "OLD = mlflow.__version__ < '3'\nif OLD:\n    mlflow.old()",
    "the imported version": """
        from mlflow import __version__ as release
        if not release.startswith("3."):
            mlflow.old()
    """,
    "the installed version": """
        if importlib.metadata.version("mlflow").startswith("2."):
            mlflow.old()
    """,
    "a function of the version": """
        def is_new():
            return Version(mlflow.__version__) >= Version("3")
        if not is_new():
            mlflow.old()
    """,
    "an early exit": """
        if mlflow.__version__ >= "3":
            print("too new")
            sys.exit(1)
        mlflow.old()
    """,
    "an early end of a turn": """
        for x in y:
            if hasattr(mlflow, "new"):
                continue
            mlflow.old()
    """,
    "parameters": """
        if "name" in inspect.signature(mlflow.log).parameters:
            mlflow.old()
    """,
    "a flag of an import": """
        try:
            from mlflow import old
            HAS = True
        except ImportError:
            HAS = False
        if HAS and mlflow.__version__ != "1":
            old()
    """,
    "a module that may not be there": """
        if mlflow.__version__ < "3":
            import mlflow.old
        def f():
            mlflow.old.g()
            mlflow.old
    """,
    "type checkers": "if TYPE_CHECKING:\n    from mlflow import old",
    "an argument": "def f(mlflow):\n    mlflow.old()",
    "bound twice": "mlflow = fake()\nmlflow.old()",
    "one of two": "ml = mlflow if x else other\nml.old()",
    "two stars": "from mlflow import *\nfrom other import *\nold()",
    "an attribute of self": "self.m = mlflow\nself.m.old()",
    "an annotation": "from __future__ import annotations\ndef f(a: mlflow.old): ...",
}


@pytest.mark.parametrize("case", POSSIBLE)
def test_a_guarded_use_is_possible_and_not_certain(case: str, tmp_path: Path) -> None:
    """What a script is prepared for, and what may be something else, is told apart."""
    source = dedent(POSSIBLE[case])
    future, rest = ("", source) if "__future__" not in source else source.split("\n", 1)
    found = uses(tmp_path, f"{future}\nimport mlflow\n{rest}")
    assert "mlflow.old" not in names(found), f"certain in the script of {case!r}"
    assert "mlflow.old" in possible(found), f"not found in the script of {case!r}"


@pytest.mark.parametrize(
    "condition",
    [
        "if find_spec('fastai'):",
        "if importlib.util.find_spec('fastai') is not None:",
        "if find_spec('mlflow.fastai'):",
        "HAS = find_spec('fastai') is not None\nif HAS:",
    ],
)
def test_a_flavor_is_guarded_by_its_package(condition: str, tmp_path: Path) -> None:
    """Whether a package is installed says something about its flavor alone."""
    body = "    mlflow.fastai.log_model()\n    mlflow.old()\n"
    found = uses(tmp_path, f"import mlflow\n{condition}\n{body}")
    assert "mlflow.fastai.log_model" in possible(found)
    assert "mlflow.fastai.log_model" not in names(found)
    assert "mlflow.old" in names(found)


def test_what_was_imported_in_an_attempt_needs_its_name(tmp_path: Path) -> None:
    """A use of it elsewhere is not reached without the name, but breaks if a member is gone."""
    found = uses(
        tmp_path,
        """
        try:
            from mlflow.fastai import Learner
        except ImportError:
            Learner = None
        if Learner:
            Learner().gone()
        """,
    )
    use = next(use for use in found.names if "gone" in use.name)
    assert use.needs == {"mlflow.fastai.Learner"}
    assert possible(found) == {"mlflow.fastai.Learner"}


def test_arguments_are_expected_apart_from_the_name(tmp_path: Path) -> None:
    """A handler of TypeError is prepared for other parameters, not for a name that is gone."""
    found = uses(tmp_path, "import mlflow\ntry:\n    mlflow.a(b=1)\nexcept TypeError: ...\n")
    assert [use.call for use in found.names if use.name == "mlflow.a"] == [None]
    assert found.possible is not None
    assert [use.call for use in found.possible.names] == [Call(0, ("b",), True)]


def test_a_star_imports_what_nothing_else_binds(tmp_path: Path) -> None:
    """Own names and those of Python are not MLflow's, whatever a star imports."""
    found = uses(tmp_path, "from mlflow import *\nx = 1\ndef f(y): print(x, y, start_run())\n")
    assert names(found) == {"mlflow.start_run"}
    assert found.possible is None


def test_an_annotated_instance_is_followed(tmp_path: Path) -> None:
    """An annotation does not hide what is assigned; alone it is a possible meaning."""
    found = uses(
        tmp_path,
        """
        from mlflow import MlflowClient
        c: MlflowClient = MlflowClient()
        c.one()
        def f(d: MlflowClient):
            d.two()
        """,
    )
    assert "mlflow.MlflowClient().one" in names(found)
    assert "mlflow.MlflowClient().two" in possible(found) - names(found)


def test_a_variable_that_may_be_something_else_is_not_known(tmp_path: Path) -> None:
    """What is bound twice, or in a loop, is not followed."""
    found = uses(
        tmp_path,
        """
        import mlflow
        one = mlflow.MlflowClient()
        one = other()
        for two in [mlflow.MlflowClient()]:
            two.get_run()
        one.get_run()
        """,
    )
    assert not {name for name in names(found) if "get_run" in name}


def test_own_modules_are_read(tmp_path: Path) -> None:
    """The modules beside a script that it imports are read, and those that they import."""
    found = uses(
        tmp_path,
        "import steps\n",
        steps="from deeper import x\nimport mlflow\nmlflow.a()\n",
        deeper="import mlflow\nmlflow.b()\n",
        stranger="import mlflow\nmlflow.c()\n",
    )
    assert {use.place for use in found.names if use.call} == {"steps.py:3", "deeper.py:2"}


def test_variables_and_command_lines_are_found(tmp_path: Path) -> None:
    """The names of variables and the words of command lines are found."""
    found = uses(
        tmp_path,
        """
        import os, subprocess
        os.environ["MLFLOW_X"] = "1"
        subprocess.run(["mlflow", "gc", "--days", days])
        """,
    )
    assert found.texts == (("MLFLOW_X", "train.py:3"),)
    assert found.command_lines == (("mlflow gc --days", "train.py:4"),)


VARIABLES = {
    "set": "os.environ['MLFLOW_X'] = '1'",
    "read": "os.environ.get('MLFLOW_X')",
    "read by a function": "getenv('MLFLOW_X')",
    "set by default": "environ.setdefault('MLFLOW_X', '1')",
    "asked for": "if 'MLFLOW_X' in os.environ: ...",
    "updated": "os.environ.update({'MLFLOW_X': '1'})",
    "updated by keyword": "os.environ.update(MLFLOW_X='1')",
    "added": "os.environ |= {'MLFLOW_X': '1'}",
    "a constant": "KEY = 'MLFLOW_X'\nos.environ[KEY] = '1'",
    "passed": "run(x, env={**os.environ, 'MLFLOW_X': '1'})",
    "passed by name": "more = {'MLFLOW_X': '1'}\nrun(x, env=more)",
    "a copy": "mine = os.environ.copy()\nmine['MLFLOW_X'] = '1'",
    "a copy of a copy": "e = dict(os.environ)\ne = {**e, 'MLFLOW_X': '1'}\nrun(x, env=e)",
    "a copy with more": "e = dict(os.environ, MLFLOW_X='1')",
    "of a test": "monkeypatch.setenv('MLFLOW_X', '1')",
}


@pytest.mark.parametrize("case", VARIABLES)
def test_a_variable_is_used_as_a_key_of_an_environment(case: str, tmp_path: Path) -> None:
    """Keys of the environment and of what is passed as one are names of variables."""
    found = uses(tmp_path, VARIABLES[case])
    assert [text for text, _ in found.texts] == ["MLFLOW_X"], f"in the script of {case!r}"


@pytest.mark.parametrize("source", ["x = 'MLFLOW_X'", "f('MLFLOW_X')", "d = {'MLFLOW_X': 1}"])
def test_another_text_may_be_a_variable(source: str, tmp_path: Path) -> None:
    """A text that has the form of a variable is possible: something else may set it."""
    found = uses(tmp_path, source)
    assert found.texts == ()
    assert found.possible is not None
    assert found.possible.texts == (("MLFLOW_X", "train.py:1"),)


@pytest.mark.parametrize(
    "source",
    ["'MLFLOW_X'", "def f():\n    'MLFLOW_X'", "x = 'MLFLOW_X is gone'", "x = f'{y}MLFLOW_X: '"],
)
def test_docstrings_and_sentences_are_no_variables(source: str, tmp_path: Path) -> None:
    """What describes a variable does not use it."""
    assert uses(tmp_path, source) == Uses()


def test_a_variable_for_some_releases_is_possible(tmp_path: Path) -> None:
    """A condition on the version also guards variables and commands."""
    body = "    os.environ['MLFLOW_X'] = '1'\n    run(['mlflow', 'gc'])\n"
    found = uses(tmp_path, f"import mlflow\nif mlflow.__version__ < '3':\n{body}")
    assert (found.texts, found.command_lines) == ((), ())
    assert found.possible is not None
    assert found.possible.texts == (("MLFLOW_X", "train.py:3"),)
    assert found.possible.command_lines == (("mlflow gc", "train.py:4"),)


def test_a_script_that_is_no_python_has_no_uses(tmp_path: Path) -> None:
    """Neither a syntax error nor a missing file ends the comparison."""
    assert uses(tmp_path, "import (") == Uses()
    assert read_uses([tmp_path / "gone.py"], tmp_path) == Uses()


def test_a_long_expression_does_not_end_the_comparison(tmp_path: Path) -> None:
    """An expression that is deeper than Python's stack is read, or the script is left out."""
    text = " + ".join(["'a'"] * 3000)
    assert uses(tmp_path, f"try:\n    x = {text}\nexcept ImportError: ...\nx['MLFLOW_X']\n")
