"""What is captured of an endpoint's calls, and into which files it goes."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from pocketaws.sagemaker.endpoints.capture import Captures, CaptureSettings
from pocketaws.sagemaker.endpoints.data_capture import ContentTypes, Event, Payload

CONFIG = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://kept/capture",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
}


ROLE_ARN = "arn:aws:iam::123456789012:role/model"


class FakeS3:
    """Keeps what is put."""

    def __init__(self, *, fails: bool = False) -> None:
        self.objects: dict[str, list[dict[str, Any]]] = {}
        self._fails = fails

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        if self._fails:
            raise ConnectionError("S3 is away")
        self.objects[f"{Bucket}/{Key}"] = [json.loads(line) for line in Body.splitlines()]


def add(captures: Captures, settings: CaptureSettings, event_id: str, minute: int) -> None:
    captures.add(
        settings,
        Payload(b"1,2", "text/csv"),
        Payload(b"9.5", "text/csv; charset=utf-8"),
        Event(event_id, datetime(2026, 11, 23, 8 + minute // 60, minute % 60, 10, 0, UTC)),
        endpoint_name="abalone",
        variant_name="AllTraffic",
        role_arn=ROLE_ARN,
    )


def settings(**more: Any) -> CaptureSettings:
    found = CaptureSettings.of({**CONFIG, **more})
    assert found is not None
    return found


def test_lines_of_an_hour_share_a_file_that_the_first_one_names() -> None:
    s3 = FakeS3()
    captures = Captures({ROLE_ARN: s3}.__getitem__)
    for event_id, minute in (("b", 58), ("a", 57), ("c", 61)):
        add(captures, settings(), event_id, minute)

    captures.flush()

    folder = "kept/capture/abalone/AllTraffic/2026/11/23"
    assert s3.objects.keys() == {f"{folder}/08/57-10-000-a.jsonl", f"{folder}/09/01-10-000-c.jsonl"}
    lines = s3.objects[f"{folder}/08/57-10-000-a.jsonl"]
    assert [line["eventMetadata"]["eventId"] for line in lines] == ["a", "b"]


def test_what_was_written_is_not_written_again() -> None:
    s3 = FakeS3()
    captures = Captures({ROLE_ARN: s3}.__getitem__)
    add(captures, settings(), "a", 1)
    captures.flush()
    s3.objects.clear()

    captures.flush()

    assert s3.objects == {}


@pytest.mark.parametrize(
    ("modes", "parts"),
    [
        (["Input"], {"endpointInput"}),
        (["Output"], {"endpointOutput"}),
        (["InputAndOutput"], {"endpointInput", "endpointOutput"}),
    ],
)
def test_only_the_modes_that_are_asked_for_are_kept(modes: list[str], parts: set[str]) -> None:
    s3 = FakeS3()
    captures = Captures({ROLE_ARN: s3}.__getitem__)
    options = [{"CaptureMode": mode} for mode in modes]
    add(captures, settings(CaptureOptions=options), "a", 1)

    captures.flush()

    ((line,),) = s3.objects.values()
    assert line["captureData"].keys() == parts


def test_a_type_that_no_header_names_is_kept_as_base64() -> None:
    named = settings(CaptureContentTypeHeader={"CsvContentTypes": ["text/csv"]})

    assert settings().content_types == ContentTypes(csv=(), json=())
    assert named.content_types == ContentTypes(csv=("text/csv",), json=())


def test_a_sampling_of_nothing_keeps_nothing() -> None:
    s3 = FakeS3()
    captures = Captures({ROLE_ARN: s3}.__getitem__)
    for number in range(50):
        add(captures, settings(InitialSamplingPercentage=0), str(number), 1)

    captures.flush()

    assert s3.objects == {}


@pytest.mark.parametrize("config", [None, {}, {**CONFIG, "EnableCapture": False}])
def test_capture_that_is_off_has_no_settings(config: dict[str, Any] | None) -> None:
    assert CaptureSettings.of(config) is None


def test_what_cannot_be_written_is_logged_with_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    captures = Captures({ROLE_ARN: FakeS3(fails=True)}.__getitem__)
    add(captures, settings(), "a", 1)

    with caplog.at_level(logging.WARNING):
        captures.flush()

    assert "s3://kept/capture/abalone/AllTraffic/2026/11/23/08/01-10-000-a.jsonl" in caplog.text
    assert "S3 is away" in caplog.text
