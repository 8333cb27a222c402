"""What several of the functional tests need."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functional.browser import launched


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from launched()
