"""Samples of the findings about pickles and skops files, and near misses."""

from __future__ import annotations

import cloudpickle

from meta_tests.existing.honest_models import by_value
from meta_tests.existing.hostile_pickles import HIDDEN, TRUE, called, name, whole
from meta_tests.existing.sample_edits import (
    Sample,
    lines,
    of_script,
    own_code,
    put,
    script_module,
    skops_file,
)
from meta_tests.existing.sample_models import transformer

FILES = (
    Sample(
        "a call", "unsafe", "loading it runs 'posix.system'", edit=put("model.pkl", TRUE["posix"])
    ),
    Sample(
        "a call in an artifact",
        "unsafe",
        "loading it runs 'os.system'",
        edit=put("artifacts/x.bin", TRUE["stack"]),
    ),
    Sample(
        "a call through another module",
        "unsafe",
        "loading it runs 'pandas.io.common.os.system'",
        edit=put("model.pkl", TRUE["through another module"]),
    ),
    Sample(
        "an executing name in skops",
        "unsafe",
        "loading it runs 'os.system'",
        edit=skops_file({"__module__": "os", "__class__": "system"}),
    ),
    Sample(
        "an honest skops file",
        "sound",
        edit=skops_file({"__module__": "sklearn.linear_model", "__class__": "LinearRegression"}),
    ),
    Sample(
        "an unusual name",
        "doubtful",
        "names 'stat.S_ISREG', which models do not need",
        edit=put("model.pkl", HIDDEN["standard module"]),
    ),
    Sample(
        "an unusual function",
        "doubtful",
        "names 'sklearn.datasets.fetch_openml', which models do not need",
        edit=put("model.pkl", HIDDEN["unusual function"]),
    ),
    Sample(
        "an unusual function that is not called",
        "sound",
        edit=lambda model: model.pickled(transformer(__import__("numpy").log1p)),
    ),
    Sample(
        "a name that is computed",
        "doubtful",
        "imports a name that only loading it would tell",
        edit=put("model.pkl", HIDDEN["long extension"]),
    ),
    Sample(
        "a function of its own is called",
        "doubtful",
        "loading it calls a function that it carries",
        edit=put("artifacts/f.pkl", HIDDEN["function of its own"]),
    ),
    Sample(
        "a function of its own is not called",
        "sound",
        edit=put("artifacts/f.pkl", cloudpickle.dumps(by_value()["lambda"])),
    ),
    Sample(
        "too long",
        "doubtful",
        "is too long to be looked through to its end",
        edit=put("model.pkl", HIDDEN["too long"]),
    ),
    Sample(
        "of the script", "damaged", "names Shifted of the script that logged it", edit=of_script
    ),
    Sample(
        "cut off",
        "damaged",
        "a model file is not readable as pickle: it ends too early",
        edit=lambda model: put("model.pkl", model.files["model.pkl"][:-5])(model),
    ),
    Sample(
        "no archive",
        "damaged",
        "a model file is not readable as skops: .+",
        edit=lambda model: (skops_file([])(model), put("model.pkl", "x")(model)),
    ),
    Sample(
        "an artifact is cut off",
        "doubtful",
        "is no pickle to its end: it ends too early",
        edit=lambda model: put("artifacts/a.pkl", model.files["model.pkl"][:-5])(model),
    ),
    Sample(
        "an artifact is no pickle",
        "sound",
        "is no pickle to its end: .+",
        edit=put("artifacts/a.pkl", b"\x00\x00\x00"),
    ),
    Sample(
        "a module is missing",
        "lacking",
        "needs the module 'own_code_of_a_team', which is not here",
        edit=script_module,
    ),
    Sample("a module is in the folder", "sound", edit=own_code),
    Sample(
        "a module that nothing explains",
        "doubtful",
        "needs the module 'hypothesis', which none of its requirements explains",
        edit=put("artifacts/a.pkl", whole(name("hypothesis.core", "Given") + b")\x81")),
    ),
    Sample(
        "a module that a link may explain",
        "sound",
        edit=lambda model: (
            lines("-e git+https://example.com/a.git", "scikit-learn")(model),
            put("a.pkl", whole(name("hypothesis.core", "Given") + b")\x81"))(model),
        ),
    ),
    Sample(
        "a function in it uses a file",
        "sound",
        "a function in it uses 'posixpath.basename'",
        edit=put("artifacts/f.pkl", cloudpickle.dumps(by_value()["files"])),
    ),
    Sample(
        "values of Python",
        "sound",
        edit=put(
            "artifacts/a.pkl", whole(called(name("datetime", "date"), b"C\x04\x07\xe4\x01\x01"))
        ),
    ),
)
