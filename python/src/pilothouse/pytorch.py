"""Makes a PyTorch training steerable: its learning rate, its checkpoints, going back.

import pilothouse
from pilothouse.pytorch import steer

with pilothouse.init() as job:
    steer(job, model, optimizer, scheduler)
    for step in job.steps(range(10_000)):
        ...
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional, Sequence, Union

import torch

from ._checkpoints import Checkpoints
from ._errors import PilothouseError
from ._job import Job
from ._parameter import Parameter
from ._warn import warn_once

_FORMAT = 1


class Steerable:
    """What `steer` has declared."""

    def __init__(self, checkpoints: Checkpoints, parameters: Mapping[str, Parameter]) -> None:
        #: To write one by yourself, or to go on from the newest: `steerable.checkpoints.restore()`.
        self.checkpoints = checkpoints
        #: By their key.
        self.parameters = parameters


def steer(
    job: Job, model: torch.nn.Module, optimizer: torch.optim.Optimizer, scheduler: Any = None, *,
    learning_rate: bool = True, lr_min: float = 1e-8, lr_max: float = 10.0, weight_decay: bool = True,
    extra: Optional[Mapping[str, Any]] = None, directory: Union[str, os.PathLike[str], None] = None,
    keep: Optional[int] = None, every: Optional[int] = None,
) -> Steerable:  # fmt: skip
    """Declares parameters and checkpoints of a PyTorch training. With several ranks each of them calls it.

    model: its weights and buffers; of a `DistributedDataParallel` those of the module inside.
    optimizer: its state. Parameter `lr` is the learning rate of its first group; the others keep their ratio to it. Parameter
        `weight_decay` is offered where the optimizer has one.
    scheduler: its state. `lr` is then the base rate (`base_lrs`) that the schedule multiplies, and the rate of this moment is
        multiplied with it.
    extra: other things with `state_dict` and `load_state_dict`, by name: a gradient scaler, a stateful data loader, an average.
    learning_rate, weight_decay: False leaves the parameter out; lr_min, lr_max: its bounds.
    directory, keep, every: as of `job.checkpoints`.

    A checkpoint is one file of `torch.save` that holds tensors and plain values only, so that it is read without running code
    from it (`weights_only`). Random states of Python, NumPy and torch come back on rank 0; those of the other ranks are seeded
    anew, from that of rank 0. Weights of other shapes are refused before anything has changed.
    """
    state = _State(job, _unwrap(model), optimizer, scheduler, extra or {})
    steered = SteeredOptimizer(
        job, optimizer, scheduler, learning_rate=learning_rate, lr_min=lr_min, lr_max=lr_max, weight_decay=weight_decay
    )
    covers = ["weights", "optimizer", *(["scheduler"] if scheduler is not None else []), "random state", "step", *(extra or {})]
    checkpoints = job.checkpoints(
        save=state.save, load=state.load, directory=directory, keep=keep, every=every, covers=covers, suffix=".pt"
    )
    return Steerable(checkpoints, steered.parameters)


class SteeredOptimizer:
    """The parameters `lr` and `weight_decay` of an optimizer, and what of `steer` integrations of other libraries share."""

    def __init__(
        self, job: Job, optimizer: torch.optim.Optimizer, scheduler: Any = None, *, suffix: str = "",
        learning_rate: bool = True, lr_min: float = 1e-8, lr_max: float = 10.0, weight_decay: bool = True,
    ) -> None:  # fmt: skip
        """`suffix` tells the parameters of one optimizer from those of another."""
        self._optimizer = optimizer
        self._rates = rates = _Rates(optimizer, scheduler)
        #: By their key.
        self.parameters: dict[str, Parameter] = {}
        if learning_rate:
            self._add(
                job.parameter(
                    f"lr{suffix}", rates.value, min=min(lr_min, rates.value) or None, max=max(lr_max, rates.value),
                    log=rates.value > 0, apply=lambda value: self._rates.apply(value), type="number",
                    description="Base learning rate" if scheduler is not None else "Learning rate",
                )
            )  # fmt: skip
        if weight_decay and "weight_decay" in optimizer.param_groups[0]:
            decay = float(optimizer.param_groups[0]["weight_decay"])
            apply = lambda value: _set_decay(self._optimizer, value)  # noqa: E731 - of the optimizer of that moment
            self._add(job.parameter(f"weight_decay{suffix}", decay, min=0.0, apply=apply, type="number"))

    def follow(self, optimizer: torch.optim.Optimizer, scheduler: Any = None) -> None:
        """Another optimizer or scheduler takes the place of the one before: the parameters stand for that one from now on."""
        self._optimizer = optimizer
        self._rates.follow(optimizer, scheduler)

    def _add(self, parameter: Parameter) -> None:
        self.parameters[parameter.key] = parameter


class _Rates:
    """Learning rates of an optimizer's groups, moved together."""

    def __init__(self, optimizer: torch.optim.Optimizer, scheduler: Any) -> None:
        self._optimizer = optimizer
        self._scheduler = scheduler
        base = self._base()
        self.value = base[0]
        self._ratios = [rate / base[0] if base[0] else 1.0 for rate in base]

    def follow(self, optimizer: torch.optim.Optimizer, scheduler: Any) -> None:
        """From now on those of this optimizer, in the ratio that they had."""
        self._optimizer, self._scheduler = optimizer, scheduler

    def apply(self, value: float) -> None:
        """Sets the base rate: that of each group in its ratio to the first."""
        before, wanted = self._base(), [value * ratio for ratio in self._ratios]
        for group, old, new in zip(self._optimizer.param_groups, before, wanted):
            now = float(group["lr"])
            rate = new if self._scheduler is None or not old else now * (new / old)
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
            if "initial_lr" in group:
                group["initial_lr"] = new
        for one in _flatten(self._scheduler):
            if hasattr(one, "base_lrs"):
                one.base_lrs = list(wanted)
            if hasattr(one, "_last_lr"):
                one._last_lr = [float(group["lr"]) for group in self._optimizer.param_groups]

    def _base(self) -> list[float]:
        for one in _flatten(self._scheduler):
            if hasattr(one, "base_lrs"):
                return [float(rate) for rate in one.base_lrs]
        return [float(group["lr"]) for group in self._optimizer.param_groups]


