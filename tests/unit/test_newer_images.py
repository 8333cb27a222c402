"""`make newer-images` says which images SageMaker's packages know beside the template's."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from security.newer_images import Known, differences, known_images

ACCOUNTS = {"us-east-1": "683313688378", "eu-west-1": "141502667606"}
MAPPINGS = {
    "Image": {
        "Processing": {"Name": "sagemaker-scikit-learn:1.9-0-cpu-py3"},
        "XGBoost": {"Name": "sagemaker-xgboost:3.2-0"},
    },
    "ImageRegistry": {region: {"AccountId": account} for region, account in ACCOUNTS.items()},
}
OF_TODAY = [
    Known("sagemaker-scikit-learn", (1, 9, 0), ACCOUNTS),
    Known("sagemaker-xgboost", (3, 0, 5), {}),
    Known("sagemaker-xgboost", (3, 2, 0), ACCOUNTS),
]


def entry(repository: str, **more: Any) -> dict[str, Any]:
    return {"registries": ACCOUNTS, "repository": repository, **more}


def test_the_images_of_today_differ_in_nothing() -> None:
    assert differences(MAPPINGS, OF_TODAY) == []


@pytest.mark.parametrize(
    ("version", "text"),
    [((3, 2, 1), "3.2-1"), ((3, 10, 0), "3.10-0"), ((4, 0, 0), "4.0-0")],
)
def test_every_newer_image_is_told(version: tuple[int, ...], text: str) -> None:
    newer = Known("sagemaker-xgboost", version, ACCOUNTS)

    told = differences(MAPPINGS, [*OF_TODAY, newer])

    assert told == [f"sagemaker-xgboost:3.2-0: {text} is newer"]


def test_an_image_that_nobody_lists_is_told() -> None:
    told = differences(MAPPINGS, OF_TODAY[:2])

    assert told == ["sagemaker-xgboost:3.2-0: not listed; 3.0-5 is the newest"]


def test_another_account_and_another_region_are_told() -> None:
    accounts = {"us-east-1": "111122223333", "eu-west-1": "141502667606", "new-1": "444455556666"}
    known = [*OF_TODAY[:2], Known("sagemaker-xgboost", (3, 2, 0), accounts)]

    assert differences(MAPPINGS, known) == [
        "sagemaker-xgboost:3.2-0: in new-1 of 444455556666, in template.yaml of no account",
        "sagemaker-xgboost:3.2-0: in us-east-1 of 111122223333, in template.yaml of 683313688378",
    ]


def test_the_lists_are_read_from_a_wheel_wherever_they_lie_in_it(tmp_path: Path) -> None:
    lists: dict[str, dict[str, Any]] = {
        "xgboost": {
            "1": entry("xgboost"),
            "3.2-0": entry("sagemaker-xgboost"),
        },
        "sklearn": {
            "0.20.0": entry("sagemaker-scikit-learn"),
            "1.9-0": entry("sagemaker-scikit-learn", processors=["cpu"]),
        },
    }
    wheel_path = tmp_path / "sagemaker_core-9-py3-none-any.whl"
    with zipfile.ZipFile(wheel_path, "w") as wheel:
        for name, versions in lists.items():
            text = json.dumps({"training": {"versions": versions}})
            wheel.writestr(f"sagemaker/core/image_uri_config/{name}.json", text)

    assert known_images(wheel_path) == [
        Known("sagemaker-xgboost", (3, 2, 0), ACCOUNTS),
        Known("sagemaker-scikit-learn", (1, 9, 0), ACCOUNTS),
    ]
