"""The server dies, hangs, refuses, cannot be found: the training goes on, and what was logged arrives once."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from array import array
from pathlib import Path
from typing import Any, Iterator

import pytest
from check_server import CheckServer, end_of, lines_of, read_records, rows_of
from conftest import TIME_LIMIT_S, script_environment, start_script

import pilothouse
from pilothouse import _limits
from pilothouse._frame import encode_frame, split_frame
from pilothouse._spool import Spool
from pilothouse._spool_files import pack_report, report_path, unpack_report

PROGRAM = Path(__file__).parent / "check_server.py"
COUNTED = """
import sys, pilothouse
job = pilothouse.init(name="counted")
for step in range(1, 401):
    job.log({"a": float(step)}, step=step)
    if step % 50 == 0:
        print("step", step, flush=True)
        sys.stdin.readline()
"""


class KillableServer:
    """The checking server as a process of its own, on a port that it keeps."""

    def __init__(self, folder: Path) -> None:
        self.records = folder / "records.jsonl"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, str(PROGRAM), "--port", str(self.port), "--records", str(self.records)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.read_line().startswith("ready")

    def read_line(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def reports(self) -> list[dict[str, Any]]:
        """What is stored; that none is there twice is checked here."""
        reports = [record["report"] for record in read_records(self.records) if "report" in record]
        names = [(report["attempt"], report["writer"], report["number"]) for report in reports]
        assert len(set(names)) == len(names)
        return reports


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[KillableServer]:
    server = KillableServer(tmp_path)
    yield server
    server.kill()


def expect_all_once(reports: list[dict[str, Any]]) -> None:
    assert rows_of(reports, "a") == [(step, float(step)) for step in range(1, 401)]
    assert lines_of(reports) == [f"step {step}" for step in range(50, 401, 50)]
    end = end_of(reports)
    assert end is not None
    assert end["state"] == "completed"
    assert [report["number"] for report in reports] == sorted(report["number"] for report in reports)


def step_on(process: subprocess.Popen[bytes]) -> bytes:
    """Lets the script go on to its next print."""
    assert process.stdin is not None
    assert process.stdout is not None
    line = process.stdout.readline()
    process.stdin.write(b"\n")
    process.stdin.flush()
    return line


def test_a_server_killed_again_and_again_has_everything_once(killable: KillableServer, tmp_path: Path) -> None:
    process = start_script(tmp_path, COUNTED, script_environment(tmp_path, killable.url))
    for _ in range(4):
        killable.start()
        step_on(process)
        killable.read_line()  # something was stored
        killable.kill()
        step_on(process)
    killable.start()
    _, err = process.communicate(timeout=TIME_LIMIT_S)
    assert process.returncode == 0
    if b"send with: python" in err:  # the server came back too late for the process itself
        assert sync(tmp_path, killable.url).returncode == 0
    expect_all_once(killable.reports())
    assert not list((tmp_path / "data" / "spool").glob("*"))
    assert err.count(b"does not answer") == 1


def test_a_server_that_comes_back_while_the_script_ends_gets_the_rest(connected: CheckServer, capfd: Any) -> None:
    job = pilothouse.init()
    connected.wait_for(lambda s: s.jobs)
    connected.answer = refuse_first(connected, 503, 4)
    job.log({"a": 1.0})
    job.finish()
    assert rows_of(connected.reports, "a") == [(1, 1.0)]
    assert end_of(connected.reports) is not None
    assert "send with" not in capfd.readouterr().err


def test_what_waited_at_the_end_is_sent_by_sync(killable: KillableServer, tmp_path: Path) -> None:
    process = start_script(tmp_path, COUNTED, script_environment(tmp_path, killable.url))
    process.stdin.write(b"\n" * 8)  # type: ignore[union-attr]
    begun = time.monotonic()
    _, err = process.communicate(timeout=TIME_LIMIT_S)
    assert process.returncode == 0
    assert time.monotonic() - begun < 8, "a server that refuses must not delay the end"
    assert b"python -m pilothouse sync" in err
    assert sync(tmp_path, killable.url).returncode == 1  # still away
    killable.start()
    assert sync(tmp_path, killable.url).returncode == 0
    expect_all_once(killable.reports())
    again = sync(tmp_path, killable.url)
    assert (again.returncode, again.stdout) == (0, b"Nothing waits.\n")


def test_an_offline_run_writes_only_to_disk_and_is_sent_later(server: CheckServer, run_script: Any, tmp_path: Path) -> None:
    server.attempt = 3
    done = run_script("import pilothouse\nwith pilothouse.init(name='o') as job: job.log({'a': 1})", PILOTHOUSE_MODE="offline")
    assert done.returncode == 0
    assert not server.jobs
    (folder,) = (tmp_path / "data" / "spool").iterdir()
    assert (folder / "job.json").stat().st_mode & 0o77 == 0
    assert sync(tmp_path, server.url, str(folder)).returncode == 0
    assert [create["name"] for create in server.jobs.values()] == ["o"]
    assert rows_of(server.reports, "a") == [(1, 1)]
    assert {report["attempt"] for report in server.reports} == {3}
    assert not folder.exists()


def test_sync_sends_many_reports_in_few_calls(server: CheckServer, run_script: Any, tmp_path: Path) -> None:
    script = "import pilothouse\nwith pilothouse.init() as job:\n  for s in range(3): job.log({'a': float(s)}, step=s)"
    run_script(script, PILOTHOUSE_MODE="offline")
    (folder,) = (tmp_path / "data" / "spool").iterdir()
    fill_spool(folder, 1_200)
    assert sync(tmp_path, server.url).returncode == 0
    assert rows_of(server.reports, "many") == [(float(step), 1.0) for step in range(1_200)]
    assert not server.faults
    assert sum(server.rows) >= 1_200
    assert len(server.rows) == 3
    assert max(server.rows) == _limits.ROW_REPORTS_MAX


def test_sync_of_a_row_sets_aside_only_the_report_that_is_refused(server: CheckServer, run_script: Any, tmp_path: Path) -> None:
    run_script("import pilothouse\nwith pilothouse.init() as job: job.log({'a': 1})", PILOTHOUSE_MODE="offline")
    (folder,) = (tmp_path / "data" / "spool").iterdir()
    numbers = fill_spool(folder, 3)
    report_path(folder, numbers[1]).write_bytes(pack_report(encode_frame({"no": "report"}, [])))
    done = sync(tmp_path, server.url)
    assert done.returncode == 1
    assert b"1 refused, 0 left" in done.stdout
    assert [step for step, _ in rows_of(server.reports, "many")] == [0.0, 2.0]
    assert report_path(folder, numbers[1]).with_suffix(".refused").exists()


def test_a_server_that_takes_no_rows_gets_each_report_alone(server: CheckServer, run_script: Any, tmp_path: Path) -> None:
    server.answer = lambda method, path: 404 if path.endswith("/many") else None
    run_script("import pilothouse\nwith pilothouse.init() as job: job.log({'a': 1})", PILOTHOUSE_MODE="offline")
    (folder,) = (tmp_path / "data" / "spool").iterdir()
    fill_spool(folder, 3)
    assert sync(tmp_path, server.url).returncode == 0
    assert [step for step, _ in rows_of(server.reports, "many")] == [0.0, 1.0, 2.0]


def test_a_script_catches_up_in_rows_when_the_server_is_back(connected: CheckServer, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = threading.Semaphore(0)
    append = Spool.append

    def append_and_tell(self: Spool, number: int, frame: bytes, *, always: bool = False) -> bool:
        found_room = append(self, number, frame, always=always)
        kept.release()
        return found_room

    monkeypatch.setattr(Spool, "append", append_and_tell)
    job = pilothouse.init()
    connected.wait_for(lambda s: s.jobs)
    connected.answer = lambda method, path: 503
    for step in range(3):
        job.log({"a": float(step)}, step=step)
        assert kept.acquire(timeout=TIME_LIMIT_S)
    connected.answer = lambda method, path: None
    connected.wait_for(lambda s: len(rows_of(s.reports, "a")) == 3, "the rows")
    job.finish()
    assert [step for step, _ in rows_of(connected.reports, "a")] == [0, 1, 2]
    assert max(connected.rows) >= 3
    assert not connected.repeats


def fill_spool(folder: Path, count: int) -> list[int]:
    """Adds reports of one point each behind those of a run that has ended; their numbers."""
    last = max(int(path.stem) for path in folder.glob("*.report"))
    header, _ = split_frame(unpack_report(report_path(folder, last).read_bytes()))
    numbers = list(range(last + 1, last + 1 + count))
    for step, number in enumerate(numbers):
        block = {"source": "job", "keys": ["many"], "rows": 1}
        kept = {key: header[key] for key in ("attempt", "writer", "role", "sentAt")}
        columns = [array("d", [float(value)]) for value in (step, 1_750_000_000_000 + step, 1)]
        frame = encode_frame({**kept, "number": number, "points": [block]}, columns)
        report_path(folder, number).write_bytes(pack_report(frame))
    return numbers


def test_sync_keeps_what_is_refused_aside_and_goes_on(server: CheckServer, run_script: Any, tmp_path: Path) -> None:
    run_script("import pilothouse\nwith pilothouse.init() as job: job.log({'a': 1})", PILOTHOUSE_MODE="offline")
    (folder,) = (tmp_path / "data" / "spool").iterdir()
    (folder / "00000000.report").write_bytes(b"torn")
    done = sync(tmp_path, server.url)
    assert done.returncode == 1
    assert b"1 refused, 0 left" in done.stdout
    assert b"00000000.report is damaged" in done.stderr
    assert rows_of(server.reports, "a") == [(1, 1)]
    assert (folder / "00000000.refused").exists()


def test_sync_of_a_folder_that_is_not_there_says_so(tmp_path: Path, server: CheckServer) -> None:
    done = sync(tmp_path, server.url, str(tmp_path / "nowhere"))
    assert (done.returncode, b"no such folder" in done.stderr) == (2, True)


def sync(folder: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "pilothouse", "sync", *arguments]
    return subprocess.run(command, env=script_environment(folder, url), capture_output=True, check=False, timeout=TIME_LIMIT_S)


def test_a_lost_answer_does_not_double_anything(connected: CheckServer) -> None:
    lost: list[str] = []

    add = connected.add_report

    def add_and_fail(uid: str, frame: bytes) -> dict[str, Any]:
        answer = add(uid, frame)
        if not lost:
            lost.append(uid)
            raise ConnectionAbortedError  # ends the connection without an answer
        return answer

    connected.add_report = add_and_fail  # type: ignore[method-assign]
    job = pilothouse.init()
    job.log({"a": 1.0})
    connected.wait_for(lambda s: s.repeats == 1, "the repeat")
    job.log({"a": 2.0})
    job.finish()
    assert rows_of(connected.reports, "a") == [(1, 1.0), (2, 2.0)]


@pytest.mark.parametrize("status", [500, 503, 507, 429, 401])
def test_reports_wait_while_the_server_cannot_take_them(connected: CheckServer, status: int, capfd: Any) -> None:
    job = pilothouse.init()
    connected.wait_for(lambda s: s.jobs)
    connected.answer = lambda method, path: status
    for _ in range(3):
        job.log({"a": 1.0})
    connected.answer = refuse_first(connected, status, 2)
    connected.wait_for(lambda s: len(rows_of(s.reports, "a")) == 3, "the rows")
    job.finish()
    assert end_of(connected.reports) is not None
    assert capfd.readouterr().err.count("takes no reports now") == 1


def refuse_first(server: CheckServer, status: int, times: int) -> Any:
    left = [times]

    def answer(method: str, path: str) -> int | None:
        left[0] -= 1
        return status if left[0] >= 0 else None

    return answer


def test_a_report_that_the_server_refuses_is_left_out_and_the_rest_goes_on(connected: CheckServer, capfd: Any) -> None:
    job = pilothouse.init()
    connected.wait_for(lambda s: s.jobs)
    refused: list[str] = []

    def refuse(method: str, path: str) -> int:
        with connected.changed:
            refused.append(path)
            connected.changed.notify_all()
        return 400

    connected.answer = refuse
    job.log({"a": 1.0})
    connected.wait_for(lambda s: refused, "the refusal")
    connected.answer = lambda method, path: None
    job.log({"b": 1.0})
    job.finish()
    assert rows_of(connected.reports, "b") == [(2, 1.0)]
    assert capfd.readouterr().err.count("refused a report") == 1


def test_a_job_that_is_refused_with_its_details_is_made_without_them(connected: CheckServer, capfd: Any) -> None:
    connected.answer = refuse_first(connected, 400, 1)
    with pilothouse.init(name="n", config={"a": 1}) as job:
        create = connected.wait_for(lambda s: s.jobs.get(job.uid))
    assert create["name"] == "n"
    assert "config" not in create
    assert "made without its details" in capfd.readouterr().err


def test_a_refused_job_is_one_warning_and_no_more(connected: CheckServer, capfd: Any) -> None:
    connected.answer = lambda method, path: 404
    job = pilothouse.init()
    for _ in range(5):
        job.log({"a": 1.0})
    job.finish()
    assert capfd.readouterr().err.count("pilothouse: ") == 1


def test_a_hanging_server_delays_the_end_by_a_bounded_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(_limits, "EXIT_TIMEOUT_S", 1.0)
    monkeypatch.setenv("PILOTHOUSE_TOKEN", "t")
    with socket.socket() as hung:
        hung.bind(("127.0.0.1", 0))
        hung.listen()  # takes connections and never answers
        monkeypatch.setenv("PILOTHOUSE_URL", f"http://127.0.0.1:{hung.getsockname()[1]}")
        job = pilothouse.init()
        begun = time.monotonic()
        for step in range(1000):
            job.log({"a": 1.0}, step=step)
        assert time.monotonic() - begun < 1
        job.finish()
        assert 0.5 < time.monotonic() - begun < 5
    (folder,) = (tmp_path / "data" / "spool").iterdir()
    receiver = CheckServer()
    assert sync_here(tmp_path, receiver, folder).returncode == 0
    assert rows_of(receiver.reports, "a") == [(step, 1.0) for step in range(1000)]
    assert end_of(receiver.reports) is not None
    receiver.close()


def sync_here(folder: Path, server: CheckServer, run: Path) -> subprocess.CompletedProcess[bytes]:
    return sync(folder, server.url, str(run))


@pytest.mark.parametrize("url", ["http://no-such-host.invalid:80", "http://127.0.0.1:9", None])
def test_without_a_server_the_script_ends_well_and_keeps_its_reports(run_script: Any, tmp_path: Path, url: str | None) -> None:
    begun = time.monotonic()
    done = run_script("import pilothouse\npilothouse.init().log({'a': 1})\nprint('ok')", PILOTHOUSE_URL=url or "")
    assert (done.returncode, done.stdout) == (0, b"ok\n")
    assert time.monotonic() - begun < 25
    assert b"does not answer" in done.stderr
    assert list((tmp_path / "data" / "spool").glob("*/*.report"))


def test_a_disk_that_cannot_be_written_does_no_harm(run_script: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code = "import pilothouse\npilothouse.init().log({'a': 1})\nprint('ok')"
    done = run_script(code, PILOTHOUSE_URL="http://127.0.0.1:9", PILOTHOUSE_DATA=str(tmp_path / "file" / "x"))
    assert (done.returncode, done.stdout) == (0, b"ok\n")
    assert b"cannot be written" in done.stderr
    assert b"are lost" in done.stderr


def test_the_server_of_the_data_folder_is_found_even_when_it_comes_later(
    server: CheckServer, environment: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    code = "import sys, pilothouse\njob = pilothouse.init()\njob.log({'a': 1})\nprint(1, flush=True)\nsys.stdin.read()"
    local = {key: value for key, value in environment.items() if key not in ("PILOTHOUSE_URL", "PILOTHOUSE_TOKEN")}
    process = start_script(tmp_path, code, local)
    assert process.stdout is not None
    process.stdout.readline()
    data.mkdir(exist_ok=True)
    (data / "report.token").write_text(environment["PILOTHOUSE_TOKEN"] + "\n")
    (data / "server.json").write_text(f'{{"url": "{server.url}/"}}')
    server.wait_for(lambda s: rows_of(s.reports, "a"), "the row")
    process.communicate(timeout=TIME_LIMIT_S)
    assert process.returncode == 0
