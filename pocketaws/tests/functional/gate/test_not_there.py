"""What is not emulated is refused by its name, and by what there is."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated import state_machines
from pocketaws.runtime import LocalRuntime


@pytest.mark.parametrize(
    ("service", "method", "arguments", "told"),
    [
        ("kendra", "list_indices", {}, "the service kendra is not emulated here; there are: "),
        ("qbusiness", "list_applications", {}, "the service qbusiness is not emulated here"),
        ("sagemaker", "list_actions", {}, "sagemaker:ListActions is not emulated here; of "),
        ("events", "list_endpoints", {}, "ListArchives"),
        ("cloudformation", "detect_stack_drift", {"StackName": "x"}, "DetectStackDrift is not"),
        ("sns", "get_sms_sandbox_account_status", {}, "GetSMSSandboxAccountStatus is not"),
        ("dynamodb", "list_imports", {}, "dynamodb:ListImports is not emulated here"),
        ("lambda", "list_code_signing_configs", {}, "ListCodeSigningConfigs is not emulated"),
    ],
)
def test_a_call_that_is_not_emulated_is_refused_by_its_name(
    runtime: LocalRuntime, service: str, method: str, arguments: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError) as refusal:
        getattr(runtime.client(service), method)(**arguments)

    error = refusal.value.response["Error"]
    assert error["Code"] == "UnknownOperationException"
    assert told in error["Message"]


def test_a_task_that_calls_it_fails_with_that_name(runtime: LocalRuntime) -> None:
    error, cause = state_machines.of(runtime, "not-there").failure(
        "arn:aws:states:::aws-sdk:kendra:listIndices", {}
    )

    assert error == "Kendra.KendraException"
    assert cause.startswith("the service kendra is not emulated here")
