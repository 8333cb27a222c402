"""What the newest window of the monitor found, for the message about an alarm of it.

functions/publish_window keeps it as reports/latest/summary.json before it puts the numbers.
"""

import json
import urllib.parse
from collections.abc import Mapping
from typing import Any, Final

from console import CONSOLE_HOSTS

_KEY: Final = "reports/latest/summary.json"
_WHAT_TO_DO: Final = (
    "What to do: look at the page. Calls that are wrong are their sender's to mend. Calls that are "
    "right and differ need a model that knows such data: add it to the training data and start the "
    "workflow. What is meant to be so needs a new baseline, which every release brings."
)


def moved(bucket_name: str, *, arn: str, s3: Any) -> list[str]:
    """Return paragraphs: what moved most, the page, what to do.

    Args:
        bucket_name: of the reports.
        arn: of the alarm, which tells partition and region.
        s3: a client.

    Raises:
        botocore.exceptions.ClientError: S3 refused.
    """
    body = s3.get_object(Bucket=bucket_name, Key=_KEY)["Body"].read()
    summary: Mapping[str, Any] = json.loads(body)
    window = summary["window"]
    lines = [f"  {number}. {one['told']}" for number, one in enumerate(summary["moved_most"], 1)]
    return [
        "\n".join([f"From {window['from']} to {window['until']}: {summary['note']}", *lines]),
        f"Page: s3://{bucket_name}/{summary['page_key']}\n"
        f"{_page_url(bucket_name, summary['page_key'], arn=arn)}".rstrip(),
        _WHAT_TO_DO,
    ]


def _page_url(bucket_name: str, key: str, *, arn: str) -> str:
    _, partition, _, region, *_ = arn.split(":")
    host = CONSOLE_HOSTS.get(partition)
    if host is None:
        return ""
    query = urllib.parse.urlencode({"region": region, "prefix": key})
    return f"https://{region}.{host}/s3/object/{bucket_name}?{query}"
