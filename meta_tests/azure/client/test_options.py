"""Tests of ``azure.setup.options`` and ``workspace_name``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meta_tests.azure.client.fake_clients import SUBSCRIPTION, settings_of
from mlflow_conformance.azure.setup.environment_reference import EnvironmentReference
from mlflow_conformance.azure.setup.options import AzureSettings

WORKSPACE = {
    "subscription_id": SUBSCRIPTION,
    "resource_group": "lab",
    "workspace_name": "lab-workspace",
}


def write_config(folder: Path, **changes: object) -> Path:
    """Write a ``config.json`` as from the studio; a changed value of ``None`` removes the key."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "config.json"
    document = {k: v for k, v in {**WORKSPACE, **changes}.items() if v is not None}
    file.write_text(json.dumps(document))
    return file


def test_without_options_everything_is_the_documented_default(tmp_path: Path) -> None:
    """Without options, variables or files, the settings are the defaults."""
    assert settings_of(tmp_path) == AzureSettings()


def test_a_config_file_is_found_in_a_parent_folder(tmp_path: Path) -> None:
    """A ``config.json`` in a parent of the working directory is used."""
    file = write_config(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    settings = settings_of(tmp_path / "a" / "b")
    assert (settings.subscription, settings.resource_group) == (SUBSCRIPTION, "lab")
    assert settings.workspace == "lab-workspace"
    assert settings.config == file
    assert set(settings.origins.values()) == {str(file)}


def test_a_config_file_in_its_own_folder_goes_first(tmp_path: Path) -> None:
    """``.azureml/config.json`` in any parent takes precedence, as in the SDK."""
    write_config(tmp_path / ".azureml", workspace_name="hidden")
    write_config(tmp_path / "below")
    assert settings_of(tmp_path / "below").workspace == "hidden"


def test_an_older_config_file_names_a_scope(tmp_path: Path) -> None:
    """A resource id in ``Scope`` is read as in the SDK."""
    scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/old/providers/x/workspaces/older"
    (tmp_path / "config.json").write_text(json.dumps({"Scope": scope}))
    settings = settings_of(tmp_path)
    assert (settings.resource_group, settings.workspace) == ("old", "older")


def test_an_option_goes_before_a_variable_and_a_variable_before_a_file(tmp_path: Path) -> None:
    """Options take precedence over variables, and variables over the file."""
    file = write_config(tmp_path)
    environment = {"AZURE_RESOURCE_GROUP": "elsewhere", "AZURE_ML_WORKSPACE": "variable"}
    settings = settings_of(tmp_path, "--workspace", "option", environment=environment)
    assert settings.workspace == "option"
    assert settings.resource_group == "elsewhere"
    assert settings.subscription == SUBSCRIPTION
    assert settings.origins == {
        "workspace": "--workspace",
        "resource group": "AZURE_RESOURCE_GROUP",
        "subscription": str(file),
    }


def test_a_named_file_goes_before_variables_and_after_options(tmp_path: Path) -> None:
    """With ``--workspace PATH``, options override the file, and variables are ignored."""
    write_config(tmp_path / "there")
    settings = settings_of(
        tmp_path,
        "--workspace",
        "there/config.json",
        "--resource-group",
        "mine",
        environment={"AZURE_ML_WORKSPACE": "other"},
    )
    assert (settings.workspace, settings.resource_group) == ("lab-workspace", "mine")


def test_a_folder_that_is_called_like_the_workspace_is_no_path(tmp_path: Path) -> None:
    """A value that is also a folder's name is the workspace's name."""
    (tmp_path / "training").mkdir()
    assert settings_of(tmp_path, "--workspace", "training").workspace == "training"


def test_the_rehearsal_needs_no_workspace(tmp_path: Path) -> None:
    """``--workspace rehearsal`` ignores files and variables."""
    write_config(tmp_path)
    words = ("--workspace", "rehearsal", "--rehearsal-logged-models", "--rehearsal-list-lag", "30")
    settings = settings_of(tmp_path, *words, environment={"AZURE_ML_WORKSPACE": "other"})
    assert settings == AzureSettings(
        is_rehearsal=True, rehearsal_logged_models=True, rehearsal_list_lag=30.0
    )


def test_the_rehearsal_has_the_public_cloud(tmp_path: Path) -> None:
    """The rehearsal ignores the variable, and accepts the name of its own cloud."""
    words = ("--workspace", "rehearsal", "--cloud", "AzureCloud")
    settings = settings_of(tmp_path, *words, environment={"AZURE_CLOUD": "AzureChinaCloud"})
    assert settings == AzureSettings(is_rehearsal=True)


def test_a_cloud_is_an_option_or_a_variable(tmp_path: Path) -> None:
    """``--cloud`` takes precedence over ``AZURE_CLOUD``; an empty variable is none."""
    variable = {"AZURE_CLOUD": " AzureUSGovernment "}
    found = settings_of(tmp_path, environment=variable)
    assert (found.cloud, found.cloud_origin) == ("AzureUSGovernment", "AZURE_CLOUD")
    found = settings_of(tmp_path, "--cloud", "AzureChinaCloud", environment=variable)
    assert (found.cloud, found.cloud_origin) == ("AzureChinaCloud", "--cloud")
    assert settings_of(tmp_path, environment={"AZURE_CLOUD": ""}) == AzureSettings()


@pytest.mark.parametrize(
    ("words", "version"),
    [((), None), (("--job-mlflow", "auto"), None), (("--job-mlflow", "3.15"), "3.15")],
    ids=["default", "auto", "named"],
)
def test_the_jobs_mlflow_is_chosen_later_unless_it_is_named(
    words: tuple[str, ...], version: str | None, tmp_path: Path
) -> None:
    """Without a version, and with ``auto``, the preflight chooses one."""
    assert settings_of(tmp_path, *words).job_mlflow == version


REGISTRY = "azureml://registries/azureml/environments/sklearn-1.5"


@pytest.mark.parametrize(
    ("text", "name", "version", "registry"),
    [
        ("azureml:lab@latest", "lab", None, None),
        ("azureml:lab.x_y-z:2024.1", "lab.x_y-z", "2024.1", None),
        (f"{REGISTRY}/versions/7", "sklearn-1.5", "7", "azureml"),
        (f"{REGISTRY}/labels/latest", "sklearn-1.5", None, "azureml"),
    ],
)
def test_jobs_may_run_in_an_environment_that_exists(
    text: str, name: str, version: str | None, registry: str | None, tmp_path: Path
) -> None:
    """``--job-environment`` has the forms of azure-ai-ml; ``--job-mlflow`` may stand beside it."""
    settings = settings_of(tmp_path, "--job-environment", text, "--job-mlflow", "2.22.5")
    assert settings.job_environment == EnvironmentReference(text, name, version, registry)
    assert settings.job_mlflow == "2.22.5"
    assert settings_of(tmp_path).job_environment is None
    assert settings_of(tmp_path).image == "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"


def test_models_have_a_name_of_their_own(tmp_path: Path) -> None:
    """The default name is not the one that users of the exercise register."""
    assert settings_of(tmp_path).model_name == "mlflow-diabetes-conformance"


NO_REFERENCES = (
    *("", "lab", "lab:2", "azureml:lab", "azureml:lab@newest", "azureml:lab:", "azureml:@"),
    *("azureml:lab:2:3", "azureml:la b:2", "azureml:lab@latest@latest", "azureml:läb:2"),
    "azureml://registries/r/environments/lab",
    "azureml://registries/r/models/m/versions/1",
    "azureml://registries/r/environments/lab/labels/old",
)


@pytest.mark.parametrize("text", NO_REFERENCES)
def test_another_form_of_an_environment_is_refused(text: str, tmp_path: Path) -> None:
    """The line has the three forms."""
    with pytest.raises(pytest.UsageError) as caught:
        settings_of(tmp_path, "--job-environment", text)
    assert str(caught.value) == (
        "--job-environment: should be azureml:NAME@latest, azureml:NAME:VERSION, or"
        " azureml://registries/REGISTRY/environments/NAME/versions/N (or …/labels/latest), is"
        f" {text!r}"
    )


REFUSED = {
    ("--job-timeout", "0"): "--job-timeout: should be above 0 seconds, is 0",
    ("--job-timeout", "-1"): "--job-timeout: should be above 0 seconds, is -1",
    ("--job-timeout", "inf"): "--job-timeout: should be 31536000 seconds (a year) at most, is inf",
    ("--poll-interval", "nan"): "--poll-interval: should be above 0 seconds, is nan",
    ("--compute", ""): "--compute: should be a compute target's name, is ''",
    ("--experiment", "a b"): "--experiment: should be up to 255 letters, digits, '-' and '_'",
    ("--model-name", "a/b"): "--model-name: should be up to 255 letters, digits, '-', '_' and '.'",
    ("--job-mlflow", "newest"): "--job-mlflow: should be a version such as 2.22.5, or 'auto'"
    ", is 'newest'",
    (
        *("--job-environment", "azureml:lab@latest", "--job-image", "image:1"),
    ): "--job-environment: an environment that exists has its image; leave --job-image out",
    ("--job-image", "a b"): "--job-image: should be an image such as mcr.microsoft.com/azureml/",
    (
        "--subscription",
        "mine",
    ): "--subscription: should be the subscription's id, such as 0123",
    ("--resource-group", "a b"): "--resource-group: should be up to 90 letters, digits and ._-()",
    ("--workspace", "no such name"): "--workspace: should be a workspace's name (3 to 33 letters",
    ("--workspace", "nowhere/config.json"): "nowhere/config.json: there is no such file",
    ("--workspace", "./folder"): "folder: is a folder; name the config.json in it",
    ("--workspace", "data.csv"): "data.csv: is not a workspace's config.json: is not JSON (",
    (
        "--workspace",
        "list.json",
    ): "is not a workspace's config.json: is not a JSON object",
    (
        "--workspace",
        "less.json",
    ): "is not a workspace's config.json: has no workspace_name",
    ("--workspace", "odd.json"): "odd.json: resource_group: should be up to 90 letters, digits",
    ("--rehearsal-logged-models",): "--rehearsal-logged-models: needs --workspace rehearsal",
    ("--rehearsal-list-lag", "30"): "--rehearsal-list-lag: needs --workspace rehearsal",
    ("--workspace", "rehearsal", "--rehearsal-list-lag=-1"): (
        "--rehearsal-list-lag: should be above 0 seconds, is -1"
    ),
    ("--workspace", "rehearsal", "--subscription", SUBSCRIPTION): "--subscription: the rehearsal",
    ("--workspace", "rehearsal", "--resource-group", "a"): "--resource-group: the rehearsal has",
    (
        *("--workspace", "rehearsal", "--cloud", "AzureChinaCloud"),
    ): "--cloud: the rehearsal knows only AzureCloud, is 'AzureChinaCloud'; leave this option out",
}


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_nonsense_is_refused_in_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    """An invalid option raises a one-line error with its name and the expected value."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    (tmp_path / "list.json").write_text("[]")
    write_config(tmp_path, workspace_name=None).rename(tmp_path / "less.json")
    write_config(tmp_path, resource_group=["lab"]).rename(tmp_path / "odd.json")
    with pytest.raises(pytest.UsageError) as refused:
        settings_of(tmp_path, *words)
    assert REFUSED[words] in str(refused.value)
    assert str(refused.value).startswith("--")
    assert "\n" not in str(refused.value)


def test_a_found_file_that_is_none_matters_only_to_a_workspace(tmp_path: Path) -> None:
    """An unrelated ``config.json`` in a parent folder is a problem, but raises no error."""
    file = tmp_path / "config.json"
    file.write_text('{"port": 80}')
    settings = settings_of(tmp_path)
    assert settings.problem is not None
    assert settings.problem.startswith(
        f"{file}: is not a workspace's config.json: has no subscription_id"
    )


def test_a_found_file_is_not_read_when_nothing_is_missing(tmp_path: Path) -> None:
    """No file is read if the options name all parts."""
    (tmp_path / "config.json").write_text("nonsense")
    words = ("--workspace", "here", "--resource-group", "lab", "--subscription", SUBSCRIPTION)
    settings = settings_of(tmp_path, *words)
    assert settings.problem is None
    assert settings.config is None


def test_a_variable_that_cannot_be_is_a_problem(tmp_path: Path) -> None:
    """A variable with an invalid value is a problem that names the variable."""
    settings = settings_of(tmp_path, environment={"AZURE_SUBSCRIPTION_ID": "Pay as you go"})
    assert settings.problem is not None
    assert settings.problem.startswith("AZURE_SUBSCRIPTION_ID: should be the subscription's id")


def test_evidence_is_a_folder_below_the_caller_s(tmp_path: Path) -> None:
    """The folder is found from where pytest was started; nothing is created yet."""
    folder = tmp_path / "below" / "evidence"
    assert settings_of(tmp_path, "--evidence", "below/evidence").evidence == folder
    assert settings_of(tmp_path, "--evidence", str(folder)).evidence == folder
    assert settings_of(tmp_path).evidence is None
    assert not folder.exists()


@pytest.mark.parametrize(
    ("folder", "markers", "problem"),
    [
        ("", "azure", "should be a folder, is empty"),
        ("a", "", "only a run in a workspace writes it: add -m azure"),
        ("a", "local", "only a run in a workspace writes it: add -m azure"),
        ("a", "not azure", "only a run in a workspace writes it: add -m azure"),
    ],
)
def test_evidence_without_a_workspace_is_refused(
    folder: str, markers: str, problem: str, tmp_path: Path
) -> None:
    """Without ``-m azure`` there is nothing to write, and no folder to write to without a name."""
    with pytest.raises(pytest.UsageError) as refused:
        settings_of(tmp_path, "--evidence", folder, markers=markers)
    assert str(refused.value) == f"--evidence: {problem}"


def test_evidence_of_several_targets_is_written(tmp_path: Path) -> None:
    """An expression that also selects a workspace is enough."""
    settings = settings_of(tmp_path, "--evidence", "a", markers="local or azure")
    assert settings.evidence == tmp_path / "a"
