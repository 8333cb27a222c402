"""Who does not sign, or signs wrongly, gets AWS's answer from each family of operations."""

import base64
import datetime
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from moto.core.utils import utcnow
from moto.sts.models import sts_backends

from emulated.roles import made_role
from emulated.signing import Ask, Told, form, own_credentials, send, signed, target
from pocketaws.runtime import LocalRuntime

BUCKET = "asked"
ACCOUNT = "123456789012"
QUARTER = datetime.timedelta(minutes=16)
ASKS = {
    "S3 object": Ask("s3", "GET", f"/{BUCKET}/a"),
    "S3 listing": Ask("s3", "GET", f"/{BUCKET}?list-type=2"),
    "S3 buckets": Ask("s3", "GET", "/"),
    "STS": form("sts", "Action=GetCallerIdentity&Version=2011-06-15"),
    "SNS": form("sns", "Action=ListTopics&Version=2010-03-31"),
    "CloudFormation": form("cloudformation", "Action=DescribeStacks&Version=2010-05-15"),
    "IAM": form("iam", "Action=ListRoles&Version=2010-05-08"),
    "Step Functions": target("states", "ListStateMachines"),
    "Parameter Store": target("ssm", "DescribeParameters"),
    "DynamoDB": target("dynamodb", "ListTables"),
    "EventBridge": target("events", "ListRules"),
    "SageMaker": target("sagemaker", "ListModels"),
    "Logs": target("logs", "DescribeLogGroups"),
    "Lambda": Ask("lambda", "GET", "/2015-03-31/functions/"),
    "Scheduler": Ask("scheduler", "GET", "/schedules"),
}
S3, QUERY, JSON = "s3", "query", "json"
FAMILIES = dict.fromkeys(("STS", "SNS", "CloudFormation", "IAM"), QUERY) | dict.fromkeys(
    ("S3 object", "S3 listing", "S3 buckets"), S3
)
CODES = {
    "unsigned": {
        S3: "AccessDenied",
        QUERY: "MissingAuthenticationToken",
        JSON: "MissingAuthenticationTokenException",
    },
    "wrong secret": {
        S3: "SignatureDoesNotMatch",
        QUERY: "SignatureDoesNotMatch",
        JSON: "InvalidSignatureException",
    },
    "unknown key": {
        S3: "InvalidAccessKeyId",
        QUERY: "InvalidClientTokenId",
        JSON: "UnrecognizedClientException",
    },
    "skewed clock": {
        S3: "RequestTimeTooSkewed",
        QUERY: "RequestExpired",
        JSON: "InvalidSignatureException",
    },
    "wrong token": {
        S3: "InvalidToken",
        QUERY: "InvalidClientTokenId",
        JSON: "UnrecognizedClientException",
    },
    "expired session": {
        S3: "ExpiredToken",
        QUERY: "ExpiredToken",
        JSON: "ExpiredTokenException",
    },
    "other role": {S3: "AccessDenied", QUERY: "AccessDenied", JSON: "AccessDeniedException"},
}


@pytest.fixture(scope="module", autouse=True)
def bucket(runtime: LocalRuntime) -> None:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"secret")


@pytest.fixture(scope="module")
def role(runtime: LocalRuntime) -> Credentials:
    """A role that may do nothing."""
    nothing = {"Effect": "Allow", "Action": "a:B", "Resource": "*"}
    return assumed(runtime, made_role(runtime, "may-nothing", nothing))


@pytest.fixture(scope="module")
def ended(runtime: LocalRuntime) -> Credentials:
    """A role's session that has ended a second ago, before anybody used it."""
    credentials = assumed(runtime, made_role(runtime, "had-its-time"))
    backend = sts_backends[ACCOUNT]["aws"]
    session = backend.get_assumed_role_from_access_key(credentials.access_key)
    assert session is not None
    session.expiration = utcnow() - datetime.timedelta(seconds=1)
    return credentials


@pytest.fixture
def ask(runtime: LocalRuntime) -> Callable[..., Told]:
    def send_signed(asked: Ask, credentials: Credentials | None = None, **more: Any) -> Told:
        url, headers = signed(runtime.endpoint_url, asked, credentials or own_credentials(), **more)
        return send(url, asked, headers)

    return send_signed


def assumed(runtime: LocalRuntime, role_arn: str) -> Credentials:
    told = runtime.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="me")
    found = told["Credentials"]
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


