"""The bodies of requests, as they come."""

import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest

from pocketaws.wire.bodies import Body, BodyFile

BYTES = 300_000


def pieces(sizes: Iterable[int]) -> list[bytes]:
    content = bytes(range(256)) * (BYTES // 256 + 1)
    cut, begin = [], 0
    for size in sizes:
        cut.append(content[begin : begin + size])
        begin += size
    return cut


@pytest.mark.parametrize(
    "sizes", [[], [5], [1] * 40_000, [100_000, 3, 4, 100_000, 5], [10, 100_000, 10_000, 10_000]]
)
@pytest.mark.parametrize("is_mutable", [False, True])
def test_a_body_is_its_pieces_one_after_the_other(sizes: list[int], is_mutable: bool) -> None:
    body, cut = Body(None), pieces(sizes)

    for piece in cut:
        body.add(bytearray(piece) if is_mutable else piece)

    assert body.taken() == b"".join(cut)


def test_a_body_that_becomes_large_is_in_a_file(tmp_path: Path) -> None:
    body, cut = Body(tmp_path), pieces([100_000, 7, 100_000]) * 6

    for piece in cut:
        body.add(piece)

    taken = body.taken()
    assert isinstance(taken, BodyFile)
    assert taken.read() == b"".join(cut)


def test_a_body_in_small_pieces_takes_no_more_room_than_in_large_ones() -> None:
    body = Body(None)
    tracemalloc.start()
    try:
        for _ in range(BYTES):
            body.add(b"1")
        held_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held_bytes < 2 * BYTES
    assert body.taken() == b"1" * BYTES
