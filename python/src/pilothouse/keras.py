"""Makes a training by Keras 3 reported and, on its PyTorch backend, steerable.

from pilothouse.keras import PilothouseCallback

model.fit(x, y, epochs=10, callbacks=[PilothouseCallback()])

Keras gives no way to go back in the data or in the epochs: after going back it goes on with the next batch of the epoch under
way, and ends after as many epochs as it was asked for. Its other backends compile the step of training: there a changed value
or weight would not be seen for sure, so that only pausing and stopping are offered.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any, Callable, Mapping, Optional, Union

import keras

from ._attached import Attachment
from ._errors import OptionError, PilothouseError
from ._job import Job
from ._parameter import Parameter
from ._warn import warn_once

_WEIGHTS_FILE = "model.weights.h5"
_STATE_FILE = "state.json"
_FORMAT = 1
COVERS = ("weights", "optimizer", "step")


class PilothouseCallback(keras.callbacks.Callback):  # type: ignore[misc]  # the library may not be there when types are checked
    """Reports what Keras measures after each batch and each epoch, and lets the training be steered."""

    def __init__(
        self, job: Optional[Job] = None, *, evaluate: Optional[Callable[[], Any]] = None,
        directory: Union[str, os.PathLike[str], None] = None, keep: Optional[int] = None, every: Optional[int] = None,
        log_every: int = 1, **options: Any,
    ) -> None:  # fmt: skip
        """job: the one to report to; by default that under way, else one is begun with `options`, those of `pilothouse.init`.
        evaluate: called when somebody asks for an evaluation, as `lambda: model.evaluate(x, y, verbose=0, return_dict=True)`;
            what it gives is reported with `val_` before its names.
        directory: where checkpoints are. keep, every: as of `job.checkpoints`.
        log_every: batches between two rows of metrics.

        A checkpoint is a folder: `model.load_weights(path + "/model.weights.h5")` brings weights and optimizer back elsewhere.
        Raises OptionError.
        """
        super().__init__()
        if log_every < 1:
            raise OptionError(f"log_every is {log_every!r}, a number from 1 on was expected")
        self._attachment = Attachment(job, options)
        self._evaluate = evaluate
        self._directory, self._keep, self._every = directory, keep, every
        self._log_every = log_every
        self._job: Optional[Job] = None
        self._parameters: list[Parameter] = []
        self._rate: Optional[Parameter] = None
        self._epoch = 0
        #: Batches that are behind it: in this job, in this epoch.
        self._steps = 0
        self._batches = 0

    # What Keras calls.

    def on_train_begin(self, logs: Optional[Mapping[str, Any]] = None) -> None:
        """A training begins."""
        job = self._attachment.begin(lambda: {"config": _describe_optimizer(self.model), "model": self.model.name})
        self._job = job
        # Another training of the same job is counted on.
        self._steps = int(job.step)
        per_epoch, epochs = self.params.get("steps"), self.params.get("epochs")
        job.update(total_steps=self._steps + per_epoch * epochs if per_epoch and epochs else None, total_epochs=epochs)
        try:
            self._declare(job)
        except OptionError as error:
            warn_once("keras-declare", f"Not all of this training can be steered: {error}")

    def on_epoch_begin(self, epoch: int, logs: Optional[Mapping[str, Any]] = None) -> None:
        """An epoch begins."""
        self._epoch, self._batches = epoch, 0

    def on_train_batch_begin(self, batch: int, logs: Optional[Mapping[str, Any]] = None) -> None:
        """All that the batch before has measured is told: here the training may be changed."""
        job = self._job
        if job is None:
            return
        if self._batches == 0:
            self._follow_rate()
        job._steering.control(self._steps + 1)
        if job.stopping:
            self.model.stop_training = True

    def on_train_batch_end(self, batch: int, logs: Optional[Mapping[str, Any]] = None) -> None:
        """Reports the means of the epoch until here, as Keras shows them."""
        before, self._batches = self._batches, batch + 1  # several, where one call executes several steps
        self._steps += self._batches - before
        if self._job is None or not logs or self._steps % self._log_every:
            return
        rate = _read_rate(self.model)
        more = {} if rate is None else {"learning_rate": rate}
        self._job.log({**logs, **more}, step=self._steps, epoch=self._place())

    def on_epoch_end(self, epoch: int, logs: Optional[Mapping[str, Any]] = None) -> None:
        """Reports what the validation has found."""
        found = {key: value for key, value in (logs or {}).items() if key.startswith("val_")}
        if self._job is not None and found:
            self._job.log(found, step=self._steps, epoch=epoch + 1)

    def on_train_end(self, logs: Optional[Mapping[str, Any]] = None) -> None:
        """The training is over; the job may go on."""
        self._attachment.end(self._parameters)

    # What can be done to the training.

    def _declare(self, job: Job) -> None:
        self._parameters, self._rate = [], None
        if keras.backend.backend() != "torch":
            return
        optimizer = self.model.optimizer
        rate = _read_rate(self.model)
        if rate is not None and not _is_scheduled(optimizer):
            self._rate = job.parameter(
                "lr", rate, min=min(1e-8, rate) or None, max=max(10.0, rate), log=rate > 0, type="number",
                apply=lambda value: _set_rate(self.model, value), description="Learning rate",
            )  # fmt: skip
            self._parameters.append(self._rate)
        if isinstance(getattr(optimizer, "weight_decay", None), (int, float)):
            apply = lambda value: setattr(self.model.optimizer, "weight_decay", value)  # noqa: E731 - of the optimizer of then
            self._parameters.append(job.parameter("weight_decay", float(optimizer.weight_decay), min=0.0, apply=apply))
        if self._evaluate is not None:
            job.on_evaluate(self._run_evaluation)
        job.checkpoints(
            save=self._save, load=self._load, directory=self._directory, keep=self._keep, every=self._every, covers=COVERS
        )

    def _save(self, path: str) -> None:
        """Writes a folder."""
        folder = Path(path)
        folder.mkdir()
        self.model.save_weights(folder / _WEIGHTS_FILE)
        state = {"format": _FORMAT, "steps": self._steps, "optimizer": _count_variables(self.model)}
        (folder / _STATE_FILE).write_text(json.dumps(state), encoding="utf-8")

    def _load(self, path: str) -> int:
        """Brings weights and optimizer back. Raises PilothouseError when they do not fit."""
        state = json.loads((Path(path) / _STATE_FILE).read_text(encoding="utf-8"))
        if state.get("format") != _FORMAT:
            raise PilothouseError(f"{Path(path).name} was not written by pilothouse.keras")
        # Keras itself would leave the optimizer as it is, with a warning.
        if state["optimizer"] != _count_variables(self.model):
            raise PilothouseError(f"{Path(path).name} has the state of another optimizer")
        self.model.load_weights(Path(path) / _WEIGHTS_FILE)
        # What Keras shows are means of the epoch until now: those would go on with what was gone back from.
        self.model.reset_metrics()
        self._steps = int(state["steps"])
        return self._steps + 1

    def _run_evaluation(self) -> Mapping[str, Any]:
        evaluate = self._evaluate
        assert evaluate is not None  # only then is it offered
        found = evaluate()
        self.model.reset_metrics()
        self.model.train()  # of the torch module: evaluating has set it otherwise
        named = found.items() if isinstance(found, Mapping) else {"loss": found}.items()
        return {key if key.startswith("val_") else f"val_{key}": value for key, value in named}

    def _follow_rate(self) -> None:
        """Another callback, as LearningRateScheduler, may have set it."""
        rate = _read_rate(self.model)
        # Keras keeps it in single precision.
        if self._rate is not None and rate is not None and not math.isclose(rate, self._rate.value, rel_tol=1e-5):
            try:
                self._rate.set(rate)
            except OptionError:  # out of bounds: it is not for people to set, and still in effect
                pass

    def _place(self) -> float:
        per_epoch = self.params.get("steps")
        return self._epoch + (self._batches / per_epoch if per_epoch else 0.0)


def _read_rate(model: Any) -> Optional[float]:
    optimizer = getattr(model, "optimizer", None)
    return None if optimizer is None else float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def _set_rate(model: Any, value: float) -> None:
    model.optimizer.learning_rate = value


def _is_scheduled(optimizer: Any) -> bool:
    """True when a schedule gives the rate of each step: then none can be set."""
    return isinstance(getattr(optimizer, "_learning_rate", None), keras.optimizers.schedules.LearningRateSchedule)


def _count_variables(model: Any) -> int:
    return len(model.optimizer.variables) if model.optimizer is not None else 0


def _describe_optimizer(model: Any) -> dict[str, Any]:
    """The configuration, as Keras has it."""
    optimizer = getattr(model, "optimizer", None)
    return {} if optimizer is None else {"optimizer": optimizer.get_config()}
