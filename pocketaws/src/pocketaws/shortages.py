"""What the machine lacks, in a sentence: room, memory, open files, the right to write."""

import errno
from collections.abc import Iterator, Mapping
from typing import Final

# How the text begins of an answer of the emulator's that says what the machine lacks.
CANNOT_GO_ON: Final = "the emulator cannot go on: "
_MEMORY: Final = (
    "memory is short; end what else needs it, raise the limit (`ulimit -v`), or take less data"
)
_WORDS: Final[Mapping[int | None, str]] = {
    errno.ENOSPC: "the disk is full; make room and run it again",
    errno.EDQUOT: "the quota of the disk is used up; make room and run it again",
    errno.EFBIG: "no file may be so large; raise the limit (`ulimit -f`)",
    errno.EMFILE: "too many files are open; raise the limit (`ulimit -n 1024`)",
    errno.ENFILE: "too many files are open on this machine; end what else needs them",
    errno.ENOMEM: _MEMORY,
    errno.EROFS: "nothing can be written there; name another folder",
}
# What the loader and the interpreter say where memory is short.
_MEMORY_TEXTS: Final = (
    "failed to map segment",
    "annot allocate memory",
    "start new thread",
    # Where there is none for the error itself, either.
    "error return without exception set",
)


def shortage(error: BaseException) -> str | None:
    """Return what an error, or what it comes from, says that the machine lacks; None for others."""
    return next((words for one in _chain(error) if (words := _words(one))), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _words(error: BaseException) -> str | None:
    if isinstance(error, MemoryError):
        return _MEMORY
    text = str(error)
    # The emulator has said so to a client, whose error has its own words before.
    _, sign, told = text.partition(CANNOT_GO_ON)
    if sign:
        return told
    if isinstance(error, OSError) and error.errno in _WORDS:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{_WORDS[error.errno]}"
    if isinstance(error, (ImportError, RuntimeError, SystemError)) and any(
        map(text.__contains__, _MEMORY_TEXTS)
    ):
        return _MEMORY
    return None


def broken(error: BaseException) -> str:
    """Return what the emulator answers where an error of its own keeps it from answering."""
    words = shortage(error)
    if words is not None:
        return f"{CANNOT_GO_ON}{words}"
    return f"the emulator broke: {type(error).__name__}: {getattr(error, 'message', '') or error}"
