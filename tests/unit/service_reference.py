"""AWS's Service Authorization Reference, which cfn-lint brings along."""

import importlib.util
import json
from pathlib import Path
from typing import Any


def reference() -> dict[str, Any]:
    """AWS's Service Authorization Reference, as cfn-lint holds it."""
    spec = importlib.util.find_spec("cfnlint.data.AdditionalSpecs")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    path = Path(next(iter(spec.submodule_search_locations)), "Policies.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def pattern(arn_format: str) -> str:
    values = {"Partition": "aws", "Region": "us-east-1", "Account": "123456789012"}
    for name, value in values.items():
        arn_format = arn_format.replace(f"${{{name}}}", value)
    return arn_format
