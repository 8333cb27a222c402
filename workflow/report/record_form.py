"""What readers of run.json go by, apart from the forms in it, which take longer to import."""

from typing import Final

RECORD_NAME: Final = "run.json"
# In the folder of a run that has not ended, or was interrupted.
MARK_NAME: Final = "unfinished.txt"
# Raised when a field changes its meaning or goes; readers take what they do not know as absent.
SCHEMA: Final = 1
# Where a setting comes from.
INPUT, STACK, DEFAULT, TUNED = "input", "stack", "default", "tuned"
