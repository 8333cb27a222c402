"""The keys of jobs: a digest of all that decides what a job makes.

A key is made of the very request that the job's state would send, so that whatever is added to the
definition is in it. Left out are what only this execution has: its names, tags and roles, and where
the outputs go. In place of an input's URI stands what lies there; an input that is another job's
output is named by that job's key, so that both keys are known before either job runs.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

# Raised when what makes a key changes its meaning.
_FORM: Final = 1
# Of CreateProcessingJob and CreateTrainingJob.
_OF_ONE_EXECUTION: Final = frozenset(
    ("ProcessingJobName", "TrainingJobName", "RoleArn", "ExperimentConfig", "Tags", "S3OutputPath")
)
_URI: Final = "S3Uri"
_OUTPUTS: Final = "ProcessingOutputConfig"

ContentDigest = Callable[[str], str]


class Keys(NamedTuple):
    """The keys of the two jobs, hexadecimal."""

    preprocessing: str
    training: str


def keys_of(
    preprocessing: Mapping[str, Any], training: Mapping[str, Any], *, digest: ContentDigest
) -> Keys:
    """Return the keys of two jobs of which the second reads the outputs of the first.

    Args:
        preprocessing: fields of CreateProcessingJob.
        training: fields of CreateTrainingJob.
        digest: of the content of a URI; see `contents.py`.
    """
    outputs = {uri: name for name, uri in outputs_of(preprocessing).items()}
    first = _key("preprocessing", preprocessing, digest)

    def of_input(uri: str) -> str:
        return f"{first} {outputs[uri]}" if uri in outputs else digest(uri)

    return Keys(first, _key("training", training, of_input))


def outputs_of(preprocessing: Mapping[str, Any]) -> dict[str, str]:
    """Return where the outputs of a processing job go: URIs by the outputs' names."""
    told = preprocessing.get(_OUTPUTS, {}).get("Outputs", [])
    return {item["OutputName"]: item["S3Output"][_URI] for item in told}


def input_uris(*requests: Mapping[str, Any]) -> list[str]:
    """Return the URIs that jobs read and that none of them writes, each once."""
    written = {uri for request in requests for uri in outputs_of(request).values()}
    found = (uri for request in requests for uri in _uris_in(_without_outputs(request)))
    return [uri for uri in dict.fromkeys(found) if uri not in written]


def _key(kind: str, request: Mapping[str, Any], digest: ContentDigest) -> str:
    named = {name: _named(value) for name, value in request.get(_OUTPUTS, {}).items()}
    decisive = {
        "form": _FORM,
        "kind": kind,
        "request": _decisive(_without_outputs(request), digest),
        "outputs": named,
    }
    text = json.dumps(decisive, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_outputs(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name != _OUTPUTS}


def _decisive(value: Any, digest: ContentDigest) -> Any:
    if isinstance(value, list):
        return [_decisive(item, digest) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: digest(item) if name == _URI else _decisive(item, digest)
        for name, item in value.items()
        if name not in _OF_ONE_EXECUTION
    }


def _named(value: Any) -> Any:
    """Return what says of outputs what they are, without where they go."""
    if isinstance(value, list):
        return [_named(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {name: _named(item) for name, item in value.items() if name != _URI}


def _uris_in(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _uris_in(item)
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name == _URI:
                yield item
            else:
                yield from _uris_in(item)
