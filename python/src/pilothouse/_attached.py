"""The job that a library's training loop reports to, for callbacks: given, under way, or begun for it.

A job that a callback begins ends with its script, so that what the script does after training (a last evaluation, saving the
model) belongs to it, and so that a fault there fails it. The next training of the same process has a job of its own. In a
session at a prompt or in a notebook, whose process lives on, the job ends with the training.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any, Callable, Mapping, Optional

from ._init import current_job, init
from ._job import Job

#: Jobs that callbacks began, whose training is over.
_over: weakref.WeakSet[Job] = weakref.WeakSet()


class Attachment:
    """Holds the job of one callback."""

    def __init__(self, job: Optional[Job], options: Mapping[str, Any]) -> None:
        """`options`: what the user wants `init` to be called with, should a job have to be begun."""
        self._given = job
        self._options = dict(options)
        self._begun = False

    def begin(self, describe: Callable[[], Mapping[str, Any]]) -> Job:
        """A training begins. `describe`: options of `init` where the user has said nothing. Raises OptionError for an option
        that `init` does not know."""
        job = self._given or current_job()
        self._begun = job is None or job._ended or job in _over
        if self._begun or job is None:
            job = init(**{**describe(), **self._options})
        self._job = job
        return job

    def end(self) -> None:
        """The training is over."""
        if not self._begun:
            return
        _over.add(self._job)
        if _is_interactive():
            self._job.finish()


def _is_interactive() -> bool:
    """True at a prompt and in a notebook: the process does not end with the training."""
    return hasattr(sys, "ps1") or "ipykernel" in sys.modules
