"""The roles of pipeline.yaml: a whole release acts as them."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pocketaws.runtime import ACCOUNT_ID, LocalRuntime
from tests.conftest import PROJECT_DIR
from tests.functional.permissions.deployment import deployment_accesses
from tests.functional.permissions.findings import Held, Sourced
from tests.functional.permissions.granted import Role, roles_of
from tests.functional.permissions.needed import Needed
from tests.functional.releases import Releases
from workflow.release.parameters import checked
from workflow.release.roles import roles_of as pipeline_roles
from workflow.template import ResolvedTemplate, read_template

PIPELINE: Final = "pipeline.yaml"
_CONNECTION_ARN: Final = (
    f"arn:aws:codeconnections:us-east-1:{ACCOUNT_ID}:connection/"
    "00000000-0000-0000-0000-000000000000"
)
_DEPLOYMENT_ROLE: Final = "DeploymentRole"
_BY_SCHEMA: Final = Needed(
    label="schemas",
    template=PIPELINE,
    roles=(_DEPLOYMENT_ROLE,),
    actions=(),
    resources=(),
    context=(),
    given=(),
    reason="Handlers of the deployed resource types use it",
    source="https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html",
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


def release(runtime: LocalRuntime, entries: Sequence[Needed]) -> Iterator[Held]:
    """Release once, and yield the roles of the pipeline in all its variants, held against it."""
    with tempfile.TemporaryDirectory() as folder:
        ended = Releases(runtime, Path(folder)).release()
    assert ended.failure is None, ended.failure
    for stack_name, parameters in VARIANTS.items():
        made = _made(runtime, stack_name, parameters)
        for role in made.roles:
            used = runtime.enforcement.used or set()
            asked = (item.access for item in used if item.role_arn == role.arn and item.allowed)
            yield Held(role, tuple(asked), tuple(_sourced(made, role, entries)))


def _sourced(made: Made, role: Role, entries: Sequence[Needed]) -> Iterator[Sourced]:
    for entry in entries:
        if entry.template == PIPELINE and role.name in entry.roles:
            yield from (Sourced(access, entry) for access in entry.accesses(made.values))
    if role.name == _DEPLOYMENT_ROLE:
        boundary_arn = made.parameters.get("PermissionsBoundaryArn")
        for access in deployment_accesses(role.statements, boundary_arn=boundary_arn):
            yield Sourced(access, _BY_SCHEMA)


def _made(runtime: LocalRuntime, stack_name: str, parameters: Mapping[str, str]) -> Made:
    template = read_template(PROJECT_DIR / PIPELINE)
    resolved = ResolvedTemplate(
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
