"""The emulated AWS kept up on this machine, with the endpoint of the recorded model.

Both stacks are deployed, an execution trains, and the endpoint serves. What happens afterwards is
what happens on AWS: executions that anybody starts record models, and each recorded model is
deployed (here by this command, there by the pipeline), and by the clock the endpoint's monitor
compares its calls.
"""

import contextlib
import datetime
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws import Display, Warmup, isolated, lines, taken_back
from workflow.account.causes import plain_cause
from workflow.errors import LocalStateError, WorkflowError
from workflow.laptop import checks, held, input_data, recorded_model
from workflow.laptop import region as regions
from workflow.laptop.endpoint import ENDPOINT_TEMPLATE_PATH, LocalEndpoint
from workflow.laptop.execution_input import parse_execution_input
from workflow.laptop.local_texts import ENV_NAME, served_text
from workflow.laptop.stack import REUSING, TEMPLATE_PATH, OwnWorkflow, deployed, import_emulator
from workflow.project import project
from workflow.report.given import fields_given

_LOOK_SECONDS: Final = 0.5
_INTERRUPTS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class ServeRequest:
    """The command's arguments, as they were given; see `workflow serve --help`.

    Attributes:
        port: of the endpoint's /ping and /invocations; 0 takes a free one.
        allowed_origins: of web pages that may call the emulated AWS.
        region: that is emulated; None is project.toml's.
        trains: whether an execution trains first; else the kept model is served.
        every_seconds: how long a window of the monitor is; None is the stack's own hour.
        retrains_on_drift: the monitor's alarm starts an execution.
        console_port: of the console's pages; 0 takes a free one.
    """

    data: str | None
    execution_input: str
    port: int
    state_dir: Path
    fresh: bool
    allowed_origins: Sequence[str]
    region: str | None = None
    trains: bool = True
    every_seconds: int | None = None
    retrains_on_drift: bool = False
    console_port: int = 0


def serve(request: ServeRequest) -> None:
    """Serve until interrupted, by SIGINT or SIGTERM.

    Raises:
        KeyboardInterrupt: by then it did not serve yet.
        WorkflowError: the arguments cannot be used, nothing was recorded, or the first deployment
            of the endpoint failed.
    """
    execution_input = parse_execution_input(request.execution_input)
    checks.check_tuning(fields_given(execution_input))
    region = regions.checked(request.region, TEMPLATE_PATH, ENDPOINT_TEMPLATE_PATH)
    state_dir = regions.state_dir_in(request.state_dir, region)
    if not request.trains:
        _check_recorded(request, state_dir)
    _check_port("--port", request.port)
    _check_port("--console-port", request.console_port)
    with contextlib.ExitStack() as exits:
        exits.enter_context(_interruptible())
        warmup = Warmup()
        exits.callback(warmup.stop)
        for template_path in (TEMPLATE_PATH, ENDPOINT_TEMPLATE_PATH):
            warmup.build(template_path, region)
        wait_for_checks = exits.enter_context(checks.asked(execution_input))
        source = request.data or str(project().sample_path)
        objects = exits.enter_context(input_data.open_objects(source, beside=warmup.home_dir))
        exits.enter_context(isolated())
        screen = lines()
        leave = exits.enter_context(
            held.state_folder(state_dir, held.SERVE, screen.note, stays=True)
        )
        exits.enter_context(taken_back(state_dir / ENV_NAME))
        import_emulator(screen)
        wait_for_checks()
        workflow = exits.enter_context(_deployed(request, region, warmup, screen))
        workflow.put_back_recorded_model(state_dir, fresh=request.fresh)
        data_input: dict[str, Any] = {}
        if request.data is None:
            workflow.put_sample(objects[0].path)
        else:
            data_input = workflow.put_input_data(objects)
            execution_input |= data_input
        console_url = exits.enter_context(_console(workflow, data_input, request.console_port))
        messages = _Messages(workflow, console_url)
        if request.trains:
            _train(workflow, execution_input, state_dir, messages)
        endpoint = LocalEndpoint(workflow, retrains_on_drift=request.retrains_on_drift)
        _serve(endpoint, state_dir, messages, every_seconds=request.every_seconds)
        leave()


