"""The requirements of a model in a profile: one fact each, without folders of the run."""

from __future__ import annotations

from pathlib import Path

import yaml

from mlflow_conformance.model.environment_files import CONDA, REQUIREMENTS
from mlflow_conformance.upgrade.profile.observe.model import SAME, conda_facts, requirements_facts

LINES = [
    "--extra-index-url https://one.invalid/simple",
    "--extra-index-url https://two.invalid/simple",
    "Scikit_Learn==1.5.0",
    "numpy<3",
    "/run-7/work/wheels/ourpreps-0.3.0-py3-none-any.whl",
    "git+https://h.invalid/a/b@v1",
    "pandas==2.0 \\\n    --hash=sha256:0",
]


def test_requirements_of_any_form_are_facts(tmp_path: Path) -> None:
    """Every line is a fact by name; a folder that depends on the run is masked."""
    (tmp_path / REQUIREMENTS).write_text("\n".join(LINES), encoding="utf-8")
    versions = {"scikit-learn": "1.5.0"}
    found = requirements_facts(tmp_path / REQUIREMENTS, versions)
    assert found == {
        LINES[0]: LINES[0],
        LINES[1]: LINES[1],
        "scikit-learn": "Scikit_Learn==<installed>",
        "numpy": "numpy<3",
        "ourpreps": "<folder>/ourpreps-0.3.0-py3-none-any.whl",
        LINES[5]: LINES[5],
        "pandas": "pandas==2.0 --hash=sha256:0",
    }
    dependencies = ["python=3.11", {"pip": LINES}]
    (tmp_path / CONDA).write_text(yaml.safe_dump({"dependencies": dependencies}), encoding="utf-8")
    assert conda_facts(tmp_path / CONDA, versions, found)["pip"] == SAME


def test_a_line_that_pip_cannot_read_is_a_fact_too(tmp_path: Path) -> None:
    """A line that is no requirement is recorded as it stands."""
    (tmp_path / REQUIREMENTS).write_text("numpy is needed\n", encoding="utf-8")
    found = requirements_facts(tmp_path / REQUIREMENTS, {})
    assert found == {"numpy is needed": "numpy is needed"}
