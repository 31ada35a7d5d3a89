"""The witness reports what an object predicts, whatever the script and the object do."""

from __future__ import annotations

import pytest

from meta_tests.witness.observed_script import Observation, run_scripts
from mlflow_conformance.witness.saved import AUTOLOGGING

LOG = (
    "def log(model):\n"
    "    mlflow.sklearn.log_model(model, 'model', pip_requirements=PINS,\n"
    "        serialization_format='cloudpickle')\n\n\n"
)
OWN = (
    LOG + "class Own(LogisticRegression):\n"
    "    def predict(self, X):\n"
    "        {body}\n"
    "        return super().predict(X)\n\n\n"
    "model = Own().fit(X, y)\n"
    "log(model)\n"
)
SCRIPTS = {
    "changed": LOG + "model = LogisticRegression().fit(X, y)\nlog(model)\nmodel.coef_[:] *= -1\n",
    "fitted-again": LOG + "m = LogisticRegression().fit(X, y)\nlog(m)\nm.fit(X, 1 - y)\n",
    "changed-before": LOG + "m = LinearRegression().fit(X, y)\nm.coef_[:] = 0\nlog(m)\n",
    "pickling-changes": (
        LOG + "class Own(LogisticRegression):\n"
        "    def __getstate__(self):\n"
        "        return {**super().__getstate__(), 'coef_': -self.coef_}\n\n\n"
        "log(Own().fit(X, y))\n"
    ),
    "cannot-be-pickled": (
        "class Own(LogisticRegression):\n"
        "    def __getstate__(self):\n"
        "        if 'was_saved_' in self.__dict__:\n"
        "            raise TypeError('only once')\n"
        "        self.was_saved_ = True\n"
        "        return super().__getstate__()\n\n\n"
        "mlflow.sklearn.log_model(Own().fit(X, y), 'model', pip_requirements=PINS,\n"
        "    serialization_format='cloudpickle')\n"
    ),
    "raises": OWN.format(body="raise RuntimeError('not today\\n and more')"),
    "exits": OWN.format(body="raise SystemExit(5)"),
    "prints": OWN.format(
        body="print('I predict'); import warnings, sys; warnings.warn('careful');"
        " print('error', file=sys.stderr)"
    ).replace("log(model)\n", "log(model)\nprint('the end')\n"),
    "random": (
        LOG + "class Own(LogisticRegression):\n"
        "    def predict(self, X):\n"
        "        return np.random.default_rng().random(len(X))\n\n\n"
        "log(Own().fit(X, y))\n"
    ),
    "autologged": (
        "mlflow.sklearn.autolog(log_datasets=False)\n"
        "model = LogisticRegression().fit(X, y)\n"
        "run = mlflow.last_active_run()\n"
        "import atexit, json\n"
        "def tell():\n"
        "    found = mlflow.get_run(run.info.run_id).data.metrics\n"
        "    print(json.dumps(sorted(found)), flush=True)\n\n\n"
        "atexit.register(tell)\n"
        "model.score(X, y)\n"
    ),
    "deletes-artifacts": (
        "import pathlib, shutil\n"
        "pathlib.Path('files').mkdir()\n"
        "pathlib.Path('files/words.txt').write_text('7')\n"
        "pathlib.Path('number.txt').write_text('3')\n"
        "class Reading(mlflow.pyfunc.PythonModel):\n"
        "    def load_context(self, context):\n"
        "        self.number = int(pathlib.Path(context.artifacts['number']).read_text())\n"
        "        folder = pathlib.Path(context.artifacts['folder'])\n"
        "        self.number += int((folder / 'words.txt').read_text())\n"
        "    def predict(self, context, model_input, params=None):\n"
        "        return [self.number] * len(model_input)\n\n\n"
        "mlflow.pyfunc.log_model('model', python_model=Reading(), pip_requirements=PINS,\n"
        "    signature=infer_signature(X, [1] * 30),\n"
        "    artifacts={'number': 'number.txt', 'folder': 'files'})\n"
        "shutil.rmtree('files')\n"
        "pathlib.Path('number.txt').unlink()\n"
    ),
    "sys-exit": LOG + "log(LogisticRegression().fit(X, y))\nimport sys\nsys.exit(3)\n",
    "crash": LOG + "log(LogisticRegression().fit(X, y))\n1 / 0\n",
    "bad-parameter": "LogisticRegression(C='no').fit(X, y)\n",
    "several": LOG + "for C in (1.0, 1e-6):\n    log(LogisticRegression(C=C).fit(X, y))\n",
    "prepares": (
        "class Preparing(mlflow.pyfunc.PythonModel):\n"
        "    def __init__(self, inner):\n"
        "        self.inner = inner\n"
        "    def predict(self, context, model_input, params=None):\n"
        "        return self.inner.predict(model_input[['a']].to_numpy() / 2)\n\n\n"
        "inner = LogisticRegression().fit(X[['a']].to_numpy() / 2, y)\n"
        "mlflow.pyfunc.log_model('model', python_model=Preparing(inner), pip_requirements=PINS,\n"
        "    signature=infer_signature(X, y))\n"
    ),
    "own-fit": (
        "from sklearn.base import BaseEstimator\n"
        "class Mean(BaseEstimator):\n"
        "    def fit(self, X, y):\n"
        "        self.mean_ = y.mean()\n"
        "        return self\n"
        "    def predict(self, X):\n"
        "        return np.full(len(X), self.mean_)\n\n\n"
        "m = Mean().fit(X, y)\n"
        "mlflow.sklearn.log_model(m, 'model', pip_requirements=PINS,\n"
        "    signature=infer_signature(X, m.predict(X)), serialization_format='cloudpickle')\n"
    ),
    "nothing-known": (
        "def length(model_input):\n    return [len(x) for x in model_input]\n\n\n"
        "mlflow.pyfunc.log_model('model', python_model=length, pip_requirements=PINS,\n"
        "    signature=infer_signature(X.copy(), y))\n"
        "signature = None\n"
    ),
    "transformer": (
        "from sklearn.preprocessing import StandardScaler\n"
        "mlflow.sklearn.log_model(StandardScaler().fit(X), 'model', pip_requirements=PINS)\n"
    ),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Observation]:
    """What was observed of every script."""
    return run_scripts(tmp_path_factory.mktemp("observer"), SCRIPTS)


