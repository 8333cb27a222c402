"""Every operation of the main services answers its least request as its model says, or refuses it.

No answer tells that the emulator broke.
"""

import json
import re
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from emulated.least_requests import in_order, least_request
from emulated.output_shapes import parsed_problems, shape_problems
from pocketaws.runtime import LocalRuntime

SERVICES = (
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "sagemaker",
    "sagemaker-runtime",
    "scheduler",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
)
# Answers that wait for somebody.
WAITING = {("stepfunctions", "GetActivityTask"), ("ssm", "SendCommand")}
# What moto leaves out of its answers, or adds to them.
KNOWN = {
    "DescribeInsightRules.InsightRules[].State lacks",
    "ListRetirableGrants.GrantCount is unknown",
    "ListRules.Rules[].CreatedBy is unknown",
    "DescribeDataQualityJobDefinition.StoppingCondition.MaxRuntimeInSeconds lacks",
    "DescribeModelBiasJobDefinition.StoppingCondition.MaxRuntimeInSeconds lacks",
}
BROKE = "the emulator broke"
SESSION = botocore.session.Session()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.slow
def test_a_least_request_is_answered_by_the_model_or_refused_in_words(
    runtime: LocalRuntime, service: str
) -> None:
    client = runtime.client(service)
    told: dict[str, Any] = {}
    client.meta.events.register(
        "before-parse", lambda response_dict, **_: told.update(response_dict)
    )
    model = SESSION.get_service_model(service)
    wrong = []
    for name in in_order(list(model.operation_names)):
        operation = model.operation_model(name)
        if (service, name) in WAITING:
            continue
        try:
            answer = getattr(client, xform_name(name))(**least_request(operation))
        except ClientError as error:
            if BROKE in str(error):
                wrong.append(f"{name}: {error}")
            continue
        wrong += [f"{name}{problem}" for problem in problems(operation, told, answer)]

    wrong = [problem for problem in wrong if re.sub(r"\[\d+\]", "[]", problem) not in KNOWN]
    assert not wrong, "\n".join(wrong)


def problems(operation: Any, told: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """Return what an answer has too much, too little, or of another type."""
    shape = operation.output_shape
    if shape is None or operation.has_event_stream_output:
        return []
    if operation.service_model.resolved_protocol == "json":
        return list(shape_problems(_without_null(json.loads(told["body"] or b"{}")), shape, ""))
    return list(parsed_problems(answer, shape, ""))


def _without_null(value: Any) -> Any:
    """Return JSON as clients take it, to whom null is a member that is not there."""
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value] if isinstance(value, list) else value
