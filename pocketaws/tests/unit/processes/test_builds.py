"""A template's build that fails: told, also where it could write nothing."""

from concurrent.futures import Future
from pathlib import Path

import pytest

from pocketaws.errors import DeploymentError
from pocketaws.processes.warmup import ERROR_NAME, Build
from pocketaws.processes.zygote_process import Child


@pytest.mark.parametrize(
    ("error", "log", "told"),
    [
        ("no such file", "more", "^no such file$"),
        ("", "a traceback", "^a traceback$"),
        ("", "", "build ended with exit code 1 and could not say why; [0-9]+ kB are left for"),
        (None, None, "could not say why"),
    ],
)
def test_a_build_that_fails_says_why_or_how_little_room_is_left(
    error: str | None, log: str | None, told: str, tmp_path: Path
) -> None:
    exit_code: Future[int] = Future()
    exit_code.set_result(1)
    for name, text in ((ERROR_NAME, error), ("log.txt", log)):
        if text is not None:
            (tmp_path / name).write_text(text)

    with pytest.raises(DeploymentError, match=told):
        Build(tmp_path, Child(1, exit_code)).template()