@pytest.mark.parametrize("name", ASKS)
def test_who_signs_rightly_is_answered(ask: Callable[..., Told], name: str) -> None:
    told = ask(ASKS[name])

    assert (told.status, told.code) == (200, "")


@pytest.mark.parametrize("way", CODES)
@pytest.mark.parametrize("name", ASKS)
def test_who_may_not_ask_gets_the_services_own_code(
    runtime: LocalRuntime,
    ask: Callable[..., Told],
    role: Credentials,
    ended: Credentials,
    name: str,
    way: str,
) -> None:
    own = own_credentials()
    asked = ASKS[name]
    ways: dict[str, Callable[[], Told]] = {
        "unsigned": lambda: send(runtime.endpoint_url + asked.path, asked, asked.headers),
        "wrong secret": lambda: ask(asked, Credentials(own.access_key, "wrong")),
        "unknown key": lambda: ask(asked, Credentials("AKIAIOSFODNN7EXAMPLE", own.secret_key)),
        "skewed clock": lambda: ask(asked, ago=QUARTER),
        "wrong token": lambda: ask(asked, Credentials(role.access_key, role.secret_key, "wrong")),
        "expired session": lambda: ask(asked, ended),
        "other role": lambda: ask(asked, role),
    }

    told = ways[way]()

    family = FAMILIES.get(name, JSON)
    allowed = {("STS", "other role"): "", ("SNS", "other role"): "AuthorizationError"}
    unsigned = {"Lambda": "MissingAuthenticationTokenException", "Scheduler": "AccessDenied"}
    expected = allowed.get((name, way), CODES[way][family])
    if way == "unsigned":
        expected = unsigned.get(name, expected)
    assert told.code == expected
    assert (told.status == 200) == (expected == "")
    assert b"secret" not in told.body


