"""Messages as they are shown on this machine: what leads to AWS leads to the emulated one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pocketaws import write_exports

if TYPE_CHECKING:
    from workflow.laptop.emulated import Emulated

ENV_NAME: Final = "local.env"
_REPORT: Final = "Report: "
_CONSOLE: Final = re.compile(r"https://(?:[\w-]+\.)?console\.[\w.-]+/\S*")
_NOT_HERE: Final = "(AWS's console alone shows it)"
_COMMAND: Final = "aws "
# What a message is about, or says that it has started.
_EXECUTION: Final = re.compile(
    r"^(?:Execution: |Retraining was started: arn:\S+:)(\S+)$", re.MULTILINE
)
_WINDOW: Final = re.compile(r"^Page: s3://[^/]+/reports/(\S+)/report\.html$", re.MULTILINE)
_ENDED: Final = "(no more: the emulated AWS of this command has ended)"
# The most that S3 takes.
_LINK_SECONDS: Final = 7 * 24 * 3600


def local_text(text: str, *, report: str, endpoint_url: str | None = None) -> str:
    """Return a message's text with what can be followed here.

    Links to AWS's console are left out.

    Args:
        text: as functions/send_message or functions/approval sends it.
        report: where the report is: a path, or a link to the emulated S3.
        endpoint_url: of the emulated AWS, which commands are given; None where it has ended.
    """
    return "\n".join(_local_lines(text, report, endpoint_url))


def served_text(text: str, *, console_url: str, endpoint_url: str) -> str:
    """Return a message's text while the console is up, whose pages it leads to.

    Args:
        text: as a function of either stack sends it.
        console_url: without the link's token; the pages want the cookie of who has used that.
        endpoint_url: of the emulated AWS.
    """
    named = _EXECUTION.search(text)
    place = f"executions/{quote(named[1])}" if named else "endpoint"
    report = f"{console_url}/{place}"
    told = local_text(text, report=report, endpoint_url=endpoint_url)
    told = _WINDOW.sub(lambda page: f"Page: {console_url}/monitor/{page[1]}", told)
    leads = report if named else console_url
    return told if leads in told else f"{told}\nSee: {report}"


def without_console(text: str) -> str:
    """Return a text that says of each link to AWS's console that nothing is there."""
    return _CONSOLE.sub(_NOT_HERE, text)


def _local_lines(text: str, report: str, endpoint_url: str | None) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith(_REPORT):
            yield f"{_REPORT}{report}"
        elif line.startswith(_COMMAND):
            # Without an address the command would go to the AWS of whoever types it.
            given = f"--endpoint-url {endpoint_url} {line.removeprefix(_COMMAND)}"
            yield f"{_COMMAND}{given}" if endpoint_url else _ENDED
        elif not _CONSOLE.fullmatch(line):
            yield line


def report_link(runtime: "Emulated", bucket_name: str, execution_name: str) -> str:
    """Return a link to the report that functions/write_report left, while the emulator runs."""
    place = {"Bucket": bucket_name, "Key": f"reports/{execution_name}/report.html"}
    import boto3
    from botocore.config import Config

    s3: Any = boto3.client(
        "s3",
        region_name=runtime.region,
        endpoint_url=runtime.endpoint_url,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    try:
        url: str = s3.generate_presigned_url("get_object", Params=place, ExpiresIn=_LINK_SECONDS)
    finally:
        s3.close()
    return url


def write_exports_of(runtime: "Emulated", state_dir: Path) -> Path:
    """Write what a shell has to export to reach the emulated AWS, and return where."""
    path = state_dir / ENV_NAME
    write_exports(path, runtime.exported)
    return path
