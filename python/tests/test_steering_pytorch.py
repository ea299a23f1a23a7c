"""Real PyTorch trainings, steered from outside: alone, and on two ranks."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

import pytest
from control_room import PROGRAM, SOURCE, ControlRoom
from steered_script import SteeredScript, steered

pytest.importorskip("torch", reason="lab/setup installs it")

EXAMPLE = Path(__file__).parents[2] / "examples" / "steered" / "train.py"


@contextmanager
def training(room: ControlRoom, folder: Path, uid: str, *, ranks: int = 1) -> Iterator[SteeredScript]:
    """The example, as its users run it."""
    options = ("--steps", "100000", "--pause", "0.002", "--every", "100000", "--checkpoints", str(folder / "checkpoints"))
    with steered(room, folder, EXAMPLE, *options, uid=uid, ranks=ranks) as run:
        yield run


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_training_is_changed_spoiled_and_brought_back(shared_room: ControlRoom, tmp_path: Path, ranks: int) -> None:
    uid = f"pytorch-{ranks}"
    with training(shared_room, tmp_path, uid, ranks=ranks) as run:
        shared_room.wait_for(lambda: run.step() > 300, "300 steps")
        kept = run.done("POST", "checkpoints", {"name": "good"})
        assert (kept["state"], kept["reason"]) == ("applied", None)
        good = run.checkpoint("good.pt")
        assert good["covers"] == ["weights", "optimizer", "scheduler", "random state", "step"]
        before = run.latest("loss")
        # The rate is seen in the optimizer: the script logs what its groups have.
        assert run.done("PUT", "parameters/lr", {"value": 10.0})["state"] == "applied"
        shared_room.wait_for(lambda: run.latest("lr") > 5.0, "the rate in the optimizer")
        shared_room.wait_for(lambda: run.latest("loss") > 10 * before, "spoiled weights")
        back = run.done("PUT", f"checkpoints/{good['id']}/rollback", {"checkpointFirst": ranks == 1})
        assert (back["state"], back["reason"]) == ("applied", None)
        shared_room.wait_for(lambda: run.latest("lr") < 0.1, "the rate of the checkpoint")
        shared_room.wait_for(lambda: run.latest("loss") < 2 * before, "the old curve")
        listed = shared_room.ask(f"/api/jobs/{uid}/checkpoints")["checkpoints"]
        if ranks == 1:
            spoiled = next(one for one in listed if one["name"].startswith("before-rollback"))
            path = f"/api/jobs/{uid}/checkpoints/{good['id']}/tensors"
            held = shared_room.ask(path)
            assert any(one["name"] == "model.0.weight" and one["shape"] == [64, 2] for one in held["tensors"])
            differ = shared_room.ask(f"{path}?with={spoiled['id']}")
            weight = next(one for one in differ["tensors"] if one["name"].endswith("0.weight") and "model" in one["name"])
            assert weight["change"] == "changed"
        branches = shared_room.ask(f"/api/jobs/{uid}")["branches"]
        assert [one["parent"] for one in branches] == [None, 0]
        assert branches[1]["forkStep"] == good["step"] - 1
        if ranks == 1:
            old = dict(shared_room.steps_of_branch(uid, "loss", 0))
            again = dict(shared_room.steps_of_branch(uid, "loss", 1))
            common = sorted(step for step in again if step in old and step >= good["step"])[:3]
            # The same random state, so the very same numbers.
            assert [again[step] for step in common] == pytest.approx([old[step] for step in common], rel=1e-6)
        run.spoil_and_bring_back(rate=10.0, rate_key="lr", suffix=".pt")
        assert run.done("POST", "stop", {"checkpointFirst": False})["state"] == "applied"
        assert run.process.wait(60) == 0, run.output
    assert shared_room.ask(f"/api/jobs/{uid}")["state"] == "cancelled"


def test_a_job_that_has_ended_is_started_again_from_a_checkpoint(shared_room: ControlRoom, tmp_path: Path) -> None:
    with training(shared_room, tmp_path, "again") as run:
        shared_room.wait_for(lambda: run.step() > 100, "100 steps")
        run.done("POST", "checkpoints", {"name": "good"})
        good = run.checkpoint("good.pt")
        shared_room.wait_for(lambda: run.step() > good["step"] + 100, "100 more")
        run.done("POST", "stop", {"checkpointFirst": False})
        assert run.process.wait(60) == 0, run.output
    shared_room.wait_for(lambda: shared_room.ask("/api/jobs/again")["recipe"], "how it was started")
    command = [str(PROGRAM), "relaunch", "again", "good.pt", "--data", str(shared_room.folder)]
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    unasked = subprocess.run(command, capture_output=True, text=True, env=environ, stdin=subprocess.DEVNULL, check=False)
    assert (unasked.returncode, "nobody can confirm it" in unasked.stderr) == (2, True), unasked.stderr
    assert f"PILOTHOUSE_RESTORE='{good['uri']}'" in unasked.stderr or f"PILOTHOUSE_RESTORE={good['uri']}" in unasked.stderr
    again = subprocess.Popen([*command, "--yes"], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, env=environ)
    try:
        shared_room.wait_for(lambda: len(shared_room.ask("/api/jobs/again")["branches"]) == 2, "the branch")
        job = shared_room.ask("/api/jobs/again")
        assert (len(job["attempts"]), job["branches"][1]["forkStep"]) == (2, good["step"] - 1)
        shared_room.wait_for(lambda: run.step() > good["step"], "its steps")
        shared_room.tell("POST", "/api/jobs/again/stop", {"checkpointFirst": False})
        assert again.wait(60) == 0
    finally:
        again.kill()
        again.wait()
    steps = [step for step, _ in shared_room.steps("again", "loss")]
    assert steps == sorted(set(steps))


def test_both_ranks_change_between_the_same_two_steps(shared_room: ControlRoom, tmp_path: Path) -> None:
    with training(shared_room, tmp_path, "same-step", ranks=2) as run:
        shared_room.wait_for(lambda: run.step() > 100, "100 steps")
        # With other rates on the two ranks the weights would drift apart; a checkpoint loads on both and both go on alike.
        for value in (1e-3, 2e-3, 3e-3):
            assert run.done("PUT", "parameters/lr", {"value": value})["state"] == "applied"
        assert run.done("POST", "pause")["state"] == "applied"
        shared_room.wait_for(lambda: shared_room.ask("/api/jobs/same-step")["state"] == "paused", "the pause")
        assert run.done("POST", "evaluate")["state"] == "applied"
        step = run.step()
        assert run.done("POST", "resume")["state"] == "applied"
        shared_room.wait_for(lambda: run.step() > step, "the next step")


def test_a_pause_does_not_change_how_often_ranks_look_for_commands() -> None:
    import torch

    from pilothouse._ranks import Ranks

    store = torch.distributed.HashStore()
    torch.distributed.init_process_group("gloo", rank=0, world_size=1, store=store)
    try:
        ranks = Ranks(torch.distributed)
        every = 1
        while every < 8:  # as slow as it likes: the pace is what is measured
            _, every = ranks.share([])
        for _ in range(5):  # while it is paused nothing passes
            assert ranks.share([], every) == ([], every)
        # Called early, for a checkpoint that is due: one point of eight took its time.
        threading.Event().wait(0.2)
        _, sooner = ranks.share([], every - 1)
        assert sooner <= 5
    finally:
        torch.distributed.destroy_process_group()


def test_a_rank_that_dies_ends_the_job_and_its_commands(shared_room: ControlRoom, tmp_path: Path) -> None:
    with training(shared_room, tmp_path, "rank-dies", ranks=2) as run:
        assert run.done("POST", "pause")["state"] == "applied"
        told = shared_room.tell("PUT", "/api/jobs/rank-dies/parameters/lr", {"value": 1e-3})
        os.kill(run.workers()[-1], signal.SIGKILL)

        def look() -> Any:
            commands = shared_room.ask("/api/jobs/rank-dies/commands")["commands"]
            found = next(one for one in commands if one["id"] == told["id"])
            return found["state"] not in ("created", "delivered")

        shared_room.wait_for(look, "the end of the command")
        shared_room.wait_for(lambda: shared_room.ask("/api/jobs/rank-dies")["endedAt"], "the end of the job")


def test_weights_of_other_shapes_are_refused_and_nothing_changes() -> None:
    import torch

    from pilothouse import PilothouseError
    from pilothouse.pytorch import compare_shapes

    mine = {"a": torch.zeros(3, 4), "b": torch.zeros(2)}
    compare_shapes(mine, {"b": torch.ones(2), "a": torch.ones(3, 4)})
    with pytest.raises(PilothouseError, match="weights do not fit: a: 3×4 here, 4×4 there; c: nothing here, 1 there"):
        compare_shapes(mine, {"a": torch.zeros(4, 4), "b": torch.zeros(2), "c": torch.zeros(1)})


def test_a_malicious_file_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    import torch

    import pilothouse
    from pilothouse.pytorch import steer

    monkeypatch.chdir(tmp_path)
    job = pilothouse.init(mode="disabled")
    model = torch.nn.Linear(2, 2)
    made = steer(job, model, torch.optim.SGD(model.parameters(), lr=0.1), directory=tmp_path / "kept")
    path = made.checkpoints.save("one")
    assert path is not None

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (os.system, (f"touch {tmp_path}/owned",))

    path.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(pilothouse.PilothouseError, match="is not what was written"):
        made.checkpoints.restore(str(path))
    # Even with a record that fits it is data, and no code.
    with pytest.raises(pickle.UnpicklingError):
        torch.load(path, weights_only=True)
    assert not (tmp_path / "owned").exists()
