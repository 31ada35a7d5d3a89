"""Objects of other kinds than classifiers, rows of other types, and other ways of logging."""

from __future__ import annotations

import importlib.util

import pytest

from meta_tests.end_to_end.strangers import (
    causes,
    failed,
    is_all_checked,
    mlflow_release,
    run_strangers,
)
from meta_tests.end_to_end.suite_run import SuiteRun

THREE = "X, _, y, _ = parcels()\n"
FUNCTION = (
    "class Own(mlflow.pyfunc.PythonModel):\n"
    "    def predict(self, context, model_input, params=None):\n"
)
TEXTS = (
    "from sklearn.feature_extraction.text import TfidfVectorizer\nX, _, y, _ = parcels('Remark')\n"
)
LINEAR = "log(linear().fit(X, y), X{more})\n"
OBJECTS = {
    "two_outputs": "X, _, y, _ = parcels(label=['Hours', 'Late'])\n"
    "log(LinearRegression().fit(X, y), X)\n",
    "clusters": "from sklearn.cluster import KMeans\n"
    + THREE
    + "log(KMeans(3, n_init=2).fit(X), X)\n",
    "transformer": "from sklearn.preprocessing import StandardScaler\n"
    + THREE
    + "m = StandardScaler().fit(X)\n"
    "log_model = mlflow.sklearn.log_model\n"
    "log_model(m, 'model', signature=infer_signature(X, m.transform(X)))\n",
    "outliers": "from sklearn.ensemble import IsolationForest\n"
    + THREE
    + "log(IsolationForest(n_estimators=5, random_state=0).fit(X), X)\n",
    "truths": THREE + "log(linear().fit(X, y == 1), X)\n",
    "searched": "from sklearn.model_selection import GridSearchCV\nmlflow.autolog()\n"
    + THREE
    + "GridSearchCV(linear(), {'C': [0.1, 1.0]}, cv=2).fit(X, y)\n",
    "own_estimator": "from sklearn.base import BaseEstimator, RegressorMixin\n"
    "class Mean(RegressorMixin, BaseEstimator):\n"
    "    def fit(self, X, y):\n        self.mean_ = float(y.mean())\n        return self\n"
    "    def predict(self, X):\n        return [self.mean_] * len(X)\n\n\n"
    + THREE
    + "log(Mean().fit(X, y), X)\n",
    "loader": "import joblib\n"
    "(HERE / 'late_loader.py').write_text('import joblib\\n_load_pyfunc = joblib.load\\n')\n"
    + THREE
    + "m = linear().fit(X, y)\njoblib.dump(m, 'late.bin')\n"
    "mlflow.pyfunc.log_model('model', loader_module='late_loader', data_path='late.bin',"
    " code_paths=[str(HERE / 'late_loader.py')], input_example=X.head(3),"
    " signature=infer_signature(X, m.predict(X)))\n",
    "table_out": FUNCTION + "        return pd.DataFrame({'twice': model_input['Weight'] * 2,"
    " 'kind': ['x'] * len(model_input)})\n\n\n"
    + THREE
    + "mlflow.pyfunc.log_model('model', python_model=Own(),"
    " signature=infer_signature(X, Own().predict(None, X)))\n",
}
ROWS = {
    "narrow_array": THREE + "X = X.to_numpy('float32')\n" + LINEAR.format(more=""),
    "labelled": THREE
    + "X.index = pd.Index([f'p{i}' for i in X.index], name='parcel')\n"
    + LINEAR.format(more=""),
    "one_row": FUNCTION
    + "        return (model_input['Weight'] > 10).astype('int64')\n\n\n"
    + THREE
    + "mlflow.pyfunc.log_model('model', python_model=Own(), input_example=X.head(1))\n",
    "gaps": "from sklearn.compose import make_column_transformer\n"
    "from sklearn.preprocessing import OneHotEncoder\n"
    "X, _, y, _ = parcels(['Carrier', 'Weight'])\n"
    "steps = make_column_transformer((OneHotEncoder(handle_unknown='ignore'), ['Carrier']),"
    " remainder='passthrough')\nlog(make_pipeline(steps, linear()).fit(X, y), X)\n",
    "nullable": "X, _, y, _ = parcels(['Weight', 'Stops'])\n"
    "X = X.convert_dtypes()\nm = HistGradientBoostingClassifier(max_iter=5)\nlog(m.fit(X, y), X)\n",
}
LOGGING = {
    "registered": THREE + LINEAR.format(more=", registered_model_name='parcels'"),
    "own_experiment": "mlflow.set_experiment('parcels')\n" + THREE + LINEAR.format(more=""),
    "named_run": THREE + "with mlflow.start_run(run_name='first', tags={'team': 'post'}):\n"
    "    mlflow.set_tags({'stage': 'trial'})\n    mlflow.log_metric('rows', len(X))\n    "
    + LINEAR.format(more=""),
}
JOINED = {
    "joined": "t = pd.read_csv(sys.argv[1]).reset_index()\n"
    "t[['index', *NUMBERS]].to_parquet('sizes.parquet')\n"
    "t[['index', 'Late']].to_parquet('ends.parquet')\n"
    "t = pd.read_parquet('sizes.parquet').merge(pd.read_parquet('ends.parquet'), on='index')\n"
    "X, y = t[NUMBERS], t['Late']\n" + LINEAR.format(more=""),
}
HOLD = {**OBJECTS, **ROWS, **LOGGING}
if importlib.util.find_spec("pyarrow") is not None:
    HOLD |= JOINED
