"""The program in the message of a broken property runs as it is printed, and shows the cause."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from conformance import test_signature_enforcement as enforcement
from conformance import test_signature_inference as inference
from meta_tests.mutants.signature_edits import edited, refusing, with_text, without_params
from mlflow_conformance.promises.properties.examples import Examples

PROGRAM = "where: this program:\n"
SMALLEST_FRAME = "data = pd.DataFrame({'0': pd.Series([0], dtype='int8')})"


@pytest.mark.parametrize(
    ("promise", "edits", "line", "printed"),
    [
        (
            inference.test_types_of_columns_are_inferred,
            {"inferred_": with_text('"integer"', '"long"')},
            SMALLEST_FRAME,
            "['0': integer (required)]",
        ),
        (
            inference.test_signature_survives_saving_twice,
            {"loaded": without_params},
            "'params': '[{",
            "params: \n",
        ),
        (
            enforcement.test_safe_conversions_are_made,
            {"enforced": refusing},
            'signature = ModelSignature.from_dict({\'inputs\': \'[{"type": "boolean", ',
            "0    bool",
        ),
    ],
    ids=["inferring", "saving", "enforcing"],
)
def test_the_printed_program_runs(
    promise: Callable[..., None], edits: dict[str, Any], line: str, printed: str
) -> None:
    """A sabotaged MLflow is reported with the smallest data as a program that runs alone."""
    with pytest.raises(AssertionError) as broken:
        promise(signatures=edited(**edits), examples=Examples())
    message = str(broken.value)
    program = textwrap.dedent(message.partition(PROGRAM)[2])
    assert line in program
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert printed in ran.stdout
