"""Where a person finds the report of an execution; every function that says so has this file."""

import urllib.parse

from console import CONSOLE_HOSTS
from execution import Execution

_PAGE = "report.html"


def report_uri(execution: Execution, reports_uri: str) -> str:
    """Return the S3 URI of the page that functions/write_report makes."""
    return f"{reports_uri}{execution.name}/{_PAGE}"


def report_line(execution: Execution, reports_uri: str) -> str:
    """Return a line with a link to the page in S3's console, or with a command that fetches it.

    The link works for whoever may read the bucket, for ever. One that is signed would work for
    everybody who gets hold of the message, and end with the function's own session, within hours.
    """
    uri = report_uri(execution, reports_uri)
    host = CONSOLE_HOSTS.get(execution.partition)
    if host is None:
        return f"Report: aws s3 cp --region {execution.region} {uri} {_PAGE}"
    bucket_name, _, key = uri.removeprefix("s3://").partition("/")
    query = urllib.parse.urlencode({"region": execution.region, "prefix": key})
    return f"Report: https://{execution.region}.{host}/s3/object/{bucket_name}?{query}"