class _State:
    """Everything that a checkpoint covers."""

    def __init__(
        self, job: Job, model: torch.nn.Module, optimizer: torch.optim.Optimizer, scheduler: Any, extra: Mapping[str, Any]
    ) -> None:
        self._job = job
        self._model = model
        self._parts: dict[str, Any] = {"optimizer": optimizer, **({"scheduler": scheduler} if scheduler is not None else {})}
        self._extra = dict(extra)

    def save(self, path: str) -> None:
        """Writes the file."""
        state = {
            "format": _FORMAT,
            "model": self._model.state_dict(),
            "step": self._job._steering.step,
            "random": read_random(),
            **{name: part.state_dict() for name, part in self._parts.items()},
            "extra": {name: part.state_dict() for name, part in self._extra.items()},
        }
        torch.save(state, path)

    def load(self, path: str) -> float:
        """Reads it back. Raises PilothouseError when it does not fit, before anything has changed."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(state, dict) or state.get("format") != _FORMAT:
            raise PilothouseError(f"{Path(path).name} was not written by pilothouse.pytorch")
        compare_shapes(self._model.state_dict(), state["model"])
        missing = [name for name in (*self._parts, *self._extra) if name not in {**state, **state["extra"]}]
        if missing:
            raise PilothouseError(f"{Path(path).name} has no state of {', '.join(missing)}")
        self._model.load_state_dict(state["model"])
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        for name, part in self._extra.items():
            part.load_state_dict(state["extra"][name])
        write_random(state["random"], self._job._steering.leads, float(state["step"]))
        return float(state["step"]) if not float(state["step"]).is_integer() else int(state["step"])


def compare_shapes(mine: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Raises PilothouseError, with the first few that differ, unless both have the same names and shapes."""
    differ = [
        f"{name}: {_shape(mine.get(name))} here, {_shape(other.get(name))} there"
        for name in dict.fromkeys([*mine, *other])
        if _shape(mine.get(name)) != _shape(other.get(name))
    ]
    if differ:
        more = f" and {len(differ) - 3} more" if len(differ) > 3 else ""
        raise PilothouseError(f"weights do not fit: {'; '.join(differ[:3])}{more}")


def read_random() -> dict[str, Any]:
    """States of the generators of Python, NumPy and torch, as tensors and plain values."""
    version, words, gauss = random.getstate()
    state: dict[str, Any] = {"python": [version, list(words), gauss], "torch": torch.get_rng_state()}
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "random"):
        name, keys, position, has_gauss, cached = numpy.random.get_state(legacy=True)
        state["numpy"] = [str(name), [int(key) for key in keys], int(position), int(has_gauss), float(cached)]
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        state["cuda"] = torch.cuda.get_rng_state_all()
    return state


def write_random(state: Mapping[str, Any], exactly: bool, step: float) -> None:
    """Brings the states back; not `exactly`, for a rank that has none of its own, seeds them from there."""
    torch.set_rng_state(state["torch"])
    if not exactly:
        rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
        seed = (int(torch.randint(2**31, (1,)).item()) + 1_000_003 * rank + int(step)) % 2**32
        torch.manual_seed(seed)
        random.seed(seed)
        return
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    numpy = sys.modules.get("numpy")
    if numpy is not None and "numpy" in state:
        name, keys, position, has_gauss, cached = state["numpy"]
        numpy.random.set_state((name, numpy.array(keys, dtype=numpy.uint32), position, has_gauss, cached))
    if "cuda" in state and torch.cuda.is_available():
        try:
            torch.cuda.set_rng_state_all(state["cuda"])
        except (RuntimeError, IndexError) as error:
            warn_once("cuda-random", f"The random state of the GPUs could not be brought back: {error}")


def _set_decay(optimizer: torch.optim.Optimizer, value: float) -> None:
    """Groups without decay stay without: norms and biases are left out by design."""
    for at, group in enumerate(optimizer.param_groups):
        if at == 0 or group["weight_decay"]:
            group["weight_decay"] = value


def _unwrap(model: torch.nn.Module) -> torch.nn.Module:
    inner = getattr(model, "module", None)
    return inner if isinstance(inner, torch.nn.Module) and type(model).__name__.endswith("DataParallel") else model


def _flatten(scheduler: Any) -> Iterable[Any]:
    """A chain of schedulers has its own inside it."""
    if scheduler is None:
        return []
    inner: Sequence[Any] = getattr(scheduler, "_schedulers", ())
    return [scheduler, *(one for part in inner for one in _flatten(part))]


def _shape(tensor: Any) -> str:
    shape = getattr(tensor, "shape", None)
    return "nothing" if tensor is None else "×".join(str(size) for size in shape) if shape else "scalar"
