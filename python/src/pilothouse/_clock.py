"""Time that goes on evenly, whatever happens to the clock on the wall.

The script's side stamps with `time.time()`, because that costs least. When somebody sets the clock (or the network does, an hour
after the machine started without it), stamps jump; here they are brought back onto the time of day as it was, right or
wrong, when the job began. The server corrects what is wrong for the whole of a run by its own clock, but no jump in the middle.
"""

from __future__ import annotations

import threading
import time
from typing import Callable

# The wall and the even clock may differ by this much before it is a jump, in seconds. Smaller steps are left as they are.
_JUMP_S = 0.5


def _elapsed() -> float:
    """Seconds that passed, those in which the machine slept included where the system counts them."""
    try:
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    except (AttributeError, OSError):  # not Linux
        return time.monotonic()


class Clock:
    """For the reporting thread: `look` once for each gathering, then `correct` what was stamped since the look before."""

    def __init__(self, wall: Callable[[], float] = time.time, elapsed: Callable[[], float] = _elapsed) -> None:
        self._wall = wall
        #: Seconds since some moment, never back.
        self.elapsed = elapsed
        self._base = wall() - elapsed()
        #: How far the wall is ahead, at the last look and at the one before, and when those were.
        self._ahead = self._ahead_before = 0.0
        self._looked = self._looked_before = self.now()

    def now(self) -> float:
        """Seconds since 1970."""
        return self._base + self.elapsed()

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Waits for the event, so long at most."""
        event.wait(seconds)

    def look(self) -> bool:
        """True when what was stamped since the last look needs correction."""
        self._looked_before, self._looked = self._looked, self.now()
        ahead = self._wall() - self._looked
        self._ahead_before = self._ahead
        if abs(ahead - self._ahead) > _JUMP_S:
            self._ahead = ahead if abs(ahead) > _JUMP_S else 0.0
        return bool(self._ahead or self._ahead_before)

    def correct(self, at: float) -> float:
        """The even time of a stamp (both in seconds) that was taken between the last two looks."""
        before, after = at - self._ahead_before, at - self._ahead
        if self._looked_before - _JUMP_S <= before <= self._looked + _JUMP_S:
            return before
        return min(max(after, self._looked_before), self._looked)
