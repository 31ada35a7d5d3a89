"""The promises: one requirement a test, one sentence a docstring, with its source in brackets.

``L1`` to ``L20`` are the claims of the course exercise that this suite guards (docs/claims.md);
``MLflow: X`` stands for the page https://mlflow.org/docs/latest/X of MLflow's documentation.
"""
