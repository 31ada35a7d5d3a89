"""Mutants of models that exist: what is found in their folders, and what is left alone."""

from __future__ import annotations

import json
import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

from conformance import test_environment as environment
from conformance import test_existing_model as existing
from conformance import test_flavors as flavors
from conformance import test_metadata as metadata
from meta_tests.mutants.harness import Bench, Mutant, call, each, require_caught
from meta_tests.mutants.model_edits import (
    Break,
    instead_of_requirement,
    with_key,
    with_text,
    without_file,
    without_key,
)

FRAME, EXAMPLE = "infer-frame", "example-frame"
FUNCTION = "flavors.python_function"


class Runs:
    """An object whose pickle runs a program when it is loaded."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ("exit 1",))


def with_pickle(name: str, value: object) -> Break:
    """Return an edit that adds a pickle to the folder."""

    def edit(bench: Bench) -> None:
        (bench.model.directory / name).write_bytes(pickle.dumps(value))

    return edit


def with_link(name: str, target: str) -> Break:
    """Return an edit that adds a link to the folder."""
    return lambda bench: (bench.model.directory / name).symlink_to(target)


def with_fifo(bench: Bench) -> None:
    """Add a FIFO, at which a reader would wait for ever."""
    os.mkfifo(bench.model.directory / "pipe")


def without_model_file(bench: Bench) -> None:
    """Remove the file with the estimator."""
    bench.model.model_file.unlink()


def without_first_column(bench: Bench) -> None:
    """Remove a column of the input example."""
    file = example_of(bench)
    example = json.loads(file.read_text(encoding="utf-8"))
    example["columns"] = example["columns"][1:]
    example["data"] = [row[1:] for row in example["data"]]
    file.write_text(json.dumps(example), encoding="utf-8")


def with_cut_example(bench: Bench) -> None:
    """Cut the end of the input example."""
    file = example_of(bench)
    file.write_text(file.read_text(encoding="utf-8")[:-5], encoding="utf-8")


def example_of(bench: Bench) -> Path:
    """Return the file with the input example."""
    info: Any = bench.model.mlmodel.document["saved_input_example_info"]
    return bench.model.directory / str(info["artifact_path"])


def of_another_flavor(bench: Bench) -> None:
    """Let another loader find its files without a key for them."""
    without_key(f"{FUNCTION}.model_path")(bench)
    with_key(f"{FUNCTION}.loader_module", "mlflow.transformers")(bench)


def with_uv_file_in_a_folder(bench: Bench) -> None:
    """Add a file that MLflow would have measured: uv's own stand beside ``MLmodel``."""
    (bench.model.directory / "more").mkdir()
    with_text("more/uv.lock", "version = 1\n")(bench)


