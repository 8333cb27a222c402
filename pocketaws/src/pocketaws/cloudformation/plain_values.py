"""A template's values as CloudFormation has them: what YAML takes for a date is a text there."""

import datetime
from typing import Any


def without_dates(value: Any) -> Any:
    """Return a template in which an unquoted `Version: 2012-10-17` is a text."""
    if isinstance(value, dict):
        return {str(without_dates(key)): without_dates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_dates(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value
