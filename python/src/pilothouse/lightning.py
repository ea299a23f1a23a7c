"""Makes a Lightning training reported and steerable; with `lightning` and with `pytorch_lightning`.

from pilothouse.lightning import PilothouseCallback

trainer = lightning.Trainer(max_epochs=10, callbacks=[PilothouseCallback()])
trainer.fit(model)

How it goes back: `on_train_batch_start` raises, the fit loop's `run` (which the callback has wrapped) catches it, gives the
loops the counts of the checkpoint and runs again, as after `trainer.fit(ckpt_path=…)`, in the same process.
"""

from __future__ import annotations

import functools
import io
import os
import pickle
import sys
from argparse import Namespace
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping, Optional, Union

import torch

from ._attached import Attachment
from ._errors import OptionError, PilothouseError
from ._init import current_job
from ._job import Job
from ._parameter import Parameter
from ._warn import warn_once
from .pytorch import SteeredOptimizer, compare_shapes, read_random, write_random

if TYPE_CHECKING or ("pytorch_lightning" in sys.modules and "lightning.pytorch" not in sys.modules):
    from pytorch_lightning.callbacks import Callback
    from pytorch_lightning.loggers.logger import Logger
else:
    try:
        from lightning.pytorch.callbacks import Callback
        from lightning.pytorch.loggers.logger import Logger
    except ModuleNotFoundError:
        from pytorch_lightning.callbacks import Callback
        from pytorch_lightning.loggers.logger import Logger

#: Where the callback keeps what is its own in a checkpoint of Lightning.
_OWN = "pilothouse"
#: Strategies under which every rank has all weights, so that they can be loaded in the middle of a training.
_WHOLE = ("SingleDeviceStrategy", "DDPStrategy")


class _GoBack(BaseException):
    """Leaves the training loop, to go on from a checkpoint. No Exception: nobody on the way is to take it for a fault."""

    def __init__(self, loops: Mapping[str, Any]) -> None:
        super().__init__()
        self.loops = loops


class PilothouseLogger(Logger):  # type: ignore[misc]  # the library may not be there when types are checked
    """Reports what a module logs to the job under way. `PilothouseCallback` adds one by itself."""

    def __init__(self, job: Optional[Job] = None) -> None:
        super().__init__()
        self._job = job

    @property
    def experiment(self) -> Optional[Job]:
        """The job."""
        return self._job or current_job()

    @property
    def name(self) -> str:
        """Of folders of Lightning's own checkpoints."""
        return "pilothouse"

    @property
    def version(self) -> str:
        """The job's uid, for the same folders."""
        job = self.experiment
        return job.uid if job is not None else "0"

    def log_metrics(self, metrics: Mapping[str, Any], step: Optional[int] = None) -> None:
        """Reports a row."""
        job = self.experiment
        if job is not None:
            job.log(metrics, step=step)

    def log_hyperparams(self, params: Any, *others: Any, **named: Any) -> None:
        """Adds to the configuration of the job."""
        job = self.experiment
        if job is not None and params:
            job.config.update(vars(params) if isinstance(params, Namespace) else dict(params))


