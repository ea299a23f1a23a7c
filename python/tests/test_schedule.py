"""Schedules come to the same values here and in the page, and a training goes on whatever a schedule says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest

from pilothouse._schedule import (
    WAITING,
    ControlPoint,
    State,
    advance_schedule,
    cancel_schedule,
    end_by_change,
    round_to_parameter,
    value_at,
)

CASES: Dict[str, List[Dict[str, Any]]] = json.loads((Path(__file__).parent / "schedule_cases.json").read_text("utf-8"))
SAME = 1e-12


@dataclass(frozen=True)
class Limits:
    type: str = "number"
    min: Optional[float] = None
    max: Optional[float] = None


def same(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, str)) else pytest.approx(value, rel=SAME, abs=0)


def play(case: Dict[str, Any]) -> Tuple[List[Tuple[Any, str]], State]:
    bounds, state, value = Limits(**case["parameter"]), WAITING, case["value"]
    told = []
    for point in case["points"]:
        if point.get("order") == "cancel":
            state = cancel_schedule(state)
        if point.get("order") == "change":
            state, value = end_by_change(state), point["to"]
        metrics = {key: (step, newest) for key, step, newest in point.get("metrics", [])}
        now = ControlPoint(point["step"], point.get("epoch"), point.get("timeMs", point["step"] * 1000), value, metrics)
        state, chosen = advance_schedule(case["schedule"], bounds, state, now)
        value = value if chosen is None else chosen
        told.append((chosen, state["phase"]))
    return told, state


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_a_schedule_comes_to_the_same_as_in_the_page(case: Dict[str, Any]) -> None:
    told, state = play(case)
    assert [phase for _, phase in told] == [point["phase"] for point in case["points"]]
    for (chosen, _), point in zip(told, case["points"]):
        assert chosen == same(point["set"])
    words = ("phase", "reason")
    assert {key: state[key] for key in words} == {key: case["end"][key] for key in words}
    for key in case["end"].keys() - words:
        assert state[key] == same(case["end"][key]), key
    assert state.keys() == case["end"].keys()


def test_values_between_the_ends_are_the_same_as_in_the_page() -> None:
    for case in CASES["values"]:
        origin = {"startStep": 0, "startEpoch": 0, "startMs": 0, "from": case["from"]}
        assert value_at(case["shape"], origin, ControlPoint(case["step"], None, 0, 0)) == same(case["value"]), case


def test_values_are_rounded_as_in_the_page() -> None:
    for case in CASES["roundings"]:
        assert round_to_parameter(case["value"], Limits(**case["parameter"])) == same(case["rounded"]), case


@pytest.mark.parametrize(
    "schedule",
    [
        {},
        {"start": {"at": "noon"}, "shape": {"kind": "set", "to": 1}, "every": 1},
        {"start": {"at": "now"}, "shape": {"kind": "spiral", "from": 1, "to": 2, "over": {"steps": 2}}, "every": 1},
        {"start": {"at": "now"}, "shape": {"kind": "linear", "from": 1, "to": 2, "over": {"steps": 0}}, "every": 1},
        {"start": {"at": "now"}, "shape": {"kind": "linear", "from": "a", "to": 2, "over": {"steps": 2}}, "every": 1},
        {"start": {"at": "step", "value": None}, "shape": {"kind": "set", "to": 1}, "every": 1},
    ],
)
def test_what_cannot_be_read_fails_and_raises_nothing(schedule: Dict[str, Any]) -> None:
    state, first = advance_schedule(schedule, Limits(), WAITING, ControlPoint(1, 0, 0, 0.1))
    state, second = advance_schedule(schedule, Limits(), state, ControlPoint(2, 0, 0, 0.1))
    assert (state["phase"], state["reason"], first, second) == ("failed", "malformed", None, None)


def test_a_value_that_is_no_number_fails() -> None:
    schedule = {"start": {"at": "now"}, "shape": {"kind": "linear", "from": None, "to": 1, "over": {"steps": 4}}, "every": 1}
    state, value = advance_schedule(schedule, Limits(), WAITING, ControlPoint(1, None, 0, float("nan")))
    assert (state["phase"], state["reason"], value) == ("failed", "notFinite", None)


def test_a_state_survives_json_and_the_waiting_one_is_never_changed() -> None:
    before = dict(WAITING)
    for case in CASES["cases"]:
        state = play(case)[1]
        assert json.loads(json.dumps(state, allow_nan=False)) == state
    assert before == WAITING
