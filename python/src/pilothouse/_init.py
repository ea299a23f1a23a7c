"""`init`: from options and environment to a job that reports."""

from __future__ import annotations

import os
from typing import Any, Mapping, Optional, Sequence

from ._begin import make_uid, start_reporting
from ._errors import OptionError
from ._job import Job
from ._options import name_options, to_fields
from ._settings import read_settings
from ._stage import DEFAULT_STAGES
from ._warn import forget_warnings, warn_once

KINDS = ("training", "evaluation", "other")
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
        _current._give_way(settings.job)
    forget_warnings()
    uid = settings.job or make_uid()
    job = Job(uid, tuple(fields.get("stages", DEFAULT_STAGES)))
    if settings.mode != "disabled":
        try:
            start_reporting(job, settings, {**fields, "kind": kind})
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


def _forget_in_child() -> None:
    """A forked child does not report: it would tell everything twice."""
    global _current
    if _current is not None:
        _current._forget()
        _current = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
