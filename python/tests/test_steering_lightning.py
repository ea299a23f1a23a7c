"""Real trainings by Lightning, steered from outside: alone, and on two ranks."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

import pytest
from control_room import ControlRoom
from steered_script import SteeredScript, need_library, steered

import pilothouse

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

        run.spoil_and_bring_back(rate=10.0, rate_key="learning_rate", suffix=".ckpt")
        assert run.done("POST", "stop", {"checkpointFirst": False})["state"] == "applied"
        assert run.process.wait(60) == 0, run.output
        assert "At the end: val_loss" in run.output
    assert shared_room.ask(f"/api/jobs/{uid}")["state"] == "cancelled"


@pytest.mark.parametrize(
    ("options", "validated"),
    [
        ({"max_epochs": 3}, [9, 9, 19, 29]),
        ({"max_epochs": 2, "val_check_interval": 5}, [4, 9, 9, 14, 19]),
        ({"max_epochs": 3, "val_check_interval": 7, "check_val_every_n_epoch": None}, [6, 6, 13, 20, 27]),
        ({"max_steps": 25}, [9, 9, 19]),
        ({"max_epochs": 12, "accumulate_grad_batches": 4}, [2, 5, 8, 11, *range(5, 36, 3)]),
    ],
)  # fmt: skip
def test_steps_epochs_and_validations_are_counted_as_if_nobody_had_gone_back(
    at_home: ControlRoom, tmp_path: Path, options: dict[str, Any], validated: list[int]
) -> None:
    import lightning
    import torch

    from pilothouse.lightning import PilothouseCallback, PilothouseLogger

    torch.set_num_threads(1)  # it is tiny, and other tests want the processors, too

    class Line(lightning.LightningModule):  # type: ignore[misc]  # the library may not be there when types are checked
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)

        def training_step(self, batch: Any, _: int) -> Any:
            loss = (self.layer(batch[0]) - batch[0]).square().mean()
            self.log("loss", loss)
            return loss

        def validation_step(self, batch: Any, _: int) -> None:
            self.log("val_loss", (self.layer(batch[0]) - batch[0]).square().mean())

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.01)

    class Rows(PilothouseLogger):
        def __init__(self) -> None:
            super().__init__()
            self.steps: dict[str, list[int | None]] = {"loss": [], "val_loss": []}

        def log_metrics(self, metrics: Any, step: int | None = None) -> None:
            super().log_metrics(metrics, step)
            for key in self.steps.keys() & metrics.keys():
                self.steps[key].append(step)

    job = pilothouse.init(id=f"counts-{tmp_path.name}")

    class Person(lightning.Callback):  # type: ignore[misc]  # the library may not be there when types are checked
        """Tells the job something after the fifth and after the thirteenth step, once each."""

        def __init__(self) -> None:
            self.waits = [5, 13]

        def on_train_batch_end(self, trainer: Any, *others: Any) -> None:
            if self.waits and trainer.fit_loop.epoch_loop.global_step == self.waits[0]:
                if self.waits.pop(0) == 5:
                    self.tell("POST", "checkpoints", {"name": "one"})
                else:
                    listed = at_home.wait_for(lambda: at_home.ask(f"/api/jobs/{job.uid}/checkpoints")["checkpoints"], "it")
                    self.tell("PUT", f"checkpoints/{listed[0]['id']}/rollback", {"checkpointFirst": False})

        def tell(self, method: str, path: str, body: Any) -> None:
            at_home.wait_for(lambda: job.url, "the job")
            at_home.wait_for(lambda: at_home.ask(f"/api/jobs/{job.uid}/commands")["controls"], "what it can be told")
            at_home.tell(method, f"/api/jobs/{job.uid}/{path}", body)
            feed = job._steering._feed
            assert feed is not None
            at_home.wait_for(lambda: feed._orders, "the command")

    rows = Rows()
    trainer = lightning.Trainer(
        **options, accelerator="cpu", devices=1, logger=rows, log_every_n_steps=1, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0, default_root_dir=tmp_path,
        callbacks=[PilothouseCallback(job), Person()],
    )  # fmt: skip
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(40, 1)), batch_size=4)
    trainer.fit(Line(), data, data)
    last = 35 if "accumulate_grad_batches" in options else options.get("max_steps", options.get("max_epochs", 0) * 10) - 1
    assert rows.steps["loss"] == [*range(13), *range(5, last + 1)]
    assert rows.steps["val_loss"] == validated


def _ends_of_epochs(room: ControlRoom, uid: str) -> list[float]:
    """Last steps of the epochs that are over."""
    ends: dict[float, float] = {}
    for point in room.points(uid, "loss"):
        ends[point["epoch"]] = max(point["step"], ends.get(point["epoch"], 0))
    return [ends[epoch] for epoch in sorted(ends)[:-1]]
