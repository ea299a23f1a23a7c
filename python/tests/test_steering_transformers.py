"""Real trainings by the Trainer of Hugging Face, steered from outside: alone, and on two ranks."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import pytest
from control_room import SOURCE, ControlRoom
from steered_script import SteeredScript, need_library, steered

need_library("transformers")

EXAMPLE = Path(__file__).parents[2] / "examples" / "huggingface" / "train.py"


@contextmanager
def training(room: ControlRoom, folder: Path, uid: str, *, ranks: int = 1, pause_s: float = 0.02) -> Iterator[SteeredScript]:
    """The example, as its users run it."""
    options = (
        "--steps",
        "3000",
        "--pause",
        str(pause_s),
        "--log-every",
        "1",
        "--eval-every",
        "1000",
        "--out",
        str(folder / "out"),
    )
    with steered(room, folder, EXAMPLE, *options, uid=uid, ranks=ranks) as run:
        yield run


def test_a_trainer_is_changed_spoiled_brought_back_and_gone_on_with(shared_room: ControlRoom, tmp_path: Path) -> None:
    uid = "transformers"
    with training(shared_room, tmp_path, uid) as run:
        assert set(run.controls["kinds"]) == {
            "pause", "resume", "stop", "set", "schedule", "cancelSchedule", "checkpoint", "copy", "deleteCheckpoint",
            "rollback", "evaluate",
        }  # fmt: skip
        assert run.controls["rollback"] == {
            "way": "inPlace",
            "covers": ["weights", "optimizer", "scheduler", "random state", "data position", "step"],
        }
        keys = [one["key"] for one in shared_room.ask(f"/api/jobs/{uid}/parameters")["parameters"]]
        assert keys == ["lr", "weight_decay", "max_grad_norm", "logging_steps", "eval_steps"]
        shared_room.wait_for(lambda: run.step() > 70, "70 steps: more than an epoch")
        job = shared_room.ask(f"/api/jobs/{uid}")
        assert (job["project"], job["model"], job["progress"]["totalSteps"]) == ("steered", "GPT2LMHeadModel", 3000)
        assert job["config"]["lr_scheduler_type"] == "cosine"

        made = run.done("POST", "checkpoints", {"name": "good"})
        assert (made["state"], made["reason"]) == ("applied", None)
        good = run.checkpoint("good")
        assert good["step"] == made["step"]
        before = run.latest("loss")
        shared_room.wait_for(lambda: run.step() > good["step"] + 4, "a few steps more")

        # The rate is seen in the optimizer: Trainer logs what its groups have.
        assert "done at step" in run.command("set", uid, "lr=1", "--note", "to spoil it")
        shared_room.wait_for(lambda: run.latest("learning_rate") > 0.5, "the rate in the optimizer")
        shared_room.wait_for(lambda: run.latest("loss") > before + 1.0, "spoiled weights")
        assert run.done("PUT", "parameters/max_grad_norm", {"value": 0.25})["state"] == "applied"

        assert "done at step" in run.command("rollback", uid, "good")
        shared_room.wait_for(lambda: run.latest("learning_rate") < 0.01, "the rate of the checkpoint")
        shared_room.wait_for(lambda: run.latest("loss") < before + 0.2, "the old curve")
        branches = shared_room.ask(f"/api/jobs/{uid}")["branches"]
        assert [(one["parent"], one["forkStep"]) for one in branches] == [(None, None), (0, good["step"] - 1)]
        old = dict(shared_room.steps_of_branch(uid, "loss", 0))
        steps = [good["step"] + ahead for ahead in range(4)]
        shared_room.wait_for(lambda: steps[-1] in dict(shared_room.steps_of_branch(uid, "loss", 1)), "four steps")
        again = dict(shared_room.steps_of_branch(uid, "loss", 1))
        # The same batches and the same random state, so the very same numbers.
        assert [again[step] for step in steps] == pytest.approx([old[step] for step in steps], rel=1e-5)

        assert run.done("POST", "pause")["state"] == "applied"
        evaluations = len(shared_room.steps(uid, "eval_loss"))
        assert run.done("POST", "evaluate")["state"] == "applied"
        shared_room.wait_for(lambda: len(shared_room.steps(uid, "eval_loss")) > evaluations, "the evaluation")
        assert run.done("POST", "resume")["state"] == "applied"

        stopped = run.done("POST", "stop")
        assert stopped["state"] == "applied"
        assert run.process.wait(60) == 0, run.output
        assert "At the end: eval_loss" in run.output
        last = run.checkpoint(f"step-{int(stopped['step']):08d}")
    assert shared_room.ask(f"/api/jobs/{uid}")["state"] == "cancelled"
    _expect_trainer_to_take(Path(last["uri"]), int(last["step"]) - 1, tmp_path)


def _expect_trainer_to_take(path: Path, steps: int, folder: Path) -> None:
    """A Trainer without pilothouse goes on from there."""
    code = f"""
import sys
sys.path[:0] = [{str(EXAMPLE.parent)!r}, {str(SOURCE)!r}]
from train import LENGTH, VOCABULARY, GPT2Config, GPT2LMHeadModel, Sequences, Trainer, TrainingArguments
model = GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_positions=LENGTH, n_embd=32, n_layer=2, n_head=2))
args = TrainingArguments("further", max_steps={steps + 3}, per_device_train_batch_size=16, use_cpu=True, report_to="none")
done = Trainer(model, args, train_dataset=Sequences(1024, seed=1)).train(resume_from_checkpoint={str(path)!r})
print("gone on to", done.global_step)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert f"gone on to {steps + 3}" in done.stdout, done.stderr


def test_two_ranks_of_a_trainer_go_back_together(shared_room: ControlRoom, tmp_path: Path) -> None:
    with training(shared_room, tmp_path, "transformers-2", ranks=2) as run:
        shared_room.wait_for(lambda: run.step() > 10, "10 steps")
        assert run.done("POST", "checkpoints", {"name": "good"})["state"] == "applied"
        good = run.checkpoint("good")
        before = run.latest("loss")
        assert run.done("PUT", "parameters/lr", {"value": 1.0})["state"] == "applied"
        shared_room.wait_for(lambda: run.latest("loss") > before + 1.0, "spoiled weights")
        back = run.done("PUT", f"checkpoints/{good['id']}/rollback", {})
        assert (back["state"], back["reason"]) == ("applied", None)
        shared_room.wait_for(lambda: run.latest("learning_rate") < 0.01, "the rate of the checkpoint")
        shared_room.wait_for(lambda: run.latest("loss") < before + 0.2, "the old curve")
        run.spoil_and_bring_back(rate=1.0, rate_key="learning_rate")
        assert run.done("POST", "stop", {"checkpointFirst": False})["state"] == "applied"
        assert run.process.wait(60) == 0, run.output
    assert shared_room.ask("/api/jobs/transformers-2")["state"] == "cancelled"
