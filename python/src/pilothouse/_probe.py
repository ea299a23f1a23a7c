"""Asks whether the server is back, beside the reporting thread: a call into a network that swallows packets hangs for
seconds, and meanwhile reports are to reach the disk."""

from __future__ import annotations

import threading
from typing import Callable, Optional, Union

from ._transport import Answer, Unreachable

Outcome = Union[Answer, Unreachable]


class Probe:
    """One question at a time. `ask` runs in a thread of its own."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._thread: Optional[threading.Thread] = None
        self._outcome: Optional[Outcome] = None

    @property
    def under_way(self) -> bool:
        """True from `start` until the outcome is taken."""
        return self._thread is not None

    def start(self) -> None:
        """Asks."""
        self._outcome = None
        self._thread = threading.Thread(target=self._run, name="pilothouse-probe", daemon=True)
        self._thread.start()

    def wait(self, limit_s: float) -> None:
        """Waits for the outcome, so long at most."""
        if self._thread is not None:
            self._thread.join(limit_s)

    def take(self) -> Optional[Outcome]:
        """What came of it; None while it is under way, or when nothing was asked."""
        outcome, self._outcome = self._outcome, None
        if outcome is not None:
            self._thread = None
        return outcome

    def _run(self) -> None:
        try:
            self._outcome = self._ask()
        except Unreachable as error:
            self._outcome = error
        except Exception as error:  # whatever it is, the question may be asked again
            self._outcome = Unreachable(f"{type(error).__name__}: {error}")
