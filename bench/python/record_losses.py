"""Records losses of short real trainings for V11: of the model of examples/pytorch_charlm, some with something put in.

    python bench/python/record_losses.py bench/recorded/losses.jsonl

What is put in is known, and so is the label: batches whose answers are shuffled (`spike`), a learning rate of nothing
from a step on (`plateau`), one that is far too high from a step on (`divergence`). About four minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from pathlib import Path
from typing import Callable

import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python" / "src"), str(ROOT / "examples" / "pytorch_charlm")]
from train import CharacterModel, draw  # noqa: E402

STEPS = 1_500
OPTIONS = argparse.Namespace(length=48, batch=16, device="cpu")
Rate = Callable[[int], float]


def main() -> None:
    tokens, size = load_tokens()
    runs = []
    for name, seed, optimizer, rate, events in list_runs():
        losses = train(tokens, size, seed, optimizer, rate, [step for kind, step in events if kind == "spike"])
        runs.append({"name": name, "labels": [{"kind": kind, "step": step} for kind, step in events], "loss": losses})
        print(f"{name}: {losses[0]} … {losses[-1]}", flush=True)
    Path(sys.argv[1]).write_text("".join(json.dumps(run, separators=(",", ":")) + "\n" for run in runs))


def list_runs() -> list[tuple[str, int, str, Rate, list[tuple[str, int]]]]:
    def cosine(step: int) -> float:
        return 4e-3 * min(1.0, step / 20) * (0.05 + 0.475 * (1 + math.cos(math.pi * step / STEPS)))

    def restarts(step: int) -> float:
        return 4e-3 * (0.05 + 0.475 * (1 + math.cos(math.pi * (step % 500) / 500)))

    def constant(step: int) -> float:
        return 2e-3 * min(1.0, step / 20)

    def stops(step: int) -> float:
        return constant(step) if step < 450 else 0.0

    def explodes(step: int) -> float:
        return constant(step) if step < 900 else 0.3

    return [
        *((f"calm, cosine, {seed}", seed, "adam", cosine, []) for seed in (1, 2)),
        *((f"calm, constant rate, {seed}", seed, "adam", constant, []) for seed in (3, 4)),
        *((f"calm, warm restarts, {seed}", seed, "adam", restarts, []) for seed in (5, 6)),
        *((f"calm, plain descent, {seed}", seed, "descent", lambda step: 0.5, []) for seed in (7, 8)),
        *((f"shuffled batches, {seed}", seed, "adam", constant, [("spike", 500 + seed), ("spike", 1_000)]) for seed in (9, 10)),
        *((f"rate of nothing, {seed}", seed, "adam", stops, [("plateau", 450)]) for seed in (11, 12)),
        *((f"rate too high, {seed}", seed, "adam", explodes, [("divergence", 900)]) for seed in (13, 14)),
        ("rate too high for plain descent", 15, "descent", lambda step: 0.5 if step < 900 else 500.0, [("divergence", 900)]),
    ]  # fmt: skip


def load_tokens() -> tuple[torch.Tensor, int]:
    """The first million characters of Python's own library."""
    files = sorted(Path(os.__file__).parent.glob("*.py"))
    text = "".join(file.read_text(encoding="utf-8", errors="replace") for file in files)[:1_000_000]
    alphabet = sorted(set(text))[:96]
    number_of = {character: number for number, character in enumerate(alphabet)}
    return torch.tensor([number_of.get(character, 0) for character in text]), len(alphabet)


def train(tokens: torch.Tensor, size: int, seed: int, name: str, rate: Rate, shuffled: list[int]) -> list[float | str]:
    """The loss of each step; what is no number is a word, as JSON has none."""
    torch.manual_seed(seed)
    chance = torch.Generator().manual_seed(seed)
    model = CharacterModel(size, 96, 1)
    make = torch.optim.AdamW if name == "adam" else torch.optim.SGD
    optimizer = make(model.parameters(), lr=rate(0))
    losses: list[float | str] = []
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        given, wanted = draw(tokens, OPTIONS, chance)
        if step in shuffled:
            wanted = torch.randint(size, wanted.shape, generator=chance)
        loss = nn.functional.cross_entropy(model(given).flatten(0, 1), wanted.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        value = loss.item()
        losses.append(float(f"{value:.4g}") if math.isfinite(value) else str(value))
    return losses


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
