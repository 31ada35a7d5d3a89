"""Scripts of other kinds than the suite's own: several splits, text, dates, own code, functions."""

from __future__ import annotations

import pytest

from meta_tests.end_to_end.strangers import (
    causes,
    failed,
    is_all_checked,
    mlflow_release,
    run_strangers,
)
from meta_tests.end_to_end.suite_run import SuiteRun, mode, run, write_catalogue

COLUMNS = "from sklearn.compose import make_column_transformer\n"
BOOSTED = "m = HistGradientBoostingClassifier(max_iter=5).fit(X, y)\n"
THREE = "X, _, y, _ = parcels()\n"
CUTOFF = """\
class Cutoff(mlflow.pyfunc.PythonModel):
    def __init__(self, inner):
        self.inner = inner

    def predict(self, context, model_input, params=None):
        least = (params or {}).get("least", 0.5)
        return (self.inner.predict_proba(model_input)[:, 1] > least).astype("int64")


X, _, y, _ = parcels()
m = Cutoff(linear().fit(X, y))
signature = infer_signature(X, m.predict(None, X), params={"least": 0.5})
mlflow.pyfunc.log_model("model", python_model=m, signature=signature)
"""
CODED = """\
import joblib
joblib.dump(linear().fit(*parcels()[::2]), "late.bin")
code = '''import joblib
import mlflow


class Late(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.inner = joblib.load(context.artifacts["late"])

    def predict(self, context, model_input, params=None):
        return self.inner.predict(model_input)


mlflow.models.set_model(Late())
'''
pathlib.Path("late_model.py").write_text(code)
env = {"name": "late", "channels": ["conda-forge"],
       "dependencies": [f"python={sys.version.split()[0]}", "pip", {"pip": [*PINS, "joblib"]}]}
mlflow.pyfunc.log_model("model", python_model="late_model.py", artifacts={"late": "late.bin"},
                        conda_env=env, input_example=parcels()[0].head(2))
"""
NESTED = """\
X, Xt, y, yt = parcels()
with mlflow.start_run(run_name="all"):
    for C in (0.01, 1.0):
        with mlflow.start_run(run_name=f"C {C}", nested=True):
            m = linear(C=C).fit(X, y)
            mlflow.log_params({"C": C})
            mlflow.log_metric("right", m.score(Xt, yt))
    log(m, X)
"""
WRAPPED = """\
X, _, y, _ = parcels()
m = linear().fit(X, y)
signature = infer_signature(X, m.predict(X))
mlflow.sklearn.save_model(m, "there", signature=signature)
m = mlflow.pyfunc.load_model("there")
mlflow.sklearn.log_model(m, "model", signature=signature)
"""
HOLD = {
    "chances": THREE + BOOSTED + "log(m, X, pyfunc_predict_fn='predict_proba',"
    " signature=infer_signature(X, m.predict_proba(X)), pip_requirements=PINS)\n",
    "cutoff": CUTOFF,
    "from_code": CODED,
    "nested": NESTED,
    "positive": "mlflow.sklearn.autolog(pos_label=1)\n" + THREE + "linear().fit(X, y)\n",
    "weighted": "mlflow.sklearn.autolog(log_input_examples=True)\n"
    + THREE
    + "linear().fit(X, y, sample_weight=np.where(y == 1, 2.0, 1.0))\n",
    "balanced": "t = pd.read_csv(sys.argv[1])\n"
    "X, _, y, _ = train_test_split(t[NUMBERS], t['Late'], stratify=t['Late'], random_state=1)\n"
    "log(linear().fit(X, y), X)\n",
    "own_wheel": THREE + "log(linear().fit(X, y), X, pip_requirements=["
    "'--extra-index-url https://packages.example.invalid/simple', *PINS,"
    " str(HERE / 'parceltools-1.2.0-py3-none-any.whl')])\n",
    "by_example": THREE + BOOSTED + "log(m, X, signature=None, input_example=X.head(4))\n",
    "dated": COLUMNS + "from sklearn.preprocessing import FunctionTransformer\n"
    "from own_parts import days\n"
    "X, _, y, _ = parcels(['Shipped', 'Weight'], parse_dates=['Shipped'])\n"
    "steps = make_column_transformer((FunctionTransformer(days), ['Shipped']),"
    " remainder='passthrough')\n"
    "m = make_pipeline(steps, linear()).fit(X, y)\n"
    "log(m, X, code_paths=[str(HERE / 'own_parts.py')])\n",
    "mixed": COLUMNS + "from sklearn.preprocessing import OneHotEncoder\n"
    "X, _, y, _ = parcels(['Zone', 'Carrier', 'Rating'])\n"
    "steps = make_column_transformer((OneHotEncoder(handle_unknown='ignore',"
    " sparse_output=False), ['Zone', 'Carrier']), remainder='passthrough')\n"
    "m = make_pipeline(steps, HistGradientBoostingClassifier(max_iter=5)).fit(X, y)\n"
    "log(m, X)\n",
    "graded": "X, _, y, _ = parcels(label='Grade')\n" + BOOSTED + "log(m, X)\n",
    "remarks": COLUMNS + "from sklearn.feature_extraction.text import TfidfVectorizer\n"
    "X, _, y, _ = parcels(['Remark'])\n"
    "m = make_pipeline(make_column_transformer((TfidfVectorizer(), 'Remark')), linear())\n"
    "log(m.fit(X, y), X)\n",
    "flags": "t = pd.read_csv(sys.argv[1])\n"
    "X = pd.get_dummies(t[['Zone', 'Carrier', 'Stops']], columns=['Zone', 'Carrier'])\n"
    "X, _, y, _ = train_test_split(X, t['Late'], random_state=2)\n" + BOOSTED + "log(m, X)\n",
    "trimmed": "from own_parts import Trim\n"
    + THREE
    + "m = make_pipeline(Trim(), linear()).fit(X, y)\n"
    "with mlflow.start_run():\n    log(m, X, code_paths=[str(HERE / 'own_parts.py')])\n",
}
OUTCOME = "test_mode_leaves_exactly_one_model"
# The script, the only promise that fails, and what its cause says.
FAIL = {
    "chances_as_labels": (
        THREE + BOOSTED + "log(m, X, pyfunc_predict_fn='predict_proba',"
        " signature=infer_signature(X, y))\n",
        "test_predictions_are_of_the_declared_type",
        "type of the predictions (the signature's outputs declare it)",
    ),
    "numbered": (
        THREE + "rows = pd.DataFrame(X.to_numpy(), columns=[1, 0, 2])\n"
        "m = linear().fit(X.to_numpy(), y)\n"
        "log(m, X.to_numpy(), signature=infer_signature(rows, m.predict(X.to_numpy())))\n",
        "test_every_column_is_found_by_its_name",
        "MLflow takes a column named 0 for one without a name",
    ),
    "categories": (
        (
            "X, _, y, _ = parcels(['Zone', 'Weight'], dtype={'Zone': 'category'})\n"
            "m = HistGradientBoostingClassifier(max_iter=5, categorical_features='from_dtype')\n"
            "log(m.fit(X, y), X)\n"
        ),
        "test_rows_that_it_was_trained_on_are_accepted",
        "should be scored, was rejected: MlflowException: Incompatible input types for column Zone",
    ),
}


