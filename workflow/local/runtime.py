"""The local runtime as its users see it: start, deploy a stack, run executions, stop."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from workflow import service_models
from workflow.errors import LocalRuntimeError
from workflow.local import environment, seam
from workflow.local.deploy import Stack, deploy
from workflow.local.endpoint_service import EndpointService
from workflow.local.errors import ServiceError
from workflow.local.events import Deliveries
from workflow.local.execution import Execution, execution_of
from workflow.local.function_urls import FunctionUrls
from workflow.local.functions import Functions
from workflow.local.iam.assumed_roles import AssumedRoles
from workflow.local.iam.enforcement import Credentials, Enforcement, Used
from workflow.local.iam.policies import Access
from workflow.local.invoker import ONE_ATTEMPT, Invoker
from workflow.local.jobs import Job, JobKind, Jobs
from workflow.local.messages import Message
from workflow.local.monitoring import Monitoring
from workflow.local.monitoring_capture import destination_uri
from workflow.local.monitoring_execution import MonitoringExecution
from workflow.local.monitoring_metrics import Publisher
from workflow.local.monitoring_run import MonitoringRun
from workflow.local.processing import ProcessingContainer
from workflow.local.pulse import Pulse
from workflow.local.schedules import fire
from workflow.local.seam.roles import Roles
from workflow.local.seam.step_functions import ENGINE_CONFIG
from workflow.local.server import Fault, LocalServer
from workflow.local.training import TrainingContainer
from workflow.local.warmup import Warmup

ACCOUNT_ID: Final = "123456789012"
_STOP_SECONDS: Final = 5
_LOOK_SECONDS: Final = 0.5
_UP: Final = threading.Lock()


class LocalRuntime:
    """A context in which the emulated AWS is up; one a process at a time.

    Args:
        warmup: already started, or None to start here.
        region: of the emulated account.
        serving_ports: at which SageMaker's endpoints answer on loopback, by their names; any
            other endpoint gets a free one.

    Attributes:
        faults: errors to answer calls with; append `Fault`s to practise failure.
        endpoint_url: of every emulated service.
        enforcement: decides the calls of roles; set its `used` to keep what they ask for.
    """

    def __init__(
        self,
        warmup: Warmup | None = None,
        *,
        region: str = "us-east-1",
        serving_ports: Mapping[str, int] | None = None,
    ) -> None:
        self.region = region
        self._serving_ports = dict(serving_ports or {})
        self._warmup = warmup
        self._exits = ExitStack()
        self.faults: list[Fault] = []
        self.endpoint_url = ""
        self._clients: dict[str, Any] = {}
        self._clients_lock = threading.Lock()
        self._pulse = Pulse()
        self._outbox: list[Message] = []

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            self._start(exits)
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        exc_traceback: TracebackType | None,
    ) -> None:
        self._exits.close()

    def _start(self, exits: ExitStack) -> None:
        exits.enter_context(_the_only_one())
        self._warmup = warmup = self._warmup or Warmup()
        exits.callback(warmup.stop)
        self._roles = Roles(ACCOUNT_ID, self.region)
        self.enforcement = Enforcement(self._roles)
        server = LocalServer(self.enforcement)
        exits.callback(server.stop)
        self.faults = server.faults
        self.endpoint_url = server.endpoint_url
        variables = environment.client_environment(
            endpoint_url=server.endpoint_url, region=self.region, config_path=warmup.config_path
        )
        exits.enter_context(environment.emulated(variables, port=server.port))
        exits.enter_context(service_models.shared())
        self._session = exits.enter_context(_default_session(self.region))
        exits.callback(self._close_clients)
        self._s3 = self.client("s3")
        self._as_sagemaker = self._assumed_by(exits, "sagemaker.amazonaws.com", "SageMaker")
        self._jobs = self._make_jobs(warmup, variables)
        self._monitoring = Monitoring(
            arn_prefix=self._sagemaker_arn_prefix,
            check_endpoint=lambda name: destination_uri(name, self.client("sagemaker")),
        )
        functions = Functions(
            warmup.light,
            functions_dir=warmup.home_dir / "functions",
            aws_environment=variables,
            roles=self._assumed_by(exits, "lambda.amazonaws.com", "function"),
            config_path=warmup.config_path,
        )
        self._endpoints = EndpointService(
            warmup.training,
            self.client,
            self._as_sagemaker,
            warmup.home_dir / "endpoints",
            arn_prefix=self._sagemaker_arn_prefix,
            ports=self._serving_ports,
        )
        self._install(exits, warmup, functions)

    def _install(self, exits: ExitStack, warmup: Warmup, functions: Functions) -> None:
        """Put the work in the emulator's place, and say in which order it ends."""
        invoker = Invoker(self.region)
        exits.callback(invoker.close)
        as_events = self._assumed_by(exits, "events.amazonaws.com", "rule", config=ONE_ATTEMPT)
        self._as_scheduler = self._assumed_by(
            exits, "scheduler.amazonaws.com", "schedule", config=ONE_ATTEMPT
        )
        deliveries, urls = Deliveries(invoker, as_events), FunctionUrls(invoker)
        exits.enter_context(
            seam.installed(
                seam.Workers(
                    self._jobs, functions, deliveries, urls, self._monitoring, self._endpoints
                ),
                endpoint_url=self.endpoint_url,
                sagemaker_arn_prefix=self._sagemaker_arn_prefix,
                make_client=self.client,
                pulse=self._pulse,
                outbox=self._outbox,
                roles=seam.Assumed(
                    states=self._assumed_by(
                        exits, "states.amazonaws.com", "execution", config=ENGINE_CONFIG
                    ),
                    cloudformation=self._assumed_by(
                        exits, "cloudformation.amazonaws.com", "AWSCloudFormation"
                    ),
                ),
                transform=warmup.transformed,
            )
        )
        exits.callback(self._endpoints.stop, timeout_seconds=_STOP_SECONDS)
        exits.callback(self._jobs.stop_all, timeout_seconds=_STOP_SECONDS)
        # Whoever waits for a function hears of its end before this goes on.
        exits.callback(deliveries.join, timeout_seconds=_STOP_SECONDS)
        exits.callback(urls.close_all)
        exits.callback(functions.stop_all)
        exits.callback(self._stop_executions)
        exits.callback(deliveries.stop)

    def _make_jobs(self, warmup: Warmup, aws_environment: Mapping[str, str]) -> Jobs:
        jobs_dir = warmup.home_dir / "jobs"
        processing = ProcessingContainer(
            {
                "sagemaker-xgboost": warmup.training,
                "sagemaker-scikit-learn": warmup.light,
                # It has numpy imported; the rest of the analyzer takes a twentieth of a second.
                "sagemaker-model-monitor-analyzer": warmup.training,
            },
            jobs_dir,
            self._as_sagemaker,
            aws_environment,
            warmup.config_path,
            Publisher(self.client),
        )
        training = TrainingContainer(warmup.training, jobs_dir, self._as_sagemaker)
        return Jobs(
            {JobKind.PROCESSING: processing, JobKind.TRAINING: training},
            arn_prefix=self._sagemaker_arn_prefix,
        )

    def assumed_by(self, service: str, session_name: str) -> AssumedRoles:
        """Return the roles that a service of AWS assumes, for whoever stands for that service.

        Args:
            service: such as "codepipeline.amazonaws.com".
            session_name: what it calls its sessions.
        """
        return self._assumed_by(self._exits, service, session_name)

    def _assumed_by(
        self, exits: ExitStack, service: str, session_name: str, *, config: Config | None = None
    ) -> AssumedRoles:
        def assume(role_arn: str, source_arn: str) -> Credentials:
            credentials = self._roles.assume(
                role_arn, service, session_name=session_name, source_arn=source_arn
            )
            self.enforcement.keep(Used(role_arn, Access("sts:AssumeRole", service), allowed=True))
            return credentials

        def make_client(name: str, credentials: Credentials) -> Any:
            with self._clients_lock:
                return self._session.client(
                    name,
                    aws_access_key_id=credentials.access_key_id,
                    aws_secret_access_key=credentials.secret_access_key,
                    aws_session_token=credentials.session_token,
                    config=config,
                )

        roles = AssumedRoles(make_client, assume)
        exits.callback(roles.close)
        return roles

    @property
    def _sagemaker_arn_prefix(self) -> str:
        return f"arn:aws:sagemaker:{self.region}:{ACCOUNT_ID}"

    def client(self, service: str) -> Any:
        """Return a boto3 client of an emulated service; the same one each time."""
        # Many threads ask, and a session makes one client at a time.
        with self._clients_lock:
            if service not in self._clients:
                self._clients[service] = self._session.client(service)
            return self._clients[service]

    def messages(self) -> list[Message]:
        """Return every message published to a topic so far, oldest first."""
        return list(self._outbox)

    @property
    def jobs(self) -> list[Job]:
        """Every SageMaker job so far, oldest first."""
        return self._jobs.all()

    def serving_url(self, endpoint_name: str) -> str:
        """Return where an endpoint's container answers /ping and /invocations, without signing.

        Raises:
            LocalRuntimeError: there is no endpoint of that name.
        """
        try:
            return self._endpoints.endpoints.get(endpoint_name).url
        except ServiceError as error:
            raise LocalRuntimeError(
                f"there is no endpoint {endpoint_name!r}; deploy a stack that creates it"
            ) from error

    def flush_endpoints(self) -> None:
        """Write captured data and metrics of every endpoint, which happens each second, now."""
        self._endpoints.recorder.flush()

    def deploy(
        self,
        template_path: Path,
        *,
        stack_name: str,
        parameters: Mapping[str, str] | None = None,
    ) -> Stack:
        """Deploy a SAM template as it is; see `workflow.local.deploy.deploy`."""
        assert self._warmup is not None, "the context has been entered"  # noqa: S101
        return deploy(
            self._warmup.build(template_path),
            stack_name=stack_name,
            parameters=parameters or {},
            cloudformation=self.client("cloudformation"),
            s3=self._s3,
        )

    def run_monitoring(self, schedule_name: str) -> MonitoringExecution:
        """Run a monitoring schedule now and wait for its end; see `monitoring_run`."""
        return MonitoringRun(
            self._monitoring,
            self._jobs,
            self.client,
            self._as_sagemaker,
            flush=self.flush_endpoints,
        ).execute(schedule_name)

    def run_schedule(self, name: str, *, group_name: str = "default") -> Execution:
        """Fire a schedule of EventBridge Scheduler now, and wait for the end of what it starts.

        Args:
            name: of the schedule, whose target is a state machine.
            group_name: of its schedule group.

        Raises:
            LocalRuntimeError: there is no such schedule, it does not fire, or it started nothing.
        """
        scheduler = self.client("scheduler")
        return self.wait(
            fire(name, group_name=group_name, scheduler=scheduler, roles=self._as_scheduler)
        )

    def start_execution(
        self, state_machine_arn: str, execution_input: Any, *, name: str | None = None
    ) -> str:
        """Start an execution and return its ARN."""
        named = {} if name is None else {"name": name}
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=state_machine_arn, input=json.dumps(execution_input), **named
        )
        return str(started["executionArn"])

    def wait(
        self, execution_arn: str, *, on_event: Callable[[Mapping[str, Any]], None] | None = None
    ) -> Execution:
        """Wait until an execution has ended, telling each event of its history once."""
        step_functions = self.client("stepfunctions")
        seen = 0
        while True:
            beats = self._pulse.count
            # Asked before the history, so that the last events are in it once it has ended.
            described = step_functions.describe_execution(executionArn=execution_arn)
            events = list(self._history(step_functions, execution_arn)) if on_event else []
            for event in events[seen:]:
                on_event(event)  # type: ignore[misc]
            seen = len(events)
            if described["status"] != "RUNNING":
                return execution_of(described)
            self._pulse.wait_after(beats, timeout_seconds=_LOOK_SECONDS)

    def run(
        self, state_machine_arn: str, execution_input: Any, *, name: str | None = None
    ) -> Execution:
        """Start an execution and wait for its end."""
        return self.wait(self.start_execution(state_machine_arn, execution_input, name=name))

    def _history(self, step_functions: Any, execution_arn: str) -> Iterator[Mapping[str, Any]]:
        pages = step_functions.get_paginator("get_execution_history").paginate(
            executionArn=execution_arn
        )
        for page in pages:
            yield from page["events"]

    def _stop_executions(self) -> None:
        step_functions = self.client("stepfunctions")
        for machine in step_functions.list_state_machines()["stateMachines"]:
            pages = step_functions.get_paginator("list_executions").paginate(
                stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING"
            )
            for execution in [item for page in pages for item in page["executions"]]:
                # It may end by itself meanwhile.
                with suppress(ClientError):
                    step_functions.stop_execution(executionArn=execution["executionArn"])

    def _close_clients(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()


@contextmanager
def _the_only_one() -> Iterator[None]:
    if not _UP.acquire(blocking=False):
        raise LocalRuntimeError(
            "a local runtime is up in this process already, and moto keeps what is emulated in "
            "the process: end that one first, or deploy a second stack to it"
        )
    try:
        yield
    finally:
        _UP.release()


@contextmanager
def _default_session(region: str) -> Iterator[boto3.Session]:
    """Make boto3's default session, which moto's engine uses, one of the emulator's."""
    session = boto3.Session(region_name=region)
    before, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, session
    try:
        yield session
    finally:
        boto3.DEFAULT_SESSION = before
