"""Where orders take effect: at control points, which the script names, on every rank between the same two steps.

    created ──(feed)──▶ arrived ──(control point)──▶ applied | rejected | failed | expired | superseded ──▶ told in a report

What happens to a job is told by the job: a value counts as changed, a checkpoint as written, only once it is.
"""

from __future__ import annotations

import math
import threading
import time
from contextlib import suppress
from typing import Any, Callable, Iterable, Iterator, Mapping, Optional, Sequence

from . import _limits as limits
from ._checkpoints import Checkpoints
from ._controls import describe_controls
from ._end_signal import listen_for_end
from ._errors import OptionError, PilothouseError
from ._order_feed import Order, OrderFeed
from ._parameter import Parameter, Value
from ._ranks import Ranks, find_ranks
from ._schedules import Schedules
from ._steering_events import ChangeEvents, outcome_event
from ._steering_host import APPLIED, Host, Outcome, describe_fault, outcome_of, plain_epoch, plain_step, unsupported
from ._walk import walk
from ._warn import warn_once


class Steering:
    """Owns what a script lets be done to it, and does it. Used by one thread: that of the training loop."""

    def __init__(self, host: Host, *, distributed: bool, rank: int, restore_from: Optional[str]) -> None:
        self._host = host
        self._distributed = distributed
        #: Of several ranks the first one hears orders and tells what came of them.
        self.leads = rank == 0
        self._parameters: dict[str, Parameter] = {}
        #: Keys of those that were there once.
        self._withdrawn: set[str] = set()
        self._checkpoints: Optional[Checkpoints] = None
        self._evaluate: Optional[Callable[[], Any]] = None
        self._restore_from = restore_from
        self._feed: Optional[OrderFeed] = None
        self._ranks: Optional[Ranks] = None
        self._begun = False
        self._declaration_told = False
        #: Something waits, or nothing has been looked at yet.
        self._alert = True
        self._arrived = threading.Event()
        #: Control points until the ranks look again.
        self._left = 0
        #: Step at which a scheduled checkpoint is due.
        self._save_at = math.inf
        self._isolated = False
        self._schedules = Schedules(lambda event: self.tell("schedules", event))
        #: A schedule waits or moves, so every control point is looked at.
        self._moving = False
        #: Values of parameters in the checkpoint that was gone back to last.
        self._values_then: Mapping[str, Any] = {}
        self._epoch_then: Optional[float] = None
        self._changes = ChangeEvents(lambda event: self.tell("changes", event), self.read_epoch)
        #: The step that comes next, in whatever numbers the script counts.
        self._here: float = 0
        self.paused = False
        self.stopped = False

    def add_parameter(self, parameter: Parameter) -> None:
        """Raises OptionError when there is one of its name, or no room for more."""
        if parameter.key in self._parameters:
            raise OptionError(f"there is a parameter «{parameter.key}» already")
        if len(self._parameters) >= limits.PARAMETERS_MAX:
            raise OptionError(f"a job has at most {limits.PARAMETERS_MAX} parameters")
        self._parameters[parameter.key] = parameter
        self._declare_again()
        if parameter.key in self._withdrawn:  # it is known already, with the value that it had then
            self.note_change(parameter, parameter.value)

    def set_checkpoints(self, checkpoints: Checkpoints) -> None:
        self._checkpoints = checkpoints
        self._plan_save(self.step)
        self._declare_again()
        listen_for_end(self.save_soon)

    def save_soon(self) -> None:
        """A checkpoint at the next control point. May be called from a handler of a signal."""
        self._save_at = -math.inf

    def set_evaluation(self, evaluate: Callable[[], Any]) -> None:
        self._evaluate = evaluate
        self._declare_again()

    def withdraw(self, parameters: Iterable[Parameter]) -> None:
        """What these stood for is over, and with it its checkpoints and evaluations: none of it is offered any more."""
        for parameter in parameters:
            self._parameters.pop(parameter.key, None)
            self._withdrawn.add(parameter.key)
            self._schedules.note_change(parameter.key)
        self._checkpoints = self._evaluate = None
        self._save_at = math.inf
        if self._begun:
            self._declare()

    def note_change(self, parameter: Parameter, value: Value) -> None:
        """The script itself changed one."""
        self._tell_change(parameter.key, value, "script", None)
        self._schedules.note_change(parameter.key)

    def control(self, step: float) -> float:
        """Carries out what waits. Returns the step to go on with."""
        if self._ranks is None:
            if not self._alert and not self._moving and step < self._save_at:
                self._here = step
                return step
        else:
            self._left -= 1
            if self._left > 0 and step < self._save_at:
                self._here = step
                return step
        return self._attend(step)

    def steps(self, items: Sequence[Any]) -> Iterator[Any]:
        """The items one after the other, with a control point before each."""
        return walk(items, self)

    def end(self) -> None:
        """The job ends."""
        if self._feed is not None:
            self._feed.stop()
        if self._checkpoints is not None:
            self._checkpoints.end()

    def settle_copies(self, most_s: float) -> None:
        """The job ends: waits for copies under way, as long as they move."""
        if self._checkpoints is not None:
            self._checkpoints.settle_copies(most_s)

    @property
    def host(self) -> Host:
        """The job."""
        return self._host

    @property
    def uid(self) -> str:
        return self._host.uid

    @property
    def step(self) -> float:
        return plain_step(self._here)

    @property
    def logged(self) -> float:
        return self._host.logged

    @property
    def pinned(self) -> frozenset[str]:
        return self._feed.pinned if self._feed is not None else frozenset()

    def read_epoch(self) -> Optional[float]:
        """Where the job is in its epochs; None where it tells none."""
        return plain_epoch(self._host.read_newest()[0])

    def read_values(self) -> dict[str, Value]:
        return {key: parameter.value for key, parameter in self._parameters.items()}

    def tell(self, part: str, event: Any) -> None:
        if self.leads:
            self._host.tell(part, event)

    def from_leader(self, value: Any) -> Any:
        """The first rank's value, on every rank."""
        return value if self._ranks is None else self._ranks.gather(value if self.leads else None)[0]

    def attempt(self, action: Callable[[], Any], *, leader_only: bool = False) -> Optional[str]:
        """Does something that may fail, on every rank or on the first. None, or the first fault of any rank, in words, on all."""
        fault: Optional[str] = None
        if self.leads or not leader_only:
            try:
                action()
            except Exception as error:
                fault = describe_fault(error)
        if self._ranks is None:
            return fault
        faults = self._ranks.gather(fault)
        return next((f"rank {rank}: {one}" for rank, one in enumerate(faults) if one is not None), None)

    def went_back(self, step: float, record: Mapping[str, Any]) -> None:
        """The state is that of a checkpoint now."""
        logged = record.get("logged")
        last = logged if isinstance(logged, (int, float)) else step - 1
        values = record.get("parameters")
        self._values_then = values if isinstance(values, Mapping) else {}
        self._epoch_then = plain_epoch(record.get("epoch"))
        if self.leads and (self._begun or last < self._host.logged or self._host.goes_on):
            event = {"at": time.time() * 1000.0, "step": last, "from": self._host.logged, "checkpoint": record.get("name")}
            self._host.fork(event, last)
            self._schedules.went_back(self._host.read_newest())
            self._moving = True
        self._here = step
        self._plan_save(step)

    def _attend(self, step: float) -> float:
        self._here = step
        if not self._begun:
            step = self._begin(step)
        if self._isolated:
            self._alert = False
            return step
        try:
            orders = self._next_orders()
            step = self._carry_out(orders, step)
        except PilothouseError:
            raise
        except Exception as error:
            if self._ranks is None:
                raise
            self._isolate(error)
            return step
        if step >= self._save_at and self._checkpoints is not None and not self.stopped:
            self._checkpoints.save(kind="scheduled")
            self._plan_save(step)
        return step

    def _begin(self, step: float) -> float:
        """The first control point: now it is known what the script can be told."""
        self._begun = True
        if self._distributed:
            self._ranks = find_ranks()
            if self._ranks is None:
                self._isolated = True
                if self.leads:
                    warn_once(
                        "steering-ranks",
                        "Several ranks without torch.distributed at the first control point: this job cannot be steered.",
                    )
                return step
        if self.leads:
            self._feed = self._host.open_feed(self._ring)
            if self._feed is not None:
                self._feed.start()
        if self._restore_from is not None and self._checkpoints is not None and self._checkpoints.can_load:
            restored = self._checkpoints.restore(self._restore_from)
            step = step if restored is None else restored
        self._declare()
        self._plan_save(step)
        return step

    def _ring(self) -> None:
        """In the thread of the feed."""
        self._alert = True
        self._arrived.set()

    def _next_orders(self) -> list[Order]:
        self._alert = False
        self._arrived.clear()
        if self.leads and not self._declaration_told:
            self._declare()
        mine = self._feed.take() if self._feed is not None else []
        if self._moving and not self.paused:
            mine = [*self._take_due(), *mine]  # what people say has the last word
        if self._ranks is None:
            return mine
        orders, self._left = self._ranks.share(mine, max(0, self._left))
        return orders

    def _take_due(self) -> list[Order]:
        """Values that schedules give at this control point, as orders for every rank."""
        due = list(self._schedules.advance(self.step, self._parameters, self._host.read_newest))
        self._moving = self._schedules.are_moving
        return [
            Order(one.id, "scheduled", {"key": one.key, "value": one.value, "isPassing": one.is_passing}, math.inf) for one in due
        ]

    def _carry_out(self, orders: Sequence[Order], step: float) -> float:
        last_set = {order.body.get("key"): order.id for order in orders if order.kind == "set"}
        waiting = list(orders)
        self._here = step
        while waiting:
            order = waiting.pop(0)
            here = self.step
            expired = self.from_leader(time.monotonic() > order.expires)
            outcome: Optional[Outcome]
            if expired:
                outcome = Outcome("expired", "It came to the job when its time was over.")
            elif order.kind == "set" and last_set[order.body.get("key")] != order.id:
                outcome = Outcome("superseded", "A later command sets the same parameter.")
            else:
                outcome = self._do(order)
            if order.kind != "scheduled" and outcome is not None:
                self._tell_outcome(order, outcome, here)
            if self.stopped:
                break
            if self.paused and not waiting:
                waiting = self._await_orders()
                last_set = {one.body.get("key"): one.id for one in waiting if one.kind == "set"}
        return self.step

    def _do(self, order: Order) -> Optional[Outcome]:
        """None: what comes of it is told later."""
        body = order.body
        if order.kind == "set":
            return self._set(order)
        if order.kind == "scheduled":
            return self._move_on(order)
        if order.kind == "schedule":
            return self._begin_schedule(order)
        if order.kind == "cancelSchedule":
            is_over = self.leads and not self._schedules.cancel(int(body.get("schedule") or 0))
            return Outcome("rejected", "The schedule is over already.") if self.from_leader(is_over) else APPLIED
        if order.kind == "checkpoint":
            return self._write(body.get("name"), order.id)
        if order.kind == "rollback":
            return self._roll_back(order)
        if order.kind == "deleteCheckpoint":
            if self._checkpoints is None:
                return unsupported("has no checkpoints")
            return outcome_of(self._checkpoints.delete(str(body.get("name")), str(body.get("uri"))))
        if order.kind == "copy":
            return (
                unsupported("has no checkpoints")
                if self._checkpoints is None
                else self._checkpoints.copy(order, self._tell_outcome)
            )
        if order.kind == "pause":
            return self._pause()
        if order.kind == "resume":
            return self._resume()
        if order.kind == "stop":
            return self._stop(body.get("checkpointFirst") is not False)
        if order.kind == "evaluate":
            return self._run_evaluation()
        return unsupported(f"does not know «{order.kind}»")

    def _set(self, order: Order) -> Outcome:
        key, value = order.body.get("key"), order.body.get("value")
        parameter = self._parameters.get(str(key))
        if parameter is None:
            return unsupported(f"has no parameter «{key}»")
        try:
            new = parameter.read(value)
        except OptionError as error:
            return Outcome("rejected", str(error))
        before = parameter.value
        fault = self.attempt(lambda: parameter.put(new))
        if fault is not None:
            if parameter.value != before:  # it went well here, and not on every rank
                with suppress(Exception):  # the first fault is the one that is told
                    parameter.put(before)
            return Outcome("failed", f"apply() raised {fault}. The value is as it was.")
        self._tell_change(parameter.key, new, "command", order.id)
        self._schedules.note_change(parameter.key)
        return APPLIED

    def _begin_schedule(self, order: Order) -> Outcome:
        schedule, state = order.body.get("schedule"), order.body.get("state")
        key = schedule.get("key") if isinstance(schedule, Mapping) else None
        if not isinstance(schedule, Mapping) or key not in self._parameters:
            return unsupported(f"has no parameter «{key}»")
        if self.leads:
            self._schedules.add(order.id, schedule, state if isinstance(state, dict) else None)
            self._moving = self._schedules.are_moving
        return APPLIED

    def _move_on(self, order: Order) -> Outcome:
        """A schedule gives its parameter a value."""
        parameter = self._parameters[order.body["key"]]
        value, before = order.body["value"], parameter.value
        fault = self.attempt(lambda: parameter.put(value))
        if fault is None:
            self._tell_change(parameter.key, value, "schedule", order.id, is_passing=bool(order.body["isPassing"]))
            return APPLIED
        if parameter.value != before:
            with suppress(Exception):  # the first fault is the one that is told
                parameter.put(before)
        if self.leads:
            self._schedules.fail(order.id)
            warn_once(f"schedule:{order.id}", f"The schedule of «{parameter.key}» has ended: apply() raised {fault}")
        return Outcome("failed", fault)

    def _write(self, name: Optional[str], command: Optional[int]) -> Outcome:
        if self._checkpoints is None:
            return unsupported("has no checkpoints")
        fault = self._checkpoints.write(name, kind="manual", command=command)
        return outcome_of(fault and f"The checkpoint could not be written: {fault}")

    def _roll_back(self, order: Order) -> Outcome:
        checkpoints, body = self._checkpoints, order.body
        if checkpoints is None or not checkpoints.can_load or checkpoints.way != "inPlace":
            return unsupported("cannot go back while it runs")
        here, before = self.step, None
        if body.get("checkpointFirst") is not False:
            before = f"before-rollback-{order.id}-step-{int(here) if math.isfinite(here) else 0}"
            fault = checkpoints.write(before, kind="automatic", description=f"Before command {order.id} went back.")
            if fault is not None:
                return Outcome("rejected", f"The checkpoint before it could not be written, so nothing has changed: {fault}")
        _, fault = checkpoints.read(
            str(body.get("uri")), body.get("sha256"), body.get("checkpoint") if body.get("copied") else None
        )
        if fault is not None:
            return Outcome("failed", checkpoints.recover(fault, before))
        self._restore_values(body, order.id)
        return APPLIED

    def _restore_values(self, body: Mapping[str, Any], command: int) -> None:
        """Loading may have changed what parameters stand for."""
        keep = body.get("keepParameters") is True
        recorded = {} if keep else self._values_then
        for parameter in self._parameters.values():
            wanted = recorded.get(parameter.key, parameter.value)
            if parameter.check(wanted) is not None:
                continue
            changes = wanted != parameter.value
            fault = self.attempt(lambda: parameter.put(wanted))  # noqa: B023 - called at once
            if fault is not None:
                if self.leads:
                    warn_once(f"restore:{parameter.key}", f"The parameter «{parameter.key}» could not be put back: {fault}")
            elif changes:
                self._tell_change(parameter.key, wanted, "restore", command, epoch=self._epoch_then)

    def _pause(self) -> Outcome:
        if self.paused:
            return Outcome("rejected", "The job is paused already.")
        self.paused = True
        if self.leads:
            self._host.tell_state("paused")
        return APPLIED

    def _resume(self) -> Outcome:
        if not self.paused:
            return Outcome("rejected", "The job is not paused.")
        self.paused = False
        if self.leads:
            self._host.tell_state("running")
        return APPLIED

    def _await_orders(self) -> list[Order]:
        """While the job is paused."""
        while True:
            if self.leads:
                self._arrived.wait(limits.PAUSE_BEAT_S)
            orders = self._next_orders()
            if orders:
                return orders

    def _stop(self, checkpoint_first: bool) -> Outcome:
        if checkpoint_first and self._checkpoints is not None:
            fault = self._checkpoints.write(None, kind="automatic", description="When the job was stopped.")
            if fault is not None:
                return Outcome("rejected", f"The checkpoint before it could not be written, so it goes on: {fault}")
        self.stopped = True
        self.paused = False
        return APPLIED

    def _run_evaluation(self) -> Outcome:
        evaluate = self._evaluate
        if evaluate is None:
            return unsupported("cannot evaluate when it is told to")
        found: list[Any] = []
        fault = self.attempt(lambda: found.append(evaluate()))
        if fault is None and found and isinstance(found[0], Mapping) and self.leads:
            self._host.log_metrics(found[0], self._host.logged)
        return outcome_of(fault and f"The evaluation raised {fault}")

    def _declare_again(self) -> None:
        self._declaration_told = False
        if self._begun:
            self._alert = True

    def _declare(self) -> None:
        self._declaration_told = True
        if not self.leads:
            return
        self._host.tell("controls", describe_controls(self._parameters.values(), self._checkpoints, self._evaluate is not None))

    def _tell_change(
        self, key: str, value: Value, cause: str, command: Optional[int], *,
        is_passing: bool = False, epoch: Optional[float] = None,
    ) -> None:  # fmt: skip
        """`epoch`: where it belongs, if that is not where the job is."""
        if self.leads:
            self._changes.tell(key, value, cause, command, step=self.step, is_passing=is_passing, epoch=epoch)

    def _tell_outcome(self, order: Order, outcome: Outcome, step: float) -> None:
        self.tell("outcomes", outcome_event(order.id, outcome, step))

    def _plan_save(self, step: float) -> None:
        every = self._checkpoints.every if self._checkpoints is not None else None
        self._save_at = math.inf if every is None else (math.floor(step / every) + 1) * every

    def _isolate(self, error: Exception) -> None:
        """A rank is gone: the others will find out by themselves; nothing is waited for here any more."""
        self._ranks, self._isolated, self._alert = None, True, False
        warn_once("steering-lost", f"The ranks cannot agree on commands any more ({describe_fault(error)}); none is carried out.")
