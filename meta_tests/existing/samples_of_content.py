"""Samples of the findings about what ``MLmodel`` says, and near misses."""

from __future__ import annotations

from meta_tests.existing.sample_edits import (
    Sample,
    inputs,
    put,
    set_key,
    skops_file,
    without,
)

CONTENT = (
    Sample(
        "no MLmodel",
        "damaged",
        "MLmodel: is missing",
        after=lambda folder: (folder / "MLmodel").unlink(),
    ),
    Sample(
        "MLmodel is no YAML",
        "damaged",
        r"MLmodel: not readable in line \d: .*",
        edit=put("MLmodel", "a: ["),
    ),
    Sample(
        "MLmodel repeats a key",
        "damaged",
        r"MLmodel: not readable in line 2: the key flavors "
        "is there twice",
        edit=put("MLmodel", "flavors: {}\nflavors: {}"),
    ),
    Sample(
        "MLmodel asks for an object",
        "damaged",
        "MLmodel: not readable in line 1: .*",
        edit=put("MLmodel", "flavors: !!python/object/apply:os.system [touch canary]"),
    ),
    Sample("no flavor", "damaged", "has no flavor", edit=set_key("flavors", {})),
    Sample(
        "an unknown flavor",
        "lacking",
        "the installed MLflow has no flavor 'of_a_team'",
        edit=set_key("flavors", {"of_a_team": {}}),
    ),
    Sample(
        "a flavor that is a path",
        "lacking",
        "the installed MLflow has no flavor '/etc'",
        edit=set_key("flavors", {"/etc": {}}),
    ),
    Sample("an unknown flavor beside the usual", "sound", edit=set_key("flavors.of_a_team", {})),
    Sample(
        "no loader",
        "damaged",
        "names no loader_module",
        edit=without("flavors.python_function.loader_module"),
    ),
    Sample(
        "no file with the estimator",
        "damaged",
        "names no file with the estimator",
        edit=without("flavors.sklearn.pickled_model"),
    ),
    Sample(
        "a loader that is gone",
        "lacking",
        "is loaded by 'mlflow.of_a_team', which is not here",
        edit=set_key("flavors.python_function.loader_module", "mlflow.of_a_team"),
    ),
    Sample(
        "a loader that is a path",
        "lacking",
        "is loaded by 'mlflow./etc', which is not here",
        edit=set_key("flavors.python_function.loader_module", "mlflow./etc"),
    ),
    Sample(
        "a loader of Python",
        "unsafe",
        "is loaded by 'os' of Python, which loads no models",
        edit=set_key("flavors.python_function.loader_module", "os"),
    ),
    Sample(
        "a loader of its own",
        "sound",
        edit=lambda model: (
            set_key("flavors.python_function.loader_module", "own.load")(model),
            put("code/own/load.py", "")(model),
        ),
    ),
    Sample(
        "a path upwards",
        "unsafe",
        "a path leads out of the model's folder",
        edit=set_key("flavors.sklearn.pickled_model", "../model.pkl"),
    ),
    Sample(
        "an absolute path",
        "unsafe",
        "a path leads out of the model's folder",
        edit=set_key("flavors.python_function.code", "/etc"),
    ),
    Sample(
        "a path of Windows",
        "unsafe",
        "a path leads out of the model's folder",
        edit=set_key("flavors.python_function.data", r"C:\model"),
    ),
    Sample(
        "a path upwards of Windows",
        "unsafe",
        "a path leads out of the model's folder",
        edit=set_key("flavors.python_function.env", {"conda": r"a\..\..\b"}),
    ),
    Sample(
        "a path in a list",
        "unsafe",
        "a path leads out of the model's folder",
        edit=set_key("flavors.python_function.code", ["code", "../b"]),
    ),
    Sample(
        "the example is elsewhere",
        "unsafe",
        "a path leads out of the model's folder",
        edit=set_key("saved_input_example_info.artifact_path", "/etc/hostname"),
    ),
    Sample(
        "a path upwards of another package",
        "doubtful",
        "a path leads out of the model's folder",
        edit=set_key("flavors.of_a_team", {"path": "/mnt/data"}),
    ),
    Sample(
        "a file of another package",
        "sound",
        edit=set_key("flavors.of_a_team", {"path": "https://example.com/a", "data": "x"}),
    ),
    Sample(
        "a file is missing",
        "damaged",
        "'model.pkl' is missing",
        after=lambda folder: (folder / "model.pkl").unlink(),
    ),
    Sample(
        "a path in many words",
        "sound",
        edit=set_key("flavors.sklearn.pickled_model", ".//./model.pkl"),
    ),
    Sample(
        "a URI of an artifact",
        "sound",
        edit=lambda model: (
            set_key(
                "flavors.python_function.artifacts",
                {"a": {"path": "artifacts/a", "uri": "/home/x/a"}},
            )(model),
            put("artifacts/a", "")(model),
        ),
    ),
    Sample(
        "the version of a later day",
        "doubtful",
        r"a newer MLflow has logged it: '99\.0\.0', here is .+",
        edit=set_key("mlflow_version", "99.0.0"),
    ),
    Sample(
        "a version that is none",
        "doubtful",
        "the version of MLflow is none: 'new'",
        edit=set_key("mlflow_version", "new"),
    ),
    Sample(
        "a version of many digits",
        "doubtful",
        "the version of MLflow is none: '1+…",
        edit=set_key("mlflow_version", "1" * 5000),
    ),
    Sample("an older version", "sound", edit=set_key("mlflow_version", "2.0.1")),
    Sample(
        "a format of a later day",
        "lacking",
        "the installed MLflow does not read the format 'later'",
        edit=set_key("flavors.sklearn.serialization_format", "later"),
    ),
    Sample(
        "skops is not installed",
        "lacking",
        "skops is not installed",
        edit=skops_file({"__module__": "sklearn.linear_model", "__class__": "LinearRegression"}),
        lacks="skops",
    ),
    Sample("no signature", "sound", "has no signature", edit=without("signature")),
    Sample(
        "an unknown type",
        "doubtful",
        "the type 'decimal' is none of MLflow's",
        edit=inputs({"name": "a", "type": "decimal"}),
    ),
    Sample(
        "nested types",
        "sound",
        edit=inputs({"name": "a", "type": "array", "items": {"type": "double"}}),
    ),
    Sample(
        "a signature that is no list",
        "damaged",
        "MLmodel: signature.inputs: not JSON: .*",
        edit=set_key("signature.inputs", "["),
    ),
    Sample(
        "the example is no JSON",
        "damaged",
        "the input example is not JSON: .*",
        edit=put("input_example.json", "{"),
    ),
    Sample(
        "the example lacks a column",
        "damaged",
        "the input example lacks the column 'b' of the signature",
        edit=inputs({"name": "a", "type": "double"}, {"name": "b", "type": "double"}),
    ),
    Sample(
        "the example lacks an optional column",
        "sound",
        edit=inputs(
            {"name": "a", "type": "double"}, {"name": "b", "type": "double", "required": False}
        ),
    ),
    Sample(
        "thousands of columns",
        "sound",
        edit=lambda model: (
            inputs(*({"name": f"column {n:06}", "type": "double"} for n in range(30_000)))(model),
            without("saved_input_example_info")(model),
        ),
    ),
)
