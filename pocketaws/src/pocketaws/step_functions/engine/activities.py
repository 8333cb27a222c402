"""Activities: tasks that workers ask for.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html
"""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field

from pocketaws.step_functions.engine.tokens import Ticket


@dataclass
class Offer:
    """A task that waits for a worker.

    Attributes:
        input: in JSON.
        taken: set when a worker has it.
    """

    ticket: Ticket
    input: str
    taken: threading.Event = field(default_factory=threading.Event)
    worker_name: str | None = None


class Activities:
    """The tasks of all activities that wait for a worker, by the activity's ARN."""

    def __init__(self) -> None:
        self._offers: dict[str, deque[Offer]] = defaultdict(deque)
        self._changed = threading.Condition()

    def offer(self, arn: str, ticket: Ticket, task_input: str) -> Offer:
        """Offer a task to the workers of an activity."""
        offer = Offer(ticket, task_input)
        with self._changed:
            self._offers[arn].append(offer)
            self._changed.notify_all()
        return offer

    def take(self, arn: str, worker_name: str | None, *, seconds: float) -> Offer | None:
        """Return the oldest task that still waits, or None where none comes in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waits(arn), seconds):
                return None
            offer = self._offers[arn].popleft()
            offer.worker_name = worker_name
        offer.taken.set()
        return offer

    def _waits(self, arn: str) -> bool:
        offers = self._offers[arn]
        while offers and offers[0].ticket.closed:
            offers.popleft()
        return bool(offers)
