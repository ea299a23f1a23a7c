"""What is told of parameters that have another value, and of orders that were carried out."""

from __future__ import annotations

import time
from typing import Any, Callable, Mapping, Optional

from . import _limits as limits
from ._steering_host import Outcome
from ._text import cut_text

#: Values on the way of a schedule are told at most so often, in seconds.
_PASSING_S = 0.5


class ChangeEvents:
    """Tells changes through `tell`; `read_epoch` says where the job is."""

    def __init__(self, tell: Callable[[Mapping[str, Any]], None], read_epoch: Callable[[], Optional[float]]) -> None:
        self._tell = tell
        self._read_epoch = read_epoch
        #: When a value on the way of a schedule was told last, by key.
        self._passing_told: dict[str, float] = {}

    def tell(
        self, key: str, value: Any, cause: str, command: Optional[int], *, step: float, is_passing: bool, epoch: Optional[float]
    ) -> None:
        """`epoch`: where it belongs, if that is not where the job is."""
        now = time.time()
        if is_passing:  # the value is wanted live, not every step of its way
            if now - self._passing_told.get(key, 0.0) < _PASSING_S:
                return
            self._passing_told[key] = now
        self._tell({
            "key": key, "value": value, "at": now * 1000.0, "step": step, "cause": cause, "command": command,
            "epoch": self._read_epoch() if epoch is None else epoch, "isPassing": is_passing,
        })  # fmt: skip


def outcome_event(order: int, outcome: Outcome, step: float) -> dict[str, Any]:
    """What came of an order, as the wire takes it."""
    reason = outcome.reason and cut_text(outcome.reason, limits.REASON_LENGTH_MAX)
    return {"id": order, "state": outcome.state, "at": time.time() * 1000.0, "step": step, "reason": reason}
