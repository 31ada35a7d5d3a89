"""The gate for existing models: its verdict, its last line, and a run of both sides."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from mlflow.tracking import MlflowClient

from meta_tests.existing.sample_loaders import write_model
from mlflow_conformance.existing.compare import REPAIRED, UNUSABLE
from mlflow_conformance.existing.findings import BREAKS, NOT_CHECKED, WARNS, WORKS, Finding
from mlflow_conformance.existing.registry import Owner
from mlflow_conformance.existing.results import FILE, ModelResult
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.upgrade import gate
from mlflow_conformance.upgrade.model_gate import Judged, compare_models, named_models
from mlflow_conformance.upgrade.runs.side_by_side import Side

SCORED = {"load": {"predictions": {"kind": "plain", "value": 1}}}
ERROR = Finding("load", "damaged", "cannot be loaded: ValueError: no", "log it again")


def judged(*verdicts: str) -> tuple[int, list[str]]:
    """Return the exit code and the lines for models with these verdicts."""
    found = Judged("MLflow 2.22.5", "MLflow 3.17.2")
    for number, verdict in enumerate(verdicts, 1):
        findings = (ERROR,) if verdict in (BREAKS, UNUSABLE) else ()
        owner = Owner({"team": "risk"}, ("champion",))
        name = f"models:/churn/{number}"
        trouble = "no room" if verdict == NOT_CHECKED else ""
        found.add(ModelResult(name, verdict, findings, SCORED, owner, trouble=trouble))
    return found.exit_code, list(found.lines())


@pytest.mark.parametrize(
    ("verdicts", "code", "last"),
    [
        ([WORKS], 0, "SAFE for what was observed {}: 1 model (1 works)"),
        ([WORKS, WARNS], 0, "SAFE for what was observed {}: 2 models (1 warns, 1 works)"),
        ([WORKS, UNUSABLE], 0, "SAFE for what was observed {}: 2 models (1 works, 1 unusable bef"),
        ([REPAIRED], 0, "SAFE for what was observed {}: 1 model (1 repaired)"),
        ([BREAKS, WORKS], 1, "NOT SAFE {}: 1 of 2 models break (1 breaks, 1 works)"),
        ([BREAKS, NOT_CHECKED], 1, "NOT SAFE {}: 1 of 2 models break (1 breaks, 1 not checked)"),
        ([WORKS, NOT_CHECKED], 2, "NO TELLING {}: 1 works, 1 not checked"),
        ([UNUSABLE], 2, "NO TELLING {}: 1 unusable before"),
        ([NOT_CHECKED], 2, "NO TELLING {}: 1 not checked"),
    ],
)
def test_the_last_line_is_the_verdict(verdicts: list[str], code: int, last: str) -> None:
    """It counts the models, and the exit code says the same."""
    found, lines = judged(*verdicts)
    assert found == code
    assert lines[-1].startswith(last.format("from MLflow 2.22.5 to MLflow 3.17.2"))


def test_a_cause_is_told_once_with_the_owners() -> None:
    """Two models that break for one reason are one block; their owners follow."""
    _, lines = judged(BREAKS, BREAKS, WORKS)
    assert lines[:3] == [
        "breaking  cannot be loaded: ValueError: no",
        "          2x: models:/churn/1, models:/churn/2",
        "          log it again",
    ]
    assert "  models:/churn/2: team=risk, @champion" in lines


def test_what_was_broken_before_is_told_apart() -> None:
    """It says nothing of the bump."""
    _, lines = judged(WORKS, UNUSABLE)
    assert lines[0] == ("1 cannot be used with MLflow 2.22.5 either, and say nothing of the bump:")


def test_a_model_without_rows_is_counted() -> None:
    """It was loaded, but not scored."""
    found = Judged("a", "b")
    found.add(ModelResult("models:/churn/1", WORKS))
    assert "1 were loaded, but not scored: they have no rows (--rows FILE)" in found.lines()


def asked(
    *models: Path, verdict: Path | None = None, options: Mapping[str, str] = MappingProxyType({})
) -> argparse.Namespace:
    """Return the options of the gate."""
    unused = dict.fromkeys(("tracking_uri", "registry_uri", "rows", "report", "accepted", "store"))
    others = {**unused, "timeout": 60.0}
    named = list(map(str, models))
    return argparse.Namespace(models=named, verdict=verdict, **{**others, **options})


def test_both_sides_load_score_and_serve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One model works on both sides, one is broken on both, and each has a line of JSON."""
    works = write_model(tmp_path / "works")
    broken = write_model(tmp_path / "broken", load="raise ValueError('no')")
    here = Side("here", Path(sys.executable))
    (tmp_path / "verdict").mkdir()
    options = asked(works, broken, verdict=tmp_path / "verdict")
    models = named_models(options)
    code = compare_models(models, options, (here, here), tmp_path / "root", lambda _: None)
    said = capsys.readouterr().out.splitlines()
    assert code == 0, said
    assert said[-1].endswith("2 models (1 works, 1 unusable before)")
    header, *lines = (tmp_path / "verdict" / FILE).read_text(encoding="utf-8").splitlines()
    assert json.loads(header)["checked_with"] == {"old": here.name, "new": here.name}
    assert [json.loads(line)["verdict"] for line in lines] == [WORKS, UNUSABLE]


