"""Artifacts and the stand-in for the SAM CLI."""

import json
import stat
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conftest import PROJECT_DIR
from tests.functional.releasing import repository
from tests.unit.pseudo_parameters import PSEUDO_PARAMETERS
from workflow.errors import WorkflowError
from workflow.release import aws_cli
from workflow.release.artifacts import Artifact, Clone, zip_files
from workflow.release.execution import ActionRow, Task
from workflow.release.pipeline import read_pipeline
from workflow.release.sam import build, package
from workflow.release.source import Source, clone, head_of
from workflow.release.view import lines, table_text


def test_an_artifact_brings_its_files_as_they_were(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "below").mkdir(parents=True)
    program = source / "below" / "run.sh"
    program.write_text("echo")
    program.chmod(0o755)

    zip_files([program], source, tmp_path / "a.zip")
    Artifact("A", tmp_path / "a.zip").unpack(tmp_path / "out")

    unpacked = tmp_path / "out" / "below" / "run.sh"
    assert unpacked.read_text() == "echo"
    assert stat.S_IMODE(unpacked.stat().st_mode) == 0o755


def with_link(zip_path: Path, name: str, target: str) -> Artifact:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(zip_path, "w") as archive:
        archive.writestr("file", "content")
        archive.writestr(entry, target)
    return Artifact("A", zip_path)


def test_a_link_in_an_artifact_is_one_again(tmp_path: Path) -> None:
    with_link(tmp_path / "a.zip", "below/link", "../file").unpack(tmp_path / "out")

    assert (tmp_path / "out" / "below" / "link").is_symlink()
    assert (tmp_path / "out" / "below" / "link").read_text() == "content"


@pytest.mark.parametrize("target", ["../../secret", "/etc/passwd"])
def test_a_link_that_leads_out_of_an_artifact_is_refused(tmp_path: Path, target: str) -> None:
    artifact = with_link(tmp_path / "a.zip", "link", target)

    with pytest.raises(WorkflowError, match="leads out of the artifact"):
        artifact.unpack(tmp_path / "out")


def test_a_cloned_source_is_for_codebuild_only(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match="only CodeBuild reads"):
        Artifact("Code", Clone(tmp_path, "abc")).unpack(tmp_path / "out")


class Bucket:
    """An S3 client that keeps what is uploaded."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def upload_file(self, path: str, bucket: str, key: str) -> None:
        assert Path(path).exists()
        self.keys.append(f"{bucket}/{key}")


def test_the_stand_in_builds_and_packages_what_a_template_names(tmp_path: Path) -> None:
    (tmp_path / "functions" / "one").mkdir(parents=True)
    (tmp_path / "functions" / "one" / "app.py").write_text("")
    (tmp_path / "machine.json").write_text("{}")
    resources: dict[str, Any] = {
        "One": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": "functions/one"},
        },
        "Machine": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {"DefinitionUri": "machine.json"},
        },
    }
    (tmp_path / "template.yaml").write_text(json.dumps({"Resources": resources}))
    built_path = tmp_path / ".aws-sam" / "build" / "template.yaml"
    bucket = Bucket()

    build(tmp_path / "template.yaml", built_path)
    packaged = package(built_path, bucket="mine", prefix="packages", s3=bucket)

    code_uri = packaged["Resources"]["One"]["Properties"]["CodeUri"]
    definition_uri = packaged["Resources"]["Machine"]["Properties"]["DefinitionUri"]
    uploaded = {f"{uri['Bucket']}/{uri['Key']}" for uri in (code_uri, definition_uri)}
    assert uploaded == set(bucket.keys)
    assert all(key.startswith("mine/packages/") for key in bucket.keys)


ROWS: Final = [ActionRow("Build", "Test", "Failed", 1.25, "it broke"), ActionRow("Deploy", "Plan")]


def test_a_line_is_printed_for_each_change_and_none_twice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    view = lines()

    view.show(ROWS)
    view.show(ROWS)

    (line,) = capsys.readouterr().out.splitlines()
    assert line.split()[2:] == ["Build", "Test", "Failed", "it", "broke"]


def test_the_table_tells_of_every_action() -> None:
    text = table_text(ROWS)

    assert "it broke" in text
    assert "1.2" in text
    assert "NotRun" in text


def test_head_is_what_a_source_hands_over(tmp_path: Path) -> None:
    source = repository(tmp_path / "source")
    source.write("check.sh", "changed\n")

    commit = head_of(source.folder)
    clone(Clone(commit.repository, commit.commit_id), tmp_path / "checkout")

    assert (commit.message, commit.branch, commit.changed) == ("The first version", "main", 1)
    assert (tmp_path / "checkout" / "check.sh").read_text() == "echo all is well\n"
    assert (tmp_path / "checkout" / "functions" / "publish_jobs" / "jobs").is_symlink()


def test_a_source_in_a_bucket_is_a_zip_file_that_keeps_the_symbolic_link(tmp_path: Path) -> None:
    commit = head_of(repository(tmp_path / "source").folder)
    stage = read_pipeline(
        PROJECT_DIR / "pipeline.yaml",
        {"SourceProvider": "S3", "SourceBucketName": "sources"},
        pseudo_parameters=PSEUDO_PARAMETERS,
    ).stages[0]

    result = Source(commit, tmp_path)(Task("1", stage.actions[0], {}, print))
    result.artifacts["Code"].unpack(tmp_path / "out")

    assert result.variables["VersionId"] == commit.commit_id
    assert (tmp_path / "out" / "functions" / "publish_jobs" / "jobs").is_symlink()


@pytest.mark.parametrize("inside", [True, False])
def test_a_folder_that_is_no_repositorys_own_is_refused(tmp_path: Path, inside: bool) -> None:
    folder = repository(tmp_path / "source").folder / "jobs" if inside else tmp_path

    with pytest.raises(WorkflowError, match="--source"):
        head_of(folder)


@pytest.mark.parametrize(
    "arguments",
    [
        ["cloudformation", "describe-change-set", "--stack-name"],
        ["cloudformation", "describe-change-set", "--no-such-option", "x"],
        ["cloudformation", "no-such-operation"],
        ["no-such-service", "list"],
        [],
    ],
)
def test_the_stand_in_for_the_aws_cli_refuses_what_it_does_not_know(
    arguments: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    code = aws_cli.main(arguments)

    assert code == 252
    assert "install the AWS CLI" in capsys.readouterr().err
