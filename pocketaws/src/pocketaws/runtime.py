"""The local runtime as its users see it: start, deploy a stack, run executions, stop."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pocketaws import environment, service_models
from pocketaws.additions import Additions
from pocketaws.clients import Clients, default_session
from pocketaws.cloudformation.deploy import Stack, deploy
from pocketaws.cloudformation.moto.resource_types import creates
from pocketaws.cloudformation.moto.stack_resources import physical_ids
from pocketaws.errors import LocalRuntimeError, ServiceError
from pocketaws.events.clock import SchedulerClock
from pocketaws.events.schedules import fire
from pocketaws.gate.loopback import check_loopback
from pocketaws.gate.moto.plain_calls import PlainCalls
from pocketaws.gate.server import Fault, LocalServer
from pocketaws.iam import added_needs
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.iam.enforcement import Enforcement
from pocketaws.iam.moto.roles import Roles
from pocketaws.partitions import partition_of, region_problem
from pocketaws.processes.memory import give_memory_back
from pocketaws.processes.warmup import Warmup
from pocketaws.sagemaker import images
from pocketaws.sagemaker.jobs.jobs import Job
from pocketaws.services import RuntimePlace, Services
from pocketaws.sns.messages import Message
from pocketaws.step_functions.execution import Execution
from pocketaws.step_functions.following import follow, start
from pocketaws.step_functions.moto.kept import look_at
from pocketaws.step_functions.stack_definitions import check_definition
from pocketaws.wire.hosting import Hosting
from pocketaws.wire.in_process import InProcess
from pocketaws.wire.keys import new_administrator

ACCOUNT_ID: Final = "123456789012"
_LOOK_SECONDS: Final = 0.5
_UP: Final = threading.Lock()


class LocalRuntime:
    """A context in which the emulated AWS is up; one a process at a time.

    Args:
        warmup: already started, or None to start here.
        region: of the emulated account.
        serving_ports: at which SageMaker's endpoints answer on loopback, by their names; any
            other endpoint gets a free one.
        port: of the emulated services on loopback; 0 takes a free one.
        allowed_origins: of web pages that may call every service, such as
            "http://localhost:3000"; no other page may.
        additions: images and permissions of calls that the emulator does not know by itself.

    Attributes:
        partition: of the region, such as "aws-cn".
        faults: errors to answer calls with; append `Fault`s to practise failure.
        endpoint_url: of every emulated service.
        administrator: the key of who may do anything, of this runtime alone.
        enforcement: decides the calls of roles; set its `used` to keep what they ask for.
        exported: the environment in which another process reaches the emulated services.

    Raises:
        LocalRuntimeError: of a region that cannot be emulated.
    """

    def __init__(
        self,
        warmup: Warmup | None = None,
        *,
        region: str = "us-east-1",
        serving_ports: Mapping[str, int] | None = None,
        port: int = 0,
        allowed_origins: Sequence[str] = (),
        additions: Additions | None = None,
    ) -> None:
        problem = region_problem(region)
        if problem is not None:
            raise LocalRuntimeError(f"region {region!r}: {problem}")
        self.region = region
        self.partition = partition_of(region)
        self._port = port
        self._serving_ports = dict(serving_ports or {})
        self._allowed_origins = tuple(allowed_origins)
        self._additions = additions or Additions()
        self._warmup = warmup
        self._exits = ExitStack()
        self.faults: list[Fault] = []
        self.endpoint_url = ""
        self.exported: Mapping[str, str] = {}
        self.administrator = new_administrator()

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
        give_memory_back()
        exits.enter_context(images.added(self._additions.images))
        exits.enter_context(added_needs.added(self._additions.needs))
        self._warmup = warmup = self._warmup or Warmup()
        exits.callback(warmup.stop)
        key = self.administrator
        roles = Roles(ACCOUNT_ID, self.region, key)
        self.enforcement = Enforcement(roles)
        hosting = Hosting()
        exits.callback(hosting.end)
        bodies_dir = warmup.home_dir / "bodies"
        server = LocalServer(
            self.enforcement,
            roles,
            hosting,
            self._allowed_origins,
            port=self._port,
            bodies_dir=bodies_dir,
        )
        exits.callback(server.stop)
        check_loopback(server.port)
        self.faults = server.faults
        self.endpoint_url = server.endpoint_url
        variables = environment.client_environment(
            endpoint_url=server.endpoint_url,
            region=self.region,
            config_path=warmup.config_path,
            key=key,
        )
        self.exported = variables
        exits.enter_context(environment.emulated(variables, port=server.port))
        exits.enter_context(service_models.shared())
        session = exits.enter_context(default_session(self.region))
        in_process = InProcess(server.port, server.answer, bodies_dir)
        plain_calls = PlainCalls(roles, self.enforcement, self.faults, roles.bucket, self.region)
        self._clients = Clients(
            session,
            roles,
            self.enforcement,
            in_process,
            files=lambda client: plain_calls.attach_files(client, key.access_key_id),
        )
        exits.callback(self._clients.close)
        place = RuntimePlace(
            region=self.region,
            endpoint_url=server.endpoint_url,
            aws_environment=variables,
            sagemaker_arn_prefix=f"arn:{self.partition}:sagemaker:{self.region}:{ACCOUNT_ID}",
            serving_ports=self._serving_ports,
            key=key,
            hosting=hosting,
            keys=roles,
            enforcement=self.enforcement,
            in_process=in_process,
            plain_calls=plain_calls,
        )
        self._services = Services.made(warmup, self._clients, place)
        self._services.install(exits, warmup, self._clients, place)

    def assumed_by(self, service: str, session_name: str) -> AssumedRoles:
        """Return the roles that a service of AWS assumes, for whoever stands for that service.

        Args:
            service: such as "codepipeline.amazonaws.com".
            session_name: what it calls its sessions.
        """
        return self._clients.assumed_by(service, session_name)

    def client(self, service: str) -> Any:
        """Return a boto3 client of an emulated service; the same one each time."""
        return self._clients.client(service)

    def messages(self) -> list[Message]:
        """Return every message published to a topic so far, oldest first."""
        return list(self._services.outbox)

    @property
    def jobs(self) -> list[Job]:
        """Every SageMaker job so far, oldest first."""
        return self._services.jobs.all()

    def serving_url(self, endpoint_name: str) -> str:
        """Return where an endpoint's container answers /ping and /invocations, without signing.

        Raises:
            LocalRuntimeError: there is no endpoint of that name.
        """
        try:
            return self._services.endpoints.endpoints.get(endpoint_name).url
        except ServiceError as error:
            raise LocalRuntimeError(
                f"there is no endpoint {endpoint_name!r}; deploy a stack that creates it"
            ) from error

    def flush_endpoints(self) -> None:
        """Write captured data and metrics of every endpoint, which happens each second, now."""
        self._services.endpoints.recorder.flush()

    def deploy(
        self,
        template_path: Path,
        *,
        stack_name: str,
        parameters: Mapping[str, str] | None = None,
    ) -> Stack:
        """Deploy a SAM template as it is; see `pocketaws.cloudformation.deploy.deploy`."""
        assert self._warmup is not None, "the context has been entered"  # noqa: S101
        return deploy(
            self._warmup.build(template_path, self.region),
            stack_name=stack_name,
            parameters=parameters or {},
            cloudformation=self.client("cloudformation"),
            resources=partial(physical_ids, ACCOUNT_ID, self.region),
            s3=self.client("s3"),
            check_definition=check_definition,
            creates=creates,
        )

    def run_schedule(self, name: str, *, group_name: str = "default") -> Execution:
        """Fire a schedule of EventBridge Scheduler now, and wait for the end of what it starts.

        Args:
            name: of the schedule, whose target is a state machine.
            group_name: of its schedule group.

        Raises:
            LocalRuntimeError: there is no such schedule, it does not fire, or it started nothing.
        """
        arn = self.fire_schedule(name, group_name=group_name)
        if not arn:
            raise LocalRuntimeError(
                f"schedule {name!r} starts no execution to wait for; fire_schedule fires it"
            )
        return self.wait(arn)

    def fire_schedule(self, name: str, *, group_name: str = "default") -> str:
        """Fire a schedule of EventBridge Scheduler now.

        Returns:
            The ARN of the execution that was started; empty for a target that is no state machine.

        Raises:
            LocalRuntimeError: there is no such schedule, it does not fire, or its target refuses.
        """
        return fire(
            name, group_name=group_name, client=self.client, roles=self._services.as_scheduler
        )

    @contextmanager
    def scheduler_clock(self, every: Mapping[str, float] | None = None) -> Iterator[None]:
        """Have EventBridge Scheduler fire by the clock for the time of the context.

        Args:
            every: seconds between two times of a schedule, by its name, in place of what its
                expression says; nobody waits for an hour.
        """
        clock = SchedulerClock(self.client, self._services.as_scheduler, every)
        clock.start()
        try:
            yield
        finally:
            clock.stop()

    def start_execution(
        self, state_machine_arn: str, execution_input: Any, *, name: str | None = None
    ) -> str:
        """Start an execution and return its ARN."""
        stepfunctions = self.client("stepfunctions")
        return start(stepfunctions, state_machine_arn, execution_input, name=name)

    def wait(
        self, execution_arn: str, *, on_event: Callable[[Mapping[str, Any]], None] | None = None
    ) -> Execution:
        """Wait until an execution has ended, telling each event of its history once."""
        beats = self._services.pulse.count

        def pause() -> None:
            nonlocal beats
            self._services.pulse.wait_after(beats, timeout_seconds=_LOOK_SECONDS)
            beats = self._services.pulse.count

        look = look_at(execution_arn, self.client("stepfunctions"))
        return follow(look, on_event=on_event, pause=pause)

    def run(
        self, state_machine_arn: str, execution_input: Any, *, name: str | None = None
    ) -> Execution:
        """Start an execution and wait for its end."""
        return self.wait(self.start_execution(state_machine_arn, execution_input, name=name))


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
