"""``mlflow-conformance model`` with folders: what it prints, its exit codes, and its results."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from meta_tests.existing.hostile_pickles import TRUE
from meta_tests.existing.sample_models import sample_model
from mlflow_conformance.command import model
from mlflow_conformance.existing.results import FILE


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, with a sound, an unsafe and an incomplete model."""
    monkeypatch.chdir(tmp_path)
    sample_model().write(tmp_path / "sound")
    unsafe = sample_model()
    unsafe.files["model.pkl"] = TRUE["posix"]
    unsafe.write(tmp_path / "unsafe")
    (sample_model().write(tmp_path / "damaged") / "model.pkl").unlink()
    return tmp_path


def names(folder: Path) -> list[str]:
    """Return the names of the models that a file of results has, in order."""
    lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["name"] for line in lines[1:]]


@pytest.mark.parametrize(
    ("folders", "code", "last"),
    [
        (["sound"], 0, "nothing speaks against 1 model: 1 sound"),
        (["unsafe"], 1, "1 of 1 model cannot be used here: 1 unsafe"),
        (["sound", "damaged"], 1, "1 of 2 models cannot be used here: 1 sound, 1 damaged"),
        (["sound", "sound", "./sound"], 0, "nothing speaks against 2 models: 2 sound"),
    ],
)
def test_the_last_line_is_the_verdict(
    folders: list[str], code: int, last: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line counts the verdicts, and the exit code agrees with it."""
    assert model.main(folders, "model") == code
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_a_cause_has_its_models_and_a_way_out(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cause is told once, with the models that have it, and what to do."""
    assert model.main(["unsafe", "damaged"], "model") == 1
    output = capsys.readouterr().out
    assert (
        "unsafe    loading it runs 'posix.system'\n          1x: unsafe ('model.pkl')\n" in output
    )
    assert "do not load it; ask its owner why" in output
    assert "damaged   'model.pkl' is missing" in output
    assert not (here / "canary").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "ERROR: 'nothing': does not exist; name a folder with an MLmodel file"),
        (["file"], "ERROR: 'file': is no folder; name a folder"),
        (["models:/a/b/c"], "ERROR: 'models:/a/b/c': name a folder"),
        (["s3://bucket/model"], "ERROR: 's3://bucket/model': name a folder"),
        (["sound", "--results", "file"], "ERROR: file: cannot be made: File exists"),
        (["sound", "--results", "used"], "ERROR: used/models.jsonl: exists; go on with --resume"),
        (["sound", "--resume", "used"], "ERROR: used/models.jsonl: line 1 is no result: "),
        (["sound", "--resume", "other"], "ERROR: other/models.jsonl: has results of other"),
        (["sound", "--resume", "pipe"], "ERROR: pipe/models.jsonl: "),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str], message: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake in what was named gives one line and exit code 4, and changes no file."""
    (here / "file").touch()
    contents = {"used": "notes of mine\nwithout an end", "other": '{"schema": 0}\n{"a": 1'}
    for folder, content in contents.items():
        (here / folder).mkdir()
        (here / folder / FILE).write_text(content, encoding="utf-8")
    (here / "pipe").mkdir()
    os.mkfifo(here / "pipe" / FILE)
    assert model.main(arguments, "model") == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(message)
    for folder, content in contents.items():
        assert (here / folder / FILE).read_text(encoding="utf-8") == content


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rows", "rows.csv"], "--rows: nothing is scored without --load; add --load"),
        (["--timeout", "5"], "--timeout: nothing is loaded without --load; add --load"),
        (["--memory", "10"], "--memory: nothing is loaded without --load; add --load"),
        (
            ["--load", "--rows", "none.csv"],
            "--rows: none.csv: is no file; name a table: CSV (.csv)",
        ),
        (["--load", "--rows", "empty.csv"], "--rows: empty.csv: cannot be read as a table: "),
        (
            ["--load", "--rows", "head.csv"],
            "--rows: head.csv: has no rows; name a table with one or",
        ),
        (["--load", "--rows", "bad.json"], "--rows: bad.json: cannot be read as a table: "),
        (["--load", "--rows", "rows.xml"], "--rows: rows.xml: is not CSV (.csv), parquet"),
        (["--load", "--rows", "pipe.csv"], "--rows: pipe.csv: is no file; name a table: "),
        (["--bisect", "--contract", "rows.csv"], "--contract: not with --bisect, which only"),
        (["--bisect", "--results", "kept"], "--results: not with --bisect, which only"),
        (["--bisect", "--shard", "1/2"], "--shard: not with --bisect, which only"),
        (["--bisect", "--serve"], "--serve: not with --bisect, which only"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(
    arguments: list[str], message: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Options without effect, and rows that are none, end with one line before a model is read."""
    contents = {"rows.csv": "a\n1\n", "empty.csv": "", "head.csv": "a\n", "bad.json": "x"}
    for file, content in {**contents, "rows.xml": "<a/>"}.items():
        (here / file).write_text(content, encoding="utf-8")
    os.mkfifo(here / "pipe.csv")
    assert model.main(["sound", *arguments], "model") == 4
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert line.startswith("ERROR: --")
    assert message in line
    assert not printed.out


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("--timeout=0", "should be above 0 seconds, is 0"),
        ("--timeout=-1", "should be above 0 seconds, is -1"),
        ("--timeout=nan", "should be above 0 seconds, is nan"),
        ("--timeout=inf", "should be 31536000 seconds (a year) at most, is inf"),
        ("--timeout=x", "should be seconds, is 'x'"),
        ("--timeout=", "should be seconds, is ''"),
        *(
            (f"--memory={text}", f"should be a whole number of MiB above 0, is {text!r}")
            for text in ("0", "-1", "nan", "inf", "x", "")
        ),
    ],
)
def test_a_limit_is_a_number_above_zero(
    given: str, problem: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A limit that no model could keep is refused, instead of calling every model damaged."""
    with pytest.raises(SystemExit) as ended:
        model.main(["sound", "--load", given], "model")
    assert ended.value.code == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"model: argument {given.partition('=')[0]}: {problem}; see --help"


def test_results_go_on_where_they_ended(here: Path) -> None:
    """Known results are not found again, and a line that was cut off is removed."""
    assert model.main(["sound", "--results", "kept"], "model") == 0
    with (here / "kept" / FILE).open("a", encoding="utf-8") as file:
        file.write('{"name": "dam')
    (here / "sound" / "model.pkl").unlink()  # would be damaged, if it were looked at again
    assert model.main(["sound", "damaged", "--resume", "kept"], "model") == 1
    assert names(here / "kept") == ["sound", "damaged"]
    assert model.main(["sound", "damaged", "--resume", "kept"], "model") == 1
    assert names(here / "kept") == ["sound", "damaged"]


def test_results_know_a_contract_by_its_content(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On another machine the same file is elsewhere; with another content, results may differ."""
    flavors = "flavors: [python_function, sklearn]\n"
    for name, more in (("first", ""), ("same", ""), ("other", "metadata: {}\n")):
        (here / f"{name}.yaml").write_text(flavors + more, encoding="utf-8")
    assert model.main(["sound", "--contract", "first.yaml", "--results", "kept"], "model") == 0
    assert model.main(["sound", "--contract", "same.yaml", "--resume", "kept"], "model") == 0
    assert model.main(["sound", "--contract", "other.yaml", "--resume", "kept"], "model") == 4
    assert "has results of other packages or options" in capsys.readouterr().err


def test_an_empty_file_of_results_is_a_new_one(here: Path) -> None:
    """A run that was killed before its first result has left an empty file, or half a header."""
    for number, content in enumerate(("", '{"checked_wi')):
        folder = here / f"kept{number}"
        folder.mkdir()
        (folder / FILE).write_text(content, encoding="utf-8")
        assert model.main(["sound", "--resume", str(folder)], "model") == 0
        assert names(folder) == ["sound"]


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0", "-1/3", "1/3/5"])
def test_a_shard_is_one_of_several(
    text: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A shard that is none is refused with its form."""
    with pytest.raises(SystemExit):
        model.main(["sound", f"--shard={text}"], "model")
    assert "should be I/N with I from 1 to N" in capsys.readouterr().err


def test_shards_share_folders(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every folder belongs to one shard; a shard without any says so."""
    found = []
    for shard in range(1, 9):
        folder = here / f"part{shard}"
        options = ["--results", str(folder), "--shard", f"{shard}/8"]
        assert model.main(["sound", "damaged", "unsafe", *options], "model") in (0, 1)
        found += names(folder) if (folder / FILE).exists() else []
    assert sorted(found) == ["damaged", "sound", "unsafe"]
    assert "nothing was checked: shard " in capsys.readouterr().out


def test_a_folder_with_any_name_has_a_result(here: Path) -> None:
    """A name that is no text is kept escaped, and is known again."""
    name = os.fsdecode(b"odd\xff\x1b[31m\n")
    sample_model().write(here / name)
    assert model.main([name, "--results", "kept"], "model") == 0
    assert model.main([name, "--resume", "kept"], "model") == 0
    assert names(here / "kept") == ["odd\\udcff\x1b[31m\n"]