def of_theirs(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:999999999999:{resource}"


# Of what can be asked for by an ARN; a bucket's owner is named beside it.
FOREIGN = {
    "Step Functions": target(
        "states", "StartExecution", stateMachineArn=of_theirs("states", "stateMachine:m")
    ),
    "Step Functions, history": target(
        "states", "GetExecutionHistory", executionArn=of_theirs("states", "execution:m:e")
    ),
    "Parameter Store": target("ssm", "GetParameter", Name=of_theirs("ssm", "parameter/p")),
    "DynamoDB": target(
        "dynamodb", "GetItem", TableName=of_theirs("dynamodb", "table/t"), Key={"k": {"S": "a"}}
    ),
    "SageMaker": target("sagemaker", "ListTags", ResourceArn=of_theirs("sagemaker", "model/m")),
    "SNS": form(
        "sns",
        urlencode(
            {
                "Action": "Publish",
                "Version": "2010-03-31",
                "TopicArn": of_theirs("sns", "t"),
                "Message": "m",
            }
        ),
    ),
    "CloudFormation": form(
        "cloudformation",
        urlencode(
            {
                "Action": "DescribeStackEvents",
                "Version": "2010-05-15",
                "StackName": of_theirs("cloudformation", "stack/s/1"),
            }
        ),
    ),
    "Lambda": Ask(
        "lambda",
        "POST",
        f"/2015-03-31/functions/{of_theirs('lambda', 'function:f')}/invocations",
        b"{}",
    ),
    "STS": form(
        "sts",
        "Action=AssumeRole&Version=2011-06-15&RoleSessionName=me"
        "&RoleArn=arn:aws:iam::999999999999:role/theirs",
    ),
    "S3": Ask("s3", "GET", f"/{BUCKET}/a", headers={"x-amz-expected-bucket-owner": "999999999999"}),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_of_another_account_is_not_there_for_any_role(
    runtime: LocalRuntime, ask: Callable[..., Told], name: str
) -> None:
    anything = assumed(runtime, made_role(runtime, "may-anything"))

    told = ask(FOREIGN[name], anything)

    expected = {
        "SNS": "AuthorizationError",
        **dict.fromkeys(("CloudFormation", "STS", "S3"), "AccessDenied"),
    }
    assert told.code == expected.get(name, "AccessDeniedException")
    assert b"secret" not in told.body


OTHER_BUCKET = {
    "object": Ask("s3", "GET", f"/{BUCKET}/a"),
    "head": Ask("s3", "HEAD", f"/{BUCKET}/a"),
    "put": Ask("s3", "PUT", f"/{BUCKET}/a", b"mine"),
    "delete": Ask("s3", "DELETE", f"/{BUCKET}/a"),
    "listing": Ask("s3", "GET", f"/{BUCKET}?list-type=2"),
    "batch": Ask(
        "s3", "POST", f"/{BUCKET}?delete", b"<Delete><Object><Key>a</Key></Object></Delete>"
    ),
    "copy": Ask("s3", "PUT", "/mine/b", headers={"x-amz-copy-source": f"/{BUCKET}/a"}),
    "encoded copy": Ask("s3", "PUT", "/mine/b", headers={"x-amz-copy-source": "%61sked/a"}),
    "copied part": Ask(
        "s3", "PUT", "/mine/b?partNumber=1&uploadId=x", headers={"x-amz-copy-source": f"{BUCKET}/a"}
    ),
    "upload": Ask("s3", "POST", f"/{BUCKET}/a?uploads"),
    "policy": Ask("s3", "PUT", f"/{BUCKET}?policy", b"{}"),
    "selection": Ask("s3", "POST", f"/{BUCKET}/a?select&select-type=2", b"<x/>"),
}


@pytest.mark.parametrize("name", OTHER_BUCKET)
def test_a_role_of_one_bucket_does_nothing_to_another(
    runtime: LocalRuntime, ask: Callable[..., Told], name: str
) -> None:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket="mine")
    resources = ["arn:aws:s3:::mine", "arn:aws:s3:::mine/*"]
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": resources}

    told = ask(OTHER_BUCKET[name], assumed(runtime, made_role(runtime, "of-mine", statement)))

    # What is asked for by HEAD is answered without a body.
    assert (told.status, told.code) == (403, "" if name == "head" else "AccessDenied")
    assert s3.get_object(Bucket=BUCKET, Key="a")["Body"].read() == b"secret"


@pytest.mark.parametrize(
    ("trust", "role_arn"),
    [
        ({"Service": "lambda.amazonaws.com"}, f"arn:aws:iam::{ACCOUNT}:role/distrusts"),
        (None, f"arn:aws:iam::{ACCOUNT}:role/is-not-there"),
        (None, "arn:aws:iam::999999999999:role/of-another-account"),
    ],
)
def test_a_role_is_assumed_by_nobody_whom_it_does_not_trust(
    runtime: LocalRuntime, trust: dict[str, str] | None, role_arn: str
) -> None:
    if trust is not None:
        statement = {"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}
        runtime.client("iam").create_role(
            RoleName=role_arn.rpartition("/")[2],
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}),
        )

    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole") as refusal:
        runtime.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="me")

    assert refusal.value.response["Error"]["Code"] == "AccessDenied"


def test_a_role_assumes_another_one_where_its_policies_and_the_others_trust_say_so(
    runtime: LocalRuntime, role: Credentials
) -> None:
    trusting = made_role(runtime, "trusts-the-account")
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": trusting}
    chained = assumed(runtime, made_role(runtime, "may-assume", may))
    request = form(
        "sts",
        f"Action=AssumeRole&Version=2011-06-15&RoleArn={trusting}&RoleSessionName=next",
    )
    statuses = []
    for credentials in (chained, role):
        url, headers = signed(runtime.endpoint_url, request, credentials)
        statuses.append(send(url, request, headers).status)

    assert statuses == [200, 403]


def test_a_presigned_url_gives_what_it_names_until_it_expires(ask: Callable[..., Told]) -> None:
    minute = datetime.timedelta(minutes=1)

    good = ask(ASKS["S3 object"], expires=60)
    other_key = ask(Ask("s3", "GET", f"/{BUCKET}/b"), expires=60)
    expired = ask(ASKS["S3 object"], expires=30, ago=minute)
    too_long = ask(ASKS["S3 object"], expires=604_801)

    assert (good.status, good.body) == (200, b"secret")
    assert other_key.code == "NoSuchKey"
    assert (expired.code, b"expired" in expired.body) == ("AccessDenied", True)
    assert too_long.code == "AuthorizationHeaderMalformed"


