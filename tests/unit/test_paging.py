"""What a service lists in pages is read to the last one, or is known to fit the first."""

import ast
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from tests.conftest import PROJECT_DIR

SERVICES = (
    "cloudformation",
    "cloudwatch",
    "iam",
    "logs",
    "s3",
    "sagemaker",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
)
FIRST_PAGE_DOES = {
    ("tests/functional/endpoint_stack.py", "describe_stacks"): "one stack is named",
    ("tests/functional/monitored.py", "describe_alarms"): "one alarm is named",
    ("tests/functional/releases.py", "describe_stacks"): "one stack is named",
    ("tests/functional/test_change_sets.py", "describe_change_set"): "it has few changes",
    ("tests/functional/test_change_sets.py", "describe_stacks"): "one stack is named",
    ("tests/functional/test_custom_resources.py", "describe_stacks"): "one stack is named",
    ("tests/functional/test_drift_alarms.py", "describe_alarms"): "one alarm is named",
    ("tests/functional/test_endpoint_stack.py", "describe_alarms"): "one alarm is named",
    ("tests/functional/test_logs.py", "get_execution_history"): "pages are what is tested",
    ("tests/functional/test_report.py", "get_execution_history"): "the last events are asked for",
    ("tests/functional/test_retraining_triggers.py", "describe_alarms"): "one alarm is named",
    ("tests/functional/test_serve_monitor.py", "describe_stacks"): "one stack is named",
    ("tests/functional/test_updates_in_place.py", "describe_stacks"): "one stack is named",
    ("functions/answer_alarm/failure.py", "list_executions"): "the newest 20 are asked for",
    ("functions/answer_alarm/retraining.py", "list_executions"): "one that runs is enough",
    ("functions/find_captures/listing.py", "list_objects_v2"): "one object is enough",
    ("functions/find_production_model/production.py", "list_objects_v2"): "one object is enough",
    ("functions/smoke_test/app.py", "describe_stacks"): "one stack is named",
    ("workflow/account/endpoint.py", "describe_alarms"): "as many are named as a page holds",
    ("workflow/account/endpoint.py", "list_endpoints"): "some are shown, as many as asked for",
    ("workflow/account/executions.py", "get_execution_history"): "the last events are asked for",
    ("workflow/account/job_logs.py", "describe_log_streams"): "a job has a stream for each host",
    ("workflow/account/monitor_window.py", "describe_stacks"): "one stack is named",
    ("workflow/console/executions.py", "list_executions"): "the newest are shown",
    ("workflow/console/executions.py", "get_execution_history"): "the last event is asked for",
    ("workflow/laptop/recorded_model.py", "describe_parameters"): "one parameter is named",
    ("workflow/laptop/recorded_model.py", "list_objects_v2"): "one object is named",
    ("workflow/laptop/warm.py", "list_state_machines"): "any answer is enough",
    (
        "workflow/release/stacks.py",
        "describe_change_set",
    ): "its own stands on each page",
    ("workflow/release/stacks.py", "describe_stacks"): "one stack is named",
    ("pocketaws/src/pocketaws/cloudformation/moto/submitted_templates.py", "describe_change_set"): (
        "it is moto's own method, which knows no pages"
    ),
    ("pocketaws/src/pocketaws/attached.py", "describe_stacks"): "one stack is named",
    ("pocketaws/src/pocketaws/cloudformation/deploy.py", "describe_stacks"): "one stack is named",
    ("pocketaws/src/pocketaws/sagemaker/endpoints/deployments.py", "describe_alarms"): (
        "an endpoint names ten rollback alarms at most"
    ),
    ("pocketaws/src/pocketaws/ssm/moto/parameters.py", "describe_parameters"): (
        "it is moto's own method, which knows no pages"
    ),
    ("pocketaws/src/pocketaws/cloudformation/updates/policies.py", "list_policy_versions"): (
        "a policy has five versions at most"
    ),
}


def paged() -> set[str]:
    """Return the methods of clients whose answers come in pages."""
    session = botocore.session.Session()
    return {
        xform_name(operation)
        for service in SERVICES
        for operation in session.get_paginator_model(service)._paginator_config
        # Expressions of `re` are called so, too.
        if operation != "Search"
    }


def calls(path: Path, methods: set[str]) -> list[str]:
    """Return the paged methods that a module calls as they are."""
    return [
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in methods
    ]


@pytest.mark.parametrize("folder", ["functions", "workflow", "pocketaws/src", "tests/functional"])
def test_a_list_is_read_to_its_last_page_or_is_known_to_have_one(folder: str) -> None:
    methods = paged()
    top = PROJECT_DIR / folder
    found = {
        (str(path.relative_to(PROJECT_DIR)), method)
        for path in sorted(top.rglob("*.py"))
        # What a function carries by a link is looked at where it stands.
        if path.resolve().is_relative_to(top) and not path.is_symlink()
        for method in calls(path, methods)
    }

    known = {place for place in FIRST_PAGE_DOES if place[0].startswith(f"{folder}/")}
    assert found == known
