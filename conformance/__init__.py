"""The promises: one requirement a test, one sentence a docstring, with its source in brackets.

``L1`` to ``L20`` are the claims of the course exercise that this suite guards (docs/claims.md).
The others are pages of MLflow's documentation, below https://mlflow.org/docs/latest/ml/:
models (model), signatures (model/signatures), dependencies (model/dependencies), tracking
(tracking), autologging (tracking/autolog), scikit-learn (traditional-ml/sklearn), serving
(deployment/deploy-model-locally) and registry (model-registry).
The reference of its functions is below https://mlflow.org/docs/latest/api_reference/: python-api
(python_api/mlflow.models.html) and sklearn-reference (python_api/mlflow.sklearn.html).
Pages about Azure Machine Learning are below https://learn.microsoft.com/azure/machine-learning/:
jobs (how-to-train-model), environments (how-to-manage-environments-v2), models
(how-to-manage-models), deploy (how-to-deploy-mlflow-models) and inference-server
(how-to-inference-server-http). The scoring script of a deployment without code is below
https://github.com/Azure/azureml-assets: scoring-script (assets/inference).
"""
