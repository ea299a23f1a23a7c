"""The job that a library's training loop reports to, for callbacks: given, under way, or begun for it.

A job that a callback begins ends with its script, so that what the script does after training (a last evaluation, saving the
model) belongs to it, and so that a fault there fails it. The next training of the same process has a job of its own. At a
prompt and in a notebook, whose process lives on, the job ends with the training.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any, Callable, Iterable, Mapping, Optional

from ._init import current_job, init
from ._job import Job
from ._parameter import Parameter

#: Jobs that callbacks began, for one training each.
_begun: weakref.WeakSet[Job] = weakref.WeakSet()


class Attachment:
    """Holds the job of one callback."""

    def __init__(self, job: Optional[Job], options: Mapping[str, Any]) -> None:
        """`options`: what the user wants `init` to be called with, should a job have to be begun."""
        self._given = job
        self._options = dict(options)
        self._job: Optional[Job] = None

    def begin(self, describe: Callable[[], Mapping[str, Any]]) -> Job:
        """A training begins. `describe`: options of `init` where the user has said nothing. Raises OptionError for an option
        that `init` does not know."""
        job = self._given or current_job()
        if job is None or job._ended or job in _begun:
            job = init(**{**describe(), **self._options})
            _begun.add(job)
        self._job = job
        return job

    def end(self, parameters: Iterable[Parameter], error: Optional[BaseException] = None) -> None:
        """The training is over, by a fault if there is one: what could be done to it is not offered any more."""
        job, self._job = self._job, None
        if job is None:
            return
        job._steering.withdraw(parameters)
        if job in _begun and _is_interactive():
            job.finish(error=error)


def _is_interactive() -> bool:
    """True at a prompt and in a notebook: the process does not end with the training."""
    return hasattr(sys, "ps1") or "ipykernel" in sys.modules
