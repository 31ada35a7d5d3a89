"""Tests of ``--evidence``: where a bundle is written, when not, and that it always is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mlflow_conformance.azure.errors import AzureMisconfigured
from mlflow_conformance.azure.evidence import collect
from mlflow_conformance.azure.evidence.collect import evidence_of, new_file, tell_jobs, tell_private
from mlflow_conformance.azure.setup.options import AzureSettings


def ignore(line: str) -> None:
    """Print no line."""


def test_nothing_without_the_option() -> None:
    """Without a folder nothing is recorded."""
    with evidence_of(AzureSettings(), ignore) as evidence:
        assert evidence is None
        tell_private(evidence, AzureSettings())


@pytest.mark.parametrize("raised", [None, KeyboardInterrupt, RuntimeError])
def test_a_bundle_is_written_however_a_run_ends(
    raised: type[BaseException] | None, tmp_path: Path
) -> None:
    """A run that fails or is interrupted has its bundle, and its error goes on."""
    lines: list[str] = []
    settings = AzureSettings(evidence=tmp_path / "new" / "folder")
    if raised is None:
        with evidence_of(settings, lines.append):
            pass
    else:
        with pytest.raises(raised), evidence_of(settings, lines.append):
            raise raised
    file = tmp_path / "new" / "folder" / "evidence.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["ended"] == ("completed" if raised is None else raised.__name__)
    assert found["written_by"] == "workspace"
    assert found["packages"]["azure-ai-ml"]
    count = len(found["assumptions"])
    assert lines == [
        f"evidence: {file}: {count} assumptions: 0 confirmed, 0 contradicted, {count} not seen"
    ]
    assert [path.name for path in file.parent.iterdir()] == ["evidence.json"]


def test_the_rehearsal_is_named(tmp_path: Path) -> None:
    """A bundle that a rehearsal wrote says so."""
    with evidence_of(AzureSettings(is_rehearsal=True, evidence=tmp_path), ignore):
        pass
    assert json.loads((tmp_path / "evidence.json").read_text())["written_by"] == "rehearsal"


def test_what_the_jobs_install_is_told(tmp_path: Path) -> None:
    """A bundle says which MLflow the jobs install; one that is not known is ``null``."""
    with evidence_of(AzureSettings(evidence=tmp_path), ignore) as evidence:
        tell_jobs(evidence, {"mlflow": "2.22.5", "team-package": "1"}, "missing")
    found = json.loads((tmp_path / "evidence.json").read_text())
    assert found["job_packages"] == {"mlflow": "2.22.5", "azureml-mlflow": None}
    assert found["logged_models"] == "missing"
    tell_jobs(None, {}, "missing")


def test_an_existing_bundle_is_kept(tmp_path: Path) -> None:
    """A bundle that exists is refused in one line, and not changed."""
    file = tmp_path / "evidence.json"
    file.write_text("old")
    with (
        pytest.raises(AzureMisconfigured) as raised,
        evidence_of(AzureSettings(evidence=tmp_path), ignore),
    ):
        pytest.fail("the run has begun")
    assert str(raised.value) == (
        f"--evidence: {file}: exists already, and is not overwritten: name another folder"
    )
    assert file.read_text() == "old"


def test_a_dangling_link_is_kept(tmp_path: Path) -> None:
    """A link that leads nowhere is a file that exists, too."""
    (tmp_path / "evidence.json").symlink_to(tmp_path / "nowhere")
    with pytest.raises(AzureMisconfigured, match="exists already"):
        new_file(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A folder below a file is refused in one line that says what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(AzureMisconfigured) as raised:
        new_file(tmp_path / "file" / "folder")
    message = str(raised.value)
    assert message.startswith(f"--evidence: {tmp_path / 'file' / 'folder'}: no file can be written")
    assert message.endswith("(Not a directory): name a folder that is yours")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_others(tmp_path: Path) -> None:
    """A folder in which nothing may be written is refused."""
    tmp_path.chmod(0o500)
    with pytest.raises(AzureMisconfigured, match="no file can be written there"):
        new_file(tmp_path)


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the bundle cannot be written at the end, a line says so, and the run's result stays."""

    def full(file: Path, document: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(collect, "write_bundle", full)
    lines: list[str] = []
    with evidence_of(AzureSettings(evidence=tmp_path), lines.append):
        pass
    file = tmp_path / "evidence.json"
    assert lines == [f"evidence: {file}: NOT written: No space left on device"]
