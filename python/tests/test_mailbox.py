"""Reports take the way by the run folder where the server cannot be reached, and change ways in the middle of a run."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from check_server import CheckServer, end_of, rows_of
from collector import collect, collect_run, wait_until
from conftest import TIME_LIMIT_S, script_environment, start_script

import pilothouse
from pilothouse import _limits
from pilothouse._spool_files import list_reports


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "run" / "mailbox"
    monkeypatch.setenv("PILOTHOUSE_MAILBOX", str(folder))
    return folder


def only_run(mailbox: Path) -> Path:
    (run,) = mailbox.iterdir()
    return run


def expect_reports(mailbox: Path, count: int) -> None:
    wait_until(lambda: len(list_reports(only_run(mailbox))) >= count, "a report")


def expect_row(server: CheckServer, step: int) -> None:
    server.wait_for(lambda s: (step, float(step)) in rows_of(s.reports, "a"), "the direct way")


def test_a_run_with_a_mailbox_and_no_address_uses_nothing_else(mailbox: Path, server: CheckServer, capfd: Any) -> None:
    job = pilothouse.init(name="boxed")
    wait_until(lambda: list(mailbox.glob("*/job.json")), "the run's folder")
    assert only_run(mailbox).name.startswith(f"{job.uid}-")
    for step in range(1, 4):
        job.log({"a": float(step)}, step=step)
        wait_until(lambda: list_reports(only_run(mailbox)), "a report")
        collect(mailbox, server)
    job.finish()
    collect(mailbox, server)
    assert rows_of(server.reports, "a") == [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert [report["number"] for report in server.reports] == list(range(1, len(server.reports) + 1))
    assert end_of(server.reports) is not None
    assert capfd.readouterr().err == "", "somebody collects: there is nothing to tell"
    assert not list((mailbox.parent.parent / "data").glob("spool/*"))


def test_reports_stand_in_the_mailbox_within_a_second(mailbox: Path) -> None:
    job = pilothouse.init()
    wait_until(lambda: list(mailbox.glob("*/job.json")), "the run's folder")
    assert job._reporter is not None
    assert job._reporter.delivery.pause_s < 1
    job.finish()


def test_a_script_hears_from_the_collector_that_it_was_cancelled(mailbox: Path, server: CheckServer) -> None:
    job = pilothouse.init()
    wait_until(lambda: list(mailbox.glob("*/job.json")), "the run's folder")
    assert not job.stop_requested
    collect_run(only_run(mailbox), server, state="cancelled")
    wait_until(lambda: job.stop_requested, "the word")
    job.finish("cancelled")


def test_ways_change_in_the_middle_of_a_run_and_nothing_is_lost_or_doubled(
    mailbox: Path, connected: CheckServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_limits, "RETRY_FIRST_S", 0.05)
    monkeypatch.setattr(_limits, "RETRY_LONGEST_S", 0.1)
    monkeypatch.setattr(_limits, "RETRY_MAILBOX_S", 0.1)
    monkeypatch.setattr(_limits, "FLUSH_AWAY_S", 0.05)
    steps = iter(range(1, 1000))
    job = pilothouse.init()

    def log_some() -> int:
        for _ in range(3):
            step = next(steps)
            job.log({"a": float(step)}, step=step)
        return step

    for turn in range(4):
        step = log_some()
        expect_row(connected, step)
        connected.answer = lambda method, path: 503
        log_some()
        wait_until(lambda: list_reports(only_run(mailbox)), "the way by the mailbox")
        if turn % 2:
            collect(mailbox, connected)  # else the script brings it itself
            log_some()
        connected.answer = lambda method, path: None
    job.finish()
    collect(mailbox, connected)
    last = next(steps)
    assert rows_of(connected.reports, "a") == [(step, float(step)) for step in range(1, last)]
    numbers = [report["number"] for report in connected.reports]
    assert numbers == list(range(1, len(numbers) + 1)), "the order stays that of one writer"


def test_a_collector_and_the_script_that_bring_the_same_do_no_harm(
    mailbox: Path, connected: CheckServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_limits, "RETRY_LONGEST_S", 0.1)
    job = pilothouse.init()
    connected.wait_for(lambda s: s.jobs)
    connected.answer = lambda method, path: 503
    for step in range(1, 4):
        job.log({"a": float(step)}, step=step)
        expect_reports(mailbox, step)
    taken = [path.read_bytes() for path in list_reports(only_run(mailbox))]
    collect(mailbox, connected)
    for path, content in zip(("00000002.report", "00000003.report"), taken[-2:]):
        (only_run(mailbox) / path).write_bytes(content)  # collected, and the removal was lost
    connected.answer = lambda method, path: None
    job.finish()
    numbers = [report["number"] for report in connected.reports]
    assert numbers == sorted(set(numbers))
    assert rows_of(connected.reports, "a") == [(1, 1.0), (2, 2.0), (3, 3.0)]


def test_a_network_that_swallows_packets_does_not_hold_the_mailbox_up(
    mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(_limits, "EXIT_TIMEOUT_S", 0.5)
    monkeypatch.setattr(_limits, "FIRST_ANSWER_S", 0.1)
    with socket.socket() as hung:
        hung.bind(("127.0.0.1", 0))
        hung.listen()  # takes connections and never answers
        monkeypatch.setenv("PILOTHOUSE_URL", f"http://127.0.0.1:{hung.getsockname()[1]}")
        job = pilothouse.init()
        for step in range(1, 4):
            job.log({"a": 1.0}, step=step)
            expect_reports(mailbox, step)
        job.finish()


def test_processes_that_share_a_mailbox_do_not_share_a_folder(
    mailbox: Path, server: CheckServer, tmp_path: Path
) -> None:  # fmt: skip
    environment = {**script_environment(tmp_path, server.url), "PILOTHOUSE_JOB": "shared-job", "PILOTHOUSE_ATTEMPT": "1"}
    del environment["PILOTHOUSE_URL"]
    code = "import os, pilothouse\nwith pilothouse.init() as job: job.log({os.environ['KEY']: 1.0})"
    scripts = [start_script(tmp_path, code, {**environment, "KEY": f"key{n}"}) for n in range(4)]
    for script in scripts:
        script.communicate(timeout=TIME_LIMIT_S)
    assert len(list(mailbox.iterdir())) == 4
    collect(mailbox, server)
    assert set(server.jobs) == {"shared-job"}
    for n in range(4):
        assert rows_of(server.reports, f"key{n}") == [(1, 1.0)]


def test_what_nobody_collects_is_told_and_sent_by_sync(mailbox: Path, server: CheckServer, capfd: Any) -> None:
    from pilothouse._endpoint import Endpoint
    from pilothouse._sync import sync_all
    from pilothouse._transport import Transport

    with pilothouse.init() as job:
        job.log({"a": 1.0})
    assert "for whoever collects mailboxes, or send with: python -m pilothouse sync" in capfd.readouterr().err
    transport = Transport(lambda: Endpoint(server.url, "a-token-of-the-test"))
    (outcome,) = sync_all([mailbox], transport, lambda text: None)
    assert (outcome.refused, outcome.left, outcome.trouble) == (0, 0, "")
    assert rows_of(server.reports, "a") == [(1, 1.0)]
    assert not list(mailbox.iterdir())
