"""Schedules: one parameter moves by itself, from control point to control point of the training.

    waiting --its start is reached--> active --its last value--> done
       either: order, or changed by hand while active --> cancelled; cannot go on --> failed

After a rollback, when a step is smaller than the last one, what happened after it has not happened: what was watched of a
metric is forgotten; a movement that had begun by that step goes on from where it was then, also one that was done; one that
began later waits again, where it waits for a step, an epoch or a metric; where it began at once or at a time, it begins again
there if it was under way, and stays done if it was done.

Pure: no clock, no thread. The page evaluates the same in `packages/signals/src/schedule/`; both are held against
`tests/schedule_cases.json`. Schedules and states are dictionaries as they are on the wire.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Protocol, Tuple

from ._parameter import Value

State = Dict[str, Any]

WAITING: State = {
    "phase": "waiting",
    "startStep": None,
    "startEpoch": None,
    "startMs": None,
    "from": None,
    "value": None,
    "valueStep": None,
    "step": None,
    "metricStep": None,
    "streak": 0,
    "best": None,
    "reason": None,
}

_SHAPES = ("set", "linear", "cosine", "exponential", "warmup")
_SAME_SHARE = 1e-12
# Pushes what two mathematical libraries round to either side of a half to the same one.
_HALF_UP = 0.5 + 1e-9


class Bounds(Protocol):
    """What a parameter may be: where a schedule's values are brought to. A `Parameter` is one."""

    @property
    def type(self) -> str:
        """`integer`: only whole numbers."""

    @property
    def min(self) -> Optional[float]:
        """Smallest value; None: without a bound."""

    @property
    def max(self) -> Optional[float]:
        """Largest value; None: without a bound."""


@dataclass(frozen=True)
class ControlPoint:
    """A moment between two steps. After a rollback `metrics` holds only what was reported since."""

    step: float
    epoch: Optional[float]
    time_ms: float
    value: Value
    """Value that the parameter has."""
    metrics: Mapping[str, Tuple[float, float]] = field(default_factory=dict)
    """Step and value of the newest value of each metric."""


def advance_schedule(
    schedule: Mapping[str, Any], parameter: Bounds, state: State, now: ControlPoint
) -> Tuple[State, Optional[Value]]:
    """The state at the control point `now`, and the value to give to the parameter; None: leave it. Never raises."""
    if state["phase"] in ("cancelled", "failed") or not math.isfinite(now.step):
        return state, None
    try:
        return _advance(schedule, parameter, state, now)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # A training goes on whatever it was told to do.
        return _fail(state, "malformed"), None


def end_by_change(state: State) -> State:
    """Somebody gave the parameter another value: a movement under way ends, one that waits begins from there.

    What a rollback restores is no such change.
    """
    return {**state, "phase": "cancelled", "reason": "byHand"} if state["phase"] == "active" else state


def cancel_schedule(state: State) -> State:
    """Somebody does not want it any more. What is over stays as it ended."""
    return {**state, "phase": "cancelled", "reason": "byOrder"} if state["phase"] in ("active", "waiting") else state


def progress_at(shape: Mapping[str, Any], origin: Mapping[str, Any], now: ControlPoint) -> float:
    """Share of its way that a schedule has gone, 0 to 1; a value that is set at once has gone all of it."""
    if shape["kind"] == "set":
        return 1.0
    over = shape["over"]
    if "steps" in over:
        done = (now.step - _known(origin["startStep"], now.step)) / over["steps"]
    elif "epochs" in over:
        epoch = _known(now.epoch, 0.0)
        done = (epoch - _known(origin["startEpoch"], epoch)) / over["epochs"]
    else:
        done = (now.time_ms - _known(origin["startMs"], now.time_ms)) / over["ms"]
    return min(1.0, max(0.0, float(done)))


def value_at(shape: Mapping[str, Any], origin: Mapping[str, Any], now: ControlPoint) -> float:
    """Value at `now`, before it is rounded.

    Linear and warm-up: from + (to - from) * p; cosine: to + (from - to) * (1 + cos(pi * p)) / 2 (Loshchilov and Hutter
    2017); exponential: from ** (1 - p) * to ** p, with the sign of both.
    """
    to = float(shape["to"])
    start = float(_known(origin["from"], to))
    p = progress_at(shape, origin, now)
    if p >= 1:
        return to
    if p <= 0:
        return start
    if shape["kind"] == "cosine":
        return to + (start - to) * ((1 + math.cos(math.pi * p)) / 2)
    if shape["kind"] == "exponential":
        return math.copysign(math.pow(abs(start), 1 - p) * math.pow(abs(to), p), start)
    return start * (1 - p) + to * p


def round_to_parameter(value: float, parameter: Bounds) -> float:
    """Brought between the limits; of an integer to the nearest, a half upwards."""
    low = -math.inf if parameter.min is None else parameter.min
    high = math.inf if parameter.max is None else parameter.max
    if math.isnan(value):
        return value
    clamped = min(high, max(low, value))
    if parameter.type != "integer" or not math.isfinite(clamped):
        return clamped
    nearest = math.floor(clamped + _HALF_UP)
    # Limits of an integer need not be whole themselves.
    return nearest - 1 if nearest > high else nearest + 1 if nearest < low else nearest


