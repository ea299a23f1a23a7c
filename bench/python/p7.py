"""P7: a training that keeps a page busy: 24 metrics ten times a second, three on each of eight charts, 1,000 lines a second.

python p7.py                  until a line or the end of its input

It reports to the server that PILOTHOUSE_URL or the data folder names, as the job that PILOTHOUSE_JOB names.
"""

from __future__ import annotations

import math
import random
import select
import sys
import time

import pilothouse

CHARTS = ("loss", "accuracy", "f1", "perplexity", "grad_norm", "entropy", "reward", "margin")
PARTS = ("", "val/", "test/")
TICK_S = 0.01
LINES_A_TICK = 10
TICKS_A_STEP = 10


def train() -> None:
    job = pilothouse.init(project="bench", name="p7", total_steps=1_000_000)
    noise = random.Random(7)
    began = time.perf_counter()
    tick = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        wait_s = began + tick * TICK_S - time.perf_counter()
        if wait_s > 0:
            time.sleep(wait_s)
        if tick % TICKS_A_STEP == 0:
            job.log(measure(tick // TICKS_A_STEP, noise), step=tick // TICKS_A_STEP)
        for line in range(LINES_A_TICK):
            print(describe(tick * LINES_A_TICK + line))
        tick += 1
    job.finish()


def measure(step: int, noise: random.Random) -> dict[str, float]:
    return {
        f"{part}{chart}": 2 / (1 + index + step / 400) + at / 10 + math.sin(step / 60) / 20 + noise.gauss(0, 0.02)
        for index, chart in enumerate(CHARTS)
        for at, part in enumerate(PARTS)
    }


def describe(number: int) -> str:
    if number % 500 == 0:
        return f"\x1b[33mWARNING\x1b[0m batch {number} took longer than usual"
    return f"[rank 0] batch {number}: read 512 samples in {3 + number % 7} ms, queue {number % 64}/64, shard {number % 128:05d}"


train()
