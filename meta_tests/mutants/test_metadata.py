"""Mutants of the metadata in ``MLmodel``: ids, name, run, creation time and size."""

from __future__ import annotations

from datetime import datetime, timedelta

from conformance import test_metadata as metadata
from meta_tests.mutants.harness import Bench, Mutant, call, each, require_caught
from meta_tests.mutants.model_edits import Break, with_key, without_key
from meta_tests.mutants.store_edits import (
    RUN_ID,
    noted_by_the_store,
    with_run,
    with_sql,
    without_its_run,
)

MODE = "autolog-array"
SAVED = "save-log"


def created_later(hours: float) -> Break:
    """Return an edit that shifts the creation time, as a wrong time zone does."""

    def edit(bench: Bench) -> None:
        created = bench.model.mlmodel.utc_time_created
        assert isinstance(created, datetime)
        with_key("utc_time_created", str(created + timedelta(hours=hours)))(bench)

    return edit


def grown(bench: Bench) -> None:
    """Append bytes to the model's file."""
    with bench.model.model_file.open("ab") as file:
        file.write(b"more")


def named(name: str) -> Break:
    """Return an edit of the model's name: in the store, or before MLflow 3 in the file."""

    def edit(bench: Bench) -> None:
        if bench.model.mlmodel.model_id is None:
            with_key("artifact_path", name)(bench)
        else:
            with_sql("UPDATE logged_models SET name = ?", name)(bench)

    return edit


def with_the_uuid_of_another(bench: Bench) -> None:
    """Give the model the uuid of its twin."""
    assert bench.twin is not None
    with_key("model_uuid", bench.twin.mlmodel.model_uuid)(bench)


def unknown_to_the_store(bench: Bench) -> None:
    """Give the model a uuid that its store does not have."""
    found = bench.model.mlmodel
    uuid = ("m-" if found.model_id else "") + 32 * "0"
    for key in ("model_uuid", "model_id") if found.model_id else ("model_uuid",):
        with_key(key, uuid)(bench)


def with_or_without_id(bench: Bench) -> None:
    """Add a model_id if the model has none, else remove it."""
    found = bench.model.mlmodel
    if found.model_id is None:
        with_key("model_id", found.model_uuid)(bench)
    else:
        without_key("model_id")(bench)


def of_no_run(bench: Bench) -> None:
    """Remove the run that logged the model from the file and from the store."""
    without_its_run(bench)
    without_key("run_id")(bench)


