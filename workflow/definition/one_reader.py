"""One reader of botocore's descriptions of services for all sessions that the SDK makes.

The SDK makes a session for every state, and each would read megabytes of JSON for itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import botocore.session


@contextmanager
def one_reader() -> Iterator[None]:
    """Have every botocore session that is made meanwhile use the same reader."""
    original = botocore.session.create_loader
    reader = original()
    botocore.session.create_loader = lambda *_: reader
    try:
        yield
    finally:
        botocore.session.create_loader = original
