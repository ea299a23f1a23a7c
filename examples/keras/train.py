"""A small network, trained by Keras (on PyTorch) on points that it makes up, and steered while it learns.

python train.py                               about ten minutes on a CPU; open the page that it names
python train.py --epochs 2 --pause 0          quicker
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

from pilothouse.keras import PilothouseCallback


class Rest(keras.callbacks.Callback):  # type: ignore[misc]  # the library may not be there when types are checked
    """Rests after each batch, so that there is time to steer."""

    def __init__(self, pause_s: float) -> None:
        super().__init__()
        self.pause_s = pause_s

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        time.sleep(self.pause_s)


def main() -> None:
    """Trains, and validates after each epoch."""
    options = read_options()
    keras.utils.set_random_seed(options.seed)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(64, activation="tanh"),
            keras.layers.Dense(64, activation="tanh"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer=keras.optimizers.AdamW(options.learning_rate), loss="mse", metrics=["mae"])
    train, valid = make_data(6_400, 0.1), make_data(1_024, 0.0)
    callback = PilothouseCallback(
        project="steered", name=options.name, tags=["example", "keras"], keep=3, directory=options.checkpoints,
        evaluate=lambda: model.evaluate(*valid, batch_size=256, verbose=0, return_dict=True),
    )  # fmt: skip
    callbacks = [callback, Rest(options.pause)]
    model.fit(*train, batch_size=64, epochs=options.epochs, validation_data=valid, callbacks=callbacks, verbose=0)
    print(f"At the end: val_loss = {model.evaluate(*valid, batch_size=256, verbose=0)[0]:.5f}")


def make_data(count: int, noise: float) -> tuple[Any, Any]:
    """Inputs (count, 2) and values of a function with noise (count, 1)."""
    inputs = np.random.uniform(-2, 2, (count, 2)).astype("float32")
    wanted = np.sin(3 * inputs[:, :1]) * np.cos(2 * inputs[:, 1:])
    return inputs, (wanted + noise * np.random.standard_normal((count, 1))).astype("float32")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A small network by Keras")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument(
        "--pause", type=float, default=0.1, help="seconds to rest after each batch, so that there is time to steer"
    )
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--checkpoints", default=None, help="folder for them; checkpoints/<job> by default")
    parser.add_argument("--name", default="keras", help="name of the job")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
