"""A template's values as CloudFormation has them: what YAML takes for a date is a text there."""

import datetime
from typing import Any, Final

_LOOP: Final = "Fn::ForEach::"


def without_dates(value: Any) -> Any:
    """Return a template in which an unquoted `Version: 2012-10-17` is a text."""
    if isinstance(value, dict):
        return {str(without_dates(key)): without_dates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_dates(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def loop_problem(value: Any) -> str | None:
    """Return why a template's loops are not done; None where it has none.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
    """
    if isinstance(value, list):
        return next(filter(None, map(loop_problem, value)), None)
    if not isinstance(value, dict):
        return None
    for key, item in value.items():
        if str(key).startswith(_LOOP):
            return (
                f"{key} of the transform AWS::LanguageExtensions is not done by the local runtime; "
                "write out what it repeats"
            )
        problem = loop_problem(item)
        if problem is not None:
            return problem
    return None
