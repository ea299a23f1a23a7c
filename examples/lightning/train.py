"""A small network, trained by Lightning on points that it makes up, and steered while it learns.

python train.py                               about ten minutes on a CPU; open the page that it names
python train.py --epochs 2 --pause 0          quicker
torchrun --nproc-per-node 2 train.py          the same on two ranks
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

import lightning
import torch
from torch import nn

from pilothouse.lightning import PilothouseCallback


class Surface(lightning.LightningModule):  # type: ignore[misc]  # the library may not be there when types are checked
    """Learns a function of two numbers from noisy examples."""

    def __init__(self, learning_rate: float = 3e-3, width: int = 64, pause: float = 0.0) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.network = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))

    def training_step(self, batch: Any, _: int) -> torch.Tensor:
        time.sleep(self.hparams["pause"])
        inputs, wanted = batch
        loss = nn.functional.mse_loss(self.network(inputs), wanted)
        self.log("loss", loss)
        return loss

    def validation_step(self, batch: Any, _: int) -> None:
        inputs, wanted = batch
        self.log("val_loss", nn.functional.mse_loss(self.network(inputs), wanted), sync_dist=True)

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.hparams["learning_rate"])
        return [optimizer], [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 30)]


def make_data(count: int, seed: int, noise: float) -> torch.utils.data.TensorDataset:
    """Inputs (count, 2) and values of the function with noise (count, 1)."""
    chance = torch.Generator().manual_seed(seed)
    inputs = torch.rand(count, 2, generator=chance) * 4 - 2
    wanted = torch.sin(3 * inputs[:, :1]) * torch.cos(2 * inputs[:, 1:])
    return torch.utils.data.TensorDataset(inputs, wanted + noise * torch.randn(count, 1, generator=chance))


def main() -> None:
    """Trains, and validates after each epoch."""
    options = read_options()
    lightning.seed_everything(options.seed, verbose=False)
    train = torch.utils.data.DataLoader(make_data(options.examples, 1, 0.1), batch_size=64, shuffle=True)
    valid = torch.utils.data.DataLoader(make_data(1_024, 2, 0.0), batch_size=256)
    callback = PilothouseCallback(project="steered", name=options.name, tags=["example", "lightning"], keep=3)
    trainer = lightning.Trainer(
        max_epochs=options.epochs, accelerator="cpu", devices=int(os.environ.get("LOCAL_WORLD_SIZE", "1")),
        gradient_clip_val=1.0, log_every_n_steps=options.log_every, callbacks=[callback], default_root_dir=options.out,
        logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(Surface(options.learning_rate, pause=options.pause), train, valid)
    print(f"At the end: val_loss = {trainer.callback_metrics.get('val_loss', float('nan')):.5f}")
    # Lightning leaves this open, and a rank whose neighbour is gone may be aborted while it ends.
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A small network by Lightning")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--examples", type=int, default=12_800, help="how many there are, in batches of 64")
    parser.add_argument("--pause", type=float, default=0.1, help="seconds to rest in each step, so that there is time to steer")
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--log-every", type=int, default=5, help="steps between two rows of metrics")
    parser.add_argument("--out", default="lightning-out", help="folder for checkpoints")
    parser.add_argument("--name", default="lightning", help="name of the job")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
