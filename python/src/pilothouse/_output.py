"""What the script prints, seen without being touched: `sys.stdout` and `sys.stderr` are wrapped, the original streams get
every character first and answer every question.

This is Python's level: what C code or child processes write to the file descriptors goes where it always went and is not
seen here. `pilothouse run -- command` captures that, too.
"""

from __future__ import annotations

import codecs
import logging
import sys
import time
from typing import Any, Callable, Iterable, Iterator, Optional

from ._buffer import Buffer
from ._limits import TEXT_WAITING_MAX, WRITES_WAITING_MAX
from ._lines import LineAssembler
from ._report import LogPart

Sink = Callable[[str], None]


class Tee:
    """Stands where a text stream stood. Writes go to the original, then to `see`; all else is the original's."""

    def __init__(self, original: Any, see: Sink) -> None:
        self.pilothouse_original = original
        self._see = see
        self._buffer: Optional[BytesTee] = None
        #: True when the last character written ended no line.
        self.pilothouse_mid_line = False

    def write(self, text: str) -> int:
        """Writes to the original; its errors are the script's own."""
        written: int = self.pilothouse_original.write(text)
        self._see(text)
        self.pilothouse_mid_line = not text.endswith("\n") if text else self.pilothouse_mid_line
        return written

    def writelines(self, lines: Iterable[str]) -> None:
        """Writes each of `lines`."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """The bytes below, seen as well."""
        if self._buffer is None:
            self._buffer = BytesTee(self.pilothouse_original.buffer, self._see)
        return self._buffer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pilothouse_original, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.pilothouse_original)

    def __enter__(self) -> Tee:
        return self

    def __exit__(self, *_: object) -> None:
        self.pilothouse_original.close()


class BytesTee:
    """Stands where the binary buffer of a text stream stood."""

    def __init__(self, original: Any, see: Sink) -> None:
        self.pilothouse_original = original
        self._see = see
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def write(self, content: Any) -> int:
        """Writes to the original; the seen text is read as UTF-8."""
        written: int = self.pilothouse_original.write(content)
        try:
            self._see(self._decode(bytes(content)))
        except Exception:  # noqa: S110 - seeing must not disturb writing
            pass
        return written

    def writelines(self, parts: Iterable[Any]) -> None:
        """Writes each of `parts`."""
        for part in parts:
            self.write(part)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pilothouse_original, name)


class Stream:
    """One captured stream: what was written and waits, and the line under way."""

    def __init__(self, name: str, writes_max: int = WRITES_WAITING_MAX) -> None:
        self.name = name
        self.writes: Buffer[tuple[float, str]] = Buffer(writes_max)
        #: Characters waiting, about: threads may miss each other, and it starts anew when nothing waits.
        self.waiting = 0
        self.left_out = 0
        self.lines = LineAssembler()
        self.told_open = ""
        self.tee: Optional[Tee] = None

    def see(self, text: str) -> None:
        """Takes what was written. Never waits, never raises."""
        try:
            if self.waiting + len(text) > TEXT_WAITING_MAX:
                self.left_out += 1
                return
            self.waiting += len(text)
            self.writes.put((time.time(), text))
        except Exception:  # noqa: S110 - seeing must not disturb writing
            pass

    def take(self, last: bool) -> Optional[LogPart]:
        """What changed since the last call; at the `last` one the line under way counts as ended."""
        lines: list[tuple[float, str]] = []
        left_out, self.left_out = self.left_out + self.writes.full, 0
        writes = self.writes.drain(WRITES_WAITING_MAX)
        for at, text in writes:
            lines.extend(self.lines.feed(at, text))
            self.waiting -= len(text)
        if not len(self.writes):
            self.waiting = 0
        if left_out:
            lines.append((time.time(), f"[pilothouse: at least {left_out} writes came faster than they could be sent, left out]"))
        if last:
            lines.extend(self.lines.close())
        opened = self.lines.open
        if not lines and opened == self.told_open:
            return None
        self.told_open = opened
        return LogPart(self.name, lines, opened)


class OutputCapture:
    """Wraps `sys.stdout` and `sys.stderr`, and the handlers of `logging` that hold them already."""

    def __init__(self, stream: Callable[[str], Stream] = Stream) -> None:
        self._streams = [stream("stdout"), stream("stderr")]

    def install(self) -> None:
        """Begins to see. A stream that does not exist (pythonw) is left alone."""
        for stream in self._streams:
            original = getattr(sys, stream.name)
            if original is None:
                continue
            original = getattr(original, "pilothouse_original", original)
            stream.tee = Tee(original, stream.see)
            setattr(sys, stream.name, stream.tee)
            _swap_handlers(original, stream.tee)

    def remove(self) -> None:
        """Puts the originals back. A wrapper that somebody else put around ours stays, and ours only passes on."""
        for stream in self._streams:
            tee = stream.tee
            if tee is None:
                continue
            if getattr(sys, stream.name) is tee:
                setattr(sys, stream.name, tee.pilothouse_original)
            _swap_handlers(tee, tee.pilothouse_original)
            self._blind(tee)

    def let_go(self) -> None:
        """Stops seeing, without a word, as a forked child does."""
        self.remove()
        for stream in self._streams:
            stream.writes.clear()

    def take(self, last: bool = False) -> list[LogPart]:
        """What was printed since the last call."""
        return [part for part in (stream.take(last) for stream in self._streams) if part is not None]

    @staticmethod
    def _blind(tee: Tee) -> None:
        tee._see = _ignore
        if tee._buffer is not None:
            tee._buffer._see = _ignore


def _ignore(_: str) -> None:
    return None


def _swap_handlers(old: object, new: Any) -> None:
    """Handlers made before hold the stream itself."""
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler, logging.StreamHandler) and getattr(handler, "stream", None) is old:
                handler.stream = new
