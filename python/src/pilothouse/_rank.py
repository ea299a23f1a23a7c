"""A process of a distributed job that is not rank 0: silent as long as it goes well.

Rank 0 reports the job. Of the others, the first one of each node samples it, and each tells by which exception it failed, with
its last output: what rank 0 says then is mostly that a peer is gone.
"""

from __future__ import annotations

import time
from typing import Callable, Optional

from . import _limits as limits
from ._claim import Place
from ._lines import LineAssembler
from ._output import OutputCapture, Stream
from ._report import LogPart
from ._reporter import Reporter
from ._resources import Sampler
from ._state import End, EndWatch
from ._warn import say


class OutputTail(OutputCapture):
    """Keeps the last lines that the process printed, to be told when it fails."""

    def __init__(self, rank: int) -> None:
        super().__init__(TailStream)
        self._mark = f"[rank {rank}] "
        self._told = False

    def tell(self) -> None:
        """Lets the next `take` give what was kept."""
        self._told = True

    def take(self, last: bool = False) -> list[LogPart]:
        """Nothing while all goes well; in the end, if it is to be told, the last lines with the rank before each."""
        if not (last and self._told):
            return []
        return [
            LogPart(part.stream, [(at, self._mark + text) for at, text in part.lines[-limits.TAIL_LINES :]])
            for part in super().take(last)
        ]


class TailStream(Stream):
    """A captured stream of which only the end is wanted."""

    def __init__(self, name: str) -> None:
        super().__init__(name, limits.TAIL_WRITES_MAX)

    def see(self, text: str) -> None:
        """Takes what was written. Never waits, never raises."""
        self.writes.put((time.time(), text[-limits.TAIL_WRITE_LENGTH_MAX :]))

    def take(self, last: bool) -> Optional[LogPart]:
        """What was kept, as lines."""
        lines = LineAssembler()
        ended = [line for at, text in self.writes.drain(limits.TAIL_WRITES_MAX) for line in lines.feed(at, text)]
        return LogPart(self.name, [*ended, *lines.close()])


class RankReporter:
    """Watches how the process ends. `begin` makes the reporter that is needed only then, or from the start for samples."""

    def __init__(self, begin: Callable[[], Reporter], tail: Optional[OutputTail], place: Place) -> None:
        self._begin = begin
        self._tail = tail
        self._samples = place.local_rank == 0
        self._watch = EndWatch(self.end, limits.SIGNAL_TIMEOUT_S)
        self._reporter: Optional[Reporter] = None
        self._sampler: Optional[Sampler] = None
        self._ended = False

    def start(self) -> None:
        """Begins to watch, and to sample if this is the first process of its node."""
        if self._tail is not None:
            self._tail.install()
        self._watch.install()
        if self._samples:
            reporter = self._reporter = self._begin()
            reporter.start()
            self._sampler = Sampler(reporter.rows.put, reporter.tell_job, lambda: 0.0)
            self._sampler.start(lambda: None)

    def end(self, how: End, timeout_s: Optional[float] = None) -> None:
        """Tells a failure, and only that."""
        if self._ended:
            return
        self._watch.begin_end()
        self._ended = True
        try:
            self._tell(how, limits.EXIT_TIMEOUT_S if timeout_s is None else timeout_s)
        except Exception as error:
            say(f"the end of this rank could not be reported: {type(error).__name__}: {error}")
        self._watch.complete_end()

    def forget(self) -> None:
        """In a forked child: all this is the parent's."""
        self._ended = True
        if self._tail is not None:
            self._tail.let_go()
        if self._reporter is not None:
            self._reporter.abandon()
        self._watch.remove()

    def _tell(self, how: End, timeout_s: float) -> None:
        failed = how.state == "failed"
        if self._sampler is not None:
            self._sampler.stop()
        if self._tail is not None:
            self._tail.remove()
            if failed:
                self._tail.tell()
        if failed and self._reporter is None:
            self._reporter = self._begin()
            self._reporter.start()
        if self._reporter is not None:
            self._reporter.finish(how, timeout_s, self._watch.wait)
