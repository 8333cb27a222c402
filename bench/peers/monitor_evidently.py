"""The monitor's peer: Evidently's data-drift preset on the same captures.

    python monitor_evidently.py CAPTURES_DIR REFERENCE_CSV OUTPUT_HTML

The captures are JSON lines of CSV calls, as the benchmark writes them; the reference is CSV with a
header. It reads as one would: a line at a time with `json`, then pandas. Its environment is that of
evidently.txt.
"""

import io
import json
import sys
from pathlib import Path

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def main() -> None:
    """Read, compare, write the page, and print how many columns drift."""
    captures_dir, reference_path, page_path = map(Path, sys.argv[1:])
    reference = pd.read_csv(reference_path)
    rows = []
    for path in sorted(captures_dir.rglob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for line in file:
                capture = json.loads(line)["captureData"]
                given = capture["endpointInput"]["data"].strip()
                rows.append(f"{given},{capture['endpointOutput']['data'].strip()}")
    current = pd.read_csv(io.StringIO("\n".join(rows)), header=None, names=list(reference))
    snapshot = Report([DataDriftPreset()]).run(current, reference)
    snapshot.save_html(str(page_path))
    print(snapshot.dict()["metrics"][0]["value"])


if __name__ == "__main__":
    main()
