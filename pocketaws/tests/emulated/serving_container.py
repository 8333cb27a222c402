"""The container of an endpoint as the runtime starts it, without the endpoint around it."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.processes.zygote_process import Zygote
from pocketaws.sagemaker.endpoints.fleet import Fleet, Launcher, ServedModel
from pocketaws.wire.http_server import Handler, HttpServer
from pocketaws.wire.messages import Limits

LOOPBACK = "127.0.0.1"
BACKLOG = 128
SECONDS = 35.0


def warmed(log_path: Path) -> Zygote:
    """Return a zygote as the runtime has one for containers."""
    return Zygote(
        ["pocketaws.sagemaker.endpoints.container"],
        without=("pandas", "sklearn"),
        log_path=log_path,
    )


def listening_socket() -> socket.socket:
    """Return a socket such as an endpoint keeps for its containers."""
    return socket.create_server((LOOPBACK, 0), backlog=BACKLOG)


@dataclass(frozen=True)
class Container:
    """A container that answers at a socket, which outlives it."""

    fleet: Fleet
    listening: socket.socket

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    @property
    def pid(self) -> int:
        return self.fleet.pid

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def log(self) -> str:
        return self.fleet.log_path.read_text()

    def exit_code(self) -> int:
        return self.fleet.child.exit_code.result(SECONDS)

    def stop(self) -> int:
        self.fleet.stop(timeout_seconds=SECONDS)
        return self.exit_code()


def launch(
    zygote: Zygote,
    model_dir: Path,
    home_dir: Path,
    *,
    listening: socket.socket | None = None,
    workers: int = 2,
    image_tag: str = "3.2-0",
    environment: Mapping[str, str] | None = None,
) -> Container:
    """Start a container of a model that is unpacked already, at a socket of its own by default."""
    home_dir.mkdir(parents=True, exist_ok=True)
    (home_dir / "model").symlink_to(model_dir, target_is_directory=True)
    own = listening or listening_socket()
    launcher = Launcher(zygote, AssumedRoles(_no_role, _no_role), workers=workers)
    model = ServedModel("tested", "", f"sagemaker-xgboost:{image_tag}", None, environment or {})
    try:
        fleet = launcher.launch(model, home_dir, listening=own, variant_name="All")
    except Exception:
        # Whatever went wrong, the port that was opened here is closed here.
        if listening is None:
            own.close()
        raise
    return Container(fleet, own)


def _no_role(*_: object) -> Any:
    raise AssertionError("a model that is unpacked needs no role")


@contextlib.contextmanager
def served_in_a_thread(handler: Handler, limits: Limits) -> Iterator[int]:
    """Serve `handler` with other limits than the runtime's; yields the port."""
    stop, loop = asyncio.Event(), asyncio.new_event_loop()
    with listening_socket() as listening:
        port = int(listening.getsockname()[1])
        serving = HttpServer(handler, limits).run(listening, stop=stop)
        thread = threading.Thread(target=loop.run_until_complete, args=[serving])
        thread.start()
        try:
            yield port
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(SECONDS)
            loop.close()
