"""A classifier of points on two spirals, logged with pilothouse."""

import math
import random

import numpy as np
import pilothouse as wandb


def make_points(count, seed):
    rng = random.Random(seed)
    points = []
    for at in range(count):
        label, turn = at % 2, rng.random() * 2.5
        angle = turn * math.pi + label * math.pi
        noise = rng.gauss(0, 0.05)
        points.append(((turn + noise) * math.cos(angle), (turn + noise) * math.sin(angle), label))
    return points


def features(x, y, width):
    radius, angle = math.hypot(x, y), math.atan2(y, x)
    return [1.0, *(wave(k * radius * math.pi - angle) for k in range(1, width + 1) for wave in (math.sin, math.cos))]


def predict(weights, x, y, width):
    score = sum(w * f for w, f in zip(weights, features(x, y, width)))
    return 1 / (1 + math.exp(-max(-30, min(30, score))))


def evaluate(weights, points, width):
    guesses = [predict(weights, x, y, width) for x, y, _ in points]
    loss = -sum(math.log(max(1e-9, g if label else 1 - g)) for g, (_, _, label) in zip(guesses, points)) / len(points)
    accuracy = sum((g > 0.5) == bool(label) for g, (_, _, label) in zip(guesses, points)) / len(points)
    return loss, accuracy, guesses


def draw(weights, width, size=48):
    scale = 5.0 / size
    at = [(place - size / 2) * scale for place in range(size)]
    return np.array([[255 * predict(weights, x, y, width) for x in at] for y in at], dtype=np.uint8)


def main():
    run = wandb.init(
        project="spirals",
        group="ports",
        job_type="train",
        tags=["example"],
        config={"lr": 0.5, "epochs": 6, "model": {"width": 3}},
    )
    wandb.define_metric("val/accuracy", summary="max")
    config = wandb.config
    width = config.model["width"]
    train, held_out = make_points(400, seed=1), make_points(100, seed=2)
    weights = [0.0] * (2 * width + 1)

    for epoch in range(config.epochs):
        random.Random(epoch).shuffle(train)
        for start in range(0, len(train), 40):
            batch = train[start : start + 40]
            gradient = [0.0] * len(weights)
            for x, y, label in batch:
                error = predict(weights, x, y, width) - label
                for at, feature in enumerate(features(x, y, width)):
                    gradient[at] += error * feature / len(batch)
            weights = [w - config.lr * g for w, g in zip(weights, gradient)]
            wandb.log({"train": {"loss": evaluate(weights, batch, width)[0]}, "epoch": epoch})

        loss, accuracy, guesses = evaluate(weights, held_out, width)
        table = wandb.Table(columns=["x", "y", "label", "guess"])
        for (x, y, label), guess in list(zip(held_out, guesses))[:8]:
            table.add_data(x, y, label, guess)
        wandb.log(
            {
                "val": {"loss": loss, "accuracy": accuracy},
                "predictions": table,
                "boundary": wandb.Image(draw(weights, width), caption=f"epoch {epoch}"),
                "weights": wandb.Histogram(weights),
            }
        )

    run.summary["final_accuracy"] = accuracy
    if accuracy < 0.7:
        wandb.alert(title="Low accuracy", text=f"{accuracy:.2f} after {config.epochs} epochs", level=wandb.AlertLevel.WARN)
    print(f"done: accuracy {accuracy:.3f}")
    wandb.finish()


if __name__ == "__main__":
    main()
