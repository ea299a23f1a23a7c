"""A job as its script sees it."""

from __future__ import annotations

import math
import os
import sys
import threading
from time import time as now
from types import TracebackType
from typing import Any, Callable, Mapping, Optional, Union

from . import _limits as limits
from ._errors import OptionError
from ._number import flatten_metrics, to_number
from ._options import name_options, read_number, to_fields
from ._output import OutputCapture
from ._points import Row
from ._rank import RankReporter
from ._recipe import collect_recipe, command_line
from ._report import describe_error
from ._reporter import Reporter
from ._resources import Sampler
from ._stage import DEFAULT_STAGES, Stage, spell_stage
from ._state import COMPLETED, End, EndWatch, end_by_exception
from ._text import cut_text
from ._warn import say, warn_once

END_STATES = ("completed", "failed", "cancelled")


class Job:
    """One run of a script. Made by `pilothouse.init`.

    Nothing here waits for the network or raises into the script: a fault becomes one warning on stderr. All methods may
    be called from any thread.
    """

    def __init__(self, uid: str, stages: tuple[str, ...] = DEFAULT_STAGES) -> None:
        #: Names the job everywhere: in addresses, in files, on the server.
        self.uid = uid
        self._stage_names = stages
        self._pid = os.getpid()
        self._reporter: Optional[Reporter] = None
        self._put: Callable[[Row], None] = self._explain_silence
        self._output: Optional[OutputCapture] = None
        self._sampler: Optional[Sampler] = None
        self._watch: Optional[EndWatch] = None
        #: In place of all these, in a process that is not rank 0.
        self._rank: Optional[RankReporter] = None
        self._step = 0.0
        #: Guards counting; reentrant, because a handler of a signal may log, too.
        self._counting = threading.RLock()
        self._summary: dict[str, Any] = {}
        self._ended = False

    def log(
        self, metrics: Mapping[str, Any], step: Optional[float] = None, epoch: Optional[float] = None
    ) -> None:  # fmt: skip
        """Records one row of metrics.

        metrics: numbers under their keys; numpy and torch scalars (or arrays of one element) are read now, mappings in
            it are flattened with «/». NaN and infinities are kept. What is no number is left out with one warning.
        step: any number, repeated or going backwards as well. Without it, one more than the last step (from 1).
        epoch: where the script is, fractions allowed.

        Takes a few microseconds. A tensor on a GPU is different: reading it waits until the GPU has computed it, as
        `.item()` does; log such values every so many steps.
        """
        # The usual case comes first and does as little as can be; whatever it cannot take goes the long way.
        try:
            for value in metrics.values():
                kind = value.__class__
                if kind is not float and kind is not int:
                    break
            else:
                if step.__class__ is int and (epoch is None or epoch.__class__ is float or epoch.__class__ is int):
                    self._put(("job", step, now(), epoch, metrics.copy()))
                    self._step = step
                    return
        except Exception:  # noqa: S110 - no mapping, or one without `copy`: the long way knows
            pass
        self._log_any(metrics, step, epoch)

    def stage(self, name: str, total: Optional[float] = None) -> Stage:
        """Begins a stage now. `with` ends it; `advance()` moves it on towards `total`.

        A name of the declared stages, or of the default ones, may be spelt in any case, with «_» or «-» for spaces.
        """
        reporter = self._reporter
        text = cut_text(str(name).strip(), limits.NAME_LENGTH_MAX) or "stage"
        stage = Stage(spell_stage(text, self._stage_names), read_number(total), reporter.tell_stage if reporter else _ignore)
        if reporter:
            reporter.follow_stage(stage)
        return stage

    @name_options
    def update(
        self, *, name: Optional[str] = None, tags: Optional[list[str]] = None, notes: Optional[str] = None,
        model: Optional[str] = None, model_type: Optional[str] = None, dataset: Optional[str] = None, config: Any = None,
        summary: Any = None, total_steps: Optional[float] = None, total_epochs: Optional[float] = None,
    ) -> None:  # fmt: skip
        """Changes fields of the job. `summary`: final or best values, added to those given before; `config` replaces the
        whole configuration. Raises OptionError when an option has no such name or value."""
        fields = to_fields(
            {
                "name": name, "tags": tags, "notes": notes, "model": model, "model_type": model_type,
                "dataset": dataset, "config": config, "summary": summary, "total_steps": total_steps,
                "total_epochs": total_epochs,
            }
        )  # fmt: skip
        if "summary" in fields:
            self._summary = fields["summary"] = {**self._summary, **fields["summary"]}
        if self._reporter is not None and fields:
            self._reporter.tell_job(fields)

    def finish(self, state: str = "completed", error: Union[BaseException, str, None] = None) -> None:
        """Ends the job: `completed`, `failed` or `cancelled`. With an `error` (an exception, or words) it has failed.

        Returns when everything arrived or, without an answer, is on disk: after 10 s at the latest. The first word counts.
        Raises OptionError when there is no such state.
        """
        if state not in END_STATES:
            raise OptionError(f"state is «{state}», one of {', '.join(END_STATES)} was expected")
        if isinstance(error, BaseException):
            self._end(end_by_exception(error))
        elif error is not None:
            self._end(End("failed", None, None, describe_error("error", str(error), None)))
        else:
            self._end(COMPLETED if state == "completed" else End(state))

    @property
    def url(self) -> Optional[str]:
        """Address of the job's page, once the server told it."""
        return self._reporter.delivery.page if self._reporter else None

    @property
    def stop_requested(self) -> bool:
        """True when the server says that the job was cancelled: a script should save what it wants and end."""
        return bool(self._reporter) and self._reporter.delivery.state == "cancelled"  # type: ignore[union-attr]

    def __enter__(self) -> Job:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._end(COMPLETED if error is None else end_by_exception(error))

    def _start(self, reporter: Reporter, output: Optional[OutputCapture], *, sample: bool) -> None:
        """Begins to report. `sample`: nobody else samples this host."""
        self._reporter, self._output = reporter, output
        self._put = reporter.rows.put
        self._sampler = Sampler(reporter.rows.put, reporter.tell_job, lambda: self._step)
        self._watch = EndWatch(self._end, limits.SIGNAL_TIMEOUT_S)
        if output is not None:
            output.install()
        self._watch.install()
        reporter.start()
        if sample:
            self._sampler.start(self._tell_recipe)
        else:
            threading.Thread(target=self._tell_recipe, name="pilothouse-recipe", daemon=True).start()

    def _start_rank(self, rank: RankReporter) -> None:
        """Only watches, for rank 0 reports."""
        self._rank = rank
        rank.start()

    def _give_way(self, uid: Optional[str]) -> None:
        """Another job begins in this process. One that goes on under the same `uid` has not ended."""
        if self._reporter is not None and uid is not None and uid == self.uid and not self._ended:
            self._reporter.go_on()
        self._end(COMPLETED)

    def _tell_recipe(self) -> None:
        recipe = collect_recipe(os.environ, command_line(), os.getcwd())
        if self._reporter is not None:
            self._reporter.tell_job({"recipe": recipe})

    def _end(self, how: End, timeout_s: Optional[float] = None) -> None:
        if self._ended or os.getpid() != self._pid:
            return
        self._ended = True
        self._put = self._explain_silence
        if self._rank is not None:
            self._rank.end(how, timeout_s)
        if self._reporter is None or self._watch is None or self._sampler is None:
            return
        self._watch.begin_end()
        try:
            self._sampler.stop()
            self._flush_streams()
            if self._output is not None:
                self._output.remove()
            self._reporter.finish(how, limits.EXIT_TIMEOUT_S if timeout_s is None else timeout_s)
        except Exception as error:
            say(f"the end of the job could not be reported: {type(error).__name__}: {error}")
        self._watch.complete_end()

    def _forget(self) -> None:
        """In a forked child: the job is the parent's."""
        self._put = self._explain_silence
        if self._output is not None:
            self._output.let_go()
        if self._reporter is not None:
            self._reporter.abandon()
        if self._watch is not None:
            self._watch.remove()
        if self._rank is not None:
            self._rank.forget()

    @staticmethod
    def _flush_streams() -> None:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:  # noqa: S110 - a closed stream is the script's own affair
                pass

    def _log_any(self, metrics: Mapping[str, Any], step: Any, epoch: Any) -> None:
        """Records a row of whatever kind."""
        try:
            values = flatten_metrics(metrics)
            number = self._count_step(step)
            if values:
                self._put(("job", number, now(), None if epoch is None else to_number(epoch), values))
        except Exception as error:
            warn_once("log", f"log() left out a row: {type(error).__name__}: {error}")

    def _count_step(self, step: Any) -> float:
        """The step as a number; one more than the last one when there is none, or none that is finite."""
        number = None if step is None else to_number(step)
        if step is not None and (number is None or not math.isfinite(number)):
            warn_once("step", f"log(): the step is {step!r}, a finite number was expected; counted on instead.")
            number = None
        with self._counting:
            self._step = math.floor(self._step) + 1 if number is None else number
            return self._step

    def _explain_silence(self, _: Row) -> None:
        """Stands in place of the buffer when nothing is reported."""
        if self._ended:
            warn_once("ended", "log() after the end of the job is left out.")


def _ignore(_: dict[str, Any]) -> None:
    return None
