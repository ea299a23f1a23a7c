"""Server and training killed again and again, at random moments, while commands are given: none is lost, none done twice.

PILOTHOUSE_KILLS=100 pytest tests/test_steering_chaos.py     as many kills as that; a few by default
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import textwrap
import threading
import time
import urllib.error
from collections import Counter
from pathlib import Path
from typing import Any

from control_room import ControlRoom

KILLS = int(os.environ.get("PILOTHOUSE_KILLS", "8"))
#: Before they are cleared away: a fixture takes the project's own variables out of the environment.
SEED = int(os.environ.get("PILOTHOUSE_SEED", str(int(time.time()) // 86_400)))

SCRIPT = """
    import json, os, sys, threading
    import pilothouse

    # Each value that takes effect, on disk before anything else happens.
    done = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def apply(value):
        os.write(done, f"{value}\\n".encode())
        os.fsync(done)

    pause = threading.Event()
    state = {"weight": 0}
    job = pilothouse.init(id="chaos")
    job.parameter("value", 0, min=0, apply=apply)
    kept = job.checkpoints(
        save=lambda path: open(path, "w").write(json.dumps(state)),
        load=lambda path: state.update(json.load(open(path))),
        directory=sys.argv[2],
    )
    step = 0
    while True:
        step = job.control(step) + 1
        state["weight"] += 1
        job.log({"loss": 1.0 / step}, step=step)
        pause.wait(0.005)
"""


class Chaos:
    """One control room, one training, and somebody who tells it things."""

    def __init__(self, room: ControlRoom, folder: Path) -> None:
        self.room, self.folder = room, folder
        self.chance = random.Random(SEED)
        self.given: list[dict[str, Any]] = []
        self.next_value = 1
        self.script = folder / "train.py"
        self.script.write_text(textwrap.dedent(SCRIPT))
        self.applied = folder / "applied.txt"
        self.training = self.start_training()

    def start_training(self) -> subprocess.Popen[bytes]:
        environ = self.room.environment(self.folder)
        command = [sys.executable, str(self.script), str(self.applied), str(self.folder / "kept")]
        return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def tell(self) -> None:
        """One command, as far as somebody is there to take it. Only what was acknowledged counts."""
        kind = self.chance.choice(["set", "set", "set", "checkpoint"])
        try:
            if kind == "set":
                value, self.next_value = self.next_value, self.next_value + 1
                told = self.room.tell("PUT", "/api/jobs/chaos/parameters/value", {"value": value})
            else:
                told = self.room.tell("POST", "/api/jobs/chaos/checkpoints", {})
        except (urllib.error.URLError, OSError, ValueError):
            return
        self.given.append(told)

    def kill(self) -> None:
        if self.chance.random() < 0.6:
            self.room.kill()
            self.rest(0.2)
            self.room.start()
        else:
            self.training.kill()
            self.training.wait()
            self.training = self.start_training()

    def rest(self, most_s: float) -> None:
        until = time.monotonic() + self.chance.random() * most_s
        while time.monotonic() < until:
            if not self.room.is_down:
                self.tell()
            threading.Event().wait(0.03)

    def commands(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.room.ask(f"/api/jobs/chaos/commands?limit=500{cursor}")
            found += page["commands"]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"


def test_no_command_is_lost_and_none_is_done_twice(room: ControlRoom, tmp_path: Path) -> None:
    chaos = Chaos(room, tmp_path)
    try:
        room.wait_for(lambda: room.ask("/api/jobs?limit=1")["jobs"], "the job")
        room.wait_for(lambda: room.ask("/api/jobs/chaos/commands")["controls"], "what it can be told")
        for _ in range(KILLS):
            chaos.rest(1.5)
            chaos.kill()
        chaos.rest(3.0)
        # Whatever happened, in the end it is known what came of each.
        room.wait_for(lambda: all(one["state"] not in ("created", "delivered") for one in chaos.commands()), "all ends")
        commands = {one["id"]: one for one in chaos.commands()}
        assert [one["id"] for one in chaos.given if one["id"] not in commands] == []
        done = Counter(int(float(line)) for line in chaos.applied.read_text().split())
        told = Counter(
            int(one["body"]["value"]) for one in commands.values() if one["kind"] == "set" and one["state"] == "applied"
        )
        # A value that stands over a restart is set by a command of its own, so it may be told several times: as often as done.
        unheard = Counter(
            int(one["body"]["value"]) for one in commands.values() if one["kind"] == "set" and one["state"] == "expired"
        )
        for value, times in told.items():
            assert times <= done[value], f"{value} counts as applied {times} times, and took effect {done[value]} times"
        for value, times in done.items():
            # What was killed before it told of it took effect all the same, and has expired: never more than that.
            assert times <= told[value] + unheard[value], f"{value} took effect {times} times"
        written = sum(one["kind"] == "checkpoint" and one["state"] == "applied" for one in commands.values())
        listed = room.ask("/api/jobs/chaos/checkpoints")["checkpoints"]
        assert {one["state"] for one in listed} <= {"present"}
        for one in listed:
            assert json.loads(Path(one["uri"]).read_text())["weight"] >= 0
        states = Counter(one["state"] for one in commands.values())
        print(f"{KILLS} kills, seed {SEED}: {len(commands)} commands, {dict(states)}, {written} checkpoints")
        assert states["applied"] > 0
    finally:
        chaos.training.kill()
        chaos.training.wait()
