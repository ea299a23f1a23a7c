"""Logistic regression in plain Python that only prints: nothing in it knows pilothouse.

    pilothouse run --name plain -- python train.py

reads the progress, the losses and the learning rate out of what it prints.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time

FEATURES = 20
BATCH = 32


def main() -> None:
    """Learns to tell two noisy clouds of points apart."""
    parser = argparse.ArgumentParser(description="Logistic regression that only prints")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batches", type=int, default=200, help="batches in an epoch")
    parser.add_argument("--pause", type=float, default=0.02, help="seconds to rest after each batch")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    truth = [chance.gauss(0, 1) for _ in range(FEATURES)]
    weights = [0.0] * FEATURES
    for epoch in range(1, options.epochs + 1):
        rate = 0.1 * 0.5 ** (epoch - 1)
        print(f"Epoch {epoch}/{options.epochs}")
        losses = run_epoch(epoch, options, weights, truth, rate, chance)
        val_loss, val_accuracy = measure(weights, truth, chance)
        print(f"Epoch {epoch}/{options.epochs} completed")
        print(f"loss: {sum(losses) / len(losses):.4f} - val_loss: {val_loss:.4f} - val_accuracy: {val_accuracy:.4f}")


def run_epoch(
    epoch: int, options: argparse.Namespace, weights: list[float], truth: list[float], rate: float, chance: random.Random
) -> list[float]:
    """One pass; gives the loss of each batch."""
    losses: list[float] = []
    begun = time.monotonic()
    for batch in range(1, options.batches + 1):
        losses.append(learn_batch(weights, truth, rate, chance))
        show_progress(batch, options.batches, time.monotonic() - begun, losses[-1])
        if batch % 50 == 0:
            step = (epoch - 1) * options.batches + batch
            sys.stderr.write("\n")
            print(f"Step {step}: Loss = {losses[-1]:.4f}, LR = {rate:.5f}", flush=True)
        time.sleep(options.pause)
    sys.stderr.write("\n")
    return losses


def learn_batch(weights: list[float], truth: list[float], rate: float, chance: random.Random) -> float:
    """One step of gradient descent over a batch; gives its mean loss."""
    gradient = [0.0] * FEATURES
    loss = 0.0
    for _ in range(BATCH):
        point, label = draw(truth, chance)
        guess = predict(weights, point)
        loss -= math.log(max(guess if label else 1 - guess, 1e-12))
        for at, value in enumerate(point):
            gradient[at] += (guess - label) * value
    for at, part in enumerate(gradient):
        weights[at] -= rate * part / BATCH
    return loss / BATCH


def measure(weights: list[float], truth: list[float], chance: random.Random) -> tuple[float, float]:
    """Mean loss and accuracy on points that were never learned from."""
    loss, hits = 0.0, 0
    for _ in range(500):
        point, label = draw(truth, chance)
        guess = predict(weights, point)
        loss -= math.log(max(guess if label else 1 - guess, 1e-12))
        hits += (guess > 0.5) == bool(label)
    return loss / 500, hits / 500


def draw(truth: list[float], chance: random.Random) -> tuple[list[float], int]:
    """A point, and on which side of the truth it lies, with some noise."""
    point = [chance.gauss(0, 1) for _ in range(FEATURES)]
    side = sum(a * b for a, b in zip(point, truth)) + chance.gauss(0, 0.5)
    return point, int(side > 0)


def predict(weights: list[float], point: list[float]) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, sum(a * b for a, b in zip(weights, point))))))


def show_progress(done: int, total: int, seconds: float, loss: float) -> None:
    """A bar that draws over itself, as tqdm does."""
    filled = 20 * done // total
    pace = done / seconds if seconds > 0 else 0.0
    bar = "█" * filled + " " * (20 - filled)
    left = (total - done) / pace if pace else 0.0
    clock = f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}<{int(left) // 60:02d}:{int(left) % 60:02d}"
    sys.stderr.write(f"\r{100 * done // total:3d}%|{bar}| {done}/{total} [{clock}, {pace:.2f}it/s, loss={loss:.4f}]")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