@pytest.mark.parametrize("option", ["tracking_uri", "registry_uri", "rows"])
def test_an_option_of_models_needs_a_model(option: str) -> None:
    """The line names the option, and how models are named."""
    named = f"--{option.replace('_', '-')}"
    with pytest.raises(ConfigurationError, match=f"^{named}: name the models, too: --model "):
        named_models(asked(options={option: "x"}))


def test_the_gate_refuses_a_model_that_does_not_exist(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 4 before minutes pass."""
    code = gate.main(["--with", "scikit-learn==1.7.2", "--model", str(tmp_path / "none")])
    assert code == 4
    assert "does not exist; name a folder with an MLmodel file" in capsys.readouterr().err


def test_the_gate_refuses_a_registered_model_that_does_not_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The registry is asked before an environment is built."""
    monkeypatch.setattr(gate, "built_sides", lambda *_: pytest.fail("an environment was built"))
    store = tmp_path / "mlflow.db"
    MlflowClient(f"sqlite:///{store}").create_registered_model("churn")
    options = ["--model", "models:/chrn", "--tracking-uri", f"sqlite:///{store}"]
    assert gate.main(["--with", "scikit-learn==1.7.2", *options]) == 2
    assert "'models:/chrn': there is no version" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["report", "accepted", "store"])
def test_an_option_without_effect_is_refused(option: str, tmp_path: Path) -> None:
    """What existing models are not compared with is named."""
    with pytest.raises(ConfigurationError, match=f"^--{option}: is not for existing models; "):
        named_models(asked(tmp_path, options={option: "x"}))


def test_results_of_an_earlier_gate_are_not_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each gate loads the models again."""
    verdict = tmp_path / "verdict"
    verdict.mkdir()
    here = Side("here", Path(sys.executable))
    model = write_model(tmp_path / "model")
    options = asked(model, verdict=verdict)
    for number, load in enumerate(("pass", "raise ValueError('no')")):
        (module,) = (model / "code").glob("*.py")
        text = module.read_text(encoding="utf-8").partition("def _load_pyfunc")[0]
        loads = f"{text}def _load_pyfunc(path):\n    {load}\n    return Model()\n"
        module.write_text(loads, encoding="utf-8")
        root = tmp_path / str(number)
        compare_models(named_models(options), options, (here, here), root, lambda _: None)
    assert "1 unusable before" in capsys.readouterr().out.splitlines()[-1]
    assert len((verdict / FILE).read_text(encoding="utf-8").splitlines()) == 2
