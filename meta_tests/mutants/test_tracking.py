"""Mutants of the tracking store: missing, wrong and unexpected entries."""

from __future__ import annotations

from dataclasses import replace

from conformance import test_tracking as tracking
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.store_edits import (
    RUN_ID,
    Break,
    emptied,
    in_a_run,
    unfinished,
    with_artifacts,
    with_logged_model,
    with_metric,
    with_param,
    with_run,
    with_sql,
)
from mlflow_conformance.catalogue.details import Logs, Registration

AUTOLOGGED, BY_HAND, SAVED = "autolog-array", "infer-frame", "save-log"
REGISTERED = "registered"
PICTURE = "training_roc_curve.png"


def promising(logs: Logs) -> Break:
    """Return an edit after which the catalogue promises logs that the script does not write."""

    def edit(bench: Bench) -> None:
        bench.model = replace(bench.model, mode=replace(bench.model.mode, logs=logs))

    return edit


def registered_as(name: str) -> Break:
    """Return an edit after which the catalogue states this name of the registered model."""

    def edit(bench: Bench) -> None:
        mode = bench.model.mode
        stated = replace(mode.details, registered_as=Registration(name, ("champion",)))
        bench.model = replace(bench.model, mode=replace(mode, details=stated))

    return edit


RUNS = (
    Mutant(
        "no-run",
        AUTOLOGGED,
        tracking.test_autologging_leaves_one_run,
        with_sql("UPDATE runs SET lifecycle_stage = 'deleted'"),
        r"store\.db: has 0 runs \[\], should have exactly one",
    ),
    Mutant(
        "two-runs",
        AUTOLOGGED,
        tracking.test_autologging_leaves_one_run,
        with_run,
        rf"store\.db: has 2 runs \[.*'{RUN_ID}'.*\], should have exactly one",
    ),
    Mutant(
        "still-running",
        AUTOLOGGED,
        tracking.test_runs_are_finished,
        with_sql("UPDATE runs SET status = 'RUNNING', end_time = NULL"),
        r"^runs that are not finished\n  found: \w+ is RUNNING, started \d+, ended None\n",
    ),
    *(
        Mutant(
            f"unfinished-{mode}",
            mode,
            tracking.test_runs_are_finished,
            unfinished,
            r"^(runs that are not finished|logged models that are not ready)\n"
            r"  found: \S+ is (RUNNING|PENDING)",
        )
        for mode in (AUTOLOGGED, BY_HAND, SAVED)
    ),
    *(
        Mutant(
            f"{owner.__name__.removeprefix('test_')}-of-nothing",
            BY_HAND,
            owner,
            emptied,
            r"store\.db: has no run and no logged model$",
        )
        for owner in (
            tracking.test_runs_are_finished,
            tracking.test_runs_and_models_are_in_the_experiment,
        )
    ),
    Mutant(
        "failed-run-of-a-script-that-logs-by-hand",
        BY_HAND,
        tracking.test_runs_are_finished,
        in_a_run(with_sql("UPDATE runs SET status = 'FAILED'")),
        rf"^runs that are not finished\n  found: .*{RUN_ID} is FAILED",
    ),
    Mutant(
        "ended-before-it-started",
        AUTOLOGGED,
        tracking.test_runs_are_finished,
        with_sql("UPDATE runs SET end_time = start_time - 1"),
        r"^runs that are not finished\n  found: \w+ is FINISHED, started \d+, ended \d+\n",
    ),
    Mutant(
        "in-another-experiment",
        AUTOLOGGED,
        tracking.test_runs_and_models_are_in_the_experiment,
        with_sql("UPDATE runs SET experiment_id = 0"),
        r"^runs and models outside of 'diabetes-training'\n  found: run \w+ in Default\n",
    ),
    Mutant(
        "model-in-another-experiment",
        BY_HAND,
        tracking.test_runs_and_models_are_in_the_experiment,
        with_logged_model("elsewhere", experiment=0),
        r"^runs and models outside of 'diabetes-training'\n  found: model elsewhere in Default\n",
    ),
)

PARAMETERS = tuple(
    Mutant(
        name, AUTOLOGGED, tracking.test_autologged_parameters_are_the_estimator_s, break_, message
    )
    for name, break_, message in (
        (
            "parameter-missing",
            with_sql("DELETE FROM params WHERE key = 'C'"),
            r"^parameters that differ .*\n  found: C: missing \(should be 100\.0\)\n",
        ),
        (
            "parameter-of-another-value",
            with_sql("UPDATE params SET value = 'lbfgs' WHERE key = 'solver'"),
            r"^parameters that differ .*\n  found: solver: lbfgs \(should be liblinear\)\n",
        ),
        (
            "parameter-nobody-has",
            with_param("depth", "3"),
            r"^parameters that neither autologging nor the catalogue promises\n  found: depth=3\n",
        ),
    )
)

