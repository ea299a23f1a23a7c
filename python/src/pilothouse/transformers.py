"""Makes a training by the Trainer of Hugging Face reported and steerable.

from pilothouse.transformers import PilothouseCallback

trainer = Trainer(model, args, train_dataset=..., callbacks=[PilothouseCallback()])
trainer.train()

How it goes back: `on_step_begin` raises, `train` (which the callback has wrapped) catches it and calls Trainer's own
`train(resume_from_checkpoint=…)` in the same process, which brings epoch and place in the data as well.
"""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import Any, Callable, Mapping, Optional, Union

from transformers import Trainer, TrainerCallback, TrainerState

from ._attached import Attachment
from ._errors import OptionError, PilothouseError
from ._job import Job
from ._parameter import Parameter
from ._warn import warn_once
from .pytorch import SteeredOptimizer, compare_shapes

_STATE_FILE = "trainer_state.json"
_WEIGHTS_FILE = "model.safetensors"
#: The last row that Trainer logs has it, and sums up the run: no curves, but part of the summary.
_OF_THE_RUN = "train_runtime"
_INTERVALS = {
    "logging": "Steps between two rows of metrics",
    "eval": "Steps between two evaluations",
    "save": "Steps between two checkpoints of Trainer itself",
}


class _GoBack(BaseException):
    """Leaves the training loop, to go on from a checkpoint. No Exception: nobody on the way is to take it for a fault."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class PilothouseCallback(TrainerCallback):  # type: ignore[misc]  # the library may not be there when types are checked
    """Reports what Trainer logs, and lets the training be steered. With several ranks each of them has one.

    Give it in `callbacks=[…]`: added later by `add_callback` it cannot go back, for it has to be there before `train`.
    """

    def __init__(
        self, job: Optional[Job] = None, *, directory: Union[str, os.PathLike[str], None] = None, keep: Optional[int] = None,
        every: Optional[int] = None, **options: Any,
    ) -> None:  # fmt: skip
        """job: the one to report to; by default that under way, else one is begun with `options`, those of `pilothouse.init`.
            Its name, configuration and total steps are those of the TrainingArguments where `options` say nothing.
        directory: where checkpoints are; by default `pilothouse/<uid>` in the `output_dir`. keep, every: as of `job.checkpoints`.

        Checkpoints are in Trainer's own format: `trainer.train(resume_from_checkpoint=path)` takes them.
        """
        self._attachment = Attachment(job, options)
        self._directory, self._keep, self._every = directory, keep, every
        self._job: Optional[Job] = None
        self._trainer: Any = None
        self._steered: Optional[SteeredOptimizer] = None
        self._parameters: list[Parameter] = []
        self._loaded: Optional[str] = None
        self._goes_back = False

    # What Trainer calls.

    def on_init_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Trainer has been made."""
        trainer = _find_trainer()
        if trainer is not None and not self._is_wrapped(trainer):
            trainer.train = functools.partial(self._train, trainer.train)

    def on_train_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """A training begins, or goes on from a checkpoint."""
        model, optimizer, scheduler = (others.get(name) for name in ("model", "optimizer", "lr_scheduler"))
        if self._goes_back:
            self._go_on(optimizer, scheduler)
            return
        self._trainer = _find_trainer()
        self._job = self._attachment.begin(lambda: _describe_job(args, state, model))
        self._job.update(total_steps=state.max_steps)
        if args.world_size > 1 and not self._job._steering._distributed:
            warn_once("transformers-ranks", "The job does not know of the ranks of this training: it cannot be steered.")
            return
        try:
            self._declare(self._job, optimizer, scheduler)
        except OptionError as error:
            warn_once("transformers-declare", f"Not all of this training can be steered: {error}")

    def on_step_begin(self, args: Any, state: Any, control: Any, **others: Any) -> Any:
        """All that the step before has logged is told: here the training may be changed."""
        job = self._job
        if job is None:
            return control
        step = state.global_step + 1
        self._loaded = None
        go_on = job._steering.control(step)
        if job.stopping:
            control.should_training_stop = True
        elif self._loaded is not None and go_on != step:
            raise _GoBack(self._loaded)
        return control

    def on_log(self, args: Any, state: Any, control: Any, logs: Optional[Mapping[str, Any]] = None, **others: Any) -> None:
        """Trainer logs a row."""
        if self._job is None or not logs:
            return
        if _OF_THE_RUN in logs:
            self._job.summary.update({key: value for key, value in logs.items() if key != "epoch"})
        else:
            self._job.log(logs, step=state.global_step)

    def on_train_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """The training is over; the job may go on."""
        self._end()

    # What can be done to the training.

    def _declare(self, job: Job, optimizer: Any, scheduler: Any) -> None:
        trainer = self._trainer
        self._parameters = []
        self._steered = SteeredOptimizer(job, optimizer, scheduler)
        self._parameters.extend(self._steered.parameters.values())
        if trainer is None:
            warn_once("transformers-trainer", "The Trainer of this training was not found: only its optimizer can be steered.")
            return
        self._declare_arguments(job, trainer)
        if getattr(trainer, "eval_dataset", None) is not None:
            job.on_evaluate(lambda: trainer.evaluate() and None)  # what it finds, Trainer logs
        can_go_back = self._is_wrapped(trainer)
        if not can_go_back:
            warn_once("transformers-late", "PilothouseCallback was added after Trainer was made: this training cannot go back.")
        folder = Path(self._directory) if self._directory is not None else Path(trainer.args.output_dir) / "pilothouse" / job.uid
        job.checkpoints(
            save=self._save, load=self._load if can_go_back and not _is_sharded(trainer) else None, directory=folder,
            keep=self._keep, every=self._every, sharded=True, covers=_list_covered(trainer),
        )  # fmt: skip

    def _declare_arguments(self, job: Job, trainer: Any) -> None:
        """Trainer reads these at every step."""
        args = trainer.args
        norm = args.max_grad_norm
        if isinstance(norm, (int, float)) and not getattr(trainer, "is_deepspeed_enabled", False):
            words = "Largest norm of the gradient; 0 leaves it as it is"
            self._add(job, "max_grad_norm", float(norm), _set_argument(trainer, "max_grad_norm"), min=0.0, description=words)
        for name, words in _INTERVALS.items():
            by_steps = str(getattr(getattr(args, f"{name}_strategy", None), "value", "")) == "steps"
            steps = getattr(trainer.state, f"{name}_steps", None)
            if by_steps and isinstance(steps, (int, float)) and steps >= 1:
                apply = _set_argument(trainer, f"{name}_steps", also_state=True)
                self._add(job, f"{name}_steps", int(steps), apply, min=1, description=words)

    def _add(self, job: Job, key: str, value: Any, apply: Callable[[Any], None], **options: Any) -> None:
        self._parameters.append(job.parameter(key, value, apply=apply, **options))

    def _save(self, path: str) -> None:
        """Writes a folder as Trainer does; on every rank."""
        trainer = self._trainer
        callbacks = [*trainer.callback_handler.callbacks, trainer.control]
        trainer.state.stateful_callbacks = TrainerState(
            stateful_callbacks=[one for one in callbacks if hasattr(one, "state") and hasattr(one, "from_state")]
        ).stateful_callbacks
        trainer.save_model(path, _internal_call=True)
        trainer._save_optimizer_and_scheduler(path)
        if hasattr(trainer, "_save_scaler"):
            trainer._save_scaler(path)
        trainer._save_rng_state(path)
        if trainer.args.should_save:
            trainer.state.save_to_json(os.path.join(path, _STATE_FILE))

    def _load(self, path: str) -> int:
        """Brings weights, optimizer, schedule and counts back at once; place in the data follows when the loop begins anew."""
        trainer = self._trainer
        state = TrainerState.load_from_json(os.path.join(path, _STATE_FILE))
        _compare_weights(trainer.model, Path(path) / _WEIGHTS_FILE)
        trainer._load_from_checkpoint(path)
        trainer._load_optimizer_and_scheduler(path)
        if hasattr(trainer, "_load_scaler"):
            trainer._load_scaler(path)
        trainer._load_rng_state(path)
        for name in ("global_step", "epoch", "total_flos", "log_history", "num_input_tokens_seen", "best_metric"):
            if hasattr(state, name):
                setattr(trainer.state, name, getattr(state, name))
        self._loaded = path
        return int(state.global_step) + 1

    def _go_on(self, optimizer: Any, scheduler: Any) -> None:
        """The loop has begun anew, with another scheduler: parameters that were kept are in effect in it, too."""
        self._goes_back = False
        if self._steered is not None:
            self._steered.follow(optimizer, scheduler)
        for parameter in self._parameters:
            parameter.put_again()

    def _is_wrapped(self, trainer: Any) -> bool:
        """True when its `train` goes on from a checkpoint by itself."""
        train = vars(trainer).get("train")
        return isinstance(train, functools.partial) and train.func == self._train

    def _end(self, error: Optional[BaseException] = None) -> None:
        self._attachment.end(self._parameters, error)
        self._parameters, self._steered = [], None

    def _train(
        self, train: Callable[..., Any], resume_from_checkpoint: Union[str, bool, None] = None, *others: Any, **named: Any
    ) -> Any:
        """Trainer's `train`, begun again from a checkpoint as often as somebody goes back."""
        try:
            while True:
                try:
                    return train(resume_from_checkpoint, *others, **named)
                except _GoBack as back:
                    resume_from_checkpoint, self._goes_back = back.path, True
        except BaseException as error:
            self._end(error)
            raise
        finally:
            self._goes_back = False


