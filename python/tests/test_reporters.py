"""Several reporters of one job: a wrapper around the script, scripts that start scripts, a requeue. With a real server."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from control_room import PROGRAM, ControlRoom

LIMIT_S = 60.0
LOGS = """
import pilothouse
job = pilothouse.init(total_steps=5)
for step in range(1, 6):
    print(f"step {step}/5 loss={1 / step:.4f}", flush=True)
    job.log({"loss": 1 / step}, step=step)
"""


def write(folder: Path, name: str, code: str) -> str:
    path = folder / name
    path.write_text(textwrap.dedent(code), encoding="utf-8")
    return str(path)


def run(room: ControlRoom, folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = room.environment(folder, **variables)
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)


def wrap(room: ControlRoom, folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run(room, folder, str(PROGRAM), "run", "--quiet", "--", *command, **variables)


def only_job(room: ControlRoom) -> dict[str, Any]:
    (job,) = room.jobs()
    return job


def expect_five(room: ControlRoom, job: dict[str, Any]) -> None:
    points = room.steps(job["uid"], "loss")
    assert [step for step, _ in points] == [1, 2, 3, 4, 5]
    assert [round(value, 6) for _, value in points] == [round(1 / step, 6) for step in range(1, 6)]


def test_a_wrapped_script_with_the_sdk_is_one_job_with_one_loss_and_each_line_once(tmp_path: Path, room: ControlRoom) -> None:
    done = wrap(room, tmp_path, sys.executable, write(tmp_path, "train.py", LOGS))
    assert done.returncode == 0, done.stderr
    job = only_job(room)
    assert (job["state"], len(job["attempts"]), job["attempts"][0]["exitCode"]) == ("completed", 1, 0)
    expect_five(room, job)
    assert room.lines(job["uid"]) == [f"step {step}/5 loss={1 / step:.4f}" for step in range(1, 6)]


def test_a_wrapper_in_a_wrapper_adds_nothing(tmp_path: Path, room: ControlRoom) -> None:
    script = write(tmp_path, "train.py", LOGS)
    done = wrap(room, tmp_path, str(PROGRAM), "run", "--", sys.executable, script)
    assert done.returncode == 0, done.stderr
    job = only_job(room)
    expect_five(room, job)
    assert len(room.lines(job["uid"])) == 5


def test_a_wrapped_script_that_only_begins_a_job_has_the_numbers_that_it_prints(tmp_path: Path, room: ControlRoom) -> None:
    code = "import pilothouse\npilothouse.init()\nfor step in range(1, 4): print(f'step {step}/3 loss=0.{step}')"
    wrap(room, tmp_path, sys.executable, write(tmp_path, "train.py", code))
    assert room.steps(only_job(room)["uid"], "loss") == [(1, 0.1), (2, 0.2), (3, 0.3)]


def test_the_wrapper_decides_the_end_and_the_sdk_says_why(tmp_path: Path, room: ControlRoom) -> None:
    code = "import pilothouse\npilothouse.init()\nraise ValueError('no data')"
    done = wrap(room, tmp_path, sys.executable, write(tmp_path, "train.py", code))
    assert done.returncode == 1
    job = only_job(room)
    assert (job["state"], job["error"]["type"], job["errorMessage"]) == ("failed", "ValueError", "no data")
    assert "train.py" in job["error"]["traceback"]


def test_a_part_that_fails_does_not_fail_a_whole_that_goes_on(tmp_path: Path, room: ControlRoom) -> None:
    write(tmp_path, "bad.py", "import pilothouse\npilothouse.init()\nraise ValueError('not so bad')")
    write(tmp_path, "good.py", "import pilothouse\npilothouse.init().log({'a': 1.0}, step=1)")
    script = write(tmp_path, "all.sh", f"{sys.executable} bad.py\n{sys.executable} good.py\n")
    assert wrap(room, tmp_path, "sh", script).returncode == 0
    job = only_job(room)
    assert (job["state"], job["error"], len(job["attempts"])) == ("completed", None, 1)
    assert room.steps(job["uid"], "a") == [(1, 1.0)]


def test_a_wrapped_script_that_begins_two_jobs_in_turn_reports_one(tmp_path: Path, room: ControlRoom) -> None:
    code = """
    import pilothouse
    pilothouse.init().log({"a": 1.0}, step=1)
    pilothouse.init().log({"a": 2.0}, step=2)
    """
    assert wrap(room, tmp_path, sys.executable, write(tmp_path, "train.py", code)).returncode == 0
    job = only_job(room)
    assert (job["state"], room.steps(job["uid"], "a")) == ("completed", [(1, 1.0), (2, 2.0)])


STARTS = """
import subprocess, sys, pilothouse
job = pilothouse.init(name="outer")
job.log({"outer": 1.0}, step=1)
print("before", flush=True)
subprocess.run([sys.executable, "inner.py"], check=False)
job.log({"outer": 2.0}, step=2)
print("after", flush=True)
"""
INNER = """
import pilothouse
with pilothouse.init(name="inner") as job:
    job.log({"inner": 1.0}, step=1)
    print("within", flush=True)
