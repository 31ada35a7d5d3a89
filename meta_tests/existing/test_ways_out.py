"""Ways out of the errors of old models, as MLflow, scikit-learn, NumPy and pandas word them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.existing.judge import Limits, Loaded, judged
from mlflow_conformance.existing.load_script import ROWS
from mlflow_conformance.existing.model_files import TRY
from mlflow_conformance.existing.ways_out import LOAD_ELSEWHERE, way_out_of
from mlflow_conformance.processes.job import Result


@pytest.mark.parametrize(
    ("problem", "way_out"),
    [
        ("MlflowException: Unrecognized serialization format: skops. Please", "cloudpickle'"),
        ("UntrustedTypesFoundException: Untrusted types found in the file", "skops_trusted_types"),
        ("ModuleNotFoundError: No module named 'numpy._core'", "numpy>=2"),
        ("TypeError: code() argument 13 must be str, not int", "another Python"),
        ("TypeError: code expected at most 16 arguments, got 18", "another Python"),
        ("ModuleNotFoundError: No module named 'pandas.core.indexes.numeric'", "another pandas"),
        ("ValueError: unsupported pickle protocol: 5", "newer Python"),
        ("AttributeError: 'SimpleImputer' object has no attribute '_fill_dtype'", "scikit-learn"),
        ("AttributeError: Can't get attribute '_RemainderColsList' on", "another scikit-learn"),
        ("ValueError: node array from the pickle has an incompatible dtype", "scikit-learn"),
        ("ModuleNotFoundError: No module named 'sklearn.ensemble.forest'", "scikit-learn"),
        ("cannot be loaded: No module named '_loss'", "another scikit-learn"),
        ("MlflowException: Failed to enforce schema of data", "--rows FILE"),
    ],
)
def test_a_known_error_has_its_own_way_out(problem: str, way_out: str) -> None:
    """The way out names the package, or what to do."""
    assert way_out in way_out_of(problem)


@pytest.mark.parametrize("problem", ["ValueError: no", "KeyError: 'a'", ""])
def test_any_other_error_has_the_general_one(problem: str) -> None:
    """It is loaded where it was logged."""
    assert way_out_of(problem) == LOAD_ELSEWHERE


@pytest.mark.parametrize("error", ["MemoryError", "ValueError"])
def test_a_way_out_of_a_limit_or_of_rows_says_what_to_do(error: str, tmp_path: Path) -> None:
    """An option alone is no way out: the words say what it is for."""
    ended = Result(id="1", exit_code=0, seconds=1.0, peak_kib=1, timed_out=False)
    loaded = Loaded({ROWS: {"error": error}}, None, ended, is_whole=True)
    (finding,) = judged(loaded, Limits(), tmp_path)
    assert not finding.way_out.startswith("-")
    assert " --" in finding.way_out
    assert finding.way_out.endswith(("give it more memory: --memory MIB", "needs: --rows FILE"))


def test_a_way_out_of_files_names_the_command_that_has_the_option() -> None:
    """The findings on files are told by pytest, too, which has no ``--load``."""
    assert TRY == "mlflow-conformance model --load tells"
