"""Count the files on the shelf; the paths come as an argument and a variable."""

import argparse
import json
import os
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--shelf", type=Path, required=True)
shelf = parser.parse_args().shelf
Path(os.environ["COUNT_PATH"]).write_text(json.dumps(sorted(p.name for p in shelf.iterdir())))
