"""What Lambda and Step Functions write into their logs, line by line."""

import datetime
import json
from typing import Any

import pytest

from pocketaws.lambda_.function_log import LogEvent, Report, call_events, stream_name, tail
from pocketaws.lambda_.platform_log import platform_events
from pocketaws.step_functions import execution_log

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
ARN = "arn:aws:states:us-east-1:123456789012:execution:machine:run"


def test_a_call_has_a_start_what_was_printed_an_end_and_a_report() -> None:
    report = Report(duration_seconds=0.2001, memory_mb=256, used_memory_mb=58)
    events = call_events("id-1", "$LATEST", started=NOON, printed=["said"], report=report)

    assert [event.message for event in events] == [
        "START RequestId: id-1 Version: $LATEST",
        "said",
        "END RequestId: id-1",
        (
            "REPORT RequestId: id-1\tDuration: 200.10 ms\tBilled Duration: 201 ms\t"
            "Memory Size: 256 MB\tMax Memory Used: 58 MB\t"
        ),
    ]
    assert [(event.time - NOON).total_seconds() for event in events] == [0, 0.2001, 0.2001, 0.2001]


def test_a_call_that_was_ended_reports_how_and_no_memory() -> None:
    report = Report(3, memory_mb=256, used_memory_mb=None, status="timeout")
    *_, last = call_events("id-1", "1", started=NOON, printed=[], report=report)

    assert last.message.endswith("\tMemory Size: 256 MB\tStatus: timeout")


def messages(report: Report, level: str = "INFO") -> list[dict[str, Any]]:
    events = platform_events(
        {"requestId": "id-1", "version": "7"},
        started=NOON,
        printed=['{"a":1}'],
        report=report,
        level=level,
    )
    return [json.loads(event.message) for event in events]


def test_in_json_a_call_has_a_start_what_was_printed_and_a_report() -> None:
    told = messages(Report(duration_seconds=0.2001, memory_mb=256, used_memory_mb=58))

    numbers = {"durationMs": 200.1, "billedDurationMs": 201, "memorySizeMB": 256}
    assert told == [
        {
            "time": "2026-11-23T12:00:00.000Z",
            "type": "platform.start",
            "record": {"requestId": "id-1", "version": "7"},
        },
        {"a": 1},
        {
            "time": "2026-11-23T12:00:00.200Z",
            "type": "platform.report",
            "record": {
                "requestId": "id-1",
                "metrics": {**numbers, "maxMemoryUsedMB": 58},
                "status": "success",
            },
        },
    ]


@pytest.mark.parametrize(
    ("level", "report", "kinds"),
    [
        ("DEBUG", {}, ["platform.start", "platform.runtimeDone", "platform.report"]),
        ("WARN", {}, []),
        ("WARN", {"status": "timeout"}, ["platform.runtimeDone", "platform.report"]),
        ("INFO", {"failed": True}, ["platform.start", "platform.runtimeDone", "platform.report"]),
    ],
)
def test_in_json_lambdas_own_lines_are_those_of_the_level(
    level: str, report: dict[str, Any], kinds: list[str]
) -> None:
    told = messages(Report(1, memory_mb=256, used_memory_mb=None, **report), level=level)

    assert [line["type"] for line in told if "type" in line] == kinds


def test_a_stream_in_a_group_of_the_functions_own_choice_names_the_function() -> None:
    own = stream_name("f", "$LATEST", log_group_name="/shop/all", time=NOON)
    usual = stream_name("f", "$LATEST", log_group_name="/aws/lambda/f", time=NOON)

    assert own.startswith("2026/11/23/f[$LATEST]")
    assert usual.startswith("2026/11/23/[$LATEST]")
    assert own[-32:] != usual[-32:]


def test_a_caller_gets_the_last_four_kilobytes() -> None:
    lines = [LogEvent(NOON, "ä" * 5000), LogEvent(NOON, "END")]

    assert tail(lines).endswith("ää\nEND\n")
    assert 4090 <= len(tail(lines).encode()) <= 4096


def test_an_executions_event_leaves_its_data_out_unless_they_are_included() -> None:
    event = {
        "id": 5,
        "previousEventId": 4,
        "type": "TaskScheduled",
        "timestamp": NOON + datetime.timedelta(milliseconds=250),
    }
    details = {"resource": "invoke", "parameters": '{"TaskToken":"secret"}'}

    without, whole = (
        execution_log.log_event(event, details, execution_arn=ARN, include_execution_data=included)
        for included in (False, True)
    )

    assert json.loads(without.message) == {
        "id": "5",
        "type": "TaskScheduled",
        "details": {"resource": "invoke"},
        "previous_event_id": "4",
        "event_timestamp": str(int(NOON.timestamp()) * 1000 + 250),
        "execution_arn": ARN,
        "redrive_count": "0",
    }
    assert json.loads(whole.message)["details"] == details


def test_a_template_without_a_logging_configuration_has_none() -> None:
    assert execution_log.api_configuration({"DefinitionString": "{}"}) is None
