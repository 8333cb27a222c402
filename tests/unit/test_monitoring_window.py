"""Which captured data an execution looks at, and what its end means."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pocketaws.errors import ServiceError
from pocketaws.sagemaker.images import image_for, known_text
from pocketaws.sagemaker.monitor.capture import CapturedHour, captured_hours, paths
from pocketaws.sagemaker.monitor.execution import status_of
from pocketaws.sagemaker.monitor.run import offset

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class FakeS3:
    """Lists keys, each written when its number of minutes has passed."""

    def __init__(self, **minutes: int) -> None:
        self.minutes = minutes

    def get_paginator(self, _: str) -> "FakeS3":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        found = [
            {"Key": key, "LastModified": NOW + timedelta(minutes=minutes)}
            for key, minutes in self.minutes.items()
            if Bucket == "b" and key.startswith(Prefix)
        ]
        return [{"Contents": found}, {}]


S3 = FakeS3(
    **{
        "capture/a/All/2026/11/23/08/1.jsonl": -10,
        "capture/a/All/2026/11/23/08/2.jsonl": 0,
        "capture/a/All/2026/11/23/07/3.jsonl": -60,
        "capture/a/Other/2026/11/23/09/4.jsonl": 5,
        "capture/a/All/notes.txt": 5,
        "capture/ab/All/2026/11/23/09/5.jsonl": 5,
    }
)


def hours(written_since: datetime | None) -> list[str]:
    found = captured_hours("s3://b/capture", "a", written_since=written_since, s3=S3)
    return [f"{one.variant_name}/{one.hour}" for one in found]


def test_every_hour_of_the_endpoint_is_found_once() -> None:
    assert hours(None) == ["All/2026/11/23/07", "All/2026/11/23/08", "Other/2026/11/23/09"]


def test_an_hour_in_which_nothing_was_written_since_is_left_out() -> None:
    assert hours(NOW) == ["All/2026/11/23/08", "Other/2026/11/23/09"]
    assert hours(NOW + timedelta(minutes=6)) == []


def test_an_hour_begins_at_its_first_minute() -> None:
    begin = CapturedHour("All", "2026/11/23/09").begin

    assert begin == NOW


def test_a_few_hours_are_inputs_of_their_own_and_many_are_their_variants() -> None:
    found = [CapturedHour("All", f"2026/11/23/{hour:02}") for hour in range(9)]

    assert paths(found[:8])[:2] == ["All/2026/11/23/00", "All/2026/11/23/01"]
    assert len(paths(found[:8])) == 8
    assert paths(found) == ["All"]


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("-P8D", timedelta(days=-8)),
        ("-PT6H", timedelta(hours=-6)),
        ("-P1DT2H30M", timedelta(days=-1, hours=-2, minutes=-30)),
        ("PT0H", timedelta()),
    ],
)
def test_an_offset_is_a_duration(text: str, duration: timedelta) -> None:
    assert offset(text) == duration


@pytest.mark.parametrize("text", ["P", "-PT", "8D", "-P8W", "yesterday"])
def test_what_is_no_offset_is_refused(text: str) -> None:
    with pytest.raises(ServiceError, match=f"'{text}' is no offset"):
        offset(text)


@pytest.mark.parametrize(
    ("job", "status"),
    [
        ({"ProcessingJobStatus": "Completed", "ExitMessage": "Completed: fine"}, "Completed"),
        (
            {"ProcessingJobStatus": "Completed", "ExitMessage": "CompletedWithViolations: 2"},
            "CompletedWithViolations",
        ),
        (
            {"ProcessingJobStatus": "Failed", "ExitMessage": "CompletedWithViolations: 2"},
            "Failed",
        ),
        ({"ProcessingJobStatus": "Completed"}, "Completed"),
        ({"ProcessingJobStatus": "Stopped"}, "Stopped"),
    ],
)
def test_the_containers_first_word_is_the_status(job: dict[str, str], status: str) -> None:
    assert status_of(job) == status


REGISTRY = "156813124566.dkr.ecr.us-east-1.amazonaws.com"


def test_the_analyzer_has_no_tag_and_others_have_one() -> None:
    analyzer = image_for(f"{REGISTRY}/sagemaker-model-monitor-analyzer")

    assert analyzer is not None
    assert analyzer.has_entrypoint
    assert image_for(f"{REGISTRY}/sagemaker-model-monitor-analyzer:1") is None
    assert image_for(f"{REGISTRY}/sagemaker-xgboost") is None
    assert image_for(f"{REGISTRY}/sagemaker-xgboost:") is None


@pytest.mark.parametrize(
    "name",
    [
        "sagemaker-xgboost:3.2-0",
        "sagemaker-xgboost:3.0-5",
        "sagemaker-scikit-learn:1.9-0-cpu-py3",
        "sagemaker-scikit-learn:1.4-2-cpu-py3",
    ],
)
def test_the_images_of_today_and_those_before_them_are_known(name: str) -> None:
    assert image_for(f"{REGISTRY}/{name}") is not None


def test_known_images_are_named_with_their_tags_if_they_have_one() -> None:
    assert "sagemaker-xgboost:3.2-0, sagemaker-xgboost:3.0-5, " in known_text()
    assert known_text().endswith(", sagemaker-model-monitor-analyzer")
