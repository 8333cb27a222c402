"""Whether `workflow run` uses the runtime that a serving command keeps up, and why not."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pocketaws import write_exports
from workflow.laptop import held, warm, warm_runtime
from workflow.laptop.input_data import InputObject

REGION = "eu-west-1"


def exported(state_dir: Path, port: int, region: str = REGION) -> None:
    """Leave in the folder what a command leaves that serves at a port."""
    holder = {"command": held.SERVE, "process_id": 7, "since": "then", "stays": True}
    (state_dir / "holder.json").write_text(json.dumps(holder))
    variables = {"AWS_REGION": region, "AWS_ENDPOINT_URL": f"http://localhost:{port}"}
    write_exports(state_dir / "local.env", variables)


def told_of(state_dir: Path, *, fresh: bool = False) -> list[str]:
    """Return what is said of a runtime that is not used."""
    notes: list[str] = []
    assert warm.find(state_dir, REGION, fresh=fresh, note=notes.append) is None
    return notes


@contextmanager
def port_that_hangs_up() -> Iterator[int]:
    """Yield a port at which whoever connects gets no answer."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        yield listening.getsockname()[1]


def test_where_nothing_serves_nothing_is_said(tmp_path: Path) -> None:
    assert told_of(tmp_path) == []


def test_what_is_no_serving_command_is_waited_for_and_not_used(tmp_path: Path) -> None:
    exported(tmp_path, 1)
    (tmp_path / "holder.json").write_text('{"command": "workflow run", "stays": false}')

    assert told_of(tmp_path) == []


def test_one_that_has_not_said_how_it_is_reached_is_not_used(tmp_path: Path) -> None:
    exported(tmp_path, 1)
    (tmp_path / "local.env").unlink()

    (told,) = told_of(tmp_path)
    assert told == (
        "`workflow serve` (process 7, since then) is not used: it is not up yet, or not any more"
    )


def test_one_that_was_killed_is_not_used(tmp_path: Path) -> None:
    with port_that_hangs_up() as port:
        exported(tmp_path, port)

        (told,) = told_of(tmp_path)

    assert f"nothing answers at http://localhost:{port} any more" in told


def test_one_of_another_region_or_version_is_not_used(tmp_path: Path) -> None:
    exported(tmp_path, 1, region="us-west-2")
    (of_region,) = told_of(tmp_path)
    exported(tmp_path, 1)
    path = tmp_path / "local.env"
    path.write_text(path.read_text().replace(", pocketaws ", ", pocketaws 0"))
    (of_version,) = told_of(tmp_path)

    assert "it emulates us-west-2, and this run eu-west-1" in of_region
    assert "it runs another version of the emulator" in of_version


def test_a_fresh_run_does_not_take_the_served_model_away(tmp_path: Path) -> None:
    exported(tmp_path, 1)

    (told,) = told_of(tmp_path, fresh=True)

    assert "--fresh leaves out the model that it serves" in told


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    exported(tmp_path, 1)

    assert (tmp_path / "local.env").stat().st_mode & 0o077 == 0


def test_data_stands_in_a_folder_that_its_name_and_content_make(tmp_path: Path) -> None:
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        path.write_text("1,2\n")
    first, again = ([InputObject("rows.csv", path)] for path in paths)
    before = warm_runtime.folder_of(first)

    assert warm_runtime.folder_of(again) == before
    assert warm_runtime.folder_of([InputObject("other.csv", paths[0])]) != before
    paths[0].write_text("1,3\n")
    assert warm_runtime.folder_of([InputObject("rows.csv", paths[0])]) != before
