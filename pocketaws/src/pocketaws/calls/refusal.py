"""How a call is refused."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """Why a call is refused, in AWS's words."""

    code: str
    message: str
