"""A curve fitted in plain Python, configured by Hydra.

    python train.py                                   # model=small optimizer=sgd
    python train.py model=wide optimizer.rate=0.2     # another model, another rate
    python train.py -m model=small,wide seed=1,2      # four trainings, one after another
    python train.py steps=600 pace=0.2                # slowly, to watch and steer it

In a control room that knows this folder as a project, its arguments are a form, and the rate can be changed while it runs.
"""

from __future__ import annotations

import math
import random
import time

import hydra
from omegaconf import DictConfig, OmegaConf

import pilothouse


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(config: DictConfig) -> None:
    """Fits sines to noisy points of a curve."""
    chance = random.Random(config.seed)
    points = [(x / config.points, target(x / config.points) + chance.gauss(0, config.noise)) for x in range(config.points)]
    job = pilothouse.init(project="curves", config=OmegaConf.to_container(config, resolve=True))
    rate = job.parameter("rate", config.optimizer.rate, min=1e-6, max=10, log=True)
    weights, speed = [0.0] * config.model.waves, [0.0] * config.model.waves
    for step in job.steps(range(1, config.steps + 1)):
        gradient, loss = descend(weights, points)
        for at, slope in enumerate(gradient):
            speed[at] = config.optimizer.momentum * speed[at] - rate() * slope
            weights[at] += speed[at]
        job.log({"loss": loss, "rate": rate()}, step=step)
        time.sleep(config.pace)
        if step % config.print_every == 0:
            print(f"Step {step}: Loss = {loss:.5f}, LR = {rate()}", flush=True)
    print(f"{config.title}: loss {loss:.5f}")


def target(x: float) -> float:
    return math.sin(2 * math.pi * x) - 0.5 * math.sin(6 * math.pi * x)


def waves(x: float, count: int) -> list[float]:
    return [math.sin(2 * math.pi * (at + 1) * x) for at in range(count)]


def descend(weights: list[float], points: list[tuple[float, float]]) -> tuple[list[float], float]:
    """Gradient and mean of the squared error."""
    gradient, loss = [0.0] * len(weights), 0.0
    for x, y in points:
        parts = waves(x, len(weights))
        error = sum(weight * part for weight, part in zip(weights, parts)) - y
        loss += error * error / len(points)
        for at, part in enumerate(parts):
            gradient[at] += 2 * error * part / len(points)
    return gradient, loss


if __name__ == "__main__":
    main()
