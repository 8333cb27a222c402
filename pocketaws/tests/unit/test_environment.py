"""The process's environment is the emulator's while a runtime is up, and the user's after."""

import configparser
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from pocketaws import environment

VARIABLES = {"AWS_ENDPOINT_URL": "http://localhost:1", "AWS_REGION": "eu-west-1", "NO_PROXY": "x"}


@pytest.fixture
def users_environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("AWS_PROFILE", "the-users")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-users")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://elsewhere.example.com")
    monkeypatch.setenv("NO_PROXY", "the-users")
    monkeypatch.delenv("MOTO_PORT", raising=False)
    return dict(os.environ)


def test_nothing_of_the_users_aws_is_left_while_it_is_replaced(
    users_environment: dict[str, str],
) -> None:
    with environment.emulated(VARIABLES, port=7):
        inside = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        others = os.environ["NO_PROXY"], os.environ["MOTO_PORT"], os.environ["PATH"]

    assert inside == {"AWS_ENDPOINT_URL": "http://localhost:1", "AWS_REGION": "eu-west-1"}
    assert others == ("x", "7", users_environment["PATH"])


def test_everything_is_back_afterwards_even_after_an_error(
    users_environment: dict[str, str],
) -> None:
    with pytest.raises(ValueError, match="broken"), environment.emulated(VARIABLES, port=7):
        raise ValueError("broken")

    after = dict(os.environ)
    # pytest tells in it that the fixture is done.
    for variables in (after, users_environment):
        del variables["PYTEST_CURRENT_TEST"]
    assert after == users_environment


def test_what_is_set_meanwhile_by_others_stays(
    users_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with environment.isolated():
        monkeypatch.setenv("SOMEBODY_ELSES", "kept")

    assert os.environ["SOMEBODY_ELSES"] == "kept"


def test_isolated_makes_a_session_though_the_users_profile_is_not_there(
    users_environment: dict[str, str],
) -> None:
    with environment.isolated():
        profiles = boto3.Session(region_name="us-east-1").available_profiles

    assert profiles == []


def test_a_clients_environment_names_the_emulator_and_no_account(tmp_path: Path) -> None:
    variables = environment.client_environment(
        endpoint_url="http://localhost:1", region="eu-west-1", config_path=tmp_path / "config"
    )

    assert variables["AWS_ENDPOINT_URL"] == "http://localhost:1"
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert variables["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert variables["AWS_EC2_METADATA_DISABLED"] == "true"
    assert "AWS_PROFILE" not in variables


def test_the_configuration_puts_buckets_into_the_path(tmp_path: Path) -> None:
    environment.write_config(tmp_path / "config")

    parser = configparser.ConfigParser()
    parser.read(tmp_path / "config")
    assert "addressing_style = path" in parser["default"]["s3"]


def test_a_file_that_is_written_whole_is_the_old_one_until_it_is_the_new_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    with pytest.raises(UnicodeEncodeError):
        environment.write_whole(path, "new\ud800")
    assert path.read_text() == "old"
    environment.write_whole(path, "new")

    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_two_who_write_a_file_at_once_do_not_write_into_each_other(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def write(letter: str) -> None:
        for _ in range(20):
            environment.write_whole(path, letter * 100_000)
            assert len(set(path.read_text())) == 1

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(write, "ab")) == [None, None]

    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_what_a_kill_has_left_half_written_goes_with_the_next_writing(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / f"file.{ended.pid}-1.part").write_text("hal")
    (tmp_path / f"other.{ended.pid}-1.part").write_text("hal")

    environment.write_whole(tmp_path / "file", "text")

    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        "file",
        f"other.{ended.pid}-1.part",
    ]


def test_a_link_is_written_through_and_a_device_is_left_one(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "file")

    environment.write_whole(link, "text")
    environment.write_whole(Path("/dev/null"), "text")

    assert link.is_symlink()
    assert (tmp_path / "file").read_text() == "text"
    assert Path("/dev/null").is_char_device()
