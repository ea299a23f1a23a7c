"""A real training as its users run it, with a real server that it is steered from."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

import pytest
from control_room import LIMIT_S, PROGRAM, ControlRoom


def need_library(name: str) -> None:
    """Leaves out the tests of a module where the library is not there. Without importing it, which takes many seconds."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed: lab/setup brings it", allow_module_level=True)


#: Libraries of ranks that start together take half a minute where there is little to share.
START_LIMIT_S = 180.0


class SteeredScript:
    """A script that has begun to report, and can be told something."""

    def __init__(self, room: ControlRoom, folder: Path, script: Path, *options: str, uid: str, ranks: int = 1, **variables: str):
        self.room, self.uid, self.folder = room, uid, folder
        launcher = ["-m", "torch.distributed.run", "--nproc-per-node", str(ranks), "--standalone"] if ranks > 1 else []
        environ = {**room.environment(folder, PILOTHOUSE_JOB=uid, OMP_NUM_THREADS="1", **variables)}
        self._output = folder / "output.txt"
        with self._output.open("w") as output:
            command = [sys.executable, *launcher, str(script), *options]
            self.process = subprocess.Popen(command, env=environ, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
        room.wait_for(lambda: self._find(), "the job", START_LIMIT_S)
        room.wait_for(lambda: self.is_alive and self.controls, "what it can be told", START_LIMIT_S)

    def _find(self) -> bool:
        assert self.is_alive, self.output
        return any(card["uid"] == self.uid for card in self.room.ask("/api/jobs")["jobs"])

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    @property
    def controls(self) -> Any:
        """What it can be told; None before it has said so."""
        return self.room.ask(f"/api/jobs/{self.uid}/commands")["controls"]

    @property
    def output(self) -> str:
        return self._output.read_text()

    def workers(self) -> list[int]:
        """Processes below the launcher, the first rank first."""
        listing = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
        pairs = [tuple(map(int, line.split())) for line in listing.splitlines()[1:]]
        return sorted(pid for pid, parent in pairs if parent == self.process.pid)

    def done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Tells it something, and gives what came of it."""
        told = self.room.tell(method, f"/api/jobs/{self.uid}/{path}", body)

        def look() -> Any:
            commands = self.room.ask(f"/api/jobs/{self.uid}/commands")["commands"]
            found = next(one for one in commands if one["id"] == told["id"])
            return None if found["state"] in ("created", "delivered") else found

        found: dict[str, Any] = self.room.wait_for(look, f"the end of {told['kind']}")
        return found

    def command(self, *words: str) -> str:
        """What the command line says to it, as `command("set", uid, "lr=1")`."""
        token = (self.room.folder / "admin.token").read_text().strip()
        environ = {**self.room.environment(self.folder), "PILOTHOUSE_URL": self.room.url, "PILOTHOUSE_TOKEN": token}
        done = subprocess.run([str(PROGRAM), *words], env=environ, capture_output=True, text=True, check=False, timeout=LIMIT_S)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def spoil_and_bring_back(self, *, rate: float, rate_key: str, suffix: str = "") -> None:
        """The whole round by the command line: a checkpoint, weights spoiled by that rate, and back on the old curve."""
        assert "done at step" in self.command("checkpoint", self.uid, "--name", "by-command")
        loss, usual = self.latest("loss"), self.latest(rate_key)
        assert "done at step" in self.command("set", self.uid, f"lr={rate:g}", "--note", "to spoil it")
        self.room.wait_for(lambda: self.latest(rate_key) > 100 * usual, "the rate in the optimizer")
        self.room.wait_for(lambda: self.latest("loss") > 10 * loss, "spoiled weights")
        assert "done at step" in self.command("rollback", self.uid, f"by-command{suffix}")
        self.room.wait_for(lambda: self.latest(rate_key) < rate / 100, "the rate of the checkpoint")
        self.room.wait_for(lambda: self.latest("loss") < 2 * loss, "the old curve")

    def checkpoint(self, name: str) -> dict[str, Any]:
        def look() -> Any:
            listed = self.room.ask(f"/api/jobs/{self.uid}/checkpoints")["checkpoints"]
            return next((one for one in listed if one["name"] == name), None)

        found: dict[str, Any] = self.room.wait_for(look, f"the checkpoint {name}")
        return found

    def latest(self, key: str) -> float:
        metrics = self.room.ask(f"/api/jobs/{self.uid}/metrics/latest?key={key}")["metrics"]
        return float(next(one for one in metrics if one["key"] == key)["value"])

    def step(self) -> float:
        progress = self.room.ask(f"/api/jobs/{self.uid}")["progress"]
        return float(progress["step"] or 0) if progress else 0.0

    def close(self) -> None:
        """Ends all its processes, however it is."""
        for pid in [self.process.pid, *self.workers()]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()


@contextmanager
def steered(room: ControlRoom, folder: Path, script: Path, *options: str, **named: Any) -> Iterator[SteeredScript]:
    """Runs the script, and ends all of its processes, however it is."""
    run = SteeredScript(room, folder, script, *options, **named)
    try:
        yield run
    finally:
        run.close()
