"""The skeletons and the functions that write them."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping
from pathlib import Path

# The file of samples for each file of rules; crossings and surfaces have samples of another form.
SAMPLES = {
    **{name: name for name in ("behaviour", "model", "outcome", "run")},
    **dict.fromkeys(("calls", "installed"), "behaviour"),
}
DEFAULT_RULES = "model"
NAME = re.compile(r"(?:(?P<file>[a-z][a-z0-9_]*)/)?(?P<name>[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)")
Written = Mapping[Path, str]

PROMISE = '''

def test_{name}(model: ModelUnderTest) -> None:
    """The model keeps its promise about {words} (MLflow: models)."""
    # Fill in the check; the message says what was found and what should be.
    require(False, f"{{model.mlmodel.path}}: {words} is …, should be …")
'''
PROMISE_IMPORTS = (
    "from mlflow_conformance.model.model_under_test import ModelUnderTest\n",
    "from mlflow_conformance.promises.assertions import require\n",
)
PROMISE_FILE = '''"""The promises about {words}."""

from __future__ import annotations

''' + "".join(PROMISE_IMPORTS)
MUTANT_FILE = '''"""Mutants of the promise about {words}."""

from __future__ import annotations

from conformance import test_{module} as {module}
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.model_edits import with_key

MODE = "infer-frame"

MUTANTS = (
    Mutant(
        "wrong-{dashed}",
        MODE,
        {module}.test_{name},
        with_key("{name}", "wrong"),
        r"MLmodel: {words} is .*, should be ",
    ),
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A broken model fails the check that owns what is broken."""
    require_caught(mutant, bench)
'''
RULE = """    Rule(
        id="{dashed}",
        name="{words}",
        level="warning",
        at=("modes/*/{name}/*",),
        when=disappears,
        why="say what can stop working",
        way_out="say what to do about it",
        link="https://mlflow.org/docs/latest/ml/model/",
    ),
"""
SAMPLE = """    warning(
        "{dashed}",
        Edit("modes/one/{name}/x", "before", ABSENT),
        near=Edit("modes/one/{name}/x", "before", "after"),
        other=None,
    ),
"""
SCRIPT = '''"""Train the lab's classifier and log it (describe how)."""

from __future__ import annotations

import argparse

import mlflow
import pandas as pd


