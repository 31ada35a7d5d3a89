"""Known deviations: how their file is read, and which entries are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from meta_tests.pytest_plugin.sample_entries import ENTRY, written
from mlflow_conformance.pytest_plugin.deviations_reader import read_known_deviations
from mlflow_conformance.support.paths import KNOWN_DEVIATIONS
from mlflow_conformance.support.yaml_entry import ConfigurationError

DISCUSSED = (
    *("https://github.com/mlflow/mlflow/", "https://mlflow.org/"),
    "https://github.com/Azure/azure-sdk-for-python/issues/",
    *("https://github.com/Azure/azureml-examples/", "https://github.com/Azure/InferenceSchema/"),
    "https://github.com/Azure/azureml-assets/",
    # The only public report of an artifact that a workspace refuses to write twice.
    "https://github.com/lightly-ai/lightly-train/issues/256",
)


@pytest.mark.parametrize(
    ("entry", "error_message"),
    [
        ("test_y", "deviation 2: should be a mapping"),
        ({k: v for k, v in ENTRY.items() if k != "tests"}, "deviation 2: tests: is missing"),
        ({k: v for k, v in ENTRY.items() if k != "reason"}, "deviation 2: reason: is missing"),
        ({k: v for k, v in ENTRY.items() if k != "link"}, "deviation 2: link: is missing"),
        ({k: v for k, v in ENTRY.items() if k != "message"}, "deviation 2: message: is missing"),
        ({**ENTRY, "message": ""}, "deviation 2: message: should be text, is ''"),
        ({**ENTRY, "message": None}, "deviation 2: message: should be text, is None"),
        ({**ENTRY, "message": "("}, "message: should be a regular expression: missing )"),
        ({**ENTRY, "message": "a{99999999999}"}, "message: should be a regular expression: the"),
        ({**ENTRY, "message": 9999 * "(?:" + 9999 * ")"}, "message: should be a regular expres"),
        ({**ENTRY, "reason": ""}, "deviation 2: reason: should be text, is ''"),
        ({**ENTRY, "link": "http://x"}, "deviation 2: link: should be an https address"),
        ({**ENTRY, "skip": True}, "deviation 2: skip: unknown key; known are tests, when"),
        ({**ENTRY, "when": ">=3"}, "deviation 2: when: should be a mapping"),
        ({**ENTRY, "when": {"tensorflow": ">=3"}}, "when: tensorflow: unknown key; known are mlf"),
        ({**ENTRY, "when": {"mlflow": 3}}, "deviation 2: when: mlflow: should be text, is 3"),
        ({**ENTRY, "when": {"mlflow": "3.14"}}, "when: mlflow: should be versions as in"),
        ({**ENTRY, "when": {"requirements": "told"}}, "'told' is none of inferred, stated"),
        ({**ENTRY, "when": {"target": 1}}, "deviation 2: when: target: should be text, is 1"),
        (
            {**ENTRY, "when": {"target": "cloud"}},
            "'cloud' is none of sqlite, file, ",
        ),
        (
            {**ENTRY, "when": {"script": "a.py"}},
            "script: should be a script in training/, is '",
        ),
        ({**ENTRY, "when": {"autologs": "yes"}}, "autologs: should be true or false, is 'yes'"),
        ({**ENTRY, "when": {"logged_with": "autolog"}}, "is none of log_model, save_model"),
        ({**ENTRY, "when": {"job_mlflow": ">=3"}}, "job_mlflow: applies to some targets only; add"),
        (
            {**ENTRY, "when": {"logged_models": "missing"}},
            "logged_models: applies to some targets",
        ),
        (
            {**ENTRY, "when": {"target": "azure", "logged_models": "no"}},
            "'no' is none of supported, missing",
        ),
        ({**ENTRY, "when": {"says": "("}}, "says: should be a regular expression: missing )"),
        (
            {**ENTRY, "when": {"rebuilt_from": "conda"}},
            "'conda' is none of requirements, python_env",
        ),
        ({**ENTRY, "checked_with": "x"}, "deviation 2: checked_with: should be a mapping"),
        ({**ENTRY, "checked_with": {}}, "checked_with: should have packages, options, or both"),
        ({**ENTRY, "checked_with": {"options": []}}, "should have packages, options, or both"),
        ({**ENTRY, "checked_with": {"pip": []}}, "checked_with: pip: unknown key; known are pack"),
        ({**ENTRY, "checked_with": {"options": "-x"}}, "checked_with: options: should be a list"),
        ({**ENTRY, "checked_with": {"packages": ["<1"]}}, "packages: '<1' is not a requirement"),
    ],
)
def test_a_mistake_is_told_by_file_entry_and_key(
    entry: Any, error_message: str, tmp_path: Path
) -> None:
    """A wrong entry is refused in one line with file, entry and key."""
    path = written(tmp_path, ENTRY, entry)
    with pytest.raises(ConfigurationError) as caught:
        read_known_deviations(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert error_message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "pattern",
    [
        *(".*", ".+", ".", "x*", "(?s:.*)", "^", "$", r"\A", r"\Z", r"\b", "|", "pytest|", "()"),
        *(r"[\s\S]", r"\S", r"\w+", r"\W", r"[a-z]", r"\d", "(?!pytest)", "e", "(?i)ERROR"),
        *("assert", "Assertion", "found: ", r"should be: .+\n", "where: /", "that is", "should"),
    ],
)
def test_a_message_that_any_failure_has_is_refused(pattern: str, tmp_path: Path) -> None:
    """A message that is found in failures of every kind is refused."""
    path = written(tmp_path, {**ENTRY, "message": pattern})
    with pytest.raises(ConfigurationError) as caught:
        read_known_deviations(path)
    assert f"{path}: deviation 1: message: " in str(caught.value)
    assert "is found in any failure; quote text that only this one contains" in str(caught.value)


def test_the_suite_s_own_deviations_are_readable() -> None:
    """The committed file is readable, and every entry has a reason and a link."""
    for deviation in read_known_deviations(KNOWN_DEVIATIONS):
        assert deviation.tests.startswith("conformance/test_")
        assert deviation.reason
        assert deviation.link.startswith(DISCUSSED)
