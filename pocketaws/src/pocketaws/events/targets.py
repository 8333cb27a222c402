"""What EventBridge Scheduler can call here: state machines, functions, queues and topics.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
"""

from collections.abc import Callable
from typing import Any, Final

KNOWN: Final = ("states", "lambda", "sqs", "sns")

# Returns a client of a service, in the name of the schedule's role.
ClientOf = Callable[[str], Any]


def service_of(target_arn: str) -> str:
    """Return the service of a target, such as "states"."""
    return target_arn.split(":")[2]


def deliver(target_arn: str, text: str, *, client_of: ClientOf, queue_url: str = "") -> str:
    """Call a target once.

    Args:
        target_arn: of one of the `KNOWN` services.
        text: the input.
        client_of: returns clients by their names.
        queue_url: where the target is a queue.

    Returns:
        The ARN of the execution that was started; empty for another target.

    Raises:
        botocore.exceptions.ClientError: the service refused.
    """
    service = service_of(target_arn)
    if service == "states":
        started = client_of("stepfunctions").start_execution(stateMachineArn=target_arn, input=text)
        return str(started["executionArn"])
    if service == "lambda":
        client_of("lambda").invoke(
            FunctionName=target_arn, InvocationType="Event", Payload=text.encode()
        )
    elif service == "sqs":
        client_of("sqs").send_message(QueueUrl=queue_url, MessageBody=text)
    else:
        client_of("sns").publish(TopicArn=target_arn, Message=text)
    return ""
