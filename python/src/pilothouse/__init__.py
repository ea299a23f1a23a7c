"""Reports a training to pilothouse, live: metrics, output, stages, resources, and how it ended.

import pilothouse

with pilothouse.init(project="mnist", config={"lr": 3e-4}) as job:
    for step in range(1, 1001):
        job.log({"loss": train_step()}, step=step)
"""

from ._errors import OptionError, PilothouseError
from ._init import current_job, finish, init, log
from ._job import Job
from ._stage import Stage

__version__ = "0.1.0"
__all__ = ["Job", "OptionError", "PilothouseError", "Stage", "current_job", "finish", "init", "log"]
