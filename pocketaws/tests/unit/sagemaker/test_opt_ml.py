"""/opt/ml under a base of our own."""

import json
from pathlib import Path

import pytest

from pocketaws.errors import JobFailure
from pocketaws.sagemaker.jobs.opt_ml import OptMl, host_names, resource_config

OPT_ML = OptMl(Path("/base/ml"))


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("/opt/ml", "/base/ml"),
        ("/opt/ml/", "/base/ml/"),
        ("/opt/ml/processing/x y", "/base/ml/processing/x y"),
        ("--path=/opt/ml/a", "--path=/base/ml/a"),
        ("--path=/opt/ml", "--path=/base/ml"),
        ("/opt/ml/a:/opt/ml/b", "/base/ml/a:/base/ml/b"),
        ('{"in": "/opt/ml/a"}', '{"in": "/base/ml/a"}'),
        ("s3://bucket/opt/ml/a", "s3://bucket/opt/ml/a"),
        ("/my/opt/ml/a", "/my/opt/ml/a"),
        ("./opt/ml/a", "./opt/ml/a"),
        ("/opt/mlops/a", "/opt/mlops/a"),
        ("/opt/ml-x", "/opt/ml-x"),
        ("opt/ml", "opt/ml"),
        ("", ""),
    ],
)
def test_opt_ml_is_replaced_where_it_starts_a_path(text: str, rewritten: str) -> None:
    assert OPT_ML.rewritten(text) == rewritten


def test_a_base_is_taken_literally() -> None:
    assert OptMl(Path(r"/b\1/g<0>")).rewritten("/opt/ml/a") == r"/b\1/g<0>/a"


def test_a_path_of_a_container_lies_under_the_base() -> None:
    assert OPT_ML.local("/opt/ml/processing/input") == Path("/base/ml/processing/input")


@pytest.mark.parametrize(
    "path",
    ["/opt/ml", "/opt/mlops/x", "/tmp/x", "opt/ml/x", "", "/opt/ml/../x", "/opt/ml/a/../../x"],
)
def test_a_path_outside_of_it_is_refused(path: str) -> None:
    with pytest.raises(JobFailure, match="must lie under /opt/ml/"):
        OPT_ML.local(path)


def test_configuration_lies_where_both_kinds_of_container_look(tmp_path: Path) -> None:
    opt_ml = OptMl(tmp_path)

    opt_ml.write_config("resourceconfig.json", resource_config("algo-2", host_names(2), "ml.x"))

    processing = json.loads((tmp_path / "config" / "resourceconfig.json").read_text())
    training = json.loads((tmp_path / "input" / "config" / "resourceconfig.json").read_text())
    assert processing == training
    assert processing["hosts"] == ["algo-1", "algo-2"]
    assert processing["current_host"] == "algo-2"
