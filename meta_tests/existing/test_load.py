"""Loading existing models: each in a process of its own, which gets nothing of the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from meta_tests.existing.sample_loaders import write_model
from mlflow_conformance.existing.check_models import checked
from mlflow_conformance.existing.findings import Finding
from mlflow_conformance.existing.judge import NOT_LOADED, Limits, was_loaded, without_doubts
from mlflow_conformance.existing.load import Loader
from mlflow_conformance.existing.registry import ExistingModel
from mlflow_conformance.existing.results import ModelResult

MEMORY = 512
VARIABLE = "CONFORMANCE_TEST_VARIABLE"


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    """A loader with limits that tests can reach."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(VARIABLE, "hunter2")
        with Loader(tmp_path_factory.mktemp("loader") / "run", Limits(10, MEMORY)) as started:
            yield started


def loaded(loader: Loader, folder: Path) -> ModelResult:
    """Return the result of examining and loading a model."""
    return loader.load(checked(ExistingModel("it", str(folder)), folder), folder)


def of_loading(result: ModelResult) -> list[Finding]:
    """Return the findings of loading."""
    return [finding for finding in result.findings if finding.check == "load"]


def test_a_model_is_loaded_and_scores_its_example(loader: Loader, tmp_path: Path) -> None:
    """What was scored is among the facts."""
    result = loaded(loader, write_model(tmp_path / "fine"))
    assert of_loading(result) == []
    assert result.verdict == "sound"
    assert result.facts["load"]["score"]["source"] == "its input example"
    assert result.facts["load"]["score"]["predicted"] == 3
    assert result.facts["load"]["predictions"]["column"]["values"] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("name", "load", "level", "what"),
    [
        (
            "network",
            "import socket; socket.create_connection(('::1', 9))",
            "doubtful",
            "asks",
        ),
        ("name-server", "import socket; socket.getaddrinfo('example.org', 80)", "doubtful", "asks"),
        ("module", "import no_such_module_anywhere.of_it", "lacking", "'no_such_module_anywhere'"),
        ("error", "raise ValueError('it is broken')", "damaged", "ValueError: it is broken"),
        ("leaves", "raise SystemExit(7)", "damaged", "SystemExit: 7"),
        ("memory", f"bytearray({2 * MEMORY} * 2**20)", "damaged", "needs more memory"),
        ("ends", "import os; os._exit(3)", "damaged", "ended with exit code 3"),
        ("killed", "import os; os.kill(os.getpid(), 9)", "damaged", "ended with exit code -9"),
        ("ends-well", "import os; os._exit(0)", "damaged", "without a result"),
        ("endless", "while True: pass", "damaged", "not loaded and scored within 10 s"),
    ],
)
def test_what_happens_while_a_model_is_loaded_is_found(
    name: str, load: str, level: str, what: str, loader: Loader, tmp_path: Path
) -> None:
    """One finding says what happened, with a way out; the next model is not concerned."""
    (finding,) = of_loading(loaded(loader, write_model(tmp_path / name, load=load)))
    assert finding.level == level
    assert what in finding.what
    assert finding.way_out
    assert of_loading(loaded(loader, write_model(tmp_path / f"{name}-next"))) == []


@pytest.mark.parametrize(
    ("name", "predict", "level", "what"),
    [
        ("ends", "import os; os._exit(0)", "damaged", "without an error, and without a result"),
        ("raises", "raise KeyError('b')", "damaged", "cannot score its input example: KeyError"),
        ("fewer", "return rows['a'].to_numpy()[:2]", "doubtful", "2 predictions for 3 rows"),
        ("warns", "import warnings; warnings.warn('old'); return rows", "note", "UserWarning: old"),
    ],
)
def test_what_happens_while_it_scores_is_found(
    name: str, predict: str, level: str, what: str, loader: Loader, tmp_path: Path
) -> None:
    """An error, a wrong number of predictions, and a warning are told apart."""
    (finding,) = of_loading(loaded(loader, write_model(tmp_path / name, predict=predict)))
    assert (finding.level, what in finding.what) == (level, True), finding


def test_a_model_of_another_flavor_is_not_said_to_be_loaded(loader: Loader, tmp_path: Path) -> None:
    """Without python_function and sklearn, nothing is loaded, and that is told."""
    folder = write_model(tmp_path / "foreign")
    text = (folder / "MLmodel").read_text(encoding="utf-8")
    (folder / "MLmodel").write_text(text.replace("python_function:", "xgboost:"), encoding="utf-8")
    result = loaded(loader, folder)
    (finding,) = of_loading(result)
    assert finding.what == NOT_LOADED
    assert not was_loaded(result)


