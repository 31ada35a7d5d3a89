"""Reports say nothing of who ran them, and hold no secrets."""

from __future__ import annotations

import pytest

from mlflow_conformance.report.privacy import private, private_document

GUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/ann/lab/train.py", "~/lab/train.py"),
        ("where: /Users/ann.b/x", "where: ~/x"),
        (r"C:\Users\ann\x", r"~\x"),
        ("/root/lab", "~/lab"),
        ("/var/pytest-of-ann/pytest-1/x", "/var/pytest-of-USER/pytest-1/x"),
        (f"/subscriptions/{GUID}/resourceGroups", "/subscriptions/<id>/resourceGroups"),
        ("created by ann@example.org", "created by <mail>"),
        ("https://x?sv=1&sig=abc%2Bdef", "https://x?sv=1&sig=***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("annabel asked annmarie, annie", "USER asked annmarie, annie"),
    ],
)
def test_a_text_is_private(text: str, shown: str) -> None:
    """Homes, names, ids of subscriptions, mail addresses and secrets are replaced."""
    assert private(text, "annabel") == shown


@pytest.mark.parametrize("text", ["the root of the store", "/groot/x", "infer-array: 3 of 4", ""])
def test_other_texts_stay(text: str) -> None:
    """What names nobody stays as it is, also if the user's name is a short or usual word."""
    assert private(text, "root") == text
    assert private(text, "") == text
    assert private(text, "of") == text


def test_every_text_of_a_document_is_private() -> None:
    """Keys and values are private at any depth; numbers stay."""
    found = private_document({"/home/ann": [{"a": ("/home/ann/b", 3, None, True)}]})
    assert found == {"~": [{"a": ["~/b", 3, None, True]}]}
