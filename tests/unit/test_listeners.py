"""Whatever can fail on AWS has somebody who hears of it, as docs/failures.md lists."""

import json
from pathlib import Path
from typing import Any

import pytest

from workflow.template import read_template

PROJECT_DIR = Path(__file__).parents[2]
TEMPLATES = {
    name: read_template(PROJECT_DIR / name)["Resources"]
    for name in ("template.yaml", "endpoint.yaml", "pipeline.yaml")
}
STATES = json.loads((PROJECT_DIR / "workflow" / "definition" / "definition.asl.json").read_text())[
    "States"
]
KINDS = (
    "AWS::Scheduler::Schedule",
    "AWS::Events::Rule",
    "AWS::SQS::Queue",
    "AWS::CodePipeline::Pipeline",
    "AWS::Serverless::StateMachine",
)


def listed() -> dict[tuple[str, str], str]:
    """The table of the document: its last column by the other two."""
    lines = (PROJECT_DIR / "docs" / "failures.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return {(row[0], row[1]): row[2] for row in cells if row[0] in TEMPLATES}


ROWS = listed()


def can_fail() -> set[tuple[str, str]]:
    """Return what the templates and the definition hold that fails by itself."""
    found = {
        (template, logical_id)
        for template, resources in TEMPLATES.items()
        for logical_id, resource in resources.items()
        if resource["Type"] in KINDS
        or resource["Type"].startswith("Custom::")
        or "DataCaptureConfig" in resource.get("Properties", {})
        # What EventBridge calls, nobody waits for.
        or "DeadLetterQueue" in resource.get("Properties", {})
        # The execution goes on where it fails.
        or logical_id == "SendMessageFunction"
    }
    jobs = {name for name, state in STATES.items() if ":sagemaker:" in state.get("Resource", "")}
    waited = {name for name in jobs if STATES[name]["Resource"].endswith(".sync")}
    return found | {("template.yaml", f"state {name}") for name in waited}


def resource(template: str, logical_id: str) -> dict[str, Any]:
    return dict(TEMPLATES[template][logical_id]["Properties"])


def refers(value: Any, logical_id: str) -> bool:
    """Tell whether a property refers to a resource, by Ref, GetAtt or Sub."""
    text = json.dumps(value)
    return f'"{logical_id}"' in text or f"${{{logical_id}" in text


def test_every_thing_that_can_fail_stands_in_the_table() -> None:
    assert set(ROWS) == can_fail()


@pytest.mark.parametrize("name", [name for _, name in ROWS if name.startswith("state ")])
def test_a_jobs_failure_is_caught_and_told(name: str) -> None:
    catches = STATES[name.removeprefix("state ")]["Catch"]
    caught = [catch["Next"] for catch in catches if "States.ALL" in catch["ErrorEquals"]]

    assert caught
    assert all("SendMessage" in json.dumps(STATES[state]["Parameters"]) for state in caught)


@pytest.mark.parametrize(
    ("template", "name"), [key for key, told in ROWS.items() if told.startswith("DeadLetterQueue")]
)
def test_a_functions_lost_events_go_to_the_topic(template: str, name: str) -> None:
    queue = resource(template, name)["DeadLetterQueue"]

    assert queue["Type"] == "SNS"
    assert "Topic" in json.dumps(queue["TargetArn"])


@pytest.mark.parametrize(
    ("template", "name"), [key for key, told in ROWS.items() if told.endswith("Queue")]
)
def test_what_cannot_be_started_is_kept_in_the_queue(template: str, name: str) -> None:
    properties = resource(template, name)
    targets = properties.get("Targets", [properties.get("Target")])

    assert all(refers(target["DeadLetterConfig"], ROWS[template, name]) for target in targets)


@pytest.mark.parametrize(
    ("template", "name"),
    [key for key, told in ROWS.items() if told.endswith(("Function", "→ Topic"))],
)
def test_each_on_the_way_hears_of_the_one_before(template: str, name: str) -> None:
    *way, last = [name, *ROWS[template, name].split(" → ")]

    for one, other in zip(way[1:], way[:-1], strict=True):
        assert refers(resource(template, one), other), f"{one} does not hear of {other}"
    assert refers(resource(template, way[-1])["Targets"], last)
    assert last == "Topic" or (template, last) in ROWS


def test_the_pipeline_and_the_workflow_are_told_by_their_rules() -> None:
    workflow = resource("template.yaml", "CloseExecutionFunction")["Events"]["ExecutionCutShort"]

    assert refers(workflow["Properties"]["Pattern"], "Workflow")
    for name in ("FailureRule", "EndRule"):
        rule = resource("pipeline.yaml", name)
        assert refers(rule["EventPattern"], "Pipeline")
        assert refers(rule["Targets"], "Topic")


def test_a_monitor_that_is_not_started_is_heard_of_by_its_silence() -> None:
    alarm = resource("endpoint.yaml", "SilenceAlarm")

    assert "SilenceAlarm" in ROWS["endpoint.yaml", "MonitorTimer"]
    assert alarm["TreatMissingData"] == "breaching"
    assert refers(resource("endpoint.yaml", "AlarmRule")["EventPattern"], "SilenceAlarm")


def test_every_exception_says_why() -> None:
    exceptions = [told for told in ROWS.values() if told.startswith("nobody")]

    assert all(len(told.partition(": ")[2]) > 20 for told in exceptions)
    assert len(exceptions) == 1
