"""Bad luck with real processes: what the server had is there, what was on disk gets there, none twice, in order.

Chance is seeded, another each day; a failure prints the seed, PILOTHOUSE_CHAOS_SEED repeats it, and
PILOTHOUSE_CHAOS_ROUNDS raises the number of rounds.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from check_server import CheckServer, end_of, lines_of, rows_of
from conftest import start_script
from control_room import ControlRoom
from wire import read_report

from pilothouse._spool_files import unpack_report

LIMIT_S = 90.0
ROUNDS = int(os.environ.get("PILOTHOUSE_CHAOS_ROUNDS", "6"))
SEED = int(os.environ.get("PILOTHOUSE_CHAOS_SEED", time.strftime("%Y%m%d")))
SCRIPTS = 100
DAY_S = 86_400.0
ENDLESS = """
import threading, pilothouse
job = pilothouse.init(name="endless")
step = 0
while True:
    step += 1
    job.log({"a": float(step), "b": -float(step)}, step=step)
    if step % 20 == 0:
        print("step", step, flush=True)
    threading.Event().wait(0.001)
"""


def sync(room: ControlRoom, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "pilothouse", "sync"]
    return subprocess.run(command, env=room.environment(folder), capture_output=True, check=False, timeout=LIMIT_S)


def expect_prefix(room: ControlRoom, uid: str) -> int:
    """All steps from the first on are there, each once, in order, and so are the lines; gives how many."""
    steps = room.steps(uid, "a")
    assert steps == [(step, float(step)) for step in range(1, len(steps) + 1)]
    assert room.steps(uid, "b") == [(step, -float(step)) for step in range(1, len(steps) + 1)]
    lines = room.lines(uid)
    assert lines == [f"step {20 * n}" for n in range(1, len(lines) + 1)]
    return len(steps)


def newest_step_on_disk(spool: Path) -> int:
    """Of the reports that wait; 0 without any. The server may have them already: a script that is killed between the answer
    and the removal of the file leaves them behind."""
    reports = [read_report(unpack_report(path.read_bytes())) for path in spool.glob("*/*.report")]
    blocks = [block for report in reports for block in report["points"] if block["source"] == "job"]
    return max((int(step) for block in blocks for step in block["steps"]), default=0)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_killed_script_has_all_that_was_acknowledged_and_all_that_was_on_disk(
    tmp_path: Path, room: ControlRoom, turn: int
) -> None:
    chance = random.Random(f"{SEED} {turn}")
    print(f"seed {SEED}, round {turn}")
    (tmp_path / "run").mkdir()
    script = start_script(tmp_path / "run", ENDLESS, room.environment(tmp_path))
    job = room.wait_for(room.jobs, "the job")[0]
    room.wait_for(lambda: room.steps(job["uid"], "a"), "the first points")
    if turn % 2:
        room.kill()
    threading.Event().wait(chance.uniform(0, 2.5))
    if turn % 2 and chance.random() < 0.5:
        room.start()
        threading.Event().wait(chance.uniform(0, 1))
    acknowledged = 0 if turn % 2 else len(room.steps(job["uid"], "a"))
    script.kill()
    script.communicate(timeout=LIMIT_S)
    if room.is_down:
        room.start()
    kept = newest_step_on_disk(tmp_path / "data" / "spool")
    before = len(room.steps(job["uid"], "a"))
    done = sync(room, tmp_path)
    assert done.returncode == 0, done.stderr
    after = expect_prefix(room, job["uid"])
    assert after >= max(acknowledged, before, kept)
    assert sync(room, tmp_path).stdout == b"Nothing waits.\n"
    assert expect_prefix(room, job["uid"]) == after


def test_two_syncs_and_the_script_itself_at_once_bring_everything_once(tmp_path: Path, room: ControlRoom) -> None:
    (tmp_path / "run").mkdir()
    room.kill()
    script = start_script(tmp_path / "run", ENDLESS, room.environment(tmp_path))
    spool = tmp_path / "data" / "spool"
    room.wait_for(lambda: len(list(spool.glob("*/*.report"))) >= 3, "reports on disk")
    room.start()
    command = [sys.executable, "-m", "pilothouse", "sync"]
    for _ in range(3):
        syncs = [subprocess.Popen(command, env=room.environment(tmp_path), stdout=subprocess.DEVNULL) for _ in range(2)]
        assert all(one.wait(LIMIT_S) in (0, 1) for one in syncs)  # 1: it was busy
    script.terminate()
    script.communicate(timeout=LIMIT_S)
    assert sync(room, tmp_path).returncode == 0
    (job,) = room.jobs()
    assert expect_prefix(room, job["uid"]) > 100
    assert job["state"] == "cancelled"
    assert not list(spool.iterdir())


def test_a_hundred_scripts_that_start_in_the_same_second_all_arrive(tmp_path: Path, room: ControlRoom) -> None:
    # Each script begins when the starting shot is there, so that it is not Python that spreads them.
    code = """
    import os, sys, threading
    import pilothouse
    while not os.path.exists("shot"): threading.Event().wait(0.01)
    with pilothouse.init(name=sys.argv[1]) as job:
        for step in range(1, 11):
            job.log({"a": float(step)}, step=step)
    """
    forker = f"""
import os, sys
code = {code!r}
import textwrap, pilothouse, threading
children = []
for n in range({SCRIPTS}):
    child = os.fork()
    if child == 0:
        sys.argv = ["train.py", f"job-{{n}}"]
        exec(compile(textwrap.dedent(code), "train.py", "exec"))
        sys.exit(0)
    children.append(child)
