"""What steering asks of its job, and what comes of an order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional, Protocol

from ._number import to_number
from ._order_feed import OrderFeed

if TYPE_CHECKING:
    from ._copies import Copies


class Stopped(SystemExit):
    """Raised by `job.control` when somebody has stopped the job: it ends the script in order unless it is caught."""


class Host(Protocol):
    """What the job does for its steering."""

    @property
    def uid(self) -> str:
        """Names the job."""

    @property
    def logged(self) -> float:
        """The step of the last row."""

    @property
    def goes_on(self) -> bool:
        """There were earlier attempts of the job."""

    def tell(self, part: str, event: Any) -> None:
        """Something of steering is to be reported."""

    def tell_state(self, state: str) -> None:
        """The job is `paused`, or `running` again."""

    def fork(self, event: Mapping[str, Any], logged: float) -> None:
        """What is logged from now on belongs to a new branch; counting goes on from `logged`."""

    def read_metrics(self) -> Mapping[str, Any]:
        """The last value of each metric."""

    def read_newest(self) -> tuple[Optional[float], Mapping[str, tuple[float, float]]]:
        """The epoch, and the step and value of the last point of each metric."""

    def log_metrics(self, metrics: Mapping[str, Any], step: float) -> None:
        """Records a row."""

    def open_copies(self) -> Optional[Copies]:
        """By which copies of checkpoints are sent and fetched; None when there is no way."""

    def open_feed(self, arrived: Callable[[], None]) -> Optional[OrderFeed]:
        """Where orders come from; None when nobody can give any."""


@dataclass
class Outcome:
    """`applied`, `rejected`, `failed`, `expired` or `superseded`, and why."""

    state: str
    reason: Optional[str] = None


APPLIED = Outcome("applied")


def outcome_of(fault: Optional[str]) -> Outcome:
    """Done, or gone wrong with these words."""
    return APPLIED if fault is None else Outcome("failed", fault)


def unsupported(words: str) -> Outcome:
    """The script does not do such things."""
    return Outcome("rejected", f"This script {words}.")


def describe_fault(error: BaseException) -> str:
    """An exception in words."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def plain_step(step: Any) -> float:
    """A step as the wire takes it, whatever kind of number the script counts with; 0 for what is none."""
    number = to_number(step)
    if number is None or not math.isfinite(number):
        return 0
    return int(number) if number.is_integer() else number


def plain_epoch(epoch: Any) -> Optional[float]:
    """An epoch as the wire takes it; None for what is none."""
    return epoch if isinstance(epoch, (int, float)) and not isinstance(epoch, bool) and math.isfinite(epoch) else None
