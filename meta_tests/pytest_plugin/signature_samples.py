"""Failure messages for the known deviations of signatures: those expected, and similar ones."""

from __future__ import annotations

FOUND = "\n  found: {}\n  should be: {}\n  where: this program:\n"
INFERRED = f"inputs that infer_signature infers{FOUND}"
ENFORCED = f"data for a model with a signature{FOUND}"
NO_TYPE = "MlflowException: Unable to map 'object' type to MLflow DataType. object can"
REQUIRED_ONE, OPTIONAL_ONE = "column-based [0: double]", "column-based [0: double (optional)]"
LIST = 'column-based [a: array {"items": {"type": "boolean"}}]'
NO_STRING = (
    "refused: MlflowException: Incompatible input types for column {}."
    " Can not safely convert {} to <U0."
)
ZERO = "accepted as '0'{}: [{}]; rows [0]"
IN_LIST = "accepted as 'a': [[{}]]; rows [{}]"
DATE = "datetime.datetime(2000, 1, 1, 0, 0)"
OTHER = "7 of 20 predictions differ\n  found: 0 in row 1\n  should be: 1\n  where: /m"
# In the order of the file.
SIGNATURES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        (INFERRED.format(REQUIRED_ONE, OPTIONAL_ONE), INFERRED.format(NO_TYPE, OPTIONAL_ONE)),
        (INFERRED.format("column-based [0: float (optional)]", OPTIONAL_ONE), OTHER),
    ),
    (
        (INFERRED.format(REQUIRED_ONE, OPTIONAL_ONE),),
        (INFERRED.format(NO_TYPE, OPTIONAL_ONE), INFERRED.format(OPTIONAL_ONE, REQUIRED_ONE)),
    ),
    (
        (INFERRED.format(NO_TYPE, LIST), ENFORCED.format(f"refused: {NO_TYPE}", "accepted as")),
        (INFERRED.format("MlflowException: no", LIST), INFERRED.format(REQUIRED_ONE, LIST)),
    ),
    (
        tuple(
            INFERRED.format(error, LIST)
            for error in (
                "MlflowException: Invalid values in dictionary. If",
                "TypeError: ('Expected",
            )
        ),
        (INFERRED.format("KeyError: 'a'", LIST), INFERRED.format(REQUIRED_ONE, LIST)),
    ),
    (
        (INFERRED.format("column-based [(unnamed): any]", "an error"),),
        (INFERRED.format("column-based [0: long]", "an error"),),
    ),
    (
        (
            ENFORCED.format(NO_STRING.format("0", "string"), "accepted as"),
            ENFORCED.format(NO_STRING.format("\n", "string"), "accepted as"),
        ),
        (ENFORCED.format(NO_STRING.format("0", "object"), "accepted as"), OTHER),
    ),
    (
        tuple(
            ENFORCED.format(f"refused: {error}", "accepted as")
            for error in (
                "MlflowException: cannot convert float NaN to bool",
                "ValueError: cannot convert NA to integer",
            )
        ),
        (
            ENFORCED.format("refused: MlflowException: no column", "accepted as"),
            ENFORCED.format(ZERO.format(" (float64)", "None"), "accepted as"),
        ),
    ),
    (
        (ENFORCED.format(IN_LIST.format("False", "0"), IN_LIST.format("False", "1")),),
        (
            ENFORCED.format(IN_LIST.format("False", "5"), IN_LIST.format("False", "1")),
            ENFORCED.format("refused: KeyError", IN_LIST.format("False", "1")),
        ),
    ),
    (
        (
            ENFORCED.format(
                "refused: MlflowException: Expected data to be scalar, got datetime",
                IN_LIST.format(DATE, "0"),
            ),
        ),
        (ENFORCED.format("refused: MlflowException: Expected data", IN_LIST.format(DATE, "0")),),
    ),
    (
        (ENFORCED.format(IN_LIST.format("946684800", "0"), IN_LIST.format(DATE, "0")),),
        (
            ENFORCED.format("refused: KeyError", IN_LIST.format(DATE, "0")),
            ENFORCED.format(IN_LIST.format("'2000'", "0"), IN_LIST.format(DATE, "0")),
        ),
    ),
    (
        (ENFORCED.format(IN_LIST.format("''", "0"), IN_LIST.format("'\\x00'", "0")),),
        (ENFORCED.format(IN_LIST.format("''", "0"), IN_LIST.format("'a'", "0")),),
    ),
    (
        (ENFORCED.format("accepted as '1': [0]; '0': [0]", "accepted as '0': [0]; '1': [0]"),),
        (ENFORCED.format("refused: KeyError", "accepted as '0': [0]; '1': [0]"),),
    ),
    (
        (ENFORCED.format(ZERO.format(" (float32)", "0.0"), "refused"),),
        (
            ENFORCED.format(ZERO.format(" (float32)", "2.0"), "refused"),
            ENFORCED.format(ZERO.format(" (int64)", "0"), "refused"),
        ),
    ),
    (
        (ENFORCED.format(ZERO.format(" (int64)", "0"), "refused"),),
        (ENFORCED.format(ZERO.format("", "'0'"), "refused"),),
    ),
    *(
        (
            (ENFORCED.format(ZERO.format("", "b''"), "refused"),),
            (ENFORCED.format("refused: KeyError", "accepted as"),),
        )
        for _ in ("objects as booleans", "text as bytes")
    ),
)