def _check_recorded(request: ServeRequest, state_dir: Path) -> None:
    if request.fresh or request.data is not None or request.execution_input != "{}":
        raise WorkflowError("--no-train: starts none that would need --fresh, --data or --input")
    if recorded_model.recall(state_dir) is None:
        raise WorkflowError(
            f"--no-train: {state_dir} keeps no model; train one with `workflow run`, or "
            "leave --no-train out"
        )


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Have both signals that ask for an end raise KeyboardInterrupt.

    A shell without job control has what runs in its background ignore SIGINT, which Python leaves
    as it is: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_11
    """
    before = {number: signal.signal(number, signal.default_int_handler) for number in _INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_port(option: str, port: int) -> None:
    """Look whether the port can be had, before a minute's work ends in vain."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise WorkflowError(
            f"{option} {port}: cannot be had ({error}); name another one, or 0 for any"
        ) from error


def _deployed(
    request: ServeRequest, region: str, warmup: Warmup, screen: Display
) -> contextlib.AbstractContextManager[OwnWorkflow]:
    return deployed(
        warmup,
        screen,
        # What the other commands look for unless they are told otherwise.
        stack_name=project().stack_name,
        region=region,
        parameters=REUSING,
        serving_ports={project().endpoint_name: request.port},
        allowed_origins=request.allowed_origins,
    )


@contextlib.contextmanager
def _console(workflow: OwnWorkflow, first_input: Mapping[str, Any], port: int) -> Iterator[str]:
    """Have the console up before the first execution, which can be watched in it then.

    Yields:
        Its URL, without what lets its user in and without a slash at the end.
    """
    from workflow.console.serving import console
    from workflow.console.watched import Watched

    def shown(text: str, console_url: str) -> str:
        return served_text(
            text, console_url=console_url, endpoint_url=workflow.runtime.endpoint_url
        )

    watched = Watched(
        clients=workflow.runtime.client,
        state_machine_arn=workflow.stack.outputs["StateMachineArn"],
        parameter_name=workflow.stack.outputs["ModelParameterName"],
        endpoint_name=project().endpoint_name,
        messages=workflow.runtime.messages,
        first_input=first_input,
        shown=shown,
    )
    with console(watched, port=port) as url:
        workflow.screen.note(f"console: {url}")
        yield url.partition("/?")[0]


def _train(
    workflow: OwnWorkflow, execution_input: dict[str, Any], state_dir: Path, messages: "_Messages"
) -> None:
    """Run the first execution."""
    name = f"local-{datetime.datetime.now().astimezone():%Y%m%dT%H%M%S}"
    execution = workflow.run(
        name, execution_input, decision=None, state_dir=state_dir, waits=True
    ).execution
    if not messages.tell() and execution.status != "SUCCEEDED":
        workflow.screen.note(f"{execution.error}: {plain_cause(execution.cause)}")
    if workflow.recorded_version() == 0:
        raise WorkflowError("no model has been recorded, so there is nothing to serve; see above")


def _serve(
    endpoint: LocalEndpoint,
    state_dir: Path,
    messages: "_Messages",
    *,
    every_seconds: int | None,
) -> None:
    workflow = messages.workflow
    endpoint.deploy()
    _remember(workflow, state_dir)
    every = endpoint.monitor_every(every_seconds) if every_seconds else {}
    endpoint.say_how_to_reach(state_dir)
    with workflow.runtime.scheduler_clock(every), contextlib.suppress(KeyboardInterrupt):
        while True:
            messages.tell()
            if endpoint.follow():
                _remember(workflow, state_dir)
            endpoint.tell_loss()
            time.sleep(_LOOK_SECONDS)
    workflow.screen.note("stopping")


def _remember(workflow: OwnWorkflow, state_dir: Path) -> None:
    """Keep the recorded model; where it cannot be kept, say so and serve on."""
    try:
        workflow.remember_recorded_model(state_dir)
    except LocalStateError as error:
        workflow.screen.note(f"error: {error}")


@dataclass
class _Messages:
    """Shows what was published, each message once.

    Attributes:
        console_url: whose pages the messages lead to.
        told: how many have been shown.
    """

    workflow: OwnWorkflow
    console_url: str
    told: int = 0

    def tell(self) -> int:
        """Show those that are new; return how many have been shown in all."""
        runtime, note = self.workflow.runtime, self.workflow.screen.note
        messages = runtime.messages()
        for message in messages[self.told :]:
            note(f"message: {message.subject}")
            text = served_text(
                message.text, console_url=self.console_url, endpoint_url=runtime.endpoint_url
            )
            for line in text.splitlines():
                note(f"  {line}")
        self.told = len(messages)
        return self.told
