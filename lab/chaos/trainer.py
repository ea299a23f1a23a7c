"""A script whose every point and line is known: `value` is half of the step, and each tenth step prints a line.

It goes on until the file named first appears, then says how many steps it made. The second argument is its name.
"""

import sys
import time
from pathlib import Path

import pilothouse

stop, name = Path(sys.argv[1]), sys.argv[2]
with pilothouse.init(project="chaos", name=name) as job:
    step = 0
    while not stop.exists():
        job.log({"value": step * 0.5, "square": float(step * step)}, step=step)
        if step % 10 == 0:
            print(f"line {step // 10}", flush=True)
        step += 1
        time.sleep(0.001)
print(f"made {step} steps", file=sys.__stderr__, flush=True)
