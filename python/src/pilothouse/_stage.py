"""Stages of a job: what it is doing now, and how far it is with it."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Callable, Optional

DEFAULT_STAGES = ("Dataset loading", "Tokenization", "Training", "Validation", "Save model")


class Stage:
    """A stage under way. It began when it was made; leaving its `with` block ends it, an exception fails it."""

    def __init__(self, name: str, total: Optional[float], tell: Callable[[dict[str, Any]], None]) -> None:
        self.name = name
        self._tell = tell
        self._done = 0.0
        self._total = total
        self._told_done = 0.0
        self._ended = False
        event: dict[str, Any] = {"name": name, "state": "active", "at": _now_ms(), "done": 0}
        if total is not None:
            event["total"] = total
        tell(event)

    def advance(self, amount: float = 1) -> None:
        """Moves on by `amount`, in the unit of `total`. Costs next to nothing: it is told with the next report.

        For one thread at a time.
        """
        self._done += amount

    def update(self, done: float, total: Optional[float] = None) -> None:
        """Sets how much is done, and the total when it was not known before."""
        self._done = done
        if total is not None and total != self._total:
            self._total = total
            self._tell({"name": self.name, "at": _now_ms(), "total": total})

    def finish(self, state: str = "completed") -> None:
        """Ends the stage: `completed`, `failed` or `skipped`. The first word counts."""
        if self._ended:
            return
        self._ended = True
        self._told_done = self._done
        event: dict[str, Any] = {"name": self.name, "state": state, "at": _now_ms()}
        self._tell({**event, "done": _as_done(self._done)} if self._done else event)

    def take_progress(self) -> Optional[dict[str, Any]]:
        """The event that tells how far it is, when that changed since the last call."""
        done = self._done
        if self._ended or done == self._told_done:
            return None
        self._told_done = done
        return {"name": self.name, "at": _now_ms(), "done": _as_done(done)}

    @property
    def ended(self) -> bool:
        """True after `finish`."""
        return self._ended

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.finish("completed" if error is None else "failed")


def spell_stage(name: str, declared: tuple[str, ...]) -> str:
    """The declared stage that is meant by `name` («save_model» is «Save model»), else the name itself."""
    wanted = _simplify(name)
    return next((stage for stage in declared if _simplify(stage) == wanted), name)


def _simplify(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip().casefold()


def _as_done(done: float) -> float:
    value = float(done)
    return value if 0.0 <= value < float("inf") else 0.0


def _now_ms() -> float:
    return time.time() * 1000.0
