"""A training that takes a step for each line that it is given, and tells each way that its reports take."""

import sys

import pilothouse

job = pilothouse.init(name="far away")
for step, _ in enumerate(sys.stdin, 1):
    job.log({"loss": 1 / step}, step=step)
    print("step", step, flush=True)
job.finish()
