"""Answers of AWS that are of its shapes."""

from typing import Any

from botocore.exceptions import ClientError
from botocore.session import Session
from botocore.validate import ParamValidator

SESSION = Session()


def validate(service: str, operation: str, request: dict[str, Any]) -> None:
    shape = SESSION.get_service_model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()


def refusal(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)
