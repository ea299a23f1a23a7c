"""SIGUSR1: by it schedulers say that the time of a job is nearly over, or that it has to make room (`sbatch --signal`)."""

from __future__ import annotations

import os
import signal
from typing import Callable

from ._warn import say


def listen_for_end(save_soon: Callable[[], None]) -> None:
    """Calls `save_soon` at the signal, in a launched job that does not listen itself; without that it would end the script."""
    if "PILOTHOUSE_OUTPUT" not in os.environ or not hasattr(signal, "SIGUSR1"):
        return

    def hear(*_: object) -> None:
        say("the time of this job is nearly over: a checkpoint is written at the next control point")
        save_soon()

    try:
        if signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL:
            signal.signal(signal.SIGUSR1, hear)
    except ValueError:  # another thread than the first one may not listen
        pass
