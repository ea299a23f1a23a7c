"""What `log()` takes, and what becomes of it."""

from __future__ import annotations

import decimal
import math
import threading
from typing import Any

import numpy
import pytest
from check_server import CheckServer, rows_of

import pilothouse
from pilothouse._number import to_number


def finish_and_read(server: CheckServer, job: pilothouse.Job, key: str) -> list[tuple[float, float]]:
    job.finish()
    return rows_of(server.reports, key)


def test_steps_count_by_themselves_from_one(connected: CheckServer) -> None:
    job = pilothouse.init()
    for value in (5.0, 6.0):
        job.log({"a": value})
    job.log({"a": 7.0}, step=10)
    job.log({"a": 8.0})
    assert finish_and_read(connected, job, "a") == [(1, 5), (2, 6), (10, 7), (11, 8)]


def test_steps_may_repeat_go_back_and_be_fractions(connected: CheckServer) -> None:
    job = pilothouse.init()
    steps: list[Any] = [3, 3, 1, 2.5, numpy.int64(7)]
    for step in steps:
        job.log({"a": 1.0}, step=step)
    assert [step for step, _ in finish_and_read(connected, job, "a")] == [3, 3, 1, 2.5, 7]


def test_a_step_that_is_no_finite_number_is_counted_on(connected: CheckServer, capsys: pytest.CaptureFixture[str]) -> None:
    job = pilothouse.init()
    job.log({"a": 1.0}, step=4)
    for step in (math.nan, "x", math.inf):
        job.log({"a": 1.0}, step=step)  # type: ignore[arg-type]
    assert [step for step, _ in finish_and_read(connected, job, "a")] == [4, 5, 6, 7]
    assert capsys.readouterr().err.count("a finite number was expected") == 1


def test_nested_metrics_are_flattened_with_slashes(connected: CheckServer) -> None:
    job = pilothouse.init()
    job.log({"val": {"loss": 0.5, "top": {"1": 0.25}}, "flag": True}, epoch=2)
    job.finish()
    (block,) = [block for report in connected.reports for block in report["points"] if block["source"] == "job"]
    assert block["keys"] == ["val/loss", "val/top/1", "flag"]
    assert block["values"] == [[0.5], [0.25], [1.0]]
    assert block["epochs"] == [2.0]


def test_nan_and_infinities_arrive(connected: CheckServer) -> None:
    job = pilothouse.init()
    for value in (math.nan, math.inf, -math.inf):
        job.log({"a": value})
    values = [value for _, value in finish_and_read(connected, job, "a")]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf]


def test_what_is_no_number_is_left_out_with_one_warning_a_key(connected: CheckServer, capsys: pytest.CaptureFixture[str]) -> None:
    job = pilothouse.init()
    for _ in range(3):
        job.log({"a": 1.0, "text": "high", "none": None, "many": numpy.zeros(3)})
    assert len(finish_and_read(connected, job, "a")) == 3
    warnings = capsys.readouterr().err
    assert [warnings.count(f"«{key}»") for key in ("text", "none", "many")] == [1, 1, 1]


@pytest.mark.parametrize("metrics", [None, 5, "loss", [("a", 1)], {}])
def test_metrics_that_are_none_do_no_harm(connected: CheckServer, metrics: Any) -> None:
    job = pilothouse.init()
    job.log(metrics)
    job.log({"a": 1.0})
    assert len(finish_and_read(connected, job, "a")) == 1


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (True, 1.0),
        (numpy.float32(0.5), 0.5),
        (numpy.float64(0.5), 0.5),
        (numpy.array(3), 3.0),
        (numpy.array([3.0]), 3.0),
        (numpy.bool_(True), 1.0),
        (decimal.Decimal("0.25"), 0.25),
        (numpy.array([1.0, 2.0]), None),
        ("1.0", None),
        (1j, None),
        (b"1", None),
        (None, None),
        (object(), None),
    ],
)
def test_scalars_of_many_kinds_are_numbers(value: Any, number: float | None) -> None:
    assert to_number(value) == number


def test_a_scalar_is_read_at_the_call(connected: CheckServer) -> None:
    job = pilothouse.init()
    changing = numpy.array(1.0)
    job.log({"a": changing})
    changing += 1
    metrics = {"a": 5.0}
    job.log(metrics)
    metrics["a"] = 6.0
    assert [value for _, value in finish_and_read(connected, job, "a")] == [1.0, 5.0]


def test_threads_may_log_together(connected: CheckServer) -> None:
    job = pilothouse.init()

    def work(name: str) -> None:
        for step in range(1000):
            job.log({name: float(step)}, step=step)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.finish()
    for n in range(4):
        assert rows_of(connected.reports, f"t{n}") == [(step, step) for step in range(1000)]


def test_a_hundred_thousand_calls_all_arrive(connected: CheckServer) -> None:
    job = pilothouse.init()
    for step in range(100_000):
        job.log({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0}, step=step)
    assert finish_and_read(connected, job, "e") == [(step, 5.0) for step in range(100_000)]


def test_a_value_arrives_within_a_fraction_of_a_second(connected: CheckServer) -> None:
    job = pilothouse.init()
    connected.wait_for(lambda s: s.jobs)
    job.log({"a": 1.0})
    (report,) = connected.wait_for(lambda s: [r for r in s.reports if rows_of([r], "a")])
    (block,) = [block for block in report["points"] if block["source"] == "job"]
    assert report["sentAt"] - block["times"][0] < 500


def test_log_after_the_end_is_one_warning(connected: CheckServer, capsys: pytest.CaptureFixture[str]) -> None:
    job = pilothouse.init()
    job.finish()
    for _ in range(3):
        job.log({"a": 1.0})
    assert capsys.readouterr().err.count("after the end") == 1
    assert rows_of(connected.reports, "a") == []


def test_the_module_speaks_for_the_current_job(connected: CheckServer) -> None:
    job = pilothouse.init()
    pilothouse.log({"a": 1.0}, step=3)
    assert pilothouse.current_job() is job
    pilothouse.finish()
    assert rows_of(connected.reports, "a") == [(3, 1.0)]
