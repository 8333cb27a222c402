"""`validate`: check a definition as Step Functions does, without creating anything."""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pocketaws.errors import ArgumentError
from pocketaws.terminal.plain import plain

if TYPE_CHECKING:
    from pocketaws.step_functions.validation.report import Diagnostic

SUMMARY: Final = "check a state machine's definition as Step Functions does"
DESCRIPTION: Final = (
    "Check a definition in the Amazon States Language as CreateStateMachine does, print what is "
    "wrong and where, and exit with 0 only when it would be created. Placeholders, ${Name}, are "
    "taken for what a template puts there; see --no-placeholders."
)
EXAMPLES: Final = """examples:
  python -m pocketaws validate definition.asl.json
  python -m pocketaws validate definition.asl.yaml --type EXPRESS
  aws stepfunctions describe-state-machine --state-machine-arn ARN --query definition \\
    --output text | python -m pocketaws validate -
"""
_YAML: Final = (".yaml", ".yml")
_PLACEHOLDER: Final = re.compile(r"\$\{[^}\s]+\}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "definition", metavar="FILE", help="of JSON, or YAML by its name; - for standard input"
    )
    parser.add_argument(
        "--type",
        choices=("STANDARD", "EXPRESS"),
        default="STANDARD",
        help="of the state machine that it is for (default: STANDARD)",
    )
    parser.add_argument(
        "--no-placeholders",
        action="store_true",
        help="take ${Name} for the text that it is, as CreateStateMachine does",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print what ValidateStateMachineDefinition answers, warnings included",
    )


def run(arguments: argparse.Namespace) -> int:
    """Check one definition; return 0 where it would be created, else 1.

    Raises:
        ArgumentError: the file cannot be read.
    """
    text = _text(arguments.definition)
    from pocketaws.step_functions.definition_rules import definition_diagnostics

    found = definition_diagnostics(
        text, express=arguments.type == "EXPRESS", placeholders=not arguments.no_placeholders
    )
    failed = any(problem.severity == "ERROR" for problem in found)
    if arguments.json:
        print(json.dumps(_answer(found, failed=failed), indent=2, ensure_ascii=False))
    else:
        _tell(found)
        _tell_placeholders(text)
        print("FAIL" if failed else "OK")
    return 1 if failed else 0


def _text(source: str) -> str:
    """Return a definition's text; YAML as the JSON that it stands for."""
    try:
        if source == "-":
            return sys.stdin.buffer.read().decode("utf-8-sig")
        text = Path(source).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(f"FILE {source}: cannot be read: {error}") from error
    return _as_json(source, text) if source.lower().endswith(_YAML) else text


def _as_json(source: str, text: str) -> str:
    import yaml

    try:
        return json.dumps(yaml.safe_load(text), ensure_ascii=False)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise ArgumentError(f"FILE {source}: is no YAML of JSON's values: {error}") from error


def _answer(found: "Sequence[Diagnostic]", *, failed: bool) -> dict[str, object]:
    diagnostics = [problem.as_json() for problem in found]
    return {
        "result": "FAIL" if failed else "OK",
        "diagnostics": diagnostics,
        "truncated": False,
    }


def _tell(found: "Sequence[Diagnostic]") -> None:
    for problem in found:
        where = problem.location or "/"
        print(plain(f"{problem.severity} {problem.code} {where}\n  {problem.message}"))


def _tell_placeholders(text: str) -> None:
    names = sorted(set(_PLACEHOLDER.findall(text)))
    if names:
        print(plain(f"left to DefinitionSubstitutions: {', '.join(names)}"))
