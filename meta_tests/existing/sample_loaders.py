"""Models that are loaded by code of their own, so that a test can say what happens then."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

MLMODEL = """\
flavors:
  python_function:
    code: code
    loader_module: {loader}
    python_version: 3.11.7
mlflow_version: 2.22.5
model_uuid: 0123456789abcdef0123456789abcdef
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  type: dataframe
signature:
  inputs: '[{{"type": "double", "name": "a", "required": true}}]'
  outputs: '[{{"type": "tensor", "tensor-spec": {{"dtype": "float64", "shape": [-1]}}}}]'
utc_time_created: '2025-01-02 03:04:05.678900'
"""
ROWS = [[1.0], [2.0], [3.0]]


def write_model(
    folder: Path, *, load: str = "", predict: str = "return rows['a'].to_numpy()"
) -> Path:
    """Write a model, and return its folder.

    ``load`` are the lines that are executed when it is loaded, ``predict`` those that score
    ``rows``, a DataFrame with the column ``a``.
    """
    loader = f"loader_of_{folder.name}".replace("-", "_")
    code = folder / "code"
    code.mkdir(parents=True)
    (folder / "MLmodel").write_text(MLMODEL.format(loader=loader), encoding="utf-8")
    (folder / "requirements.txt").write_text("mlflow\n", encoding="utf-8")
    example = {"columns": ["a"], "index": [0, 1, 2], "data": ROWS}
    (folder / "input_example.json").write_text(json.dumps(example), encoding="utf-8")
    (code / f"{loader}.py").write_text(
        "class Model:\n    def predict(self, rows, params=None):\n"
        + textwrap.indent(textwrap.dedent(predict), " " * 8)
        + "\n\n\ndef _load_pyfunc(path):\n"
        + textwrap.indent(textwrap.dedent(load) or "pass", " " * 4)
        + "\n    return Model()\n",
        encoding="utf-8",
    )
    return folder
