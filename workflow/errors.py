"""Every error this package raises on purpose.

* `WorkflowError`
    * `InputDataError` - the data given to `run --data` cannot be used
    * `ExecutionInputError` - the text given to `run --input` is not a JSON object
    * `DeploymentError` - the template or a bundle cannot be deployed on this machine
    * `UnsupportedResourceError` - a state asks for what the local runtime does not run
    * `LocalStateError` - what was kept from an earlier local run cannot be understood
    * `LocalRuntimeError` - the local runtime itself could not start or go on

Each message says what was wrong, with which value, and what to do about it.
"""


class WorkflowError(Exception):
    """Base of all of them; the command line prints it without a traceback and exits with 1."""


class InputDataError(WorkflowError):
    """The input data of a local run cannot be used."""


class ExecutionInputError(WorkflowError):
    """The execution input given on the command line is not a JSON object."""


class DeploymentError(WorkflowError):
    """The template, or a bundle that it names, cannot be deployed locally."""


class UnsupportedResourceError(WorkflowError):
    """A state of the definition asks for something that the local runtime does not run."""

    def __init__(self, state_name: str, resource: str, supported: str) -> None:
        super().__init__(
            f"state {state_name!r} asks for {resource}, which the local runtime does not run; "
            f"it runs: {supported}"
        )


class LocalRuntimeError(WorkflowError):
    """The local runtime could not start, or one of its processes died."""


class LocalStateError(WorkflowError):
    """The state folder of earlier local runs cannot be used."""
