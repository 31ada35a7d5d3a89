"""Serving existing models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from meta_tests.existing.sample_loaders import write_model
from meta_tests.existing.test_load import loaded
from mlflow_conformance.existing.findings import NOT_CHECKED
from mlflow_conformance.existing.judge import Limits
from mlflow_conformance.existing.load import Loader
from mlflow_conformance.servers.scoring_server import ScoringServer, ServerDidNotAnswer


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    """A loader that serves what it has loaded."""
    folder = tmp_path_factory.mktemp("serving")
    with Loader(folder / "run", Limits(60), serves=True) as started:
        yield started


def test_a_model_is_served(serving: Loader, tmp_path: Path) -> None:
    """Its example is scored over HTTP."""
    result = loaded(serving, write_model(tmp_path / "served"))
    assert result.verdict == "sound", result.findings
    assert result.facts["serve"] == {"ready": True, "status": 200, "predictions": [1.0, 2.0, 3.0]}


@pytest.mark.parametrize("error", [ServerDidNotAnswer("no answer for 90 s"), OSError("reset")])
def test_a_server_that_does_not_answer_is_no_fault_of_the_model(
    error: Exception, serving: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can tell whether the machine or the model is slow: it is not checked."""

    def silent(_: ScoringServer) -> None:
        raise error

    monkeypatch.setattr(ScoringServer, "wait_until_ready", silent)
    result = loaded(serving, write_model(tmp_path / "silent"))
    assert result.verdict == NOT_CHECKED
    assert result.trouble == f"its server did not answer: {error}"


# Loading alone is a module of the suite with one argument, the file of a request.
IN_A_SERVER = "'request.json' not in ' '.join(__import__('sys').argv)"


def test_a_refused_request_is_found(serving: Loader, tmp_path: Path) -> None:
    """The status and the error in the answer are in the finding."""
    predict = f"""
        if {IN_A_SERVER}:
            raise ValueError("not over HTTP")
        return rows["a"].to_numpy()
    """
    result = loaded(serving, write_model(tmp_path / "refuses", predict=predict))
    (finding,) = [finding for finding in result.findings if finding.check == "serve"]
    assert finding.level == "damaged"
    assert finding.what.startswith("a request is answered with ")
    assert "ValueError: not over HTTP" in finding.what


def test_a_server_that_cannot_load_is_found(serving: Loader, tmp_path: Path) -> None:
    """A model that is loaded alone, but not in a server, is told with the error."""
    load = f"""
        if {IN_A_SERVER}:
            raise ValueError("no server here")
    """
    result = loaded(serving, write_model(tmp_path / "only-alone", load=load))
    (finding,) = [finding for finding in result.findings if finding.check == "serve"]
    assert finding.what.startswith("cannot be served: mlflow models serve ended with exit code")
    assert "no server here" in finding.what
