"""P6: a training that says when a command takes effect, and what a control point costs when nothing waits.

    python p6.py [--pause SECONDS]       prints «cost NANOSECONDS» first, then «applied VALUE TIME» for each value given

With RANK set (torchrun) both ranks take part over gloo, and the first one prints. TIME is seconds since 1970.
"""

from __future__ import annotations

import argparse
import os
import time
from itertools import count

import pilothouse

CALLS = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description="A loop that is steered")
    parser.add_argument("--pause", type=float, default=0.02, help="seconds that a step takes")
    options = parser.parse_args()
    rank = int(os.environ.get("RANK", "0"))
    if "RANK" in os.environ:
        import torch

        torch.distributed.init_process_group("gloo")
    job = pilothouse.init(project="bench", name="p6")

    def apply(value: float) -> None:
        if rank == 0:
            print(f"applied {value:g} {time.time():.6f}", flush=True)

    job.parameter("lr", 0.0, min=0.0, max=1e9, type="number", apply=apply)
    if "RANK" not in os.environ:
        job.control(0)
        time.sleep(1.5)  # the first words with the server are over
        job.control(0)
        print(f"cost {min(time_control(job) for _ in range(5)):.1f}", flush=True)
    for step in count(1):
        job.control(step)
        time.sleep(options.pause)


def time_control(job: pilothouse.Job) -> float:
    """Nanoseconds of one call."""
    begun = time.perf_counter()
    for step in range(CALLS):
        job.control(step)
    return (time.perf_counter() - begun) / CALLS * 1e9


if __name__ == "__main__":
    main()
