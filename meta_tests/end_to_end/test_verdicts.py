"""The outcome of whole runs: kept and broken promises, and known deviations."""

from __future__ import annotations

from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import DUE, SuiteRun, caller, mode, run, write_catalogue

# Loaded with ``-p``: the run reads known deviations from this test's own file.
OWN_DEVIATIONS = """\
import functools
import pathlib


def pytest_configure(config):
    from mlflow_conformance.pytest_plugin import parametrize

    parametrize.expect_known_deviations = functools.partial(
        parametrize.expect_known_deviations, file=pathlib.Path(__file__).with_name("own.yaml")
    )
"""
# The model's file is overwritten, so the fixture that loads it fails before the test.
UNLOADABLE = """\
import pathlib
import runpy

runpy.run_path(str(pathlib.Path(__file__).with_name("model.py")))
for file in pathlib.Path(".").resolve().parents[0].rglob("model.*"):
    if file.suffix in (".pkl", ".skops"):
        file.write_bytes(b"gone")
"""
DEVIATIONS = """\
deviations:
  - tests: "*::test_flavors_are_the_promised_ones[bare-*"
    message: "found: \\\\['python_function', 'sklearn'\\\\]"
    reason: the mode promises a flavor that nobody logs
    link: https://example.org/known
  - tests: "*::test_mode_leaves_exactly_one_model[bare-*"
    message: logged no model
    reason: this was mended long ago
    link: https://example.org/mended
  - tests: "*::test_mode_leaves_exactly_one_model[good-*"
    when: {mlflow: "<1"}
    message: logged no model
    reason: concerns another release
    link: https://example.org/other
  - tests: "*::test_flavors_are_the_promised_ones[broken-*"
    message: the flavor is there twice
    reason: a flavor may be there twice
    link: https://example.org/twice
  - tests: "*::test_python_function_predicts_as_the_estimator_did[unloadable-*"
    message: mlflow.pyfunc cannot load
    reason: the file of the model is gone
    link: https://example.org/gone
  - tests: "*::test_python_function_can_be_loaded[unloadable-*"
    message: no attribute 'route'
    reason: the server does not start
    link: https://example.org/route
  - tests: "*::test_mode_leaves_exactly_one_model[silent-*"
    message: ended without an error and logged no model
    reason: this script never logs
    link: https://example.org/silent
  - tests: "*::test_mode_leaves_exactly_one_model[crashing-*"
    message: logged no model
    reason: this script never logs
    link: https://example.org/crashing
"""
PROMISES = "test_mode_leaves or test_flavors_are"
OF_FIXTURES = "test_python_function_can_be or test_python_function_predicts"


def run_mixed(folder: Path, *options: str) -> SuiteRun:
    """Run modes that keep promises, break them, and deviate as known or in other ways."""
    (folder / "own_deviations.py").write_text(OWN_DEVIATIONS)
    (folder / "own.yaml").write_text(DEVIATIONS)
    flavors = ["python_function", "sklearn", "onnx"]
    modes = [
        mode("good", "model.py"),
        mode("bare", "model.py", flavors=flavors),
        mode("broken", "model.py", flavors=flavors),
        mode("unloadable", "unloadable.py"),
        mode("silent", "script.py"),
        mode("crashing", "crash.py"),
    ]
    scripts = {"unloadable.py": UNLOADABLE, "script.py": "", "crash.py": "1 / 0"}
    catalogue = write_catalogue(folder, modes, scripts)
    return run(
        folder,
        "-p",
        "own_deviations",
        "--catalogue",
        str(catalogue),
        "-k",
        f"{PROMISES} or (unloadable and ({OF_FIXTURES}))",
        *options,
        modules=["outcome", "flavors", "round_trip"],
        environment=caller(PYTHONPATH=str(folder)),
    )


@pytest.fixture(scope="module", params=[(), ("-n", "2")], ids=["one-process", "two-workers"])
def mixed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run with broken promises, known deviations, and a deviation that no longer happens."""
    return run_mixed(tmp_path_factory.mktemp("mixed"), *request.param)


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The same run with ``--runxfail``."""
    return run_mixed(tmp_path_factory.mktemp("ordinary"), "--runxfail", "-n", "2")


def test_a_broken_promise_fails_the_run(mixed: SuiteRun) -> None:
    """A broken promise gives exit code 1 and shows what was found."""
    assert mixed.exit_code == 1, mixed.output
    assert mixed.lines_with(
        f"broken-sqlite: 2 of {DUE} promises checked, 1 failed, {DUE - 2} not selected"
    )
    assert mixed.lines_with("should be: ['onnx', 'python_function', 'sklearn']")


def test_a_known_deviation_is_expected(mixed: SuiteRun) -> None:
    """A known deviation is counted, and its reason and link are shown."""
    expected = mixed.lines_with("https://example.org/known")
    assert len(expected) == 1, mixed.output
    assert expected[0].startswith("1 x the mode promises a flavor that nobody logs")


