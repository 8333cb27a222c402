"""Why something failed, in plain words."""

import json
from typing import Final

# What SageMaker says of a processing job that failed, where the job itself says why.
_SAYS_NOTHING: Final = "AlgorithmError: See job logs"
_KINDS: Final = ("Processing", "Training", "HyperParameterTuning", "Transform")


def plain_cause(cause: str | None) -> str | None:
    """Return the words of a cause that Step Functions gives as the JSON of a job or an error."""
    try:
        described = json.loads(cause or "")
    except ValueError:
        return cause
    if not isinstance(described, dict):
        return cause
    keys = ("errorMessage", "FailureReason", "ExitMessage")
    items = [str(described[key]) for key in keys if described.get(key)]
    if described.get("ExitMessage"):
        # The job's own reason; SageMaker's then says that there is one.
        items = [text for text in items if not text.startswith(_SAYS_NOTHING)]
    if "Stopped" in (described.get(f"{kind}JobStatus") for kind in _KINDS):
        items.append(f"the job was stopped ({described.get('SecondaryStatus', 'on request')})")
    return "; ".join(items) or cause
