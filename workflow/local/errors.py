"""Errors inside the local runtime: each becomes the answer of an emulated service.

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
