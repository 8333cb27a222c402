"""How `workflow status` tells what it found: as text for people, as JSON for scripts."""

import datetime
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Final

from workflow.account.endpoint import Endpoint
from workflow.account.release_state import Recorded, ReleaseState

_NAME_WIDTH: Final = 15
_LINE_WIDTH: Final = 100
Rows = Iterable[tuple[str, object]]


def as_text(state: ReleaseState, differences: Sequence[str]) -> str:
    """Return aligned lines, the differences last; what is long goes on under itself."""
    rows = rows_of(state)
    lines = [_wrapped(f"{name:<{_NAME_WIDTH}}{value}", indent=_NAME_WIDTH) for name, value in rows]
    if not differences:
        return "\n".join([*lines, "", "the endpoint serves the recorded model"])
    marked = (_wrapped(f"! {difference}", indent=2) for difference in differences)
    return "\n".join([*lines, "", *marked])


def rows_of(state: ReleaseState) -> list[tuple[str, object]]:
    """Return names and values; a name belongs to the one before it where it begins with spaces."""
    return [
        ("parameter", state.parameter_name),
        *_recorded_rows(state.recorded),
        ("", ""),
        *_endpoint_rows(state),
        ("", ""),
        *_alarm_rows(state),
    ]


def as_json(state: ReleaseState, differences: Sequence[str]) -> dict[str, Any]:
    """Return what docs/command-line.md lists; null where there is none."""
    return {
        "consistent": not differences,
        "differences": list(differences),
        "parameter_name": state.parameter_name,
        "recorded": _recorded_json(state.recorded),
        "endpoint_name": state.endpoint_name,
        "endpoint": _endpoint_json(state.endpoint),
        "stack": _stack_json(state),
        "alarms": [
            {"name": alarm.name, "state": alarm.state, "reason": alarm.reason}
            for alarm in state.alarms
        ],
    }


def metrics_text(metrics: dict[str, float]) -> str:
    """Return metrics on one line."""
    return ", ".join(f"{name} {value:.6g}" for name, value in metrics.items())


def time_text(time: datetime.datetime | None) -> str:
    """Return a time in UTC, to the minute."""
    return f"{time.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC" if time else "unknown time"


def _wrapped(line: str, *, indent: int) -> str:
    """Break a line between words only, so that names and URIs can be copied."""
    return textwrap.fill(
        line,
        _LINE_WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _recorded_rows(recorded: Recorded | None) -> Rows:
    if recorded is None:
        yield "recorded", "no model"
        return
    current, origin = recorded.current, recorded.origin
    yield "recorded", current.model_name
    yield "  version", f"{current.number}, written {time_text(current.written_at)}"
    if current.rolled_back_from:
        yield "  rolled back", f"from {current.rolled_back_from}"
    elif not current.details:
        yield "  written", "by hand, or by another program"
    yield "  metrics", metrics_text(origin.metrics) or "unknown"
    yield "  execution", origin.execution_arn or "unknown"
    package = recorded.package
    yield "  package", f"{package.approval} ({package.arn})" if package else "unknown"


def _endpoint_rows(state: ReleaseState) -> Rows:
    endpoint = state.endpoint
    if endpoint is None:
        yield "endpoint", f"{state.endpoint_name}: does not exist"
        return
    yield "endpoint", f"{endpoint.name}: {endpoint.status}"
    reason = " ".join((endpoint.failure_reason or "").split())
    if reason and not (state.stack and reason in (state.stack.failure or "")):
        yield "  reason", reason
    for name, deployment in (("  serves", endpoint.serving), ("  changes to", endpoint.pending)):
        if deployment is not None:
            models = ", ".join(deployment.model_names or ["an unknown model"])
            yield name, f"{models} (endpoint config {deployment.config_name})"
    for variant in endpoint.hosting:
        yield "  hosting", variant
    yield "  captured", _capture_text(endpoint)
    if state.stack is None:
        yield "  stack", "none is known"
        return
    stack = state.stack
    yield "  stack", f"{stack.name}: {stack.status}, deployed {time_text(stack.deployed_at)}"
    if stack.failure:
        yield "  failed", stack.failure
    if stack.smoke_test:
        yield "  smoke test", f"{stack.smoke_test.status}, {time_text(stack.smoke_test.at)}"


def _alarm_rows(state: ReleaseState) -> Rows:
    if not state.alarms:
        yield "alarms", "none is known"
    for index, alarm in enumerate(state.alarms):
        about = f"  {alarm.description}" if alarm.description else ""
        yield "alarms" if not index else "", f"{alarm.state:<19}{alarm.name}{about}"


def _capture_text(endpoint: Endpoint) -> str:
    capture = endpoint.capture
    if capture is None or not capture.is_on:
        return "nothing"
    return f"{capture.sampling_percentage} % of the calls, to {capture.destination_uri}"


def _recorded_json(recorded: Recorded | None) -> dict[str, Any] | None:
    if recorded is None:
        return None
    package = recorded.package
    return {
        "model_name": recorded.current.model_name,
        "model_exists": recorded.model_exists,
        "version": recorded.current.number,
        "written_at": _iso(recorded.current.written_at),
        "rolled_back_from": recorded.current.rolled_back_from,
        "metrics": recorded.origin.metrics,
        "execution_arn": recorded.origin.execution_arn,
        "package_arn": recorded.origin.package_arn,
        "package_approval": package.approval if package else None,
    }


def _endpoint_json(endpoint: Endpoint | None) -> dict[str, Any] | None:
    if endpoint is None:
        return None
    capture, pending = endpoint.capture, endpoint.pending
    return {
        "arn": endpoint.arn,
        "status": endpoint.status,
        "failure_reason": endpoint.failure_reason,
        "config_name": endpoint.serving.config_name,
        "model_names": endpoint.serving.model_names,
        "pending_config_name": pending.config_name if pending else None,
        "pending_model_names": pending.model_names if pending else None,
        "hosting": list(endpoint.hosting),
        "captured_percent": capture.sampling_percentage if capture and capture.is_on else 0,
        "capture_uri": capture.destination_uri if capture else None,
    }


def _stack_json(state: ReleaseState) -> dict[str, Any] | None:
    stack = state.stack
    if stack is None:
        return None
    return {
        "name": stack.name,
        "status": stack.status,
        "deployed_at": _iso(stack.deployed_at),
        "failure": stack.failure,
        "smoke_test": stack.smoke_test.status if stack.smoke_test else None,
    }


def _iso(time: datetime.datetime | None) -> str | None:
    return time.isoformat() if time else None
