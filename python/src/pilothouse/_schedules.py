"""Schedules under way: where each stands, and what is due at a control point. Rank 0 alone knows them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Mapping, Optional

from ._parameter import Parameter, Value
from ._schedule import WAITING, ControlPoint, State, advance_schedule, cancel_schedule, end_by_change

#: While a schedule moves, it is told where it stands so often, in seconds.
_TELL_EVERY_S = 1.0
#: What can be gone on from after a rollback.
_KEPT = 100

Newest = tuple[Optional[float], Mapping[str, tuple[float, float]]]


@dataclass
class _Running:
    schedule: Mapping[str, Any]
    state: State
    told_s: float = 0.0


@dataclass(frozen=True)
class Due:
    """A value that a schedule gives now. `is_passing`: one of many on its way."""

    id: int
    key: str
    value: Value
    is_passing: bool


class Schedules:
    """`tell` takes what is to be reported of one."""

    def __init__(self, tell: Callable[[Mapping[str, Any]], None]) -> None:
        self._tell = tell
        self._running: dict[int, _Running] = {}
        #: Points that were there when the job went back last: they count no more.
        self._gone: Mapping[str, tuple[float, float]] = {}

    @property
    def are_moving(self) -> bool:
        """True while one waits or moves."""
        return any(one.state["phase"] in ("waiting", "active") for one in self._running.values())

    def add(self, number: int, schedule: Mapping[str, Any], state: Optional[State]) -> None:
        """Begins with one, or goes on with where it stood."""
        self._running[number] = _Running(schedule, dict(state) if state else dict(WAITING))
        while len(self._running) > _KEPT:
            self._running.pop(next(iter(self._running)))

    def cancel(self, number: int) -> bool:
        """Gives one up. False when there is none under way."""
        one = self._running.get(number)
        if one is None or one.state["phase"] not in ("waiting", "active"):
            return False
        self._move(number, one, cancel_schedule(one.state))
        return True

    def fail(self, number: int) -> None:
        """Its value could not be put into effect."""
        one = self._running.get(number)
        if one is not None:
            self._move(number, one, {**one.state, "phase": "failed", "reason": "malformed"})

    def note_change(self, key: str) -> None:
        """Somebody gave the parameter another value."""
        for number, one in self._running.items():
            if one.schedule["key"] == key:
                self._move(number, one, end_by_change(one.state))

    def went_back(self, newest: Newest) -> None:
        """The job has gone back: what was logged until now has not happened."""
        self._gone = newest[1]

    def advance(self, step: float, parameters: Mapping[str, Parameter], read: Callable[[], Newest]) -> Iterator[Due]:
        """What is due at this step."""
        epoch, metrics = read() if self._needs_metrics else (None, {})
        since = {key: point for key, point in metrics.items() if self._gone.get(key) != point}
        for number, one in list(self._running.items()):
            parameter = parameters.get(one.schedule["key"])
            if parameter is None:
                continue
            now = ControlPoint(step, epoch, time.time() * 1000.0, parameter.value, since)
            before = one.state["phase"]
            state, value = advance_schedule(one.schedule, parameter, one.state, now)
            self._move(number, one, state)
            if value is not None:
                is_passing = before == "active" and state["phase"] == "active"
                yield Due(number, parameter.key, value, is_passing)

    @property
    def _needs_metrics(self) -> bool:
        return any(
            one.schedule["start"]["at"] in ("metric", "epoch") or "epochs" in one.schedule["shape"].get("over", ())
            for one in self._running.values()
        )

    def _move(self, number: int, one: _Running, state: State) -> None:
        moved = state["phase"] != one.state["phase"]
        one.state = state
        now = time.monotonic()
        if moved or (state["phase"] == "active" and now - one.told_s > _TELL_EVERY_S):
            one.told_s = now
            self._tell({"id": number, "state": state, "at": time.time() * 1000.0})
