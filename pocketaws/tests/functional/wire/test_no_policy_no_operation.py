"""Every operation that the emulator could answer is refused to a role without a policy."""

import http.client
from typing import Any
from urllib.parse import urlencode, urlsplit

import botocore.session
import pytest
from botocore.credentials import Credentials
from botocore.model import OperationModel, Shape
from botocore.serialize import create_serializer
from moto.backends import list_of_moto_modules

from emulated.roles import made_role
from emulated.signing import SECONDS, Ask, send, signed
from pocketaws.runtime import LocalRuntime

SESSION = botocore.session.Session()
# What AWS lets everybody do whom it knows: who am I, and, where a role's trust decides, AssumeRole.
FOR_EVERYBODY = {("sts", "GetCallerIdentity")}
DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation")
# moto's names for its modules, where botocore has others.
NAMES = {
    "awslambda": "lambda",
    "dynamodb_v20111205": "dynamodb",
    "s3bucket_path": "s3",
    "cognitoidp": "cognito-idp",
    "cognitoidentity": "cognito-identity",
    "sagemakerruntime": "sagemaker-runtime",
    "stepfunctions": "stepfunctions",
}


def services() -> list[str]:
    """Return botocore's names of the services that moto has."""
    known = set(SESSION.get_available_services())
    bare = {name.replace("-", ""): name for name in known}
    found = {
        NAMES.get(name, bare.get(name.replace("_", ""), "")) for name in list_of_moto_modules()
    }
    return sorted((found | {"events", "logs", "iam", "scheduler"}) & known)


@pytest.fixture(scope="module")
def nobody(runtime: LocalRuntime) -> Credentials:
    nothing = {"Effect": "Allow", "Action": "a:B", "Resource": "*"}
    role_arn = made_role(runtime, "without-a-policy", nothing)
    told = runtime.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="me")
    found = told["Credentials"]
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


@pytest.mark.parametrize("service", services())
def test_a_role_without_a_policy_may_do_nothing(
    runtime: LocalRuntime, nobody: Credentials, service: str
) -> None:
    runtime.client("s3").create_bucket(Bucket="bucket")
    model = SESSION.get_service_model(service)
    signing_name = model.metadata.get("signingName", model.metadata["endpointPrefix"])
    wrong = []
    connection = http.client.HTTPConnection(urlsplit(runtime.endpoint_url).netloc, timeout=SECONDS)
    for name in model.operation_names:
        operation = model.operation_model(name)
        if (service, name) in FOR_EVERYBODY:
            continue
        asked = request_of(operation, signing_name)
        url, headers = signed(runtime.endpoint_url, asked, nobody)
        told = send(url, asked, headers, connection)
        if told.status < 400 or (told.code not in DENIED and asked.method != "HEAD"):
            wrong.append((name, told.status, told.code, told.body[:80]))

    connection.close()
    assert wrong == []


def request_of(operation: OperationModel, signing_name: str) -> Ask:
    """Return the least request that an operation takes."""
    shape = operation.input_shape
    parameters = least(shape, set()) if shape is not None else {}
    protocol = operation.service_model.resolved_protocol
    serialized = create_serializer(protocol, include_validation=False).serialize_to_request(
        parameters, operation
    )
    body = serialized["body"]
    if isinstance(body, dict):
        body = urlencode(body).encode()
    path = serialized["url_path"]
    if serialized["query_string"]:
        path += ("&" if "?" in path else "?") + urlencode(serialized["query_string"], doseq=True)
    body = body.encode() if isinstance(body, str) else bytes(body or b"")
    return Ask(signing_name, serialized["method"], path, body, dict(serialized["headers"]))


def least(shape: Shape, seen: set[str]) -> Any:
    """Return the least value of a shape: what it requires, and no more."""
    if shape.type_name == "structure":
        names = [] if shape.name in seen else shape.required_members
        inner = seen | {shape.name}
        return {name: least(shape.members[name], inner) for name in names}
    simple: dict[str, Any] = {
        "list": [],
        "map": {},
        "integer": 1,
        "long": 1,
        "float": 1.0,
        "double": 1.0,
        "boolean": True,
        "blob": b"x",
        "timestamp": 0,
    }
    return simple.get(shape.type_name, (getattr(shape, "enum", None) or ["bucket"])[0])
