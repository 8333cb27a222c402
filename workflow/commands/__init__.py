"""The commands, a module each: their options, and what they do with them."""

from collections.abc import Mapping
from typing import Final

# By the command, in the order of the help; its module is imported when it is called.
SUMMARIES: Final[Mapping[str, str]] = {
    "build": "render the definition of a state machine",
    "run": "run the deployed definition on this machine",
    "runs": "list the runs on this machine, or a stack's executions",
    "report": "write the page that shows an execution",
    "compare": "show two runs side by side",
    "serve": "keep the emulated AWS up, with the endpoint of the recorded model",
    "release": "run the pipeline of pipeline.yaml on this machine",
    "status": "say what is recorded and served, and where they differ",
    "rollback": "make an earlier recorded model the recorded one again",
    "invoke": "have the endpoint predict for the rows of a file",
    "monitor": "compare a window of captured calls with the baseline",
    "new": "make this project that of another table: columns, sample, gate, names",
    "rename": "give the project, its stacks and its endpoints another name",
}
