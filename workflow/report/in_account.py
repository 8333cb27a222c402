"""Records of executions in an account: AWS's, or the emulated one."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from workflow.account import executions
from workflow.account.executions import Documents
from workflow.report.build import record_of
from workflow.report.record import Record
from workflow.report.rows import RunRow, row_of
from workflow.report.sources import sources_in

Clients = Callable[[str], Any]

_THREADS: Final = 8
_NO_DEFINITION: Final[Mapping[str, Any]] = {"StartAt": "", "States": {}}


def record_in_account(execution_arn: str, clients: Clients) -> Record:
    """Return the record of an execution, running or ended."""
    documents = executions.documents_of(execution_arn, stepfunctions=clients("stepfunctions"))
    return record_of(documents, sources_in(clients), now=_now())


def rows_in_account(machine_arn: str, limit: int, clients: Clients) -> Iterator[RunRow]:
    """Yield the last executions of a state machine, the newest first.

    Of each its description and the end of its history are read, and what preprocessing left.
    """
    stepfunctions = clients("stepfunctions")

    def row(described: Mapping[str, Any]) -> RunRow:
        return _row(described, clients)

    with ThreadPoolExecutor(_THREADS) as pool:
        yield from pool.map(row, executions.newest(machine_arn, limit, stepfunctions=stepfunctions))


def row_in_account(execution_arn: str, clients: Clients) -> RunRow:
    """Return one execution as such a row."""
    described = clients("stepfunctions").describe_execution(executionArn=execution_arn)
    return _row(described, clients)


def _row(described: Mapping[str, Any], clients: Clients) -> RunRow:
    events = executions.last_events(
        described["executionArn"], stepfunctions=clients("stepfunctions")
    )
    sources = replace(sources_in(clients), log_tail=lambda *_: [])
    return row_of(record_of(Documents(described, events, _NO_DEFINITION), sources, now=_now()))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
