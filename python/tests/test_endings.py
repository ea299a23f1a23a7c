"""How real processes end, and what the server is told of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from check_server import CheckServer, end_of, lines_of, rows_of
from conftest import TIME_LIMIT_S, start_script


def told_end(server: CheckServer) -> dict[str, Any]:
    end = end_of(server.reports)
    assert end is not None, "no end was told"
    return {key: value for key, value in end.items() if key != "at"}


def test_a_script_that_ends_has_completed(server: CheckServer, run_script: Any) -> None:
    done = run_script("import pilothouse; pilothouse.init(); pilothouse.log({'a': 1})")
    assert done.returncode == 0
    assert told_end(server) == {"state": "completed", "exitCode": 0}
    assert rows_of(server.reports, "a") == [(1, 1)]


def test_an_exception_that_leaves_the_script_fails_the_job(server: CheckServer, run_script: Any) -> None:
    done = run_script(
        """
        import pilothouse
        pilothouse.init()
        def train(): raise ValueError("the loss is \\ud800 gone")
        train()
        """
    )
    assert done.returncode == 1
    assert b"ValueError" in done.stderr
    end = told_end(server)
    error = end["error"]
    assert (end["state"], end["exitCode"], error["type"]) == ("failed", 1, "ValueError")
    assert error["message"] == "the loss is ? gone"
    assert error["traceback"].startswith("Traceback (most recent call last):")
    assert "in train" in error["traceback"]
    assert any("ValueError" in line for line in lines_of(server.reports, "stderr"))


def test_an_exception_in_the_block_fails_the_job(server: CheckServer, run_script: Any) -> None:
    done = run_script(
        """
        import pilothouse
        with pilothouse.init() as job:
            with job.stage("training"):
                raise RuntimeError("CUDA out of memory")
        """
    )
    assert done.returncode == 1
    assert b"RuntimeError: CUDA out of memory" in done.stderr
    assert told_end(server)["error"]["message"] == "CUDA out of memory"
    stages = [event["state"] for report in server.reports for event in report["stages"]]
    assert stages == ["active", "failed"]


@pytest.mark.parametrize(
    ("code", "status", "end"),
    [
        ("sys.exit()", 0, {"state": "completed", "exitCode": 0}),
        ("sys.exit(0)", 0, {"state": "completed", "exitCode": 0}),
        ("sys.exit(143)", 143, {"state": "cancelled", "exitCode": 143, "signal": "SIGTERM"}),
        ("raise KeyboardInterrupt", -2, {"state": "cancelled", "exitCode": 130, "signal": "SIGINT"}),
    ],
)
def test_a_script_can_end_itself(server: CheckServer, run_script: Any, code: str, status: int, end: dict[str, Any]) -> None:
    assert run_script(f"import sys, pilothouse; pilothouse.init(); {code}").returncode == status
    assert told_end(server) == end


def test_an_exit_code_fails_the_job(server: CheckServer, run_script: Any) -> None:
    done = run_script("import argparse, pilothouse; pilothouse.init(); argparse.ArgumentParser().error('no')")
    assert done.returncode == 2
    end = told_end(server)
    assert (end["state"], end["exitCode"], end["error"]["type"]) == ("failed", 2, "exit")


def test_exit_with_words_fails_the_job_with_them(server: CheckServer, run_script: Any) -> None:
    done = run_script("import sys, pilothouse; pilothouse.init(); sys.exit('no data')")
    assert done.returncode == 1
    assert b"no data" in done.stderr  # the SDK's own words may follow before the end of the line
    assert told_end(server)["error"]["message"] == "no data"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_cancels_the_job_and_still_kills(
    server: CheckServer, environment: dict[str, str], tmp_path: Path, name: str
) -> None:
    process = start_script(
        tmp_path,
        """
        import threading, pilothouse
        job = pilothouse.init()
        job.log({"a": 1.0})
        print("ready", flush=True)
        while not threading.Event().wait(0.02): pass
        """,
        environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.Signals[name])
    assert process.wait(TIME_LIMIT_S) == -signal.Signals[name]
    process.communicate()
    assert told_end(server) == {"state": "cancelled", "signal": name}
    assert rows_of(server.reports, "a") == [(1, 1)]


def test_a_stream_that_exits_does_not_take_the_end_away(server: CheckServer, run_script: Any) -> None:
    run_script(
        """
        import signal, sys, pilothouse
        with pilothouse.init() as job:
            job.log({"a": 1})
            stream = sys.stdout
            class Stubborn:
                def write(self, text): return stream.write(text)
                def flush(self): raise SystemExit(3)
            sys.stdout = Stubborn()
        sys.stdout = stream
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        """
    )
    assert told_end(server) == {"state": "completed"}
    assert rows_of(server.reports, "a") == [(1, 1)]


def test_a_handler_of_the_script_itself_is_left_alone(server: CheckServer, environment: dict[str, str], tmp_path: Path) -> None:
    process = start_script(
        tmp_path,
        """
        import os, signal, sys, threading, pilothouse
        def save(number, frame):
            os.write(1, b"saved\\n")
            sys.exit(0)
        signal.signal(signal.SIGTERM, save)
        pilothouse.init()
        assert signal.getsignal(signal.SIGTERM) is save
        os.write(1, b"ready\\n")  # a signal inside of print would find the stream busy, with or without pilothouse
        while not threading.Event().wait(0.02): pass  # a signal just before a call that blocks for good would wait with it
        """,
        environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.terminate()
    out, _ = process.communicate(timeout=TIME_LIMIT_S)
    assert (out, process.returncode) == (b"saved\n", 0)
    assert told_end(server) == {"state": "completed", "exitCode": 0}


def test_interrupt_cancels_the_job(server: CheckServer, environment: dict[str, str], tmp_path: Path) -> None:
    wait = "while not threading.Event().wait(0.02): pass"
    code = f"import threading, pilothouse\npilothouse.init()\nprint('ready', flush=True)\n{wait}"
    process = start_script(tmp_path, code, environment)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(TIME_LIMIT_S) == -signal.SIGINT
    process.communicate()
    assert told_end(server) == {"state": "cancelled", "exitCode": 130, "signal": "SIGINT"}


def test_hooks_of_others_are_called_and_put_back(server: CheckServer, run_script: Any) -> None:
    done = run_script(
        """
        import sys, atexit, signal, pilothouse
        def hook(kind, error, trace): print("mine:", error)
        sys.excepthook = hook
        leave = sys.exit
        atexit.register(lambda: print("last"))
        pilothouse.init().finish()
        assert sys.excepthook is hook and sys.exit is leave and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        pilothouse.init()
        raise ValueError("gone")
        """
    )
    assert done.stdout == b"mine: gone\nlast\n"
    assert [report["state"]["state"] for report in server.reports if "state" in report] == ["completed", "failed"]


def test_a_forked_child_does_not_report(server: CheckServer, run_script: Any) -> None:
    done = run_script(
        """
        import os, sys, multiprocessing, pilothouse

        def work(n):
            print("worker", n, flush=True)
            pilothouse.log({"child": 1.0})

        if __name__ == "__main__":
            job = pilothouse.init()
            print("before")
            sys.stdout.flush()
            for n in range(2):
                child = os.fork()
                if child == 0:
                    job.log({"child": 1.0})
                    print("child", n)
                    sys.exit(5 if n else 0)
                os.waitpid(child, 0)
            worker = multiprocessing.get_context("fork").Process(target=work, args=(7,))
            worker.start(); worker.join()
            job.log({"parent": 1.0})
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == b"before\nchild 0\nchild 1\nworker 7\n"
    assert rows_of(server.reports, "child") == []
    assert rows_of(server.reports, "parent") == [(1, 1)]
    assert lines_of(server.reports) == ["before"]
    assert told_end(server) == {"state": "completed", "exitCode": 0}
    assert server.repeats == 0


