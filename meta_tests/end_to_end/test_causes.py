"""One cause is said once: its owner fails, and the promises that need it are not checked."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from meta_tests.end_to_end.suite_run import (
    MODEL_SCRIPT,
    SuiteRun,
    caller,
    mode,
    run,
    write_catalogue,
)
from meta_tests.end_to_end.test_verdicts import OWN_DEVIATIONS, UNLOADABLE

SIGNED = "            signature=infer_signature(features, model.predict(features)),\n"
# An estimator that predicts otherwise when it has been pickled.
FORGETFUL = (
    MODEL_SCRIPT.replace(
        "\ntable = ",
        "\nclass Forgetful(LogisticRegression):\n"
        "    def __getstate__(self):\n"
        "        return {**super().__getstate__(), 'coef_': -self.coef_, 'intercept_': [0.0]}\n\n"
        "\ntable = ",
    )
    .replace("LogisticRegression()", "Forgetful()")
    .replace("pip_requirements=", 'serialization_format="cloudpickle", pip_requirements=')
)
# Edits MLmodel after the model is logged.
EDITED = """\
import pathlib
import runpy

runpy.run_path(str(pathlib.Path(__file__).with_name("model.py")))
(file,) = pathlib.Path(".").resolve().parents[0].rglob("MLmodel")
text = file.read_text()
file.write_text({text})
"""
SCRIPTS = {
    "model.py": MODEL_SCRIPT,
    "plain.py": MODEL_SCRIPT.replace(SIGNED, ""),
    "half.py": MODEL_SCRIPT.replace("(features, model.predict(features))", "(features)"),
    "unloadable.py": UNLOADABLE,
    "narrow.py": EDITED.format(text="""text.replace('"shape": [-1, 2]', '"shape": [-1, 3]')"""),
    "malformed.py": EDITED.format(text="'flavors: ['"),
}
MODES = [mode(name, f"{name}.py") for name in ("plain", "half", "unloadable", "narrow")]
MODULES = ("signature", "data_contract", "metadata", "round_trip", "serving", "registry")
CAUSES = {
    "plain": "the model has no signature",
    "half": "the model's signature has no outputs",
    "unloadable": "mlflow.pyfunc cannot load …/artifacts: BadZipFile: File is not a zip file",
    "narrow": "the test rows: should be scored, was rejected: MlflowException: Shape of input",
    "malformed": "…/MLmodel: not readable in line ",
}
OWNERS = {
    "plain": "test_model_has_a_signature",
    "half": "test_model_has_a_signature",
    "unloadable": "test_python_function_can_be_loaded",
    "narrow": "test_python_function_predicts_as_the_estimator_did",
    "malformed": "test_mlmodel_can_be_read",
}
WAYS_OUT = {
    "plain": "pass signature=infer_signature(features, predictions) to log_model",
    "half": "pass signature=infer_signature(features, predictions) to log_model",
    "unloadable": "load it by hand in a new process",
    "narrow": "compare the signature that the script logs",
    "malformed": "log the model with MLflow",
}


@pytest.fixture(scope="module", params=[(), ("-n", "2")], ids=["one-process", "two-workers"])
def broken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run of modes that each lack one ground."""
    folder = tmp_path_factory.mktemp("broken")
    modes = [*MODES, mode("malformed", "malformed.py")]
    catalogue = write_catalogue(folder, modes, SCRIPTS)
    return run(
        folder, "-m", "local", "--catalogue", str(catalogue), *request.param, modules=MODULES
    )


@pytest.mark.parametrize("name", CAUSES)
def test_the_owner_of_a_ground_fails(name: str, broken: SuiteRun) -> None:
    """The promise that owns the ground fails."""
    assert broken.exit_code == 1, broken.output
    failed = [x for x in broken.lines_with(f"[{name}-sqlite") if x.startswith("FAILED ")]
    assert [x for x in failed if f"::{OWNERS[name]}[" in x], broken.output


@pytest.mark.parametrize("name", CAUSES)
def test_the_cause_is_said_once(name: str, broken: SuiteRun) -> None:
    """The cause, the number of promises that it concerns and the way out are said once."""
    lines = broken.output.splitlines()
    found = [x for x in lines if x.startswith(f"CAUSE {name}-sqlite: {CAUSES[name]}")]
    assert len(found) == 1, broken.output
    assert " promises: 1 failed, " in found[0]
    assert found[0].endswith(" not checked)")
    after = lines[lines.index(found[0]) + 1]
    assert after.strip().startswith(f"way out: {WAYS_OUT[name]}"), after


