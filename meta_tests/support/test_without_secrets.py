"""Tests that the values of secret variables do not reach a message."""

from __future__ import annotations

import pytest

from mlflow_conformance.support.without_secrets import without_logins, without_secrets


@pytest.mark.parametrize(
    "name",
    [
        "MLFLOW_TRACKING_TOKEN",
        "MLFLOW_TRACKING_PASSWORD",
        "AZURE_STORAGE_CONNECTION_STRING",
        "AWS_SECRET_ACCESS_KEY",
        "DATABRICKS_TOKEN",
    ],
)
def test_a_secret_that_a_server_repeats_is_hidden(name: str) -> None:
    """A server may answer with what it was sent."""
    found = without_secrets("403: denied for Bearer tok-1234.S", {name: "tok-1234.S", "USER": "de"})
    assert found == "403: denied for Bearer ***"


def test_all_else_stays() -> None:
    """The values of other variables, and very short ones, are words of the message."""
    variables = {"MLFLOW_TRACKING_URI": "http://a:5000", "SOME_KEY": "a"}
    assert without_secrets("http://a:5000 failed", variables) == "http://a:5000 failed"


# Passwords with what ends a part of a URL, if it is not escaped.
PASSWORDS = (
    "s3cr/3tpw",
    "s3cr#3tpw",
    "s3cr?3tpw",
    "s3cr%3tpw",
    "s3cr%2F3tpw",
    "s3@cr/3tpw",
    "1234#3tpw",
)


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("form", ["{}", "x @ {}", "Invalid URL in `{}`: no", "git+{}", "'{}',"])
def test_a_login_of_a_url_is_hidden(form: str, password: str) -> None:
    """Nothing before the host is left, also where the URL is not valid."""
    text = form.format(f"https://bob:{password}@pypi.example.org/simple")
    assert without_logins(text) == form.format("https://***@pypi.example.org/simple")


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_login_that_was_cut_is_hidden(password: str) -> None:
    """A parser cuts a URL at a character of the password, and prints either part."""
    given = [f"--index-url https://bob:{password}@pypi.example.org/simple"]
    for sign in "/#?@%":
        before, is_cut, after = password.partition(sign)
        if is_cut:
            said = f"Invalid URL: https://bob:{before}; no such path: {after}@pypi.example.org"
            found = without_logins(said, given)
            assert found.startswith("Invalid URL: https://***")
            assert before not in found
            assert after not in found


def test_a_cut_login_is_hidden_even_if_nobody_gave_it() -> None:
    """After the colon of a host are only digits."""
    assert (
        without_logins("in `a.txt`: https://bob:s3cr no port") == "in `a.txt`: https://*** no port"
    )


def test_a_token_without_a_name_and_a_signature_are_hidden() -> None:
    """A token may be the name of a login, and a signature is in the query."""
    given = ["https://tok-1234@h/simple"]
    assert (
        without_logins("https://tok-1234@h/simple: tok-1234", given) == "https://***@h/simple: ***"
    )
    assert without_logins("https://h/c/x.whl?sv=1&sig=a%2Fb#x") == "https://h/c/x.whl?***#x"


@pytest.mark.parametrize(
    "text",
    [
        "https://pypi.example.org:8080/simple: no answer",
        "http://[::1]:8080/simple",
        "x @ file:///home/bob@home/x.whl#sha256=ab",
        "bob@example.org // see a@b: c",
    ],
)
def test_a_url_without_a_login_stays(text: str) -> None:
    """A port is no password, and an address no login."""
    assert without_logins(text, [text]) == text
