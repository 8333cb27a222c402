"""The messages about one execution, among those of all that share an account."""

from pocketaws.runtime import LocalRuntime
from pocketaws.sns.messages import Message


def told_of(runtime: LocalRuntime, execution_arn: str) -> list[Message]:
    """Return the messages about an execution, the oldest first.

    One of another's may name it too, since its model may be the one in production.
    """
    own_line = f"Execution: {execution_arn.rpartition(':')[2]}"
    return [one for one in runtime.messages() if own_line in one.text.splitlines()]
