"""A job as its script sees it."""

from __future__ import annotations

import math
import os
import sys
import threading
from dataclasses import replace
from time import time as now
from types import TracebackType
from typing import Any, Callable, Mapping, Optional, Sequence, Union

from . import _limits as limits
from ._errors import OptionError
from ._job_config import Config
from ._metrics import split_metrics
from ._number import check_key, to_number
from ._options import name_options, read_number, to_fields
from ._output import OutputCapture
from ._points import EPOCH_KEY, Row
from ._rank import RankReporter
from ._recipe import collect_recipe, command_line
from ._report import describe_error
from ._reporter import Reporter
from ._resources import Sampler
from ._sample import Sample, describe_samples
from ._stage import DEFAULT_STAGES, Stage, spell_stage
from ._state import COMPLETED, End, EndWatch, end_by_exception, end_by_exit
from ._steered import Steered
from ._summary import Summary
from ._text import cut_text
from ._warn import say, warn_once

#: So long the end waits for checksums of artifacts.
_ARTIFACT_TIMEOUT_S = 5.0
END_STATES = ("completed", "failed", "cancelled")


class Job(Steered):
    """One run of a script. Made by `pilothouse.init`.

    Nothing here waits for the network or raises into the script: a fault becomes one warning on stderr. All methods may
    be called from any thread.
    """

    def __init__(
        self, uid: str, stages: tuple[str, ...] = DEFAULT_STAGES, names: Optional[Mapping[str, Any]] = None, config: Any = None
    ) -> None:
        #: Names the job everywhere: in addresses, in files, on the server.
        self.uid = uid
        super().__init__()
        #: What it was configured with; `job.config.lr` and `job.config["lr"]`, to be read and set.
        self.config = Config(config, self._tell_config)
        #: The last value of each metric, and what the script sets: `job.summary["accuracy"] = 0.9`.
        self.summary = Summary(self._read_fold, self._tell_summary)
        self._names = dict(names or {})
        self._stage_names = stages
        self._pid = os.getpid()
        self._put: Callable[[Row], None] = self._explain_silence
        self._output: Optional[OutputCapture] = None
        self._sampler: Optional[Sampler] = None
        self._watch: Optional[EndWatch] = None
        #: In place of all these, in a process that is not rank 0.
        self._rank: Optional[RankReporter] = None
        #: Guards counting; reentrant, because a handler of a signal may log, too.
        self._counting = threading.RLock()
        #: The job of an earlier attempt goes on.
        self.resumed = False
        self._at_end: Callable[[End], None] = _do_nothing
        self._ended = False

    def log(
        self, metrics: Mapping[str, Any], step: Optional[float] = None, epoch: Optional[float] = None,
        commit: Optional[bool] = None, **other: Any,
    ) -> None:  # fmt: skip
        """Records one row of metrics, and samples.

        metrics: numbers under their keys; numpy and torch scalars (or arrays of one element) are read now, mappings in
            it are flattened with «/». NaN and infinities are kept. Images, tables, histograms and texts (`pilothouse.Image`
            …, or lists of them) are kept as samples of that step. What is neither is left out with one warning.
        step: any number, repeated or going backwards as well. Without it, one more than the last step (from 1).
        epoch: where the script is, fractions allowed. Without it, the metric `epoch` of the same row.
        commit: False = without a step, the next row belongs to the same one.

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
        self._log_any(metrics, step, epoch, commit)

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

    @name_options()
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
        if fields.pop("summary", None) is not None:
            self.summary.update(summary)
        if "config" in fields:
            self.config.replace(config)
            del fields["config"]
        self._names.update(fields)
        if self._reporter is not None and fields:
            self._reporter.tell_job(fields)

    def finish(
        self, state: str = "completed", error: Union[BaseException, str, None] = None, exit_code: Optional[int] = None
    ) -> None:  # fmt: skip
        """Ends the job: `completed`, `failed` or `cancelled`. With an `error` (an exception, or words), or with an
        `exit_code` that is not 0, it has failed.

        Returns when everything arrived or, without an answer, is on disk: after 10 s at the latest. The first word counts.
        Raises OptionError when there is no such state.
        """
        if state not in END_STATES:
            raise OptionError(f"state is «{state}», one of {', '.join(END_STATES)} was expected")
        if isinstance(error, BaseException):
            self._end(end_by_exception(error))
        elif error is not None:
            self._end(End("failed", None, None, describe_error("error", str(error), None)))
        elif exit_code:
            self._end(end_by_exit(exit_code))
        else:
            self._end(COMPLETED if state == "completed" else End(state))

    @property
    def id(self) -> str:
        """The same as `uid`."""
        return self.uid

    @property
    def name(self) -> Optional[str]:
        """What it is called; None when its launcher knows."""
        return self._names.get("name")

    @property
    def project(self) -> Optional[str]:
        """The project it belongs to; None when its launcher knows."""
        return self._names.get("project")

    @property
    def group(self) -> Optional[str]:
        """The group it was given."""
        return self._names.get("group")

    @property
    def step(self) -> float:
        """The step of the last row."""
        return self._step

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
        if self._watch is not None:
            self._watch.begin_end()
        self._ended = True
        self._put = self._explain_silence
        self._steering.end()
        if self._steering.stopped and how.state == "completed":
            how = replace(how, state="cancelled")
        if self._rank is not None:
            self._rank.end(how, timeout_s)
        if self._reporter is None or self._watch is None or self._sampler is None:
            return
        wait_s = limits.EXIT_TIMEOUT_S if timeout_s is None else timeout_s
        try:
            with self._watch.interruptible():
                self._gather_rest(how, self._sampler, self._reporter, timeout_s)
        except KeyboardInterrupt:  # a second Ctrl-C: nothing is waited for, and still the end is kept
            wait_s = 0.0
        except BaseException as error:  # nor does a `sys.exit` in a stream of the script take the end away
            say(f"not all could be reported at the end of the job: {type(error).__name__}: {error}")
        try:
            self._reporter.finish(how, wait_s, self._watch.wait)
        except Exception as error:
            say(f"the end of the job could not be reported: {type(error).__name__}: {error}")
        self._watch.complete_end()

    def _gather_rest(self, how: End, sampler: Sampler, reporter: Reporter, timeout_s: Optional[float]) -> None:
        """What is told before the end."""
        sampler.stop()
        if self._artifacts is not None:
            self._artifacts.settle(_ARTIFACT_TIMEOUT_S if timeout_s is None else min(timeout_s, _ARTIFACT_TIMEOUT_S))
        self._steering.settle_copies(limits.COPY_END_S if how.state == "completed" else 0.0)
        reporter.extras.tell_field("summary", self.summary.to_wire)
        self._at_end(how)
        self._flush_streams()
        if self._output is not None:
            self._output.remove()

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

    def _log_any(self, metrics: Mapping[str, Any], step: Any, epoch: Any, commit: Optional[bool]) -> None:
        """Records a row of whatever kind."""
        try:
            values, samples = split_metrics(metrics)
            number = self._count_step(step, commit)
            at = now()
            where = None if epoch is None else to_number(epoch)
            if values:
                self._put(("job", number, at, where, values))
            if samples:
                self._tell_samples(samples, number, at, where if where is not None else values.get(EPOCH_KEY))
        except Exception as error:
            warn_once("log", f"log() left out a row: {type(error).__name__}: {error}")

    def _tell_samples(self, samples: Mapping[str, Sequence[Sample]], step: float, at_s: float, epoch: Optional[float]) -> None:
        if self._reporter is None or self._ended:
            return
        for name, group in samples.items():
            key = check_key(name)
            if key is not None:
                self._reporter.extras.tell_samples(describe_samples(key, group, step=step, at_s=at_s, epoch=epoch))

    def _count_step(self, step: Any, commit: Optional[bool]) -> float:
        """The step as a number; one more than the last one when there is none, or none that is finite."""
        number = None if step is None else to_number(step)
        if step is not None and (number is None or not math.isfinite(number)):
            warn_once("step", f"log(): the step is {step!r}, a finite number was expected; counted on instead.")
            number = None
        with self._counting:
            counted = math.floor(self._step) + 1 if number is None else number
            if commit is not False or number is not None:
                self._step = counted
            return counted

    def _tell_config(self) -> None:
        if self._reporter is not None:
            self._reporter.extras.tell_field("config", self.config.to_wire)

    def _tell_summary(self) -> None:
        if self._reporter is not None and not self._ended:
            self._reporter.extras.tell_field("summary", self.summary.to_wire)

    def _read_fold(self) -> dict[str, Any]:
        return self._reporter.read_fold() if self._reporter is not None else {}

    def _resume(self, earlier: Mapping[str, Any]) -> None:
        """Goes on where earlier attempts of the job stand."""
        self.resumed = True
        last = to_number(earlier.get("lastStep"))
        if last is not None and math.isfinite(last):
            self._step = int(last) if float(last).is_integer() else last
        for name, fields in (("config", self.config), ("summary", self.summary)):
            values = earlier.get(name)
            if isinstance(values, dict):
                fields.adopt(values)
        if isinstance(earlier.get("name"), str):
            self._names["name"] = earlier["name"]

    def _explain_silence(self, _: Row) -> None:
        """Stands in place of the buffer when nothing is reported."""
        if self._ended:
            warn_once("ended", "log() after the end of the job is left out.")


def _do_nothing(_: End) -> None:
    return None


def _ignore(_: dict[str, Any]) -> None:
    return None
