"""Write the layout of the committed definition: `python -m workflow.report.keep_layout`."""

import json
from pathlib import Path
from typing import Final

from workflow.report.graph import graph_of
from workflow.report.layout import KEPT_PATH, kept_text

DEFINITION_PATH: Final = Path(__file__).parents[1] / "definition" / "definition.asl.json"


def main() -> None:
    """Lay the definition out and write KEPT_PATH."""
    definition = json.loads(DEFINITION_PATH.read_text(encoding="utf-8"))
    KEPT_PATH.write_text(kept_text(graph_of(definition)), encoding="utf-8")


if __name__ == "__main__":
    main()
