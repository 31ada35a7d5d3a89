"""Reports say nothing of who ran them, and hold no secrets."""

from __future__ import annotations

import pytest

from mlflow_conformance.report.privacy import Person, private, private_document, this_person

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
        ("https://x?sv=1&sig=abc%2Bdef", "https://x?***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("annabel asked annmarie, annie", "USER asked annmarie, annie"),
        ("ANNABEL_tmp, annabels", "USER_tmp, annabels"),
        ("/data/Anna Bel/x and %2Fdata%2FAnna%20Bel%2Fx", "~/x and ~%2Fx"),
        ("at %2Fhome%2Fjane%2Fx", "at ~%2Fx"),
        ("a:\n  password: hunter2\nb: 3", "a:\n  password: ***\nb: 3"),
        ("api_key: abcd", "api_key: ***"),
        ("postgresql://u:pa/ss@host/db", "postgresql://***@host/db"),
        ("--password X y", "--password *** y"),
        ("MLFLOW_TRACKING_PASSWORD=a;b c", "MLFLOW_TRACKING_PASSWORD=*** c"),
        ("Authorization: Token abc", "Authorization: Token ***"),
        ("X-Api-Key: abc", "X-Api-Key: ***"),
        (f"ghp_{'a' * 36} {'dapi' + '0a' * 16} AKIA{'A' * 16}", "*** *** ***"),
    ],
)
def test_a_text_is_private(text: str, shown: str) -> None:
    """Homes, names, ids of subscriptions, mail addresses and secrets are replaced."""
    assert private(text, Person("annabel", "/data/Anna Bel")) == shown


@pytest.mark.parametrize(
    "text", ["the root of the store", "/groot/x", "mlflow 3.17.2 kept", "token_version: 2", ""]
)
def test_other_texts_stay(text: str) -> None:
    """What names nobody stays as it is, also if the user's name is a short or usual word."""
    for name in ("root", "", "of", "infer"[:3], "mlflow", "kept"):
        assert private(text, Person(name)) == text


def test_every_text_of_a_document_is_private() -> None:
    """Values are private at any depth; numbers, and the document's own keys, stay."""
    found = private_document({"jane": [{"a": ("/home/ann/b", 3, None, True)}]}, Person("jane"))
    assert found == {"jane": [{"a": ["~/b", 3, None, True]}]}


def test_the_home_is_the_caller_s() -> None:
    """A run has a home of its own; the one to hide is that of whoever started it."""
    assert this_person({"HOME": "/data/ann"}).home == "/data/ann"