def test_a_presigned_url_is_no_leave_for_another_object(
    runtime: LocalRuntime,
) -> None:
    url, headers = signed(runtime.endpoint_url, ASKS["S3 object"], own_credentials(), expires=60)

    told = send(url.replace("/a?", "/b?"), ASKS["S3 object"], headers)

    assert (told.status, told.code) == (403, "SignatureDoesNotMatch")


def test_the_old_signature_of_s3_is_no_way_in(runtime: LocalRuntime) -> None:
    own = own_credentials()
    date = "Sun, 29 Nov 2026 02:08:00 GMT"
    text = f"GET\n\n\n{date}\n/{BUCKET}/a".encode()
    digest = hmac.new(own.secret_key.encode(), text, hashlib.sha1).digest()
    signature = base64.b64encode(digest).decode()
    header = {"Date": date, "Authorization": f"AWS {own.access_key}:{signature}"}
    query = f"?AWSAccessKeyId={own.access_key}&Expires=9999999999&Signature=x"
    asked = Ask("s3", "GET", f"/{BUCKET}/a")

    in_header = send(f"{runtime.endpoint_url}/{BUCKET}/a", asked, header)
    in_query = send(f"{runtime.endpoint_url}/{BUCKET}/a{query}", asked)

    assert [(told.status, told.code) for told in (in_header, in_query)] == [
        (400, "InvalidRequest")
    ] * 2


@pytest.mark.parametrize("trailer", [False, True])
@pytest.mark.parametrize("size", [8192, 3 * 1024**2], ids=["small", "large"])
def test_each_chunk_of_an_upload_is_verified(
    runtime: LocalRuntime, trailer: bool, size: int
) -> None:
    chunks = [b"x" * size, b"yz"]

    good = _upload(runtime, chunks, trailer=trailer)
    forged = _upload(runtime, chunks, trailer=trailer, sent=[b"x" * size, b"ya"])

    assert (good.status, good.code) == (200, "")
    assert (forged.status, forged.code) == (403, "SignatureDoesNotMatch")
    stored = runtime.client("s3").get_object(Bucket=BUCKET, Key="chunked")
    assert stored["Body"].read() == b"".join(chunks)


def _upload(
    runtime: LocalRuntime, chunks: list[bytes], *, trailer: bool, sent: list[bytes] | None = None
) -> Told:
    """Upload in signed chunks; `sent` are those that come in place of the signed ones."""
    own, length = own_credentials(), sum(map(len, chunks))
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if trailer else "")
    headers = {
        "X-Amz-Content-SHA256": kind,
        "X-Amz-Decoded-Content-Length": str(length),
        "Content-Encoding": "aws-chunked",
        **({"X-Amz-Trailer": "x-amz-checksum-crc32"} if trailer else {}),
    }
    stream = _Stream(f"{runtime.endpoint_url}/{BUCKET}/chunked", headers, own)
    body = b""
    for chunk, told in zip([*chunks, b""], [*(sent or chunks), b""], strict=True):
        line = f"{len(told):x};chunk-signature={stream.next('PAYLOAD', chunk)}\r\n"
        body += line.encode() + told + (b"\r\n" if told else b"")
    if trailer:
        checksum = f"x-amz-checksum-crc32:{base64.b64encode(_crc32(b''.join(chunks))).decode()}\n"
        signature = stream.next("TRAILER", checksum.encode())
        body += f"{checksum}\r\nx-amz-trailer-signature:{signature}\r\n".encode()
    return send(stream.url, Ask("s3", "PUT", "", body + b"\r\n"), stream.headers)


def _crc32(data: bytes) -> bytes:
    import zlib

    return zlib.crc32(data).to_bytes(4)


class _Stream:
    """What follows from the signature of an upload's head."""

    def __init__(self, url: str, headers: dict[str, str], credentials: Credentials) -> None:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        self._signer = SigV4Auth(credentials, "s3", "us-east-1")
        request = AWSRequest("PUT", url, headers)
        self._signer.add_auth(request)
        self._request = request
        self.url, self.headers = url, dict(request.headers.items())
        self._before = str(self.headers["Authorization"]).rpartition("=")[2]

    def next(self, kind: str, data: bytes) -> str:
        scope = self._signer.credential_scope(self._request)
        timestamp = self._request.context["timestamp"]
        empty = hashlib.sha256().hexdigest() + "\n" if kind == "PAYLOAD" else ""
        text = (
            f"AWS4-HMAC-SHA256-{kind}\n{timestamp}\n{scope}\n{self._before}\n"
            f"{empty}{hashlib.sha256(data).hexdigest()}"
        )
        self._before = str(self._signer.signature(text, self._request))
        return self._before


