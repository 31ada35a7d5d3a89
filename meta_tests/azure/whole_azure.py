"""Whole runs of ``pytest -m azure`` against a rehearsal that they take for a real workspace."""

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

from fixtures.rehearsal.start import Rehearsal
from meta_tests.azure.rehearsal_control import Control
from meta_tests.going_runs import Running, going
from meta_tests.whole_runs import WholeRun, command

JOB_MLFLOW = "2.22.5"
RUN_SECONDS = 150.0
END_SECONDS = 60.0
# A user who looks for a mistake: every log record, every variable of every frame.
LOOKING_CLOSELY = (
    *("-vv", "--tb=long", "--showlocals", "--full-trace"),
    *("-o", "log_cli=true", "-o", "log_cli_level=DEBUG"),
)
HANG = {"*": {"hang": True}}
LEADING = (
    *("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"),
    *("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
)
UV = """\
#!/bin/sh
# uv reaches its index as the caller does: the rehearsal's proxy leads to no index.
{restored}
exec {uv} "$@"
"""


@dataclass(frozen=True)
class Scenery:
    """A rehearsal, what steers it, and a folder for runs against it."""

    service: Rehearsal
    control: Control
    folder: Path

    def arguments(self, *options: str, modules: Sequence[str] = ("outcome",)) -> list[str]:
        """Return the command line of a run of some modules."""
        usual = ("--compute", self.service.compute, "--poll-interval", "1")
        version = () if "--job-mlflow" in options else ("--job-mlflow", JOB_MLFLOW)
        report = ("--junit-xml", str(self.folder / "report.xml"))
        return command(
            self.folder, "-m", "azure", *usual, *version, *report, *options, modules=modules
        )

    def variables(self, **more: str) -> dict[str, str]:
        """Return the variables that name the workspace and lead to it."""
        return {
            **self.service.variables,
            "AZURE_SUBSCRIPTION_ID": self.service.subscription,
            "AZURE_RESOURCE_GROUP": self.service.resource_group,
            "AZURE_ML_WORKSPACE": self.service.workspace,
            "PATH": f"{self._tools()}{os.pathsep}{os.environ['PATH']}",
            **more,
        }

    @contextmanager
    def going(
        self,
        *options: str,
        modules: Sequence[str] = ("outcome",),
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> Iterator[Running]:
        """Start a run; nothing is left of it in the end, and it told no secret."""
        arguments = self.arguments(*options, modules=modules)
        with going(self.folder, arguments, **self.variables(**variables)) as running:
            yield running
        assert not self.told_secrets()

    def run(
        self,
        *options: str,
        modules: Sequence[str] = ("outcome",),
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> WholeRun:
        """Run to the end; no secret is in what it printed or wrote."""
        with self.going(*options, modules=modules, variables=variables) as running:
            exit_code = running.process.wait(RUN_SECONDS)
        return WholeRun(exit_code, running.output)

    def told_secrets(self) -> list[str]:
        """Return the files in which a secret is, with its beginning."""
        secrets = {*self.control.secrets(), self.service.variables["AZURE_CLIENT_SECRET"]}
        wanted = {form.encode() for secret in secrets for form in (secret, quote(secret, safe=""))}
        assert len(wanted) > 1, "the rehearsal handed out nothing"
        return [
            f"{file}: {secret[:6]!r}…"
            for file in self.folder.rglob("*")
            if file.is_file() and not file.is_symlink()
            for content in [file.read_bytes()]
            for secret in wanted
            if secret in content
        ]

    def jobs(self) -> list[str]:
        """Return the names of the jobs that were made since the control was cleared."""
        puts = self.control.requests("PUT", "/jobs/")
        return sorted({put["path"].rpartition("/")[2] for put in puts if put["status"] == 201})

    def _tools(self) -> Path:
        """Write a ``uv`` that is run with the caller's own variables."""
        folder = self.folder / "tools"
        folder.mkdir(exist_ok=True)
        found = shutil.which("uv")
        assert found is not None
        lines = [
            f"export {name}={shlex.quote(os.environ[name])}"
            if name in os.environ
            else f"unset {name}"
            for name in LEADING
        ]
        script = folder / "uv"
        script.write_text(UV.format(restored="\n".join(lines), uv=shlex.quote(found)))
        script.chmod(0o700)
        return folder


@contextmanager
def scenery(service: Rehearsal, folder: Path, **rules: Any) -> Iterator[Scenery]:
    """Set the rules of a rehearsal for runs in a folder; none stands before and after."""
    control = Control(service.control)
    control.clear()
    control.set(**rules)
    try:
        yield Scenery(service, control, folder)
    finally:
        control.clear()


def await_line(running: Running, text: str, seconds: float = END_SECONDS) -> None:
    """Return when a run has printed a text."""
    deadline = time.monotonic() + seconds
    while text not in running.output:
        assert running.process.poll() is None, running.output
        assert time.monotonic() < deadline, running.output
        time.sleep(0.1)
