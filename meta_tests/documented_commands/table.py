"""Where each documented command is run: here, in CI, in a test, or, for a reason, nowhere.

A pattern is for the whole command, without ``uv run`` if that has no options. The first entry that
fits counts; those of ``QUICK`` come first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Quick:
    """Commands that take seconds: they are run as they are.

    ``says`` is in the output, ``writes`` is a file that is there afterwards. With ``as_shown``, the
    output that a document shows is that of the run.
    """

    commands: str
    exit_code: int
    says: str
    writes: str = ""
    as_shown: bool = False


@dataclass(frozen=True)
class Elsewhere:
    """Commands that are run elsewhere.

    ``ci`` is the line of ``.ci/run`` that runs them, ``tests`` are the tests that do, as
    FILE::FUNCTION below ``meta_tests/``. ``opt_in`` is why CI does not run all of it.
    """

    commands: str
    ci: str = ""
    tests: tuple[str, ...] = ()
    opt_in: str = ""


ALL_TESTS: Final = "uv run pytest -n 2 --dist worksteal"
AZURE_TESTS: Final = "uv run --extra rehearsal pytest -n 3 meta_tests/azure"
REHEARSAL: Final = (
    "uv run --extra rehearsal pytest -m azure --workspace rehearsal --rehearsal-list-lag 30"
)
LOCAL: Final = "uv run nox -s local -- 2.8.1"
INSTALLED: Final = "end_to_end/test_installed.py::"
EXISTING: Final = "end_to_end/test_existing_models.py::"
DRAFT: Final = "end_to_end/test_draft.py::"
ASSUMPTIONS: Final = "azure/evidence/test_assumptions.py::"
GATE: Final = (
    r"(nox -s gate --|uv run --project \S+ nox -f \S+ -s gate --|mlflow-conformance gate) "
)
WORKSPACE: Final = "needs a workspace; CI has the rehearsal of one"
ENVIRONMENTS: Final = (
    "builds environments and trains in them, for minutes; the tests have its parts"
)
RECORDS: Final = "builds the environments of all releases, for hours, and changes what is shipped"
MEASURES: Final = "measures for minutes, and needs a machine that does nothing else"

QUICK: Final = (
    Quick(r"nox -s compare -- --list", 0, "2.22.5\n3.0.1\n"),
    Quick(r"nox -s compare -- \S+ \S+ --report report", 1, "NOT SAFE: ", "report/report.html"),
    Quick(
        r"(nox -s compare --|mlflow-conformance compare) \S+ \S+",
        1,
        "NOT SAFE: ",
        as_shown=True,
    ),
    Quick(r"mlflow-conformance --help", 0, "--draft-catalogue"),
    Quick(r"mlflow-conformance doctor", 0, "ready: "),
    Quick(r"mlflow-conformance model models/churn", 0, "nothing speaks against 1 model"),
    Quick(
        r"mlflow-conformance model 'models:/\*' --tracking-uri sqlite:///mlflow\.db --load",
        0,
        "models:/churn/1: sound",
    ),
)
ELSEWHERE: Final = (
    Elsewhere(
        r"pytest( -n 2|( meta_tests/\S+)+| -m local( --mode (infer|signature)-frame)?)?",
        ci=ALL_TESTS,
    ),
    Elsewhere(r"nox -s local -- \S+", ci=LOCAL),
    Elsewhere(r"(uv run --extra rehearsal )?pytest -m azure --workspace rehearsal", ci=REHEARSAL),
    Elsewhere(r"uv run --extra rehearsal pytest (…|meta_tests/azure/\S+)", ci=AZURE_TESTS),
    Elsewhere(r"nox -s lint( types)?|uv sync --group lint", ci="uv run --group lint ruff check ."),
    Elsewhere(
        r"nox -s docs",
        ci="uv run --group docs sphinx-build --quiet --fail-on-warning --keep-going docs site",
    ),
    Elsewhere(
        r"nox -s screenshots",
        tests=(
            "report/test_screenshots.py::test_the_script_takes_its_pictures",
            "upgrade/atlas/test_in_a_browser.py::test_its_picture_is_taken",
        ),
    ),
    Elsewhere(r"pip install uv", ci="python -m pip install --quiet uv"),
    Elsewhere(r"\.ci/run", opt_in="is what CI runs"),
    Elsewhere(
        r"pre-commit install",
        ci="uv run --group lint ruff check .",
        opt_in="writes a hook into the clone; CI runs what the hook runs",
    ),
    # In a project of the user's own.
    Elsewhere(
        r"(uv add --dev|pip install) path/\S+|mlflow-conformance -m local"
        r"( …| --catalogue models/modes\.yaml)",
        tests=(f"{INSTALLED}test_the_promises_of_a_project_are_checked",),
    ),
    Elsewhere(r"uv build --wheel", tests=(f"{INSTALLED}test_the_wheel_has_one_package",)),
    Elsewhere(
        r"mlflow-conformance … --with \S+",
        tests=(f"{INSTALLED}test_a_changed_environment_is_checked",),
    ),
    Elsewhere(
        r"mlflow-conformance draft .*",
        tests=(f"{INSTALLED}test_a_catalogue_is_drafted",),
    ),
    Elsewhere(
        r"mlflow-conformance changed .*",
        tests=("pipelines/test_changed.py::test_the_concerned_modes_are_checked",),
    ),
    # Runs of pytest with options.
    Elsewhere(
        r"pytest --draft-catalogue .*",
        tests=(
            "end_to_end/test_draft.py::test_a_drafted_catalogue_states_everything_and_runs_green",
        ),
    ),
    Elsewhere(
        r"pytest -m local --catalogue \S+",
        tests=("end_to_end/test_own_scripts.py::test_a_run_of_such_scripts_succeeds",),
    ),
    Elsewhere(
        r"(pytest|mlflow-conformance) -m local( --catalogue \S+)? --accept",
        tests=("end_to_end/test_accepting.py::test_the_first_baseline_is_taken_in",),
    ),
    Elsewhere(
        r"(pytest|mlflow-conformance) -m local( --catalogue \S+)? --report \S+",
        tests=("end_to_end/test_reports.py::test_results_are_those_of_the_run",),
    ),
    Elsewhere(
        r"pytest( -m local)? --record PATH",
        tests=("end_to_end/test_upgrade.py::test_a_run_is_recorded",),
    ),
    Elsewhere(
        r"pytest -m local --baseline \S+|pytest --mode NAME",
        tests=("end_to_end/test_upgrade.py::test_only_the_named_mode_is_compared",),
    ),
    Elsewhere(
        r"pytest -m local --model \S+ --tracking-uri \S+",
        tests=(f"{EXISTING}test_a_registered_model_is_found_by_its_alias",),
    ),
    Elsewhere(
        r"pytest( -m local)? --model \S+",
        tests=(f"{EXISTING}test_a_model_that_is_fine_keeps_all_promises",),
    ),
    Elsewhere(
        r"pytest -m local --target http:\S+",
        tests=("end_to_end/test_servers.py::test_nothing_is_left_at_somebody_s_server",),
    ),
    Elsewhere(
        r'pytest -m "local and estimators"',
        tests=("end_to_end/test_estimators.py::test_estimators_alone_are_checked",),
    ),
    Elsewhere(
        r'pytest -m "local and mlflow" --examples \d+',
        ci=ALL_TESTS,
        opt_in="takes minutes with so many examples; CI has fewer",
    ),
    Elsewhere(
        r"uv run --extra scoring pytest -m local",
        ci=ALL_TESTS,
        opt_in="without the extra, CI checks the same promises in environments that it builds",
    ),
    # Models that exist.
    Elsewhere(
        r"(uv run --extra rehearsal )?mlflow-conformance model 'models:/\*' --workspace .*",
        tests=("azure/whole/test_models_in_jobs.py::test_a_rehearsal_checks_its_sample_models",),
    ),
    Elsewhere(
        r"mlflow-conformance model \S+ .*--bisect \S+",
        tests=("upgrade/test_bisection.py::test_the_first_bad_release_is_found_in_few_steps",),
        opt_in=ENVIRONMENTS,
    ),
    Elsewhere(
        r"mlflow-conformance model ('models:/\*'|MODEL .*)",
        tests=("existing/test_registry.py::test_a_thousand_versions_are_found_with_few_requests",),
    ),
    # The gate.
    Elsewhere(
        rf"{GATE}.*--model .*",
        tests=("upgrade/test_model_gate.py::test_both_sides_load_score_and_serve",),
        opt_in=ENVIRONMENTS,
    ),
    Elsewhere(
        rf"{GATE}.*--store postgres",
        tests=("upgrade/test_postgres_store.py::test_nothing_is_lost_and_models_work",),
        opt_in=ENVIRONMENTS,
    ),
    Elsewhere(
        rf"{GATE}.*--(project|from-requirements) .*",
        tests=(
            "upgrade/test_asked_sides.py::test_a_project_is_its_lock",
            "upgrade/test_team_environment.py::test_a_requirements_file_is_resolved_where_it_is",
        ),
        opt_in=ENVIRONMENTS,
    ),
    Elsewhere(
        rf"{GATE}.*--with .*",
        tests=("upgrade/test_asked_sides.py::test_releases_and_packages_name_the_sides",),
        opt_in=ENVIRONMENTS,
    ),
    Elsewhere(
        rf"{GATE}\S+ (rc|path/\S+)",
        tests=(
            "upgrade/test_unreleased.py::test_a_word_is_the_newest_pre_release",
            "upgrade/test_unreleased.py::test_a_wheel_brings_those_beside_it",
            "upgrade/test_unreleased.py::test_a_checkout_brings_its_parts",
        ),
        opt_in=ENVIRONMENTS,
    ),
    Elsewhere(
        rf"{GATE}\S+( \S+)?( …| --(catalogue|report) \S+)?",
        tests=(f"{INSTALLED}test_two_releases_are_compared",),
    ),
    Elsewhere(r"nox -s gate", opt_in=ENVIRONMENTS),
    # Workspaces.
    Elsewhere(
        r"pytest -m azure --evidence FOLDER",
        tests=("azure/whole/test_evidence.py::test_what_is_otherwise_contradicts",),
        opt_in=WORKSPACE,
    ),
    Elsewhere(
        r"(uv run --extra azure )?(pytest|mlflow-conformance) -m azure( .*)?|uv sync --extra azure"
        r"|uv add --dev 'path/\S+'",
        ci=REHEARSAL,
        opt_in=WORKSPACE,
    ),
    Elsewhere(
        r"python -m mlflow_conformance\.rehearsal .*",
        tests=("azure/rehearsal/test_process.py::test_nothing_is_left_when_it_ends",),
    ),
    Elsewhere(
        r"python -m mlflow_conformance\.azure\.evidence\.documentation",
        tests=(f"{ASSUMPTIONS}test_the_documentation_lists_every_assumption_as_it_is",),
    ),
    # Work on the suite.
    Elsewhere(
        r"nox -s new -- promise \S+",
        tests=("test_scaffold.py::test_a_new_promise_fails_until_it_is_filled_in",),
    ),
    Elsewhere(
        r"nox -s new -- rule \S+",
        tests=("test_scaffold.py::test_a_new_rule_fails_until_it_is_filled_in",),
    ),
    Elsewhere(
        r"nox -s new -- mode \S+",
        tests=("test_scaffold.py::test_a_new_mode_fails_until_it_is_filled_in",),
    ),
    Elsewhere(
        r"nox -s fuzz -- .*",
        tests=("fuzzing/test_session.py::test_the_whole_session_runs",),
    ),
    Elsewhere(
        r"nox -s truth",
        tests=("upgrade/test_truth.py::test_what_the_shipped_baselines_show_is_told",),
    ),
    Elsewhere(
        r"nox -s atlas -- \S+",
        tests=("upgrade/atlas/test_command.py::test_the_page_is_all_that_is_written",),
    ),
    Elsewhere(
        r"nox -s (matrix|supported|excused -- \S+)",
        ci=LOCAL,
        opt_in="builds further environments and trains in them, for minutes; CI has one of them",
    ),
    Elsewhere(r"nox -s rehearsal", ci=REHEARSAL, opt_in="is three rehearsals, of which CI has one"),
    Elsewhere(
        r"nox -s baselines.*",
        tests=("upgrade/test_record_baselines.py::test_all_is_recorded_again_on_demand",),
        opt_in=RECORDS,
    ),
    Elsewhere(
        r"nox -s seeds",
        tests=("upgrade/test_seeds.py::test_each_schema_becomes_one_seed",),
        opt_in=RECORDS,
    ),
    Elsewhere(
        r"nox -s surface",
        tests=("upgrade/surface/test_recorded_surfaces.py::test_what_is_written_is_read",),
        opt_in=RECORDS,
    ),
    Elsewhere(
        r"nox -s (benchmark|existing)|python -m benchmarks\.existing_models"
        r"|uv run --extra rehearsal python -m benchmarks\.rehearsal",
        opt_in=MEASURES,
    ),
)
