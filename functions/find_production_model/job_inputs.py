"""What the evaluation's processing job reads, and the command line of its script."""

import re
from collections.abc import Mapping
from typing import Any, Final

_ML: Final = "/opt/ml"
_INPUT: Final = f"{_ML}/processing/input"
_URI_FIELDS: Final = (
    *("CandidateArtifactUri", "TrainUri", "TestUri"),
    *("JobScriptsUri", "EvaluationUri"),
)
# Of a problem of two classes only: its rows choose the threshold.
_VALIDATION: Final = "ValidationUri"
_S3_URI: Final = re.compile(r"s3://[^/\s]+/[^\s]+")
_SAMPLE_SIZE: Final = 500


def check_uris(event: Mapping[str, Any]) -> None:
    """Raise ValueError, naming the field, unless all fields that there are hold S3 URIs."""
    more = (_VALIDATION,) if event.get(_VALIDATION) is not None else ()
    for field in (*_URI_FIELDS, *more):
        uri = event.get(field)
        if not isinstance(uri, str) or not _S3_URI.fullmatch(uri):
            raise ValueError(f"{field} must be the S3 URI of an object or a prefix, got {uri!r}")


def inputs(
    event: Mapping[str, Any],
    *,
    production_artifact_uri: str | None,
    production_answers_uri: str | None,
) -> list[dict[str, Any]]:
    """Return the ProcessingInputs of the job, the production model's only where there is one."""
    uris = {
        "code": event["JobScriptsUri"],
        "train": event["TrainUri"],
        "test": event["TestUri"],
        "validation": event.get(_VALIDATION),
        "candidate": event["CandidateArtifactUri"],
        "production": production_artifact_uri,
        "production-answers": production_answers_uri,
    }
    return [_input(name, uri) for name, uri in uris.items() if uri is not None]


def arguments(
    *, with_production: bool, with_answers: bool, with_validation: bool = False
) -> list[str]:
    """Return the arguments of jobs/evaluate.py."""
    flags = {
        "--train-dir": f"{_INPUT}/train",
        "--test-dir": f"{_INPUT}/test",
        **({"--validation-dir": f"{_INPUT}/validation"} if with_validation else {}),
        "--candidate-dir": f"{_INPUT}/candidate",
        **({"--production-dir": f"{_INPUT}/production"} if with_production else {}),
        **({"--production-answers-dir": f"{_INPUT}/production-answers"} if with_answers else {}),
        "--output-dir": f"{_ML}/processing/output/evaluation",
        "--sample-size": str(_SAMPLE_SIZE),
        "--message-path": f"{_ML}/output/message",
    }
    return [text for pair in flags.items() for text in pair]


def _input(name: str, uri: str) -> dict[str, Any]:
    # SageMaker puts an object under the last part of its key into the folder.
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{_INPUT}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }
