"""What the machine lacks, told in a sentence."""

import errno
import os

import pytest
from botocore.exceptions import ClientError

from pocketaws.errors import ArgumentError, PocketawsError
from pocketaws.shortages import broken, shortage
from pocketaws.terminal.standard_output import shown


def os_error(number: int, path: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), path)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


FULL = os_error(errno.ENOSPC, "/tmp/x")
ANSWER = {"Error": {"Code": "InternalFailure", "Message": broken(os_error(errno.EFBIG))}}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FULL, "/tmp/x: the disk is full; make room and run it again"),
        (caused(ValueError("no"), FULL), "/tmp/x: the disk is full"),
        (os_error(errno.EMFILE), "too many files are open; raise the limit (`ulimit -n 1024`)"),
        (os_error(errno.EROFS, "/runs"), "/runs: nothing can be written there"),
        (MemoryError(), "memory is short"),
        (RuntimeError("can't start new thread"), "memory is short"),
        (SystemError("error return without exception set"), "memory is short"),
        (ImportError("x.so: failed to map segment from shared object"), "memory is short"),
        (ClientError(ANSWER, "PutObject"), "no file may be so large"),
    ],
)
def test_a_shortage_is_told_and_ends_a_command_with_1(
    error: Exception, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        raise error

    assert (shortage(error) or "").startswith(told)
    if error is not FULL:
        assert shown(fail) == 1
        assert f"error: {told}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [KeyError("x"), os_error(errno.ENOENT), RuntimeError("x"), ImportError("no module")]
)
def test_what_is_no_shortage_is_raised(error: Exception) -> None:
    def fail() -> int:
        raise error

    assert shortage(error) is None
    with pytest.raises(type(error)):
        shown(fail)


def test_an_error_that_says_itself_what_was_wrong_keeps_its_words() -> None:
    def fail() -> int:
        raise ArgumentError("--state-dir: cannot be used") from os_error(errno.EROFS, "/state")

    with pytest.raises(ArgumentError):
        shown(fail, told=(PocketawsError,))


def test_what_else_breaks_the_emulator_is_named() -> None:
    assert broken(KeyError("x")) == "the emulator broke: KeyError: 'x'"
