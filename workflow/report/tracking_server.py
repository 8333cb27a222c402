"""An MLflow tracking server, by its REST API: one of one's own, or SageMaker's managed one.

https://mlflow.org/docs/latest/rest-api.html. A managed one is named by its ARN, and is a tracking
server or an app: host, header and the service that requests are signed for are those of AWS's
plugin for MLflow's client, sagemaker-mlflow 0.5.0 (https://github.com/aws/sagemaker-mlflow).
"""

import hashlib
import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import urllib3

_API: Final = "/api/2.0/mlflow"
_TIMEOUT: Final = urllib3.Timeout(connect=5, read=30)
_ARN: Final = re.compile(
    r"arn:(?P<partition>[a-z-]+):sagemaker:(?P<region>[a-z0-9-]+):\d{12}:"
    r"(?P<kind>mlflow-tracking-server|mlflow-app)/\S+"
)
# Elsewhere the plugin knows no host.
_PARTITIONS: Final = ("aws", "aws-us-gov")
_HTTP_FAILURES: Final = 400
_SAID: Final = 300


class _Managed(NamedTuple):
    """How a kind of managed server is asked; `host` has a place for the region."""

    host: str
    arn_header: str
    service: str


_MANAGED: Final[Mapping[str, _Managed]] = {
    "mlflow-tracking-server": _Managed(
        "{}.experiments.sagemaker.aws", "x-mlflow-sm-tracking-server-arn", "sagemaker-mlflow"
    ),
    "mlflow-app": _Managed("mlflow.sagemaker.{}.app.aws", "x-sm-mlflow-app-arn", "sagemaker"),
}


class TrackingError(Exception):
    """A tracking server cannot be reached, refuses, or has no place for files."""


@dataclass(frozen=True)
class TrackingServer:
    """A server by its URI.

    Attributes:
        uri: http(s)://HOST[:PORT][/PATH], or the ARN of a managed one.
        session: of botocore, which signs requests to a managed one; not used for any other.
    """

    uri: str
    session: Any

    def get(self, path: str, **query: str) -> Any:
        """Ask for something; None where there is none.

        Raises:
            TrackingError: see there.
        """
        # Not `+` for a space, which a signature does not know.
        asked = urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        return self._answer("GET", f"{_API}/{path}?{asked}")

    def post(self, path: str, document: Mapping[str, Any]) -> Any:
        """Make or change something, and return the answer.

        Raises:
            TrackingError: see there.
        """
        return self._answer("POST", f"{_API}/{path}", json.dumps(document).encode())

    def put_file(self, run: Mapping[str, Any], path: str, content: bytes) -> None:
        """Put a file among a run's artifacts.

        Args:
            run: `run_id` and `artifact_uri`, as the server tells them.
            path: of the file, among them.
            content: of the file.

        Raises:
            TrackingError: see there.
        """
        place = urllib.parse.urlsplit(run["artifact_uri"])
        if place.scheme == "mlflow-artifacts":
            key = f"{place.path.strip('/')}/{path}"
            self._answer("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{key}", content)
        elif place.scheme == "s3":
            told = self.post(
                "artifacts/presigned-upload-url",
                {"run_id": run["run_id"], "path": path, "expiration": 900},
            )
            self._send("PUT", told["presigned_url"], content, dict(told.get("headers", {})))
        else:
            raise TrackingError(
                f"the server keeps files in {run['artifact_uri']!r}, where only its own machine "
                "writes; start it with --serve-artifacts"
            )

    def _answer(self, method: str, path: str, content: bytes = b"") -> Any:
        url, headers = self._base() + path, {"Content-Type": "application/json"}
        if method == "PUT":
            headers["Content-Type"] = "application/octet-stream"
        response = self._send(method, url, content, self._signed(method, url, content, headers))
        try:
            return json.loads(response.data or b"{}")
        except ValueError as error:
            raise TrackingError(f"{url} answers what is no JSON") from error

    def _send(self, method: str, url: str, content: bytes, headers: dict[str, str]) -> Any:
        try:
            with urllib3.PoolManager(timeout=_TIMEOUT, retries=False) as pool:
                response = pool.request(method, url, body=content or None, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise TrackingError(f"{self.uri} cannot be reached: {type(error).__name__}") from error
        if response.status >= _HTTP_FAILURES:
            said = response.data[:_SAID].decode(errors="replace")
            place = urllib.parse.urlsplit(url).path
            raise TrackingError(f"{self.uri} answers {response.status} to {place}: {said}")
        return response

    def _base(self) -> str:
        managed = _ARN.fullmatch(self.uri)
        if managed is None:
            return self.uri.rstrip("/")
        if managed["partition"] not in _PARTITIONS:
            raise TrackingError(
                f"{self.uri}: servers in the partition {managed['partition']} have no known "
                "address; name one by its URL"
            )
        return f"https://{_MANAGED[managed['kind']].host.format(managed['region'])}"

    def _signed(
        self, method: str, url: str, content: bytes, headers: dict[str, str]
    ) -> dict[str, str]:
        """Return the headers of a request; of a managed server's with a signature."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        managed = _ARN.fullmatch(self.uri)
        if managed is None:
            return headers
        kind = _MANAGED[managed["kind"]]
        headers |= {
            kind.arn_header: self.uri,
            "X-Amz-Content-SHA256": hashlib.sha256(content).hexdigest(),
        }
        request = AWSRequest(method=method, url=url, data=content, headers=headers)
        credentials = self.session.get_credentials()
        SigV4Auth(credentials, kind.service, managed["region"]).add_auth(request)
        return dict(request.headers.items())
