"""EventBridge Scheduler's clock: fires what is due, tries again, keeps what could not be started.

Real time passes; nothing is made up for minutes in which no clock ran.
"""

import datetime
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import LocalRuntimeError, ServiceError
from pocketaws.events.schedule_times import is_due
from pocketaws.events.schedules import fire_schedule
from pocketaws.iam.assumed_roles import AssumedRoles

_LOOK_SECONDS: Final = 0.2
_MINUTE: Final = datetime.timedelta(minutes=1)
# https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
_MAX_ATTEMPTS: Final = 185
_MAX_AGE_SECONDS: Final = 86_400
_FIRST_PAUSE_SECONDS: Final = 1.0
_MAX_PAUSE_SECONDS: Final = 60.0
_LOG: Final = logging.getLogger(__name__)


class SchedulerClock:
    """Runs in a thread of its own until it is stopped.

    Args:
        client: returns a client of an emulated service, as the account's administrator.
        roles: those that EventBridge Scheduler assumes.
        every: seconds between two times of a schedule, by its name, in place of what its
            expression says.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        roles: AssumedRoles,
        every: Mapping[str, float] | None = None,
    ) -> None:
        self._client = client
        self._roles = roles
        self._every = dict(every or {})
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scheduler-clock", daemon=True)

    def start(self) -> None:
        """Begin with the next minute, and with the first time of what has seconds of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Fire nothing any more; what waits for another attempt is given up."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        minute = _now().replace(second=0, microsecond=0)
        begun = time.monotonic()
        times = dict.fromkeys(self._every, 0)
        while not self._stopping.wait(_LOOK_SECONDS):
            for name, seconds in self._every.items():
                passed = int((time.monotonic() - begun) // seconds)
                if passed > times[name]:
                    times[name] = passed
                    self._fire(name, "default", _now().replace(microsecond=0))
            while minute + _MINUTE <= _now():
                minute += _MINUTE
                self.look(minute)

    def look(self, minute: datetime.datetime) -> None:
        """Fire what is due in a minute."""
        scheduler = self._client("scheduler")
        for page in scheduler.get_paginator("list_schedules").paginate():
            for listed in page["Schedules"]:
                name, group_name = listed["Name"], listed["GroupName"]
                if name in self._every:
                    continue
                schedule = scheduler.get_schedule(Name=name, GroupName=group_name)
                if is_due(schedule, minute):
                    self._fire(name, group_name, minute)

    def _fire(self, name: str, group_name: str, due: datetime.datetime) -> None:
        # In a thread of its own: another attempt can be an hour away.
        threading.Thread(
            target=self._attempts, args=(name, group_name, due), name="schedule", daemon=True
        ).start()

    def _attempts(self, name: str, group_name: str, due: datetime.datetime) -> None:
        scheduler = self._client("scheduler")
        try:
            schedule = scheduler.get_schedule(Name=name, GroupName=group_name)
        except ClientError as error:
            _LOG.warning("schedule %s did not fire: %s", name, error)
            return
        policy = schedule["Target"].get("RetryPolicy", {})
        attempts = 1 + policy.get("MaximumRetryAttempts", _MAX_ATTEMPTS)
        begun = time.monotonic()
        last = begun + policy.get("MaximumEventAgeInSeconds", _MAX_AGE_SECONDS)
        pause = _FIRST_PAUSE_SECONDS
        for number in range(1, attempts + 1):
            try:
                fire_schedule(
                    schedule, due=due, attempt=number, client=self._client, roles=self._roles
                )
            except (LocalRuntimeError, ClientError, ServiceError) as error:
                _LOG.warning("schedule %s started nothing at attempt %d: %s", name, number, error)
                if time.monotonic() + pause > last or number == attempts:
                    self._keep(schedule, error)
                    return
                if self._stopping.wait(pause):
                    return
                pause = min(2 * pause, _MAX_PAUSE_SECONDS)
            else:
                return

    def _keep(self, schedule: Mapping[str, Any], error: Exception) -> None:
        """Send what could not be started to the schedule's dead-letter queue, if it has one."""
        arn = schedule["Target"].get("DeadLetterConfig", {}).get("Arn")
        if arn is None:
            return
        sqs = self._client("sqs")
        url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
        group_arn = schedule["Arn"].replace(":schedule/", ":schedule-group/").rpartition("/")[0]
        try:
            self._roles.client(
                schedule["Target"]["RoleArn"], "sqs", source_arn=group_arn
            ).send_message(
                QueueUrl=url,
                MessageBody=schedule["Target"].get("Input", "{}"),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": text}
                    for name, text in (
                        ("ERROR_MESSAGE", str(error)[:1000]),
                        ("SCHEDULE_ARN", schedule["Arn"]),
                        ("TARGET_ARN", schedule["Target"]["Arn"]),
                    )
                },
            )
        except (ClientError, ServiceError) as refused:
            _LOG.warning("schedule %s kept nothing: %s", schedule["Name"], refused)


def _now() -> datetime.datetime:
    return datetime.datetime.now(tz=datetime.UTC)
