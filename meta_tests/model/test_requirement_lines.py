"""The reader of requirements in every form that pip knows."""

from __future__ import annotations

import pytest

from mlflow_conformance.model.requirement_lines import (
    NotARequirement,
    Pin,
    Requirements,
    parse_requirements,
)
from mlflow_conformance.support.text import shown

HASHES = "--hash=sha256:0 --hash=sha256:1"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("/a b/ourpreps-0.3.0-py3-none-any.whl", "ourpreps"),
        ("./wheels/Our_Preps-0.3.0-1-py3-none-any.whl", "our-preps"),
        ("ourpreps-0.3.0-py3-none-any.whl", "ourpreps"),
        (r"C:\wheels\ourpreps-0.3.0-py3-none-any.whl", "ourpreps"),
        ("file:///a%20b/ourpreps-0.3.0-py3-none-any.whl", "ourpreps"),
        ("https://h/ourpreps-0.3.0-py3-none-any.whl#sha256=0", "ourpreps"),
        ("https://h/ourpreps-0.3.0-py3-none-any.whl?a=b/c ; python_version > '3'", "ourpreps"),
        ("./ourpreps-0.3.0-py3-none-any.whl[all]", "ourpreps"),
        (f"./ourpreps-0.3.0-py3-none-any.whl {HASHES}", "ourpreps"),
        ("./ourpreps-0.3.0.tar.gz", "ourpreps"),
        ("./ourpreps.tar.gz", None),
        ("./ourpreps.whl", None),
        ("git+https://h/a/b@v1#egg=Our_Preps", "our-preps"),
        ("git+https://h/a/b@v1#subdirectory=x&egg=ourpreps", "ourpreps"),
        ("git+https://h/a/b@v1", None),
        ("git+ssh://git@h/a/b.git", None),
        ("./vendor", None),
        ("vendor/ourpreps", None),
        (".", None),
        ("ourpreps @ git+https://h/a/b@v1", "ourpreps"),
        ("ourpreps[all] @ file:///a/b.whl ; python_version > '3'", "ourpreps"),
        ("-e ./vendor", None),
        ("-e./vendor", None),
        ("--editable=git+https://h/a#egg=ourpreps", "ourpreps"),
        ("--editable git+https://h/a#egg=ourpreps", "ourpreps"),
    ],
)
def test_a_link_has_no_version(line: str, name: str | None) -> None:
    """A path, a URL or a repository has no exact version, and a name if the line has one."""
    assert parse_requirements([line]) == Requirements((Pin(name, None, line, is_link=True),))


@pytest.mark.parametrize(
    "line",
    [
        *("--extra-index-url https://h/simple", "--index-url=https://h", "-i https://h"),
        *("-f https://h/links", "--find-links ./x", "-r other.txt", "-c constraints.txt"),
        *("--no-index", "--pre", "--trusted-host h", "--require-hashes"),
        *("--only-binary :all:", "--use-feature=fast-deps"),
    ],
)
def test_an_option_is_kept_apart(line: str) -> None:
    """An option line is no requirement."""
    assert parse_requirements([line]) == Requirements((), (line,))


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ([f"a==1 {HASHES}"], f"a==1 {HASHES}"),
        (["a==1 \\", "    --hash=sha256:0 \\", "    --hash=sha256:1"], f"a==1 {HASHES}"),
        (["a==1 \\\n    --hash=sha256:0 \\\n  --hash=sha256:1"], f"a==1 {HASHES}"),
        (["a==1  # why"], "a==1"),
        (["a==1 --global-option=x"], "a==1 --global-option=x"),
        (["a==1 -C x=y"], "a==1 -C x=y"),
        (["a==1 \\"], "a==1"),
    ],
)
def test_hashes_and_comments_change_no_version(lines: list[str], line: str) -> None:
    """Hashes, own options, comments and continued lines do not hide an exact version."""
    found = parse_requirements(lines)
    assert found == Requirements((Pin("a", "1", line),))
    assert found.exact_lines == ["a==1"]


def test_only_exact_versions_can_be_passed_on() -> None:
    """The exact lines have no path, option, range or hash."""
    lines = ["--pre", "A_B==1 --hash=sha256:0", "c<3", "./d-1-py3-none-any.whl", "./e", "f[x]==2"]
    assert parse_requirements(lines).exact_lines == ["a-b==1", "f==2"]


@pytest.mark.parametrize(
    "line", ["a b", "a==", "a @ ", "a @ b/c d", "é é", "a; x", "\0/x", "[a]", "a==1 --unknown"]
)
def test_a_line_that_pip_cannot_read_is_refused(line: str) -> None:
    """Anything else is refused with the line."""
    with pytest.raises(NotARequirement) as refused:
        parse_requirements(["numpy==1", line])
    assert str(refused.value) == shown(line.strip(), 80)
