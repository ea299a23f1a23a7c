"""Distributed jobs: real processes of torchrun, a real server, one job."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from control_room import ControlRoom

from pilothouse._limits import SAMPLE_S

LIMIT_S = 120.0
SETUP = """
import os, sys
import torch.distributed as dist
import pilothouse

dist.init_process_group("gloo")
rank = dist.get_rank()
job = pilothouse.init(project="ranks", name="four")
print(f"hello from {rank}", flush=True)
import torch
for step in range(1, 6):
    total = torch.tensor([float(rank)])
    dist.all_reduce(total)
    job.log({"total": total.item()}, step=step)
"""


def torchrun(tmp_path: Path, room: ControlRoom, code: str, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("torch", reason="torch is not installed: lab/setup brings it")
    script = tmp_path / "train.py"
    script.write_text(textwrap.dedent(code), encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "4", *options, str(script)]
    environment = room.environment(tmp_path, OMP_NUM_THREADS="1", **variables)
    return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT_S, check=False)


def start_on_two_nodes(tmp_path: Path, room: ControlRoom, code: str) -> list[subprocess.Popen[str]]:
    """Two launchers that know each other by a meeting point only, each as on a machine of its own name."""
    pytest.importorskip("torch", reason="torch is not installed: lab/setup brings it")
    script = tmp_path / "train.py"
    script.write_text(textwrap.dedent(code), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    meeting = [
        "--rdzv-backend",
        "c10d",
        "--rdzv-endpoint",
        f"127.0.0.1:{port}",
        "--rdzv-id",
        "meeting",
        "--local-addr",
        "127.0.0.1",
    ]
    command = [sys.executable, "-m", "torch.distributed.run", "--nnodes", "2", "--nproc-per-node", "2", *meeting, str(script)]
    # Its name belongs to the namespace: `unshare` gives each launcher one of its own.
    alone = ["unshare", "--uts", *([] if os.geteuid() == 0 else ["-r"]), "sh", "-c"]
    naming = 'printf %s "$0" > /proc/sys/kernel/hostname; exec "$@"'
    return [
        subprocess.Popen(
            [*alone, naming, f"node-{name}", *command], env=room.environment(tmp_path / name, OMP_NUM_THREADS="1", HOSTNAME=""),
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name in ("a", "b")
    ]  # fmt: skip


def only_job(room: ControlRoom) -> dict[str, Any]:
    (job,) = room.jobs()
    return job


def test_four_ranks_are_one_job_with_the_metrics_of_the_first(tmp_path: Path, room: ControlRoom) -> None:
    done = torchrun(tmp_path, room, SETUP + "dist.destroy_process_group()")
    assert done.returncode == 0, done.stderr
    job = only_job(room)
    assert (job["state"], len(job["attempts"])) == ("completed", 1)
    assert room.steps(job["uid"], "total") == [(step, 6.0) for step in range(1, 6)]
    assert room.lines(job["uid"])[0] == "hello from 0"
    assert len(job["hardware"]) == 1
    assert done.stderr.count("watch this job") == 1


def test_the_job_fails_by_the_rank_that_failed_first(tmp_path: Path, room: ControlRoom) -> None:
    code = """
    if rank == 2:
        raise ValueError("the third shard is broken")
    dist.barrier()  # loses its peer
    """
    done = torchrun(tmp_path, room, SETUP + textwrap.dedent(code))
    assert done.returncode == 1
    job = only_job(room)
    assert (job["state"], len(job["attempts"])) == ("failed", 1)
    error = job["error"]
    assert (error["type"], error["rank"], error["message"]) == ("ValueError", 2, "the third shard is broken")
    assert "train.py" in error["traceback"]
    assert job["errorMessage"] == "Rank 2: the third shard is broken"
    assert "[rank 2] hello from 2" in room.lines(job["uid"])


def test_a_restart_of_the_launcher_is_another_attempt_of_the_same_job(tmp_path: Path, room: ControlRoom) -> None:
    # Without a process group: that of gloo does not survive a restart on one node.
    code = """
    import os, threading
    import pilothouse
    rank, again = os.environ["RANK"], os.environ["TORCHELASTIC_RESTART_COUNT"] == "1"
    with pilothouse.init(name="four") as job:
        job.log({"a": 1.0}, step=again + 1)
        if rank == "1" and not again:
            raise ValueError("the first time")
        while not again: threading.Event().wait(0.02)
    """
    done = torchrun(tmp_path, room, code, "--max-restarts", "1")
    assert done.returncode == 0, done.stderr
    job = only_job(room)
    assert job["state"] == "completed"
    assert [attempt["state"] for attempt in job["attempts"]] == ["failed", "completed"]
    assert room.steps(job["uid"], "a") == [(1, 1.0), (2, 1.0)]


def test_launchers_on_two_nodes_are_one_job_with_a_sampler_on_each(tmp_path: Path, room: ControlRoom) -> None:
    code = """
    import threading
    while not os.path.exists("sampled"): threading.Event().wait(0.05)
    if rank == 3:
        raise ValueError("the last shard is broken")
    dist.barrier()  # loses its peer
    """
    launchers = start_on_two_nodes(tmp_path, room, SETUP + textwrap.dedent(code))
    try:
        job = room.wait_for(room.jobs, "the job")[0]
        nodes = ("host:node-a", "host:node-b")
        for node in nodes:
            room.wait_for(lambda node=node: len(room.points(job["uid"], "cpu.utilization", node)) > 1, f"figures of {node}")  # type: ignore[misc]
        (tmp_path / "sampled").touch()
        said = [launcher.communicate(timeout=LIMIT_S) for launcher in launchers]
    finally:
        for launcher in launchers:
            launcher.kill()
    assert [launcher.returncode for launcher in launchers] == [1, 1], said
    job = only_job(room)
    assert (job["state"], len(job["attempts"])) == ("failed", 1)
    assert (job["error"]["rank"], job["error"]["message"]) == (3, "the last shard is broken")
    assert room.steps(job["uid"], "total") == [(step, 6.0) for step in range(1, 6)]
    assert sorted(one["host"] for one in job["hardware"]) == ["node-a", "node-b"]
    for node in nodes:
        times = [point["time"] for point in room.points(job["uid"], "cpu.utilization", node)]
        assert all(later - earlier > SAMPLE_S * 500 for earlier, later in zip(times, times[1:])), "more than one sampler"
    assert sum(err.count("watch this job") for _, err in said) == 1
