"""Samples of the findings about the environment files, and near misses."""

from __future__ import annotations

import yaml

from meta_tests.existing.sample_edits import (
    Sample,
    lines,
    put,
    set_key,
)
from meta_tests.existing.sample_models import PYTHON

OTHER_PYTHON = "2.7.18"
ENVIRONMENT = (
    Sample(
        "requirements are unreadable",
        "damaged",
        "requirements.txt: 'a b c' is not a requirement",
        edit=lines("a b c"),
    ),
    Sample(
        "conda.yaml is a list",
        "damaged",
        "conda.yaml: should be a mapping",
        edit=put("conda.yaml", "[]"),
    ),
    Sample(
        "python_env.yaml has a number",
        "damaged",
        "python_env.yaml: python: should be a version in quotes",
        edit=put("python_env.yaml", "python: 3.1"),
    ),
    Sample(
        "the files differ",
        "sound",
        "requirements.txt and conda.yaml ask for different packages",
        edit=lambda model: model.files.update(
            {"requirements.txt": model.files["requirements.txt"] + b"\nmlflow>1"}
        ),
    ),
    Sample(
        "nothing says what is needed",
        "sound",
        "says nowhere what it needs",
        edit=lambda model: (
            [
                model.files.pop(name)
                for name in ("requirements.txt", "conda.yaml", "python_env.yaml")
            ]
            and set_key("flavors.python_function.env", None)(model)
        ),
    ),
    Sample(
        "another Python",
        "doubtful",
        r"was logged with Python '2\.7', here is .+",
        edit=put(
            "python_env.yaml",
            yaml.safe_dump({"python": OTHER_PYTHON, "build_dependencies": [], "dependencies": []}),
        ),
    ),
    Sample(
        "another patch of Python",
        "sound",
        edit=put(
            "python_env.yaml",
            yaml.safe_dump(
                {
                    "python": PYTHON.rpartition(".")[0] + ".0",
                    "build_dependencies": [],
                    "dependencies": [],
                }
            ),
        ),
    ),
    Sample(
        "a package is missing",
        "lacking",
        "needs 'no-such-package', which is not installed",
        edit=lines("scikit-learn", "no-such-package==1"),
    ),
    Sample(
        "a package that is for Windows",
        "sound",
        edit=lines("scikit-learn", "no-such-package; sys_platform == 'win32'"),
    ),
    Sample(
        "another version",
        "doubtful",
        r"asks for other versions: scikit-learn==0\.1 .+",
        edit=lines("scikit-learn==0.1"),
    ),
    Sample(
        "thousands of packages",
        "doubtful",
        "asks for more than 1000 packages: not all were looked at",
        edit=lines(*["scikit-learn"] * 1200),
    ),
    Sample(
        "an unreadable file",
        "damaged",
        r"requirements.txt: cannot be read: not UTF-8 .*"
        "|requirements.txt: .*",
        edit=put("requirements.txt", b"\xff\xfe"),
    ),
)
