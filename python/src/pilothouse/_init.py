"""`init`: from options and environment to a job that reports."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence

from . import _limits as limits
from ._delivery import Delivery
from ._endpoint import find_endpoint
from ._errors import OptionError
from ._host import host_name
from ._job import Job
from ._options import name_options, to_fields
from ._output import OutputCapture
from ._reporter import Reporter
from ._settings import Settings, read_settings
from ._spool import Spool
from ._stage import DEFAULT_STAGES
from ._text import cut_text
from ._transport import Transport
from ._warn import forget_warnings, warn_once

KINDS = ("training", "evaluation", "other")
_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz"  # nothing that looks like something else
_current: Optional[Job] = None


@name_options
def init(
    *,
    project: Optional[str] = None,
    name: Optional[str] = None,
    config: Any = None,
    tags: Optional[Sequence[str]] = None,
    model: Optional[str] = None,
    dataset: Optional[str] = None,
    model_type: Optional[str] = None,
    total_steps: Optional[float] = None,
    total_epochs: Optional[float] = None,
    stages: Optional[Sequence[str]] = None,
    notes: Optional[str] = None,
    kind: str = "training",
    mode: Optional[str] = None,
) -> Job:
    """Begins a job and reports it from now on, in the background.

    config: mapping, argparse Namespace, dataclass, OmegaConf, pydantic, or any object with attributes.
    total_steps, total_epochs: what progress and remaining time are reckoned with.
    stages: names in their order, instead of the default five (`Dataset loading`, `Tokenization`, `Training`,
        `Validation`, `Save model`).
    kind: training, evaluation or other.
    mode: online (the default), offline (to disk only; `python -m pilothouse sync` sends it later) or disabled.

    Returns at once, whether the server answers or not. Raises OptionError for an option or an environment variable
    with no such name or value; nothing else. A job that is under way in this process is completed first.
    """
    global _current
    settings = read_settings(os.environ, mode)
    if kind not in KINDS:
        raise OptionError(f"kind is «{kind}», one of {', '.join(KINDS)} was expected")
    given = {
        "project": project or settings.project, "name": name, "config": config, "tags": tags, "model": model,
        "dataset": dataset, "model_type": model_type, "total_steps": total_steps, "total_epochs": total_epochs,
        "stages": stages, "notes": notes,
    }  # fmt: skip
    fields = to_fields(given)
    if _current is not None:
        _current.finish()
    forget_warnings()
    uid = settings.job or make_uid()
    job = Job(uid, tuple(fields.get("stages", DEFAULT_STAGES)))
    # Of the processes of a distributed job, the first one speaks for all.
    if settings.mode != "disabled" and settings.rank == 0:
        try:
            _start_reporting(job, settings, {**fields, "kind": kind})
        except Exception as error:  # a system like none before must not keep the script from training
            warn_once("start", f"This job is not reported: {type(error).__name__}: {error}")
    _current = job
    return job


def log(metrics: Mapping[str, Any], step: Optional[float] = None, epoch: Optional[float] = None) -> None:
    """Records one row of metrics of the job that `init` began: see `Job.log`."""
    if _current is not None:
        _current.log(metrics, step, epoch)
    else:
        warn_once("no-job", "log() before init() is left out.")


def finish(state: str = "completed", error: Any = None) -> None:
    """Ends the job that `init` began: see `Job.finish`."""
    if _current is not None:
        _current.finish(state, error)


def current_job() -> Optional[Job]:
    """The job that `init` began last in this process."""
    return _current


def make_uid() -> str:
    """A new name for a job: 12 letters and digits, 60 bits of chance."""
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in os.urandom(12))


def _start_reporting(job: Job, settings: Settings, fields: Mapping[str, Any]) -> None:
    writer = make_uid()
    adopted = settings.job is not None
    create = describe_job(fields, settings)
    attempt = settings.attempt or 1
    birth = {"uid": job.uid, "attempt": attempt, "writer": writer, "create": create}
    name, own = f"{job.uid}-{writer}", settings.data_folder / "spool"
    mailbox = settings.mailbox is not None
    spool = Spool((settings.mailbox or own) / name, birth, fallback=own / name if mailbox else None, stays=mailbox)
    # With a mailbox, a server that happens to run on this machine is not meant.
    direct = settings.mode == "online" and not (mailbox and settings.url is None)
    transport = Transport(lambda: find_endpoint(settings)) if direct else None
    output = None if settings.wrapped else OutputCapture()
    delivery = Delivery(job.uid, create, spool, transport, attempt=attempt, announce=not adopted, mailbox=mailbox)
    reporter = Reporter(writer, delivery, output)
    job._start(reporter, output, sample=not settings.wrapped)


def describe_job(fields: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The body that makes the job, or adopts the one a launcher made: that one keeps what is not said here."""
    attempt: dict[str, Any] = {"claim": make_claim(os.environ), "host": host_name(), "pid": os.getpid()}
    if settings.attempt is not None:
        attempt["number"] = settings.attempt
    body: dict[str, Any] = {**fields, "attempt": attempt, "createdAt": time.time() * 1000.0, "state": "running"}
    if settings.job is None:
        body.setdefault("name", _script_name())
        body.setdefault("project", cut_text(Path.cwd().name or "default", limits.NAME_LENGTH_MAX))
    return body


def make_claim(environ: Mapping[str, str]) -> str:
    """What this execution is, the same for every reporter of it: the scheduler's job, else this process."""
    slurm = environ.get("SLURM_JOB_ID")
    if slurm:
        task = environ.get("SLURM_ARRAY_TASK_ID")
        name = f"{environ.get('SLURM_ARRAY_JOB_ID', slurm)}_{task}" if task else slurm
        cluster, restart = environ.get("SLURM_CLUSTER_NAME", "slurm"), environ.get("SLURM_RESTART_COUNT", "0")
        return f"slurm:{cluster}/{name}/{restart}"[:512]
    boot = _read_first_line("/proc/sys/kernel/random/boot_id")
    start = _read_first_line("/proc/self/stat").rpartition(")")[2].split()[19:20]
    return f"process:{host_name()}/{boot or 'boot'}/{os.getpid()}/{start[0] if start else int(time.time())}"[:512]


def _read_first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return ""


def _script_name() -> str:
    script = Path(sys.argv[0] if sys.argv else "").stem
    return cut_text(script, limits.NAME_LENGTH_MAX) if script and not script.startswith("-") else "python"


def _forget_in_child() -> None:
    """A forked child does not report: it would tell everything twice."""
    global _current
    if _current is not None:
        _current._forget()
        _current = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