def test_a_deviation_that_ended_fails_the_run(mixed: SuiteRun) -> None:
    """A promise that is kept although it is listed as deviating fails."""
    assert mixed.lines_with("expects a failure (this was mended long ago"), mixed.output
    assert mixed.lines_with(
        f"bare-sqlite: 2 of {DUE} promises checked, 1 failed, 1 deviated as known"
    )


def test_a_deviation_of_another_release_does_not_count(mixed: SuiteRun) -> None:
    """An entry whose condition does not hold does not change the outcome."""
    assert mixed.lines_with(f"good-sqlite: 2 of {DUE} promises checked")
    assert "example.org/other" not in mixed.output


def test_another_failure_than_the_known_one_fails_the_run(mixed: SuiteRun) -> None:
    """A failure with another message is a broken promise, and the entry is named."""
    assert mixed.lines_with("known deviation 4 expects the message 'the flavor is there twice'")
    assert mixed.lines_with(f"broken-sqlite: 2 of {DUE} promises checked, 1 failed")
    assert "example.org/twice" not in mixed.output


def test_a_fixture_s_failure_is_expected_by_what_it_says(mixed: SuiteRun) -> None:
    """A model that cannot be loaded is expected only by the entry with that message."""
    assert mixed.lines_with("1 x the file of the model is gone (https://example.org/gone)")
    assert mixed.lines_with("known deviation 6 expects the message \"no attribute 'route'\"")
    assert mixed.lines_with(
        f"unloadable-sqlite: 4 of {DUE} promises checked, 1 failed, 1 deviated as known"
    )
    assert "example.org/route" not in mixed.output


def test_a_mode_leaves_no_model_as_known_or_otherwise(mixed: SuiteRun) -> None:
    """The promises of a mode without a model deviate if this is known, and are lost otherwise."""
    assert mixed.lines_with(
        f"silent-sqlite: 1 of {DUE} promises checked, 1 deviated as known, 1 without a model, as"
    )
    assert mixed.lines_with("2 x this script never logs (https://example.org/silent)")
    assert mixed.lines_with(f"crashing-sqlite: 1 of {DUE} promises checked, 1 failed")
    assert mixed.lines_with("known deviation 8 expects the message 'logged no model'")
    assert mixed.lines_with(f"LOST crashing-sqlite: 1 of {DUE} promises not checked")
    assert "example.org/crashing" not in mixed.output


def test_nothing_is_expected_to_fail_where_pytest_is_told_so(ordinary: SuiteRun) -> None:
    """With ``--runxfail`` every known deviation is an ordinary broken promise."""
    assert ordinary.exit_code == 1, ordinary.output
    assert ordinary.lines_with(f"bare-sqlite: 2 of {DUE} promises checked, 1 failed")
    assert ordinary.lines_with(f"unloadable-sqlite: 3 of {DUE} promises checked, 1 failed")
    assert ordinary.lines_with(f"silent-sqlite: 1 of {DUE} promises checked, 1 failed")
    assert ordinary.lines_with(
        f"LOST silent-sqlite: 1 of {DUE} promises not checked (silent-sqlite l"
    )
    for text in ("example.org", "known deviation", "as known", "UnboundLocalError", "XPASS"):
        assert text not in ordinary.output


@pytest.fixture(scope="module")
def distributed(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run with two workers of two good modes and one that is not selected."""
    folder = tmp_path_factory.mktemp("distributed")
    modes = [mode(name, "model.py") for name in ("one", "two", "three")]
    catalogue = write_catalogue(folder, modes, {})
    return run(
        folder,
        "--catalogue",
        str(catalogue),
        "-n",
        "2",
        "--mode",
        "one",
        "--mode",
        "two",
        "-k",
        PROMISES,
        modules=["outcome", "flavors"],
    )


def test_a_kept_run_succeeds(distributed: SuiteRun) -> None:
    """A run with only kept promises ends with exit code 0 and prints their number."""
    assert distributed.exit_code == 0, distributed.output
    due, paths = 2 * DUE, "promises by the paths given: "
    assert distributed.lines_with("all: ") == [
        f"all: 4 of {due} promises checked, {due - 4} not selected"
    ]
    assert distributed.lines_with(f"not selected: {due - 20} of {due} {paths}")
    assert distributed.lines_with(f"not selected: 16 of {due} promises by -k ")
    assert "LOST" not in distributed.output


@pytest.mark.parametrize("name", ["one", "two"])
def test_workers_share_what_is_trained_once(name: str, distributed: SuiteRun) -> None:
    """Each mode is trained once, whatever the number of workers."""
    assert len(distributed.lines_with("importing MLflow")) == 1, distributed.output
    assert len(distributed.lines_with(f"{name}-sqlite logged a model")) == 1


def test_modes_that_are_not_asked_for_are_not_trained(distributed: SuiteRun) -> None:
    """``--mode`` trains and counts only the named modes."""
    assert distributed.lines_with("then training 2 modes")
    assert "three-sqlite" not in distributed.output