TRAINED = "test_rows_that_it_was_trained_on_are_accepted"
PREDICTS = "test_python_function_predicts_as_the_estimator_did"
# The script, the promises that fail, and what is said.
FAIL = {
    "zoned": (
        (
            "from own_parts import days\nfrom sklearn.preprocessing import FunctionTransformer\n"
            "X, _, y, _ = parcels(['Shipped'], parse_dates=['Shipped'])\n"
            "X['Shipped'] = X['Shipped'].dt.tz_localize('Europe/Berlin')\n"
            "m = make_pipeline(FunctionTransformer(days), linear()).fit(X, y)\n"
            "log(m, X, code_paths=[str(HERE / 'own_parts.py')])\n"
        ),
        {TRAINED},
        "Cannot use .astype to convert from timezone-aware dtype to timezone-naive dtype.",
    ),
    "nullable_gap": (
        (
            "X, _, y, _ = parcels(['Weight', 'Stops'])\n"
            "X = X.convert_dtypes()\nX.iloc[0, 1] = pd.NA\n"
            "m = HistGradientBoostingClassifier(max_iter=5)\nlog(m.fit(X, y), X)\n"
        ),
        {TRAINED, PREDICTS},
        "should be scored, was rejected: MlflowException: cannot convert NA to integer",
    ),
    "text_list": (
        TEXTS + "rows = X.tolist()\nm = make_pipeline(TfidfVectorizer(), linear()).fit(rows, y)\n"
        "log(m, rows)\n",
        {TRAINED, PREDICTS},
        "should be scored, was rejected: AttributeError: 'int' object has no attribute 'lower'",
    ),
    "text_series": (
        TEXTS + "m = make_pipeline(TfidfVectorizer(), linear()).fit(X, y)\nlog(m, X)\n",
        {PREDICTS},
        "shape of the predictions",
    ),
    "unsigned": (
        THREE + "mlflow.sklearn.log_model(linear().fit(X, y), 'model')\n",
        {"test_model_has_a_signature"},
        "the model has no signature",
    ),
}
HINTED = """\
class Long(mlflow.pyfunc.PythonModel):
    def predict(self, model_input: list[str], params=None) -> list[int]:
        return [len(text) for text in model_input]


mlflow.pyfunc.log_model("model", python_model=Long(), input_example=["fragile", "gift"])
"""
# The first release that takes the signature from type hints.
HINTS_SINCE = (2, 20)


if mlflow_release() >= HINTS_SINCE:
    HOLD["hinted"] = HINTED


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run of all promises for all scripts."""
    scripts = {**HOLD, **{name: script for name, (script, _, _) in FAIL.items()}}
    return run_strangers(tmp_path_factory.mktemp("more"), scripts)


@pytest.mark.parametrize("name", HOLD)
def test_what_is_logged_correctly_breaks_no_promise(name: str, own: SuiteRun) -> None:
    """Every promise is checked, and only known deviations of MLflow fail."""
    assert failed(own, name) == set(), own.output
    assert is_all_checked(own, name), own.output


@pytest.mark.parametrize("name", FAIL)
def test_a_model_that_does_not_serve_its_own_rows_is_told(name: str, own: SuiteRun) -> None:
    """Exactly the promises fail that are about the rows; what depends on them is not checked."""
    _, promises, said = FAIL[name]
    assert failed(own, name) == promises, own.output
    assert own.lines_with(said), own.output
    assert len(causes(own, name)) <= len(promises), own.output


def test_no_other_mode_has_a_cause(own: SuiteRun) -> None:
    """The run fails for the defects alone."""
    assert own.exit_code == 1, own.output
    number = sum(len(promises) for _, promises, _ in FAIL.values())
    assert f", {number} failed" in own.counts("all"), own.output
