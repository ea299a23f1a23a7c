"""A training that is steered in a thread of its own, for the tests."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from control_room import ControlRoom

import pilothouse
from pilothouse import Job


def rest(seconds: float) -> None:
    """What a step takes."""
    threading.Event().wait(seconds)


class Loop:
    """A training whose state is one number, which `lr` lowers at every step."""

    def __init__(self, room: ControlRoom, uid: str, folder: Path, *, pace_s: float = 0.01, **options: Any) -> None:
        self.room = room
        self.uid = uid
        self.weight = 100.0
        self.seen: list[tuple[int, float, float]] = []
        self.ended = threading.Event()
        self.fault: BaseException | None = None
        self.job: Job = pilothouse.init(id=uid, project="steered")
        self.lr = self.job.parameter("lr", 0.5, min=1e-6, max=10.0, log=True, apply=self.apply)
        self.checkpoints = self.job.checkpoints(save=self.save, load=self.load, directory=folder, suffix=".json", **options)
        self.job.on_evaluate(lambda: {"val": self.weight})
        self.applied: list[float] = []
        self.pace_s = pace_s
        self.break_apply = self.break_save = self.break_load = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def apply(self, value: float) -> None:
        if self.break_apply:
            raise RuntimeError("no such rate")
        self.applied.append(value)

    def save(self, path: str) -> None:
        Path(path).write_text(json.dumps({"weight": self.weight}))
        if self.break_save:
            raise OSError(28, "No space left on device")

    def load(self, path: str) -> None:
        if self.break_load:
            self.weight = -1.0
            self.break_load = False
            raise RuntimeError("shapes do not fit: (3, 4) against (4, 4)")
        self.weight = json.loads(Path(path).read_text())["weight"]

    def start(self, steps: int = 100_000) -> Loop:
        self._steps = steps
        self._thread.start()
        return self

    def _run(self) -> None:
        try:
            for step in self.job.steps(range(self._steps)):
                self.weight -= self.lr()
                self.seen.append((step, self.weight, self.lr()))
                self.job.log({"loss": self.weight}, step=step, epoch=step / 100)
                rest(self.pace_s)
        except BaseException as error:
            self.fault = error
        self.ended.set()

    def command(self, number: int) -> dict[str, Any]:
        page = self.room.ask(f"/api/jobs/{self.uid}/commands?limit=500")
        return next(one for one in page["commands"] if one["id"] == number)

    def settled(self, command: dict[str, Any]) -> dict[str, Any]:
        """The command, once it is known what came of it."""

        def look() -> dict[str, Any] | None:
            found = self.command(command["id"])
            return None if found["state"] in ("created", "delivered") else found

        found: dict[str, Any] = self.room.wait_for(look, f"the end of command {command['id']}")
        return found

    def tell(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        told: dict[str, Any] = self.room.tell(method, f"/api/jobs/{self.uid}/{path}", body)
        return told

    def done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        return self.settled(self.tell(method, path, body))

    def checkpoint(self, name: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            listed = self.room.ask(f"/api/jobs/{self.uid}/checkpoints")["checkpoints"]
            return next((one for one in listed if one["name"] == name), None)

        found: dict[str, Any] = self.room.wait_for(look, f"the checkpoint {name}")
        return found

    def ready(self) -> Loop:
        self.room.wait_for(lambda: self.job.url, "the job")
        self.room.wait_for(lambda: self.room.ask(f"/api/jobs/{self.uid}/commands")["controls"], "what the job can be told")
        return self


@contextmanager
def running(room: ControlRoom, uid: str, folder: Path, **options: Any) -> Iterator[Loop]:
    loop = Loop(room, uid, folder, **options).start().ready()
    yield loop
    if not loop.ended.is_set():
        loop.tell("POST", "stop", {"checkpointFirst": False})
        assert loop.ended.wait(20)
    loop.job.finish()
    assert loop.fault is None
