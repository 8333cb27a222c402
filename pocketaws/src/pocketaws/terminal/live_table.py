"""A table that is drawn again and again in its place, in a terminal."""

from typing import Any

from pocketaws.terminal.plain import plain

_A_SECOND = 8


class LiveTable:
    """A live table, lines that stay above it, and questions below everything.

    Args:
        console: rich's; None takes standard output.
    """

    def __init__(self, console: Any = None) -> None:
        self._console = console
        self._live = self._started()

    def note(self, text: str) -> None:
        """Show a line that stays."""
        self._live.console.print(plain(text), style="dim", highlight=False, markup=False)

    def ask(self, text: str) -> None:
        """Show a question, and leave the table as it stands: nothing is drawn over the answer."""
        self._live.stop()
        self._live.console.print(plain(text), highlight=False, markup=False)

    def draw(self, table: Any) -> None:
        """Draw rich's table in place of the one before, and below a question as a new one."""
        if not self._live.is_started:
            self._live = self._started()
        self._live.update(table)

    def end(self) -> None:
        """Leave the table as it stands."""
        self._live.stop()

    def _started(self) -> Any:
        from rich.live import Live

        live = Live(console=self._console, refresh_per_second=_A_SECOND)
        live.start()
        return live
