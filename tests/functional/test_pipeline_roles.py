"""The roles of a pipeline are made once, however many roles the account has."""

import json
import uuid
from typing import Any

from pocketaws.runtime import LocalRuntime
from workflow.release.roles import ReleaseRoles, Role

# IAM answers a hundred at a time, in an order that is not the names'.
OTHERS = 150
OWN = 20


def trust(service: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_roles_that_are_there_stay_on_whatever_page_they_stand(runtime: LocalRuntime) -> None:
    iam = runtime.client("iam")
    document = json.dumps(trust("lambda.amazonaws.com"))
    prefix = f"paged-{uuid.uuid4().hex[:8]}"
    for number in range(OTHERS):
        iam.create_role(RoleName=f"{prefix}-{number}", AssumeRolePolicyDocument=document)
    names = [f"{prefix}-pipeline-{number}" for number in range(OWN)]
    roles = ReleaseRoles(
        tuple(
            Role("Pipeline", name, trust("codepipeline.amazonaws.com"), policies={}, managed=())
            for name in names
        ),
        policies={},
    )

    roles.make(runtime)
    before = [iam.get_role(RoleName=name)["Role"]["RoleId"] for name in names]
    roles.make(runtime)

    assert [iam.get_role(RoleName=name)["Role"]["RoleId"] for name in names] == before
