"""Log a PythonModel whose type hints are its signature."""

from __future__ import annotations

from importlib.metadata import version

import mlflow.pyfunc

# Stated, so that MLflow need not load the model to find out what it imports.
REQUIREMENTS = [f"{name}=={version(name)}" for name in ("cloudpickle",)]


class Shout(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Writes texts in capitals."""

    def predict(self, model_input: list[str]) -> list[str]:
        """Return a text for each text."""
        return [text.upper() for text in model_input]


def main() -> None:
    """Log the model with an example."""
    mlflow.pyfunc.log_model(
        "model",
        python_model=Shout(),
        input_example=["thank you", "too slow"],
        pip_requirements=REQUIREMENTS,
    )


if __name__ == "__main__":
    main()
