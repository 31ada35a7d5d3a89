"""Every way of saving a model is seen, with the object and what the script passed."""

from __future__ import annotations

import pytest

from meta_tests.witness.observed_script import Observation, run_scripts
from mlflow_conformance.witness.report import ObservedModel
from mlflow_conformance.witness.saved import AUTOLOGGING, LOGGING, SAVING

LOGISTIC = "sklearn.linear_model._logistic.LogisticRegression"
FITTED = "model = LogisticRegression().fit(X, y)\n"
SIGNED = "signature = infer_signature(X, model.predict(X))\n"
DOUBLES = """\
class Doubled(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input["a"].to_numpy() * 2


"""
# The script, the function that is called, the flavor, and the class of the object.
WAYS = {
    "logged": (
        FITTED + SIGNED + "mlflow.sklearn.log_model(model, 'model', signature=signature,"
        " pip_requirements=PINS, metadata={'team': 'post'})\n",
        (LOGGING, "sklearn", LOGISTIC),
    ),
    "by-keyword": (
        FITTED + SIGNED + "mlflow.sklearn.log_model(sk_model=model, artifact_path='model',"
        " pip_requirements=PINS, signature=signature)\n",
        (LOGGING, "sklearn", LOGISTIC),
    ),
    "saved": (
        FITTED + SIGNED + "mlflow.sklearn.save_model(model, 'here', signature=signature,"
        " pip_requirements=PINS)\n",
        (SAVING, "sklearn", LOGISTIC),
    ),
    "by-position": (
        FITTED + "mlflow.sklearn.save_model(model, 'here', None, None, None,"
        " mlflow.sklearn.SERIALIZATION_FORMAT_CLOUDPICKLE, infer_signature(X, y), X.head(2),"
        " PINS)\n",
        (SAVING, "sklearn", LOGISTIC),
    ),
    "model-class": (
        FITTED + SIGNED + "mlflow.models.Model.log('model', mlflow.sklearn, sk_model=model,"
        " signature=signature, pip_requirements=PINS)\n",
        (SAVING, "sklearn", LOGISTIC),
    ),
    "autologged": (
        "mlflow.sklearn.autolog(log_datasets=False)\nLogisticRegression().fit(X, y)\n",
        (AUTOLOGGING, "sklearn", LOGISTIC),
    ),
    "object": (
        DOUBLES + "mlflow.pyfunc.log_model('model', python_model=Doubled(), pip_requirements=PINS,"
        " signature=infer_signature(X, X['a'] * 2))\n",
        (LOGGING, "python_function", "__main__.Doubled"),
    ),
    "saved-object": (
        DOUBLES + "mlflow.pyfunc.save_model('here', python_model=Doubled(), pip_requirements=PINS,"
        " signature=infer_signature(X, X['a'] * 2))\n",
        (SAVING, "python_function", "__main__.Doubled"),
    ),
    "function": (
        (
            "def doubled(model_input):\n    return model_input['a'].to_numpy() * 2\n\n\n"
            "mlflow.pyfunc.log_model('model', python_model=doubled, pip_requirements=PINS,"
            " input_example=X.head(4), signature=infer_signature(X, X['a'] * 2))\n"
        ),
        (LOGGING, "python_function", None),
    ),
    "from-code": (
        (
            "import pathlib\n"
            f"code = 'import mlflow\\n\\n\\n' + '''{DOUBLES}'''\n"
            "code += 'mlflow.models.set_model(Doubled())\\n'\n"
            "pathlib.Path('coded.py').write_text(code)\n"
            "mlflow.pyfunc.log_model('model', python_model='coded.py', pip_requirements=PINS,"
            " signature=infer_signature(X, X['a'] * 2))\n"
        ),
        (LOGGING, "python_function", None),
    ),
    "loader": (
        "import joblib, pathlib, sys\n"
        "pathlib.Path('own').mkdir()\n"
        "text = 'import joblib\\n\\n\\ndef _load_pyfunc(path):\\n    return joblib.load(path)\\n'\n"
        "pathlib.Path('own/own_loader.py').write_text(text)\n"
        + FITTED
        + "joblib.dump(model, 'data.bin')\n"
        "mlflow.pyfunc.log_model('model', loader_module='own_loader', data_path='data.bin',"
        " code_paths=['own/own_loader.py'], pip_requirements=PINS,"
        " signature=infer_signature(X, model.predict(X)))\n"
        "pathlib.Path('data.bin').unlink()\n",
        (LOGGING, "python_function", None),
    ),
}


@pytest.fixture(scope="module")
def observations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Observation]:
    """What was observed of every way."""
    scripts = {name: script for name, (script, _) in WAYS.items()}
    return run_scripts(tmp_path_factory.mktemp("saved"), scripts)


def found(observation: Observation) -> ObservedModel:
    """Return the only model of a script that succeeded."""
    assert observation.exit_code == 0, observation.output
    return observation.only


@pytest.mark.parametrize("name", WAYS)
def test_the_way_and_the_object_are_seen(name: str, observations: dict[str, Observation]) -> None:
    """The function that the script called, the flavor and the object's class are seen."""
    by, flavor, class_name = WAYS[name][1]
    model = found(observations[name])
    assert (model.by, model.flavor) == (by, flavor)
    assert class_name in (model.class_name, None)


@pytest.mark.parametrize("name", WAYS)
def test_the_signature_is_seen(name: str, observations: dict[str, Observation]) -> None:
    """The passed signature is seen as MLmodel has it."""
    signature = found(observations[name]).signature
    assert signature is not None
    assert '"a"' in signature["inputs"]
    assert signature["outputs"]


@pytest.mark.parametrize("name", WAYS)
def test_the_object_predicts(name: str, observations: dict[str, Observation]) -> None:
    """There are rows, and the object's own predictions for them."""
    model = found(observations[name])
    assert not model.missing, model.missing
    assert not model.changed
    assert len(model.predictions) == len(model.scored) > 0
    if model.flavor == "python_function" and name != "loader":
        assert list(model.predictions) == [2 * value for value in model.scored["a"]]


def test_what_the_script_passed_is_seen(observations: dict[str, Observation]) -> None:
    """The names of the arguments and the metadata are seen; those left out are not."""
    logged = found(observations["logged"])
    assert {"sk_model", "signature", "pip_requirements", "metadata"} <= set(logged.passed)
    assert "input_example" not in logged.passed
    assert logged.metadata == {"team": "post"}
    assert "input_example" in found(observations["by-position"]).passed
    assert "pip_requirements" in found(observations["by-position"]).passed


def test_facts_of_the_estimator_are_seen(observations: dict[str, Observation]) -> None:
    """Its kind, parameters and probabilities are seen; a function has none."""
    logged, function = found(observations["logged"]), found(observations["function"])
    assert logged.kind == "classifier"
    assert logged.parameters["C"] == "1.0"
    assert logged.probabilities.shape == (30, 2)
    assert (function.kind, dict(function.parameters)) == (None, {})
    assert function.probabilities is None


def test_the_rows_have_their_source(observations: dict[str, Observation]) -> None:
    """An estimator has the rows of its fit, a function its example or those of the signature."""
    assert found(observations["logged"]).fitted_from == "the fit"
    assert found(observations["function"]).fitted_from == "the example"
    assert found(observations["object"]).fitted_from == "the signature"
    assert len(found(observations["object"]).fitted) == 30
