"""Mutants of the checks of a workspace's registry: lost, mixed up or invented versions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from conformance import test_azure_registration as registration
from meta_tests.mutants.fake_workspace import RUN, with_first, with_registration
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught

MODE = "autolog-array"


def with_another_byte(bench: Bench) -> None:
    """Change the content of one registered file, but not its length."""
    file = Path(bench.registration.downloaded, "MLmodel")
    file.write_bytes(file.read_bytes()[:-1] + b"?")


def cut_short(bench: Bench) -> None:
    """Truncate one registered file."""
    file = Path(bench.registration.downloaded, "MLmodel")
    file.write_bytes(file.read_bytes()[:-10])


def without_requirements(bench: Bench) -> None:
    """Remove one registered file."""
    Path(bench.registration.downloaded, "requirements.txt").unlink()


def with_a_file_of_its_own(bench: Bench) -> None:
    """Add a file that was not logged."""
    Path(bench.registration.downloaded, "extra.txt").write_text("more", encoding="utf-8")


def empty(bench: Bench) -> None:
    """Download no file of the registered model."""
    folder = bench.folder / "empty"
    folder.mkdir()
    bench.registration = replace(bench.registration, downloaded=str(folder))


def second_of_another_run(bench: Bench) -> None:
    """Give the second version the tag of another run."""
    second = replace(bench.registration.second, tags={"conformance-run": "another"})
    bench.registration = replace(bench.registration, second=second)


def of_a_job_by_the_datastore(bench: Bench) -> None:
    """Let a version name a job, although it was registered from the datastore."""
    source = "azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.child/model/"
    bench.registration = replace(bench.registration, source=source)


def second_is_12(bench: Bench) -> None:
    """Skip versions 10 and 11, which no other run has registered."""
    second = replace(bench.registration.second, version="12")
    bench.registration = replace(bench.registration, second=second)


def second_is_the_first(bench: Bench) -> None:
    """Register the second version as the first."""
    second = replace(bench.registration.second, version="7")
    bench.registration = replace(bench.registration, second=second)


def later_changed(bench: Bench) -> None:
    """Change the source of the first version after the second was registered."""
    later = replace(bench.registration.first_later, path="azureml://elsewhere")
    bench.registration = replace(bench.registration, first_later=later)


MUTANTS = (
    Mutant(
        "registered-as-custom-model",
        MODE,
        registration.test_model_is_registered_as_an_mlflow_model,
        with_first(type="custom_model"),
        r"^type\n  found: custom_model\n  should be: mlflow_model\n  where: mlflow-diabetes v",
    ),
    Mutant(
        "registered-without-flavors",
        MODE,
        registration.test_registered_model_has_the_promised_flavors,
        with_first(flavors=()),
        r"^flavors\n  found: \[\]\n",
    ),
    Mutant(
        "registered-without-its-job",
        MODE,
        registration.test_version_links_to_its_job,
        with_first(job_name=None),
        r"^job_name\n  found: None\n",
    ),
    Mutant(
        "registered-from-another-job",
        MODE,
        registration.test_version_links_to_its_job,
        with_first(job_name="another"),
        r"^job_name\n  found: another\n",
    ),
    Mutant(
        "registered-from-a-datastore-with-a-job",
        MODE,
        registration.test_version_links_to_its_job,
        of_a_job_by_the_datastore,
        r"^job_name\n  found: \w+\n  should be: None\n",
    ),
    Mutant(
        "version-without-its-tag",
        MODE,
        registration.test_version_has_the_tag_of_its_run,
        with_first(tags={}),
        r"^tag conformance-run\n  found: \{'7': None, '9': '" + RUN,
    ),
    Mutant(
        "version-of-another-run",
        MODE,
        registration.test_version_has_the_tag_of_its_run,
        second_of_another_run,
        r"^tag conformance-run\n  found: .*'9': 'another'",
    ),
    Mutant(
        "version-numbers-left-out",
        MODE,
        registration.test_second_registration_is_the_next_version,
        second_is_12,
        r"the second registration is version 12, should be 9; others took 8 between$",
    ),
    Mutant(
        "second-registration-over-the-first",
        MODE,
        registration.test_second_registration_is_the_next_version,
        second_is_the_first,
        r"the second registration is version 7, should be 8;",
    ),
    Mutant(
        "old-version-changed",
        MODE,
        registration.test_old_version_is_intact,
        later_changed,
        r"^version 7 after 9 came\n  found: .*azureml://elsewhere",
    ),
    Mutant(
        "registered-file-changed",
        MODE,
        registration.test_registered_files_are_the_job_s,
        with_another_byte,
        r"^registered files that are not the job's\n  found: MLmodel \(of the same length, and an",
    ),
    Mutant(
        "registered-file-cut-short",
        MODE,
        registration.test_registered_files_are_the_job_s,
        cut_short,
        r"MLmodel \(\d+ bytes, the job logged \d+\)",
    ),
    Mutant(
        "registered-file-missing",
        MODE,
        registration.test_registered_files_are_the_job_s,
        without_requirements,
        r"requirements\.txt \(is missing\)",
    ),
    Mutant(
        "registered-file-added",
        MODE,
        registration.test_registered_files_are_the_job_s,
        with_a_file_of_its_own,
        r"extra\.txt \(the job did not log it\)",
    ),
    Mutant(
        "nothing-registered",
        MODE,
        registration.test_registered_files_are_the_job_s,
        empty,
        r"empty: no file of the registered model came$",
    ),
    Mutant(
        "version-not-found",
        MODE,
        registration.test_model_is_found_by_name,
        with_registration(versions=("7",)),
        r"^versions not among those found, 7\n  found: 9\n",
    ),
    Mutant(
        "latest-is-old",
        MODE,
        registration.test_latest_is_the_newest_version,
        with_registration(latest="7", latest_run=RUN),
        r"latest is version 7 of this run, should be 9$",
    ),
    Mutant(
        "latest-is-of-another-client-and-old",
        MODE,
        registration.test_latest_is_the_newest_version,
        with_registration(latest="8"),
        r"latest is version 8 of another client, should be 9$",
    ),
    Mutant(
        "latest-is-of-this-run-and-was-never-registered",
        MODE,
        registration.test_latest_is_the_newest_version,
        with_registration(latest="newest", latest_run=RUN),
        r"latest is version newest of this run, should be 9$",
    ),
    Mutant(
        "latest-is-unknown",
        MODE,
        registration.test_latest_is_the_newest_version,
        with_registration(latest=""),
        r"latest is version unknown of another client, should be 9$",
    ),
    Mutant(
        "archived-version-still-listed",
        MODE,
        registration.test_archived_version_is_not_listed,
        with_registration(listed_archived=("7", "9")),
        r"while 9 was archived, the list was 7, 9; it should be without that, and with 7$",
    ),
    Mutant(
        "all-versions-archived-at-once",
        MODE,
        registration.test_archived_version_is_not_listed,
        with_registration(listed_archived=()),
        r"while 9 was archived, the list was empty;",
    ),
    Mutant(
        "restored-version-not-listed",
        MODE,
        registration.test_restored_version_is_listed_again,
        with_registration(listed_restored=("7",)),
        r"9 was restored and is not listed, only 7$",
    ),
    Mutant(
        "path-without-a-model-accepted",
        MODE,
        registration.test_path_without_a_model_is_refused,
        with_registration(refusal=None),
        r"user_logs/: was registered as mlflow_model, should be refused: there is no MLmodel$",
    ),
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """The check that owns the broken thing fails, and its message says what is wrong."""
    require_caught(mutant, bench)
