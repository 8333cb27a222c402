"""The workflow's stack, deployed to an emulated AWS on this machine, and executions of it."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from pocketaws import Display, Execution, Message, State, Warmup, signs_of_life
from workflow.errors import LocalStateError
from workflow.laptop import bucket as bucket_files
from workflow.laptop import cached_outputs, lineage, recorded_model
from workflow.laptop.approval import Approver, Registry
from workflow.laptop.emulated import Emulated
from workflow.laptop.input_data import InputObject
from workflow.laptop.local_texts import local_text, report_link, write_exports_of
from workflow.laptop.ran_jobs import RanJob, jobs_of
from workflow.laptop.watching import Watch, start_errors

if TYPE_CHECKING:
    from pocketaws import LocalRuntime, Stack

_NOBODY_ASKED: Final = "NobodyToAsk"
TEMPLATE_PATH: Final = Path(__file__).parents[2] / "template.yaml"
# Of a stack that a command deploys for its user: a job is answered with what an earlier one made.
REUSING: Final[Mapping[str, str]] = {"Cache": "true"}

Runtime_co = TypeVar("Runtime_co", bound=Emulated, covariant=True)


class EndedExecution(NamedTuple):
    """An execution that has ended, with what it left beside its files.

    Attributes:
        states: that it went through.
        events: of its history.
        jobs: that it ran.
        messages: that were published.
    """

    execution: Execution
    states: Sequence[State]
    events: Sequence[Mapping[str, Any]] = ()
    jobs: Sequence[RanJob] = ()
    messages: Sequence[Message] = ()


@dataclass(frozen=True)
class LocalWorkflow(Generic[Runtime_co]):
    """The emulated AWS, the workflow's stack in it, and where to tell of both.

    Attributes:
        exports_path: has what a shell has to export; None where nothing has been written yet.
        input_folder: takes the data of an execution apart from what others put; see
            `bucket.put_input_data`.
    """

    runtime: Runtime_co
    stack: "Stack"
    screen: Display
    exports_path: Path | None = None
    input_folder: str = ""

    @property
    def bucket_name(self) -> str:
        """The stack's bucket."""
        return self.stack.outputs["BucketName"]

    def put_input_data(self, objects: Sequence[InputObject], *, folder: str = "") -> dict[str, Any]:
        """Put the user's data into the bucket; return the execution input that names it.

        Args:
            objects: the data.
            folder: in which it stands where nothing else keeps it apart.
        """
        uri = bucket_files.put_input_data(
            self.runtime, self.bucket_name, objects, folder=self.input_folder or folder
        )
        return {"input_data_uri": uri}

    def put_batch(self, rows: InputObject, *, folder: str) -> dict[str, Any]:
        """Put rows to be predicted for into the bucket; return the input that names them."""
        uri = bucket_files.put_input_data(self.runtime, self.bucket_name, [rows], folder=folder)
        return {"batch_data_uri": uri}

    def put_sample(self, path: Path) -> None:
        """Have the sample stand for what the stack reads by default."""
        uri = bucket_files.stand_in(
            self.runtime,
            self.stack.outputs["DefaultInputDataUri"],
            [InputObject(path.name, path)],
        )
        self.screen.note(f"simulated rows of {path.name} stand for {uri}")

    def put_back_recorded_model(self, state_dir: Path, *, fresh: bool) -> None:
        """Make the model that an earlier command recorded the one in production.

        Args:
            state_dir: that keeps it.
            fresh: leaves it out; no model is in production then.

        Raises:
            WorkflowError: the emulated AWS has a model of that name from elsewhere.
        """
        kept = None if fresh else recorded_model.recall(state_dir)
        if kept is not None and f".{self.runtime.region}." not in kept.model.image_uri:
            text = f"{kept.model.model_name}, which {state_dir} keeps, is of another region"
            self.screen.note(f"not in production here: {text}")
            kept = None
        found = self.recorded_model_name()
        if found and (kept is None or kept.model.model_name != found):
            parameter_name = self.stack.outputs["ModelParameterName"]
            self.runtime.client("ssm").delete_parameter(Name=parameter_name)
            found = ""
        if kept is None:
            return
        if not found:
            self._put_back(kept)
        self.screen.note(f"in production, from {state_dir}: {kept.model.model_name}")

    def _put_back(self, kept: recorded_model.KeptModel) -> None:
        role_name = self.stack.resources["ModelRole"]
        recorded_model.put_back(
            kept,
            bucket_name=self.bucket_name,
            role_arn=self.runtime.client("iam").get_role(RoleName=role_name)["Role"]["Arn"],
            parameter_name=self.stack.outputs["ModelParameterName"],
            clients=self.runtime.client,
        )

    def put_back_cached_outputs(self, state_dir: Path) -> None:
        """Make what earlier commands' jobs made there to be reused; say where it cannot be."""
        if self._cache_is_filled():
            return
        try:
            cached_outputs.put_back(state_dir, self._cache())
        except LocalStateError as error:
            self.screen.note(f"no outputs of earlier jobs are reused: {error}")

    def remember_cached_outputs(self, state_dir: Path) -> None:
        """Keep what the jobs made for the next command."""
        cached_outputs.remember(state_dir, self._cache())

    def _cache_is_filled(self) -> bool:
        """Tell whether executions before have left something, in a runtime that stays up."""
        found = self.runtime.client("dynamodb").scan(TableName=self._cache().table_name, Limit=1)
        return bool(found["Items"])

    def _cache(self) -> cached_outputs.Place:
        return cached_outputs.Place(
            self.stack.resources["CacheTable"], self.bucket_name, self.runtime.client
        )

    def remember_recorded_model(self, state_dir: Path) -> None:
        """Keep the recorded model for the next command."""
        recorded_model.remember(
            state_dir,
            bucket_name=self.bucket_name,
            parameter_name=self.stack.outputs["ModelParameterName"],
            clients=self.runtime.client,
        )

    def leave_out_reports_of_ends(self) -> None:
        """Have no function write the report of an execution's end, which the command writes."""
        rule_name = self.stack.resources["WriteReportFunctionExecutionEnded"]
        self.runtime.client("events").disable_rule(Name=rule_name)

    def recorded_version(self) -> int:
        """How often a model has been recorded; 0 where none was."""
        return int(self._parameter().get("Version", 0))

    def recorded_model_name(self) -> str:
        """The recorded model's name; empty where none was."""
        return str(self._parameter().get("Value", ""))

    def _parameter(self) -> Mapping[str, Any]:
        names = [self.stack.outputs["ModelParameterName"]]
        found = self.runtime.client("ssm").get_parameters(Names=names)["Parameters"]
        parameter: Mapping[str, Any] = found[0] if found else {}
        return parameter

    def run(
        self,
        name: str,
        execution_input: dict[str, Any],
        *,
        decision: str | None,
        state_dir: Path,
        waits: bool = False,
    ) -> EndedExecution:
        """Run one execution and show it.

        Args:
            name: of the execution.
            execution_input: of the execution.
            decision: answers it where it waits for a person; None asks in the terminal.
            state_dir: gets what a shell has to export to reach the emulated AWS, once it waits.
            waits: whether it waits for a person where there is no terminal; else it is stopped.

        Raises:
            WorkflowError: Step Functions refused to start it.
        """
        state_machine_arn = self.stack.outputs["StateMachineArn"]
        self.screen.note(f"execution {name} of {state_machine_arn}")
        registry = Registry(self.runtime.client)
        arn = ""

        def stop(reason: str) -> None:
            self.runtime.client("stepfunctions").stop_execution(
                executionArn=arn, error=_NOBODY_ASKED, cause=reason
            )

        def local(text: str) -> str:
            env_path = self.exports_path or write_exports_of(self.runtime, state_dir)
            report = report_link(self.runtime, self.bucket_name, name)
            told = local_text(text, report=report, endpoint_url=self.runtime.endpoint_url)
            return f"{told}\nBefore the command, in a shell of its own: source {env_path}"

        approver = Approver(
            registry, decision, self.screen, stop=None if waits else stop, local=local
        )
        watch = Watch(self.runtime, self.screen, approver)
        with start_errors():
            arn = self.runtime.start_execution(state_machine_arn, execution_input, name=name)
        execution = self.runtime.wait(arn, on_event=watch)
        if decision and not approver.asked:
            self.screen.note("nobody was asked: the answer was not needed")
        return EndedExecution(
            execution,
            watch.progress.states,
            watch.events,
            jobs_of(watch.events, logs=self.runtime.client("logs")),
            self.runtime.messages(),
        )


