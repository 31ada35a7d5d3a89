"""Mutants of the checks of models that a script registers: lost, foreign or misplaced versions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from conformance import test_azure_script_models as script_models
from meta_tests.mutants.fake_workspace import with_script_version
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught

MODE = "registered"


def of_another_job(bench: Bench) -> None:
    """Let the version come from another job."""
    (one,) = bench.script_versions
    bench.script_versions = (replace(one, found=replace(one.found, job_name="another")),)


def as_custom_model(bench: Bench) -> None:
    """Register the version as a model of another type."""
    (one,) = bench.script_versions
    bench.script_versions = (replace(one, found=replace(one.found, type="custom_model")),)


def registered_twice(bench: Bench) -> None:
    """Register the model a second time."""
    (one,) = bench.script_versions
    bench.script_versions = (one, replace(one, version="2"))


def not_registered(bench: Bench) -> None:
    """Register nothing."""
    bench.script_versions = ()


def cut_short(bench: Bench) -> None:
    """Truncate one registered file."""
    (one,) = bench.script_versions
    file = Path(one.downloaded, "MLmodel")
    file.write_bytes(file.read_bytes()[:-10])


MUTANTS = (
    Mutant(
        "script-version-of-another-job",
        MODE,
        script_models.test_script_registers_a_model_of_the_workspace,
        of_another_job,
        r"^name, type and job of what the script registered\n  found: .*'another'\)\]\n",
    ),
    Mutant(
        "script-version-of-another-type",
        MODE,
        script_models.test_script_registers_a_model_of_the_workspace,
        as_custom_model,
        r"^name, type and job .*\n  found: \[\(None, 'custom_model', ",
    ),
    Mutant(
        "script-registers-twice",
        MODE,
        script_models.test_script_registers_a_model_of_the_workspace,
        registered_twice,
        r"^name, type and job .*\n  found: \[\(None, .*\), \(None, ",
    ),
    Mutant(
        "script-registers-nothing",
        MODE,
        script_models.test_script_registers_a_model_of_the_workspace,
        not_registered,
        r"^name, type and job of what the script registered\n  found: \[\]\n",
    ),
    Mutant(
        "script-s-file-cut-short",
        MODE,
        script_models.test_files_that_the_script_registers_are_the_job_s,
        cut_short,
        r"^files of the script's version that are not the job's\n  found: MLmodel \(\d+ bytes",
    ),
    Mutant(
        "no-file-of-the-script-s",
        MODE,
        script_models.test_files_that_the_script_registers_are_the_job_s,
        not_registered,
        r"^job .*: its script has registered no model$",
    ),
    Mutant(
        "script-s-version-elsewhere",
        MODE,
        script_models.test_version_of_the_script_is_resolved,
        with_script_version(address="azureml://host/experiments/lab/runs/another/artifacts/model"),
        r"^models:/of-the-script/1 is resolved to azureml://.*/another/artifacts/model, should",
    ),
    Mutant(
        "script-s-version-at-the-root",
        MODE,
        script_models.test_version_of_the_script_is_resolved,
        with_script_version(address="azureml://host/experiments/lab/runs/another/artifacts"),
        r"^models:/of-the-script/1 is resolved to ",
    ),
    Mutant(
        "no-version-to-resolve",
        MODE,
        script_models.test_version_of_the_script_is_resolved,
        not_registered,
        r"^job .*: its script has registered no model$",
    ),
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """The check that owns the broken thing fails, and its message says what is wrong."""
    require_caught(mutant, bench)
