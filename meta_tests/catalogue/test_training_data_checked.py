"""The check of training data, before any script is started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from meta_tests.end_to_end.suite_run import mode, write_catalogue
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.catalogue.training_data import MISSING, TRUTHS, check_training_data
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE, ROOT
from mlflow_conformance.support.yaml_entry import ConfigurationError

HEADER = "a,b,y\n"
ROWS = "1,2.5,0\n3,4.5,1\n" * 2
TREES = "sklearn.ensemble.HistGradientBoostingClassifier"
COLUMNS = {"columns": [{"name": "a", "type": "long"}, {"name": "b", "type": "double"}]}
WORDS = {"columns": [{"name": "a", "type": "string"}, {"name": "b", "type": "double"}]}
NEEDED = "as mode 'one' trains on it"
NO_VALUE = "and mode 'one' trains on it; fill it in or leave the row out"


def check(
    folder: Path,
    content: str,
    estimator: str | None = None,
    features: Any | None = None,
    kind: str = "classifier",
) -> None:
    """Check data for a catalogue, with another estimator or input schema if given."""
    path = write_catalogue(folder, [mode("one", "model.py"), mode("two", "model.py")], {})
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["estimators"]["classifier"]["kind"] = kind
    if estimator is not None:
        document["estimators"]["classifier"]["class"] = estimator
    if features is not None:
        document["schemas"]["features"] = features
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    (folder / "data.csv").write_text(content, encoding="utf-8")
    catalogue = read_catalogue(path)
    check_training_data(catalogue.data, catalogue.modes, "here")


def refusal(folder: Path, content: str, **changes: Any) -> str:
    """Return the reason why data is refused, without the names of option and file."""
    with pytest.raises(ConfigurationError) as caught:
        check(folder, content, **changes)
    message = str(caught.value)
    assert "\n" not in message
    start = f"here: {folder / 'data.csv'}: "
    assert message.startswith(start)
    return message.removeprefix(start)


@pytest.mark.parametrize(
    ("content", "error_message"),
    [
        (HEADER + ROWS + "1,x,0\n", f"line 6: b should be a number, {NEEDED}, is 'x'"),
        (HEADER + ROWS + "1_0,2,0\n", f"line 6: a should be a number, {NEEDED}, is '1_0'"),
        (HEADER + ROWS + "\u0661,2,0\n", f"line 6: a should be a number, {NEEDED}, is '\u0661'"),
        (HEADER + ROWS + "1,inf,0\n", f"line 6: b should be a number, {NEEDED}, is 'inf'"),
        (HEADER + ROWS + '"1,5",2,0\n', f"line 6: a should be a number, {NEEDED}, is '1,5'"),
        (HEADER + ROWS + f"{'x' * 900},2,0\n", f"{NEEDED}, is '{'x' * 58}…"),
        (HEADER + ROWS + '"a\nb",2,0\n', f"line 7: a should be a number, {NEEDED}, is 'a\\nb'"),
        (HEADER + "\n" + ROWS + "1,x,0\n", "line 7: b should be a number"),
        (HEADER + ROWS + "1,,0\n", f"line 6: b is empty (cell ''), {NO_VALUE}"),
        (HEADER + ROWS + "NA,2,0\n", f"line 6: a is empty (cell 'NA'), {NO_VALUE}"),
        (
            HEADER + ROWS + "1,2,\n",
            "line 6: y is empty (cell ''), and every row needs a label; fill it in or leave",
        ),
        (HEADER + ROWS + "1,2\n", "line 6: has 2 cells, the header has 3"),
        (HEADER + ROWS + "1,2,0,4\n", "line 6: has 4 cells, the header has 3"),
        ("a,b,y,b\n1,2,0,3\n", "has column b twice; rename or drop one"),
        ("y,a,b,y\n1,2,0,3\n", "has column y twice; rename or drop one"),
    ],
)
def test_a_cell_that_nothing_can_be_trained_on_is_told(
    content: str, error_message: str, tmp_path: Path
) -> None:
    """A cell, row or column that no script can train on is reported with line, column and value."""
    found = refusal(tmp_path, content)
    assert error_message in found
    assert len(found) < 200


@pytest.mark.parametrize(
    ("content", "error_message"),
    [
        ("1,2,0\n", "has too few rows, 1: test_size 0.3 makes that 0 to train on and 1 to test"),
        ("1,2,0\n3,4,1\n1,2,0\n", "has too few rows, 3: test_size 0.3 makes that 2 to train on"),
        (
            "1,2,0\n" * 5,
            "has too few classes: y is 0 in 5 of 5 rows; at least 2 rows need another label, one",
        ),
        ("1,2,no\n" * 5, "has too few classes: y is 'no' in 5 of 5 rows"),
        ("1,2,0\n" * 5 + "1,2,1\n", "has too few classes: y is 0 in 5 of 6 rows"),
        ("1,2,0\n1,2,0.0\n" * 5, "has too few classes: y is 0 in 10 of 10 rows"),
    ],
)
def test_data_that_cannot_be_split_is_told(
    content: str, error_message: str, tmp_path: Path
) -> None:
    """Too few rows or classes to split are reported with their numbers."""
    assert refusal(tmp_path, HEADER + content).startswith(error_message)


@pytest.mark.parametrize(
    "content",
    [
        HEADER + ROWS,
        "\ufeff" + HEADER + ROWS,
        "\n" + HEADER + "\n" + ROWS + "  \n\n",
        (HEADER + ROWS).replace("\n", "\r\n"),
        HEADER + ROWS.replace("2.5", " -2.5e3 "),
        HEADER + ROWS.replace("2.5", "True"),
        HEADER + "1,2,yes\n3,4,no\n" * 2,
        HEADER + "1,2,a\n1,2,a\n1,2,b\n1,2,c\n",
        HEADER + "1,2,0.1\n1,2,0.2\n1,2,0.3\n1,2,0.4\n",
        "more,a,b,y,more,\n" + "x,1,2,0,,\n,1,2,1,x,x\n" * 2,
    ],
)
def test_data_that_can_be_trained_on_is_accepted(content: str, tmp_path: Path) -> None:
    """Data that pandas and the estimators accept is accepted, whatever is in other columns."""
    check(tmp_path, content)


def test_text_is_for_the_estimator_s_that_a_schema_gives_it_to(tmp_path: Path) -> None:
    """A feature may be text if the input schema says so and the estimator is not a linear model."""
    content = HEADER + ROWS.replace("1,", "one,")
    check(tmp_path, content, estimator="mine.Classifier", features=WORDS)
    assert "a should be a number" in refusal(tmp_path, content, features=WORDS)
    for features in (None, COLUMNS):
        found = refusal(tmp_path, content, estimator="mine.Classifier", features=features)
        assert "line 2: a should be a number" in found


def test_a_regressor_s_label_is_a_number(tmp_path: Path) -> None:
    """The label may be text for a classifier, but not for a regressor."""
    content = HEADER + "1,2,yes\n3,4,no\n" * 2
    check(tmp_path, content)
    error_message = f"line 2: y should be a number, {NEEDED}, is 'yes'"
    assert error_message in refusal(tmp_path, content, kind="regressor")
    check(tmp_path, HEADER + ROWS, kind="regressor")


@pytest.mark.parametrize("word", ["", "NaN", "NULL"])
def test_a_missing_value_is_for_estimators_that_take_it(word: str, tmp_path: Path) -> None:
    """A value may be missing unless the estimator is a linear model or the type is an integer."""
    content = HEADER + ROWS.replace("2.5", word)
    check(tmp_path, content, estimator=TREES)
    check(tmp_path, content, estimator=TREES, features=COLUMNS)
    assert "line 2: b is empty" in refusal(tmp_path, content, features=COLUMNS)
    content = HEADER + ROWS.replace("3,", f"{word},")
    assert "line 3: a is empty" in refusal(tmp_path, content, estimator=TREES, features=COLUMNS)


def test_pandas_reads_the_same_words() -> None:
    """The words for missing values and truth values are those of pandas."""
    import io

    import pandas as pd

    cells = pd.read_csv(io.StringIO("a,b\n" + "".join(f"{word},1\n" for word in MISSING)))["a"]
    assert cells.isna().all()
    truths = pd.read_csv(io.StringIO("a,b\n" + "".join(f"{word},1\n" for word in TRUTHS)))["a"]
    assert truths.astype(float).tolist() == list(TRUTHS.values())


def test_the_committed_data_is_accepted() -> None:
    """The committed data is accepted for the committed catalogue."""
    catalogue = read_catalogue(DEFAULT_CATALOGUE)
    check_training_data(catalogue.data, catalogue.modes, "here")


def test_nothing_large_is_imported_to_look_at_data() -> None:
    """Checking the data imports neither pandas nor scikit-learn."""
    program = (
        "import sys, mlflow_conformance.pytest_plugin.options;"
        " print({'numpy', 'pandas', 'sklearn'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
