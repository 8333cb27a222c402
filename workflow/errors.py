"""Every error this package raises on purpose.

* `WorkflowError`
    * `InputDataError` - the data given to `run --data` cannot be used
    * `ExecutionInputError` - an execution cannot be started with what `run` is given
    * `ColumnsError` - jobs/columns.py cannot be used
    * `SdkNotInstalledError` - `build` runs where the Data Science SDK is not installed
    * `DefinitionError` - what `build` has rendered would be refused by Step Functions
    * `ProjectError` - project.toml cannot be used
    * `RegionError` - the region to be emulated is none, or the templates do not know it
    * `OutputError` - the place for what a command writes cannot be used
    * `UnknownFeaturesError` - nothing says which features a served model takes
    * `LocalStateError` - what was kept from an earlier local run cannot be understood

Each message says what was wrong, with which value, and what to do about it.
"""

import sys
from collections.abc import Sequence


class WorkflowError(Exception):
    """Base of all of them; the command line prints it without a traceback and exits with 1."""


class InputDataError(WorkflowError):
    """The input data of a local run cannot be used."""


class ExecutionInputError(WorkflowError):
    """An execution cannot be started with the input or the name that the command line gives."""


class ColumnsError(WorkflowError):
    """jobs/columns.py, which says what the rows are, cannot be used."""


class RegionError(WorkflowError):
    """The region to be emulated is none, or a template cannot be deployed there."""


class OutputError(WorkflowError):
    """A file or folder that a command is to write cannot be written, or is there already."""


class UnknownFeaturesError(WorkflowError):
    """Nothing says which features the model of an endpoint takes."""


class LocalStateError(WorkflowError):
    """The state folder of earlier local runs cannot be used."""


class SdkNotInstalledError(WorkflowError):
    """The definition is to be rendered in an environment without the Data Science SDK."""

    def __init__(self, module_name: str) -> None:
        super().__init__(
            f"rendering the definition needs the Data Science SDK, and {module_name!r} is not "
            f"installed for {sys.executable}; run `make definition`, which sets up an environment "
            "with it, or install the dependency group 'definition' of pyproject.toml"
        )


class DefinitionError(WorkflowError):
    """The definition that was rendered would be refused by Step Functions."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(
            "Step Functions would refuse the definition, which is not written; mend the states in "
            "workflow/definition/steps/:\n  " + "\n  ".join(problems)
        )


class ProjectError(WorkflowError):
    """What project.toml says cannot be used."""
