"""An earlier recorded model made the recorded one again: what is written, and whether it can be.

Only the parameter is written. The endpoint belongs to its own stack, which reads the parameter at
its next deployment.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from workflow.account import aws
from workflow.account.model_history import (
    Version,
    best_documented,
    line_of_models,
    rollback_description,
)
from workflow.account.status_report import metrics_text, time_text
from workflow.errors import WorkflowError


@dataclass(frozen=True)
class RollbackPlan:
    """What a rollback writes: `to` in place of `current`, which is the newest version now."""

    parameter_name: str
    current: Version
    to: Version
    description: str


def plan_rollback(
    versions: Sequence[Version], *, name: str, to: str | None, now: datetime.datetime
) -> RollbackPlan:
    """Return what to write.

    Args:
        versions: the parameter's, the oldest first.
        name: the parameter's.
        to: a model's name; None for the one before the recorded one.
        now: when the rollback is made.

    Raises:
        WorkflowError: there is no such model in the history.
    """
    if not versions:
        raise WorkflowError(
            f"{name} does not exist, so no model was ever recorded; name the workflow's stack "
            "with --stack-name"
        )
    current = versions[-1]
    target_name = _target_name(versions, name=name, to=to)
    target = best_documented(versions, target_name)
    description = rollback_description(
        target, from_model_name=current.model_name, rolled_back_at=now
    )
    return RollbackPlan(name, current, target, description)


def check_model(model_name: str, *, sagemaker: Any, s3: Any) -> None:
    """Make sure that an endpoint could still serve a model.

    Raises:
        WorkflowError: the model, or its artifact, was deleted.
    """
    described = aws.call_or_none(sagemaker.describe_model, ModelName=model_name)
    if described is None:
        raise WorkflowError(
            f"the model {model_name} was deleted from SageMaker; name another one with --to"
        )
    uri = _artifact_uri(described)
    if uri is not None and not _object_exists(uri, s3=s3):
        raise WorkflowError(
            f"the artifact {uri} of the model {model_name} was deleted; name another model with "
            "--to, or restore the object"
        )


def plan_text(plan: RollbackPlan) -> str:
    """Return the plan as aligned lines."""
    rows = {
        "parameter": plan.parameter_name,
        "recorded": f"{plan.current.model_name} (version {plan.current.number})",
        "back to": f"{plan.to.model_name} (of version {plan.to.number}, "
        f"written {time_text(plan.to.written_at)})",
        "metrics": metrics_text(plan.to.metrics) or "unknown",
        "execution": plan.to.execution_arn or "unknown",
    }
    return "\n".join(f"{name:<12}{value}" for name, value in rows.items())


def write(plan: RollbackPlan, *, ssm: Any) -> int:
    """Write the parameter and return the number of the new version.

    Raises:
        WorkflowError: an execution wrote it in between, so it is not what the plan was about.
    """
    # Parameter Store has no conditional write, so one that came before this is only seen after it.
    number = int(
        ssm.put_parameter(
            Name=plan.parameter_name,
            Value=plan.to.model_name,
            Description=plan.description,
            Type="String",
            Overwrite=True,
        )["Version"]
    )
    if number != plan.current.number + 1:
        raise WorkflowError(
            f"{plan.parameter_name} holds {plan.to.model_name} (version {number}), but it was "
            f"written by somebody else after version {plan.current.number} was read; look at "
            "`workflow status`, and at the executions that ended just now"
        )
    return number


def _target_name(versions: Sequence[Version], *, name: str, to: str | None) -> str:
    current_name = versions[-1].model_name
    line = line_of_models(versions)
    if to is None and len(line) > 1:
        return line[-2]
    if to is None:
        raise WorkflowError(
            f"{name} holds {current_name}, and no model was recorded before it; there is nothing "
            f"to go back to{_choices(versions)}"
        )
    if to == current_name:
        raise WorkflowError(f"--to {to}: is the recorded model already; nothing is to be done")
    if all(version.model_name != to for version in versions):
        raise WorkflowError(f"--to {to}: was never recorded in {name}{_choices(versions)}")
    return to


def _choices(versions: Sequence[Version]) -> str:
    """Return the models that can be named, the newest first, as the end of a sentence."""
    names = dict.fromkeys(version.model_name for version in reversed(versions))
    others = [name for name in names if name != versions[-1].model_name]
    return f"; --to takes: {', '.join(others)}" if others else ""


def _artifact_uri(described: Mapping[str, Any]) -> str | None:
    """Return the S3 URI of the object that a model is loaded from; None where it is no object."""
    container = described.get("PrimaryContainer", {})
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    if source.get("S3DataType") == "S3Prefix":
        return None
    uri = container.get("ModelDataUrl") or source.get("S3Uri")
    return uri if isinstance(uri, str) and uri.startswith("s3://") else None


def _object_exists(uri: str, *, s3: Any) -> bool:
    from botocore.exceptions import ClientError

    parts = urlsplit(uri)
    try:
        s3.head_object(Bucket=parts.netloc, Key=parts.path.removeprefix("/"))
    except ClientError as error:
        # A HEAD has no body, so the code is the status.
        if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NoSuchBucket"}:
            return False
        raise
    return True