METRICS = tuple(
    Mutant(name, AUTOLOGGED, tracking.test_autologged_metrics_are_the_estimator_s, break_, message)
    for name, break_, message in (
        (
            "metric-missing",
            with_sql("DELETE FROM latest_metrics WHERE key = 'training_roc_auc'"),
            r"^metrics that differ .*\n  found: training_roc_auc: missing \(should be 0\.\d+\)\n",
        ),
        (
            "metric-a-little-off",
            with_sql(
                "UPDATE latest_metrics SET value = value + 1e-6 WHERE key = 'training_log_loss'"
            ),
            r"^metrics that differ .*\n  found: training_log_loss: 0\.\d+ \(should be 0\.\d+\)\n",
        ),
        (
            "metric-not-a-number",
            with_sql("UPDATE latest_metrics SET is_nan = 1 WHERE key = 'training_score'"),
            r"^metrics that differ .*\n  found: training_score: None \(should be 0\.\d+\)\n",
        ),
        (
            "metric-nobody-promised",
            with_metric("training_luck", 0.5),
            r"^metrics that neither autologging nor the catalogue promises\n  found: training_luck",
        ),
    )
)

FILES_AND_TAGS = (
    Mutant(
        "plot-missing",
        AUTOLOGGED,
        tracking.test_autologged_plots_are_pictures,
        with_artifacts(lambda folder: (folder / PICTURE).unlink()),
        rf"^plots that are missing\n  found: {PICTURE}\n",
    ),
    Mutant(
        "plot-is-no-picture",
        AUTOLOGGED,
        tracking.test_autologged_plots_are_pictures,
        with_artifacts(lambda folder: (folder / PICTURE).write_text("<svg/>")),
        rf"^plots that are not PNG images\n  found: {PICTURE}\n",
    ),
    Mutant(
        "plot-is-only-a-header",
        AUTOLOGGED,
        tracking.test_autologged_plots_are_pictures,
        with_artifacts(lambda folder: (folder / PICTURE).write_bytes(tracking.PNG)),
        rf"^plots that are not PNG images\n  found: {PICTURE}\n",
    ),
    Mutant(
        "tag-of-another-class",
        AUTOLOGGED,
        tracking.test_autologged_run_says_what_was_fitted,
        with_sql("UPDATE tags SET value = 'sklearn.svm.SVC' WHERE key = 'estimator_class'"),
        r"^tags of the run\n  found: .*'estimator_class': 'sklearn\.svm\.SVC'",
    ),
    Mutant(
        "tag-missing",
        AUTOLOGGED,
        tracking.test_autologged_run_says_what_was_fitted,
        with_sql("DELETE FROM tags WHERE key = 'estimator_name'"),
        r"^tags of the run\n  found: .*'estimator_name': None",
    ),
)

LOGS = tuple(
    Mutant(
        f"{kind}-that-the-script-should-log",
        AUTOLOGGED,
        tracking.test_what_the_script_logs_itself_is_there,
        promising(logs),
        rf"^what the script should log and does not\n  found: {kind} {name}\n  should be: none\n",
    )
    for kind, name, logs in (
        ("metric", "AUC", Logs(metrics=("AUC", "training_score"))),
        ("parameter", "depth", Logs(params=("C", "depth"))),
        ("tag", "team", Logs(tags=("estimator_name", "team"))),
        ("artifact", "plots", Logs(artifacts=("plots", PICTURE))),
    )
)

REGISTRATIONS = tuple(
    Mutant(
        name,
        REGISTERED,
        tracking.test_the_script_registers_the_model_as_stated,
        edit,
        rf"^registered versions of the model\n  found: {found}\n"
        rf"  should be: one, {wanted} with aliases \['champion'\]\n  where: .*store\.db$",
    )
    for name, edit, found, wanted in (
        (
            "alias-lost",
            with_sql("DELETE FROM registered_model_aliases"),
            r"[\w-]+ with aliases \[\]",
            "of any name",
        ),
        (
            "another-alias",
            with_sql("UPDATE registered_model_aliases SET alias = 'second'"),
            r"[\w-]+ with aliases \['second'\]",
            "of any name",
        ),
        ("not-registered", with_sql("DELETE FROM model_versions"), "none", "of any name"),
        (
            "another-model",
            with_sql("UPDATE model_versions SET source = 'models:/m-0'"),
            "none",
            "of any name",
        ),
        ("another-name", registered_as("churn"), r"[\w-]+ with aliases \['champion'\]", "churn"),
    )
)

MUTANTS = REGISTRATIONS + RUNS + PARAMETERS + METRICS + FILES_AND_TAGS + LOGS


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A wrong entry in the tracking store fails the check that owns it."""
    require_caught(mutant, bench)
