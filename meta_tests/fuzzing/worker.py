"""One round of one reader, in a subprocess: ``worker MODULE READER SEED INPUTS FOLDER``.

Each input is written to the folder before it is read, and its result is a line of
``results.jsonl``, so the parent knows which input took too long or ended the process.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from meta_tests.fuzzing.inputs import edited
from meta_tests.fuzzing.readers import Reader
from mlflow_conformance.support.text import LONGEST_MESSAGE

RESULTS = "results.jsonl"
MEMORY_BYTES = 1024**3


def main(module: str, name: str, number: str, examples: str, folder: str) -> None:
    """Read a number of inputs that are drawn from the seed, with at most a GiB of memory."""
    readers: tuple[Reader, ...] = importlib.import_module(module).READERS
    reader = next(found for found in readers if found.name == name)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    path = Path(folder) / reader.file
    with (Path(folder) / RESULTS).open("w", encoding="utf-8") as results:

        @seed(int(number))
        @settings(
            max_examples=int(examples),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(edited(reader.samples, reader.words))
        def read_each(content: bytes) -> None:
            path.write_bytes(content)
            results.write(json.dumps(_result(reader, path)) + "\n")
            results.flush()

        read_each()


def _result(reader: Reader, path: Path) -> dict[str, object]:
    started = time.perf_counter()
    problem, refused = "", False
    try:
        reader.read(path)
    except reader.declared as error:
        refused = True
        message = str(error)
        if not message.isprintable() or len(message) > LONGEST_MESSAGE:
            problem = f"the message is not one short line: {message!r:.500}"
    except BaseException:
        problem = traceback.format_exc(limit=-6)[-3000:]
    return {
        "seconds": time.perf_counter() - started,
        "refused": refused,
        "problem": problem,
        "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
