"""From what is known about a job to somebody who reports it: who decides what, and which way the reports take.

process                       metrics   output             host and GPUs     end
the script                    yes       its own            yes               decides
in a wrapper                  yes       the wrapper's      the wrapper's     the wrapper's; an exception is told as a note
started by a script that
reports, same job             yes       its own            the starter's     the starter's; an exception is told as a note
another rank                  no        its last lines,    the first rank    only that it failed
                                        when it fails      of each node
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, Callable, Mapping, Optional

from . import _limits as limits
from ._claim import MARK, describe_mark, make_claim
from ._clock import Clock
from ._delivery import Delivery
from ._endpoint import find_endpoint
from ._host import host_name
from ._job import Job
from ._output import OutputCapture
from ._rank import OutputTail, RankReporter
from ._reporter import Reporter
from ._settings import Settings
from ._spool import Spool
from ._state import EndWords
from ._text import cut_text
from ._transport import Transport
from ._wrapper import tell_wrapper

_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz"  # nothing that looks like something else
#: How often this process began each job.
_runs: dict[str, int] = {}
#: What another rank may have said before, and a further attempt leaves as its owner set it.
_ONCE = ("name", "project", "tags", "notes", "kind", "createdAt", "attempt", "state", "resume")


def start_reporting(job: Job, settings: Settings, fields: Mapping[str, Any]) -> Optional[Delivery]:
    """Begins to report `job`, as far as it is this process's to do. Returns the way that its reports take."""
    create = describe_job(fields, settings)
    _count_run(job.uid, create["attempt"])
    job._names.update(create)
    place = settings.place
    words = EndWords(not (settings.wrapped or _joins(settings)), place.rank if place.distributed else None)
    os.environ[MARK] = describe_mark(os.environ, os.getpid())
    if place.rank > 0:
        create.pop("resume", None)  # the first rank asks
        tail = None if settings.wrapped else OutputTail(place.rank)
        job._start_rank(RankReporter(lambda: make_reporter(job, create, settings, words, tail), tail, place))
        return None
    tell_wrapper(settings, "init")
    output = None if settings.wrapped else OutputCapture()
    reporter = make_reporter(job, create, settings, words, output)
    if place.distributed:
        reporter.tell_job({key: value for key, value in create.items() if key not in _ONCE})
    job._start(reporter, output, sample=not (settings.wrapped or _joins(settings)))
    return reporter.delivery


def make_reporter(job: Job, create: Mapping[str, Any], settings: Settings, words: EndWords, output: Any) -> Reporter:
    """A reporter of its own, with the way that its reports take. It has yet to be started."""
    writer, uid = make_uid(), job.uid
    attempt = create["attempt"].get("number", 1)
    birth = {"uid": uid, "attempt": attempt, "writer": writer, "create": create}
    name, own = f"{uid}-{writer}", settings.data_folder / "spool"
    mailbox = settings.mailbox is not None
    spool = Spool((settings.mailbox or own) / name, birth, fallback=own / name if mailbox else None, stays=mailbox)
    # With a mailbox, a server that happens to run on this machine is not meant.
    direct = settings.mode == "online" and not (mailbox and settings.url is None)
    transport = Transport(lambda: find_endpoint(settings)) if direct else None
    announce = settings.job is None and settings.place.rank == 0
    clock = Clock()
    delivery = Delivery(
        uid, create, spool, transport, attempt=attempt, announce=announce, mailbox=mailbox, clock=clock.elapsed, wall=clock.now
    )  # fmt: skip
    spoke: Callable[[], None] = lambda: tell_wrapper(settings, "log")  # noqa: E731 - one word, said once
    return Reporter(writer, delivery, output, words, spoke=spoke, definitions=job._definitions, clock=clock)


def describe_job(fields: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The body that makes the job, or adopts the one a launcher made: that one keeps what is not said here."""
    attempt: dict[str, Any] = {"host": host_name(), "pid": os.getpid()}
    if not _joins(settings):  # who joins means the attempt under way
        attempt.update(make_claim({} if settings.child else os.environ, settings.place).fields())
    if settings.place.rank > 0:
        attempt["rank"] = settings.place.rank
    if settings.attempt is not None and not settings.requeued:
        attempt["number"] = settings.attempt
    body: dict[str, Any] = {**fields, "attempt": attempt, "createdAt": time.time() * 1000.0, "state": "running"}
    if settings.job is None:
        body.setdefault("name", _script_name())
        body.setdefault("project", cut_text(Path.cwd().name or "default", limits.NAME_LENGTH_MAX))
    return body


def _count_run(uid: str, attempt: dict[str, Any]) -> None:
    """A process that begins the same job again (a notebook does) means another attempt: its claim must be another, too."""
    runs = _runs[uid] = _runs.get(uid, 0) + 1
    if len(_runs) > limits.RUNS_REMEMBERED_MAX:
        _runs.pop(next(iter(_runs)))
    if runs > 1 and "claim" in attempt and "number" not in attempt:
        attempt["claim"] = f"{attempt['claim'][:500]}#{runs}"


def make_uid() -> str:
    """A new name for a job: 12 letters and digits, 60 bits of chance."""
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in os.urandom(12))


def _joins(settings: Settings) -> bool:
    """True for a process that a reporting script started and that speaks for the same job."""
    return settings.child and settings.job is not None


def _script_name() -> str:
    script = Path(sys.argv[0] if sys.argv else "").stem
    return cut_text(script, limits.NAME_LENGTH_MAX) if script and not script.startswith("-") else "python"