def test_a_model_gets_nothing_of_the_caller_s(loader: Loader, tmp_path: Path) -> None:
    """It has an empty home, none of the caller's variables, and a copy of its folder."""
    folder = write_model(
        tmp_path / "curious",
        load="""
            import os, pathlib
            (pathlib.Path(__file__).parent.parent / "left.txt").write_text("x")
            whole = pathlib.Path("/proc/self/environ").read_bytes().decode()
            found = [n for n in (*os.environ, whole) if "CONFORMANCE_TEST" in n]
            home = os.listdir(os.path.expanduser("~"))
            if found or home:
                raise ValueError(f"{found} {home}")
        """,
    )
    before = sorted(path.name for path in folder.iterdir())
    assert of_loading(loaded(loader, folder)) == []
    assert sorted(path.name for path in folder.iterdir()) == before


def test_predictions_that_are_no_numbers_are_read(loader: Loader, tmp_path: Path) -> None:
    """NaN and infinity are predictions, too."""
    predict = "import numpy; return numpy.array([numpy.nan, numpy.inf, 1.0])"
    result = loaded(loader, write_model(tmp_path / "nan", predict=predict))
    assert of_loading(result) == []
    assert result.facts["load"]["score"]["predicted"] == 3


def test_what_is_unsafe_is_not_loaded(loader: Loader, tmp_path: Path) -> None:
    """A model with a pickle that would run a command is examined only."""
    folder = write_model(tmp_path / "evil", load=f"open({str(tmp_path / 'canary')!r}, 'w')")
    (folder / "model.pkl").write_bytes(b"cposix\nsystem\n(Vtrue\ntR.")
    result = loaded(loader, folder)
    assert result.verdict == "unsafe"
    assert "load" not in result.facts
    assert not (tmp_path / "canary").exists()


def test_rows_are_made_where_there_is_no_example(loader: Loader, tmp_path: Path) -> None:
    """Rows of the signature's types are scored; that they are refused proves nothing."""
    folder = write_model(tmp_path / "made", predict="raise ValueError('unknown city')")
    (folder / "input_example.json").unlink()
    text = (folder / "MLmodel").read_text(encoding="utf-8")
    head, _, tail = text.partition("saved_input_example_info:")
    (folder / "MLmodel").write_text(head + tail[tail.index("signature:") :], encoding="utf-8")
    (finding,) = of_loading(loaded(loader, folder))
    assert finding.level == "doubtful"
    assert finding.what == "cannot score rows made from its signature: ValueError: unknown city"
    assert "--rows" in finding.way_out


def test_rows_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of a file are scored, in the signature's types; its path is relative to the user's.

    A model is loaded in a folder of its own, where there is no such file.
    """
    (tmp_path / "rows.csv").write_text("a\n7\n8\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with Loader(tmp_path / "run", Limits(30), Path("rows.csv")) as started:
        result = loaded(started, write_model(tmp_path / "model"))
    assert result.facts["load"]["score"]["source"] == "the file"
    assert result.facts["load"]["predictions"]["column"]["values"] == [7.0, 8.0]


def test_rows_may_have_more_columns_and_not_fewer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A label beside the features is left out; that a column is lacking is no fault of a model."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "more.csv").write_text("label,a\n0,7\n1,8\n", encoding="utf-8")
    (tmp_path / "fewer.csv").write_text("label,b\n0,7\n1,8\n", encoding="utf-8")
    model = write_model(tmp_path / "model")
    with Loader(tmp_path / "run", Limits(30), Path("more.csv")) as started:
        result = loaded(started, model)
    assert result.facts["load"]["predictions"]["column"]["values"] == [7.0, 8.0]
    with Loader(tmp_path / "again", Limits(30), Path("fewer.csv")) as started:
        (finding,) = of_loading(loaded(started, model))
    assert finding.level == "doubtful"
    assert finding.what == "was not scored: 'fewer.csv' lacks the column 'a'"
    assert finding.way_out == "name rows that have what it needs: --rows FILE"


def test_loading_answers_doubts_about_versions() -> None:
    """Other versions are a note, and a missing package a doubt, once a model was loaded."""
    found = without_doubts(
        [
            Finding("environment", "doubtful", "asks for other versions: a==1 (here 2)"),
            Finding("environment", "lacking", "needs 'b', which is not installed"),
            Finding("signature", "doubtful", "the type 'x' is none of MLflow's"),
            Finding("MLmodel", "damaged", "cannot be read"),
        ]
    )
    assert [finding.level for finding in found] == ["note", "doubtful", "doubtful", "damaged"]
