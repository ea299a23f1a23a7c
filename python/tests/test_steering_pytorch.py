"""Real PyTorch trainings, steered from outside: alone, and on two ranks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

import pytest
from control_room import PROGRAM, SOURCE, ControlRoom

pytest.importorskip("torch", reason="lab/setup installs it")

EXAMPLE = Path(__file__).parents[2] / "examples" / "steered" / "train.py"


class Training:
    """The example, as its users run it."""

    def __init__(self, room: ControlRoom, folder: Path, *, ranks: int = 1, uid: str, **variables: str) -> None:
        self.room, self.uid, self.folder = room, uid, folder
        launcher = ["-m", "torch.distributed.run", "--nproc-per-node", str(ranks), "--standalone"] if ranks > 1 else []
        options = ["--steps", "100000", "--pause", "0.002", "--every", "100000", "--checkpoints", str(folder / "checkpoints")]
        environ = {**room.environment(folder, PILOTHOUSE_JOB=uid, OMP_NUM_THREADS="1", **variables)}
        self._output = folder / "output.txt"
        with self._output.open("w") as output:
            command = [sys.executable, *launcher, str(EXAMPLE), *options]
            self.process = subprocess.Popen(command, env=environ, stdout=output, stderr=subprocess.STDOUT)
        room.wait_for(lambda: self._find(), "the job")
        room.wait_for(lambda: room.ask(f"/api/jobs/{uid}/commands")["controls"], "what it can be told")

    def _find(self) -> bool:
        assert self.process.poll() is None, self.output
        return any(card["uid"] == self.uid for card in self.room.ask("/api/jobs")["jobs"])

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
def training(room: ControlRoom, folder: Path, uid: str, **options: Any) -> Iterator[Training]:
    run = Training(room, folder, uid=uid, **options)
    try:
        yield run
    finally:
        run.close()


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_training_is_changed_spoiled_and_brought_back(shared_room: ControlRoom, tmp_path: Path, ranks: int) -> None:
    uid = f"pytorch-{ranks}"
    with training(shared_room, tmp_path, uid, ranks=ranks) as run:
        shared_room.wait_for(lambda: run.step() > 300, "300 steps")
        kept = run.done("POST", "checkpoints", {"name": "good"})
        assert (kept["state"], kept["reason"]) == ("applied", None)
        good = run.checkpoint("good.pt")
        assert good["covers"] == ["weights", "optimizer", "scheduler", "random state", "step"]
        before = run.latest("loss")
        # The rate is seen in the optimizer: the script logs what its groups have.
        assert run.done("PUT", "parameters/lr", {"value": 10.0})["state"] == "applied"
        shared_room.wait_for(lambda: run.latest("lr") > 5.0, "the rate in the optimizer")
        shared_room.wait_for(lambda: run.latest("loss") > 10 * before, "spoiled weights")
        back = run.done("PUT", f"checkpoints/{good['id']}/rollback", {"checkpointFirst": ranks == 1})
        assert (back["state"], back["reason"]) == ("applied", None)
        shared_room.wait_for(lambda: run.latest("lr") < 0.1, "the rate of the checkpoint")
        shared_room.wait_for(lambda: run.latest("loss") < 2 * before, "the old curve")
        listed = shared_room.ask(f"/api/jobs/{uid}/checkpoints")["checkpoints"]
        if ranks == 1:
            spoiled = next(one for one in listed if one["name"].startswith("before-rollback"))
            path = f"/api/jobs/{uid}/checkpoints/{good['id']}/tensors"
            held = shared_room.ask(path)
            assert any(one["name"] == "model.0.weight" and one["shape"] == [64, 2] for one in held["tensors"])
            differ = shared_room.ask(f"{path}?with={spoiled['id']}")
            weight = next(one for one in differ["tensors"] if one["name"].endswith("0.weight") and "model" in one["name"])
            assert weight["change"] == "changed"
        branches = shared_room.ask(f"/api/jobs/{uid}")["branches"]
        assert [one["parent"] for one in branches] == [None, 0]
        assert branches[1]["forkStep"] == good["step"] - 1
        if ranks == 1:
            old = dict(shared_room.steps_of_branch(uid, "loss", 0))
            again = dict(shared_room.steps_of_branch(uid, "loss", 1))
            common = sorted(step for step in again if step in old and step >= good["step"])[:3]
            # The same random state, so the very same numbers.
            assert [again[step] for step in common] == pytest.approx([old[step] for step in common], rel=1e-6)
        assert run.done("POST", "stop", {"checkpointFirst": False})["state"] == "applied"
        assert run.process.wait(60) == 0, run.output
    assert shared_room.ask(f"/api/jobs/{uid}")["state"] == "cancelled"


def test_a_job_that_has_ended_is_started_again_from_a_checkpoint(shared_room: ControlRoom, tmp_path: Path) -> None:
    with training(shared_room, tmp_path, "again") as run:
        shared_room.wait_for(lambda: run.step() > 100, "100 steps")
        run.done("POST", "checkpoints", {"name": "good"})
        good = run.checkpoint("good.pt")
        shared_room.wait_for(lambda: run.step() > good["step"] + 100, "100 more")
        run.done("POST", "stop", {"checkpointFirst": False})
        assert run.process.wait(60) == 0, run.output
    shared_room.wait_for(lambda: shared_room.ask("/api/jobs/again")["recipe"], "how it was started")
    command = [str(PROGRAM), "relaunch", "again", "good.pt", "--data", str(shared_room.folder)]
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    unasked = subprocess.run(command, capture_output=True, text=True, env=environ, stdin=subprocess.DEVNULL, check=False)
    assert (unasked.returncode, "nobody can confirm it" in unasked.stderr) == (2, True), unasked.stderr
    assert f"PILOTHOUSE_RESTORE='{good['uri']}'" in unasked.stderr or f"PILOTHOUSE_RESTORE={good['uri']}" in unasked.stderr
    again = subprocess.Popen([*command, "--yes"], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, env=environ)
    try:
        shared_room.wait_for(lambda: len(shared_room.ask("/api/jobs/again")["branches"]) == 2, "the branch")
        job = shared_room.ask("/api/jobs/again")
        assert (len(job["attempts"]), job["branches"][1]["forkStep"]) == (2, good["step"] - 1)
        shared_room.wait_for(lambda: run.step() > good["step"], "its steps")
        shared_room.tell("POST", "/api/jobs/again/stop", {"checkpointFirst": False})
        assert again.wait(60) == 0
    finally:
        again.kill()
        again.wait()
    steps = [step for step, _ in shared_room.steps("again", "loss")]
    assert steps == sorted(set(steps))


def test_both_ranks_change_between_the_same_two_steps(shared_room: ControlRoom, tmp_path: Path) -> None:
    with training(shared_room, tmp_path, "same-step", ranks=2) as run:
        shared_room.wait_for(lambda: run.step() > 100, "100 steps")
        # With other rates on the two ranks the weights would drift apart; a checkpoint loads on both and both go on alike.
        for value in (1e-3, 2e-3, 3e-3):
            assert run.done("PUT", "parameters/lr", {"value": value})["state"] == "applied"
        assert run.done("POST", "pause")["state"] == "applied"
        shared_room.wait_for(lambda: shared_room.ask("/api/jobs/same-step")["state"] == "paused", "the pause")
        assert run.done("POST", "evaluate")["state"] == "applied"
        step = run.step()
        assert run.done("POST", "resume")["state"] == "applied"
        shared_room.wait_for(lambda: run.step() > step, "the next step")


def test_a_rank_that_dies_ends_the_job_and_its_commands(shared_room: ControlRoom, tmp_path: Path) -> None:
    with training(shared_room, tmp_path, "rank-dies", ranks=2) as run:
        assert run.done("POST", "pause")["state"] == "applied"
        told = shared_room.tell("PUT", "/api/jobs/rank-dies/parameters/lr", {"value": 1e-3})
        os.kill(run.workers()[-1], signal.SIGKILL)

        def look() -> Any:
            commands = shared_room.ask("/api/jobs/rank-dies/commands")["commands"]
            found = next(one for one in commands if one["id"] == told["id"])
            return found["state"] not in ("created", "delivered")

        shared_room.wait_for(look, "the end of the command")
        shared_room.wait_for(lambda: shared_room.ask("/api/jobs/rank-dies")["endedAt"], "the end of the job")


def test_weights_of_other_shapes_are_refused_and_nothing_changes() -> None:
    import torch

    from pilothouse import PilothouseError
    from pilothouse.pytorch import compare_shapes

    mine = {"a": torch.zeros(3, 4), "b": torch.zeros(2)}
    compare_shapes(mine, {"b": torch.ones(2), "a": torch.ones(3, 4)})
    with pytest.raises(PilothouseError, match="weights do not fit: a: 3×4 here, 4×4 there; c: nothing here, 1 there"):
        compare_shapes(mine, {"a": torch.zeros(4, 4), "b": torch.zeros(2), "c": torch.zeros(1)})


def test_a_malicious_file_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    import torch

    import pilothouse
    from pilothouse.pytorch import steer

    monkeypatch.chdir(tmp_path)
    job = pilothouse.init(mode="disabled")
    model = torch.nn.Linear(2, 2)
    made = steer(job, model, torch.optim.SGD(model.parameters(), lr=0.1), directory=tmp_path / "kept")
    path = made.checkpoints.save("one")
    assert path is not None

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (os.system, (f"touch {tmp_path}/owned",))

    path.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(pilothouse.PilothouseError, match="is not what was written"):
        made.checkpoints.restore(str(path))
    # Even with a record that fits it is data, and no code.
    with pytest.raises(pickle.UnpicklingError):
        torch.load(path, weights_only=True)
    assert not (tmp_path / "owned").exists()
