"""What CloudWatch refuses of an alarm.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_SHORT_PERIODS: Final = (10, 20, 30)
_MINUTE: Final = 60
_ACTIONS: Final = ("AlarmActions", "InsufficientDataActions", "OKActions")
_ACTIONS_MAXIMUM: Final = 5
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "ComparisonOperator": (
        "GreaterThanOrEqualToThreshold",
        "GreaterThanThreshold",
        "LessThanThreshold",
        "LessThanOrEqualToThreshold",
        "LessThanLowerOrGreaterThanUpperThreshold",
        "LessThanLowerThreshold",
        "GreaterThanUpperThreshold",
    ),
    "Statistic": ("SampleCount", "Average", "Sum", "Minimum", "Maximum"),
    "TreatMissingData": ("breaching", "notBreaching", "ignore", "missing"),
}
# What belongs to one metric and not to a list of them.
_OF_ONE: Final = (
    "Dimensions",
    "ExtendedStatistic",
    "MetricName",
    "Namespace",
    "Period",
    "Statistic",
    "Unit",
)


def alarm_problems(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with an alarm.

    Args:
        request: of PutMetricAlarm; what was not given is missing, empty or None.
    """
    given = {name: value for name, value in request.items() if value not in (None, [], "")}
    for name, choices in _CHOICES.items():
        if name in given and given[name] not in choices:
            yield (
                f"Value {given[name]!r} at {name!r} failed to satisfy constraint: Member must "
                f"satisfy enum value set: [{', '.join(choices)}]"
            )
    if "Metrics" in given:
        for name in _OF_ONE:
            if name in given:
                yield f"Metrics and {name} cannot be given together"
    elif "MetricName" in given:
        yield from _metric_problems(given)
    elif "EvaluationCriteria" not in given:
        yield "Either MetricName, Metrics or EvaluationCriteria must be given"
    if int(given.get("DatapointsToAlarm", 0)) > int(given.get("EvaluationPeriods", 0)):
        yield (
            f"DatapointsToAlarm {given['DatapointsToAlarm']} is greater than EvaluationPeriods "
            f"{given.get('EvaluationPeriods')}"
        )
    yield from _action_problems(given)


def _metric_problems(given: Mapping[str, Any]) -> Iterator[str]:
    if ("Statistic" in given) == ("ExtendedStatistic" in given):
        yield "Exactly one of Statistic and ExtendedStatistic must be given with MetricName"
    is_static = "ThresholdMetricId" not in given
    for name in ("ComparisonOperator", "EvaluationPeriods", "Namespace", "Period"):
        if name not in given:
            yield f"{name} must be given with MetricName"
    if is_static and "Threshold" not in given:
        yield "Threshold must be given where it is static"
    period = int(given.get("Period", _MINUTE))
    if period not in _SHORT_PERIODS and period % _MINUTE:
        yield f"Period {period} is invalid: it must be 10, 20, 30 or a multiple of 60"


def _action_problems(given: Mapping[str, Any]) -> Iterator[str]:
    for name in _ACTIONS:
        actions = given.get(name, [])
        if len(actions) > _ACTIONS_MAXIMUM:
            yield f"{name} has {len(actions)} actions; at most {_ACTIONS_MAXIMUM} may be"
        for action in actions:
            if not str(action).startswith("arn:"):
                yield f"Invalid arn syntax: {action}"