def _find_trainer() -> Any:
    """The Trainer that is calling: it does not hand itself to its callbacks."""
    frame = sys._getframe(1)
    while frame is not None:
        owner = frame.f_locals.get("self")
        if isinstance(owner, Trainer):
            return owner
        frame = frame.f_back  # type: ignore[assignment]  # None at the end
    return None


def _set_argument(trainer: Any, name: str, *, also_state: bool = False) -> Callable[[Any], None]:
    def apply(value: Any) -> None:
        setattr(trainer.args, name, value)
        if also_state:
            setattr(trainer.state, name, value)

    return apply


def _is_sharded(trainer: Any) -> bool:
    """True where weights are spread over ranks: loading those in the middle of a training has not been tried."""
    return any(getattr(trainer, f"is_{name}_enabled", False) for name in ("deepspeed", "fsdp", "fsdp_xla"))


def _list_covered(trainer: Any) -> list[str]:
    scaler = ["gradient scaler"] if getattr(trainer.accelerator, "scaler", None) is not None else []
    data = [] if trainer.args.ignore_data_skip else ["data position"]
    return ["weights", "optimizer", "scheduler", *scaler, "random state", *data, "step"]


def _compare_weights(model: Any, file: Path) -> None:
    """Raises PilothouseError when weights of other shapes are there: Trainer itself would find out halfway."""
    if not file.is_file():
        return
    from safetensors import SafetensorError, safe_open

    class Shape:
        def __init__(self, shape: Any) -> None:
            self.shape = tuple(shape)

    try:
        with safe_open(str(file), framework="pt") as opened:
            there = {name: Shape(opened.get_slice(name).get_shape()) for name in opened.keys()}  # noqa: SIM118 - no mapping
    except SafetensorError as error:
        raise PilothouseError(f"{file.name} cannot be read: {error}") from error
    # Weights that are tied to others are written once.
    mine = {name: tensor for name, tensor in model.state_dict().items() if name in there}
    compare_shapes(mine, there)


def _describe_job(args: Any, state: Any, model: Any) -> dict[str, Any]:
    """Options of `init`."""
    config: dict[str, Any] = dict(args.to_sanitized_dict())
    inner = getattr(model, "config", None)
    if inner is not None and hasattr(inner, "to_dict"):
        config["model_config"] = inner.to_dict()
    named = args.run_name if args.run_name and args.run_name != args.output_dir else None
    return {
        "name": named, "config": config, "model": type(model).__name__, "total_steps": state.max_steps,
        "total_epochs": state.num_train_epochs,
    }  # fmt: skip
