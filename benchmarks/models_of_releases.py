"""Logs models with many releases, each in its own environment, and examines all of them here.

Run as ``nox -s existing [-- RELEASE …]``. No release's model may be damaged or unsafe: whatever is
said of one is a false alarm. It takes about ten minutes, most of them to build the environments.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.environments.releases import build_release
from mlflow_conformance.existing.check_models import checked
from mlflow_conformance.existing.registry import ExistingModel
from mlflow_conformance.existing.summary import Summary
from mlflow_conformance.support.output import tail

RELEASES: Final = (
    *("2.8.1", "2.10.2", "2.12.2", "2.14.3", "2.16.2", "2.18.0", "2.20.3", "2.22.5", "3.1.4"),
    *("3.8.1", "3.17.2"),
)
WRONG: Final = ("damaged", "unsafe", "not checked")
SCRIPT: Final = """
import inspect
import sys
from importlib import metadata
from pathlib import Path

import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC

root = Path(sys.argv[1])
packages = ("mlflow", "scikit-learn", "pandas", "numpy", "cloudpickle")
lines = [f"{name}=={metadata.version(name)}" for name in packages]
table = pd.DataFrame({"a": np.arange(30.0), "b": np.arange(30.0) % 7, "kind": ["u", "v"] * 15})
X, y, classes = table[["a", "b"]], table["a"] * 2, (table["a"] > 14).astype(int)
scale = 3.0


class Scaled(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.table = pd.read_pickle(context.artifacts["table"])

    def predict(self, context, model_input, params=None):
        return model_input["a"] * scale


def save(name, model, example=X, **options):
    signature = None if example is None else infer_signature(example, model.predict(example))
    mlflow.sklearn.save_model(
        model, root / name, signature=signature, input_example=example,
        pip_requirements=lines, serialization_format="cloudpickle", **options
    )


columns = ColumnTransformer([("n", StandardScaler(), ["a"]), ("k", OneHotEncoder(), ["kind"])])
save("linear", LinearRegression().fit(X, y))
save("forest", RandomForestClassifier(10).fit(X, classes))
save("histogram", HistGradientBoostingClassifier(max_iter=5).fit(X, classes))
save("columns", make_pipeline(columns, LogisticRegression()).fit(table, classes), table)
save("search", GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2).fit(X, classes))
save("lambda", make_pipeline(FunctionTransformer(lambda v: v * scale), SVC()).fit(X, classes))
save("tensor", KMeans(2, n_init=1).fit(X.to_numpy()), X.to_numpy())
save("no signature", SVC().fit(X, classes), None)
words = pd.Series(["some words", "other words"] * 15, name="text")
save("words", make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(words, classes), None)
mlflow.sklearn.save_model(
    LinearRegression().fit(X, y), root / "pickled", serialization_format="pickle"
)
table.to_pickle(root / "table.pkl")
own = root / "own_module_of_a_team.py"
own.write_text("VALUE = 1\\n")
accepted = inspect.signature(mlflow.pyfunc.save_model).parameters
CODE = "code_paths" if "code_paths" in accepted else "code_path"
mlflow.pyfunc.save_model(
    root / "python model", python_model=Scaled(), artifacts={"table": str(root / "table.pkl")},
    **{CODE: [str(own)]},
    pip_requirements=lines, input_example=X,
)
"""


def main(arguments: Sequence[str]) -> int:
    """Log and examine the models, print what was found, and return 1 for a false alarm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("releases", nargs="*", default=RELEASES, metavar="RELEASE")
    asked = parser.parse_args(arguments)
    summary = Summary()
    failed: list[str] = []
    wrong: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for version in asked.releases:
            try:
                models = _logged(version, Path(folder))
            except (EnvironmentNotBuilt, subprocess.CalledProcessError) as error:
                failed.append(f"{version}: {error}")
                continue
            for model in models:
                result = checked(ExistingModel(f"{version}/{model.name}", str(model)), model)
                summary.add(result)
                if result.verdict in WRONG:
                    wrong[f"{result.name}: {result.verdict}"] += 1
            print(f"MLflow {version}: {len(models)} models", flush=True)
    print("\n".join(summary.lines(shows_notes=True)))
    print("\n".join([*failed, *wrong]))
    return 1 if wrong or failed or not summary.models else 0


def _logged(version: str, root: Path) -> list[Path]:
    """Return the folders of the models that a release has logged."""
    python = build_release(version)
    folder = root / version
    folder.mkdir()
    script = root / "log_models.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with (folder / "output.txt").open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [str(python), str(script), str(folder)],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        print(tail(folder / "output.txt"))
        done.check_returncode()
    return sorted(path.parent for path in folder.glob("*/MLmodel"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
