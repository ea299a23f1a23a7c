"""A small network in PyTorch that is steered while it learns: change its learning rate, write checkpoints, go back.

python train.py                               about ten minutes on a CPU; open the page that it names, tab «Parameters»
python train.py --steps 2000 --pause 0        quicker
torchrun --nproc-per-node 2 train.py          the same on two ranks, changed between the same two steps
"""

from __future__ import annotations

import argparse
import os
import time

import torch
from torch import nn

import pilothouse
from pilothouse.pytorch import steer


def main() -> None:
    """Learns a function of two numbers from noisy examples."""
    options = read_options()
    distributed = "RANK" in os.environ
    if distributed:
        torch.distributed.init_process_group("gloo")
    torch.manual_seed(options.seed)
    model: nn.Module = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    if distributed:
        model = nn.parallel.DistributedDataParallel(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.steps)
    with pilothouse.init(
        project="steered", name=options.name, config=options, model="mlp", total_steps=options.steps, tags=["example", "steering"]
    ) as job:
        noise = job.parameter("noise", 0.1, min=0.0, max=1.0, description="Noise in the examples")
        clip = job.parameter("clip", 1.0, min=0.01, max=100.0, log=True, description="Largest norm of the gradient")
        job.on_evaluate(lambda: {"val/loss": measure(model)})
        steered = steer(job, model, optimizer, scheduler, directory=options.checkpoints, keep=3, every=options.every)
        start = steered.checkpoints.restore() if options.resume else None
        for step in job.steps(range(int(start or 0), options.steps)):
            inputs, wanted = make_batch(noise())
            loss = nn.functional.mse_loss(model(inputs), wanted)
            optimizer.zero_grad()
            loss.backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), clip())
            optimizer.step()
            scheduler.step()
            job.log({"loss": loss, "grad_norm": norm, "lr": optimizer.param_groups[0]["lr"]}, step=step)
            if step % 200 == 0:
                print(f"step {step}: loss = {loss.item():.5f}", flush=True)
            time.sleep(options.pause)
        job.log({"val/loss": measure(model)})
    if distributed:
        torch.distributed.destroy_process_group()


def make_batch(noise: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs (256, 2) and what the network should say to each (256, 1)."""
    inputs = torch.rand(256, 2) * 4 - 2
    wanted = truth(inputs)
    return inputs, wanted + noise * torch.randn_like(wanted)


def truth(inputs: torch.Tensor) -> torch.Tensor:
    """The function: (n, 2) → (n, 1)."""
    return torch.sin(3 * inputs[:, :1]) * torch.cos(2 * inputs[:, 1:])


def measure(model: nn.Module) -> float:
    """Mean squared error on a fixed grid, without noise."""
    side = torch.linspace(-2, 2, 40)
    inputs = torch.cartesian_prod(side, side)
    with torch.no_grad():
        return float(nn.functional.mse_loss(model(inputs), truth(inputs)))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A small network that is steered while it learns")
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument(
        "--pause", type=float, default=0.02, help="seconds to rest after each step, so that there is time to steer"
    )
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--every", type=int, default=1_000, help="steps between two checkpoints")
    parser.add_argument("--checkpoints", default=None, help="folder for them; checkpoints/<job> by default")
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint of the job")
    parser.add_argument("--name", default="steered", help="name of the job")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
