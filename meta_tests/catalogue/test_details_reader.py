"""The keys that describe a mode's model and runs are read, and mistakes are one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mlflow_conformance.catalogue.details import Autolog, Logs, ModelChoice, StatedRun
from mlflow_conformance.catalogue.modes import Mode, StatedRows
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.support.yaml_entry import ConfigurationError


def read(folder: Path, **keys: Any) -> Mode:
    """Return a mode that states only these keys besides its name and script."""
    (folder / "train.py").write_text("")
    (folder / "some.csv").write_text("a\n1\n")
    document = {"modes": [{"name": "short", "script": "train.py", **keys}]}
    path = folder / "modes.yaml"
    path.write_text(yaml.safe_dump(document))
    return read_catalogue(path).modes[0]


def test_a_name_and_a_script_are_enough(tmp_path: Path) -> None:
    """What an entry does not state is open, and the script runs in a copy of the folder."""
    found = read(tmp_path)
    assert (found.refit, found.signature, found.flavors, found.autologs) == (None,) * 4
    assert (found.stated, found.arguments, found.display_name) == ((), (), "short")
    assert found.folder == tmp_path.resolve()


def test_a_mode_that_states_how_it_logs_has_the_defaults(tmp_path: Path) -> None:
    """With ``autologs``, requirements, way of logging and name have their documented defaults."""
    found = read(tmp_path, autologs=False)
    assert (found.requirements, found.logged_with) == (None, "log_model")
    assert (found.artifact_path, found.stated) == ("model", ("logs", "name"))


def test_runs_are_a_tree(tmp_path: Path) -> None:
    """Children, numbers and what each run logs are read; all names together are the mode's."""
    children = [{"name": "C=*", "number": 3, "logs": {"metrics": ["auc"]}}]
    found = read(tmp_path, runs=[{"name": "search", "children": children}])
    child = StatedRun("C=*", 3, Logs(metrics=("auc",)))
    assert found.runs == (StatedRun("search", 1, Logs(), (child,)),)
    assert found.all_logs.metrics == ("auc",)
    assert "logs" in found.stated


def test_the_other_keys(tmp_path: Path) -> None:
    """Choice, rows, arguments of autolog and of log_model are read."""
    found = read(
        tmp_path,
        model={"run_name": "best"},
        rows="some.csv",
        autolog={"pos_label": 1, "extra_tags": {"team": "a"}},
        params={"threshold": 0.5},
        predict_fn="predict_proba",
        code_paths=["own.py"],
    )
    assert found.model == ModelChoice("run_name", "best")
    assert found.rows == StatedRows(file=tmp_path.resolve() / "some.csv")
    assert found.autolog == Autolog(1, {"team": "a"})
    assert dict(found.details.params or {}) == {"threshold": 0.5}
    assert (found.details.predict_fn, found.details.code_paths) == ("predict_proba", ("own.py",))
    assert read(tmp_path, rows="own.rows").rows == StatedRows(function="own.rows")


def test_there_may_be_no_model_and_no_signature(tmp_path: Path) -> None:
    """``none`` promises that there is none, which is more than leaving the key out."""
    without = read(tmp_path, model="none")
    assert (without.logs_model, without.model) == (False, None)
    unsigned = read(tmp_path, signature="none")
    assert (unsigned.has_signature, unsigned.signature, unsigned.origin) == (False, None, None)
    open_ = read(tmp_path)
    assert (open_.logs_model, open_.has_signature, open_.by_default) == (True, True, None)
    assert read(tmp_path, by_default=["local"]).by_default == ("local",)


def nested(levels: int) -> list[dict[str, Any]]:
    """Return runs that are nested so many levels deep."""
    children: list[dict[str, Any]] = [{"name": "deepest"}]
    for level in range(levels):
        children = [{"name": f"level {level}", "children": children}]
    return children


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"model": {"name": "a", "run_name": "b"}}, "model: should have one of name, run_name, r"),
        ({"model": {"version": "1"}}, "model: version: unknown key; known are name, run_name, r"),
        ({"runs": []}, "runs: is empty, should list a run or be left out"),
        ({"runs": [{"name": "a", "number": 0}]}, "runs 1: number: should be a whole number from 1"),
        ({"runs": [{"number": 2}]}, "runs 1: name: is missing"),
        ({"runs": nested(12)}, "children: nests runs more than 10 levels deep"),
        ({"rows": "some.txt rows"}, "rows: should be a file (.csv, .parquet, .json, .feather) or"),
        ({"rows": "none.csv"}, "rows: no file "),
        ({"autolog": {"pos_label": [1]}}, "autolog: pos_label: should be a label, is [1]"),
        ({"autolog": {"extra_tags": {"a": 1}}}, "extra_tags: a: should be text, is 1"),
        ({"autolog": {"silent": True}}, "silent: unknown key; known are pos_label, extra_tags"),
        ({"params": 1}, "params: should be a mapping"),
        ({"estimator": "a"}, "estimator: 'a' is none of (no entries)"),
        ({"arguments": ["{training_data}"]}, "{training_data} needs data: {file: …} in the catal"),
    ],
)
def test_a_mistake_is_one_line(keys: dict[str, Any], message: str, tmp_path: Path) -> None:
    """The line names the file, the mode, the key and what is expected."""
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, **keys)
    text = str(caught.value)
    assert message in text
    assert text.startswith(f"{tmp_path.resolve() / 'modes.yaml'}: mode 'short': ")
    assert "\n" not in text
