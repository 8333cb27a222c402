"""What the emulator holds of a deployed function, and how a call of it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pocketaws.lambda_ import node_process
from pocketaws.lambda_.function_log import TEXT, LogEvent, Logging

_PYTHON_RUNTIME: Final = "python3."


@dataclass(frozen=True)
class Function:
    """What the emulator holds of a deployed function.

    Attributes:
        timeout_seconds: after which the call is ended.
        memory_mb: told to the handler; not enforced.
        code: the deployed bundle, a zip.
        environment: what the template gives it.
        role_arn: of the role in whose name it calls, and its log is written.
        log_group_name: where its log is written.
        layers: zips whose files stand in /opt, each over those before it.
        logging: the form of its log, and what of it is left out.
    """

    name: str
    arn: str
    version: str
    handler: str
    runtime: str
    timeout_seconds: int
    memory_mb: int
    region: str
    code: bytes
    code_sha256: str
    environment: Mapping[str, str]
    role_arn: str
    log_group_name: str
    layers: tuple[bytes, ...] = ()
    logging: Logging = TEXT

    @property
    def runs_python(self) -> bool:
        """Whether the handler is Python's."""
        return self.runtime.startswith(_PYTHON_RUNTIME)


def runtime_problem(runtime: str) -> str | None:
    """Return why functions of a runtime do not run on this machine; None if they do."""
    if runtime.startswith(_PYTHON_RUNTIME):
        return None
    if runtime.startswith(node_process.RUNTIME):
        lacking = "the local runtime runs Node.js handlers by `node`, which this machine has not"
        return lacking if node_process.node_path() is None else None
    return (
        f"the local runtime runs handlers in Python and Node.js, not those of {runtime or 'images'}"
    )


@dataclass(frozen=True)
class Invocation:
    """How a call went.

    Attributes:
        payload: the handler's answer in JSON, or its error.
        failed: whether it is an error's.
        log: what there is to write down of it, oldest first.
        log_stream_name: where.
    """

    payload: str
    failed: bool
    log: tuple[LogEvent, ...] = ()
    log_stream_name: str = ""
