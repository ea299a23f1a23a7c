"""What a script says and does to be steered: the part of `Job` with parameters, checkpoints and control points."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence, Union

from ._checkpoints import Checkpoints
from ._claim import read_place
from ._copies import Copies
from ._errors import OptionError
from ._number import to_number
from ._order_feed import OrderFeed
from ._parameter import Parameter
from ._steering import Steering
from ._steering_host import Stopped
from ._telling import Telling

COVERS = ("weights", "optimizer", "step")


class Steered(Telling):
    """Needs the reporter, and nothing else of a job."""

    #: Names the job everywhere.
    uid: str

    def __init__(self) -> None:
        super().__init__()
        place = read_place(os.environ)
        self._steering = Steering(
            _Host(self), distributed=place.distributed, rank=place.rank, restore_from=os.environ.get("PILOTHOUSE_RESTORE") or None
        )
        #: Called by loops at every step: one look-up less.
        self._control = self._steering.control

    def parameter(
        self, key: str, value: Any, *, min: Optional[float] = None, max: Optional[float] = None, step: Optional[float] = None,  # noqa: A002
        log: bool = False, choices: Sequence[Any] = (), unit: Optional[str] = None, description: Optional[str] = None,
        apply: Optional[Callable[[Any], Any]] = None, type: Optional[str] = None,  # noqa: A002
    ) -> Parameter:  # fmt: skip
        """Declares a value that people may change while the script runs.

        value: what it is now. True or False makes a switch, `choices` a choice, a whole number an integer, else it is a number.
        min, max, step, log, choices, unit, description: what is offered and taken; nothing else is.
        apply: puts a new value into effect, as `lambda value: set_lr(optimizer, value)`. When it raises, the command has
            failed, the value stays what it was, and training goes on. Without it, read `lr.value` where you need it.
        type: `number`, `integer`, `choice` or `switch`, where the value does not say it.

        It changes in `job.control` or between two steps of `job.steps`: without either nobody can change it. With several
        ranks each of them declares it. Raises OptionError for a value or a bound that makes no sense.
        """
        made = Parameter(
            key, value, kind=type, min=min, max=max, step=step, log=log, choices=choices, unit=unit, description=description,
            apply=apply, changed=self._steering.note_change,
        )  # fmt: skip
        self._steering.add_parameter(made)
        return made

    def checkpoints(
        self, *, save: Callable[[str], Any], load: Optional[Callable[[str], Any]] = None,
        directory: Union[str, os.PathLike[str], None] = None, keep: Optional[int] = None, every: Optional[int] = None,
        covers: Sequence[str] = COVERS, suffix: str = "", sharded: bool = False, rollback: str = "inPlace",
    ) -> Checkpoints:  # fmt: skip
        """Says how the state of the job is written down and read again.

        save: `save(path)` writes a file, or a folder, at that path. It appears under its name only once it is whole.
        load: `load(path)` brings that state back; returns the step to go on with, or None for the one at which it was written.
            Without it the job cannot go back.
        directory: where they are; by default `checkpoints/<uid>` in the working directory.
        keep: of those that nobody asked for the last so many stay. every: writes one every so many steps.
        covers: what `load` brings back, in words: people read it before they go back.
        suffix: how their names end, as `.pt`.
        sharded: every rank writes its part to the same path (as torch.distributed.checkpoint does); else rank 0 writes alone.
            `load` is called on every rank.
        rollback: `inPlace`, or `relaunch` for a script that can go back only by being started again.

        Raises OptionError.
        """
        folder = Path(directory) if directory is not None else Path("checkpoints") / self.uid
        made = Checkpoints(
            self._steering, save=save, load=load, folder=folder, keep=keep, every=every, covers=covers, suffix=suffix,
            sharded=sharded, way=rollback,
        )  # fmt: skip
        self._steering.set_checkpoints(made)
        return made

    def on_evaluate(self, evaluate: Callable[[], Any]) -> None:
        """Says how to evaluate when somebody asks for it: called at a control point, on every rank. What it returns, a mapping
        of metrics, is logged."""
        self._steering.set_evaluation(evaluate)

    def control(self, step: Optional[float] = None) -> float:
        """A place at which the script may be changed: parameters, checkpoints, going back, pausing, ending.

        step: the number of the step that comes next. With several ranks each of them calls it, equally often.
        Returns the step to go on with: another one after a rollback. Takes less than a microsecond when nothing waits.
        Raises Stopped, a SystemExit, when somebody has stopped the job.
        """
        go_on = self._control(self._step if step is None else step)
        if self._steering.stopped:
            raise Stopped(0)
        return go_on

    def steps(self, items: Union[range, Sequence[Any]]) -> Iterator[Any]:
        """Goes through the steps, with a control point before each: `for step in job.steps(range(1000))`.

        After a rollback it goes on from the step of the checkpoint; when somebody stops the job the loop ends.
        Raises OptionError for what cannot be gone back in: use `job.control` in other loops.
        """
        if not isinstance(items, Sequence) or (len(items) > 0 and to_number(items[0]) is None):
            raise OptionError("steps() takes a range or a list of numbers; use job.control(step) in other loops")
        return self._steering.steps(items)

    @property
    def stopping(self) -> bool:
        """True when somebody has stopped the job, and it is on its way to its end."""
        return self._steering.stopped


class _Host:
    """The job, as its steering sees it."""

    def __init__(self, job: Steered) -> None:
        self._job = job

    @property
    def uid(self) -> str:
        return self._job.uid

    @property
    def logged(self) -> float:
        return self._job._step

    @property
    def goes_on(self) -> bool:
        reporter = self._job._reporter
        return reporter is not None and reporter.delivery.attempt > 1

    def tell(self, part: str, event: Any) -> None:
        if self._job._reporter is not None:
            self._job._reporter.extras.tell_steering(part, event)

    def tell_state(self, state: str) -> None:
        if self._job._reporter is not None:
            self._job._reporter.tell_state(state)

    def fork(self, event: Mapping[str, Any], logged: float) -> None:
        if self._job._reporter is not None:
            self._job._reporter.fork(event)
        self._job._step = logged

    def read_metrics(self) -> Mapping[str, Any]:
        return self._job._reporter.read_last() if self._job._reporter is not None else {}

    def read_newest(self) -> tuple[Optional[float], Mapping[str, tuple[float, float]]]:
        return self._job._reporter.read_newest() if self._job._reporter is not None else (None, {})

    def log_metrics(self, metrics: Mapping[str, Any], step: float) -> None:
        self._job.log(metrics, step=step)  # type: ignore[attr-defined]  # every job logs

    def open_copies(self) -> Optional[Copies]:
        reporter = self._job._reporter
        return None if reporter is None else reporter.delivery.open_copies()

    def open_feed(self, arrived: Callable[[], None]) -> Optional[OrderFeed]:
        reporter = self._job._reporter
        return None if reporter is None else reporter.delivery.open_feed(arrived)