# MLflow saves with skops since this release, which refuses many objects.
SKOPS_SINCE = (3, 14)
REFUSED = {
    "refused": (
        THREE + BOOSTED + "mlflow.sklearn.log_model(m, 'model',"
        " signature=infer_signature(X, m.predict(X)))\n",
        OUTCOME,
        "The saved sklearn model references untrusted types.",
    ),
    "wrapped": (WRAPPED, OUTCOME, "could not be serialized in the skops"),
}
if mlflow_release() >= SKOPS_SINCE:
    FAIL |= REFUSED
else:
    HOLD |= {name: script for name, (script, _, _) in REFUSED.items()}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run of all promises for all scripts."""
    scripts = {**HOLD, **{name: script for name, (script, _, _) in FAIL.items()}}
    return run_strangers(tmp_path_factory.mktemp("strangers"), scripts)


@pytest.mark.parametrize("name", HOLD)
def test_a_script_that_logs_correctly_breaks_no_promise(name: str, own: SuiteRun) -> None:
    """Every promise is checked, and only known deviations of MLflow fail."""
    assert failed(own, name) == set(), own.output
    assert is_all_checked(own, name), own.output


@pytest.mark.parametrize("name", FAIL)
def test_a_defect_is_one_failure_with_its_cause(name: str, own: SuiteRun) -> None:
    """One promise fails, and one line says why."""
    _, promise, said = FAIL[name]
    assert failed(own, name) == {promise}, own.output
    assert own.lines_with(said), own.output
    assert len(causes(own, name)) <= 1, own.output  # the last lines list the first causes


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.skipif(mlflow_release() < SKOPS_SINCE, reason="this release saves with cloudpickle")
def test_a_refused_format_has_a_way_out(name: str, own: SuiteRun) -> None:
    """The line after the cause says what to pass; the error is quoted from its first line on."""
    lines = own.output.splitlines()
    (cause,) = causes(own, name)
    after = lines[lines.index(cause) + 1]
    assert after.strip().startswith('way out: pass serialization_format="cloudpickle"'), after


def test_what_cannot_be_compared_is_told_once(own: SuiteRun) -> None:
    """A wheel among the requirements is no failure; one line tells that it is not compared."""
    (line,) = own.lines_with("parceltools-1.2.0-py3-none-any.whl")
    assert line.startswith("own_wheel: "), own.output
    assert "cannot be compared" in line, own.output


def test_the_run_fails_for_the_defects_alone(own: SuiteRun) -> None:
    """The exit code is that of broken promises; the last lines count them."""
    assert own.exit_code == 1, own.output
    assert f", {len(FAIL)} failed" in own.counts("all"), own.output


def test_a_wrong_column_name_in_a_schema_is_one_line(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A column that the data does not have stops the run before a script is started."""
    folder = tmp_path_factory.mktemp("typo")
    columns = [{"name": name, "type": "double"} for name in ("a", "bb")]
    signature = {"origin": "defined", "inputs": "frame", "outputs": "labels"}
    modes = [mode("typo", "model.py", signature=signature)]
    catalogue = write_catalogue(folder, modes, {}, schemas={"frame": {"columns": columns}})
    found = run(folder, "--catalogue", str(catalogue), "-m", "local")
    assert found.exit_code == 4, found.output
    (line,) = found.lines_with("ERROR: ")
    assert "mode 'typo': signature: the inputs have a column 'bb', which is none of" in line
    assert "training" not in found.output.replace("training_data", "")
