"""What compares a window is given: a function its settings, a job its inputs and arguments."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from folders import Folders
from listing import Size
from window import Window

_INPUT: Final = "/opt/ml/processing/input"
_OUTPUT: Final = "/opt/ml/processing/output/report"
_MESSAGE: Final = "/opt/ml/output/message"
# A model's name is its execution's base name, a hyphen and eight characters of its own.
_OWN_CHARACTERS: Final = 9
# Of 63, which a stamp, a hyphen and eight characters of each attempt's own share.
_MAX_NAME: Final = 36


@dataclass(frozen=True)
class Config:
    """What the stack decides.

    Attributes:
        bucket_name: of captured data, ground truth and reports.
        workflow_bucket_name: of baselines and job scripts.
        max_function_bytes: of captured data; what is more is compared in a job.
        settings: `level`, `min_effect` and `min_rows` of jobs/window_report.py.
    """

    bucket_name: str
    endpoint_name: str
    workflow_bucket_name: str
    model_name: str
    job_scripts_uri: str
    max_function_bytes: int
    settings: Mapping[str, float]

    @property
    def baseline_key(self) -> str:
        """Where the evaluation of the served model left its baseline."""
        return f"evaluation/{self.model_name[:-_OWN_CHARACTERS]}/baseline.json"


@dataclass(frozen=True)
class Seen:
    """What there is of a window; the key is of the windows before, None where there is none."""

    folders: Folders
    size: Size
    history_key: str | None
    endpoint_calls: Mapping[str, Any]


def answer(window: Window, seen: Seen, *, config: Config) -> dict[str, Any]:
    """Return the function's answer; see `app.py`."""
    folders, size, history_key = seen.folders, seen.size, seen.history_key
    return {
        "how": "function" if size.is_small else "job",
        "captured_bytes": size.bytes,
        "captured_objects": size.objects,
        "window": window.texts,
        "reason": window.reason,
        "report_prefix": window.report_prefix,
        "endpoint_calls": dict(seen.endpoint_calls),
        "bucket_name": config.bucket_name,
        "capture_prefixes": list(folders.captures),
        "truth_prefixes": list(folders.truths),
        "baseline": {"bucket_name": config.workflow_bucket_name, "key": config.baseline_key},
        "history_key": history_key,
        "settings": {**config.settings, "title": config.endpoint_name},
        "job_name": f"{config.endpoint_name[:_MAX_NAME].rstrip('-')}-{window.stamp}",
        "inputs": _inputs(seen, config=config),
        "arguments": _arguments(window, seen, config=config),
        "report_uri": f"s3://{config.bucket_name}/{window.report_prefix}",
    }


def _inputs(seen: Seen, *, config: Config) -> list[dict[str, Any]]:
    own, history_key = f"s3://{config.bucket_name}/", seen.history_key
    uris = {
        "code": config.job_scripts_uri,
        "baseline": f"s3://{config.workflow_bucket_name}/{config.baseline_key}",
        **({"history": own + history_key} if history_key else {}),
        **{f"captures/{index}": own + one for index, one in enumerate(seen.folders.captures)},
        **{f"truth/{index}": own + one for index, one in enumerate(seen.folders.truths)},
    }
    return [_input(name, uri) for name, uri in uris.items()]


def _input(folder: str, uri: str) -> dict[str, Any]:
    # SageMaker puts an object under the last part of its key into the folder.
    return {
        "InputName": folder.replace("/", "-"),
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{_INPUT}/{folder}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }


def _arguments(window: Window, seen: Seen, *, config: Config) -> list[str]:
    flags = {
        "--baseline-path": f"{_INPUT}/baseline/baseline.json",
        "--captures-dir": f"{_INPUT}/captures",
        "--output-dir": _OUTPUT,
        "--from": window.texts["from"],
        "--until": window.texts["until"],
        "--title": config.endpoint_name,
        **{f"--{key.replace('_', '-')}": str(value) for key, value in config.settings.items()},
        **({"--truth-dir": f"{_INPUT}/truth"} if seen.folders.truths else {}),
        **({"--history-path": f"{_INPUT}/history/history.json"} if seen.history_key else {}),
        # Of 256 characters, which SageMaker gives an argument, it takes some 200.
        "--endpoint-calls": json.dumps(dict(seen.endpoint_calls), separators=(",", ":")),
        "--message-path": _MESSAGE,
    }
    return [text for pair in flags.items() for text in pair]