"""


def test_a_script_started_by_one_that_reports_is_a_job_of_its_own(tmp_path: Path, room: ControlRoom) -> None:
    write(tmp_path, "inner.py", INNER)
    slurm = {"SLURM_JOB_ID": "7", "SLURM_CLUSTER_NAME": "c", "SLURM_PROCID": "0"}
    for variables in ({}, slurm, {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": "1"}):
        before = len(room.jobs())
        done = run(room, tmp_path, sys.executable, write(tmp_path, "outer.py", STARTS), **variables)
        assert done.returncode == 0, done.stderr
        outer, inner = room.jobs()[before:]
        assert (outer["name"], outer["state"], room.lines(outer["uid"])) == ("outer", "completed", ["before", "after"])
        assert (inner["name"], inner["state"], room.lines(inner["uid"])) == ("inner", "completed", ["within"])


def test_scripts_of_one_launched_job_report_it_together_and_only_the_first_ends_it(tmp_path: Path, room: ControlRoom) -> None:
    write(tmp_path, "inner.py", INNER + "raise ValueError('of a part')\n")
    done = run(room, tmp_path, sys.executable, write(tmp_path, "outer.py", STARTS), PILOTHOUSE_JOB="launched-1")
    assert done.returncode == 0, done.stderr
    job = only_job(room)
    assert (job["uid"], job["state"], len(job["attempts"])) == ("launched-1", "completed", 1)
    assert room.steps("launched-1", "outer") == [(1, 1.0), (2, 2.0)]
    assert room.steps("launched-1", "inner") == [(1, 1.0)]
    assert sorted(room.lines("launched-1")) == ["after", "before", "within"]


def test_workers_of_a_data_loader_do_not_report(tmp_path: Path, room: ControlRoom) -> None:
    code = """
    import multiprocessing, sys
    import pilothouse

    def work(n):
        pilothouse.log({"worker": 1.0})
        return n

    if __name__ == "__main__":
        with pilothouse.init(name="loader") as job:
            for method in ("fork", "spawn"):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    job.log({"sum": float(sum(pool.map(work, range(8))))})
    """
    done = run(room, tmp_path, sys.executable, write(tmp_path, "train.py", code))
    assert done.returncode == 0, done.stderr
    job = only_job(room)
    assert (job["state"], room.steps(job["uid"], "sum")) == ("completed", [(1, 28.0), (2, 28.0)])
    assert room.steps(job["uid"], "worker") == []


def test_a_requeued_script_is_another_attempt_of_its_job(tmp_path: Path, room: ControlRoom) -> None:
    slurm = {"SLURM_JOB_ID": "12", "SLURM_CLUSTER_NAME": "c"}
    first = "import os, signal, pilothouse\npilothouse.init().log({'a': 1.0}, step=1)\nos.kill(os.getpid(), signal.SIGTERM)"
    second = "import pilothouse\npilothouse.init().log({'a': 2.0}, step=2)"
    run(room, tmp_path, sys.executable, write(tmp_path, "train.py", first), **slurm)
    done = run(room, tmp_path, sys.executable, write(tmp_path, "train.py", second), **slurm, SLURM_RESTART_COUNT="1")
    assert done.returncode == 0, done.stderr
    job = only_job(room)
    assert [attempt["state"] for attempt in job["attempts"]] == ["cancelled", "completed"]
    assert room.steps(job["uid"], "a") == [(1, 1.0), (2, 2.0)]


def test_a_requeue_of_a_launched_job_leaves_the_attempt_that_was_exported(tmp_path: Path, room: ControlRoom) -> None:
    script = write(tmp_path, "train.py", "import pilothouse\npilothouse.init().log({'a': 1.0})")
    launched = {"PILOTHOUSE_JOB": "launched-2", "PILOTHOUSE_ATTEMPT": "1", "SLURM_JOB_ID": "13"}
    run(room, tmp_path, sys.executable, script, **launched)
    run(room, tmp_path, sys.executable, script, **launched, SLURM_RESTART_COUNT="1")
    assert [attempt["number"] for attempt in only_job(room)["attempts"]] == [1, 2]
