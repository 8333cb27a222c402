"""Sockets that a zygote's children are handed: the child has them, the zygote keeps none.

The children run this module's functions.
"""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import pocketaws
from pocketaws.processes.zygote_process import Child, Zygote

SECONDS = 20
# What a child calls here stands in this module.
_FOLDERS = (Path(pocketaws.__file__).parents[1], Path(__file__).parents[2])
FINDS_TESTS = {"PYTHONPATH": os.pathsep.join(map(str, _FOLDERS))}


def answer(listening: int, text: str, second: int | None = None) -> int:
    server = socket.socket(fileno=listening)
    connection, _ = server.accept()
    with connection:
        connection.sendall(f"{text} {second is not None}".encode())
    return 0


def leave(channel: int) -> int:
    return 0 if channel else 1


def stay() -> None:
    time.sleep(600)


def count_descriptors() -> int:
    return len(os.listdir(f"/proc/{os.getppid()}/fd"))  # noqa: PTH208 - numbers, not paths


@pytest.fixture
def zygote(tmp_path: Path) -> Iterator[Zygote]:
    zygote = Zygote(
        ["unit.processes.test_passed_sockets"],
        log_path=tmp_path / "zygote.log",
        environment=FINDS_TESTS,
    )
    yield zygote
    zygote.stop()


def start(
    zygote: Zygote,
    folder: Path,
    function: str,
    sockets: dict[str, socket.socket] | None = None,
    **arguments: object,
) -> Child:
    return zygote.start_child(
        f"unit.processes.test_passed_sockets:{function}",
        arguments,
        environment={"PATH": os.defpath},
        # The list of the zygote's descriptors is looked at.
        folders=[folder],
        log_path=folder / "log.txt",
        subject="the child",
        sockets=sockets,
    )


def test_a_child_answers_at_the_socket_it_was_handed(zygote: Zygote, tmp_path: Path) -> None:
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    children = [
        start(zygote, tmp_path, "answer", {"listening": server}, text=f"child-{number}")
        for number, server in enumerate(servers)
    ]

    told = []
    for server in servers:
        with socket.create_connection(server.getsockname(), timeout=SECONDS) as connection:
            told.append(connection.makefile().read())
        server.close()

    assert told == ["child-0 False", "child-1 False", "child-2 False"]
    assert [child.exit_code.result(SECONDS) for child in children] == [0, 0, 0]


def test_several_sockets_come_under_their_names(zygote: Zygote, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.socket() as second:
        start(zygote, tmp_path, "answer", {"second": second, "listening": first}, text="x" * 70_000)

        with socket.create_connection(first.getsockname(), timeout=SECONDS) as connection:
            told = connection.makefile().read()

    assert told == f"{'x' * 70_000} True"


def test_a_child_has_no_socket_of_one_that_is_asked_for_after_it(
    zygote: Zygote, tmp_path: Path
) -> None:
    start(zygote, tmp_path, "count_descriptors").exit_code.result(SECONDS)
    process = psutil.Process(zygote._process.pid)
    # Both requests are read at once.
    process.suspend()
    start(zygote, tmp_path, "stay")
    ours, theirs = socket.socketpair()
    with theirs:
        start(zygote, tmp_path, "leave", {"channel": theirs})
    process.resume()

    with ours:
        ours.settimeout(SECONDS)
        assert ours.recv(1) == b""


def test_the_zygote_keeps_no_socket_that_it_passes_on(zygote: Zygote, tmp_path: Path) -> None:
    before = start(zygote, tmp_path, "count_descriptors").exit_code.result(SECONDS)
    for _ in range(3):
        with socket.create_server(("127.0.0.1", 0)) as server:
            child = start(zygote, tmp_path, "answer", {"listening": server}, text="")
            socket.create_connection(server.getsockname(), timeout=SECONDS).close()
            child.exit_code.result(SECONDS)

    after = start(zygote, tmp_path, "count_descriptors").exit_code.result(SECONDS)

    assert after == before
