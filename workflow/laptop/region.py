"""The region that is emulated: one that AWS has, and that the templates know.

CloudFormation says so when a stack is created; here it is said before anything starts.
"""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from workflow.errors import RegionError, WorkflowError

_BY_REGION: Final = {"Ref": "AWS::Region"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the region."""
    parser.add_argument(
        "--region",
        metavar="REGION",
        help="that is emulated, with its partition, such as cn-north-1 "
        "(default: the one that project.toml names)",
    )


def checked(given: str | None, *template_paths: Path) -> str:
    """Return the region of `--region`, or project.toml's where none was given.

    Args:
        given: the option's value.
        template_paths: of what will be deployed there.

    Raises:
        RegionError: nothing, or a template not, can be deployed there.
    """
    # `--help` need import neither what knows AWS's regions nor what reads TOML.
    from pocketaws import region_problem
    from workflow.project import PROJECT_PATH, project

    region = project().region if given is None else given
    problem = region_problem(region)
    if problem is None:
        found = (problem for path in template_paths for problem in _problems(path, region))
        problem = next(found, None)
    if problem is not None:
        option = f"{PROJECT_PATH.name}: region =" if given is None else "--region"
        raise RegionError(f"{option} {region!r}: {problem}")
    return region


def state_dir_in(state_dir: Path, region: str) -> Path:
    """Return the state folder of a region: a model that one has recorded is not another's."""
    from workflow.project import project

    return state_dir if region == project().region else state_dir / region


def _problems(path: Path, region: str) -> Iterator[str]:
    # Neither `--help` nor the definition's environment has to import what reads templates.
    from workflow.template import read_template, seen_in

    template = read_template(path)
    for name, key in sorted(set(_lookups(template))):
        mapped = template["Mappings"][name]
        if region not in mapped:
            yield (
                f"{path.name} does not map it, and CloudFormation would say 'Template error: "
                f"Unable to get mapping for {name}::{region}::{key}'; add it to {name}, or name "
                f"one of {', '.join(mapped)}"
            )
            return
    # A function that is not known here: the emulator says of the template what there is to say.
    with contextlib.suppress(WorkflowError):
        for refusal in seen_in(template, region).refusals():
            yield f"{path.name} refuses it: {refusal}"


def _lookups(value: Any) -> Iterator[tuple[str, str]]:
    """Yield map and key of whatever a template looks up by its region."""
    if isinstance(value, dict):
        keys = value.get("Fn::FindInMap", [])
        if keys[1:2] == [_BY_REGION]:
            yield keys[0], keys[2]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _lookups(item)
