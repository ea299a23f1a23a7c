"""Reports a training to pilothouse, live: metrics, samples, output, stages, resources, and how it ended.

import pilothouse

with pilothouse.init(project="mnist", config={"lr": 3e-4}) as job:
    for step in range(1, 1001):
        job.log({"loss": train_step()}, step=step)

`pilothouse.job` (also `pilothouse.run`) is the job under way, `pilothouse.config` and `pilothouse.summary` are its own.
"""

from typing import TYPE_CHECKING, Any, Optional

from ._api import Api, JobView, api
from ._checkpoints import Checkpoints
from ._definitions import Metric
from ._errors import ApiError, OptionError, PilothouseError
from ._init import alert, artifact, current_job, define_metric, deployed, finish, init, log
from ._job import Job
from ._job_config import Config
from ._parameter import Parameter
from ._sample import Histogram, Image, Sample, Table, Text
from ._stage import Stage
from ._steering_host import Stopped
from ._summary import Summary
from ._telling import AlertLevel

if TYPE_CHECKING:
    #: The job that `init` began last; None before.
    job: Optional[Job]
    run: Optional[Job]
    #: Its configuration and its summary.
    config: Config
    summary: Summary

__version__ = "0.1.0"
__all__ = [
    "AlertLevel",
    "Api",
    "ApiError",
    "Checkpoints",
    "Config",
    "Histogram",
    "Image",
    "Job",
    "JobView",
    "Metric",
    "OptionError",
    "Parameter",
    "PilothouseError",
    "Sample",
    "Stage",
    "Stopped",
    "Summary",
    "Table",
    "Text",
    "alert",
    "api",
    "artifact",
    "current_job",
    "define_metric",
    "deployed",
    "finish",
    "init",
    "log",
]


def __getattr__(name: str) -> Any:
    """What belongs to the job under way is looked up when it is asked for."""
    if name in ("job", "run"):
        return current_job()
    if name in ("config", "summary"):
        under_way = current_job()
        if under_way is None:
            raise PilothouseError(f"pilothouse.{name} is that of the job under way: call pilothouse.init() first")
        return getattr(under_way, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
