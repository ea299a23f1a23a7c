"""P3: curves for TensorBoard, to be asked for beside ours.

    python p3_peer.py FOLDER RUNS TAGS STEPS        event files, one run a folder

They are written record by record: `add_scalar` takes ten times as long, and it is the reading that is measured.
"""

from __future__ import annotations

import math
import os
import sys

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

BEGUN_S = 1_700_000_000.0


def write_run(folder: str, phase: int, *, tags: int, steps: int) -> None:
    """Writes one run as SummaryWriter does: an event for each scalar."""
    os.makedirs(folder)
    with open(os.path.join(folder, "events.out.tfevents.1700000000.bench"), "wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=BEGUN_S, file_version="brain.Event:2").SerializeToString())
        for step in range(steps):
            for tag in range(tags):
                value = 1 / (1 + step / 1_000) + math.sin(step + phase) / 50
                summary = Summary(value=[Summary.Value(tag=f"metric/{tag}", simple_value=value)])
                writer.write(Event(wall_time=BEGUN_S + step, step=step, summary=summary).SerializeToString())


def main(folder: str, runs: int, tags: int, steps: int) -> None:
    for run in range(runs):
        write_run(os.path.join(folder, f"run-{run}"), run, tags=tags, steps=steps)


main(sys.argv[1], *map(int, sys.argv[2:5]))
