"""The clock on the wall is set while a job runs; and an hour without a server, in a few seconds."""

from __future__ import annotations

import statistics
import threading
import time
from pathlib import Path

import pytest
from check_server import CheckServer, end_of, rows_of

import pilothouse
from pilothouse import _begin, _limits
from pilothouse._clock import Clock


class Wall:
    """A clock that can be set."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


class FastClock(Clock):
    """Time of its own, in which only waiting takes any."""

    def __init__(self) -> None:
        self._passed = 0.0
        super().__init__(lambda: 1.7e9 + self._passed, lambda: self._passed)

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Passes the time at once, and lets other threads have a turn."""
        event.wait(0.001)
        self._passed += seconds


def expect_rows(server: CheckServer, count: int) -> None:
    server.wait_for(lambda s: len(rows_of(s.reports, "a")) >= count, "the rows")


def test_stamps_of_a_clock_that_was_set_go_on_evenly() -> None:
    wall, elapsed = [1000.0], [0.0]
    clock = Clock(lambda: wall[0], lambda: elapsed[0])

    def at(passed: float, ahead: float) -> float:
        elapsed[0], wall[0] = passed, 1000.0 + passed + ahead
        return wall[0]

    stamps = [at(1, 0), at(2, 0.3)]
    assert not clock.look(), "a little is no jump"
    for ahead in (3600.0, -7200.0, 0.0):
        begun = elapsed[0]
        first = at(begun + 1, clock._ahead)
        second = at(begun + 2, ahead)
        assert clock.look()
        assert [clock.correct(stamp) for stamp in (first, second)] == [1000.0 + begun + 1, 1000.0 + begun + 2]
        third = at(begun + 3, ahead)
        clock.look()
        assert clock.correct(third) == 1000.0 + begun + 3
    assert not clock.look()
    assert stamps == [1001.0, 1002.3]


@pytest.mark.parametrize("jump_s", [3600.0, -86_400.0])
def test_a_clock_that_is_set_in_the_middle_of_a_run_leaves_no_trace(
    connected: CheckServer, monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    wall = Wall()
    for module in ("_job", "_telling", "_artifact"):
        monkeypatch.setattr(f"pilothouse.{module}.now", wall)
    monkeypatch.setattr(_begin, "Clock", lambda: Clock(wall))
    begun = time.time() * 1000.0
    job = pilothouse.init()
    for step in range(1, 7):
        if step == 4:
            wall.ahead_s = jump_s
        job.log({"a": 1.0, "said": pilothouse.Text(str(step))}, step=step)
        job.alert(f"step {step}")
        job.artifact(f"s3://bucket/{step}", name=f"thing-{step}")
        expect_rows(connected, step)
    job.finish()
    for part in ("samples", "alerts", "artifacts"):
        at = [event["at"] for report in connected.reports for event in report.get(part, [])]
        assert len(at) == 6
        assert begun - 500 <= min(at) <= max(at) <= time.time() * 1000.0 + 500, part
    times = [at for report in connected.reports for block in report["points"] if "a" in block["keys"] for at in block["times"]]
    assert times == sorted(times)
    assert begun - 500 <= times[0]
    assert times[-1] <= time.time() * 1000.0 + 500
    assert all(abs(report["sentAt"] - begun) < 60_000 for report in connected.reports)


def test_an_hour_without_a_server_costs_the_script_nothing_and_then_all_is_there(
    connected: CheckServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = FastClock()
    monkeypatch.setattr(_begin, "Clock", lambda: clock)
    connected.answer = lambda method, path: 503
    job = pilothouse.init()
    taken: list[float] = []
    step = 0
    until = time.monotonic() + 60
    while clock.elapsed() < 3600.0 and time.monotonic() < until:
        step += 1
        before = time.perf_counter()
        job.log({"a": float(step)}, step=step)
        taken.append(time.perf_counter() - before)
        threading.Event().wait(0.0005)
    files = list((tmp_path / "data" / "spool").glob("*/*.report"))
    assert 0 < len(files) <= 60 / _limits.FLUSH_AWAY_S + 3600 / _limits.FLUSH_LONG_AWAY_S
    assert statistics.median(taken) < 200e-6
    connected.answer = lambda method, path: None
    expect_rows(connected, step)
    job.finish()
    assert rows_of(connected.reports, "a") == [(n, float(n)) for n in range(1, step + 1)]
    assert end_of(connected.reports) is not None
    made = [report["madeAt"] for report in connected.reports if "madeAt" in report]
    assert made == sorted(made)
    assert not list((tmp_path / "data" / "spool").glob("*"))
