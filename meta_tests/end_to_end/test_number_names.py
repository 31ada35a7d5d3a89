"""Models whose columns are named by numbers, as those of a DataFrame without a header."""

from __future__ import annotations

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, mode, run, write_catalogue
from meta_tests.end_to_end.test_own_scripts import SCRIPT

NAMED = """\
model = LogisticRegression().fit(features, labels)
frame = pd.DataFrame(features, columns={names})
signature = infer_signature(frame, model.predict(features))
mlflow.sklearn.log_model(model, "model", signature=signature, pip_requirements=PINS)
"""
NAMES = {"ordered": [0, 1], "others": [7, 3], "lost": [1, 0]}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run of the promises about signatures and inputs."""
    folder = tmp_path_factory.mktemp("numbers")
    schemas = {
        name: {"columns": [{"name": number, "type": "double"} for number in names]}
        for name, names in NAMES.items()
    }
    modes = [
        mode(
            name,
            f"{name}.py",
            requirements="stated",
            signature={"origin": "defined", "inputs": name, "outputs": "labels"},
        )
        for name in NAMES
    ]
    scripts = {f"{name}.py": SCRIPT + NAMED.format(names=NAMES[name]) for name in NAMES}
    catalogue = write_catalogue(folder, modes, scripts, schemas=schemas)
    modules = ["signature", "data_contract", "serving", "round_trip"]
    return run(folder, "--catalogue", str(catalogue), "-m", "local", modules=modules)


@pytest.mark.parametrize("name", ["ordered", "others"])
def test_numbers_are_names(name: str, own: SuiteRun) -> None:
    """Every promise about inputs holds for columns that MLflow finds."""
    assert " failed" not in own.counts(f"{name}-sqlite"), own.output


def test_a_lost_column_is_told(own: SuiteRun) -> None:
    """A column named 0 that is not the first one fails the promise about names, with the reason."""
    assert own.exit_code == 1, own.output
    failed = "FAILED conformance/test_signature.py::test_every_column_is_found_by_its_name["
    assert [line for line in own.lines_with(failed) if "lost-sqlite" in line], own.output
    assert own.lines_with("MLflow takes a column named 0 for one without a name, and looks for its")
    assert not own.lines_with("KeyError"), own.output
