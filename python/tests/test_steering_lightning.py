"""Real trainings by Lightning, steered from outside: alone, and on two ranks."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import pytest
from control_room import ControlRoom
from steered_script import SteeredScript, need_library, steered

need_library("lightning")

EXAMPLE = Path(__file__).parents[2] / "examples" / "lightning" / "train.py"


@contextmanager
def training(room: ControlRoom, folder: Path, uid: str, *, ranks: int = 1) -> Iterator[SteeredScript]:
    """The example, as its users run it."""
    options = ("--epochs", "1000", "--examples", "3200", "--pause", "0.01", "--log-every", "1", "--out", str(folder / "out"))
    with steered(room, folder, EXAMPLE, *options, uid=uid, ranks=ranks) as run:
        yield run


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_lightning_training_is_changed_spoiled_and_brought_back(shared_room: ControlRoom, tmp_path: Path, ranks: int) -> None:
    uid = f"lightning-{ranks}"
    with training(shared_room, tmp_path, uid, ranks=ranks) as run:
        assert run.controls["rollback"] == {
            "way": "inPlace",
            "covers": ["weights", "optimizer", "scheduler", "random state", "epoch", "step"],
        }
        assert "evaluate" in run.controls["kinds"]
        keys = [one["key"] for one in shared_room.ask(f"/api/jobs/{uid}/parameters")["parameters"]]
        assert keys == ["lr", "weight_decay", "gradient_clip_val", "log_every_n_steps"]
        shared_room.wait_for(lambda: run.step() > 60, "more than an epoch")
        job = shared_room.ask(f"/api/jobs/{uid}")
        assert (job["model"], job["config"]["width"], job["progress"]["totalEpochs"]) == ("Surface", 64, 1000)
        assert shared_room.steps(uid, "val_loss")

        made = run.done("POST", "checkpoints", {"name": "good"})
        assert (made["state"], made["reason"]) == ("applied", None)
        good = run.checkpoint("good.ckpt")
        before = run.latest("loss")

        # The rate is seen in the optimizer: the callback reports what its groups have.
        assert run.done("PUT", "parameters/lr", {"value": 10.0})["state"] == "applied"
        shared_room.wait_for(lambda: run.latest("learning_rate") > 5.0, "the rate in the optimizer")
        shared_room.wait_for(lambda: run.latest("loss") > 10 * before, "spoiled weights")

        back = run.done("PUT", f"checkpoints/{good['id']}/rollback", {})
        assert (back["state"], back["reason"]) == ("applied", None)
        shared_room.wait_for(lambda: run.latest("learning_rate") < 0.1, "the rate of the checkpoint")
        shared_room.wait_for(lambda: run.latest("loss") < 2 * before, "the old curve")
        branches = shared_room.ask(f"/api/jobs/{uid}")["branches"]
        assert [(one["parent"], one["forkStep"]) for one in branches] == [(None, None), (0, good["step"] - 1)]

        assert run.done("POST", "pause")["state"] == "applied"
        validations = len(shared_room.steps(uid, "val_loss"))
        assert run.done("POST", "evaluate")["state"] == "applied"
        shared_room.wait_for(lambda: len(shared_room.steps(uid, "val_loss")) > validations, "the validation")
        assert run.done("POST", "resume")["state"] == "applied"
        # Steps and epochs are counted on from there: an epoch still has as many steps as it had.
        per_epoch = 3_200 // 64 // ranks
        behind = good["step"] + per_epoch
        shared_room.wait_for(lambda: _ends_of_epochs(shared_room, uid)[-1] > behind, "the end of an epoch behind it")
        ends = _ends_of_epochs(shared_room, uid)
        assert ends == [per_epoch * (epoch + 1) - 1 for epoch in range(len(ends))]

        assert run.done("POST", "stop", {"checkpointFirst": False})["state"] == "applied"
        assert run.process.wait(60) == 0, run.output
        assert "At the end: val_loss" in run.output
    assert shared_room.ask(f"/api/jobs/{uid}")["state"] == "cancelled"


def _ends_of_epochs(room: ControlRoom, uid: str) -> list[float]:
    """Last steps of the epochs that are over."""
    ends: dict[float, float] = {}
    for point in room.points(uid, "loss"):
        ends[point["epoch"]] = max(point["step"], ends.get(point["epoch"], 0))
    return [ends[epoch] for epoch in sorted(ends)[:-1]]
