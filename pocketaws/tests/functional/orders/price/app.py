"""Price an order with a package that the function requires."""

import os
from typing import Any

from tariff import PRICE  # type: ignore[import-not-found] # installed beside this file


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Return the price of an order, with the stage."""
    return {"text": f"{os.environ['STAGE']}: {event['order'] * PRICE}"}
