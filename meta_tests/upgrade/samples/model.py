"""Samples of the rules about the files of a model."""

from __future__ import annotations

from meta_tests.upgrade.samples.all import Edit, breaking, info, warning
from mlflow_conformance.upgrade.profile.differences import ABSENT

MODEL = "modes/one/model"
FLAVORS = f"{MODEL}/flavors"
OPTION = f"{FLAVORS}/sklearn/code"
KEY = f"{MODEL}/mlmodel/run_id"
SIZE = f"{MODEL}/mlmodel/model_size_bytes"
SIGNATURE = f"{MODEL}/signature"
FILE = f"{MODEL}/files/conda.yaml"
REQUIREMENT = f"{MODEL}/requirements/numpy"
MEANING = {"inputs": "column-based [a: long]", "outputs": "none"}

MODEL_SAMPLES = (
    breaking(
        "flavor-lost",
        Edit(f"{FLAVORS}/onnx", {"file": "a.onnx"}, ABSENT),
        near=Edit(f"{FLAVORS}/sklearn/onnx", {"file": "a.onnx"}, ABSENT),
        other="flavor-option-lost",
    ),
    info(
        "flavor-added",
        Edit(f"{FLAVORS}/onnx", ABSENT, {"file": "a.onnx"}),
        near=Edit(f"{FLAVORS}/sklearn/onnx", ABSENT, {"file": "a.onnx"}),
        other="flavor-option-added",
    ),
    breaking(
        "serialization-changed",
        Edit(f"{FLAVORS}/sklearn/serialization_format", "cloudpickle", "skops"),
        near=Edit(f"{FLAVORS}/sklearn/sklearn_version", "<installed>", "1.0.0"),
        other="flavor-option-changed",
    ),
    breaking(
        "loading-changed",
        Edit(f"{FLAVORS}/python_function/loader_module", "mlflow.sklearn", "mlflow.skops"),
        near=Edit(f"{FLAVORS}/python_function/config", "mlflow.sklearn", "mlflow.skops"),
        other="flavor-option-changed",
    ),
    warning(
        "flavor-option-lost",
        Edit(OPTION, "null", ABSENT),
        near=Edit(f"{FLAVORS}/python_function/predict_fn", "predict", ABSENT),
        other="loading-changed",
    ),
    warning(
        "flavor-option-changed",
        Edit(OPTION, "null", "code"),
        near=Edit(f"{FLAVORS}/sklearn/pickled_model", "model.pkl", "model.skops"),
        other="serialization-changed",
    ),
    info(
        "flavor-option-added",
        Edit(OPTION, ABSENT, "null"),
        near=Edit(f"{FLAVORS}/python_function/model_path", ABSENT, "model.pkl"),
        other="serialization-changed",
    ),
    warning(
        "mlmodel-key-lost",
        Edit(KEY, "<id>", ABSENT),
        near=Edit(KEY, "<id>", "null"),
        other="mlmodel-key-changed",
    ),
    info(
        "mlmodel-key-added",
        Edit(KEY, ABSENT, "<id>"),
        near=Edit(KEY, "null", "<id>"),
        other="mlmodel-key-changed",
    ),
    info(
        "model-size-changed",
        Edit(SIZE, 783, 772),
        near=Edit(f"{MODEL}/mlmodel/metadata/model_size_bytes", 783, 772),
        other="mlmodel-key-changed",
    ),
    warning(
        "mlmodel-key-changed",
        Edit(KEY, "<id>", "null"),
        near=Edit(SIZE, 783, 772),
        other="model-size-changed",
    ),
    breaking(
        "signature-lost",
        Edit(SIGNATURE, MEANING, ABSENT),
        near=Edit(f"{SIGNATURE}/outputs", "none", ABSENT),
        other="signature-changed",
    ),
    breaking(
        "signature-appeared",
        Edit(SIGNATURE, ABSENT, MEANING),
        near=Edit(f"{SIGNATURE}/outputs", ABSENT, "none"),
        other="signature-changed",
    ),
    breaking(
        "signature-changed",
        Edit(f"{SIGNATURE}/inputs", "column-based [a: long]", "column-based [a: integer]"),
        Edit(f"{SIGNATURE}/outputs", "column-based [long]", "tensor-based [int64]"),
        near=Edit(f"{SIGNATURE}/text/inputs", '[{"type": "long"}]', '[{"type":"long"}]'),
        other="signature-text-changed",
    ),
    info(
        "signature-text-changed",
        Edit(f"{SIGNATURE}/text/inputs", '[{"type": "long"}]', '[{"type":"long"}]'),
        near=Edit(f"{SIGNATURE}/inputs", "column-based [a: long]", "column-based [a: integer]"),
        other="signature-changed",
    ),
    warning(
        "signature-key-added",
        Edit(f"{SIGNATURE}/text/inputs", '[{"type": "long"}]', '[{"type": "long", "required": 1}]'),
        near=Edit(
            f"{SIGNATURE}/text/inputs", '[{"type": "long", "required": 1}]', '[{"type": "long"}]'
        ),
        other="signature-text-changed",
    ),
    info(
        "file-copy-lost",
        Edit(f"{MODEL}/files/metadata%2FMLmodel", "there", ABSENT),
        Edit("modes/one/run/artifacts/best%2Fmetadata%2FMLmodel", "there", ABSENT),
        near=Edit(f"{MODEL}/files/metadata", "there", ABSENT),
        other="file-lost",
    ),
    breaking(
        "file-lost",
        Edit(FILE, 203, ABSENT),
        near=Edit(FILE, 203, 0),
        other="file-size-changed",
    ),
    info(
        "file-added",
        Edit(FILE, ABSENT, 203),
        near=Edit(FILE, 0, 203),
        other="file-size-changed",
    ),
    info(
        "file-size-changed",
        Edit(FILE, 203, 204),
        near=Edit(FILE, 203, ABSENT),
        other="file-lost",
    ),
    warning(
        "requirement-lost",
        Edit(REQUIREMENT, "numpy==<installed>", ABSENT),
        near=Edit(REQUIREMENT, "numpy==<installed>", "numpy"),
        other="requirement-changed",
    ),
    info(
        "requirement-added",
        Edit(REQUIREMENT, ABSENT, "numpy==<installed>"),
        near=Edit(REQUIREMENT, "numpy", "numpy==<installed>"),
        other="requirement-changed",
    ),
    warning(
        "requirement-changed",
        Edit(REQUIREMENT, "numpy==<installed>", "numpy<3"),
        near=Edit(REQUIREMENT, ABSENT, "numpy<3"),
        other="requirement-added",
    ),
    warning(
        "environment-file-changed",
        Edit(f"{MODEL}/conda/channels", ["conda-forge"], ["defaults"]),
        Edit(f"{MODEL}/python env/python", "<installed>", "3.12.0"),
        near=Edit(f"{MODEL}/files/python_env.yaml", 98, 99),
        other="file-size-changed",
    ),
)
