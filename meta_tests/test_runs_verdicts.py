"""Do whole runs end as their promises do: kept, broken, deviating as known, or no longer?"""

from __future__ import annotations

import pytest

from meta_tests.whole_runs import WholeRun, caller, mode, run, write_catalogue

# Loaded with ``-p``: lets the run read known deviations from a file of this test's own.
OWN_DEVIATIONS = """\
import functools
import pathlib


def pytest_configure(config):
    from fixtures import selection

    selection.expect_known_deviations = functools.partial(
        selection.expect_known_deviations, file=pathlib.Path(__file__).with_name("own.yaml")
    )
"""
DEVIATIONS = """\
deviations:
  - tests: "*::test_flavors_are_the_promised_ones[bare-*"
    reason: the mode promises a flavor that nobody logs
    link: https://example.org/known
  - tests: "*::test_mode_leaves_exactly_one_model[bare-*"
    reason: this was mended long ago
    link: https://example.org/mended
  - tests: "*::test_mode_leaves_exactly_one_model[good-*"
    when: {mlflow: "<1"}
    reason: concerns another release
    link: https://example.org/other
"""
PROMISES = "test_mode_leaves or test_flavors_are"


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> WholeRun:
    """A run with a broken promise, a known deviation and a deviation that is none any more."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "own_deviations.py").write_text(OWN_DEVIATIONS)
    (folder / "own.yaml").write_text(DEVIATIONS)
    flavors = ["python_function", "sklearn", "onnx"]
    modes = [
        mode("good", "model.py"),
        mode("bare", "model.py", flavors=flavors),
        mode("broken", "model.py", flavors=flavors),
    ]
    catalogue = write_catalogue(folder, modes, {})
    return run(
        folder,
        *("-p", "own_deviations", "--catalogue", str(catalogue), "-k", PROMISES),
        modules=["outcome", "flavors"],
        environment=caller(PYTHONPATH=str(folder)),
    )


def test_a_broken_promise_fails_the_run(mixed: WholeRun) -> None:
    """A promise that a model does not keep gives exit code 1 and says what was found."""
    assert mixed.exit_code == 1, mixed.output
    assert mixed.lines_with("broken-sqlite: 2 of 129 promises checked, 1 failed, 127 not selected")
    assert mixed.lines_with("should be: ['onnx', 'python_function', 'sklearn']")


def test_a_known_deviation_is_expected(mixed: WholeRun) -> None:
    """A promise that fails as known is counted so, and its reason and link are shown."""
    expected = mixed.lines_with("https://example.org/known")
    assert len(expected) == 1, mixed.output
    assert expected[0].startswith("1 x the mode promises a flavor that nobody logs")


def test_a_deviation_that_ended_fails_the_run(mixed: WholeRun) -> None:
    """A promise that is kept though it is listed as deviating fails, strictly."""
    assert mixed.lines_with("[XPASS(strict)] this was mended long ago"), mixed.output
    assert mixed.lines_with("bare-sqlite: 2 of 129 promises checked, 1 failed, 1 deviated as known")


def test_a_deviation_of_another_release_does_not_count(mixed: WholeRun) -> None:
    """An entry whose condition does not hold leaves the promise as it is."""
    assert mixed.lines_with("good-sqlite: 2 of 129 promises checked")
    assert "example.org/other" not in mixed.output


@pytest.fixture(scope="module")
def distributed(tmp_path_factory: pytest.TempPathFactory) -> WholeRun:
    """A run of two good modes and one that is not asked for, over two workers."""
    folder = tmp_path_factory.mktemp("distributed")
    modes = [mode(name, "model.py") for name in ("one", "two", "three")]
    catalogue = write_catalogue(folder, modes, {})
    return run(
        folder,
        *("--catalogue", str(catalogue), "-n", "2", "--mode", "one", "--mode", "two"),
        *("-k", PROMISES),
        modules=["outcome", "flavors"],
    )


def test_a_kept_run_succeeds(distributed: WholeRun) -> None:
    """A run in which every promise is kept ends with exit code 0 and says how many were checked."""
    assert distributed.exit_code == 0, distributed.output
    assert distributed.lines_with("all: ") == ["all: 4 of 258 promises checked, 254 not selected"]
    assert distributed.lines_with("not selected: 238 of 258 promises by the paths given: ")
    assert distributed.lines_with("not selected: 16 of 258 promises by -k ")
    assert "LOST" not in distributed.output


@pytest.mark.parametrize("name", ["one", "two"])
def test_workers_share_what_is_trained_once(name: str, distributed: WholeRun) -> None:
    """Each mode is trained exactly once, however many workers check its promises."""
    assert len(distributed.lines_with("importing MLflow")) == 1, distributed.output
    assert len(distributed.lines_with(f"{name}-sqlite logged a model")) == 1


def test_modes_that_are_not_asked_for_are_not_trained(distributed: WholeRun) -> None:
    """``--mode`` trains and counts nothing but the modes it names."""
    assert distributed.lines_with("then training 2 modes")
    assert "three-sqlite" not in distributed.output
