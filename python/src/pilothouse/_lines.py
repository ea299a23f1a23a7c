"""Written text becomes lines: split at line ends, progress bars collapsed to what stood behind the last carriage return."""

from __future__ import annotations

from ._limits import LINE_BYTES_MAX
from ._text import cut_line


class LineAssembler:
    """Holds the line under way of one stream."""

    def __init__(self) -> None:
        self._open = ""
        self._at = 0.0

    def feed(self, at: float, text: str) -> list[tuple[float, str]]:
        """Takes text that was written at `at` (seconds) and gives the lines that it ended, each with its time."""
        first, *rest = text.split("\n")
        self._extend(first)
        self._at = at
        lines: list[tuple[float, str]] = []
        for part in rest:
            lines.append((at, self.open))
            self._open = ""
            self._extend(part)
        return lines

    @property
    def open(self) -> str:
        """The line under way as a terminal would show it, without its end."""
        return cut_line(self._open.rstrip("\r"), LINE_BYTES_MAX)

    def close(self) -> list[tuple[float, str]]:
        """The line under way as a whole line, if there is one: nothing follows any more."""
        last = self.open
        self._open = ""
        return [(self._at, last)] if last else []

    def _extend(self, text: str) -> None:
        joined = self._open + text
        if "\r" in text or self._open.endswith("\r"):
            shown = joined.rstrip("\r")
            returned = joined[len(shown) :]
            joined = shown[shown.rfind("\r") + 1 :] + returned[:1]
        # The tail of an endless line is not kept; one character is at least one byte.
        self._open = joined if len(joined) <= 2 * LINE_BYTES_MAX else joined[: 2 * LINE_BYTES_MAX]