@pytest.mark.parametrize("name", ["changed", "fitted-again"])
def test_an_object_changed_after_logging_predicts_as_it_was(
    name: str, seen: dict[str, Observation]
) -> None:
    """The report has the predictions of the object as it was logged, and that it has changed."""
    model = seen[name].only
    assert model.changed
    assert list(model.predictions) == [int(a > 14) for a in model.scored["a"]]


def test_an_object_changed_before_logging_is_not_changed(seen: dict[str, Observation]) -> None:
    """Only changes after logging count."""
    model = seen["changed-before"].only
    assert not model.changed
    assert len(set(model.predictions)) == 1


def test_an_object_that_pickling_changes_has_not_changed(seen: dict[str, Observation]) -> None:
    """The predictions are those of the live object: what is loaded must predict the same."""
    model = seen["pickling-changes"].only
    assert not model.changed
    assert list(model.predictions) == [int(a > 14) for a in model.scored["a"]]


def test_an_object_that_cannot_be_pickled_predicts(seen: dict[str, Observation]) -> None:
    """Without a copy, the live object is asked."""
    model = seen["cannot-be-pickled"].only
    assert not model.snapshot.exists()
    assert not model.changed
    assert len(model.predictions) == 30


@pytest.mark.parametrize(
    ("name", "problem"), [("raises", "RuntimeError: not today"), ("exits", "SystemExit: 5")]
)
def test_an_object_that_cannot_predict_is_reported(
    name: str, problem: str, seen: dict[str, Observation]
) -> None:
    """The report has the first line of the error, and the script's end stays as it was."""
    model = seen[name].only
    assert model.missing == f"the object itself cannot predict: {problem}"
    assert model.predictions is None
    assert seen[name].exit_code == 0, seen[name].output