MUTANTS = (
    Mutant(
        "other-mlflow-version",
        MODE,
        metadata.test_mlflow_version_is_the_installed_one,
        with_key("mlflow_version", "1.0.0"),
        r"^mlflow_version\n  found: 1\.0\.0\n",
    ),
    Mutant(
        "mlflow-version-is-a-number",
        MODE,
        metadata.test_mlmodel_can_be_read,
        with_key("mlflow_version", 3.1),
        r"MLmodel: mlflow_version: should be text, is of type float",
    ),
    Mutant(
        "no-uuid",
        MODE,
        metadata.test_model_has_a_uuid,
        without_key("model_uuid"),
        r"MLmodel: model_uuid is None, should be 32 hexadecimal digits",
    ),
    Mutant(
        "short-uuid",
        MODE,
        metadata.test_model_has_a_uuid,
        with_key("model_uuid", "m-12ab"),
        r"MLmodel: model_uuid is 'm-12ab', should be 32 hexadecimal digits",
    ),
    Mutant(
        "uuid-of-other-letters",
        MODE,
        metadata.test_model_has_a_uuid,
        with_key("model_uuid", "m-" + 32 * "z"),
        r"MLmodel: model_uuid is 'm-zzz.*', should be 32 hexadecimal digits",
    ),
    *(
        Mutant(
            f"uuid-of-{mode}-is-that-of-{twin}",
            mode,
            metadata.test_model_has_a_uuid,
            with_the_uuid_of_another,
            rf"^other models with the model_uuid (m-)?\w{{32}}\n  found: {twin}-sqlite\n",
            twin=twin,
        )
        for mode, twin in ((MODE, "infer-frame"), ("infer-frame", SAVED), (SAVED, MODE))
    ),
    *(
        Mutant(
            f"unknown-to-the-store-{mode}",
            mode,
            metadata.test_model_id_is_the_uuid,
            unknown_to_the_store,
            r"\.db: knows no logged model with the model_uuid '(m-)?0{32}' of \S+MLmodel$",
        )
        for mode in (MODE, "infer-frame")
    ),
    *(
        Mutant(
            f"id-where-none-should-be-or-none-{mode}",
            mode,
            metadata.test_model_id_is_the_uuid,
            with_or_without_id,
            r"^model_id \(MLflow has them where the store has logged models\)\n  found: ",
        )
        for mode in (MODE, "infer-frame", SAVED)
    ),
    Mutant(
        "saved-model-that-a-run-notes",
        SAVED,
        metadata.test_model_id_is_the_uuid,
        noted_by_the_store,
        r"\.db: knows a logged model with the model_uuid '\w{32}' of \S+MLmodel$",
    ),
    Mutant(
        "of-no-run-by-its-own-word-and-the-store-s",
        MODE,
        metadata.test_run_id_is_the_run_s,
        of_no_run,
        r"MLmodel: names no run, should name the one that logged the model, of \['\w{32}'\]$",
    ),
    Mutant(
        "model-id-of-another",
        MODE,
        metadata.test_model_id_is_the_uuid,
        with_key("model_id", "m-" + 32 * "0"),
        r"MLmodel: model_id 'm-0{32}' should be the model_uuid",
    ),
    Mutant(
        "run-id-of-another",
        MODE,
        metadata.test_run_id_is_the_run_s,
        with_key("run_id", 32 * "0"),
        r"^run_id .*\n  found: 0{32}\n",
    ),
    Mutant(
        "of-another-name",
        MODE,
        metadata.test_model_has_the_promised_name,
        named("diabetes"),
        r"MLmodel: the model's name is diabetes, should be model \(artifact_path\)$",
    ),
    Mutant(
        "saved-model-elsewhere-in-the-run",
        SAVED,
        metadata.test_model_has_the_promised_name,
        with_sql("UPDATE runs SET artifact_uri = replace(artifact_uri, '/run', '')"),
        r"MLmodel: the model's name is run/model, should be model \(artifact_path\)$",
    ),
    Mutant(
        "saved-model-outside-of-the-run",
        SAVED,
        metadata.test_model_has_the_promised_name,
        with_sql("UPDATE runs SET artifact_uri = artifact_uri || '-of-another'"),
        r"MLmodel: the model's name is None, should be model \(artifact_path\)$",
    ),
    Mutant(
        "saved-model-that-was-logged",
        SAVED,
        metadata.test_saved_model_names_no_run,
        with_key("run_id", 32 * "0"),
        r"^run_id and model_id of a saved model\n  found: .*'run_id': '0{32}'",
    ),
    Mutant(
        "saved-model-with-an-id",
        SAVED,
        metadata.test_saved_model_names_no_run,
        with_key("model_id", "m-" + 32 * "0"),
        r"^run_id and model_id of a saved model\n  found: .*'model_id': 'm-0{32}'",
    ),
    Mutant(
        "run-that-is-not-there",
        MODE,
        metadata.test_run_id_is_the_run_s,
        with_sql("UPDATE runs SET lifecycle_stage = 'deleted'"),
        r"run_id \(of the run that logged|run_id \w+ is none of the store's runs \[\]",
    ),
    Mutant(
        "no-run-id",
        MODE,
        metadata.test_run_id_is_the_run_s,
        without_key("run_id"),
        r"^run_id .*\n  found: None\n",
    ),
    Mutant(
        "no-time-created",
        MODE,
        metadata.test_time_created_is_utc_and_within_the_training,
        without_key("utc_time_created"),
        r"MLmodel: utc_time_created is missing",
    ),
    Mutant(
        "time-created-in-another-zone",
        MODE,
        metadata.test_time_created_is_utc_and_within_the_training,
        created_later(hours=1),
        r"MLmodel: utc_time_created is .*, should lie between .* \(UTC\)",
    ),
    Mutant(
        "time-created-before-the-training",
        MODE,
        metadata.test_time_created_is_utc_and_within_the_training,
        created_later(hours=-24),
        r"MLmodel: utc_time_created is .*, should lie between .* \(UTC\)",
    ),
    Mutant(
        "time-created-is-no-time",
        MODE,
        metadata.test_mlmodel_can_be_read,
        with_key("utc_time_created", "yesterday"),
        r"MLmodel: utc_time_created: not a time: 'yesterday'",
    ),
    Mutant(
        "other-size",
        MODE,
        metadata.test_size_is_that_of_the_model_s_files,
        with_key("model_size_bytes", 1),
        r"^model_size_bytes\n  found: 1\n",
    ),
    Mutant(
        "no-size",
        MODE,
        metadata.test_size_is_that_of_the_model_s_files,
        without_key("model_size_bytes"),
        r"^model_size_bytes\n  found: None\n",
    ),
    Mutant(
        "size-is-text",
        MODE,
        metadata.test_mlmodel_can_be_read,
        with_key("model_size_bytes", "772"),
        r"MLmodel: model_size_bytes: should be a number, is of type str",
    ),
    Mutant(
        "model-file-grown",
        MODE,
        metadata.test_size_is_that_of_the_model_s_files,
        grown,
        r"^model_size_bytes\n  found: \d+\n  should be: \d+\n",
    ),
)


OUTER_RUN = Mutant(
    "outer-run", MODE, metadata.test_run_id_is_the_run_s, with_run, "is not to be noticed"
)


@each((OUTER_RUN,))
def test_a_run_around_the_model_s_own_is_no_mistake(mutant: Mutant, bench: Bench) -> None:
    """A model that is logged in a nested run names that run, not the first run of the store."""
    mutant.break_(bench)
    assert bench.model.runs[0].run_id == RUN_ID
    call(mutant.owner, bench)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """Wrong metadata fails the check that owns it."""
    require_caught(mutant, bench)