def test_the_last_screen_begins_with_the_causes(broken: SuiteRun) -> None:
    """The causes are in the order of their weight, and within the last 30 lines."""
    last = broken.output.splitlines()[-30:]
    first = next(number for number, line in enumerate(last) if line.startswith("CAUSE "))
    assert "passed" in last[first - 1] or first == 0, broken.output
    causes = [line for line in last if line.startswith("CAUSE ") and "…" not in line[:8]]
    numbers = [int(line.rpartition("(")[2].split()[0]) for line in causes]
    assert numbers == sorted(numbers, reverse=True)
    assert last[first].startswith("CAUSE malformed-sqlite: ")


def test_what_does_not_need_a_ground_is_checked(broken: SuiteRun) -> None:
    """Promises that do not need the ground have results: outputs are missing, inputs are not."""
    failed = broken.lines_with("FAILED ")
    assert not [x for x in failed if "test_data_contract" in x and "[half-" in x], broken.output
    (lost,) = broken.lines_with("LOST half-sqlite: ")
    assert lost.startswith("LOST half-sqlite: 3 of "), lost


def test_an_owner_that_is_not_selected_does_not_hide_the_cause(tmp_path: Path) -> None:
    """Without the owner, nothing fails, and the run says the cause and fails."""
    modes = [mode(f"plain{number}", "plain.py") for number in range(4)]
    catalogue = write_catalogue(tmp_path, modes, SCRIPTS)
    options = ("--catalogue", str(catalogue), "-k", "test_training_data_keeps")
    ended = run(tmp_path, *options, modules=["data_contract"])
    assert ended.exit_code == 1, ended.output
    assert not ended.lines_with("FAILED ")
    (cause,) = ended.lines_with("CAUSE ")
    modes_named = "in 4 modes (plain0-sqlite, plain1-sqlite, plain2-sqlite and 1 more)"
    assert cause == f"CAUSE {modes_named}: {CAUSES['plain']} (4 promises: 4 not checked)"


KNOWN = """\
deviations:
  - tests: "*::test_model_has_a_signature[plain-*"
    message: "the signature has inputs: nothing"
    reason: this script logs none
    link: https://example.org/none
  - tests: "*::test_python_function_predicts_as_the_estimator_did[narrow-*"
    message: "was rejected: MlflowException: Shape of input"
    reason: the shape is wrong
    link: https://example.org/shape
"""


def test_a_known_deviation_of_the_owner_is_known_to_all(tmp_path: Path) -> None:
    """If the owner deviates as known, the others are no alarm: they deviate, too, or are run."""
    (tmp_path / "own_deviations.py").write_text(OWN_DEVIATIONS)
    (tmp_path / "own.yaml").write_text(KNOWN)
    modes = [mode(name, f"{name}.py") for name in ("plain", "narrow")]
    catalogue = write_catalogue(tmp_path, modes, SCRIPTS)
    promises = "has_a_signature or are_the_promised_ones or function_predicts or ragged"
    options = ("-p", "own_deviations", "--catalogue", str(catalogue), "-k", promises)
    ended = run(
        tmp_path,
        *options,
        modules=["signature", "data_contract", "round_trip"],
        environment=caller(PYTHONPATH=str(tmp_path)),
    )
    (plain,) = ended.lines_with("plain-sqlite: ")
    assert " failed" not in plain
    assert ", 1 deviated as known, " in plain, ended.output
    assert " not checked, as known" in plain
    assert not ended.lines_with("LOST ")
    assert not ended.lines_with("CAUSE plain")
    assert ended.lines_with(" x this script logs none (https://example.org/none)")
    assert ended.lines_with("1 x the shape is wrong (https://example.org/shape)")


def test_equal_errors_are_folded(tmp_path: Path) -> None:
    """Equal errors of one mode are one block, and whole in the JUnit report and with ``-vv``."""
    catalogue = write_catalogue(tmp_path, [mode("other", "other.py")], {"other.py": FORGETFUL})
    xml = tmp_path / "report.xml"
    options = ("--catalogue", str(catalogue), "-k", "accepted")
    ended = run(tmp_path, *options, f"--junitxml={xml}", modules=["data_contract"])
    blocks = ended.output.partition("= FAILURES =")[2].partition("short test summary")[0]
    failed = ended.lines_with("FAILED ")
    assert len(failed) == 3, ended.output
    assert blocks.count("AssertionError: ") == 1
    assert "the same error in 2 more" in blocks, ended.output
    assert "\ntest_accepted_and_scored_right[other-sqlite-column-major-order]\n" in blocks
    texts = [found.text for found in ET.parse(xml).iter("failure")]  # noqa: S314 - its own file
    assert len(texts) == len(failed)
    assert all(text and "predictions differ" in text for text in texts)
    whole = run(tmp_path, *options, "-vv", modules=["data_contract"])
    assert "the same error in" not in whole.output