class PilothouseCallback(Callback):  # type: ignore[misc]  # the library may not be there when types are checked
    """Reports what the module logs, and lets the training be steered. With several ranks each of them has one."""

    def __init__(
        self, job: Optional[Job] = None, *, directory: Union[str, os.PathLike[str], None] = None, keep: Optional[int] = None,
        every: Optional[int] = None, **options: Any,
    ) -> None:  # fmt: skip
        """job: the one to report to; by default that under way, else one is begun with `options`, those of `pilothouse.init`.
        directory: where checkpoints are; by default `pilothouse/<uid>` in `default_root_dir`. keep, every: as of
            `job.checkpoints`.

        Checkpoints are in Lightning's own format: `trainer.fit(model, ckpt_path=path)` takes them. They are read as data, without
        running code from them, so a module with hyperparameters that are no plain values cannot go back.
        """
        super().__init__()
        self._attachment = Attachment(job, options)
        self._directory, self._keep, self._every = directory, keep, every
        self._job: Optional[Job] = None
        self._trainer: Any = None
        self._parameters: list[Parameter] = []
        self._step = -1
        self._loaded: Optional[Mapping[str, Any]] = None
        self._goes_back = False

    # What Lightning calls.

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Before anything else: metrics of a sanity check are reported as well."""
        if stage != "fit":
            return
        self._trainer = trainer
        with _named_rank(trainer):
            self._job = self._attachment.begin(lambda: {"model": type(pl_module).__name__})
        if not any(isinstance(logger, PilothouseLogger) for logger in trainer.loggers):
            trainer.loggers = [*trainer.loggers, PilothouseLogger(self._job)]
        run = trainer.fit_loop.run
        if not (isinstance(run, functools.partial) and run.func == self._run):
            trainer.fit_loop.run = functools.partial(self._run, run)

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """A training begins, or goes on from a checkpoint."""
        self._step = -1
        if self._goes_back:
            self._goes_back = False
            # The checkpoint was written when a batch had been fetched that is fetched once more now.
            trainer.fit_loop.epoch_loop.batch_progress.total.reset_on_restart()
            for parameter in self._parameters:
                parameter.put_again()
            return
        job = self._job
        if job is None:
            return
        _tell_length(job, trainer)
        if trainer.world_size > 1 and not job._steering._distributed:
            warn_once("lightning-ranks", "The job was begun before Lightning started its ranks: it cannot be steered.")
            return
        try:
            self._declare(job, trainer)
        except OptionError as error:
            warn_once("lightning-declare", f"Not all of this training can be steered: {error}")

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """All that the step before has logged is told: here the training may be changed, before the first batch of a step."""
        job, step = self._job, _count_steps(trainer)
        if job is None or step == self._step:
            return
        self._step, self._loaded = step, None
        go_on = job._steering.control(step)
        if job.stopping:
            trainer.should_stop = True
            # Somebody's word goes before the least number of epochs and steps.
            trainer.fit_loop.min_epochs = trainer.fit_loop.epoch_loop.min_steps = None
        elif self._loaded is not None and go_on != step:
            raise _GoBack(self._loaded)
        elif (step + 1) % max(1, trainer.log_every_n_steps) == 0 and trainer.optimizers:
            job.log({"learning_rate": float(trainer.optimizers[0].param_groups[0]["lr"])}, step=step)

    def on_save_checkpoint(self, trainer: Any, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        """Any checkpoint of Lightning; those written on command are this callback's own."""
        checkpoint[_OWN] = {"step": self._step, "random": read_random()}

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """The training is over; the job may go on."""
        self._attachment.end(self._parameters)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """The training has failed, or was interrupted."""
        self._attachment.end(self._parameters, exception)

    # What can be done to the training.

    def _declare(self, job: Job, trainer: Any) -> None:
        self._parameters = []
        for number, optimizer in enumerate(trainer.optimizers):
            suffix = f"_{number + 1}" if number else ""
            steered = SteeredOptimizer(job, optimizer, _find_scheduler(trainer, optimizer), suffix=suffix)
            self._parameters.extend(steered.parameters.values())
        if trainer.gradient_clip_val is not None and trainer.lightning_module.automatic_optimization:
            self._add(job, trainer, "gradient_clip_val", float(trainer.gradient_clip_val), min=0.0)
        if trainer.log_every_n_steps:
            self._add(job, trainer, "log_every_n_steps", int(trainer.log_every_n_steps), min=1)
        if trainer.enable_validation:
            job.on_evaluate(lambda: _validate(trainer))
        can_load = type(trainer.strategy).__name__ in _WHOLE and _are_plain(trainer)
        folder = Path(self._directory) if self._directory is not None else Path(trainer.default_root_dir) / "pilothouse" / job.uid
        schedulers = ["scheduler"] if trainer.lr_scheduler_configs else []
        job.checkpoints(
            save=self._save, load=self._load if can_load else None, directory=folder, keep=self._keep, every=self._every,
            suffix=".ckpt", sharded=True, covers=["weights", "optimizer", *schedulers, "random state", "epoch", "step"],
        )  # fmt: skip

    def _add(self, job: Job, trainer: Any, name: str, value: Any, **options: Any) -> None:
        """What Trainer has as an attribute and reads at every step."""
        self._parameters.append(job.parameter(name, value, apply=lambda value: setattr(trainer, name, value), **options))

    def _save(self, path: str) -> None:
        """Writes a file (under some strategies a folder) as Lightning does; on every rank."""
        loop = self._trainer.fit_loop.epoch_loop
        # Where it accumulates no gradients, Lightning adds one to what it finds there.
        with _counted(loop, _count_steps(self._trainer) - (0 if loop._should_accumulate() else 1)):
            self._trainer.save_checkpoint(path, weights_only=False)

    def _load(self, path: str) -> int:
        """Brings weights, optimizers, schedules and counts back at once; the loops follow when they run again."""
        trainer, module = self._trainer, self._trainer.lightning_module
        found = torch.load(path, map_location="cpu", weights_only=True)
        own = found.get(_OWN)
        if own is None:
            raise PilothouseError(f"{Path(path).name} was not written by pilothouse.lightning")
        compare_shapes(module.state_dict(), found["state_dict"])
        states, schedules = found["optimizer_states"], found["lr_schedulers"]
        if len(states) != len(trainer.optimizers) or len(schedules) != len(trainer.lr_scheduler_configs):
            raise PilothouseError(f"{Path(path).name} has the state of other optimizers or schedules")
        module.on_load_checkpoint(found)
        trainer.strategy.load_model_state_dict(found, strict=module.strict_loading)
        trainer.strategy.load_optimizer_state_dict(found)
        for config, state in zip(trainer.lr_scheduler_configs, schedules):
            config.scheduler.load_state_dict(state)
        precision = trainer.precision_plugin
        if type(precision).__qualname__ in found:
            precision.load_state_dict(found[type(precision).__qualname__])
        step = int(own["step"])
        loops = found["loops"]["fit_loop"]
        _load_loops(trainer, loops, step)
        # Only rank 0 has written its random state.
        write_random(own["random"], trainer.global_rank == 0, float(step))
        self._loaded, self._step = loops, step
        return step

    def _run(self, run: Callable[[], None]) -> None:
        """The fit loop's `run`, begun again from a checkpoint as often as somebody goes back."""
        try:
            while True:
                try:
                    return run()
                except _GoBack as back:
                    self._goes_back = True
                    _begin_again(self._trainer, back.loops)
        finally:
            self._goes_back = False


