"""`kill -9` while a checkpoint is written and while a job goes back: nothing half is left, and both are known afterwards."""

from __future__ import annotations

import re
import signal
import textwrap
from pathlib import Path
from typing import Any

import pytest
from control_room import ControlRoom
from steered_script import SteeredScript, steered

SCRIPT = """
    import json, os, threading
    import pilothouse

    def stop_halfway(where):
        if os.environ.get("STOPS_IN") == where and job.parameters_seen["stops"].value:
            print(f"halfway through {where} at {job.step}", flush=True)
            threading.Event().wait()

    def save(path):
        text = json.dumps(state)
        with open(path, "w") as file:
            file.write(text[:4])
            file.flush()
            stop_halfway("save")
            file.write(text[4:])

    def load(path):
        with open(path) as file:
            found = json.load(file)
        state["weight"] = -1
        stop_halfway("load")
        state.update(found)

    state = {"weight": 0, "step": 0}
    job = pilothouse.init()
    job.parameters_seen = {"stops": job.parameter("stops", False)}
    kept = job.checkpoints(save=save, load=load, directory="kept")
    kept.restore()
    step = state["step"]
    while True:
        step = job.control(step) + 1
        state.update(weight=2 * step, step=step)
        job.log({"weight": state["weight"]}, step=step)
        threading.Event().wait(0.01)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text(textwrap.dedent(SCRIPT))
    return path


def test_a_training_that_is_killed_while_it_saves_leaves_no_half_checkpoint(
    room: ControlRoom, tmp_path: Path, script: Path
) -> None:
    with steered(room, tmp_path, script, uid="killed-save", STOPS_IN="save") as run:
        whole = begin(run)
        told = kill_halfway(run, "POST", "checkpoints", {"name": "half"}, "save")
    assert [path.name for path in (tmp_path / "kept").iterdir() if "half" in path.name and not path.name.endswith(".part")] == []
    with steered(room, tmp_path, script, uid="killed-save") as run:
        assert_expired(run, told)
        assert run.done("POST", "checkpoints", {"name": "after"})["state"] == "applied"
        assert sorted(path.name for path in (tmp_path / "kept").iterdir() if not path.name.endswith(".json")) == [
            "after",
            "whole",
        ]
        listed = room.ask("/api/jobs/killed-save/checkpoints")["checkpoints"]
        assert {one["name"]: one["state"] for one in listed} == {"after": "present", "whole": "present"}
        assert run.checkpoint("whole")["sha256"] == whole["sha256"]


def test_a_training_that_is_killed_while_it_goes_back_goes_on_from_what_is_whole(
    room: ControlRoom, tmp_path: Path, script: Path
) -> None:
    with steered(room, tmp_path, script, uid="killed-load", STOPS_IN="load") as run:
        whole = begin(run)
        told = kill_halfway(run, "PUT", f"checkpoints/{whole['id']}/rollback", {}, "load")
    with steered(room, tmp_path, script, uid="killed-load") as run:
        assert_expired(run, told)
        # What load() had spoiled is nowhere: it goes on from what it wrote before it would have gone back.
        assert all(weight == 2 * step for step, weight in room.steps("killed-load", "weight"))
        assert run.done("PUT", f"checkpoints/{run.checkpoint('whole')['id']}/rollback")["state"] == "applied"
        room.wait_for(lambda: room.steps_of_branch("killed-load", "weight", 1)[-1:] > [(whole["step"], 0)], "steps after it")
        points = room.steps_of_branch("killed-load", "weight", 1)
        assert points == [(step, 2 * step) for step in range(1, len(points) + 1)]


def begin(run: SteeredScript) -> dict[str, Any]:
    """A checkpoint to go back to; the next time it stops halfway."""
    assert run.done("POST", "checkpoints", {"name": "whole"})["state"] == "applied"
    assert run.done("PUT", "parameters/stops", {"value": True})["state"] == "applied"
    return run.checkpoint("whole")


def kill_halfway(run: SteeredScript, method: str, path: str, body: dict[str, Any], where: str) -> dict[str, Any]:
    """The command that was under way. What was logged until then has arrived: what waits in memory ends with the process."""
    told: dict[str, Any] = run.room.tell(method, f"/api/jobs/{run.uid}/{path}", body)
    found = run.room.wait_for(lambda: re.search(rf"halfway through {where} at (\d+)\n", run.output), f"the middle of {where}()")
    logged = (int(found[1]), 2 * int(found[1]))
    run.room.wait_for(lambda: run.room.steps(run.uid, "weight")[-1:] == [logged], "all that was logged")
    run.process.kill()
    run.process.wait()
    return told


def assert_expired(run: SteeredScript, told: dict[str, Any]) -> None:
    """It is said that the training had it, and not that it was done."""

    def look() -> Any:
        commands = run.room.ask(f"/api/jobs/{run.uid}/commands")["commands"]
        found = next(one for one in commands if one["id"] == told["id"])
        return None if found["state"] in ("created", "delivered") else found

    found = run.room.wait_for(look, "what came of it")
    assert found["state"] == "expired"
    assert "attempt" in found["reason"]
    # The next attempt has begun, and may not have come to its first control point.
    run.room.wait_for(lambda: run.controls, "what the next one can be told")


def test_a_launched_training_that_is_told_that_its_time_is_over_saves_and_goes_on(
    room: ControlRoom, tmp_path: Path, script: Path
) -> None:
    with steered(room, tmp_path, script, uid="time-over", PILOTHOUSE_OUTPUT="wrapper") as run:
        run.process.send_signal(signal.SIGUSR1)
        listed = room.wait_for(lambda: room.ask("/api/jobs/time-over/checkpoints")["checkpoints"], "a checkpoint")
        assert listed[0]["kind"] == "scheduled"
        here = run.step()
        room.wait_for(lambda: run.step() > here, "that it goes on")
    assert "the time of this job is nearly over" in run.output
