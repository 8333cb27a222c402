"""An alarm that went off, or is over, as EventBridge tells it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console import CONSOLE_HOSTS


@dataclass(frozen=True)
class Alarm:
    """An alarm by its ARN: what it watches, and CloudWatch's own reason, with the numbers.

    Attributes:
        state: ALARM or OK.
        previous_state: that before; INSUFFICIENT_DATA for an alarm that is new.
    """

    arn: str
    name: str
    description: str
    reason: str
    state: str = "ALARM"
    previous_state: str = ""

    @property
    def console_url(self) -> str | None:
        """The page of the alarm in the console; None where the console's host is not known."""
        # arn:PARTITION:cloudwatch:REGION:ACCOUNT:alarm:NAME
        _, partition, _, region, *_ = self.arn.split(":")
        host = CONSOLE_HOSTS.get(partition)
        if host is None:
            return None
        name = urllib.parse.quote(self.name, safe="")
        return f"https://{region}.{host}/cloudwatch/home?region={region}#alarmsV2:alarm/{name}"


def alarm_of(event: Mapping[str, Any]) -> Alarm:
    """Return the alarm of an event, or raise ValueError where it is about something else."""
    arns = event.get("resources")
    arn = arns[0] if isinstance(arns, list) and arns else None
    if not isinstance(arn, str) or ":alarm:" not in arn:
        raise ValueError(
            f"resources must hold the ARN of an alarm, got {arns!r}; the function takes "
            "EventBridge's CloudWatch Alarm State Change"
        )
    detail = _mapping(event, "detail")
    name = arn.partition(":alarm:")[2]
    return Alarm(
        arn=arn,
        name=name,
        description=str(_mapping(detail, "configuration").get("description") or name),
        reason=str(_mapping(detail, "state").get("reason") or "no reason was given"),
        state=str(_mapping(detail, "state").get("value") or "ALARM"),
        previous_state=str(_mapping(detail, "previousState").get("value") or ""),
    )


def _mapping(document: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = document.get(field)
    return value if isinstance(value, Mapping) else {}
