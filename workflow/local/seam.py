"""The one module that reaches into moto's private parts; `moto` is pinned exactly because of it.

What it changes, for the whole process and until `remove()`:

* SageMaker's processing and training jobs are done by `jobs.Jobs`, and `.sync` waits for them.
* A model needs a new name, an image that is stood for and an artifact that exists.
* Lambda functions are called by `functions.Functions`, not in Docker.
* CloudFormation waits for a custom resource before it goes on to what reads its attributes.
* Step Functions checks definitions and execution names, and waits between retries are short.
"""

import json
import time
import types
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError
from moto import settings
from moto.awslambda.models import LambdaFunction, LambdaVersion
from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.cloudformation import parsing as cloudformation_parsing
from moto.cloudformation.custom_model import CustomModel
from moto.core.config import default_user_config
from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import SagemakerClientError
from moto.sagemaker.responses import SageMakerResponse
from moto.stepfunctions import models as step_functions_models
from moto.stepfunctions.parser.api import (
    HistoryEventType,
    InvalidDefinition,
    TaskFailedEventDetails,
)
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
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_factory,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (  # noqa: E501
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)

from workflow.errors import UnsupportedResourceError
from workflow.local import objects, rules
from workflow.local.definition_rules import definition_problems
from workflow.local.errors import ServiceError
from workflow.local.functions import Function, Functions
from workflow.local.images import image_for, known_text
from workflow.local.jobs import TERMINAL_STATUSES, Job, JobKind, Jobs

_LOOK_SECONDS: Final = 0.5
_MISSING: Final = object()
# Step Functions waits half a minute before it asks a throttled service again; here nothing is
# gained by it.
_LONGEST_RETRY_SECONDS: Final = 0.2


@contextmanager
def installed(jobs: Jobs, functions: Functions, *, endpoint_url: str, s3: Any) -> Iterator[None]:
    """Put the runtime in moto's place for the time of the context.

    One runtime a process: moto keeps its state in the process, too.
    """
    changes = [
        *_sagemaker_changes(jobs, s3),
        *_step_functions_changes(jobs),
        (LambdaFunction, "_invoke_lambda", _invoke_lambda(functions)),
        (CustomModel, "create_from_cloudformation_json", _waiting_custom_resource()),
        (LambdaVersion, "create_from_cloudformation_json", _named_version()),
        # Where a custom resource's function is told to answer.
        (settings, "moto_server_host", lambda: endpoint_url.rpartition(":")[0]),
    ]
    originals = [(target, name, vars(target).get(name, _MISSING)) for target, name, _ in changes]
    for target, name, value in changes:
        setattr(target, name, value)
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    try:
        yield
    finally:
        for target, name, value in originals:
            if value is _MISSING:
                delattr(target, name)
            else:
                setattr(target, name, value)


def creates(resource_type: str) -> bool:
    """Tell whether moto's CloudFormation creates resources of a type."""
    return (
        resource_type.startswith("Custom::")
        or resource_type in cloudformation_parsing.get_model_map()
    )


# ------------------------------------------------------------------------------------- SageMaker


def _sagemaker_changes(jobs: Jobs, s3: Any) -> list[tuple[Any, str, Any]]:
    changes: list[tuple[Any, str, Any]] = [
        (SageMakerResponse, "create_model", _checked_create_model(s3))
    ]
    for kind in JobKind:
        word = kind.value.lower()
        changes += [
            (SageMakerResponse, f"create_{word}_job", _create_job(jobs, kind)),
            (SageMakerResponse, f"describe_{word}_job", _describe_job(jobs, kind)),
            (SageMakerResponse, f"stop_{word}_job", _stop_job(jobs, kind)),
        ]
    return changes


