"""What rolls an update back: the alarms that its AutoRollbackConfiguration names.

On AWS an alarm looks at minutes, and the baking time is as long; here the time is a second, so an
alarm on 5XX errors is held against the errors of the new container at once.
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.sagemaker.endpoints.meter import Count

_ERRORS: Final = ("AWS/SageMaker", "Invocation5XXErrors")
_SUM: Final = "Sum"


def rollback_alarm_names(deployment_config: Mapping[str, Any]) -> list[str]:
    """Return the alarms that a DeploymentConfig names."""
    rollback = deployment_config.get("AutoRollbackConfiguration") or {}
    return [alarm["AlarmName"] for alarm in rollback.get("Alarms", [])]


@dataclass(frozen=True)
class Trip:
    """An alarm that rolls an update back.

    Attributes:
        by_errors: the calls of the new container set it off; else its state was ALARM already.
    """

    alarm_name: str
    by_errors: bool


def tripped(alarms: Sequence[Mapping[str, Any]], count: Count) -> Trip | None:
    """Return the first alarm that is on, or that the calls of the new container set off.

    Args:
        alarms: as DescribeAlarms tells them; those on other metrics are left to their state.
        count: of the container since it took the traffic.
    """
    for alarm in alarms:
        if alarm["StateValue"] == "ALARM":
            return Trip(alarm["AlarmName"], by_errors=False)
    for alarm in alarms:
        if _is_set_off(alarm, count):
            return Trip(alarm["AlarmName"], by_errors=True)
    return None


def _is_set_off(alarm: Mapping[str, Any], count: Count) -> bool:
    is_on_errors = (alarm.get("Namespace"), alarm.get("MetricName")) == _ERRORS
    if not is_on_errors or not count.server_errors:
        return False
    share = count.server_errors / count.invocations
    value = count.server_errors if alarm.get("Statistic") == _SUM else share
    return value > float(alarm["Threshold"])