def test_what_an_object_prints_is_not_printed(seen: dict[str, Observation]) -> None:
    """After the end of the script, nothing more is printed."""
    assert not seen["prints"].only.missing
    assert seen["prints"].output.endswith("the end\n")


def test_random_predictions_are_no_change(seen: dict[str, Observation]) -> None:
    """An object that predicts otherwise each time has not been changed by the script."""
    assert seen["random"].only.missing == "it predicts otherwise when it is asked again"
    assert not seen["random"].only.changed


def test_autologging_does_not_log_what_the_witness_asks(seen: dict[str, Observation]) -> None:
    """The run has the metrics of the script's own calls, and no others."""
    assert seen["autologged"].only.by == AUTOLOGGING
    *_, last = seen["autologged"].output.splitlines()
    assert "LogisticRegression_score_X" in last
    assert "training_score" in last
    assert last.count("score_X") == 1, last


def test_deleted_artifacts_are_kept(seen: dict[str, Observation]) -> None:
    """A PythonModel still has files and folders that the script has deleted."""
    assert list(seen["deletes-artifacts"].only.predictions) == [10] * 30


def test_a_script_that_leaves_or_crashes_is_observed(seen: dict[str, Observation]) -> None:
    """The report is written, and exit code and traceback are the script's."""
    assert seen["sys-exit"].exit_code == 3
    assert not seen["sys-exit"].only.missing
    assert seen["crash"].exit_code == 1
    assert not seen["crash"].only.missing
    assert "ZeroDivisionError" in seen["crash"].output.splitlines()[-1]


@pytest.mark.parametrize("name", ["crash", "bad-parameter"])
def test_a_traceback_shows_no_frame_of_the_suite(name: str, seen: dict[str, Observation]) -> None:
    """The frames are those of the script and of the libraries that it calls."""
    lines = seen[name].output.splitlines()
    frames = [line for line in lines if line.startswith('  File "')]
    assert 'script.py", line' in frames[0], seen[name].output
    assert not [line for line in frames if "fixtures" in line or "contextlib" in line]


def test_every_model_has_a_report(seen: dict[str, Observation]) -> None:
    """A script may log several models; each has its own predictions."""
    models = list(seen["several"].models.values())
    assert len(models) == 2
    assert {model.parameters["C"] for model in models} == {"1.0", "1e-06"}


def test_a_function_that_prepares_its_rows_gets_them_unprepared(
    seen: dict[str, Observation],
) -> None:
    """Not the rows of the inner estimator, but those that the script passes to the function."""
    model = seen["prepares"].only
    assert model.fitted_from == "the signature"
    assert list(model.scored.columns) == ["a", "b"]
    assert list(model.predictions) == [int(a > 14) for a in model.scored["a"]]


def test_an_own_estimator_has_the_rows_of_its_signature(seen: dict[str, Observation]) -> None:
    """If a ``fit`` cannot be seen, the rows are those that the signature was inferred from."""
    model = seen["own-fit"].only
    assert model.fitted_from == "the signature"
    assert list(model.predictions) == [0.5] * 30


def test_rows_that_the_object_cannot_predict_for_are_told(seen: dict[str, Observation]) -> None:
    """The report says that there were rows, and why the object does not predict for them."""
    model = seen["nothing-known"].only
    assert model.scored is not None
    assert not model.missing or model.missing.startswith("the object itself cannot predict: ")


def test_a_transformer_transforms(seen: dict[str, Observation]) -> None:
    """The predictions of an object without ``predict`` are what it transforms."""
    model = seen["transformer"].only
    assert model.predict_fn == "transform"
    assert model.predictions.shape == (30, 2)
