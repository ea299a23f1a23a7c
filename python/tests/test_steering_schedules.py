"""Schedules, presets and what changes did: on a real server."""

from __future__ import annotations

import urllib.error
from pathlib import Path
from typing import Any

import pytest
from control_room import ControlRoom
from steered_loop import running


def test_a_schedule_moves_a_parameter_step_by_step(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "scheduled", tmp_path) as loop:
        at_home.wait_for(lambda: len(loop.seen) > 5, "some steps")
        # It stands still until it has the schedule.
        assert loop.done("POST", "pause")["state"] == "applied"
        start = loop.seen[-1][0] + 20
        shape = {"kind": "linear", "to": 0.1, "over": {"steps": 40}}
        given = loop.tell(
            "POST", "schedules", {"schedule": {"key": "lr", "start": {"at": "step", "value": start}, "shape": shape}}
        )
        assert (given["state"]["phase"], given["words"]) == (
            "waiting",
            f"lr to 0.1 in a line over 40 steps, from step {start} on",
        )
        again = {"schedule": {"key": "lr", "shape": {"kind": "cosine", "to": 1.0, "over": {"steps": 10_000}}}}
        with pytest.raises(urllib.error.HTTPError) as refused:
            loop.tell("POST", "schedules", again)
        assert "A schedule will move lr already" in refused.value.read().decode()
        assert loop.done("POST", "resume")["state"] == "applied"
        at_home.wait_for(lambda: loop.seen[-1][0] > start + 45, "the end of it")
        rates = {step: lr for step, _, lr in loop.seen}
        assert rates[start - 1] == 0.5
        for step in range(start, start + 41):
            assert rates[step] == pytest.approx(0.5 + (0.1 - 0.5) * (step - start) / 40)
        assert rates[start + 44] == pytest.approx(0.1)

        def read() -> Any:
            return at_home.ask("/api/jobs/scheduled/schedules")["schedules"][0]

        at_home.wait_for(lambda: read()["state"]["phase"] == "done", "its end told")
        changes = at_home.ask("/api/jobs/scheduled/parameter-changes")["changes"]
        causes = [change["cause"] for change in changes]
        assert causes.count("schedule") <= 3
        assert (changes[0]["value"], changes[0]["cause"]) == (pytest.approx(0.1), "schedule")


def test_a_change_by_hand_ends_a_schedule_and_an_order_cancels_one(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "by-hand", tmp_path) as loop:
        slow = {"schedule": {"key": "lr", "shape": {"kind": "linear", "to": 0.1, "over": {"steps": 100_000}}}}

        def phase(number: int) -> Any:
            listed = at_home.ask("/api/jobs/by-hand/schedules")["schedules"]
            return next(one for one in listed if one["id"] == number)

        first = loop.tell("POST", "schedules", slow)["id"]
        at_home.wait_for(lambda: phase(first)["state"]["phase"] == "active", "the schedule to move")
        assert loop.done("PUT", "parameters/lr", {"value": 0.4})["state"] == "applied"
        at_home.wait_for(lambda: phase(first)["state"]["phase"] == "cancelled", "its end")
        assert phase(first)["end"] == "The parameter was changed by hand while it moved."
        assert loop.lr() == 0.4
        second = loop.tell("POST", "schedules", slow)["id"]
        at_home.wait_for(lambda: phase(second)["state"]["phase"] == "active", "the second one to move")
        assert loop.done("DELETE", f"schedules/{second}")["state"] == "applied"
        at_home.wait_for(lambda: phase(second)["end"] == "Somebody cancelled it.", "its end")


def test_a_schedule_waits_for_a_metric(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "on-metric", tmp_path) as loop:
        # It stands still until it has the schedule.
        assert loop.done("POST", "pause")["state"] == "applied"
        limit = loop.weight - 1.0
        start = {"at": "metric", "condition": {"metric": "loss", "is": "below", "value": limit}}
        loop.tell("POST", "schedules", {"schedule": {"key": "lr", "start": start, "shape": {"kind": "set", "to": 0.01}}})
        assert loop.done("POST", "resume")["state"] == "applied"
        at_home.wait_for(lambda: loop.lr() == 0.01, "the change")
        first = next(step for step, _, lr in loop.seen if lr == 0.01)
        before = {step: weight for step, weight, _ in loop.seen}[first - 1]
        assert before < limit
        assert before > limit - 5.0


def test_a_preset_sets_what_is_other(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "preset", tmp_path) as loop:
        loop.job.parameter("clip", 1.0, min=0.0)
        at_home.wait_for(lambda: len(at_home.ask("/api/jobs/preset/parameters")["parameters"]) == 2, "the second parameter")
        made = at_home.tell("POST", "/api/presets", {"name": "calm", "project": "steered", "values": {"lr": 0.25, "clip": 1.0}})
        commands = loop.tell("POST", f"parameters/preset/{made['id']}")["commands"]
        assert [(one["body"], one["note"]) for one in commands] == [({"key": "lr", "value": 0.25}, "Preset «calm»")]
        assert loop.settled(commands[0])["state"] == "applied"
        wrong = at_home.tell("POST", "/api/presets", {"name": "wild", "values": {"lr": 0.3, "clip": -1.0}})
        with pytest.raises(urllib.error.HTTPError) as refused:
            loop.tell("POST", f"parameters/preset/{wrong['id']}")
        assert "«clip» cannot be -1" in refused.value.read().decode()
        assert loop.lr() == 0.25


def test_what_a_change_did_is_measured(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "impact", tmp_path, pace_s=0.002) as loop:
        at_home.wait_for(lambda: len(loop.seen) > 200, "200 steps")
        loop.done("PUT", "parameters/lr", {"value": 0.05})
        at_home.wait_for(lambda: len(loop.seen) > 420, "the steps behind it")
        change = at_home.ask("/api/jobs/impact/parameter-changes")["changes"][0]
        found = at_home.ask(f"/api/jobs/impact/parameter-changes/{change['id']}/impact?metric=loss")
        assert (found["key"], found["goal"], found["verdict"]) == ("loss", "lower", "worse")
        assert found["effect"]["mean"]["absolute"] > 0
        with pytest.raises(urllib.error.HTTPError) as missing:
            at_home.ask(f"/api/jobs/impact/parameter-changes/{change['id']}/impact?metric=none")
        assert missing.value.code == 404
