"""Which requests are answered one after the other.

moto looks at what is there and writes in two steps, in as many threads as there are requests. A
conditional write of DynamoDB or S3, and a version of Parameter Store, is one step on AWS:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.ConditionalUpdate
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

# Nothing in these waits for another request.
_SERVICES: Final = ("dynamodb", "ssm")
_CONDITIONS: Final = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH")


class Turns:
    """The locks of one server."""

    def __init__(self) -> None:
        self._locks = {service: threading.Lock() for service in (*_SERVICES, "s3")}

    @contextmanager
    def turn(self, service: str, environ: Mapping[str, Any]) -> Iterator[None]:
        """Wait until no request is answered that this one's answer could depend on.

        Args:
            service: that the request is signed for.
            environ: of the request, as WSGI has it.
        """
        is_conditional = environ["REQUEST_METHOD"] == "PUT" and any(
            name in environ for name in _CONDITIONS
        )
        if service in _SERVICES or (service == "s3" and is_conditional):
            with self._locks[service]:
                yield
        else:
            yield
