"""The recorded models: the versions of the parameter `/STACK/model-name`, and what they tell.

A version's value is a model's name. Its description is compact JSON: as the workflow's function
`record_model_name` writes it (`model`, `execution`, `started`, `package`, metrics), or as `workflow
rollback` does (`rolled_back_to`, `rolled_back_from`, `rolled_back_at`, and the same without
`model` of the record that it goes back to). A version that somebody wrote by other means has a
description that names another model, or none; Parameter Store keeps the last 100 versions.

The function takes a version without `model` as written by hand: it counts as older than every
execution, and what stands before it no longer counts. So a rollback stays until an execution
records a model.
"""

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
_DESCRIPTION_MAXIMUM: Final = 1024
_MODEL: Final = "model"
_BACK_TO: Final = "rolled_back_to"
_BACK_FROM: Final = "rolled_back_from"
_BACK_AT: Final = "rolled_back_at"
_NOT_METRICS: Final = (_MODEL, _BACK_TO, _BACK_FROM, _BACK_AT, "execution", "started", "package")


@dataclass(frozen=True)
class Version:
    """One version of the parameter.

    Attributes:
        number: from 1; Parameter Store counts.
        written_at: with its time zone; None where it was not told.
        details: what its description says; empty where that is about no model, or another one.
    """

    number: int
    model_name: str
    written_at: datetime.datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def execution_arn(self) -> str | None:
        """The execution that made the model."""
        return _text(self.details.get("execution"))

    @property
    def package_arn(self) -> str | None:
        """The model's version in the model registry."""
        return _text(self.details.get("package"))

    @property
    def metrics(self) -> dict[str, float]:
        """What the model was judged by, by name."""
        return {
            name: value
            for name, value in self.details.items()
            if name not in _NOT_METRICS and _is_number(value)
        }

    @property
    def rolled_back_from(self) -> str | None:
        """The model in whose place this version put its own; None where it was no rollback."""
        return _text(self.details.get(_BACK_FROM))


def parameter_name(stack_name: str) -> str:
    """Return the name of the parameter that a stack of template.yaml records its models in."""
    return f"/{stack_name}/model-name"


def read_history(name: str, *, ssm: Any) -> list[Version]:
    """Return the parameter's versions, the oldest first; none where it does not exist."""
    pages = ssm.get_paginator("get_parameter_history").paginate(Name=name)
    try:
        items = [item for page in pages for item in page["Parameters"]]
    except ssm.exceptions.ParameterNotFound:
        return []
    return sorted(map(_version, items), key=lambda version: version.number)


def best_documented(versions: Sequence[Version], model_name: str) -> Version:
    """Return the newest version that holds a model, of those that say where it came from if any."""
    of_model = [version for version in versions if version.model_name == model_name]
    return max(of_model, key=lambda version: (bool(version.details), version.number))


def line_of_models(versions: Sequence[Version]) -> list[str]:
    """Return the models that led to the recorded one, which is the last.

    A version that returns to an earlier model takes what came after that one out of the line. So
    going back twice goes back two models, and not to what was taken back.
    """
    line: list[str] = []
    for version in versions:
        if version.model_name in line:
            del line[line.index(version.model_name) + 1 :]
        else:
            line.append(version.model_name)
    return line


def rollback_description(
    to: Version, *, from_model_name: str, rolled_back_at: datetime.datetime
) -> str:
    """Return the description of a version that goes back to a model.

    It keeps what is known of the model, as far as there is room, but not the key `model`: by that
    the workflow's function would know its own record, and put a newer one back.
    """
    details: dict[str, Any] = {
        _BACK_TO: to.model_name,
        _BACK_FROM: from_model_name,
        _BACK_AT: rolled_back_at.isoformat(timespec="seconds"),
    }
    for name, value in to.details.items():
        if name in details or name == _MODEL:
            continue
        longer = {**details, name: value}
        if len(_compact(longer)) <= _DESCRIPTION_MAXIMUM:
            details = longer
    return _compact(details)


def _version(item: Mapping[str, Any]) -> Version:
    model_name = str(item["Value"])
    details = _parsed(item.get("Description", ""))
    about = details.get(_MODEL, details.get(_BACK_TO))
    return Version(
        number=int(item["Version"]),
        model_name=model_name,
        written_at=item.get("LastModifiedDate"),
        details=details if about == model_name else {},
    )


def _parsed(description: str) -> dict[str, Any]:
    try:
        details = json.loads(description)
    except (ValueError, RecursionError):
        return {}
    return details if isinstance(details, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _compact(details: Mapping[str, Any]) -> str:
    return json.dumps(details, separators=(",", ":"))
