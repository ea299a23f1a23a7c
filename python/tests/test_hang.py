"""A server that takes a call and does not answer: what is logged meanwhile is on disk, as if it were away."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

from check_server import CheckServer, rows_of
from collector import wait_until
from conftest import start_script
from control_room import LIMIT_S, ControlRoom

import pilothouse

HUNG_S = 6.0  # far below the time limit of a call
LOST_S = 2.5  # about a second, on a machine that does nothing else
CLOCKED = """
import threading, time, pilothouse
job = pilothouse.init(name="clocked")
step = 0
while True:
    step += 1
    job.log({"a": float(step)}, step=step)
    print(step, time.monotonic(), flush=True)
    threading.Event().wait(0.01)
"""


class MutableLine:
    """A way to a server that may fall silent: then connections are taken and bytes swallowed, as behind a broken wall."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._silent = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        self._silent.set()

    def close(self) -> None:
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        try:
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                self._open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()
        except OSError:  # closed
            return

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while True:
                content = source.recv(65_536)
                if not content:
                    break
                if not self._silent.is_set():
                    target.sendall(content)
        except OSError:  # one end is closed
            pass


def test_a_call_that_hangs_holds_nothing_up_that_a_kill_would_take(tmp_path: Path, room: ControlRoom) -> None:
    line = MutableLine(room.port)
    script = start_script(tmp_path, CLOCKED, {**room.environment(tmp_path), "PILOTHOUSE_URL": line.url})
    job = room.wait_for(room.jobs, "the job")[0]
    room.wait_for(lambda: room.steps(job["uid"], "a"), "the first points")
    line.fall_silent()
    threading.Event().wait(HUNG_S)
    script.kill()
    out, err = script.communicate(timeout=LIMIT_S)
    assert b"does not answer" not in err, "the call must still have been under way"
    command = [sys.executable, "-m", "pilothouse", "sync"]
    subprocess.run(command, env=room.environment(tmp_path), check=True, capture_output=True, timeout=LIMIT_S)
    steps = room.steps(job["uid"], "a")
    assert steps == [(step, float(step)) for step in range(1, len(steps) + 1)]
    logged = {int(step): float(at) for step, at in (text.split() for text in out.splitlines())}
    assert max(logged.values()) - logged[len(steps)] < LOST_S
    line.close()


def test_a_call_that_hung_and_is_answered_after_all_brings_everything_once(connected: CheckServer, tmp_path: Path) -> None:
    job = pilothouse.init()
    connected.wait_for(lambda s: s.jobs)
    answered = threading.Event()
    spool = tmp_path / "data" / "spool"

    def hold(method: str, path: str) -> None:
        if method == "POST":
            answered.wait(LIMIT_S)

    connected.answer = hold
    for step in range(1, 4):
        job.log({"a": float(step)}, step=step)
        wait_until(lambda kept=step: len(list(spool.glob("*/*.report"))) >= kept, "the report on disk")  # type: ignore[misc]
    answered.set()
    connected.wait_for(lambda s: len(rows_of(s.reports, "a")) == 3)
    wait_until(lambda: not spool.exists() or not list(spool.iterdir()), "the empty spool")
    job.log({"a": 4.0}, step=4)
    job.finish()
    assert rows_of(connected.reports, "a") == [(step, float(step)) for step in range(1, 5)]
    numbers = [report["number"] for report in connected.reports]
    assert numbers == sorted(set(numbers))
