"""The flavors in ``MLmodel``: their names, loaders, versions and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.model.model_under_test import ModelUnderTest, logged_files
from mlflow_conformance.promises.assertions import require, require_equal

CODE, DATA = "model_code_path", "data"
# The keys with the paths of what the python_function flavor loads.
LOADED = ("model_path", "python_model", DATA, CODE)
# The loaders that need a file under one of these keys; others may find theirs by its usual name.
NAMING_LOADERS = ("mlflow.sklearn", "mlflow.pyfunc.model")
SERIALIZATION_FORMATS = ("pickle", "cloudpickle", "skops")


@pytest.mark.applies_to(states="flavors")
def test_flavors_are_the_promised_ones(model: ModelUnderTest) -> None:
    """A model has exactly the flavors that its mode promises (L3, L5; MLflow: models)."""
    require_equal(
        sorted(model.mlmodel.flavors),
        sorted(model.mode.flavors or ()),
        what="flavors",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(flavor="sklearn", needs="files")
@pytest.mark.applies_to(flavor="python_function")
def test_python_function_names_its_loader(model: ModelUnderTest) -> None:
    """The python_function flavor is loaded by ``mlflow.sklearn`` (MLflow: models)."""
    require_equal(
        _flavor(model, "python_function").get("loader_module"),
        "mlflow.sklearn",
        what="flavors.python_function.loader_module",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(flavor="sklearn")
@pytest.mark.applies_to(flavor="python_function")
def test_python_function_names_the_predict_function(model: ModelUnderTest) -> None:
    """The predict function is ``predict``, or what the script asks for (MLflow: scikit-learn)."""
    require_equal(
        _flavor(model, "python_function").get("predict_fn"),
        model.predict_fn,
        what="flavors.python_function.predict_fn",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(flavor="python_function")
def test_python_function_records_the_python_version(model: ModelUnderTest) -> None:
    """The recorded Python version is the one that logged the model (MLflow: models)."""
    require_equal(
        model.logging_environment.as_exact(_python(model)),
        model.logging_environment.python,
        what="flavors.python_function.python_version",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(flavor="python_function", needs="files")
def test_python_function_names_its_environment_files(model: ModelUnderTest) -> None:
    """The environment files that python_function names exist (MLflow: models)."""
    named = _flavor(model, "python_function").get("env")
    # MLflow before 1.30 wrote one name; later releases write one name for each manager.
    files = sorted(named.values()) if isinstance(named, dict) else [named]
    missing = [str(name) for name in files if not _is_logged(model, name)]
    require(
        files and not missing,
        f"flavors.python_function.env names {files}; not in {model.directory}: {missing}",
    )


@pytest.mark.applies_to(flavor="python_function", needs="files")
def test_python_function_names_an_existing_model_file(model: ModelUnderTest) -> None:
    """The files that python_function loads exist (MLflow: models)."""
    flavor = _flavor(model, "python_function")
    keys = [key for key in LOADED if key in flavor]
    if not keys and flavor.get("loader_module") in NAMING_LOADERS:
        keys = ["model_path"]
    for key in keys:
        _require_file(model, "python_function", key)


@pytest.mark.applies_to(flavor="sklearn", needs="files")
def test_sklearn_names_an_existing_model_file(model: ModelUnderTest) -> None:
    """The file that the sklearn flavor loads exists (MLflow: models)."""
    _require_file(model, "sklearn", "pickled_model")


@pytest.mark.applies_to(flavor="sklearn")
def test_sklearn_records_the_scikit_learn_version(model: ModelUnderTest) -> None:
    """The recorded scikit-learn version is the installed one (MLflow: scikit-learn)."""
    require_equal(
        _flavor(model, "sklearn").get("sklearn_version"),
        model.logging_environment.version("scikit-learn"),
        what="flavors.sklearn.sklearn_version",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(flavor="sklearn", needs="files")
def test_sklearn_names_a_known_serialization_format(model: ModelUnderTest) -> None:
    """The serialization format is a documented one (MLflow: scikit-learn)."""
    found = _flavor(model, "sklearn").get("serialization_format")
    require(
        found in SERIALIZATION_FORMATS,
        f"flavors.sklearn.serialization_format is {found!r}, should be one of"
        f" {', '.join(SERIALIZATION_FORMATS)} in {model.mlmodel.path}",
    )


def _python(model: ModelUnderTest) -> str | None:
    found = _flavor(model, "python_function").get("python_version")
    return None if found is None else str(found)


def _flavor(model: ModelUnderTest, name: str) -> dict[str, object]:
    flavors = model.mlmodel.flavors
    require(name in flavors, f"{model.mlmodel.path}: no flavor {name}, only {sorted(flavors)}")
    return dict(flavors[name])


def _require_file(model: ModelUnderTest, flavor: str, key: str) -> None:
    __tracebackhide__ = True
    name = _flavor(model, flavor).get(key)
    if key == CODE and isinstance(name, str):
        name = Path(name).name  # the path is that of the script's own file
    may_be_folder = key == DATA and isinstance(name, str) and bool(name)
    is_folder = may_be_folder and (model.directory / str(name)).is_dir()
    require(
        _is_logged(model, name) or is_folder,
        f"flavors.{flavor}.{key} names {name!r}, and there is no such file in {model.directory}",
    )


def _is_logged(model: ModelUnderTest, name: object) -> bool:
    return isinstance(name, str) and Path(name) in logged_files(model.directory)
