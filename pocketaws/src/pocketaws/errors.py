"""Every error that this package raises on purpose.

* `PocketawsError` - what a user of the package sees
    * `DeploymentError` - the template or a bundle cannot be deployed on this machine
    * `UnsupportedResourceError` - a state asks for what the runtime does not run
    * `LocalRuntimeError` - the runtime itself could not start or go on
    * `ArgumentError` - an argument of a command cannot be used

Two more are not seen outside; each becomes the answer of an emulated service:

* `ServiceError` - a request is refused, with AWS's error code
* `JobFailure` - a job that was accepted fails, with its FailureReason
"""


class ServiceError(Exception):
    """A request is refused; the caller sees `code` and the message, as from AWS."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class JobFailure(Exception):  # noqa: N818 - it is an outcome of the job, not an error of ours
    """The job ends as Failed; the text is its FailureReason."""


class PocketawsError(Exception):
    """Base of what users see: what was wrong, with which value, and what to do about it."""


class DeploymentError(PocketawsError):
    """The template, or a bundle that it names, cannot be deployed locally."""


class UnsupportedResourceError(PocketawsError):
    """A state of the definition asks for something that the runtime does not run."""


class LocalRuntimeError(PocketawsError):
    """The runtime could not start, or one of its processes died."""


class ArgumentError(PocketawsError):
    """An argument of a command cannot be used."""
