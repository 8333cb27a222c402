"""The console, put up on a port of loopback."""

import contextlib
from collections.abc import Iterator

from pocketaws import local_site
from workflow.console.access import ConsoleAccess
from workflow.console.application import MAX_BODY_BYTES, application
from workflow.console.watched import Watched
from workflow.errors import WorkflowError


@contextlib.contextmanager
def console(watched: Watched, *, port: int = 0) -> Iterator[str]:
    """Serve the console for the time of the context; yield the URL that lets its user in.

    Args:
        watched: the workflow.
        port: 0 for any that is free.

    Raises:
        WorkflowError: the port cannot be had.
    """
    access = ConsoleAccess()
    with contextlib.ExitStack() as exits:
        try:
            site = local_site(
                application(watched, access), port=port, max_body_bytes=MAX_BODY_BYTES
            )
            number = exits.enter_context(site)
        except OSError as error:
            raise WorkflowError(
                f"--console-port {port}: cannot be had ({error}); name another one, or 0 for any"
            ) from error
        yield f"http://localhost:{number}/?token={access.link}"
