"""Write down what the script was given: arguments, variables, its files."""

import json
import os
import sys
from pathlib import Path

found = [path.name for path in Path(sys.argv[1]).rglob("*") if path.is_file()]
config = json.loads(Path(sys.argv[3], "resourceconfig.json").read_text())
told = {"argv": sys.argv[1:], "environment": dict(os.environ), "files": sorted(found)}
Path(sys.argv[2], f"{config['current_host']}.json").write_text(json.dumps(told))
