"""Failure messages for each known deviation: those that it expects, and similar ones."""

from __future__ import annotations

from meta_tests.pytest_plugin.signature_samples import SIGNATURES

JOB = (
    "infer-array: train-model-infer.py failed in the job conformance-x (UserError: Error: 1) at L."
)
TRACEBACK = 'Traceback (most recent call last):\n  File "train.py", line 1, in <module>\n'
NO_LOGGED_MODELS = (
    "mlflow.exceptions.MlflowException: API request to endpoint /api/2.0/mlflow/logged-models"
    " failed with error code 404 != 200. Response body: ''"
)
SERVES_NOT = "mlflow models serve ended with exit code 1:\n"
ANSWERED = "/invocations answered 500, should be one of (400,): "
INTERNAL = '{"error_code": "INTERNAL_ERROR", "message": "'
INVALID = r"""'\'ValueError(\\"invalid literal for int() with base 10: \'old\'\\")\'"}'"""
NO_NUMBER = r"""'\'ValueError(\\"could not convert string to float: \'old\'\\")\'"}'"""
COMPLETED = (
    "autolog-array: the job conformance-x is Completed, and train-model-autolog.py logged no model:"
    " no MLmodel file is among its Outputs + logs; https://ml.azure.com/x. Its last lines:\n…"
)
TYPES = (
    "type of the predictions (the signature's outputs declare it)\n  found: {}\n  should be: {}\n"
)
REJECTED = "the rows of the CSV: should be scored, was rejected: MlflowException: "
SET_SIGNATURE = (
    "set-signature: set-signature.py failed in the job conformance-x (UserError: Error: 1) at L."
    f" Its last lines:\n{TRACEBACK}"
    '  File "/x/mlflow/models/signature.py", line 658, in set_signature\n'
    "    _upload_artifact_to_uri(ml_model_file, resolved_uri)\n"
)
WRITTEN_ONCE = (
    "Exception: UserError: Resource Conflict: ArtifactId ExperimentRun/dcid.conformance-x/model/{}"
    " already exists."
)
REQUIRED = "requirements that no model needs\n  found: {}\n  should be: none\n  where: /m"
DIFFER = "7 of 20 predictions differ\n  found: 0 in row 1\n  should be: 1\n  where: /m"
NAMES_A = "a-case: the rejection should name A, it says: "
CONVERT = "Incompatible input types for column A b. Can not safely convert {} to int32."
UNSCORED = "/m cannot be scored in its own environment:\n"
IMPORTS = (
    '  File "/x/site-packages/mlflow/utils/a.py", line 1, in <module>\n    import pkg_resources\n'
)
FOREST = (
    "forest.py ended with exit code 1: mlflow.exceptions.MlflowException: The saved sklearn model"
    " references untrusted types. If you are sure"
)
FOREST_JOB = JOB.replace("train-model-infer.py", "forest.py") + f" Its last lines:\n{TRACEBACK}"
UNTRUSTED_TYPES = (
    "mlflow.exceptions.MlflowException: The saved sklearn model references untrusted types. If you"
)
JOB_FAILED = (
    ("status of the job\n  found: Failed\n  should be: Completed\n  where: job x, https://y",),
    ("status of the job\n  found: Canceled\n  should be: Completed\n  where: job x",),
)
REJECTS_NA = "should be scored, was rejected: {}: cannot convert NA to integer"
NOTHING_LOGGED = (
    "autolog-frame: should log a model, or end with an error that names MLFLOW_ALLOW_FILE_STORE;"
    " autolog-frame: train-model-autolog.py "
)
NO_ENDPOINT = (
    "infer-frame: infer.py ended with exit code 1: mlflow.exceptions.MlflowException: API request"
    " to endpoint /api/2.0/mlflow/{} failed with error code {} != 200"
)
UNTRUSTED = "The saved sklearn model references untrusted types. Found in the file: "
BY_DEFAULT = "cannot be logged by default: MlflowException: "
NOT_SKOPS = (
    "The sklearn model could not be serialized in the skops serialization format. skops does"
)
DEPLOYS_NOT = "azmlinfsrv ended with exit code 3:\n"
NO_SAMPLE = "Invalid sample input provided, must provide a sample"
NAMELESS = "/score answered {}, should be 400 and name 'Age': "
SCRIPT_FAILED = (
    '{"message": "An unexpected error occurred in scoring script. Check the logs for more info."}'
)
# By entry, in the order of the file: messages of one or more releases, and similar messages.
SAMPLES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        (COMPLETED,),
        (
            COMPLETED.replace("is Completed", "is Failed (no memory)"),
            COMPLETED.replace("logged no model: no MLmodel", "logged 2 models, a mode logs one"),
            f"{JOB} Its last lines:\n{NO_LOGGED_MODELS}",
        ),
    ),
    (
        (f"{JOB} Its last lines:\n{TRACEBACK}{NO_LOGGED_MODELS}",),
        (
            COMPLETED,
            f"{JOB} Its last lines:\n{TRACEBACK}ImportError: no module named lab",
            f"{JOB} Its last lines:\n{TRACEBACK}{NO_LOGGED_MODELS}\n{TRACEBACK}KeyError: 'Age'",
            f"{JOB} Its last lines:\n{TRACEBACK}{NO_LOGGED_MODELS}".replace("404", "500"),
            f"infer-array: train-model-infer.py was still running\n{NO_LOGGED_MODELS}",
        ),
    ),
    JOB_FAILED,
    (
        (f"{SET_SIGNATURE}{WRITTEN_ONCE.format('MLmodel')}",),
        (
            f"{SET_SIGNATURE}{WRITTEN_ONCE.format('model.pkl')}",
            f"{SET_SIGNATURE}{WRITTEN_ONCE.format('MLmodel')}\n{TRACEBACK}KeyError: 'Age'",
            f"{SET_SIGNATURE}mlflow.exceptions.MlflowException: no permission",
            f"{JOB} Its last lines:\n{TRACEBACK}{WRITTEN_ONCE.format('MLmodel')}",
        ),
    ),
    JOB_FAILED,
    (
        (REQUIRED.format("pytest==9.2.0"),),
        tuple(
            REQUIRED.format(pins)
            for pins in (
                *("pytest-xdist==3.8.0, hypothesis==6.1", "hypothesis==6.1", "pytest-xdist==3.8.0"),
                *("pytest==9.2.0, pluggy==1.6.0", "execnet==2.1, pytest==9.2.0", "pluggy==1.6.0"),
            )
        ),
    ),
    (
        ("a-case: the rejection should name A, B, it says: cannot convert NA to integer",),
        (
            f"{NAMES_A}cannot convert NA to integer, and blames B",
            f"{NAMES_A}Incompatible input types",
            "a-case: should be rejected, was accepted and gave [0 1]…",
        ),
    ),
    (
        (f"too-narrow: {ANSWERED}{INTERNAL}Shape of input (20, 7) does not match expected shape",),
        (
            f"too-narrow: {ANSWERED}{INTERNAL}No space left on device",
            f"too-narrow: {ANSWERED}{INTERNAL}Shape of input (20, 7)".replace("500", "200"),
            "too-narrow: the answer should say why, it is empty",
        ),
    ),
    (
        (f"ragged: {ANSWERED}{INTERNAL}Failed to parse data as TF serving input. Ensure that",),
        (f"ragged: {ANSWERED}{INTERNAL}Failed to load", f"ragged: {ANSWERED}<html>"),
    ),
    (
        (f"missing-column: {ANSWERED}{INTERNAL}Model is missing inputs ['Age'].\"}}",),
        (f"missing-column: {ANSWERED}{INTERNAL}'Age'", f"missing-column: {ANSWERED}"),
    ),
    (
        tuple(
            f"text-for-a-number: the answer should name 'Age', it says: {message}"
            for message in (INVALID, INVALID.replace("\"}'", '", "error_class": "X"}\''), NO_NUMBER)
        ),
        (
            f"text-for-a-number: the answer should name 'Age', it says: {INVALID}, and blames BMI",
            "text-for-a-number: the answer should name 'Age', it says: 'Internal Server Error'",
            "text-for-a-number: the answer should name 'Age', it says: ''",
        ),
    ),
    (
        (f"{SERVES_NOT}AttributeError: 'FastAPI' object has no attribute 'route'",),
        (
            f"{SERVES_NOT}ModuleNotFoundError: No module named 'skops'",
            f"{SERVES_NOT}AttributeError: 'Lab' object has no attribute 'route'",
            f"{SERVES_NOT}AttributeError: 'FastAPI' object has no attribute 'router'",
            "status of /ping\n  found: 500\n  should be: 200\n  where: http://127.0.0.1:5000",
        ),
    ),
    (
        (f"{UNSCORED}{TRACEBACK}{IMPORTS}ModuleNotFoundError: No module named 'pkg_resources'",),
        (
            f"{UNSCORED}{TRACEBACK}{IMPORTS}ModuleNotFoundError: No module named 'lab'",
            f"{UNSCORED}{TRACEBACK}ModuleNotFoundError: No module named 'pkg_resources'",
            DIFFER,
        ),
    ),
    (
        (REJECTED + CONVERT.format("int64"),),
        (
            REJECTED + CONVERT.format("float64"),
            f"{REJECTED}Model is missing inputs ['A'].",
            DIFFER,
        ),
    ),
    (
        (TYPES.format("int64", "bool"),),
        (
            TYPES.format("float64", "bool"),
            TYPES.format("int64", "float64"),
            "the test rows: should be scored, was rejected: Model is missing inputs",
        ),
    ),
    (
        (
            "dict-of-lists: should be scored, was rejected: AttributeError: no attribute 'lower'",
            "shape of the predictions\n  found: (1,)\n  should be: (20,)\n  where: dict-of-lists",
        ),
        (
            "dict-of-arrays: should be scored, was rejected: AttributeError: no attribute 'lower'",
            "shape of the predictions\n  found: (19,)\n  should be: (20,)\n  where: dict-of-lists",
            DIFFER,
        ),
    ),
    (
        (f"forest-sqlite: {FOREST}",),
        (
            f"forest-sqlite: {FOREST}".replace("untrusted types", "no types"),
            f"forest-sqlite: {FOREST}".replace("forest.py", "other.py"),
        ),
    ),
    (
        (f"{FOREST_JOB}{UNTRUSTED_TYPES}",),
        (
            f"{FOREST_JOB}{UNTRUSTED_TYPES}".replace("untrusted", "no"),
            f"{FOREST_JOB}{UNTRUSTED_TYPES}\n{TRACEBACK}KeyError: 'Age'",
            f"{JOB} Its last lines:\n{TRACEBACK}{UNTRUSTED_TYPES}",
        ),
    ),
    JOB_FAILED,
    *(
        (
            tuple(
                f"{rows}: {REJECTS_NA}".format(kind) for kind in ("MlflowException", "ValueError")
            ),
            (
                f"{rows}: should be scored, was rejected: MlflowException: no column Age",
                f"{rows}: {REJECTS_NA} for column Age",
            ),
        )
        for rows in ("the rows of the fit (a DataFrame)", "the test rows")
    ),
    (
        (f"{NOTHING_LOGGED}ended without an error and logged no model to the store",),
        (
            f"{NOTHING_LOGGED}ended with exit code 1: MlflowException: no permission",
            f"{NOTHING_LOGGED}ended without an error and logged 2 models",
        ),
    ),
    (
        ("autolog-frame: autolog.py ended without an error and logged no model to the store",),
        (
            "autolog-frame: autolog.py ended without an error and logged 2 models",
            "autolog-frame: autolog.py ended with exit code 1: ValueError: no",
        ),
    ),
    (
        (NO_ENDPOINT.format("logged-models", 404),),
        (
            NO_ENDPOINT.format("logged-models", 500),
            NO_ENDPOINT.format("runs/create", 404),
        ),
    ),
    *SIGNATURES,
    *(
        (
            (f"{name}: {BY_DEFAULT}{UNTRUSTED}{types}",),
            (
                f"{name}: {BY_DEFAULT}no permission, and not of {types}",
                f"{name}: cannot be logged by default: did not end within 120 s",
                f"Ridge: {BY_DEFAULT}{NOT_SKOPS}",
            ),
        )
        for name, types in (
            ("Isomap", "['sklearn.neighbors._kd_tree.KDTree']"),
            ("RandomForestClassifier", "['sklearn.tree._tree.Tree']"),
            ("GradientBoostingClassifier", "['sklearn.tree._tree.Tree']"),
            ("GammaRegressor", "['sklearn._loss.loss.HalfGammaLoss']"),
        )
    ),
    (
        (f"Birch: {BY_DEFAULT}{NOT_SKOPS}",),
        (f"Ridge: {BY_DEFAULT}{NOT_SKOPS}", f"Birch: {BY_DEFAULT}no permission"),
    ),
    (
        (f"{DEPLOYS_NOT}Exception: {NO_SAMPLE} Numpy array.",),
        (
            f"{DEPLOYS_NOT}Exception: {NO_SAMPLE} Pandas Dataframe.",
            f"{DEPLOYS_NOT}ModuleNotFoundError: No module named 'azureml'",
        ),
    ),
    (
        (f"split: /score answered 500, should be 200: {SCRIPT_FAILED}",),
        (
            "split: /score answered 500, should be 200: <html>",
            f"lists: /score answered 500, should be 200: {SCRIPT_FAILED}",
        ),
    ),
    (
        (f"missing-column: {NAMELESS.format(500)}{SCRIPT_FAILED}",),
        (
            f"missing-column: {NAMELESS.format(400)}{SCRIPT_FAILED}",
            f"missing-column: {NAMELESS.format(500)}<html>",
            f"split: /score answered 200, should be one of (400, 500): {SCRIPT_FAILED}",
        ),
    ),
    (
        (f"{DEPLOYS_NOT}ModuleNotFoundError: No module named 'azureml'",),
        (
            f"{DEPLOYS_NOT}ModuleNotFoundError: No module named 'sklearn'",
            f"{DEPLOYS_NOT}ModuleNotFoundError: No module named 'azureml_inference_server_http'",
            f"{DEPLOYS_NOT}Exception: {NO_SAMPLE} Numpy array.",
        ),
    ),
)
