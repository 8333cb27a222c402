"""What does the work behind the emulated services, put together and put in moto's place."""

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Self

from botocore.exceptions import ClientError

from pocketaws import installed as seam
from pocketaws.clients import Clients
from pocketaws.events.events import Deliveries
from pocketaws.gate.moto.plain_calls import PlainCalls
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.iam.enforcement import Enforcement
from pocketaws.lambda_.function_urls import FunctionUrls
from pocketaws.lambda_.functions import Functions
from pocketaws.lambda_.invoker import ONE_ATTEMPT, Invoker
from pocketaws.processes.warmup import Warmup
from pocketaws.sagemaker.endpoints.service import EndpointService
from pocketaws.sagemaker.jobs.jobs import Container, JobKind, Jobs
from pocketaws.sagemaker.jobs.processing import ProcessingContainer
from pocketaws.sagemaker.jobs.training import TrainingContainer
from pocketaws.sagemaker.jobs.transform import TransformContainer
from pocketaws.sagemaker.jobs.tuning import TuningContainer
from pocketaws.sns.messages import Message
from pocketaws.step_functions.moto.step_functions import ENGINE_CONFIG
from pocketaws.step_functions.pulse import Pulse
from pocketaws.wire.authentication import Authentication
from pocketaws.wire.hosting import Hosting
from pocketaws.wire.in_process import InProcess
from pocketaws.wire.keys import Key, Keys
from pocketaws.wire.presign import presigned

STOP_SECONDS: Final = 5


@dataclass(frozen=True)
class RuntimePlace:
    """Where a runtime is.

    Attributes:
        endpoint_url: of every emulated service.
        aws_environment: how a process reaches them, and nothing else.
        sagemaker_arn_prefix: of what SageMaker keeps, up to the account.
        serving_ports: of SageMaker's endpoints on loopback, by their names.
        key: of the administrator.
        keys: of the account.
        hosting: serves ports.
        enforcement: decides the calls of roles.
        in_process: answers the clients of this process.
        plain_calls: answers most of what jobs ask S3 for.
    """

    region: str
    endpoint_url: str
    aws_environment: Mapping[str, str]
    sagemaker_arn_prefix: str
    serving_ports: Mapping[str, int]
    key: Key
    keys: Keys
    hosting: Hosting
    enforcement: Enforcement
    in_process: InProcess
    plain_calls: PlainCalls

    def answer_url(self, path: str) -> str:
        """Return a URL with which a function may answer CloudFormation, by its path."""
        return presigned(f"{self.endpoint_url}/{path}", key=self.key, region=self.region)


@dataclass(frozen=True)
class Services:
    """What does the work.

    Attributes:
        as_sagemaker: the roles that SageMaker assumes.
        as_scheduler: those of EventBridge Scheduler.
        pulse: beats at every event of an execution's history.
        outbox: every message that was published to a topic.
    """

    jobs: Jobs
    functions: Functions
    endpoints: EndpointService
    as_sagemaker: AssumedRoles
    as_scheduler: AssumedRoles
    pulse: Pulse
    outbox: list[Message]

    @classmethod
    def made(cls, warmup: Warmup, clients: Clients, place: RuntimePlace) -> Self:
        """Put them together."""
        as_sagemaker = clients.assumed_by(
            "sagemaker.amazonaws.com", "SageMaker", plain_calls=place.plain_calls.attach
        )
        return cls(
            jobs=_jobs(warmup, as_sagemaker, place, clients),
            functions=Functions(
                warmup.light,
                functions_dir=warmup.home_dir / "functions",
                aws_environment=place.aws_environment,
                roles=clients.assumed_by("lambda.amazonaws.com", "function"),
                config_path=warmup.config_path,
            ),
            endpoints=EndpointService(
                warmup.training,
                clients.client,
                as_sagemaker,
                warmup.home_dir / "endpoints",
                arn_prefix=place.sagemaker_arn_prefix,
                ports=place.serving_ports,
                hosting=place.hosting,
            ),
            as_sagemaker=as_sagemaker,
            as_scheduler=clients.assumed_by(
                "scheduler.amazonaws.com", "schedule", config=ONE_ATTEMPT
            ),
            pulse=Pulse(),
            outbox=[],
        )

    def install(
        self, exits: ExitStack, warmup: Warmup, clients: Clients, place: RuntimePlace
    ) -> None:
        """Put them in the emulator's place, and say in which order they end."""
        invoker = Invoker(place.region, place.in_process)
        exits.callback(invoker.close)
        as_events = clients.assumed_by("events.amazonaws.com", "rule", config=ONE_ATTEMPT)
        deliveries = Deliveries(invoker, as_events)
        urls = FunctionUrls(invoker, place.hosting, Authentication(place.keys))
        exits.enter_context(
            seam.installed(
                seam.Workers(
                    self.jobs,
                    self.functions,
                    deliveries,
                    urls,
                    self.endpoints,
                    place.enforcement,
                    warmup.home_dir / "objects",
                ),
                answer_url=place.answer_url,
                sagemaker_arn_prefix=place.sagemaker_arn_prefix,
                make_client=clients.client,
                pulse=self.pulse,
                outbox=self.outbox,
                roles=seam.Assumed(
                    states=clients.assumed_by(
                        "states.amazonaws.com", "execution", config=ENGINE_CONFIG
                    ),
                    cloudformation=clients.assumed_by(
                        "cloudformation.amazonaws.com", "AWSCloudFormation"
                    ),
                    sagemaker=self.as_sagemaker,
                ),
                transform=partial(warmup.transformed, region=place.region),
            )
        )
        exits.callback(self.endpoints.stop, timeout_seconds=STOP_SECONDS)
        exits.callback(self.jobs.stop_all, timeout_seconds=STOP_SECONDS)
        # Whoever waits for a function hears of its end before this goes on.
        exits.callback(deliveries.join, timeout_seconds=STOP_SECONDS)
        exits.callback(urls.close_all)
        exits.callback(self.functions.stop_all)
        exits.callback(_stop_executions, clients)
        exits.callback(deliveries.stop)


def _jobs(warmup: Warmup, roles: AssumedRoles, place: RuntimePlace, clients: Clients) -> Jobs:
    jobs_dir = warmup.home_dir / "jobs"
    processing = ProcessingContainer(
        {
            "sagemaker-xgboost": warmup.training,
            "sagemaker-scikit-learn": warmup.light,
        },
        jobs_dir,
        roles,
        place.aws_environment,
        warmup.config_path,
    )
    containers: dict[JobKind, Container] = {
        JobKind.PROCESSING: processing,
        JobKind.TRAINING: TrainingContainer(warmup.training, warmup.light, jobs_dir, roles),
        JobKind.TRANSFORM: TransformContainer(warmup.training, jobs_dir, roles, clients.client),
    }
    jobs = Jobs(containers, arn_prefix=place.sagemaker_arn_prefix)
    # Its training jobs are jobs, too.
    containers[JobKind.TUNING] = TuningContainer(jobs, clients.client)
    return jobs


def _stop_executions(clients: Clients) -> None:
    step_functions = clients.client("stepfunctions")
    machines = step_functions.get_paginator("list_state_machines").paginate()
    for machine in [item for page in machines for item in page["stateMachines"]]:
        if machine["type"] == "EXPRESS":
            continue
        pages = step_functions.get_paginator("list_executions").paginate(
            stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING"
        )
        for execution in [item for page in pages for item in page["executions"]]:
            # It may end by itself meanwhile.
            with suppress(ClientError):
                step_functions.stop_execution(executionArn=execution["executionArn"])