def _count_steps(trainer: Any) -> int:
    """Steps that are behind it, as rows of metrics count them: once, however many optimizers take part in one."""
    return int(getattr(trainer.fit_loop.epoch_loop, "_batches_that_stepped", trainer.global_step))


@contextmanager
def _counted(loop: Any, steps: int) -> Iterator[None]:
    """The loop counts its steps otherwise, for a while."""
    before = loop._batches_that_stepped
    loop._batches_that_stepped = steps
    try:
        yield
    finally:
        loop._batches_that_stepped = before


def _are_plain(trainer: Any) -> bool:
    """True when the hyperparameters, which Lightning writes into its checkpoints, can be read without running code."""
    for owner in (trainer.lightning_module, trainer.datamodule):
        written = io.BytesIO()
        torch.save(dict(getattr(owner, "hparams", None) or {}), written)
        written.seek(0)
        try:
            torch.load(written, weights_only=True)
        except pickle.UnpicklingError:
            warn_once(
                "lightning-hyperparameters",
                f"Hyperparameters of {type(owner).__name__} are no plain values: this training cannot go back. "
                "save_hyperparameters(ignore=[…]) leaves them out.",
            )
            return False
    return True


def _load_loops(trainer: Any, loops: Mapping[str, Any], step: int) -> None:
    """The loops count as they did then, and go on running as they are."""
    fit = trainer.fit_loop
    fit.load_state_dict(dict(loops))
    fit._combined_loader_states_to_load = []
    fit.restarting = False
    for loop in (fit, fit.epoch_loop, fit.epoch_loop.val_loop):
        loop._loaded_from_state_dict = loop._resuming_from_checkpoint = False
    fit.epoch_loop._batches_that_stepped = step


def _begin_again(trainer: Any, loops: Mapping[str, Any]) -> None:
    """The fit loop is about to run from there: with a new iterator over the data, and without what was gathered until now."""
    fit = trainer.fit_loop
    if fit._data_fetcher is not None:
        fit._data_fetcher.teardown()
    fit._data_fetcher = fit._combined_loader = None
    fit.load_state_dict(dict(loops))
    fit.epoch_loop._results.reset()
    trainer.lightning_module._current_fx_name = None
    trainer.lightning_module.zero_grad()
    trainer.training = True


def _validate(trainer: Any) -> None:
    """Goes through the validation data now, as the epoch loop does between two batches. What it finds, the module logs."""
    loop, connector = trainer.fit_loop.epoch_loop, trainer._logger_connector
    first = connector._first_loop_iter
    with _counted(loop, max(0, loop._batches_that_stepped - 1)):  # it belongs to the step that is behind it
        trainer.validating = True
        try:
            loop.val_loop.run()
        finally:
            trainer.training = True
            connector._first_loop_iter = first


def _find_scheduler(trainer: Any, optimizer: Any) -> Any:
    schedulers = [config.scheduler for config in trainer.lr_scheduler_configs]
    return next((one for one in schedulers if getattr(one, "optimizer", None) is optimizer), None)


def _tell_length(job: Job, trainer: Any) -> None:
    steps, epochs = trainer.estimated_stepping_batches, trainer.max_epochs
    job.update(
        total_steps=steps if 0 < steps < float("inf") else None,
        total_epochs=epochs if epochs is not None and epochs > 0 else None,
    )


@contextmanager
def _named_rank(trainer: Any) -> Iterator[None]:
    """Lightning's own launcher does not tell processes which rank they are; it is in the environment for a while."""
    named = trainer.world_size > 1 and "RANK" not in os.environ and "WORLD_SIZE" in os.environ
    if named:
        os.environ["RANK"] = str(trainer.global_rank)
    try:
        yield
    finally:
        if named:
            del os.environ["RANK"]