def _create_job(jobs: Jobs, kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    word = kind.value.lower()
    original = getattr(SageMakerResponse, f"create_{word}_job")

    def create(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        records = getattr(self.sagemaker_backend, f"{word}_jobs")

        def on_end(job: Job) -> None:
            setattr(records[job.name], f"{word}_job_status", job.status)

        with _sagemaker_errors():
            job = jobs.create(kind, request, on_end=on_end)
        # moto's own record answers the List and tag calls.
        original(self)
        setattr(records[job.name], f"{word}_job_status", job.status)
        return ActionResult({f"{kind.value}JobArn": job.arn})

    return create


def _describe_job(jobs: Jobs, kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    def describe(self: SageMakerResponse) -> ActionResult:
        with _sagemaker_errors():
            job = jobs.get(kind, json.loads(self.body)[f"{kind.value}JobName"])
        return ActionResult(job.description())

    return describe


def _stop_job(jobs: Jobs, kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    def stop(self: SageMakerResponse) -> ActionResult:
        with _sagemaker_errors():
            jobs.stop(kind, json.loads(self.body)[f"{kind.value}JobName"])
        return EmptyResult()

    return stop


def _checked_create_model(s3: Any) -> Callable[[SageMakerResponse], ActionResult]:
    original = SageMakerResponse.create_model

    def create_model(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        with _sagemaker_errors():
            if request["ModelName"] in self.sagemaker_backend._models:
                raise ServiceError(
                    "ValidationException",
                    f"Cannot create already existing model {request['ModelName']!r}.",
                )
            _check_container(request.get("PrimaryContainer", {}), s3)
        return original(self)

    return create_model


def _check_container(container: dict[str, Any], s3: Any) -> None:
    image_uri = container.get("Image", "")
    if image_for(image_uri) is None:
        raise ServiceError(
            "ValidationException",
            f"Value {image_uri!r} at 'primaryContainer.image' is an image that the local runtime "
            f"does not stand for; it stands for {known_text()}",
        )
    artifact_uri = container.get("ModelDataUrl")
    if artifact_uri and not objects.object_exists(artifact_uri, s3=s3):
        raise ServiceError("ValidationException", f"Could not find model data at {artifact_uri}.")


@contextmanager
def _sagemaker_errors() -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        raise SagemakerClientError(error.code, str(error)) from error


# -------------------------------------------------------------------------------- Step Functions


def _step_functions_changes(jobs: Jobs) -> list[tuple[Any, str, Any]]:
    original_service_for = state_task_service_factory.state_task_service_for
    original_start = StepFunctionsParserBackend.start_execution
    original_validate = StepFunctionsParserBackend._validate_definition

    def service_for(service_name: str) -> Any:
        if service_name == "sagemaker":
            return _SageMakerTask(jobs)
        return original_service_for(service_name)

    def start_execution(self: Any, state_machine_arn: str, name: Any = None, *more: Any) -> Any:
        # AWS gives a nameless execution a UUID; moto would leave $$.Execution.Name empty.
        name = name or str(uuid.uuid4())
        self._validate_name(name)
        return original_start(self, state_machine_arn, name, *more)

    def validate_definition(definition: str) -> None:
        try:
            problems = definition_problems(definition)
        except (UnsupportedResourceError, ValueError) as error:
            raise InvalidDefinition(message=f"Invalid State Machine Definition: {error}") from error
        if problems:
            text = ", ".join(problems)
            raise InvalidDefinition(message=f"Invalid State Machine Definition: '{text}'")
        original_validate(definition)

    shortened = types.SimpleNamespace(sleep=_sleep_shortened)
    return [
        # CloudFormation would create state machines in the backend that does not run them.
        (step_functions_models, "stepfunctions_backends", stepfunctions_parser_backends),
        (state_task_service_factory, "state_task_service_for", service_for),
        (state_task_factory, "state_task_service_for", service_for),
        (StepFunctionsParserBackend, "start_execution", start_execution),
        (StepFunctionsParserBackend, "_validate_definition", staticmethod(validate_definition)),
        (AmazonStateLanguageParser, "parse", staticmethod(_parse_once())),
        (retrier_decl, "time", shortened),
    ]


def _parse_once() -> Callable[[str], tuple[Any, Any]]:
    """Return a parser that parses a definition once; moto does so again for every execution."""
    original = AmazonStateLanguageParser.parse
    trees: dict[str, Any] = {}

    def parse(definition: str) -> tuple[Any, Any]:
        if definition in trees:
            tree = trees[definition]
            # The evaluated components keep state, so each execution gets its own.
            return Preprocessor().visit(tree), tree
        program, trees[definition] = original(definition)
        return program, trees[definition]

    return parse


def _sleep_shortened(seconds: float) -> None:
    time.sleep(min(seconds, _LONGEST_RETRY_SECONDS))


class _SageMakerTask(StateTaskServiceCallback):  # type: ignore[misc]
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
        model = rules.operation_model("sagemaker", self._operation())
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


# --------------------------------------------------------------------- Lambda and CloudFormation


def _invoke_lambda(functions: Functions) -> Callable[..., tuple[str, bool, str]]:
    def invoke(self: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
        invocation = functions.invoke(
            Function(
                name=self.function_name,
                arn=self.function_arn,
                version=str(self.version),
                handler=self.handler,
                runtime=self.run_time,
                timeout_seconds=int(self.timeout),
                memory_mb=int(self.memory_size),
                region=self.region,
                code=self.code_bytes,
                code_sha256=self.code_digest,
                environment=self.environment_vars,
            ),
            event if isinstance(event, str) else json.dumps(event),
        )
        self.logs_backend.ensure_log_group(self.logs_group_name)
        self.save_logs(invocation.log)
        return invocation.payload, invocation.failed, invocation.log

    return invoke


def _waiting_custom_resource() -> Any:
    original = CustomModel.create_from_cloudformation_json.__func__

    def create(cls: type[CustomModel], *arguments: Any, **more: Any) -> CustomModel:
        resource = original(cls, *arguments, **more)
        timeout = int(arguments[1]["Properties"].get("ServiceTimeout", 3600))
        deadline = time.monotonic() + timeout
        while not resource.is_created() and time.monotonic() < deadline:
            time.sleep(0.01)
        return resource

    return classmethod(create)


def _named_version() -> Any:
    original = LambdaVersion.create_from_cloudformation_json.__func__

    def create(
        cls: type[LambdaVersion],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **more: Any,
    ) -> LambdaVersion:
        arguments = (resource_name, cloudformation_json, account_id, region_name)
        version = original(cls, *arguments, **more)
        # moto gives it no physical id, so that a Ref of it cannot be resolved.
        function_name = cloudformation_json["Properties"]["FunctionName"]
        function = get_lambda_backend(account_id, region_name).get_function(function_name)
        version.physical_resource_id = f"{function.function_arn}:{version.version}"
        return version

    return classmethod(create)
