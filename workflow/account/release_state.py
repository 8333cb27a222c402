"""The recorded model, the endpoint and its alarms as they are now; and where they differ."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from workflow.account import aws
from workflow.account.endpoint import (
    IN_SERVICE,
    Alarm,
    Endpoint,
    endpoint_names,
    read_alarms,
    read_endpoint,
)
from workflow.account.endpoint_stack import EndpointStack, read_endpoint_stack
from workflow.account.model_history import Version, best_documented, read_history

DEPLOY: Final = "deploy endpoint.yaml again (`sam deploy --config-env staging`, or production)"
_OTHERS: Final = 5
_REASON_LENGTH: Final = 160


@dataclass(frozen=True)
class Package:
    """A version in the model registry: Approved, Rejected or PendingManualApproval; and why."""

    arn: str
    approval: str
    reason: str | None


@dataclass(frozen=True)
class Recorded:
    """The model that the parameter names.

    Attributes:
        current: the parameter's newest version.
        origin: the version that says most about the model; often the same.
        model_exists: in SageMaker.
        package: None where no version of the registry is known, or it was deleted.
    """

    current: Version
    origin: Version
    model_exists: bool
    package: Package | None


@dataclass(frozen=True)
class ReleaseState:
    """All that `workflow status` shows; None where there is none.

    `other_endpoint_names` is only looked up where the endpoint is not there.
    """

    parameter_name: str
    endpoint_name: str
    recorded: Recorded | None
    endpoint: Endpoint | None
    stack: EndpointStack | None
    alarms: Sequence[Alarm]
    other_endpoint_names: Sequence[str] = ()


def read_state(parameter: str, endpoint_name: str, *, clients: aws.Clients) -> ReleaseState:
    """Look at everything; change nothing."""
    sagemaker = clients("sagemaker")
    recorded = _recorded(read_history(parameter, ssm=clients("ssm")), sagemaker)
    endpoint = read_endpoint(endpoint_name, sagemaker=sagemaker)
    not_sent = f"{parameter.split('/')[1]}-message-not-sent"
    cloudwatch = clients("cloudwatch")
    if endpoint is None:
        others = endpoint_names(sagemaker=sagemaker, at_most=_OTHERS)
        alarms = read_alarms([not_sent], cloudwatch=cloudwatch)
        return ReleaseState(parameter, endpoint_name, recorded, None, None, alarms, others)
    stack = read_endpoint_stack(endpoint.arn, cloudformation=clients("cloudformation"))
    of_endpoint = [*endpoint.rollback_alarm_names, *(stack.alarm_names if stack else ())]
    alarms = read_alarms([not_sent, *of_endpoint], cloudwatch=cloudwatch)
    return ReleaseState(parameter, endpoint_name, recorded, endpoint, stack, alarms)


def differences(state: ReleaseState) -> list[str]:
    """Return a sentence for each thing that is not as it should be, with what to do."""
    return [
        *_of_recorded(state),
        *_of_endpoint(state),
        *_of_models(state),
        *(
            f"the alarm {alarm.name} is on: {alarm.reason or alarm.description}"
            for alarm in state.alarms
            if alarm.state == "ALARM"
        ),
    ]


def _recorded(versions: Sequence[Version], sagemaker: Any) -> Recorded | None:
    if not versions:
        return None
    current = versions[-1]
    origin = best_documented(versions, current.model_name)
    return Recorded(
        current=current,
        origin=origin,
        model_exists=aws.call_or_none(sagemaker.describe_model, ModelName=current.model_name)
        is not None,
        package=_package(origin.package_arn, sagemaker),
    )


def _package(arn: str | None, sagemaker: Any) -> Package | None:
    if arn is None:
        return None
    described = aws.call_or_none(sagemaker.describe_model_package, ModelPackageName=arn)
    if described is None:
        return None
    approval = described.get("ModelApprovalStatus", "not given")
    return Package(arn, approval, described.get("ApprovalDescription"))


def _of_recorded(state: ReleaseState) -> list[str]:
    recorded = state.recorded
    if recorded is None:
        text = f"no model has been recorded: {state.parameter_name} does not exist"
        return [f"{text}; run the workflow, or name its stack with --stack-name"]
    sentences = []
    name = recorded.current.model_name
    if not recorded.model_exists:
        sentences.append(
            f"the recorded model {name} is not in SageMaker: go back to another one with "
            "`workflow rollback`, or run the workflow"
        )
    if recorded.package and recorded.package.approval == "Rejected":
        why = f" ({recorded.package.reason})" if recorded.package.reason else ""
        sentences.append(
            f"the package of the recorded model {name} was rejected since{why}: go back with "
            "`workflow rollback`, or approve it again"
        )
    return sentences


def _of_endpoint(state: ReleaseState) -> list[str]:
    endpoint = state.endpoint
    if endpoint is None:
        others = ", ".join(state.other_endpoint_names)
        hint = f"; there are: {others}; name one with --endpoint-name" if others else ""
        return [f"the endpoint {state.endpoint_name} does not exist: deploy endpoint.yaml{hint}"]
    if endpoint.status == IN_SERVICE:
        return []
    reason = f": {endpoint.failure_reason}" if endpoint.failure_reason else ""
    return [f"the endpoint {endpoint.name} is {endpoint.status}{reason}"]


def _of_models(state: ReleaseState) -> list[str]:
    if state.recorded is None or state.endpoint is None:
        return []
    endpoint, recorded_name = state.endpoint, state.recorded.current.model_name
    serving = endpoint.serving
    if serving.model_names == [recorded_name]:
        return []
    served = (
        "an unknown model" if serving.model_names is None else " and ".join(serving.model_names)
    )
    text = f"the endpoint {endpoint.name} serves {served}, the recorded model is {recorded_name}"
    if endpoint.pending and endpoint.pending.model_names == [recorded_name]:
        return [f"{text}: an update to it is in progress, wait for its end"]
    if state.stack and state.stack.rolled_back:
        # The whole of it stands with the stack.
        failure = state.stack.failure or "its reason is not known"
        why = textwrap.shorten(failure, _REASON_LENGTH, placeholder=" …", break_on_hyphens=False)
        text += f": the last deployment was rolled back ({why})"
        return [f"{text}; mend that and {DEPLOY}, or go back with `workflow rollback`"]
    return [f"{text}: {DEPLOY}"]
