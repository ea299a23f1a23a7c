"""A real training by Keras on PyTorch, steered from outside."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import pytest
from control_room import ControlRoom
from steered_script import SteeredScript, need_library, steered

need_library("keras")

EXAMPLE = Path(__file__).parents[2] / "examples" / "keras" / "train.py"


@contextmanager
def training(room: ControlRoom, folder: Path, uid: str, **variables: str) -> Iterator[SteeredScript]:
    """The example, as its users run it."""
    options = ("--epochs", "1000", "--pause", "0.005", "--checkpoints", str(folder / "checkpoints"))
    with steered(room, folder, EXAMPLE, *options, uid=uid, **variables) as run:
        yield run


def test_a_keras_training_is_changed_spoiled_and_brought_back(shared_room: ControlRoom, tmp_path: Path) -> None:
    uid = "keras"
    with training(shared_room, tmp_path, uid) as run:
        assert run.controls["rollback"] == {"way": "inPlace", "covers": ["weights", "optimizer", "step"]}
        assert "evaluate" in run.controls["kinds"]
        keys = [one["key"] for one in shared_room.ask(f"/api/jobs/{uid}/parameters")["parameters"]]
        assert keys == ["lr", "weight_decay"]
        shared_room.wait_for(lambda: run.step() > 250, "two epochs and a half")
        job = shared_room.ask(f"/api/jobs/{uid}")
        assert (job["progress"]["totalSteps"], job["config"]["optimizer"]["name"]) == (100_000, "adam_w")
        assert shared_room.steps(uid, "val_loss")[0][0] == 100

        made = run.done("POST", "checkpoints", {"name": "good"})
        assert (made["state"], made["reason"]) == ("applied", None)
        good = run.checkpoint("good")
        before = run.latest("loss")
        # The rate is seen in the optimizer: the callback reports what it has.
        assert run.done("PUT", "parameters/lr", {"value": 10.0})["state"] == "applied"
        shared_room.wait_for(lambda: run.latest("learning_rate") == 10.0, "the rate in the optimizer")
        shared_room.wait_for(lambda: run.latest("loss") > 10 * before, "spoiled weights")

        back = run.done("PUT", f"checkpoints/{good['id']}/rollback", {})
        assert (back["state"], back["reason"]) == ("applied", None)
        shared_room.wait_for(lambda: run.latest("learning_rate") == pytest.approx(3e-3, rel=1e-5), "the rate of the checkpoint")
        # Means of an epoch that began before it went back do not have what came before.
        shared_room.wait_for(lambda: run.latest("loss") < 2 * before, "the old curve")
        branches = shared_room.ask(f"/api/jobs/{uid}")["branches"]
        assert [(one["parent"], one["forkStep"]) for one in branches] == [(None, None), (0, good["step"] - 1)]
        again = [value for step, value in shared_room.steps_of_branch(uid, "loss", 1) if step >= good["step"]]
        assert max(again) < 3 * before

        assert run.done("POST", "pause")["state"] == "applied"
        assert run.done("POST", "evaluate")["state"] == "applied"
        shared_room.wait_for(lambda: run.latest("val_loss") < 1.0, "the evaluation")
        assert run.done("POST", "resume")["state"] == "applied"
        step = run.step()
        shared_room.wait_for(lambda: run.step() > step, "the next step")
        assert run.done("POST", "stop")["state"] == "applied"
        assert run.process.wait(60) == 0, run.output
        assert "At the end: val_loss" in run.output
    assert shared_room.ask(f"/api/jobs/{uid}")["state"] == "cancelled"