def test_a_body_that_is_not_the_signed_one_is_refused(runtime: LocalRuntime) -> None:
    upload = Ask("s3", "PUT", f"/{BUCKET}/put", b"good")
    start = target("states", "ListStateMachines", maxResults=1)
    told = []
    for asked, other in ((upload, b"evil"), (start, b'{"maxResults": 2}')):
        url, headers = signed(runtime.endpoint_url, asked, own_credentials())
        told.append(send(url, Ask(asked.service, asked.method, body=other), headers).code)

    assert told == ["XAmzContentSHA256Mismatch", "InvalidSignatureException"]


def test_only_what_a_buckets_policy_opens_is_read_unsigned(runtime: LocalRuntime) -> None:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket="half-open")
    for key in ("open/a", "shut/a"):
        s3.put_object(Bucket="half-open", Key=key, Body=b"content")
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::half-open/open/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket="half-open", Policy=policy)

    def unsigned(method: str, path: str) -> int:
        asked = Ask("s3", method, path)
        return send(runtime.endpoint_url + path, asked).status

    assert unsigned("GET", "/half-open/open/a") == 200
    assert unsigned("GET", "/half-open/shut/a") == 403
    assert unsigned("GET", "/half-open?list-type=2") == 403
    assert unsigned("GET", "/half-open/open/a?acl") == 403
    assert unsigned("PUT", "/half-open/open/a") == 403
    assert unsigned("DELETE", "/half-open/open/a") == 403


def test_a_user_may_do_what_their_policies_say_while_their_key_is_active(
    runtime: LocalRuntime, ask: Callable[..., Told]
) -> None:
    iam = runtime.client("iam")
    iam.create_user(UserName="reader")
    made = iam.create_access_key(UserName="reader")["AccessKey"]
    statement = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName="reader", PolicyName="reads", PolicyDocument=policy)
    credentials = Credentials(made["AccessKeyId"], made["SecretAccessKey"])

    codes = [ask(ASKS[name], credentials).code for name in ("S3 object", "S3 listing")]
    iam.update_access_key(UserName="reader", AccessKeyId=made["AccessKeyId"], Status="Inactive")
    codes.append(ask(ASKS["S3 object"], credentials).code)

    assert codes == ["", "AccessDenied", "InvalidAccessKeyId"]


