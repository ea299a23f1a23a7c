"""A small language model, trained by the Trainer of Hugging Face on sequences that it makes up, and steered while it learns.

python train.py                               about ten minutes on a CPU; open the page that it names
python train.py --steps 500 --pause 0         quicker
torchrun --nproc-per-node 2 train.py          the same on two ranks
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainerCallback, TrainingArguments

from pilothouse.transformers import PilothouseCallback

VOCABULARY = 32
LENGTH = 24


class Sequences(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    """Sequences that count upwards by one, two or three, from anywhere: the same ones for the same seed."""

    def __init__(self, count: int, seed: int) -> None:
        chance = torch.Generator().manual_seed(seed)
        starts = torch.randint(VOCABULARY, (count, 1), generator=chance)
        strides = torch.randint(1, 4, (count, 1), generator=chance)
        self.tokens = (starts + strides * torch.arange(LENGTH)) % VOCABULARY

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return {"input_ids": self.tokens[index], "labels": self.tokens[index]}


class Rest(TrainerCallback):  # type: ignore[misc]  # the library may not be there when types are checked
    """Rests after each step, so that there is time to steer."""

    def __init__(self, pause_s: float) -> None:
        self.pause_s = pause_s

    def on_step_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        time.sleep(self.pause_s)


def main() -> None:
    """Trains, and evaluates every so many steps."""
    options = read_options()
    torch.manual_seed(options.seed)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_positions=LENGTH, n_embd=32, n_layer=2, n_head=2))
    args = TrainingArguments(
        output_dir=options.out, max_steps=options.steps, learning_rate=options.learning_rate, per_device_train_batch_size=16,
        lr_scheduler_type="cosine", warmup_steps=10, logging_steps=options.log_every, eval_strategy="steps",
        eval_steps=options.eval_every, save_strategy="no", use_cpu=True, seed=options.seed, disable_tqdm=True, report_to="none",
        run_name=options.name,
    )  # fmt: skip
    trainer = Trainer(
        model, args, train_dataset=Sequences(1024, seed=1), eval_dataset=Sequences(128, seed=2),
        callbacks=[PilothouseCallback(project="steered", tags=["example", "huggingface"], keep=3), Rest(options.pause)],
    )  # fmt: skip
    trainer.train()
    print(f"At the end: eval_loss = {trainer.evaluate()['eval_loss']:.4f}")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A small language model by the Trainer of Hugging Face")
    parser.add_argument("--steps", type=int, default=5_000)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds to rest after each step")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--log-every", type=int, default=5, help="steps between two rows of metrics")
    parser.add_argument("--eval-every", type=int, default=100, help="steps between two evaluations")
    parser.add_argument("--out", default="huggingface-out", help="folder for checkpoints")
    parser.add_argument("--name", default="huggingface", help="name of the job")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