# One that this process emulates.
OwnWorkflow: TypeAlias = "LocalWorkflow[LocalRuntime]"


def import_emulator(screen: Display) -> None:
    """Import what takes longest, while the warmed processes import what the jobs need."""
    import pocketaws

    screen.note("starting an emulated AWS on this machine")
    with signs_of_life(screen.note, "still starting"):
        _ = pocketaws.LocalRuntime


@contextlib.contextmanager
def deployed(
    warmup: Warmup,
    screen: Display,
    *,
    stack_name: str,
    region: str,
    parameters: Mapping[str, str] | None = None,
    serving_ports: Mapping[str, int] | None = None,
    allowed_origins: Sequence[str] = (),
) -> Iterator[OwnWorkflow]:
    """Start the emulated AWS and deploy the template as it is.

    Args:
        warmup: started already.
        screen: where to tell of it.
        stack_name: of the workflow's stack.
        region: that is emulated.
        parameters: of the stack, beside the commit.
        serving_ports: at which endpoints answer, by their names.
        allowed_origins: of web pages that may call the emulated AWS.

    Raises:
        WorkflowError: the emulator cannot be set up, or the template not be deployed.
    """
    from pocketaws import LocalRuntime, additions_beside

    with contextlib.ExitStack() as exits:
        with signs_of_life(screen.note, "still starting"):
            runtime = exits.enter_context(
                LocalRuntime(
                    warmup,
                    region=region,
                    serving_ports=serving_ports,
                    allowed_origins=allowed_origins,
                    additions=additions_beside(TEMPLATE_PATH),
                )
            )
            stack = runtime.deploy(
                TEMPLATE_PATH,
                stack_name=stack_name,
                parameters={"GitCommit": lineage.git_commit(), **(parameters or {})},
            )
        for logical_id, resource_type in stack.not_created:
            screen.note(f"not created here: {logical_id} ({resource_type})")
        yield LocalWorkflow(runtime, stack, screen)
