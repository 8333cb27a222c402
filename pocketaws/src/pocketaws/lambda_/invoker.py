"""Calls functions as services of AWS do: one attempt, as it comes."""

import threading
from typing import Any, Final, NamedTuple

import boto3
from botocore.config import Config

from pocketaws.wire.in_process import InProcess

# A function may take a quarter of an hour, and its caller must not ask a second time meanwhile.
ONE_ATTEMPT: Final = Config(read_timeout=1000, retries={"total_max_attempts": 1})


class FunctionAnswer(NamedTuple):
    """What a function answered: its payload in JSON, and whether that is an error's."""

    payload: str
    failed: bool


class Invoker:
    """Reaches the emulator from any thread, with clients that are made when first needed.

    Args:
        region: of the account.
        in_process: answers what the clients ask.
    """

    def __init__(self, region: str, in_process: InProcess) -> None:
        self._region = region
        self._in_process = in_process
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def invoke(self, function_arn: str, payload: str) -> FunctionAnswer:
        """Call a function and wait for its answer.

        Raises:
            ClientError: Lambda refuses the call.
        """
        answer = self._client("lambda").invoke(FunctionName=function_arn, Payload=payload.encode())
        return FunctionAnswer(answer["Payload"].read().decode(), "FunctionError" in answer)

    def close(self) -> None:
        """Close the clients' connections."""
        for client in self._clients.values():
            client.close()

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                session = boto3.Session(region_name=self._region)
                self._clients[service] = session.client(service, config=ONE_ATTEMPT)
                self._in_process.attach(self._clients[service])
            return self._clients[service]
