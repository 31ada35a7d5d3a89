"""Tests that texts are masked where two recordings differ, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlflow_conformance.upgrade.profile.masking import LONGEST, masked, versions_masked
from mlflow_conformance.upgrade.profile.observe import script_warnings

HEX = "0123456789abcdef" * 2
UUID = "01234567-89ab-cdef-0123-456789abcdef"
TIME = "2026-01-31 12:00:00.123456"
# Parts of the patterns: random text alone rarely matches one.
WORDS = st.sampled_from(
    [HEX, f"m-{HEX}", UUID, TIME, "2026/01/31", "12:00:00", "1769860800000", "127.0.0.1:", "port="]
    + ["0x7f0012345678", "/", "//", "/x/", "\\", "C:\\", "file://", "sqlite:///", "runs:/", "m-"]
    + ["tmpab12cd_3", "\x1b[31m", "\x1b[", "31m", "<id>", "<folder>/", "<", ">", "a", "x y", "é"]
    + [" ", "\n", "\t", ".", ":", "'", "…", "0", "8080", "https://mlflow.org", "f" * 31]
    + ["/docs/", "latest/"]
)
TEXTS = st.lists(WORDS | st.text(max_size=5), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"model {f'm-{HEX}'!r}", "model '<model id>'"),
        (f"Run {HEX!r} not found", "Run '<id>' not found"),
        (f"job {UUID}.", "job <id>."),
        (f"at {TIME}, later", "at <time>, later"),
        ("2026/01/31 12:00:00 INFO", "<time> INFO"),
        ("2026-01-31\n12:00:00", "<time>"),
        ("since 1769860800000", "since <milliseconds>"),
        ("http://127.0.0.1:43211/ping", "http://127.0.0.1:<port>/ping"),
        ("host='localhost', port=43211", "host='localhost', port=<port>"),
        ("<object at 0x7f00123ABC>", "<object at <address>>"),
        ("\x1b[33mcareful\x1b[0m", "careful"),
        ("'/home/me/runs/model.pkl'", "'<folder>/model.pkl'"),
        ("in /home/the two of us/model.pkl, too", "in <folder>/model.pkl, too"),
        ("either /tmp/a or /tmp/b", "either <folder>/a or <folder>/b"),
        ("not in /tmp/tmpab12cd_3", "not in <folder>/<temporary>"),
        ("file:///tmp/a b/model", "<folder>/model"),
        ("sqlite:////tmp/run/mlflow.db", "<folder>/mlflow.db"),
        (r"open 'C:\Users\the two\m.pkl'", "open '<folder>/m.pkl'"),
        (repr(r"C:\Users\me\m.pkl"), "'<folder>/m.pkl'"),
        (f"runs:/{HEX}/model", "runs:/<id>/model"),
        (f"models:/m-{HEX}", "models:/<model id>"),
        (f"/mlruns/1/models/m-{HEX}/artifacts", "<folder>/artifacts"),
        ("https://mlflow.org/docs/latest/ml", "https://mlflow.org/docs/<version>/ml"),
        (
            "https://www.mlflow.org/docs/2.9.0/m.html",
            "https://www.mlflow.org/docs/<version>/m.html",
        ),
        ("https://scikit-learn.org/1.6/x", "https://scikit-learn.org/<version>/x"),
        ("  two\n  lines ", "two lines"),
    ],
)
def test_what_differs_between_recordings_is_masked(text: str, expected: str) -> None:
    """Ids, times, ports, addresses, colours, folders and line breaks are masked."""
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Shape of input (20, 7) does not match expected shape (-1, 8).",
        "see https://mlflow.org/releases/#signature and https://x.org/docs/2.1/b/c",
        "and/or, 1 / 2, mlflow.sklearn/v1, -r requirements.txt",
        "models:/NAME/1 and models:/NAME@champion and runs:/RUN_ID/model",
        "sqlite:///mlflow.db",
        "'/model' is missing",
        "scikit-learn==1.5.2 since 2.9.0 at 127.0.0.1",
        "deadbeef 0xff 12345 2026-01-31",
        '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 8]}}]',
    ],
)
def test_any_other_text_stays(text: str) -> None:
    """URLs, relative paths, versions and other words are not masked."""
    assert masked(text) == text


@settings(deadline=None, max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, st.integers(1, 60) | st.just(LONGEST))
def test_masking_again_changes_nothing(text: str, longest: int) -> None:
    """Masked text is one line of limited length, and masking it again changes nothing."""
    once = masked(text, longest=longest)
    assert masked(once, longest=longest) == once
    assert len(once) <= longest
    assert len(once.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numpy==2.0.0", "numpy==<installed>"),
        ("scikit_learn==1.5.2", "scikit_learn==<installed>"),
        ("ruamel.yaml == 0.18", "ruamel.yaml ==<installed>"),
        ("numpy==1.0.0", "numpy==1.0.0"),
        ("numpy<3", "numpy<3"),
        ("pandas==2.0.0", "pandas==2.0.0"),
        ("pip", "pip"),
    ],
)
def test_the_installed_version_is_masked(text: str, expected: str) -> None:
    """A requirement's version is masked if that version is installed, and kept otherwise."""
    installed = {"numpy": "2.0.0", "scikit-learn": "1.5.2", "ruamel-yaml": "0.18"}
    assert versions_masked(text, installed) == expected


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        (
            "/a b/lib/site-packages/sklearn/x.py:12: FutureWarning: `a` was renamed\n  f(a)\n",
            "FutureWarning in sklearn/x.py: `a` was renamed",
        ),
        (
            r"C:\lib\site-packages\sklearn\x.py:12: FutureWarning: no",
            "FutureWarning in sklearn/x.py: no",
        ),
        ("/home/me/train.py:3: UserWarning: first\nsecond", "UserWarning in train.py: first"),
        (
            "<string>:1: DeprecationWarning: in /tmp/a/b",
            "DeprecationWarning in <string>: in <folder>/b",
        ),
        (
            "2026/01/31 12:00:00 WARNING mlflow.models.model: `artifact_path` is deprecated",
            "logged by mlflow.models.model: `artifact_path` is deprecated",
        ),
        (
            "\x1b[33m2026/01/31 12:00:00 WARNING mlflow.x: no\x1b[0m",
            "logged by mlflow.x: no",
        ),
        (
            f"2026/01/31 12:00:00 ERROR mlflow.store: run {HEX} is gone\nTraceback",
            "logged by mlflow.store: run <id> is gone",
        ),
    ],
)
def test_warnings_are_found_in_what_was_printed(printed: str, found: str, tmp_path: Path) -> None:
    """Warnings of Python and MLflow are found with category, source and first line, masked."""
    output = tmp_path / "output.txt"
    output.write_text(f"Accuracy: 0.79\n{printed}\nThe end\n", encoding="utf-8")
    assert script_warnings.read(output) == (found,)


def test_a_warning_is_told_once(tmp_path: Path) -> None:
    """The same warning from several lines of a file is reported once; warnings are sorted."""
    lines = [f"/x/{file}.py:{line}: UserWarning: no" for file in "ba" for line in (1, 2)]
    (tmp_path / "output.txt").write_text("\n".join(lines), encoding="utf-8")
    found = script_warnings.read(tmp_path / "output.txt")
    assert found == ("UserWarning in a.py: no", "UserWarning in b.py: no")


@pytest.mark.parametrize(
    "printed",
    [b"", b"Accuracy: 0.79\n2026/01/31 12:00:00 INFO mlflow.x: done\n", b"\xff\x00 Warning\n"],
    ids=["nothing", "no warning", "not UTF-8"],
)
def test_no_warning_is_none(printed: bytes, tmp_path: Path) -> None:
    """Output without a warning yields none."""
    (tmp_path / "output.txt").write_bytes(printed)
    assert script_warnings.read(tmp_path / "output.txt") == ()


def test_a_missing_output_has_no_warnings(tmp_path: Path) -> None:
    """A missing output file yields no warnings."""
    assert script_warnings.read(tmp_path / "missing.txt") == ()
    assert script_warnings.read(tmp_path) == ()
