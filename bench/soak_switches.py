"""Models that are switched under load: every request gets an answer of one of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from soak_rows import Row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pocketaws" / "tests"))

from emulated.serving import ROW, Account, booster, called, predicted
from pocketaws import LocalRuntime

_SWITCHES = 5


def switched(*, seconds: float, connections: int) -> Iterator[Row]:
    """Switch an endpoint between two models five times, called all the time.

    Args:
        seconds: within which the switches are begun.
        connections: that call, each as soon as it has its answer.
    """
    models = booster(), booster(-2.0)
    right = [round(predicted(model, ROW)[0], 4) for model in models]
    with LocalRuntime() as runtime:
        account = Account(runtime)
        endpoint = account.endpoint(account.model(models[0]))
        configs = [account.config(account.model(model)) for model in models]
        url = runtime.serving_url(endpoint)
        with called(url, keeps_open=True, threads=connections) as came:
            begun = time.monotonic()
            for number in range(1, _SWITCHES + 1):
                account.update(endpoint, configs[number % 2])
                time.sleep(max(0.0, begun + number * seconds / _SWITCHES - time.monotonic()))
            took = time.monotonic() - begun
    lost = [one for one in came if not isinstance(one, float)]
    wrong = [one for one in came if isinstance(one, float) and not np.isin(round(one, 4), right)]
    last = np.isclose(came[-1], right[_SWITCHES % 2], atol=1e-4) if not lost else False
    seen = f"{len(came)} answers in {took:.0f} s, {len(lost)} lost, {len(wrong)} wrong"
    what = f"switches of models under {connections} connections"
    yield Row(what, _SWITCHES, seen, "0", held=not lost and not wrong and bool(last))