def main(args: argparse.Namespace) -> None:
    """Read the data, train, and log the model in a run."""
    table = pd.read_csv(args.training_data)
    print(f"{len(table)} rows to train on")
    with mlflow.start_run():
        pass  # Fit the estimator and log it here.


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="CSV file or its address")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
'''
ENTRY = """
  - name: {dashed}
    script: train-model-{dashed}.py
    arguments: [--training_data, "{{training_data}}"]
    display_name: diabetes-train-{dashed}
    trains_on: frame
    estimator: lab-classifier
    flavors: [python_function, sklearn]
    autologs: false
    signature: {{origin: inferred, inputs: features-frame, outputs: labels-array}}
"""


class ScaffoldError(ValueError):
    """Raised if a skeleton cannot be written; the message is one line with the way out."""


def write(kind: str, name: str, root: Path) -> Written:
    """Write a skeleton below ``root``; return what to fill in, by file.

    ``name`` may start with the file that the skeleton is added to, as in ``metadata/owner``.

    Raises:
        ScaffoldError: The name is malformed or taken, or a file is missing; nothing was written.
    """
    match = NAME.fullmatch(name)
    if match is None:
        raise ScaffoldError(
            f"{name!r} is not a name such as aliases, tag-lost or data_contract/tag-lost"
        )
    plain = match["name"].replace("-", "_")
    if keyword.iskeyword(plain) or plain.startswith("test_"):
        raise ScaffoldError(f"{name!r}: the name is a keyword of Python, or starts with test_")
    words = {"name": plain, "dashed": plain.replace("_", "-"), "words": plain.replace("_", " ")}
    return KINDS[kind](words, match["file"], root)


def _promise(words: Mapping[str, str], file: str | None, root: Path) -> Written:
    module = file or words["name"]
    test = root / "conformance" / f"test_{module}.py"
    folder = root / "meta_tests" / "mutants"
    texts = {}
    if file is None:
        mutants = folder / f"test_{module}.py"
        texts[test] = PROMISE_FILE.format(**words) + PROMISE.format(**words)
    else:
        mutants = folder / f"test_{module}_{words['name']}.py"
        old = _with_imports(_read(test, root))
        if f"def test_{words['name']}(" in old:
            raise ScaffoldError(f"{test.relative_to(root)} has a test_{words['name']} already")
    _create({**texts, mutants: MUTANT_FILE.format(**words, module=module)})
    if file is not None:
        test.write_text(old + PROMISE.format(**words), encoding="utf-8")
    return {
        test: "the requirement with its source, and the check",
        mutants: "how a good model is broken, and the message that the check must give; you may"
        f" move it into test_{module}.py",
    }


def _with_imports(text: str) -> str:
    """Return the text of a module with the imports that a new promise needs."""
    missing = [line for line in PROMISE_IMPORTS if not re.search(_imports(line), text)]
    first = re.search(r"^from mlflow_conformance\.", text, re.MULTILINE)
    place = len(text) if first is None else first.start()
    return text[:place] + "".join(missing) + text[place:]


def _imports(line: str) -> str:
    """Return a pattern for an import of the name that ends a line, alone or among others."""
    module, _, name = line.strip().partition(" import ")
    return rf"{re.escape(module)} import (\([^)]*|[^\n]*)\b{name}\b"


def _rule(words: Mapping[str, str], file: str | None, root: Path) -> Written:
    module = file or DEFAULT_RULES
    if module not in SAMPLES:
        raise ScaffoldError(
            f"there are no rules in {module}; choose from {', '.join(sorted(SAMPLES))}"
        )
    rules = (
        root / "fixtures" / "mlflow_conformance" / "upgrade" / "changes" / "rules" / f"{module}.py"
    )
    samples = root / "meta_tests" / "upgrade" / "samples" / f"{SAMPLES[module]}.py"
    old = {path: _read(path, root) for path in (rules, samples)}
    if any(f'"{words["dashed"]}"' in text for text in old.values()):
        raise ScaffoldError(f"there is a rule {words['dashed']} already")
    changed = {
        rules: _add_to_tuple(old[rules], "RULES", RULE.format(**words), rules),
        samples: _add_to_tuple(old[samples], "SAMPLES", SAMPLE.format(**words), samples),
    }
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8")
    return {
        rules: "the places, the level, the reason and the way out",
        samples: "an edit that the rule reports, and a similar one that it does not",
        root / "docs" / "upgrade.md": "a row in the table of rules",
    }


def _mode(words: Mapping[str, str], file: str | None, root: Path) -> Written:
    if file is not None:
        raise ScaffoldError(f"a mode has a name without a folder: {words['dashed']}")
    script = root / "training" / f"train-model-{words['dashed']}.py"
    catalogue = root / "training" / "modes.yaml"
    old = _read(catalogue, root)
    if f"name: {words['dashed']}\n" in old:
        raise ScaffoldError(f"there is a mode {words['dashed']} already")
    _create({script: SCRIPT})
    catalogue.write_text(old.rstrip("\n") + "\n" + ENTRY.format(**words), encoding="utf-8")
    return {
        script: "the training, and the call that logs the model",
        catalogue: "what the mode promises (docs/catalogue.md explains the keys)",
    }


def _create(texts: Mapping[Path, str]) -> None:
    for path in texts:
        if path.exists():
            raise ScaffoldError(
                f"{path.name} exists; to add to it: {path.stem.removeprefix('test_')}/…"
            )
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")


def _read(path: Path, root: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ScaffoldError(f"there is no {path.relative_to(root)}") from None


def _add_to_tuple(text: str, name: str, entry: str, path: Path) -> str:
    """Return the text of a module with an entry added to the end of a tuple."""
    start = re.search(rf"^\w*{name} = \($", text, re.MULTILINE)
    end = text.find("\n)\n", start.start()) if start else -1
    if end < 0:
        raise ScaffoldError(f"{path.name} has no tuple {name} to add to; write the entry by hand")
    return text[: end + 1] + entry + text[end + 1 :]


KINDS: Mapping[str, Callable[[Mapping[str, str], str | None, Path], Written]] = {
    "promise": _promise,
    "rule": _rule,
    "mode": _mode,
}