def _advance(schedule: Mapping[str, Any], parameter: Bounds, state: State, now: ControlPoint) -> Tuple[State, Optional[Value]]:
    is_back = state["step"] is not None and now.step < state["step"]
    state = {**(_rewind(schedule, state, now) if is_back else state), "step": now.step}
    if state["phase"] == "waiting":
        state = {**state, **_watch_metric(schedule["start"], state, now)}
        if not _is_due(schedule["start"], state, now):
            return state, None
        state = _begin(schedule, state, now)
    return _move(schedule, parameter, state, now) if state["phase"] == "active" else (state, None)


def _is_due(start: Mapping[str, Any], state: State, now: ControlPoint) -> bool:
    at = start["at"]
    if at == "now":
        return True
    if at == "step":
        return bool(now.step >= start["value"])
    if at == "epoch":
        return now.epoch is not None and bool(now.epoch >= start["value"])
    if at == "time":
        return bool(now.time_ms >= start["value"])
    if at == "metric":
        return bool(state["streak"] >= start["condition"]["points"])
    raise ValueError(f"no start: {at!r}")


def _watch_metric(start: Mapping[str, Any], state: State, now: ControlPoint) -> State:
    condition = start.get("condition")
    newest = None if condition is None else now.metrics.get(condition["metric"])
    if condition is None or newest is None or (state["metricStep"] is not None and newest[0] <= state["metricStep"]):
        return {}
    step, value = newest
    best = state["best"]
    is_better = False
    if condition["is"] == "noImprovement":
        falls = condition["goal"] == "minimize"
        is_better = math.isfinite(value) and (best is None or (value < best if falls else value > best))
        holds = not is_better
    else:
        holds = value < condition["value"] if condition["is"] == "below" else value > condition["value"]
    return {"metricStep": step, "streak": state["streak"] + 1 if holds else 0, "best": value if is_better else best}


def _begin(schedule: Mapping[str, Any], state: State, now: ControlPoint) -> State:
    start, shape = schedule["start"], schedule["shape"]
    if shape["kind"] not in _SHAPES:
        raise ValueError(f"no shape: {shape['kind']!r}")
    first = None if shape["kind"] == "set" else _known(shape["from"], _number(now.value))
    begun = {
        **state,
        "phase": "active",
        "startStep": start["value"] if start["at"] == "step" else now.step,
        "startEpoch": start["value"] if start["at"] == "epoch" else now.epoch,
        "startMs": start["value"] if start["at"] == "time" else now.time_ms,
        "from": first,
    }
    if first is not None and not math.isfinite(first):
        return _fail({**begun, "from": None}, "notFinite")
    if shape["kind"] == "exponential" and not _known(first, 0.0) * ((shape["to"] > 0) - (shape["to"] < 0)) > 0:
        return _fail(begun, "throughZero")
    return begun


def _move(schedule: Mapping[str, Any], parameter: Bounds, state: State, now: ControlPoint) -> Tuple[State, Optional[Value]]:
    shape = schedule["shape"]
    if "epochs" in shape.get("over", ()) and (now.epoch is None or state["startEpoch"] is None):
        return _fail(state, "noEpochs"), None
    value = shape["to"] if shape["kind"] == "set" else value_at(shape, state, now)
    if _is_number(value):
        value = round_to_parameter(value, parameter)
    if _is_number(value) and not math.isfinite(value):
        return _fail(state, "notFinite"), None
    is_last = progress_at(shape, state, now) >= 1
    if not is_last and state["valueStep"] is not None and now.step - state["valueStep"] < schedule["every"]:
        return state, None
    state = {**state, "phase": "done" if is_last else "active", "valueStep": now.step}
    if not _is_other(value, now.value if state["value"] is None else state["value"]):
        return state, None
    return {**state, "value": value}, value


def _rewind(schedule: Mapping[str, Any], state: State, now: ControlPoint) -> State:
    back = {**state, "value": None, "valueStep": None, "metricStep": None, "streak": 0, "best": None}
    if state["startStep"] is None:
        return back
    if now.step >= state["startStep"]:
        is_under_way = progress_at(schedule["shape"], state, now) < 1
        return {**back, "phase": "active" if is_under_way else state["phase"]}
    if schedule["start"]["at"] not in ("now", "time"):
        return {**back, "phase": "waiting", "startStep": None, "startEpoch": None, "startMs": None, "from": None}
    return {**back, "startStep": now.step, "startEpoch": now.epoch} if state["phase"] == "active" else back


def _fail(state: State, reason: str) -> State:
    return {**state, "phase": "failed", "reason": reason}


def _is_other(one: Value, other: Value) -> bool:
    if not (_is_number(one) and _is_number(other)):
        return type(one) is not type(other) or one != other
    first, second = float(one), float(other)
    return abs(first - second) > _SAME_SHARE * max(abs(first), abs(second))


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: Value) -> float:
    return float(value) if _is_number(value) else math.nan


def _known(value: Optional[float], otherwise: float) -> float:
    return otherwise if value is None else value
