"""Runs ``pytest -m azure`` in a subprocess, with a rehearsal in place of a real workspace."""

from __future__ import annotations

import os
import shlex
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from meta_tests.azure.rehearsal.control import Control
from meta_tests.end_to_end.background_run import Running, going
from meta_tests.end_to_end.suite_run import SuiteRun, command
from mlflow_conformance.rehearsal.start import Rehearsal

JOB_MLFLOW = "2.22.5"
RUN_SECONDS = 400.0
END_SECONDS = 240.0
# All log records and the local variables of all frames.
VERBOSE_OPTIONS = (
    *("-vv", "--tb=long", "--showlocals", "--full-trace"),
    *("-o", "log_cli=true", "-o", "log_cli_level=DEBUG"),
)
HANG = {"*": {"hang": True}}
CONNECTION_VARIABLES = (
    *("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"),
    *("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
)
UV = """\
#!/bin/sh
# uv needs the caller's connection: the rehearsal's proxy refuses the package index.
{restored}
exec {uv} "$@"
"""


@dataclass(frozen=True)
class SuiteRunner:
    """Runs the suite against a rehearsal; ``folder`` is for the runs' files."""

    service: Rehearsal
    control: Control
    folder: Path

    def arguments(self, *options: str, modules: Sequence[str] = ("outcome",)) -> list[str]:
        """Return the command line of a run of the test modules ``modules``."""
        defaults = ("--compute", self.service.compute, "--poll-interval", "1")
        version = () if "--job-mlflow" in options else ("--job-mlflow", JOB_MLFLOW)
        report = ("--junit-xml", str(self.folder / "report.xml"))
        return command(
            self.folder, "-m", "azure", *defaults, *version, *report, *options, modules=modules
        )

    def variables(self, **more: str) -> dict[str, str]:
        """Return the variables that name the workspace and lead to the rehearsal."""
        return {
            **self.service.variables,
            "AZURE_SUBSCRIPTION_ID": self.service.subscription,
            "AZURE_RESOURCE_GROUP": self.service.resource_group,
            "AZURE_ML_WORKSPACE": self.service.workspace,
            "PATH": f"{self._tools()}{os.pathsep}{os.environ['PATH']}",
            **more,
        }

    @contextmanager
    def background(
        self,
        *options: str,
        modules: Sequence[str] = ("outcome",),
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> Iterator[Running]:
        """Start a run for the ``with`` block; check that its output and files have no secret."""
        arguments = self.arguments(*options, modules=modules)
        with going(self.folder, arguments, **self.variables(**variables)) as running:
            yield running
        assert not self.leaked_secrets()

    def run(
        self,
        *options: str,
        modules: Sequence[str] = ("outcome",),
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> SuiteRun:
        """Run to the end, and check that the output and the files have no secret."""
        with self.background(*options, modules=modules, variables=variables) as running:
            exit_code = running.process.wait(RUN_SECONDS)
        return SuiteRun(exit_code, running.output)

    def leaked_secrets(self) -> list[str]:
        """Return the files that contain a secret, each with the first letters of the secret."""
        secrets = {*self.control.secrets(), self.service.variables["AZURE_CLIENT_SECRET"]}
        wanted = {form.encode() for secret in secrets for form in (secret, quote(secret, safe=""))}
        assert len(wanted) > 1, "the rehearsal has issued no secrets"
        return [
            f"{file}: {secret[:6]!r}…"
            for file in self.folder.rglob("*")
            if file.is_file() and not file.is_symlink()
            for content in [file.read_bytes()]
            for secret in wanted
            if secret in content
        ]

    def jobs(self) -> list[str]:
        """Return the names of the jobs submitted since the control was cleared."""
        puts = self.control.requests("PUT", "/jobs/")
        return sorted({put["path"].rpartition("/")[2] for put in puts if put["status"] == 201})

    def _tools(self) -> Path:
        """Write a ``uv`` script that runs uv with the caller's connection variables."""
        folder = self.folder / "tools"
        folder.mkdir(exist_ok=True)
        found = shutil.which("uv")
        assert found is not None
        lines = [
            f"export {name}={shlex.quote(os.environ[name])}"
            if name in os.environ
            else f"unset {name}"
            for name in CONNECTION_VARIABLES
        ]
        script = folder / "uv"
        script.write_text(UV.format(restored="\n".join(lines), uv=shlex.quote(found)))
        script.chmod(0o700)
        return folder


@contextmanager
def suite_runner(service: Rehearsal, folder: Path, **settings: Any) -> Iterator[SuiteRunner]:
    """Set a rehearsal's faults and return a runner; remove all faults before and after."""
    control = Control(service.control)
    control.clear()
    control.set(**settings)
    try:
        yield SuiteRunner(service, control, folder)
    finally:
        control.clear()


def await_line(running: Running, text: str, seconds: float = END_SECONDS) -> None:
    """Wait until a run has printed ``text``."""
    deadline = time.monotonic() + seconds
    while text not in running.output:
        assert running.process.poll() is None, running.output
        assert time.monotonic() < deadline, running.output
        time.sleep(0.1)