@pytest.mark.parametrize(
    "path", ["/moto-api/", "/moto-api/data.json", "/moto-api/reset", "/latest/meta-data/iam/"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_engines_own_pages_are_not_served(
    runtime: LocalRuntime, ask: Callable[..., Told], path: str, method: str
) -> None:
    statuses = {
        send(f"{runtime.endpoint_url}{path}", Ask("s3", method)).status,
        ask(Ask("sts", method, path)).status,
    }

    assert statuses == {404}
    assert BUCKET in [one["Name"] for one in runtime.client("s3").list_buckets()["Buckets"]]


@pytest.mark.parametrize(
    ("path", "host"),
    [
        (f"//{BUCKET}/a", ""),
        (f"/{BUCKET};x/a", ""),
        (f"/{BUCKET}%3Bx/a", ""),
        ("/a", f"{BUCKET}.localhost"),
        (f"/mine/../{BUCKET}/a", ""),
        (f"/mine/%2E%2E/{BUCKET}/a", ""),
        (f"/mine/a?prefix=x&key={BUCKET}", ""),
        (f"/{BUCKET}/a?acl&list-type=2", ""),
        (f"/v20180820/bucket/{BUCKET}", ""),
        ("/", ""),
        ("/new-bucket", ""),
    ],
)
def test_a_role_for_one_bucket_gets_no_other_however_it_is_named(
    runtime: LocalRuntime, path: str, host: str
) -> None:
    if not runtime.client("s3").list_buckets(Prefix="mine")["Buckets"]:
        runtime.client("s3").create_bucket(Bucket="mine")
    resources = ["arn:aws:s3:::mine", "arn:aws:s3:::mine/*"]
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": resources}
    credentials = assumed(runtime, made_role(runtime, "of-mine", statement))
    port = runtime.endpoint_url.rpartition(":")[2]
    for method in ("GET", "PUT"):
        asked = Ask("s3", method, path)
        url, headers = signed(f"http://{host or 'localhost'}:{port}", asked, credentials)
        told = send(
            url.replace(f"http://{host}", "http://localhost", 1) if host else url,
            asked,
            {**headers, "Host": f"{host or 'localhost'}:{port}"},
        )

        is_own = path.startswith("/mine/")
        assert is_own or told.status in (400, 403, 404), told
        assert b"secret" not in told.body
    names = {one["Name"] for one in runtime.client("s3").list_buckets()["Buckets"]}
    assert "new-bucket" not in names


FORM_TYPE = "application/x-www-form-urlencoded"
DELETING = b"Action=DeleteTopic&Version=2010-03-31&TopicArn=arn:aws:sns:us-east-1:123456789012:kept"
LISTING = b"Action=ListTopics&Version=2010-03-31"


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/", LISTING + b"&" + DELETING, {"Content-Type": FORM_TYPE}),
        ("/", LISTING + b"&Acti%6fn=DeleteTopic", {"Content-Type": FORM_TYPE}),
        (f"/?{DELETING.decode()}", LISTING, {"Content-Type": FORM_TYPE}),
        (f"/?{LISTING.decode()}", DELETING, {"Content-Type": FORM_TYPE.upper()}),
        (f"/?{DELETING.decode()}", LISTING, {"Content-Type": FORM_TYPE + "X"}),
        (f"/?{LISTING.decode()}", DELETING, {}),
        ("/", DELETING, {"Content-Type": FORM_TYPE, "X-Amz-Target": "AmazonSNS.ListTopics"}),
        ("/", DELETING, {"X-Amz-Target": "AmazonSNS.ListTopics"}),
        ("/", b"", {"X-Amz-Target": "AmazonSNS.ListTopics", "Action": "DeleteTopic"}),
        (
            "/",
            b'{"a": "&' + DELETING + b'&"}',
            {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSNS.ListTopics"},
        ),
    ],
)
def test_what_could_be_read_in_two_ways_is_not_done(
    runtime: LocalRuntime,
    ask: Callable[..., Told],
    path: str,
    body: bytes,
    headers: dict[str, str],
) -> None:
    sns = runtime.client("sns")
    kept = sns.create_topic(Name="kept")["TopicArn"]
    may = {"Effect": "Allow", "Action": "sns:ListTopics", "Resource": "*"}
    credentials = assumed(runtime, made_role(runtime, "may-list-topics", may))

    told = ask(Ask("sns", "POST", path, body, headers), credentials)

    assert told.status in (400, 403)
    assert kept in [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]


def test_an_operation_inside_of_a_text_is_not_what_is_done(
    runtime: LocalRuntime, ask: Callable[..., Told]
) -> None:
    may = {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}
    credentials = assumed(runtime, made_role(runtime, "may-read-parameters", may))
    runtime.client("ssm").put_parameter(Name="/kept", Value="1", Type="String", Overwrite=True)

    ask(target("ssm", "GetParameter", Name="/kept", more="&Action=DeleteParameter&"), credentials)

    assert runtime.client("ssm").get_parameter(Name="/kept")["Parameter"]["Value"] == "1"


def test_a_service_in_capitals_is_none(runtime: LocalRuntime, ask: Callable[..., Told]) -> None:
    may = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::mine/*"}
    credentials = assumed(runtime, made_role(runtime, "of-mine-alone", may))

    told = ask(Ask("S3", "GET", f"/{BUCKET}/a"), credentials)

    assert (told.status, told.code) == (403, "IncompleteSignatureException")


def test_no_role_is_assumed_by_a_request_that_does_not_say_so(
    runtime: LocalRuntime, ask: Callable[..., Told]
) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    trust = {"Version": "2012-10-17", "Statement": {**statement, "Action": "sts:AssumeRole"}}
    made = runtime.client("iam").create_role(
        RoleName="trusts-functions", AssumeRolePolicyDocument=json.dumps(trust)
    )
    arn = made["Role"]["Arn"]
    assuming = f"Action=AssumeRole&Version=2011-06-15&RoleSessionName=me&RoleArn={arn}"
    may_all = assumed(runtime, made_role(runtime, "may-all-of-sts"))
    identity = "Action=GetCallerIdentity&Version=2011-06-15"
    form_type = {"Content-Type": FORM_TYPE}
    json_type = {"Content-Type": "application/x-amz-json-1.0"}
    asks = [
        form("sts", assuming),
        Ask("sts", "POST", f"/?{identity}", assuming.encode(), {"Content-Type": FORM_TYPE.upper()}),
        Ask("sts", "POST", f"/?{assuming}", identity.encode(), form_type),
        Ask("sts", "POST", "/", f"{identity}&{assuming}".encode(), form_type),
        Ask("sts", "POST", "/x", assuming.encode(), form_type),
        Ask("sts", "POST", "/", assuming.encode(), {"X-Amz-Target": "X.GetCallerIdentity"}),
        Ask(
            "sts",
            body=f'{{"a": "&{assuming}&"}}'.encode(),
            headers={**json_type, "X-Amz-Target": "X.AssumeRole"},
        ),
    ]

    told = [ask(one, who) for one in asks for who in (own_credentials(), may_all)]

    assert [one.status for one in told if one.status not in (400, 403, 404)] == []
    assert not any(b"SecretAccessKey" in one.body for one in told)


def test_the_header_that_names_the_operation_is_signed(runtime: LocalRuntime) -> None:
    asked = target("states", "ListStateMachines")
    bare = Ask("states", body=asked.body, headers={"Content-Type": asked.headers["Content-Type"]})
    url, headers = signed(runtime.endpoint_url, bare, own_credentials())

    told = send(url, bare, {**headers, "X-Amz-Target": asked.headers["X-Amz-Target"]})

    assert (told.status, told.code) == (400, "InvalidSignatureException")


def test_an_upload_by_a_form_is_refused(runtime: LocalRuntime) -> None:
    post = runtime.client("s3").generate_presigned_post(BUCKET, "by-form")
    parts = [*post["fields"].items(), ("file", "content")]
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts
    )
    asked = Ask("s3", "POST", f"/{BUCKET}", f"{body}--x--\r\n".encode())

    told = send(
        f"{runtime.endpoint_url}/{BUCKET}",
        asked,
        {"Content-Type": "multipart/form-data; boundary=x"},
    )

    assert (told.status, told.code) == (403, "AccessDenied")
    assert runtime.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="by-form")["KeyCount"] == 0


def test_a_bucket_in_the_host_is_the_one_that_is_served(runtime: LocalRuntime) -> None:
    host = f"{BUCKET}.localhost:{runtime.endpoint_url.rpartition(':')[2]}"
    asked = Ask("s3", "GET", "/a")
    _, headers = signed(f"http://{host}", asked, own_credentials())

    told = send(f"{runtime.endpoint_url}/a", asked, {**headers, "Host": host})

    assert (told.status, told.body) == (200, b"secret")


@pytest.mark.parametrize(
    ("path", "host"), [("/%6Doto-api/reset", ""), ("/moto%2Dapi/reset", ""), ("/reset", "moto-api")]
)
def test_the_engines_own_pages_are_not_served_by_other_names(
    runtime: LocalRuntime, path: str, host: str
) -> None:
    port = runtime.endpoint_url.rpartition(":")[2]
    name = f"{host}.localhost:{port}" if host else f"localhost:{port}"
    asked = Ask("s3", "POST", path)
    _, headers = signed(f"http://{name}", asked, own_credentials())

    told = send(f"{runtime.endpoint_url}{path}", asked, {**headers, "Host": name})

    assert told.status == 404
    assert BUCKET in [one["Name"] for one in runtime.client("s3").list_buckets()["Buckets"]]


def test_every_runtime_has_a_key_of_its_own() -> None:
    keys = {LocalRuntime().administrator for _ in range(3)}

    assert len({key.access_key_id for key in keys}) == len({key.secret for key in keys}) == 3
    assert all(len(key.access_key_id) == 20 and len(key.secret) >= 40 for key in keys)


def test_boto3_uploads_and_downloads_whatever_names_keys_have(runtime: LocalRuntime) -> None:
    config = Config(s3={"payload_signing_enabled": True})
    s3 = boto3.client("s3", region_name="us-east-1", config=config)
    for key in ("a b+c", "ä/ö~(1)!*'", "x;y=1&z?", "%25", "a//b"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode(), Metadata={"my_key": "v"})

        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == key.encode()
