"""Imported into the process that handlers are forked from: boto3's descriptions of services, read.

Making a first client reads megabytes of JSON, most of a short handler's time. boto3's default
session keeps what was read, and a forked handler has it; region, credentials and endpoint are
looked up in the handler's own environment when it makes its clients.
"""

import boto3

_SERVICES = ("s3", "ssm", "sns", "sagemaker")

for _service in _SERVICES:
    boto3.client(
        _service,
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106 - nothing is called
    )
