"""Mutants of the flavors in ``MLmodel``."""

from __future__ import annotations

from conformance import test_flavors as flavors
from conformance import test_metadata as metadata
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.model_edits import Break, with_key, with_text, without_file, without_key

MODE = "infer-frame"
FUNCTION, SKLEARN = "flavors.python_function", "flavors.sklearn"


def outside(key: str) -> Break:
    """Return an edit that points a key to an existing file outside of the model's folder."""

    def edit(bench: Bench) -> None:
        file = bench.folder / "outside.file"
        file.touch()
        with_key(key, f"../{file.name}")(bench)

    return edit


def with_second_flavors(bench: Bench) -> None:
    """Add a second ``flavors`` key, which a lenient YAML reader would accept."""
    with bench.model.mlmodel.path.open("a", encoding="utf-8") as file:
        file.write("\nflavors: {}\n")


MUTANTS = (
    Mutant(
        "no-sklearn-flavor",
        MODE,
        flavors.test_flavors_are_the_promised_ones,
        without_key(SKLEARN),
        r"^flavors\n  found: \['python_function'\]\n  should be: .*sklearn",
    ),
    Mutant(
        "extra-flavor",
        MODE,
        flavors.test_flavors_are_the_promised_ones,
        with_key("flavors.onnx", {"data": "model.onnx"}),
        r"^flavors\n  found: \['onnx', ",
    ),
    Mutant(
        "no-flavors-at-all",
        MODE,
        metadata.test_mlmodel_can_be_read,
        without_key("flavors"),
        r"MLmodel: flavors: should be a mapping .* is missing",
    ),
    Mutant(
        "flavors-twice",
        MODE,
        metadata.test_mlmodel_can_be_read,
        with_second_flavors,
        r"MLmodel: .*the key flavors is there twice",
    ),
    Mutant(
        "no-mlmodel-file",
        MODE,
        metadata.test_mlmodel_can_be_read,
        without_file("MLmodel"),
        r"MLmodel: cannot be read: No such file",
    ),
    Mutant(
        "python-objects-in-mlmodel",
        MODE,
        metadata.test_mlmodel_can_be_read,
        with_text("MLmodel", "flavors: !!python/object/apply:os.getcwd []\n"),
        r"MLmodel: not readable in line 1: .*os\.getcwd",
    ),
    Mutant(
        "other-loader-module",
        MODE,
        flavors.test_python_function_names_its_loader,
        with_key(f"{FUNCTION}.loader_module", "mlflow.pyfunc.model"),
        r"python_function\.loader_module\n  found: mlflow\.pyfunc\.model\n",
    ),
    Mutant(
        "no-python-function",
        MODE,
        flavors.test_python_function_names_its_loader,
        without_key(FUNCTION),
        r"no flavor python_function, only \['sklearn'\]",
    ),
    Mutant(
        "predicts-probabilities",
        MODE,
        flavors.test_python_function_names_the_predict_function,
        with_key(f"{FUNCTION}.predict_fn", "predict_proba"),
        r"python_function\.predict_fn\n  found: predict_proba\n  should be: predict\n",
    ),
    Mutant(
        "other-python-version",
        MODE,
        flavors.test_python_function_records_the_python_version,
        with_key(f"{FUNCTION}.python_version", "2.7.18"),
        r"python_function\.python_version\n  found: 2\.7\.18\n",
    ),
    Mutant(
        "no-python-version",
        MODE,
        flavors.test_python_function_records_the_python_version,
        without_key(f"{FUNCTION}.python_version"),
        r"python_function\.python_version\n  found: None\n",
    ),
    Mutant(
        "environment-file-gone",
        MODE,
        flavors.test_python_function_names_its_environment_files,
        without_file("conda.yaml"),
        r"python_function\.env names .*; not in .*: \['conda\.yaml'\]",
    ),
    Mutant(
        "no-environment-named",
        MODE,
        flavors.test_python_function_names_its_environment_files,
        with_key(f"{FUNCTION}.env", {}),
        r"python_function\.env names \[\]",
    ),
    Mutant(
        "environment-outside",
        MODE,
        flavors.test_python_function_names_its_environment_files,
        outside(f"{FUNCTION}.env.conda"),
        r"python_function\.env names .*outside\.file",
    ),
    Mutant(
        "model-path-nowhere",
        MODE,
        flavors.test_python_function_names_an_existing_model_file,
        with_key(f"{FUNCTION}.model_path", "nowhere.pkl"),
        r"python_function\.model_path names 'nowhere\.pkl', and there is no such file",
    ),
    Mutant(
        "no-model-path",
        MODE,
        flavors.test_python_function_names_an_existing_model_file,
        without_key(f"{FUNCTION}.model_path"),
        r"python_function\.model_path names None",
    ),
    Mutant(
        "model-path-outside",
        MODE,
        flavors.test_python_function_names_an_existing_model_file,
        outside(f"{FUNCTION}.model_path"),
        r"python_function\.model_path names .*outside\.file",
    ),
    Mutant(
        "pickled-model-nowhere",
        MODE,
        flavors.test_sklearn_names_an_existing_model_file,
        with_key(f"{SKLEARN}.pickled_model", "nowhere.pkl"),
        r"sklearn\.pickled_model names 'nowhere\.pkl', and there is no such file",
    ),
    Mutant(
        "pickled-model-is-a-folder",
        MODE,
        flavors.test_sklearn_names_an_existing_model_file,
        with_key(f"{SKLEARN}.pickled_model", "."),
        r"sklearn\.pickled_model names '\.', and there is no such file",
    ),
    Mutant(
        "other-scikit-learn",
        MODE,
        flavors.test_sklearn_records_the_scikit_learn_version,
        with_key(f"{SKLEARN}.sklearn_version", "0.19.2"),
        r"sklearn\.sklearn_version\n  found: 0\.19\.2\n",
    ),
    Mutant(
        "unknown-format",
        MODE,
        flavors.test_sklearn_names_a_known_serialization_format,
        with_key(f"{SKLEARN}.serialization_format", "dill"),
        r"sklearn\.serialization_format is 'dill', should be one of pickle, cloudpickle",
    ),
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A wrong flavor fails the check that owns it."""
    require_caught(mutant, bench)
