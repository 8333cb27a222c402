"""What the XGBoost container says, and how the process that started it reads that.

The log holds a line per evaluation: `[4]`, a tab, `train-rmse:2.1`, a tab, `validation-rmse:2.3`;
CloudWatch shows `#011` for a tab. `output/failure` holds the reason of a failure. Only the standard
library is imported here, so that the reader need not load XGBoost.
"""

import re
import sys
import time
from collections.abc import Iterable
from typing import Final

RUNTIME_VOICE: Final = "The local runtime: "
LOST_HOSTS: Final = "Lost the other hosts"
WAITED_IN_VAIN: Final = "Waited in vain for"
FAILED_BEFORE: Final = "failed before distributed training began"
# XGBoost begins an error with the source file that raised it; these are lost connections.
COLLECTIVE_SOURCES: Final = "/src/collective/"

_ROUND: Final = re.compile(r"\[\d+\]")
# A number is what it is in SageMaker's own metric definitions of this algorithm: NaN is none.
_EVALUATION: Final = re.compile(
    r"(?:#011|\t)(train|validation)-([^:\s]+):([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"
)


class TrainingError(ValueError):
    """Training that the container refuses, or that this stand-in does not reproduce."""


def brief(error: Exception) -> str:
    """Return the message without the addresses that XGBoost appends to it."""
    return str(error).partition("\nStack trace:")[0].strip()


def blames_other_hosts(failure: str) -> bool:
    """Tell whether a reason of failure only says that another host has failed or gone."""
    wordings = (LOST_HOSTS, WAITED_IN_VAIN, FAILED_BEFORE, COLLECTIVE_SOURCES)
    return any(wording in failure for wording in wordings)


def log(message: str, level: str = "INFO") -> None:
    """Print a line with the time and the level, as the container does."""
    sys.stdout.write(f"[{time.strftime('%Y-%m-%d:%H:%M:%S')}:{level}] {message}\n")
    sys.stdout.flush()


def warn(message: str) -> None:
    """Print what the container would not say; the process that started it tells the user."""
    log(f"{RUNTIME_VOICE}{message}", level="WARNING")


def runtime_warnings(log_lines: Iterable[str]) -> list[str]:
    """Return what `warn` has printed, without the time."""
    parts = (line.partition(f":WARNING] {RUNTIME_VOICE}") for line in log_lines)
    return [message.strip() for _, found, message in parts if found]


def log_evaluation(message: str) -> None:
    """Print an evaluation as the container does: a tab before each metric.

    CloudWatch shows a tab as `#011`, which is what SageMaker's own metric definitions look for.
    """
    sys.stdout.write(message.strip() + "\n")
    sys.stdout.flush()


def final_metrics(log_lines: Iterable[str]) -> dict[str, float]:
    """Return the last value of each metric, such as `{"validation:rmse": 2.1}`.

    SageMaker finds the `FinalMetricDataList` of its built-in algorithms the same way: by patterns
    over the log, the last match counting.

    Args:
        log_lines: Lines of the log; those that are no evaluation are skipped. A tab is accepted
            where CloudWatch shows `#011`.
    """
    found = (_EVALUATION.findall(line) for line in log_lines if _ROUND.match(line))
    return {
        f"{channel}:{metric}": float(value)
        for evaluations in found
        for channel, metric, value in evaluations
    }
