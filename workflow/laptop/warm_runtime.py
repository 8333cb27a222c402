"""One execution in a runtime that another command keeps up, as in one of its own."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from workflow.account.executions import arn_of
from workflow.errors import WorkflowError
from workflow.laptop import lineage
from workflow.laptop.input_data import InputObject, unchanged
from workflow.laptop.mailbox import Mailbox
from workflow.laptop.stack import REUSING, TEMPLATE_PATH, LocalWorkflow
from workflow.laptop.warm import Found

if TYPE_CHECKING:
    from pocketaws import AttachedRuntime, Display, Execution, Message, Stack

_INTERRUPTED: Final = "Interrupted"


@contextlib.contextmanager
def used(
    found: Found, screen: "Display", objects: Sequence[InputObject]
) -> "Iterator[LocalWorkflow[WarmRuntime]]":
    """Use a runtime for one execution, and leave it as it was, but for what the execution made.

    Args:
        found: from `find`.
        screen: where to tell of it.
        objects: the data, which stands in a folder of its own content.

    Raises:
        WorkflowError: the runtime ended meanwhile, or the stack cannot be brought up to date.
    """
    from botocore.exceptions import BotoCoreError

    screen.note(f"using the emulated AWS of {found.command}; --own would start one")
    try:
        with found.attached as attached, contextlib.closing(attached):
            stack = _up_to_date(found, screen)
            mailbox = Mailbox(stack.outputs["TopicArn"], attached.client).open()
            try:
                runtime = WarmRuntime(attached, mailbox)
                yield LocalWorkflow(
                    runtime,
                    stack,
                    screen,
                    found.exports_path,
                    folder_of(objects),
                )
            finally:
                with contextlib.suppress(BotoCoreError):
                    mailbox.close()
    except BotoCoreError as error:
        raise WorkflowError(
            f"{found.command} answers no more ({error}): it has ended, or hangs; run again, or "
            "with --own"
        ) from error


def _up_to_date(found: Found, screen: "Display") -> "Stack":
    """Return the stack, brought up to what stands in this folder."""
    from pocketaws import Warmup
    from workflow.template import read_template

    parameters = {"GitCommit": lineage.git_commit(), **REUSING}
    attached, name = found.attached, found.stack_name
    there = attached.stack(name)
    if there is not None:
        stack, given = there
        is_same = attached.is_built_of(name, TEMPLATE_PATH, read_template(TEMPLATE_PATH))
        if is_same and parameters.items() <= given.items():
            return stack
        screen.note(f"template, code or commit are others than those of stack {name}: updating it")
    else:
        screen.note(f"deploying stack {name} there")
    warmup = Warmup()
    try:
        build = warmup.build(TEMPLATE_PATH, attached.region)
        return attached.deploy(build, stack_name=name, parameters=parameters)
    finally:
        warmup.stop()


def folder_of(objects: Sequence[InputObject]) -> str:
    """Return a folder's name that is made of what the objects are called and hold.

    The same data is put where it was put before; no other data is.

    Raises:
        InputDataError: a file has changed since it was found.
    """
    digest = hashlib.sha256()
    for item in objects:
        with unchanged(item), item.path.open("rb") as file:
            digest.update(f"{item.name}\0{os.fstat(file.fileno()).st_size}\0".encode())
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"{digest.hexdigest()}/"


class WarmRuntime:
    """Another process's runtime, as `emulated.Emulated` has it, for one execution.

    Args:
        attached: the runtime.
        mailbox: gets what the workflow's topic publishes.
    """

    def __init__(self, attached: "AttachedRuntime", mailbox: Mailbox) -> None:
        self._attached = attached
        self._mailbox = mailbox
        self._name = ""
        self.region = attached.region
        self.endpoint_url = attached.endpoint_url
        self.exported = attached.exported
        self.client = attached.client

    def messages(self) -> "Sequence[Message]":
        """Return the messages about the execution; each names it on a line of its own."""
        line = f"Execution: {self._name}"
        return [
            message for message in self._mailbox.messages() if line in message.text.splitlines()
        ]

    def start_execution(
        self, state_machine_arn: str, execution_input: Any, *, name: str | None = None
    ) -> str:
        """Start the execution and return its ARN."""
        if name is not None:
            self._check_free(arn_of(name, state_machine_arn))
        arn = self._attached.start_execution(state_machine_arn, execution_input, name=name)
        self._name = arn.rpartition(":")[2]
        return arn

    def _check_free(self, execution_arn: str) -> None:
        """Refuse a name of another execution, which Step Functions may take for this one."""
        step_functions = self.client("stepfunctions")
        with contextlib.suppress(step_functions.exceptions.ExecutionDoesNotExist):
            step_functions.describe_execution(executionArn=execution_arn)
            raise WorkflowError(
                f"--name {execution_arn.rpartition(':')[2]}: there is an execution of that name "
                "already; give another name, or --own"
            )

    def wait(
        self, execution_arn: str, *, on_event: Callable[[Mapping[str, Any]], None] | None = None
    ) -> "Execution":
        """Wait until it has ended, telling each event once; whatever interrupts that stops it."""
        try:
            return self._attached.wait(execution_arn, on_event=on_event)
        except BaseException:
            self._stop(execution_arn)
            raise

    def _stop(self, execution_arn: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        # It may have ended, and so may the runtime.
        with contextlib.suppress(BotoCoreError, ClientError):
            self.client("stepfunctions").stop_execution(
                executionArn=execution_arn,
                error=_INTERRUPTED,
                cause="the command that started the execution was interrupted",
            )
