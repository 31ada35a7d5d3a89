"""MLflow with something broken, or repaired, in what it does with signatures."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlflow_conformance.promises.properties.examples import Examples
from mlflow_conformance.promises.properties.mlflow_signatures import Answer, MlflowSignatures

Break = Callable[[dict[str, Any], pytest.MonkeyPatch], None]
Enforced = Callable[[Any, Any, Answer], Answer]
SIGNATURES = "signatures"


def unchanged(signature: Any) -> Any:
    """Return a signature as it is."""
    return signature


def as_mlflow_answers(signature: Any, data: Any, answer: Answer) -> Answer:
    """Return what MLflow answers."""
    return answer


@dataclass(frozen=True)
class EditedSignatures(MlflowSignatures):
    """MLflow whose results are edited; ``enforced`` gets signature, data and MLflow's answer."""

    inferred_: Callable[[Any], Any] = unchanged
    saved: Callable[[Any], Any] = unchanged
    loaded: Callable[[Any], Any] = unchanged
    enforced: Enforced = as_mlflow_answers

    def infer(self, data: Any) -> Any:
        """Return the edited signature that MLflow infers."""
        return self.inferred_(super().infer(data))

    def save(self, signature: Any, folder: Path) -> None:
        """Write the edited signature."""
        super().save(self.saved(signature), folder)

    def load(self, folder: Path) -> Any:
        """Return the edited signature that MLflow loads."""
        return self.loaded(super().load(folder))

    def enforce(self, signature: Any, data: Any) -> Answer:
        """Return the edited answer of a model."""
        return self.enforced(signature, data, super().enforce(signature, data))


def edited(**edits: Any) -> EditedSignatures:
    """Return MLflow with these edits."""
    return EditedSignatures(Path(tempfile.mkdtemp()), **edits)


def given(**edits: Any) -> Callable[[], dict[str, Any]]:
    """Return the arguments of a promise; MLflow is repaired by the edits, if there are some."""
    return lambda: {SIGNATURES: edited(**edits), "examples": Examples()}


def breaking(**edits: Any) -> Break:
    """Return a break that replaces MLflow by one with these edits; without, by MLflow itself."""

    def break_(arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        arguments[SIGNATURES] = edited(**edits)

    return break_


def with_text(old: str, new: str) -> Callable[[Any], Any]:
    """Return an edit of the inputs and outputs of a signature, as JSON."""

    def edit(signature: Any) -> Any:
        found = {k: v for k, v in signature.to_dict().items() if v is not None}
        halves = {k: v.replace(old, new) for k, v in found.items() if k != "params"}
        return type(signature).from_dict({**found, **halves})

    return edit


def without_params(signature: Any) -> Any:
    """Return a signature without its inference parameters."""
    return type(signature)(signature.inputs, signature.outputs)


def refusing_any(signature: Any) -> Any:
    """Return a signature, or raise an error if it is one column of any type."""
    if '"any"' in signature.to_dict()["inputs"]:
        raise ValueError("no type for these values")
    return signature


def refusing(signature: Any, data: Any, answer: Answer) -> Answer:
    """Return a refusal, whatever the data are."""
    return Answer(refusal="ValueError: refused")


def accepting(signature: Any, data: Any, answer: Answer) -> Answer:
    """Return the data as they are, whatever the signature says."""
    return Answer(data)


def got(edit: Callable[[Any], Any]) -> Enforced:
    """Return an edit of the data that a model gets."""
    return lambda signature, data, answer: (
        answer if answer.refusal is not None else Answer(edit(answer.data))
    )
