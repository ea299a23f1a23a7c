"""P4: what one call of `log()` with five metrics costs the training loop, beside peers where they are installed.

tight: call after call, caches warm. paced: 2 ms between calls, as a training loop has them; the script's thread sleeps and
the processor does other things meanwhile, so this is the honest one. whole: from opening to everything durable, for
100,000 calls.

    python p4.py [--short] [--alone]        all loggers, each in a process of its own; one JSON object on stdout

pilothouse reports to the server that PILOTHOUSE_URL or the data folder names; without one it writes to disk.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any, Callable, Optional

PACE_S = 0.002
Log = Callable[[int], None]
Finish = Callable[[], None]


def open_pilothouse(folder: str) -> tuple[Log, Finish]:
    import pilothouse

    job = pilothouse.init(project="bench", name="p4")

    def log(step: int) -> None:
        job.log({"loss": 0.5, "accuracy": 0.25, "lr": 0.001, "grad_norm": 1.5, "speed": float(step)}, step=step)

    return log, job.finish


def open_wandb(folder: str) -> tuple[Log, Finish]:
    import wandb

    os.environ["WANDB_SILENT"] = "true"
    run = wandb.init(project="bench", dir=folder, mode="offline")

    def log(step: int) -> None:
        run.log({"loss": 0.5, "accuracy": 0.25, "lr": 0.001, "grad_norm": 1.5, "speed": float(step)}, step=step)

    return log, run.finish


def open_tensorboard(folder: str) -> tuple[Log, Finish]:
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(folder)  # type: ignore[no-untyped-call]

    def log(step: int) -> None:
        add: Any = writer.add_scalar
        add("loss", 0.5, step)
        add("accuracy", 0.25, step)
        add("lr", 0.001, step)
        add("grad_norm", 1.5, step)
        add("speed", float(step), step)

    def finish() -> None:
        writer.close()  # type: ignore[no-untyped-call]

    return log, finish


def open_nothing(folder: str) -> tuple[Log, Finish]:
    """What a call costs that makes the metrics and keeps nothing: this machine's floor."""

    def keep(metrics: dict[str, float], step: int) -> None:
        pass

    def log(step: int) -> None:
        keep({"loss": 0.5, "accuracy": 0.25, "lr": 0.001, "grad_norm": 1.5, "speed": float(step)}, step=step)

    return log, lambda: None


#: Name, the modules that it needs, how to open it.
LOGGERS: dict[str, tuple[tuple[str, ...], Callable[[str], tuple[Log, Finish]]]] = {
    "pilothouse": (("pilothouse",), open_pilothouse),
    "a call that keeps nothing": ((), open_nothing),
    "wandb offline": (("wandb",), open_wandb),
    "TensorBoard": (("torch", "tensorboard"), open_tensorboard),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of one log call")
    parser.add_argument("--short", action="store_true", help="fewer calls")
    parser.add_argument("--alone", action="store_true", help="without the peers")
    parser.add_argument("--logger", choices=LOGGERS, help="measure this one, in this process")
    options = parser.parse_args()
    if options.logger:
        print(json.dumps(measure(options.logger, options.short)))
        return
    names = ("pilothouse",) if options.alone else tuple(LOGGERS)
    found = {name: measure_apart(name, options.short) for name in names}
    print(json.dumps(found))


def measure_apart(name: str, short: bool) -> Optional[dict[str, float]]:
    """The figures of one logger, measured in a fresh process; None when it is not installed."""
    if any(importlib.util.find_spec(module) is None for module in LOGGERS[name][0]):
        return None
    command = [sys.executable, __file__, "--logger", name, *(["--short"] if short else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603 - this file
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(name: str, short: bool) -> dict[str, float]:
    """Microseconds a call, and seconds for the whole."""
    slow = name in ("wandb offline", "TensorBoard")
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        log, finish = LOGGERS[name][1](folder)
        open_s = time.perf_counter() - begun
        for step in range(200):
            log(step)
        if LOGGERS[name][0]:
            time.sleep(3)  # what happens once at the start (recipe, packages) is not the cost of a call
        paced = time_calls(log, 200, 700 if short else 2500, PACE_S)
        tight = time_calls(log, 3000, 5_000 if slow and short else 20_000, 0.0)
        finish()
        begun = time.perf_counter()
        log, finish = LOGGERS[name][1](folder)
        whole = 20_000 if slow and short else 100_000
        for step in range(whole):
            log(step)
        finish()
        whole_s = (time.perf_counter() - begun) * 100_000 / whole
    return {
        "tight_p50": share(tight, 0.5),
        "tight_p99": share(tight, 0.99),
        "paced_p50": share(paced, 0.5),
        "paced_p99": share(paced, 0.99),
        "open_s": open_s,
        "whole_s": whole_s,
    }


def time_calls(log: Log, first: int, count: int, pause_s: float) -> list[float]:
    """Microseconds of each call."""
    clock = time.perf_counter_ns
    spent: list[float] = []
    for step in range(first, first + count):
        if pause_s:
            time.sleep(pause_s)
        begun = clock()
        log(step)
        spent.append((clock() - begun) / 1000)
    return spent


def share(samples: list[float], part: float) -> float:
    """The value below which so large a part of the samples lies."""
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * part))]


if __name__ == "__main__":
    main()
