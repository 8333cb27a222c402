"""The optimised integration of SageMaker, which moto refuses: a call, and `.sync` its job's end."""

import json
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (  # noqa: E501
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from pocketaws.sagemaker.jobs.jobs import TERMINAL_STATUSES, JobKind, Jobs
from pocketaws.service_models import operation_model

_LOOK_SECONDS: Final = 0.5


class SageMakerTask(StateTaskServiceCallback):  # type: ignore[misc]
    """The optimised integration of SageMaker: a call, and with `.sync` the wait for its job.

    moto's base class needs WaitForTaskToken among the patterns, or it fails on cleaning up; the
    definition's check refuses it.
    """

    def __init__(self, jobs: Jobs) -> None:
        super().__init__({ResourceCondition.Sync, ResourceCondition.WaitForTaskToken})
        self._jobs = jobs

    def _operation(self) -> str:
        action: str = self.resource.api_action
        return action[0].upper() + action[1:]

    def _get_supported_parameters(self) -> set[str] | None:
        model = operation_model("sagemaker", self._operation())
        return None if model is None else set(model.input_shape.members)

    def _eval_service_task(
        self,
        env: Any,
        resource_runtime_part: Any,
        normalised_parameters: dict[str, Any],
        state_credentials: Any,
    ) -> None:
        client = boto_client_for(
            service="sagemaker",
            region=resource_runtime_part.region,
            state_credentials=state_credentials,
        )
        call = getattr(client, self._get_boto_service_action())
        response = call(**normalised_parameters)
        response.pop("ResponseMetadata", None)
        env.stack.append(response)

    def _build_sync_resolver(
        self,
        env: Any,
        resource_runtime_part: Any,
        normalised_parameters: dict[str, Any],
        state_credentials: Any,
    ) -> Callable[[], Any]:
        env.stack.pop()
        kind = JobKind(self._operation().removeprefix("Create").removesuffix("Job"))
        job = self._jobs.get(kind, normalised_parameters[f"{kind.value}JobName"])

        def resolve() -> Any:
            while env.is_running() and not job.ended.wait(_LOOK_SECONDS):
                pass
            # A state that timed out, or an execution that was stopped, stops its job.
            job.stopping.set()
            description = _as_json(job.description())
            if job.status not in TERMINAL_STATUSES:
                return description
            if job.status != "Completed":
                raise FailureEventException(self._job_failed(env, description))
            return description

        return resolve

    def _job_failed(self, env: Any, description: dict[str, Any]) -> FailureEvent:
        error = StatesErrorNameType.StatesTaskFailed
        return self._failure(
            env, StatesErrorName(typ=error), error.to_name(), to_json_str(description)
        )

    def _from_error(self, env: Any, ex: Exception) -> FailureEvent:
        if not isinstance(ex, ClientError):
            return super()._from_error(env=env, ex=ex)
        error = _sagemaker_error_name(ex.response["Error"]["Code"])
        cause = (
            f"{ex.response['Error']['Message']} (Service: AmazonSageMaker; Status Code: "
            f"{ex.response['ResponseMetadata']['HTTPStatusCode']}; "
            f"Error Code: {ex.response['Error']['Code']})"
        )
        return self._failure(env, CustomErrorName(error), error, cause)

    def _failure(self, env: Any, error_name: Any, error: str, cause: str) -> FailureEvent:
        return FailureEvent(
            env=env,
            error_name=error_name,
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(
                taskFailedEventDetails=TaskFailedEventDetails(
                    resource=self._get_sfn_resource(),
                    resourceType=self._get_sfn_resource_type(),
                    error=error,
                    cause=cause,
                )
            ),
        )


def _sagemaker_error_name(code: str) -> str:
    """Name an error as Step Functions does: by its own name where SageMaker's API models it."""
    modelled = {"ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound", "ConflictException"}
    if code in modelled:
        return f"SageMaker.{code.removesuffix('Exception')}Exception"
    return "SageMaker.AmazonSageMakerException"


def _as_json(description: dict[str, Any]) -> Any:
    """Return a description as a state's output holds it: times in milliseconds since 1970."""
    return json.loads(json.dumps(description, default=lambda time: int(time.timestamp() * 1000)))