open("shot", "w").close()
codes = [os.waitpid(child, 0)[1] for child in children]
print("codes", sorted(set(codes)))
"""
    begun = time.monotonic()
    script = start_script(tmp_path, forker, room.environment(tmp_path))
    out, err = script.communicate(timeout=LIMIT_S)
    assert out == b"codes [0]\n", err[-2000:]
    assert sync(room, tmp_path).returncode == 0
    jobs = room.jobs()
    assert sorted(job["name"] for job in jobs) == sorted(f"job-{n}" for n in range(SCRIPTS))
    assert {job["state"] for job in jobs} == {"completed"}
    for job in jobs:
        assert room.steps(job["uid"], "a") == [(step, float(step)) for step in range(1, 11)]
    assert time.monotonic() - begun < LIMIT_S


def test_an_offline_run_that_is_sent_days_later_has_its_own_times(tmp_path: Path, room: ControlRoom) -> None:
    code = f"""
    import threading, time
    real = time.time
    time.time = lambda: real() - 3 * {DAY_S}
    import pilothouse
    with pilothouse.init(name="offline", mode="offline") as job:
        with job.stage("Training", total=4) as stage:
            for step in range(1, 5):
                job.log({{"a": float(step)}}, step=step)
                stage.advance()
                threading.Event().wait(0.25)
        raise ValueError("in the end")
    """
    then = time.time() - 3 * DAY_S
    script = start_script(tmp_path, code, room.environment(tmp_path))
    script.communicate(timeout=LIMIT_S)
    assert room.jobs() == []
    assert sync(room, tmp_path).returncode == 0
    (job,) = room.jobs()
    assert (job["state"], job["error"]["type"], job["attempts"][0]["exitCode"]) == ("failed", "ValueError", 1)
    for moment in (job["createdAt"], job["startedAt"], job["endedAt"]):
        assert abs(moment / 1000 - then) < 60
    assert 900 < job["endedAt"] - job["startedAt"] < 30_000
    times = [point["time"] for point in room.points(job["uid"], "a")]
    assert all(abs(at / 1000 - then) < 60 for at in times)
    assert times == sorted(times)
    (stage,) = [stage for stage in job["stages"] if stage["name"] == "Training"]
    assert (stage["done"], stage["total"]) == (4, 4)
    assert abs(stage["startedAt"] / 1000 - then) < 60


def test_a_script_that_leaves_without_a_word_has_what_was_flushed(
    server: CheckServer, environment: dict[str, str], tmp_path: Path
) -> None:
    code = """
    import os, sys, pilothouse
    job = pilothouse.init()
    job.log({"a": 1.0}, step=1)
    sys.stdin.readline()
    os._exit(3)
    """
    process = start_script(tmp_path, code, environment)
    server.wait_for(lambda s: rows_of(s.reports, "a"), "the flush")
    process.communicate(b"\n", timeout=LIMIT_S)
    assert process.returncode == 3
    assert rows_of(server.reports, "a") == [(1, 1.0)]
    assert end_of(server.reports) is None, "nobody saw it: a wrapper, a scheduler or silence tells"


def test_a_second_interrupt_while_the_end_is_told_ends_the_script_at_once_and_loses_nothing(
    server: CheckServer, environment: dict[str, str], tmp_path: Path
) -> None:
    release = threading.Event()

    def hold(method: str, path: str) -> int:
        release.wait(LIMIT_S)
        return 503

    code = """
    import threading, pilothouse
    job = pilothouse.init()
    job.log({"a": 1.0}, step=1)
    print("ready", flush=True)
    while not threading.Event().wait(0.02): pass
    """
    process = start_script(tmp_path, code, environment)
    server.wait_for(lambda s: lines_of(s.reports), "the line")
    server.answer = hold
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert any(b"KeyboardInterrupt" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    process.wait(LIMIT_S)
    assert time.monotonic() - begun < 15
    release.set()
    process.communicate(timeout=LIMIT_S)
    assert process.returncode == -signal.SIGINT
    server.answer = lambda method, path: None
    command = [sys.executable, "-m", "pilothouse", "sync"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=LIMIT_S)
    assert rows_of(server.reports, "a") == [(1, 1.0)]
    end = server.wait_for(lambda s: end_of(s.reports), "the end")
    assert (end["state"], end["signal"]) == ("cancelled", "SIGINT")


def test_an_interrupt_at_any_call_of_the_end_loses_nothing(
    server: CheckServer, environment: dict[str, str], tmp_path: Path
) -> None:
    code = """
    import os, signal, sys, threading, pilothouse
    job = pilothouse.init()
    job.log({"a": 1.0}, step=1)
    print("ready", flush=True)
    calls = 0

    def count(frame, event, argument):
        global calls
        calls += event == "call" and (calls > 0 or frame.f_code.co_name == "_at_exit")
        if event == "call" and calls == int(os.environ["INTERRUPTED_CALL"]):
            sys.setprofile(None)
            os.kill(os.getpid(), signal.SIGINT)

    sys.setprofile(count)
    while not threading.Event().wait(0.02): pass
    """
    processes = []
    for call in (1, 2, 3, 4, 6, 9, 13, 19, 28, 40, 60, 90):
        folder = tmp_path / str(call)
        folder.mkdir()
        processes.append(start_script(folder, code, {**environment, "INTERRUPTED_CALL": str(call)}))
    server.wait_for(lambda s: len(lines_of(s.reports)) == len(processes), "the lines")
    for process in processes:
        process.send_signal(signal.SIGINT)
    said = [process.communicate(timeout=LIMIT_S)[1] for process in processes]
    command = [sys.executable, "-m", "pilothouse", "sync"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=LIMIT_S)
    ends = [end["state"] for end in (end_of([report]) for report in server.reports) if end is not None]
    assert ends == ["cancelled"] * len(processes), b"".join(said).decode()
