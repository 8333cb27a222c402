"""Tests of what works together; what they share with the emulator's is found without pytest."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "pocketaws" / "tests"))