def test_a_forked_child_may_begin_a_job_of_its_own(server: CheckServer, run_script: Any) -> None:
    done = run_script(
        """
        import os, pilothouse
        pilothouse.init(name="parent")
        child = os.fork()
        if child == 0:
            pilothouse.init(name="child").log({"a": 1.0})
        else:
            os.waitpid(child, 0)
        """
    )
    assert done.returncode == 0, done.stderr
    assert sorted(create["name"] for create in server.jobs.values()) == ["child", "parent"]
    assert [report["state"]["state"] for report in server.reports if "state" in report] == ["completed"] * 2


def test_an_interrupt_while_the_end_is_prepared_loses_neither_the_end_nor_what_was_logged(
    server: CheckServer, environment: dict[str, str], run_script: Any
) -> None:
    done = run_script(
        """
        import pilothouse
        def interrupt():
            raise KeyboardInterrupt
        job = pilothouse.init()
        job.log({"a": 1.0}, step=1)
        job._sampler.stop = interrupt
        raise KeyboardInterrupt
        """
    )
    assert done.returncode == -signal.SIGINT
    command = [sys.executable, "-m", "pilothouse", "sync"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=TIME_LIMIT_S)
    assert rows_of(server.reports, "a") == [(1, 1.0)]
    end = told_end(server)
    assert (end["state"], end["signal"]) == ("cancelled", "SIGINT")
