"""Which release breaks a model: found in log2 steps, and told with the error."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from meta_tests.existing.sample_loaders import write_model
from mlflow_conformance.existing.findings import NOT_CHECKED
from mlflow_conformance.existing.judge import NOT_LOADED, Limits
from mlflow_conformance.existing.results import ModelResult
from mlflow_conformance.processes.job import BrokenEnvironment
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.upgrade import bisection
from mlflow_conformance.upgrade.bisection import Bisection, Tried, _tried

RELEASES = [f"{major}.{minor}.0" for major in (1, 2) for minor in range(20)]
ERROR = "cannot be loaded: ValueError: no"


class Pretended(Bisection):
    """Tries releases without any environment: all from ``first_bad`` on break the model."""

    first_bad: int | None = None

    def _try(self, version: str) -> Tried:
        if version not in self._tried:
            number = RELEASES.index(version)
            is_bad = self.first_bad is not None and number >= self.first_bad
            problem = ERROR if is_bad else ""
            self._tried[version] = Tried(version, Path(version), problem, "log it again")
        return self._tried[version]

    def _releases(self) -> list[str]:
        return RELEASES


def bisecting(tmp_path: Path, package: str = "mlflow", *, bad: int | None = None) -> Bisection:
    """Return a search in which releases from ``bad`` on break the model."""
    found = Pretended(tmp_path, package, tmp_path, Limits(), None, lambda _: None)
    found.first_bad = bad
    return found


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two releases, scikit-learn moves, too."""
    versions = {"scikit-learn": "1.7.0", "other": "1"}
    monkeypatch.setattr(
        bisection,
        "installed_in",
        lambda python: {**versions, "scikit-learn": f"1.{RELEASES.index(python.name)}"},
    )


@pytest.mark.parametrize("bad", [1, 2, 7, 20, 38, 39])
@pytest.mark.usefixtures("packages")
def test_the_first_bad_release_is_found_in_few_steps(
    bad: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both neighbours are named with the error, after log2 steps between the ends."""
    search = bisecting(tmp_path, bad=bad)
    assert search.run() == 1
    first, *_, way_out, last = capsys.readouterr().out.splitlines()
    assert first == f"mlflow {RELEASES[bad - 1]} can use it, {RELEASES[bad]} cannot: {ERROR}"
    assert way_out == "way out: log it again"
    tried = len(search._tried)
    assert last == f"BREAKS with mlflow {RELEASES[bad]} ({tried} releases were tried)"
    assert tried <= 2 + math.ceil(math.log2(len(RELEASES)))


@pytest.mark.usefixtures("packages")
def test_nothing_breaks_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If the newest release can use it, only the ends are tried."""
    search = bisecting(tmp_path)
    assert search.run() == 0
    assert capsys.readouterr().out.strip() == (
        "nothing breaks it: it can be used with mlflow 1.0.0 to 2.19.0"
    )
    assert len(search._tried) == 2


@pytest.mark.usefixtures("packages")
def test_a_model_that_never_worked_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the release that logged it cannot use it, there is no telling."""
    assert bisecting(tmp_path, bad=0).run() == 2
    assert capsys.readouterr().out.strip() == (
        f"NO TELLING: it cannot be used with mlflow 1.0.0 either: {ERROR}"
    )


@pytest.mark.usefixtures("packages")
def test_what_moved_with_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A package that the model asks for, and that moved as well, may be the cause."""
    folder = write_model(tmp_path / "model")
    (folder / "requirements.txt").write_text("mlflow\nscikit-learn\n", encoding="utf-8")
    search = Pretended(folder, "mlflow", tmp_path, Limits(), None, lambda _: None)
    search.first_bad = 5
    assert search.run() == 1
    said = capsys.readouterr().out
    assert "with it moved, of what the model asks for: scikit-learn 1.4 -> 1.5\n" in said


@pytest.mark.parametrize(
    ("package", "requirements", "problem"),
    [
        ("scikit-learn", "mlflow\n", "does not say with which version it was logged"),
        ("scikit-learn", "scikit-learn==99.0\n", "there is nothing between them"),
        ("no-such-package", "no-such-package==1\n", "is not installed here"),
    ],
)
def test_a_search_without_ends_is_refused(
    package: str, requirements: str, problem: str, tmp_path: Path
) -> None:
    """One line names the package, and what is missing."""
    folder = write_model(tmp_path / "model")
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    search = Bisection(folder, package, tmp_path, Limits(), None, lambda _: None)
    with pytest.raises(ConfigurationError, match=f"^--bisect {package}: .*{problem}"):
        search.run()


def test_releases_go_from_the_model_s_to_the_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of MLflow, those of the table; of another package, the newest patch of each minor one."""
    folder = write_model(tmp_path / "model")
    (folder / "requirements.txt").write_text("scikit-learn==1.5.1\n", encoding="utf-8")
    monkeypatch.setattr(bisection, "installed", {"mlflow": "3.1.4", "scikit-learn": "1.8.0"}.get)
    older = {"<1.8": "1.7.2", "<1.7": "1.6.1", "<1.6": "1.5.2"}
    patches = {f"scikit-learn{limit}": patch for limit, patch in older.items()}
    monkeypatch.setattr(
        bisection, "resolved", lambda wanted: [f"scikit-learn=={patches[wanted[0]]}"]
    )
    of_mlflow = Bisection(folder, "mlflow", tmp_path, Limits(), None, lambda _: None)._releases()
    assert (of_mlflow[0], of_mlflow[-1]) == ("2.22.5", "3.1.4")
    of_package = Bisection(folder, "scikit-learn", tmp_path, Limits(), None, lambda _: None)
    assert of_package._releases() == ["1.5.1", "1.5.2", "1.6.1", "1.7.2", "1.8.0"]


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (ModelResult("it", NOT_CHECKED, trouble="no room"), "no room"),
        (ModelResult("it", "unsafe"), "the model is unsafe: it is not loaded"),
        (ModelResult("it", "doubtful", facts={"load": {}}), NOT_LOADED),
    ],
)
def test_what_was_not_loaded_is_no_break(result: ModelResult, problem: str) -> None:
    """Trouble with a release, and a model that is not loaded, end the search without a verdict."""
    with pytest.raises(BrokenEnvironment, match=f"^{problem}"):
        _tried("1.0", Path("python"), result, [])