MUTANTS = (
    Mutant(
        "pickle-that-runs-a-program",
        FRAME,
        existing.test_loading_it_runs_no_program,
        with_pickle("data.pkl", Runs()),
        r"unsafe to load the model: loading it runs 'posix\.system' \('data\.pkl'\); do not load",
    ),
    Mutant(
        "hidden-pickle-that-runs-a-program",
        FRAME,
        existing.test_loading_it_runs_no_program,
        with_pickle("notes", Runs()),
        r"loading it runs 'posix\.system' \('notes'\); do not load it; ask its owner",
    ),
    Mutant(
        "link-that-leads-out",
        FRAME,
        existing.test_nothing_leads_out_of_its_folder,
        with_link("link", "/etc/hostname"),
        r"leads out of the model's folder, .*: a link leads out of the folder \('link'\); do not",
    ),
    Mutant(
        "fifo",
        FRAME,
        existing.test_nothing_leads_out_of_its_folder,
        with_fifo,
        r"no plain file: a FIFO, a socket or a device is in the folder \('pipe'\); do not load it",
    ),
    Mutant(
        "path-that-leads-out",
        FRAME,
        existing.test_nothing_leads_out_of_its_folder,
        with_key(f"{FUNCTION}.model_path", "../model.pkl"),
        r"a path leads out of the model's folder \(MLmodel: .*model_path: '\.\./model\.pkl'\); do",
    ),
    Mutant(
        "model-file-gone",
        FRAME,
        existing.test_model_is_whole,
        without_model_file,
        r"what is damaged in the model: 'model\.\w+' is missing \(.*\); copy the whole folder",
    ),
    Mutant(
        "no-flavors",
        FRAME,
        existing.test_model_is_whole,
        with_key("flavors", {}),
        r"damaged in the model: has no flavor \(MLmodel\); log the model again",
    ),
    Mutant(
        "no-estimator-file",
        FRAME,
        existing.test_model_is_whole,
        without_key("flavors.sklearn.pickled_model"),
        r"damaged in the model: names no file with the estimator .*; log the model again",
    ),
    Mutant(
        "example-lacks-a-column",
        EXAMPLE,
        existing.test_input_example_fits_the_signature,
        without_first_column,
        r"input example: the input example lacks the column '\w+' of the signature \(.*\.json'\)",
    ),
    Mutant(
        "example-is-cut",
        EXAMPLE,
        existing.test_input_example_fits_the_signature,
        with_cut_example,
        r"wrong with the input example: the input example is not JSON: .* log the model again",
    ),
    Mutant(
        "loader-is-not-here",
        FRAME,
        existing.test_what_it_needs_is_installed,
        with_key(f"{FUNCTION}.loader_module", "nowhere.loader"),
        r"needs and is not here: is loaded by 'nowhere\.loader', which is not here \(.*\); install",
    ),
    Mutant(
        "format-is-not-known",
        FRAME,
        existing.test_what_it_needs_is_installed,
        with_key("flavors.sklearn.serialization_format", "dill"),
        r"not here: the installed MLflow does not read the format 'dill' \(.*\); load it with the",
    ),
)
# Edits after which the promises are kept all the same.
LEFT_ALONE = (
    Mutant(
        "harmless-pickle",
        FRAME,
        existing.test_loading_it_runs_no_program,
        with_pickle("data.pkl", OrderedDict(a=[1.5, "os.system"])),
        "",
    ),
    Mutant(
        "link-to-a-file-of-the-model",
        FRAME,
        existing.test_nothing_leads_out_of_its_folder,
        with_link("link", "MLmodel"),
        "",
    ),
    Mutant(
        "environment-file-that-another-promise-is-about",
        FRAME,
        existing.test_model_is_whole,
        with_text("requirements.txt", "mlflow==\n"),
        "",
    ),
    Mutant(
        "broken-example-is-told-once",
        EXAMPLE,
        existing.test_model_is_whole,
        with_cut_example,
        "",
    ),
    Mutant(
        "unknown-package-version",
        FRAME,
        existing.test_what_it_needs_is_installed,
        instead_of_requirement("scikit-learn", "scikit-learn==0.19.2"),
        "",
    ),
    Mutant(
        "loader-that-names-no-file",
        FRAME,
        flavors.test_python_function_names_an_existing_model_file,
        of_another_flavor,
        "",
    ),
    Mutant(
        "skinny-mlflow",
        FRAME,
        environment.test_mlflow_itself_is_required,
        instead_of_requirement("mlflow", "mlflow-skinny==3.1.4"),
        "",
    ),
    Mutant(
        "files-of-uv",
        FRAME,
        metadata.test_size_is_that_of_the_model_s_files,
        with_text("uv.lock", "version = 1\n"),
        "",
    ),
)
NOT_LEFT_ALONE = (
    Mutant(
        "no-file-named",
        FRAME,
        flavors.test_python_function_names_an_existing_model_file,
        without_key(f"{FUNCTION}.model_path"),
        r"python_function\.model_path names None, and there is no such file",
    ),
    Mutant(
        "uv-file-in-a-folder",
        EXAMPLE,
        metadata.test_size_is_that_of_the_model_s_files,
        with_uv_file_in_a_folder,
        r"model_size_bytes\n  found: \d+\n  should be: \d+\n",
    ),
)


@each((*MUTANTS, *NOT_LEFT_ALONE))
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """What is wrong in the folder of a model fails the promise about it."""
    require_caught(mutant, bench)


@each(LEFT_ALONE)
def test_what_is_no_defect_is_left_alone(mutant: Mutant, bench: Bench) -> None:
    """What models of other kinds have, or what another promise is about, fails nothing."""
    mutant.break_(bench)
    call(mutant.owner, bench)


@each((Mutant("no-mlmodel", FRAME, existing.test_model_is_whole, without_file("MLmodel"), ""),))
def test_an_unreadable_mlmodel_is_told_by_its_own_promise(mutant: Mutant, bench: Bench) -> None:
    """``MLmodel`` is a ground: what is wrong with it is not repeated about the folder."""
    mutant.break_(bench)
    assert [found.check for found in bench.findings if found.level == "damaged"] == ["MLmodel"]
    call(mutant.owner, bench)
