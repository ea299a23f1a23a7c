"""P5: a training that tells the time: ten metrics, 100 steps a second, one of them the ms since ZERO_MS (wall clock).

python p5.py ZERO_MS          until a line or the end of its input; then all times that it logged, one JSON list on stdout

It reports to the server that PILOTHOUSE_URL or the data folder names, as the job that PILOTHOUSE_JOB names.
"""

from __future__ import annotations

import json
import math
import select
import sys
import time

import pilothouse

KEYS = 10
PERIOD_S = 0.01


def tell_time(zero_ms: float) -> list[int]:
    job = pilothouse.init(project="bench", name="p5")
    others = [f"wave_{index}" for index in range(1, KEYS)]
    told: list[int] = []
    began = time.perf_counter()
    while not select.select([sys.stdin], [], [], 0)[0]:
        step = len(told)
        wait_s = began + step * PERIOD_S - time.perf_counter()
        if wait_s > 0:
            time.sleep(wait_s)
        values = {key: math.sin(step / (50 + index)) for index, key in enumerate(others)}
        now_ms = int(time.time() * 1000 - zero_ms)
        job.log({"clock": now_ms, **values}, step=step)
        told.append(now_ms)
    job.finish()
    return told


print(json.dumps(tell_time(float(sys.argv[1]))))
