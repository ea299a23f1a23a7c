"""`init`: from options and environment to a job that reports."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any, Mapping, Optional, Sequence, Union

from ._begin import make_uid, start_reporting
from ._definitions import Metric
from ._delivery import Delivery
from ._errors import OptionError
from ._job import Job
from ._options import TOLERATED, name_options, to_fields
from ._resume import LastRun, await_word, check_uid, read_resume, wire_word
from ._settings import Settings, read_settings
from ._stage import DEFAULT_STAGES
from ._state import End
from ._warn import forget_warnings, warn_once

KINDS = ("training", "evaluation", "other")
#: Words of other trackers.
_MODES = {"dryrun": "offline", "run": "online", "shared": "online"}
_current: Optional[Job] = None


@name_options(TOLERATED)
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
    id: Optional[str] = None,  # noqa: A002 - as W&B calls it
    resume: Any = None,
    group: Optional[str] = None,
    job_type: Optional[str] = None,
) -> Job:
    """Begins a job and reports it from now on, in the background.

    config: mapping, argparse Namespace, dataclass, OmegaConf, pydantic, or any object with attributes.
    total_steps, total_epochs: what progress and remaining time are reckoned with.
    stages: names in their order, instead of the default five (`Dataset loading`, `Tokenization`, `Training`,
        `Validation`, `Save model`).
    kind: training, evaluation or other.
    mode: online (the default), offline (to disk only; `python -m pilothouse sync` sends it later) or disabled.

    id: what names the job everywhere; made up by default. The id of a job that was there before makes another attempt of it.
    resume: goes on with the job of that `id`, counting steps from its last one, with its configuration and summary:
        `allow` (or True) if there is one, `must` only if there is one, `never` only if there is none; `auto` (or True
        without an id): with the last job of this script in this folder, if that was not completed.
    group, job_type: jobs that belong together, and what part of their group this one is.

    Returns at once, whether the server answers or not; with `resume` it waits up to 15 s for the server's word. Raises
    OptionError for an option or an environment variable with no such name or value, and when the server refuses what
    `resume` asks for; nothing else. A job that is under way in this process is completed first.
    """
    global _current
    settings = read_settings(os.environ, _MODES.get(mode or "", mode))
    wanted = read_resume(resume, check_uid(id))
    if kind not in KINDS:
        raise OptionError(f"kind is «{kind}», one of {', '.join(KINDS)} was expected")
    given = {
        "project": project or settings.project, "name": name, "config": config, "tags": tags, "model": model,
        "dataset": dataset, "model_type": model_type, "total_steps": total_steps, "total_epochs": total_epochs,
        "stages": stages, "notes": notes, "group": group, "job_type": job_type,
    }  # fmt: skip
    fields = to_fields(given)
    if _current is not None:
        _current._give_way(settings.job)
    forget_warnings()
    last = LastRun(settings.data_folder, fields.get("project"))
    uid = choose_uid(settings, id, last if wanted == "auto" else None)
    job = Job(uid, tuple(fields.get("stages", DEFAULT_STAGES)), fields, config)
    if settings.mode != "disabled":
        try:
            asked = {} if wanted is None else {"resume": wire_word(wanted)}
            delivery = start_reporting(job, settings, {**fields, **asked, "kind": kind})
            if wanted is not None and delivery is not None:
                _go_on(job, delivery, wanted)
            if wanted == "auto":
                last.write(uid)
                job._at_end = lambda how: last.forget() if how.state == "completed" else None
        except OptionError:
            job._end(End("cancelled"))
            raise
        except Exception as error:  # a system like none before must not keep the script from training
            warn_once("start", f"This job is not reported: {type(error).__name__}: {error}")
    _current = job
    return job


def log(
    metrics: Mapping[str, Any],
    step: Optional[float] = None,
    epoch: Optional[float] = None,
    commit: Optional[bool] = None,
    **other: Any,
) -> None:
    """Records one row of metrics of the job that `init` began: see `Job.log`."""
    if _current is not None:
        _current.log(metrics, step, epoch, commit)
    else:
        warn_once("no-job", "log() before init() is left out.")


def define_metric(
    name: Any,
    step_metric: Any = None,
    *,
    goal: Optional[str] = None,
    summary: Union[str, Sequence[str], None] = None,
    hidden: Optional[bool] = None,
    **other: Any,
) -> Optional[Metric]:
    """Says what a metric of the job that `init` began means: see `Job.define_metric`."""
    if _current is not None:
        return _current.define_metric(name, step_metric, goal=goal, summary=summary, hidden=hidden, **other)
    warn_once("no-job-define", "define_metric() before init() is left out.")
    return None


def alert(title: str, text: str = "", level: Any = "info", wait_duration: Union[float, timedelta, None] = None) -> None:
    """Wants somebody to know something about the job that `init` began: see `Job.alert`."""
    if _current is not None:
        _current.alert(title, text, level, wait_duration)
    else:
        warn_once("no-job-alert", "alert() before init() is left out.")


def artifact(
    path_or_url: Any,
    name: Optional[str] = None,
    kind: str = "file",
    metadata: Optional[Mapping[str, Any]] = None,
    *,
    used: bool = False,
) -> None:
    """Records where a thing is that the job made or used: see `Job.artifact`."""
    if _current is not None:
        _current.artifact(path_or_url, name, kind, metadata, used=used)
    else:
        warn_once("no-job-artifact", "artifact() before init() is left out.")


def deployed(url: str, name: Optional[str] = None) -> None:
    """Says at which address the model of the job answers now: see `Job.deployed`."""
    if _current is not None:
        _current.deployed(url, name)
    else:
        warn_once("no-job-deployed", "deployed() before init() is left out.")


def finish(state: str = "completed", error: Any = None, exit_code: Optional[int] = None) -> None:
    """Ends the job that `init` began: see `Job.finish`."""
    if _current is not None:
        _current.finish(state, error, exit_code)


def current_job() -> Optional[Job]:
    """The job that `init` began last in this process."""
    return _current


def choose_uid(settings: Settings, uid: Optional[str], last: Optional[LastRun]) -> str:
    """The launcher's job, else the one asked for, else the last one that was not completed, else a new one."""
    if settings.job is not None and uid is not None and uid != settings.job:
        warn_once("id", f"init(): the job was made as «{settings.job}» already; id=«{uid}» is left out.")
    return settings.job or uid or (last.read() if last else None) or make_uid()


def _go_on(job: Job, delivery: Delivery, resume: str) -> None:
    """Waits for what the server knows of the job. Raises OptionError when it refuses it."""
    if delivery.offline:
        warn_once("resume", f'resume="{resume}" without a direct way to the server: steps are counted from 1.')
        return
    await_word(delivery, resume)
    if delivery.resumed is not None:
        job._resume(delivery.resumed)


def _forget_in_child() -> None:
    """A forked child does not report: it would tell everything twice."""
    global _current
    if _current is not None:
        _current._forget()
        _current = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
