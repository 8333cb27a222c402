"""The roles of pipeline.yaml: a whole release acts as them."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.conftest import PROJECT_DIR
from tests.functional.permissions.granted import Role, roles_of
from tests.functional.test_release import Releases
from workflow import bucket_files
from workflow.local.runtime import ACCOUNT_ID, LocalRuntime
from workflow.release.parameters import checked
from workflow.release.roles import roles_of as pipeline_roles
from workflow.release.template import Resolved, read_template

PIPELINE: Final = "pipeline.yaml"
_CONNECTION_ARN: Final = (
    f"arn:aws:codeconnections:us-east-1:{ACCOUNT_ID}:connection/"
    "00000000-0000-0000-0000-000000000000"
)
_ELSEWHERE: Final = "arn:aws:iam::999999999999:role/"
# What makes the statements of the template differ.
VARIANTS: Final[Mapping[str, Mapping[str, str]]] = {
    "pipeline": {"ConnectionArn": _CONNECTION_ARN, "FullRepositoryId": "local/source"},
    "codecommit": {"SourceProvider": "CodeCommit", "RepositoryName": "workflow"},
    "s3": {"SourceProvider": "S3", "SourceBucketName": "sources"},
    "elsewhere": {
        "ConnectionArn": _CONNECTION_ARN,
        "FullRepositoryId": "local/source",
        "WorkloadRoleArn": f"{_ELSEWHERE}workload",
        "DeploymentRoleArn": f"{_ELSEWHERE}deployment",
    },
    "bounded": {
        "ConnectionArn": _CONNECTION_ARN,
        "FullRepositoryId": "local/source",
        "PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT_ID}:policy/boundary",
    },
}


@dataclass(frozen=True)
class Made:
    """The roles of the pipeline's stack under a name, for given parameters.

    Attributes:
        values: what the list's placeholders stand for.
    """

    stack_name: str
    parameters: Mapping[str, str]
    values: Mapping[str, str]
    roles: tuple[Role, ...]


def release(runtime: LocalRuntime) -> list[Made]:
    """Release once; then make the roles of the pipeline's other variants, too."""
    bucket_files.put_sample(runtime, PROJECT_DIR / "data" / "abalone-sample.csv")
    with tempfile.TemporaryDirectory() as folder:
        releases = Releases(runtime, Path(folder))
        ended = releases.release()
    assert ended.failure is None, ended.failure
    return [_made(runtime, name, parameters) for name, parameters in VARIANTS.items()]


def _made(runtime: LocalRuntime, stack_name: str, parameters: Mapping[str, str]) -> Made:
    template = read_template(PROJECT_DIR / PIPELINE)
    resolved = Resolved(
        template,
        checked(template, parameters, where=PIPELINE),
        {
            "AWS::AccountId": ACCOUNT_ID,
            "AWS::Partition": "aws",
            "AWS::Region": runtime.region,
            "AWS::StackName": stack_name,
            "AWS::URLSuffix": "amazonaws.com",
        },
    )
    found = pipeline_roles(resolved)
    found.make(runtime)
    role_names = {role.logical_id: role.name for role in found.roles}
    values = {name: resolved.name_of(name) for name in template["Resources"]}
    own = {"account": ACCOUNT_ID, "region": runtime.region, "stack": stack_name}
    return Made(
        stack_name,
        parameters,
        {**values, **parameters, **own},
        tuple(roles_of(runtime, PIPELINE, role_names)),
    )
