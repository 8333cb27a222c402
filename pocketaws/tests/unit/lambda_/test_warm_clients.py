"""What a process that handlers are forked from has ready for their clients."""

import subprocess
import sys

# In a process of its own, since the module stays in place for good.
_ASKS = """
import pocketaws.lambda_.warm_clients
import boto3

def named(class_attributes, **_):
    class_attributes["own"] = lambda self: "own"

session = boto3.Session(region_name="us-east-1")
session.events.register("creating-client-class.s3", named)
first, second = session.client("s3"), boto3.client("s3", region_name="eu-west-1")
assert first.meta.service_model is second.meta.service_model
assert first.own() == "own"
assert not hasattr(second, "own"), "what is registered for one session is of no other"
assert first.upload_file and second.list_objects_v2
assert (first.meta.region_name, second.meta.region_name) == ("us-east-1", "eu-west-1")
assert first.exceptions.NoSuchKey.__name__ == "NoSuchKey"
"""


def test_clients_share_what_describes_their_service_and_nothing_else() -> None:
    subprocess.run([sys.executable, "-c", _ASKS], check=True)
