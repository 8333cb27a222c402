"""The user's own AWS: clients from their boto3 configuration, and its errors with a remedy.

The commands that use it only speak boto3, so they work alike with an account and with the local
runtime, to which `AWS_ENDPOINT_URL` leads.
"""

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from workflow.errors import WorkflowError

Clients = Callable[[str], Any]

# A name that nobody answers to is told at once; SageMaker gives a model's container a minute.
_CONNECT_SECONDS: Final = 5
_READ_SECONDS: Final = 65
_ATTEMPTS: Final = 4

_LOG_IN: Final = (
    "log in (`aws sso login`, or `aws configure`), name a profile with --profile, or set "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)
_SERVE: Final = (
    "for this machine's own, `workflow serve`, and `source .workflow/local.env` after it"
)
_REACH: Final = "check the network and the region"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
# By the name of botocore's exception; of several that fit, the first stands for it.
_REMEDIES: Final[Mapping[str, str]] = {
    "NoCredentialsError": f"{_LOG_IN}; {_SERVE}",
    "PartialCredentialsError": _LOG_IN,
    "CredentialRetrievalError": _LOG_IN,
    "SSOError": "log in again with `aws sso login`",
    "TokenRetrievalError": "log in again with `aws sso login`",
    "NoRegionError": f"name one with --region, or set AWS_DEFAULT_REGION; {_SERVE}",
    "InvalidRegionError": "name a region such as eu-west-1 with --region",
    "ProfileNotFound": "name one of your profiles (`aws configure list-profiles`) with --profile",
    "ConfigParseError": "correct the file, or name another one in AWS_CONFIG_FILE",
    "HTTPClientError": _REACH,
    "ConnectionError": _REACH,
    "ParamValidationError": "correct the name that was given",
}
# By the code of a service's answer.
_CODE_REMEDIES: Final[Mapping[str, str]] = {
    "ExpiredToken": "the session is over: log in again",
    "ExpiredTokenException": "the session is over: log in again",
    "RequestExpired": "correct this machine's clock, or log in again",
    "InvalidClientTokenId": _LOG_IN,
    "UnrecognizedClientException": _LOG_IN,
    "InvalidSignatureException": _LOG_IN,
    "SignatureDoesNotMatch": _LOG_IN,
    "AccessDenied": "ask for the permission, or name another --profile",
    "AccessDeniedException": "ask for the permission, or name another --profile",
    "ThrottlingException": "try again in a minute",
    "Throttling": "try again in a minute",
}
_NOT_THERE: Final = ("could not find", "does not exist", "not found")


def described(summary: str) -> str:
    """Return a command's description from its summary."""
    return (
        f"{summary.capitalize()}, with your own boto3 configuration: in AWS, or in the local "
        "runtime that AWS_ENDPOINT_URL leads to."
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options by which a command finds its account."""
    parser.add_argument("--profile", metavar="NAME", help="of your AWS configuration")
    parser.add_argument("--region", metavar="REGION", help="such as eu-west-1 (default: yours)")


def add_stack_name(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the workflow's stack, which `stack_name` returns."""
    parser.add_argument(
        "--stack-name",
        metavar="NAME",
        help="the workflow's stack (default: NAME-dev, by the name in project.toml)",
    )


def add_endpoint_name(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the endpoint, which `endpoint_name` returns."""
    parser.add_argument(
        "--endpoint-name",
        metavar="NAME",
        help="as in endpoint.yaml (default: the name in project.toml)",
    )


def stack_name(arguments: argparse.Namespace) -> str:
    """Return the workflow's stack: the one that was named, or the project's.

    Raises:
        ProjectError: none was named, and project.toml cannot be used.
    """
    from workflow.project import project

    given: str | None = arguments.stack_name
    return project().stack_name if given is None else given


def endpoint_name(arguments: argparse.Namespace) -> str:
    """Return the endpoint: the one that was named, or the project's.

    Raises:
        ProjectError: none was named, and project.toml cannot be used.
    """
    from workflow.project import project

    given: str | None = arguments.endpoint_name
    return project().endpoint_name if given is None else given


def clients(arguments: argparse.Namespace) -> Clients:
    """Return what makes a client of a service, by its name, with the user's configuration.

    Raises:
        WorkflowError: the profile is not there, or a client lacks a region.
    """
    # Half a second, which `--help` need not wait for.
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    with actionable_errors():
        session = boto3.Session(
            profile_name=arguments.profile or None, region_name=arguments.region or None
        )
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )

    def client(service: str) -> Any:
        with actionable_errors():
            try:
                return session.client(service, config=config)
            except BotoCoreError:
                raise
            except ValueError as error:
                url = os.environ.get("AWS_ENDPOINT_URL")
                raise WorkflowError(
                    f"AWS_ENDPOINT_URL is {url!r}: {error}; give a URL such as "
                    "http://localhost:5000, or unset it"
                ) from error

    return client


@contextlib.contextmanager
def actionable_errors() -> Iterator[None]:
    """Turn an error of boto3 into one line that says what to do about it.

    Raises:
        WorkflowError: in place of every error that botocore raises.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        code, message = details.get("Code", "Unknown"), details.get("Message", "")
        text = f"{error.operation_name} was refused: {code}: {' '.join(message.split())}"
        raise WorkflowError(_with_remedy(text, _CODE_REMEDIES.get(code))) from error
    except BotoCoreError as error:
        kinds = (kind.__name__ for kind in type(error).__mro__)
        remedy = next((_REMEDIES[kind] for kind in kinds if kind in _REMEDIES), None)
        if remedy == _REACH and _is_of_this_machine():
            remedy = f"nothing is up there any more; {_SERVE}"
        raise WorkflowError(_with_remedy(" ".join(str(error).split()), remedy)) from error


def call_or_none(call: Callable[..., Any], **request: Any) -> Any | None:
    """Return the answer of a call about one thing, None where there is no such thing.

    SageMaker and CloudFormation have no error of their own for it: what they say decides.
    """
    from botocore.exceptions import ClientError

    try:
        return call(**request)
    except ClientError as error:
        details = error.response["Error"]
        is_validation = details["Code"] in {"ValidationException", "ValidationError"}
        message = details.get("Message", "").lower()
        if is_validation and any(words in message for words in _NOT_THERE):
            return None
        raise


def _is_of_this_machine() -> bool:
    from urllib.parse import urlsplit

    return urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname in _LOOPBACK


def _with_remedy(text: str, remedy: str | None) -> str:
    return f"{text.rstrip('.')}; {remedy}" if remedy else text
