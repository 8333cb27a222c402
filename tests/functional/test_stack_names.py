"""The longest name that the workflow's stack can have, and one that is too long by one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pocketaws.cloudformation.deploy import Stack
from pocketaws.errors import DeploymentError
from pocketaws.runtime import LocalRuntime
from tests.conftest import PROJECT_DIR
from tests.pages import read_all

NEW_DATA = {"InputDataUri": "s3://houses/raw/", "NewDataKey": "raw/_SUCCESS"}


@pytest.fixture
def deploy(runtime: LocalRuntime) -> Iterator[Callable[[str], Stack]]:
    """Deploy the workflow under a name; what was deployed goes away again."""
    names = []

    def deployed(name: str) -> Stack:
        names.append(name)
        return runtime.deploy(PROJECT_DIR / "template.yaml", stack_name=name, parameters=NEW_DATA)

    yield deployed
    for name in names:
        runtime.client("cloudformation").delete_stack(StackName=name)


def names_of(runtime: LocalRuntime, stack_name: str) -> dict[str, Any]:
    listed = read_all(
        runtime.client("cloudformation"), "list_stack_resources", StackName=stack_name
    )
    return {
        item["LogicalResourceId"]: item.get("PhysicalResourceId")
        for item in listed["StackResourceSummaries"]
    }


def test_a_stack_of_54_characters_is_deployed_with_all_that_is_named_after_it(
    runtime: LocalRuntime, deploy: Callable[[str], Stack]
) -> None:
    name = "a" * 54
    deploy(name)

    names = names_of(runtime, name)
    group = names["ModelPackageGroup"].rpartition("/")[2]
    assert group.startswith(f"{name}-")
    assert len(group) == 63
    assert names["NewDataRule"] == f"{name}-new-data"


@pytest.mark.parametrize("length", [12, 54])
def test_what_a_template_does_not_name_has_a_name_that_its_service_takes(
    runtime: LocalRuntime, deploy: Callable[[str], Stack], length: int
) -> None:
    deploy("b" * length)
    names = names_of(runtime, "b" * length)

    longest = {"Role": 64, "Function": 64, "Ended": 64, "Queue": 80}
    for logical_id, physical_id in names.items():
        for end, most in longest.items():
            if logical_id.endswith(end):
                assert len(physical_id.rpartition("/")[2]) <= most, logical_id
    # Its template has no name for it, and a run on this machine says that it is not to fire.
    rule = names["WriteReportFunctionExecutionEnded"]
    assert rule.startswith("b" * 12)
    runtime.client("events").disable_rule(Name=rule)


def test_a_stack_of_55_characters_is_refused_with_a_remedy(
    deploy: Callable[[str], Stack],
) -> None:
    with pytest.raises(DeploymentError, match="at most 54 characters"):
        deploy("a" * 55)
