"""Where an execution stands: one frame for it, and one below for each branch and each item."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pocketaws.step_functions.engine.activities import Activities
from pocketaws.step_functions.engine.history import History, Pointer
from pocketaws.step_functions.engine.interrupts import Interrupt
from pocketaws.step_functions.engine.tokens import Tokens

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Checkpoint:
    """Where a branch was last.

    Attributes:
        state_name: of the state that it had entered.
        input: of that state.
        variables: at that time.
        done: whether the branch has ended; `output` is what it gave.
    """

    state_name: str
    input: Any
    variables: Mapping[str, Any]
    done: bool = False
    output: Any = None


@dataclass(frozen=True)
class TaskCall:
    """The call that a task makes.

    Attributes:
        service: such as "lambda" or "aws-sdk:s3".
        action: such as "invoke".
        pattern: "", "sync", "sync:2" or "waitForTaskToken".
        parameters: evaluated.
        role_arn: in whose name.
        context: the context object.
    """

    service: str
    action: str
    pattern: str
    parameters: Any
    role_arn: str
    context: Mapping[str, Any]


class EngineServices(Protocol):
    """What an execution needs of the world outside."""

    region: str
    tokens: Tokens
    activities: Activities

    def expect(self, function: str) -> None:
        """Have a function made ready that may be called soon; do not wait for it.

        Args:
            function: its ARN or its name.
        """

    def call(self, call: TaskCall) -> Any:
        """Make a call and return what it answers; raise StateError where it fails."""

    def wait_for_job(self, call: TaskCall, answer: Any, ended: threading.Event) -> Any:
        """Wait for the end of the job that a call has started, and return what became of it.

        Args:
            call: that started it.
            answer: to the call.
            ended: set when nobody waits any more; the job is stopped then.

        Raises:
            StateError: the job failed.
        """

    def call_function(self, arn: str, payload: Any, role_arn: str) -> Any:
        """Call a function whose ARN is a task's resource; raise StateError where it fails."""

    def client(self, role_arn: str, service: str) -> Any:
        """Return a client of a service that calls in a role's name."""


@dataclass(slots=True)
class Run:
    """What all frames of one execution share.

    Attributes:
        execution: the context object's part about it.
        machine: the context object's part about the state machine.
        role_arn: in whose name tasks call.
        services: what is outside.
        interrupt: ends the execution.
        checkpoints: where each branch was last, by its key.
        map_runs: of its distributed Map states.
        mock: what a task does instead of its call, where a state is only tested.
    """

    execution: Mapping[str, Any]
    machine: Mapping[str, Any]
    role_arn: str
    services: EngineServices
    interrupt: Interrupt
    checkpoints: dict[Key, Checkpoint] = field(default_factory=dict)
    map_runs: list[Any] = field(default_factory=list)
    mock: Callable[[Any], Any] | None = None


@dataclass
class Frame:
    """Where one branch stands.

    Attributes:
        run: of the execution.
        history: that the branch writes to.
        pointer: where in it.
        interrupt: ends the branch.
        key: of the branch: names of states, and numbers of branches and items.
        variables: that it can see.
        item: the context object's `Map`, of an item.
        redriven: whether the states that had ended are not to be run again.
    """

    run: Run
    history: History
    pointer: Pointer
    interrupt: Interrupt
    key: Key = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    item: Mapping[str, Any] | None = None
    redriven: bool = False

    def below(self, *key: str | int, interrupt: Interrupt, item: Any = None) -> "Frame":
        """Return the frame of a branch that begins here."""
        return Frame(
            self.run,
            self.history,
            self.pointer.branched(),
            Interrupt(interrupt),
            key=(*self.key, *key),
            variables=self.variables,
            item=item or self.item,
            redriven=self.redriven,
        )

    def add(
        self, kind: str, details: Mapping[str, Any] | None = None, *, moves: bool = True
    ) -> int:
        """Write an event."""
        return self.history.add(self.pointer, kind, details, moves=moves)

    def forget(self, state_name: str) -> None:
        """Forget the branches of a state, which will be run anew."""
        prefix = (*self.key, state_name)
        for key in [key for key in self.run.checkpoints if key[: len(prefix)] == prefix]:
            del self.run.checkpoints[key]
