"""The background thread: gathers what the script left, makes reports of it, has them delivered."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from typing import Any, Callable, Mapping, Optional

from . import _limits as limits
from ._buffer import Buffer
from ._clock import Clock
from ._definitions import Definitions
from ._delivery import Delivery
from ._extras import Extras
from ._output import OutputCapture
from ._points import Row
from ._report import Assembler, Gathered, LogPart
from ._stage import Stage
from ._state import End, EndWords
from ._summary import SummaryFold
from ._warn import warn_once

_END_TRIES = 3
_DECIDES = EndWords()


class Reporter:
    """Owns everything that waits to be told. The script's side only puts things into it and never waits."""

    def __init__(
        self, writer: str, delivery: Delivery, output: Optional[OutputCapture], words: EndWords = _DECIDES, *,
        spoke: Callable[[], None] = lambda: None, definitions: Optional[Definitions] = None, clock: Optional[Clock] = None,
    ) -> None:  # fmt: skip
        """`words`: what is said of the end. `spoke` is called once, when the script's first metrics are on their way.
        `definitions`: what the summary keeps."""
        self.rows: Buffer[Row] = Buffer(limits.ROWS_WAITING_MAX)
        self.delivery = delivery
        self._output = output
        self._words = words
        self._clock = clock or Clock()
        self._spoke: Optional[Callable[[], None]] = spoke
        #: Samples, artifacts, alerts and fields of the job.
        self.extras = Extras()
        self._fold = SummaryFold(Definitions() if definitions is None else definitions)
        #: Rows taken out of the buffer for a look at them, still to be told.
        self._seen: list[Row] = []
        self._assembler = Assembler(writer, samples_only=bool(words.rank), watch=self._fold.take_blocks, now=self._clock.now)
        self._stage_events: deque[dict[str, Any]] = deque(maxlen=10_000)
        self._stages: list[Stage] = []
        self._patches: deque[Mapping[str, Any]] = deque(maxlen=1_000)
        #: Assembled and on their way; the end of the process takes them over when a call hangs.
        self._outgoing: deque[tuple[int, bytes]] = deque()
        self._ending = False
        self._end: Optional[dict[str, Any]] = None
        #: That the job is paused, or goes on.
        self._states: deque[dict[str, Any]] = deque(maxlen=1_000)
        self._end_told = False
        #: Reentrant, because the summary looks at what waits while it is being told.
        self._assembling = threading.RLock()
        self._wake = threading.Event()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pilothouse", daemon=True)

    def start(self) -> None:
        """Starts the threads."""
        self._thread.start()
        threading.Thread(target=self._watch, name="pilothouse-watch", daemon=True).start()

    def tell_stage(self, event: dict[str, Any]) -> None:
        """Takes an event of a stage."""
        self._stage_events.append(event)

    def follow_stage(self, stage: Stage) -> None:
        """Asks the stage for its progress with each report, until it ends."""
        self._stages = [*(other for other in self._stages if not other.ended), stage]

    def tell_job(self, patch: Mapping[str, Any]) -> None:
        """Takes a change to the job's own fields."""
        self._patches.append(patch)

    def tell_state(self, state: str) -> None:
        """The job is `paused`, or `running` again."""
        self._states.append({"state": state, "at": self._clock.now() * 1000.0})

    def fork(self, event: Mapping[str, Any]) -> None:
        """The job has gone back: all that was told until now belongs before it, all that follows behind it."""
        with self._assembling:
            self._assemble(False)
            self.extras.tell_steering("fork", event)

    def read_last(self) -> dict[str, Any]:
        """The last value of each metric."""
        self.read_fold()
        return self._fold.last()

    def read_newest(self) -> tuple[Optional[float], dict[str, tuple[float, float]]]:
        """The epoch, and the step and value of the last point of each metric."""
        self.read_fold()
        return self._fold.newest()

    def read_fold(self) -> dict[str, Any]:
        """The summary of everything logged until now, also of what still waits."""
        with self._assembling:
            rows = self.rows.drain(limits.ROWS_WAITING_MAX)
            self._seen.extend(rows)
            self._fold.take_means(rows)
            self._fold.take_rows(rows)
        return self._fold.read()

    def finish(self, end: End, timeout_s: float, wait: Callable[[threading.Event, float], bool]) -> None:
        """Tells the end and returns when everything arrived or is on disk, after `timeout_s` at the latest (and the time
        that writing the rest to disk takes). `wait`: waits for an event, seconds at most; true when it has come."""
        self._end = self._words.choose(end, self._clock.now() * 1000.0)
        self._ending = True
        self.delivery.hurry(self._clock.elapsed() + timeout_s)
        self._wake.set()
        if not wait(self._finished, timeout_s):
            self._take_over()
        self.delivery.tell_rest()

    def go_on(self) -> None:
        """The end that comes is none: somebody else reports the same job from now on."""
        self._words = EndWords(decides=False)

    def abandon(self) -> None:
        """In a forked child: the thread stayed with the parent, and so does all that waits."""
        self.delivery.forget_connection()
        self.rows.clear()

    def _run(self) -> None:
        heard = self._clock.elapsed()
        self._guard(self.delivery.connect)
        tries = 0
        while not self._end_told and tries < _END_TRIES:
            self._clock.wait(self._wake, self.delivery.pause_s)
            tries += self._ending
            if self._guard(self._flush, self._clock.elapsed() - heard >= limits.HEARTBEAT_S):
                heard = self._clock.elapsed()
        self._guard(self._say_farewell)
        self._finished.set()

    def _say_farewell(self) -> None:
        """Sends what still waits; a server that was known gets a little time to come back."""
        if self.delivery.left_to_others:
            return
        until = self._clock.elapsed() + limits.FAREWELL_S
        self.delivery.catch_up(limits.EXIT_TIMEOUT_S, at_once=True)
        while self.delivery.waiting and self.delivery.known and self._clock.elapsed() < until:
            self._clock.wait(threading.Event(), limits.FAREWELL_PAUSE_S)
            self.delivery.catch_up(limits.EXIT_TIMEOUT_S, at_once=True)

    def _guard(self, action: Callable[..., Optional[bool]], *arguments: Any, **named: Any) -> bool:
        """Runs one step; a fault in it is a warning and not the end of reporting."""
        try:
            return bool(action(*arguments, **named))
        except Exception as error:
            warn_once("reporter", f"Something could not be reported: {type(error).__name__}: {error}")
            return False

    def _flush(self, heartbeat: bool) -> bool:
        """Reports what waits. True when something was told."""
        self.delivery.catch_up()
        if not self._assemble(heartbeat):
            return False
        while self._outgoing:
            number, frame = self._outgoing[0]
            if not self.delivery.deliver(number, frame, always=self._ending):
                break
            if self._outgoing and self._outgoing[0][0] == number:  # else it was kept meanwhile
                self._outgoing.popleft()
        return True

    def _watch(self) -> None:
        """While a call hangs, what is gathered goes to disk from here: the process may be killed before the call ends."""
        while not self._finished.wait(limits.HANG_LOOK_S):
            if self.delivery.hangs:
                self._guard(self._assemble, False)
                self._guard(self.delivery.keep_meanwhile, self._outgoing, always=self._ending)

    def _assemble(self, heartbeat: bool) -> bool:
        """Turns what waits into reports. By one thread at a time: numbers must not be given twice."""
        with self._assembling:
            last = self._ending and not self._end_told
            gathered = self._gather(last)
            if gathered or heartbeat:
                self._outgoing.extend(self._assembler.assemble(gathered, self.delivery.attempt))
            self._end_told = self._end_told or last
            return bool(self._outgoing)

    def _gather(self, last: bool) -> Gathered:
        events = [self._stage_events.popleft() for _ in range(len(self._stage_events))]
        events.extend(event for event in (stage.take_progress() for stage in self._stages) if event is not None)
        patch: dict[str, Any] = {}
        for _ in range(len(self._patches)):
            patch.update(self._patches.popleft())
        patch.update(self.extras.take_fields())
        if self.rows.full:
            warn_once("lost", f"More than {limits.ROWS_WAITING_MAX} calls of log() wait to be sent; the oldest are left out.")
        fresh = self.rows.drain(limits.ROWS_WAITING_MAX)
        self._fold.take_means(fresh)
        rows, self._seen = [*self._seen, *fresh], []
        if self._spoke is not None and any(row[0] == "job" for row in rows):
            self._spoke()
            self._spoke = None
        logs = self._output.take(last) if self._output is not None else []
        extras = self.extras
        others = (extras.take_samples(), extras.take_artifacts(), extras.take_alerts())
        state = self._end if last else self._states.popleft() if self._states else None
        gathered = Gathered(rows, logs, events, patch, *others, extras.take_steering(), state)
        return self._even_out(gathered) if self._clock.look() else gathered

    def _even_out(self, gathered: Gathered) -> Gathered:
        """The clock on the wall was set: the same with times that go on evenly. The end has its time from the even clock."""
        correct = self._clock.correct

        def even(event: dict[str, Any]) -> dict[str, Any]:
            return {**event, "at": correct(event["at"] / 1000.0) * 1000.0}

        return replace(
            gathered,
            rows=[(source, step, correct(at), epoch, values) for source, step, at, epoch, values in gathered.rows],
            logs=[LogPart(log.stream, [(correct(at), text) for at, text in log.lines], log.open) for log in gathered.logs],
            stages=[even(event) for event in gathered.stages],
            samples=[(even(event), size) for event, size in gathered.samples],
            artifacts=[even(event) for event in gathered.artifacts],
            alerts=[even(event) for event in gathered.alerts],
        )

    def _take_over(self) -> None:
        """A call hangs and the time is over: the rest goes to disk from here. What the call had under way is among it;
        should it have arrived after all, the server knows its number."""
        self.delivery.close()
        self._guard(self._assemble, False)
        for number, frame in tuple(self._outgoing):
            self.delivery.keep(number, frame)
