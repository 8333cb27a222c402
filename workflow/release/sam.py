"""Stand in for `sam build` and `sam package`, where there is no network to install the SAM CLI.

Only what `make package` asks for: functions are not built (SkipBuild), so building is pointing the
template's paths at the source; packaging uploads bundles to S3 and names them in the template.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pocketaws import BUCKET_NAME, PocketawsError, cache_dir, package_bundles
from workflow.errors import WorkflowError
from workflow.template import read_template

_BUILT_PATH: Final = Path(".aws-sam", "build", "template.yaml")
_PATHS: Final = ("CodeUri", "DefinitionUri")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the two commands and return the exit code."""
    parser = argparse.ArgumentParser(prog="sam", description="Build and package without the CLI.")
    commands = parser.add_subparsers(required=True)
    build_parser = commands.add_parser("build")
    build_parser.set_defaults(run_command=lambda _: build(Path("template.yaml"), _BUILT_PATH))
    package_parser = commands.add_parser("package")
    for name in ("--template-file", "--s3-bucket", "--s3-prefix", "--output-template-file"):
        package_parser.add_argument(name, required=True)
    package_parser.set_defaults(run_command=_package)
    arguments = parser.parse_args(argv)
    try:
        arguments.run_command(arguments)
    except (WorkflowError, PocketawsError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


def build(template_path: Path, built_path: Path) -> None:
    """Write the template to another folder, from where its paths lead to the same files."""
    template = read_template(template_path)
    built_path.parent.mkdir(parents=True, exist_ok=True)
    for holder in _holders(template):
        for key in _PATHS:
            if isinstance(holder.get(key), str):
                source = template_path.resolve().parent / holder[key]
                holder[key] = os.path.relpath(source, built_path.resolve().parent)
    built_path.write_text(json.dumps(template, indent=2), encoding="utf-8")


def package(template_path: Path, *, bucket: str, prefix: str, s3: Any) -> dict[str, Any]:
    """Upload a template's bundles and return the template that names them.

    Raises:
        WorkflowError: a folder or file that the template names is not there.
    """
    template = read_template(template_path)
    with tempfile.TemporaryDirectory() as name:
        package_bundles(
            template,
            template_path.resolve().parent,
            Path(name),
            requirements_cache=cache_dir() / "requirements",
        )
        for path in sorted(Path(name).iterdir()):
            s3.upload_file(str(path), bucket, f"{prefix}/{path.name}")
    for holder in _holders(template):
        for key in _PATHS:
            location = holder.get(key)
            if isinstance(location, dict) and location.get("Bucket") == BUCKET_NAME:
                holder[key] = {"Bucket": bucket, "Key": f"{prefix}/{location['Key']}"}
    return template


def _package(arguments: argparse.Namespace) -> None:
    import boto3

    template = package(
        Path(arguments.template_file),
        bucket=arguments.s3_bucket,
        prefix=arguments.s3_prefix,
        s3=boto3.client("s3"),
    )
    output_path = Path(arguments.output_template_file)
    output_path.write_text(json.dumps(template, indent=2), encoding="utf-8")


def _holders(template: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects of a template that may hold a path."""
    common = template.get("Globals", {}).get("Function", {})
    properties = [item.get("Properties") or {} for item in template["Resources"].values()]
    return [common, *properties]


if __name__ == "__main__":
    sys.exit(main())
