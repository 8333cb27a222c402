"""Compare the local serving container with a bare server and with Flask under gunicorn.

Usage: python bench/serve.py [--turns 7] [--requests 100000] [--peer-python PYTHON]

PYTHON is that of an environment with bench/peers/serving.txt, such as .venv-serving/bin/python;
without it the Flask peer is left out. The load comes from a process of its own. Servers take turns,
so that a slow spell falls on all; each number is a median of turns. The model has 100 trees of
depth 5 on 10 features, about as the workflow's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import xgboost as xgb
from figures import Figure, add_option, keep

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "bench" / "peers"
LOAD = ROOT / "bench" / "serve_load.py"
sys.path.insert(0, str(ROOT / "pocketaws" / "tests"))

from emulated.serving_container import launch, warmed  # noqa: E402
from pocketaws.sagemaker.xgboost.serving_model import load_model  # noqa: E402
from pocketaws.sagemaker.xgboost.serving_payload import read_payload  # noqa: E402

FEATURES = 10
MANY_ROWS = 10_000
START_SECONDS = 60
LATENCY_REQUESTS, RATE_REQUESTS, LARGE_REQUESTS = 1500, 3000, 25


@dataclass(frozen=True)
class Server:
    """A server that answers on a port; `pid` is its first process."""

    name: str
    port: int
    pid: int


def write_model(folder: Path) -> Path:
    """Train on simulated rows and write `xgboost-model`."""
    generator = np.random.default_rng(7)
    table = generator.normal(size=(4000, FEATURES)).astype(np.float32)
    label = 10 + 3 * table[:, 0] + table[:, 1] * table[:, 2]
    settings = {"objective": "reg:squarederror", "max_depth": 5, "eta": 0.2}
    booster = xgb.train(settings, xgb.DMatrix(table, label=label), 100)
    folder.mkdir()
    path = folder / "xgboost-model"
    path.write_bytes(booster.save_raw(raw_format="ubj"))
    return path


def write_rows(path: Path, count: int) -> Path:
    """Write rows of CSV with four decimals."""
    table = np.random.default_rng(8).normal(size=(count, FEATURES))
    path.write_text("\n".join(",".join(f"{cell:.4f}" for cell in row) for row in table))
    return path


@contextlib.contextmanager
def ours(model_path: Path, folder: Path) -> Iterator[Server]:
    """Start the container as an endpoint of the local runtime does, with a worker a core."""
    zygote = warmed(folder / "zygote.log")
    try:
        container = launch(zygote, model_path.parent, folder / "ours", workers=os.cpu_count() or 1)
        with container.listening:
            yield Server("ours", container.port, container.pid)
            container.stop()
    finally:
        zygote.stop()


@contextlib.contextmanager
def peer(name: str, command: Sequence[str], port: int, model_path: Path) -> Iterator[Server]:
    """Start a peer and wait until it answers."""
    # A thread a process, as the container's own start sets it where nobody has.
    environment = os.environ | {"MODEL_PATH": str(model_path), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        try:
            await_port(port)
            yield Server(name, port, process.pid)
        finally:
            process.terminate()


def await_port(port: int) -> None:
    """Wait until a port accepts connections."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing answers on port {port}")


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def load(server: Server, body: Path, *, connections: int, requests: int) -> dict[str, float]:
    """Send requests from a process of its own; return what it measured."""
    command = [sys.executable, str(LOAD), str(server.port), str(body)]
    command += [str(connections), str(requests)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(finished.stdout)
    return measured


def cpu_seconds(server: Server) -> float:
    """Return what a server and its workers have used; other work on the machine moves it least."""
    process = psutil.Process(server.pid)
    times = [each.cpu_times() for each in [process, *process.children(recursive=True)]]
    return float(sum(each.user + each.system for each in times))


def alone(work: Callable[[], None], times: int, clock: Callable[[], float]) -> float:
    """Return the median seconds of some work in this process."""
    seconds = []
    for _ in range(times):
        began = clock()
        work()
        seconds.append(clock() - began)
    return statistics.median(seconds)


def compare(servers: Sequence[Server], folder: Path, model_path: Path, turns: int) -> list[float]:
    """Measure every server in each turn, and print the medians.

    Returns:
        What 10,000 rows take ours, in terms of parsing and predicting alone, turn by turn.
    """
    one = write_rows(folder / "one.csv", 1)
    many = write_rows(folder / "many.csv", MANY_ROWS)
    body, model = many.read_bytes(), load_model(model_path.parent)
    figures: dict[str, dict[str, list[float]]] = {server.name: {} for server in servers}
    alone_seconds: dict[Callable[[], float], list[float]] = {
        time.perf_counter: [],
        time.process_time: [],
    }

    def work() -> None:
        model.predict(read_payload(body, "text/csv")).tolist()

    for _ in range(turns):
        for server in servers:
            found = figures[server.name]
            latency = load(server, one, connections=1, requests=LATENCY_REQUESTS)
            found.setdefault("p50 us", []).append(latency["p50"] * 1e6)
            found.setdefault("p99 us", []).append(latency["p99"] * 1e6)
            began = cpu_seconds(server)
            rate = load(server, one, connections=8, requests=RATE_REQUESTS)["rate"]
            used = (cpu_seconds(server) - began) / RATE_REQUESTS
            found.setdefault("requests/s", []).append(rate)
            found.setdefault("CPU us/request", []).append(used * 1e6)
            began = cpu_seconds(server)
            large = load(server, many, connections=1, requests=LARGE_REQUESTS)["p50"]
            # The load asks once before it measures.
            used = (cpu_seconds(server) - began) / (LARGE_REQUESTS + 1)
            found.setdefault("10,000 rows ms", []).append(large * 1e3)
            found.setdefault("their CPU ms", []).append(used * 1e3)
        for clock, seconds in alone_seconds.items():
            seconds.append(alone(work, LARGE_REQUESTS, clock))
    show(figures)
    ratios = by_alone(figures["ours"]["10,000 rows ms"], alone_seconds[time.perf_counter])
    of_cpu = by_alone(figures["ours"]["their CPU ms"], alone_seconds[time.process_time])
    print(
        "10,000 rows parsed and predicted alone: "
        f"{statistics.median(alone_seconds[time.perf_counter]) * 1e3:.1f} ms, "
        f"{statistics.median(alone_seconds[time.process_time]) * 1e3:.1f} of CPU; "
        f"ours takes {statistics.median(ratios):.2f} times, {statistics.median(of_cpu):.2f} of CPU"
    )
    return ratios


def by_alone(milliseconds: Sequence[float], alone_seconds: Sequence[float]) -> list[float]:
    """Return what our server takes in terms of the work alone, turn by turn."""
    pairs = zip(milliseconds, alone_seconds, strict=True)
    return [own / 1e3 / seconds for own, seconds in pairs]


def show(figures: dict[str, dict[str, list[float]]]) -> None:
    """Print a line a server, and ours by the others turn by turn."""
    columns = list(figures["ours"])
    print(f"{'':8}" + "".join(f"{column:>16}" for column in columns))
    for name, found in figures.items():
        cells = "".join(f"{statistics.median(found[column]):>16,.0f}" for column in columns)
        print(f"{name:8}{cells}")
    for name, found in figures.items():
        pairs = [zip(figures["ours"][column], found[column], strict=True) for column in columns]
        ratios = [statistics.median(own / other for own, other in pair) for pair in pairs]
        print(f"/{name:7}" + "".join(f"{ratio:>16.2f}" for ratio in ratios))


def held_mb(server: Server) -> float:
    """Return the memory of a server and its workers in MB, each shared page counted once (PSS)."""
    process = psutil.Process(server.pid)
    held = [each.memory_full_info().pss for each in [process, *process.children(recursive=True)]]
    return float(sum(held)) / 1e6


def watch_memory(server: Server, folder: Path, requests: int) -> None:
    """Print what our process holds before and after many requests."""
    one = write_rows(folder / "one.csv", 1)
    load(server, one, connections=8, requests=2000)
    before = held_mb(server)
    load(server, one, connections=8, requests=requests)
    after = held_mb(server)
    print(f"memory: {before:.1f} MB, after {requests:,} requests {after:.1f} MB")


def main() -> None:
    """Read the arguments, start the servers and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--requests", type=int, default=100_000, help="for the memory")
    parser.add_argument("--peer-python", help="of an environment with bench/peers/serving.in")
    add_option(parser)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as exits:
        folder = Path(name)
        model_path = write_model(folder / "model")
        # XGBoost tells a model's format by the extension, which the container's file lacks.
        named_path = folder / "model.ubj"
        named_path.write_bytes(model_path.read_bytes())
        own = exits.enter_context(ours(model_path, folder))
        port = free_port()
        bare = [sys.executable, str(PEERS / "serve_bare.py"), str(named_path), str(port)]
        servers = [own, exits.enter_context(peer("bare", bare, port, named_path))]
        if arguments.peer_python:
            port = free_port()
            flask = [
                *(arguments.peer_python, "-m", "gunicorn", "--chdir", str(PEERS)),
                *(
                    "-k",
                    "gevent",
                    "-w",
                    str(os.cpu_count()),
                    "--keep-alive",
                    "60",
                    "--no-control-socket",
                ),
                *("-b", f"127.0.0.1:{port}", "serve_flask:app"),
            ]
            servers.append(exits.enter_context(peer("flask", flask, port, named_path)))
        ratios = compare(servers, folder, model_path, arguments.turns)
        keep(arguments.json, {"serve": Figure(ratios)})
        watch_memory(own, folder, arguments.requests)


if __name__ == "__main__":
    main()
