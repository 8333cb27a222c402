"""The resource types of all regions.

`python -m emulated.known_types`, in pocketaws/tests, writes them anew from cfn-lint's copy of the
registry's schemas; a test compares them.
"""

import itertools
import json
from pathlib import Path

from cfnlint.helpers import REGIONS
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from pocketaws.cloudformation import known_types


def written() -> str:
    """Return the text of the file."""
    types = {
        name for region in REGIONS for name in PROVIDER_SCHEMA_MANAGER.get_resource_types(region)
    }
    parted = sorted(name.rpartition("::")[::2] for name in types if name.startswith("AWS::"))
    lines = [
        f" {json.dumps(space)}: {json.dumps([name for _, name in found])}"
        for space, found in itertools.groupby(parted, key=lambda one: one[0])
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    Path(known_types.PATH).write_text(written(), encoding="utf-8")
