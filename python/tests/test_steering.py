"""Jobs that are steered while they run: by a real server, in a thread of their own."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from collector import wait_until
from control_room import PROGRAM, ControlRoom
from steered_loop import rest, running

import pilothouse
from pilothouse import Job, OptionError, Parameter
from pilothouse._spool_files import write_whole


def test_a_parameter_changes_between_two_steps(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "set-lr", tmp_path) as loop:
        done = loop.done("PUT", "parameters/lr", {"value": 0.25, "note": "slower"})
        assert (done["state"], done["reason"]) == ("applied", None)
        assert loop.applied == [0.25]
        first = next(step for step, _, lr in loop.seen if lr == 0.25)
        assert first == done["step"]
        parameter = at_home.ask("/api/jobs/set-lr/parameters")["parameters"][0]
        assert (parameter["value"], parameter["pending"]) == (0.25, None)
        change = at_home.ask("/api/jobs/set-lr/parameter-changes")["changes"][0]
        assert (change["old"], change["value"], change["step"], change["note"]) == (0.5, 0.25, done["step"], "slower")
        loop.lr.set(0.125)
        at_home.wait_for(
            lambda: at_home.ask("/api/jobs/set-lr/parameters")["parameters"][0]["value"] == 0.125, "the script's own change"
        )


def test_what_apply_raises_is_told_and_the_value_stays(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "apply-raises", tmp_path) as loop:
        loop.break_apply = True
        done = loop.done("PUT", "parameters/lr", {"value": 0.25})
        assert done["state"] == "failed"
        assert done["reason"] == "apply() raised RuntimeError: no such rate. The value is as it was."
        assert at_home.ask("/api/jobs/apply-raises/parameters")["parameters"][0]["value"] == 0.5
        steps = len(loop.seen)
        at_home.wait_for(lambda: len(loop.seen) > steps, "the next step")


def test_going_back_brings_the_old_curve(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "back", tmp_path) as loop:
        made = loop.done("POST", "checkpoints", {"name": "good", "description": "before", "tags": ["a"]})
        assert made["state"] == "applied"
        good = loop.checkpoint("good.json")
        assert (good["kind"], good["step"], good["tags"], good["description"]) == ("manual", made["step"], ["a"], "before")
        assert good["metrics"]["loss"] == 100.0 - 0.5 * made["step"]
        assert good["parameters"] == {"lr": 0.5}
        loop.done("PUT", "parameters/lr", {"value": 5.0})
        loop.weight = 1e9  # spoiled
        back = loop.done("PUT", f"checkpoints/{good['id']}/rollback", {})
        assert (back["state"], back["reason"]) == ("applied", None)
        rest(0.2)
        again = [entry for entry in loop.seen if entry[0] == good["step"]]
        assert len(again) == 2
        assert again[0][1] == again[1][1] == 100.0 - 0.5 * (good["step"] + 1)
        assert loop.lr() == 0.5
        changes = at_home.ask("/api/jobs/back/parameter-changes")["changes"]
        assert [(change["value"], change["cause"]) for change in changes[:2]] == [(0.5, "restore"), (5.0, "command")]
        # Each stands at its epoch as well: the value that came back at that of its checkpoint.
        assert changes[0]["epoch"] == good["epoch"] == (good["step"] - 1) / 100
        assert changes[1]["epoch"] == (changes[1]["step"] - 1) / 100
        assert loop.checkpoint(f"before-rollback-{back['id']}-step-{int(back['step'])}.json")["kind"] == "automatic"
    job = at_home.ask("/api/jobs/back")
    assert [(one["number"], one["parent"], one["forkStep"], one["forkEpoch"]) for one in job["branches"]] == [
        (0, None, None, None),
        (1, 0, good["step"] - 1, good["epoch"]),
    ]
    steps = [step for step, _ in at_home.steps("back", "loss")]
    assert steps == sorted(steps)
    assert len(set(steps)) == len(steps)


def test_what_was_written_before_a_rollback_stays(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "both-stay", tmp_path, every=20) as loop:
        first = loop.checkpoint("step-00000020.json")
        loop.checkpoint("step-00000040.json")
        loop.done("PUT", f"checkpoints/{first['id']}/rollback", {"checkpointFirst": False})
        again = loop.checkpoint("step-00000040-2.json")
        assert (again["branch"], loop.checkpoint("step-00000040.json")["branch"]) == (1, 0)
        assert loop.done("POST", "checkpoints", {"name": "mine"})["state"] == "applied"
        twice = loop.done("POST", "checkpoints", {"name": "mine"})
        assert twice["state"] == "failed"
        assert "there is a checkpoint «mine.json» already" in twice["reason"]


def test_parameters_may_stay_when_a_job_goes_back(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "keeps", tmp_path) as loop:
        loop.done("POST", "checkpoints", {"name": "one"})
        loop.done("PUT", "parameters/lr", {"value": 0.25})
        one = loop.checkpoint("one.json")
        loop.done("PUT", f"checkpoints/{one['id']}/rollback", {"keepParameters": True, "checkpointFirst": False})
        assert loop.lr() == 0.25
        assert loop.applied[-2:] == [0.25, 0.25]


def test_a_disk_that_is_full_leaves_no_half_checkpoint(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "full-disk", tmp_path) as loop:
        loop.break_save = True
        done = loop.done("POST", "checkpoints", {"name": "half"})
        assert done["state"] == "failed"
        assert "No space left on device" in done["reason"]
        assert list(tmp_path.iterdir()) == []
        assert at_home.ask("/api/jobs/full-disk/checkpoints")["checkpoints"] == []


def test_a_load_that_fails_goes_on_where_it_stood(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "load-fails", tmp_path) as loop:
        loop.done("POST", "checkpoints", {"name": "one"})
        one = loop.checkpoint("one.json")
        loop.break_load = True
        done = loop.done("PUT", f"checkpoints/{one['id']}/rollback", {})
        assert done["state"] == "failed"
        assert done["reason"].startswith("It could not go back: RuntimeError: shapes do not fit: (3, 4) against (4, 4).")
        assert done["reason"].endswith("It goes on where it stood.")
        assert loop.weight > 0
        assert len(at_home.ask("/api/jobs/load-fails")["branches"]) == 1


def test_a_checkpoint_with_other_bytes_is_not_loaded(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "changed", tmp_path) as loop:
        loop.done("POST", "checkpoints", {"name": "one"})
        one = loop.checkpoint("one.json")
        Path(one["uri"]).write_text(json.dumps({"weight": -7.0}))
        done = loop.done("PUT", f"checkpoints/{one['id']}/rollback", {"checkpointFirst": False})
        assert done["state"] == "failed"
        assert "is not what was written" in done["reason"]
        at_home.wait_for(lambda: loop.checkpoint("one.json")["state"] == "corrupt", "the checkpoint told as corrupt")
        assert loop.weight != -7.0
        Path(one["uri"]).unlink()


def test_a_job_pauses_takes_orders_meanwhile_and_goes_on(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "pauses", tmp_path) as loop:
        assert loop.done("POST", "pause")["state"] == "applied"
        at_home.wait_for(lambda: at_home.ask("/api/jobs/pauses")["state"] == "paused", "the state")
        steps = len(loop.seen)
        assert loop.done("PUT", "parameters/lr", {"value": 0.25})["state"] == "applied"
        assert loop.done("POST", "checkpoints", {})["state"] == "applied"
        assert len(loop.seen) == steps
        assert loop.done("POST", "resume")["state"] == "applied"
        at_home.wait_for(lambda: at_home.ask("/api/jobs/pauses")["state"] == "running", "the state")
        at_home.wait_for(lambda: len(loop.seen) > steps, "the next step")


def test_a_job_that_is_stopped_writes_a_checkpoint_and_counts_as_cancelled(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "stops", tmp_path) as loop:
        done = loop.done("POST", "stop")
        assert done["state"] == "applied"
        assert loop.ended.wait(10)
        assert loop.job.stopping
    assert at_home.ask("/api/jobs/stops")["state"] == "cancelled"
    assert loop.checkpoint(f"step-{int(done['step']):08d}.json")["step"] == done["step"]


def test_control_raises_an_end_that_a_script_need_not_know(at_home: ControlRoom) -> None:
    job = pilothouse.init(id="raises")

    def stop() -> None:
        at_home.wait_for(lambda: job.url, "the job")
        at_home.wait_for(lambda: at_home.ask("/api/jobs/raises/commands")["controls"], "what the job can be told")
        at_home.tell("POST", "/api/jobs/raises/stop", {})

    def train() -> None:
        with job:
            for step in range(2_000):
                assert job.control(step) == step
                rest(0.01)

    threading.Thread(target=stop).start()
    with pytest.raises(pilothouse.Stopped):
        train()
    assert at_home.ask("/api/jobs/raises")["state"] == "cancelled"


def test_an_evaluation_that_is_asked_for_is_logged(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "evaluates", tmp_path) as loop:
        assert loop.done("POST", "evaluate")["state"] == "applied"
        at_home.wait_for(lambda: at_home.steps("evaluates", "val"), "the metric")


def test_of_those_that_nobody_asked_for_the_last_ones_stay(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "keep-two", tmp_path, keep=2, every=10) as loop:
        loop.done("POST", "checkpoints", {"name": "asked-for"})
        at_home.wait_for(lambda: len(loop.seen) > 65, "65 steps")
        names = sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(".pilothouse.json"))
        assert len(names) in (3, 4)
        assert "asked-for.json" in names
        first = loop.checkpoint("asked-for.json")
        assert first["state"] == "present"
        states = {one["state"] for one in at_home.ask("/api/jobs/keep-two/checkpoints")["checkpoints"]}
        assert states == {"present"}


def test_rules_say_which_checkpoints_stay(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "rules", tmp_path) as loop:
        for name in ("one", "two", "three"):
            loop.done("POST", "checkpoints", {"name": name})
        first = loop.checkpoint("one.json")
        loop.tell("PATCH", f"checkpoints/{first['id']}", {"pinned": True})
        rules = {"policy": {"last": 1}}
        planned = loop.tell("PUT", "checkpoint-policy?dryRun=true", rules)["decisions"]
        assert [(one["name"], one["keep"]) for one in planned] == [
            ("three.json", True), ("two.json", False), ("one.json", True),
        ]  # fmt: skip
        assert at_home.ask("/api/jobs/rules/checkpoint-policy")["policy"] is None
        loop.tell("PUT", "checkpoint-policy", rules)
        states = {one["name"]: one["state"] for one in at_home.ask("/api/jobs/rules/checkpoints")["checkpoints"]}
        assert states == {"one.json": "present", "two.json": "deleting", "three.json": "present"}
        # From now on they are followed with each new one.
        loop.done("POST", "checkpoints", {"name": "four"})
        at_home.wait_for(lambda: loop.checkpoint("three.json")["state"] == "deleting", "the rules to be followed")


def test_a_pinned_checkpoint_stays(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "pinned", tmp_path, keep=1, every=20) as loop:
        first = loop.checkpoint("step-00000020.json")
        loop.tell("PATCH", f"checkpoints/{first['id']}", {"pinned": True})
        at_home.wait_for(lambda: loop.job._steering.pinned == {"step-00000020.json"}, "the pin to arrive")
        loop.checkpoint("step-00000100.json")
        assert Path(first["uri"]).exists()


def test_a_running_job_deletes_its_own_checkpoints(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "deletes", tmp_path) as loop:
        loop.done("POST", "checkpoints", {"name": "one"})
        one = loop.checkpoint("one.json")
        loop.tell("DELETE", f"checkpoints/{one['id']}?now=true")
        at_home.wait_for(lambda: not at_home.ask("/api/jobs/deletes/checkpoints")["checkpoints"], "the deletion")
        assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_killed_loses_no_command(room: ControlRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOTHOUSE_DATA", str(room.folder))
    with running(room, "killed", tmp_path) as loop:
        values = [0.5 + 0.001 * count for count in range(12)]
        commands = []
        for count, value in enumerate(values):
            commands.append(loop.tell("PUT", "parameters/lr", {"value": value}))
            if count % 3 == 0:
                room.kill()
                rest(0.1)
                room.start()
        ends = [loop.settled(command)["state"] for command in commands]
        assert set(ends) <= {"applied", "superseded"}
        assert ends[-1] == "applied"
        # None twice: `put` for each that was applied, in the order in which they were given.
        assert loop.applied == [value for value, end in zip(values, ends) if end == "applied"]


def test_a_job_is_steered_from_the_command_line(at_home: ControlRoom, tmp_path: Path) -> None:
    def cli(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(PROGRAM), *arguments, "--data", str(at_home.folder)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    with running(at_home, "from-cli", tmp_path) as loop:
        done = cli("set", "from-cli", "lr=0.25", "--note", "why not")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("lr = 0.25: done at step ")
        wrong = cli("set", "from-cli", "lr=99")
        assert wrong.returncode == 1
        assert "«lr» cannot be 99: a number from 0.000001 to 10 is expected." in wrong.stderr
        listed = cli("set", "from-cli").stdout.splitlines()[1].split()
        assert listed[:2] == ["lr", "0.25"]
        assert cli("checkpoint", "from-cli", "--name", "here").returncode == 0
        loop.checkpoint("here.json")
        assert "here.json" in cli("checkpoints", "from-cli").stdout
        back = cli("rollback", "from-cli", "here")
        assert back.returncode == 0, back.stderr
        assert cli("rollback", "from-cli", "none").returncode == 5
        assert cli("pause", "from-cli").stdout.startswith("Pause: done at step ")
        again = cli("pause", "from-cli")
        assert (again.returncode, "paused already" in again.stderr) == (1, True)
        assert cli("resume", "from-cli").returncode == 0
        assert json.loads(cli("evaluate", "from-cli", "--json").stdout)["state"] == "applied"
        loop.break_apply = True
        failed = cli("set", "from-cli", "lr=0.125")
        assert (failed.returncode, "no such rate" in failed.stderr) == (1, True)
        assert cli("stop", "from-cli").returncode == 0
        assert loop.ended.wait(10)
        loop.job.finish()
        ended = cli("set", "from-cli", "lr=0.5")
        assert (ended.returncode, "has ended (cancelled)" in ended.stderr) == (1, True)


def test_orders_come_by_the_mailbox_each_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PILOTHOUSE_MAILBOX", str(tmp_path / "mailbox"))
    applied: list[float] = []
    job = pilothouse.init(id="by-mailbox")
    job.parameter("lr", 0.5, apply=applied.append)
    folder = wait_until(lambda: [path.parent for path in (tmp_path / "mailbox").glob("*/job.json")], "the run's folder")[0]
    names = {"number": 0, "state": "running", "serverTime": 0, "uid": job.uid, "attempt": 1, "page": "/job/by-mailbox"}

    def answer(*values: float) -> None:
        commands = [
            {"id": number + 1, "kind": "set", "body": {"key": "lr", "value": value}, "expiresInMs": 60_000}
            for number, value in enumerate(values)
        ]
        write_whole(folder / "ack.json", json.dumps({**names, "orders": {"commands": commands, "pinned": ["kept"]}}).encode())

    job.control(0)
    for count in (1, 2):
        answer(*[0.25, 0.125][:count])
        wait_until(lambda: (job.control(1), len(applied) >= count)[1], "the value")  # noqa: B023 - called at once
    assert applied == [0.25, 0.125]
    assert job._steering.pinned == {"kept"}
    rest(1)
    job.control(2)
    assert applied == [0.25, 0.125]


def test_a_parameter_takes_what_it_declared(connected: Any) -> None:
    job = pilothouse.init()
    lr = job.parameter("lr", 1, min=0.5, max=2, type="number")
    assert (lr.type, lr.value, float(lr)) == ("number", 1.0, 1.0)
    for value in (0.4, 2.1, float("nan"), float("inf"), True, "1", None):
        with pytest.raises(OptionError):
            lr.set(value)
    batch = job.parameter("batch", 32, min=1)
    assert (batch.type, int(batch)) == ("integer", 32)
    batch.set(64.0)
    assert batch() == 64
    with pytest.raises(OptionError, match="a whole number is expected"):
        batch.set(0.5)
    with pytest.raises(OptionError, match="a whole number from 1 is expected"):
        batch.set(0)
    flip = job.parameter("flip", True)
    assert flip.type == "switch"
    kind = job.parameter("kind", "cosine", choices=["cosine", "linear"])
    with pytest.raises(OptionError, match='one of "cosine", "linear"'):
        kind.set("step")
    with pytest.raises(OptionError, match="already"):
        job.parameter("lr", 1.0)
    for wrong in ({"min": 2.0, "max": 1.0}, {"min": 0.0, "log": True}, {"step": 0.0}, {"type": "color"}, {"min": 2.0}):
        with pytest.raises(OptionError):
            job.parameter("wrong", 1.0, **wrong)
    assert isinstance(lr, Parameter)


def test_everything_works_without_anybody_listening(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    job = pilothouse.init(mode="disabled")
    lr = job.parameter("lr", 0.1)
    state = {"weight": 1}
    kept = job.checkpoints(
        save=lambda path: Path(path).write_text(json.dumps(state)), load=lambda path: None, directory=tmp_path, every=2
    )
    steps = []
    for step in job.steps(range(5)):
        steps.append(step)
        assert lr() == 0.1
    assert steps == [0, 1, 2, 3, 4]
    assert kept.restore() == 4
    with pytest.raises(OptionError):
        job.steps(iter([1, 2]))  # type: ignore[arg-type]
    with pytest.raises(OptionError):
        job.steps(["a", "b"])


def test_what_is_over_is_not_offered_any_more(at_home: ControlRoom, tmp_path: Path) -> None:
    job = pilothouse.init(id="withdrawn")
    job.parameter("noise", 0.1)
    lr = job.parameter("lr", 0.5)
    job.checkpoints(save=lambda path: Path(path).touch(), load=lambda path: None, directory=tmp_path)
    job.on_evaluate(lambda: None)

    def offered() -> Any:
        controls = at_home.ask("/api/jobs/withdrawn/commands")["controls"]
        return controls and (sorted(controls["kinds"]), controls["rollback"] is not None)

    def values() -> Any:
        return {one["key"]: one["value"] for one in at_home.ask("/api/jobs/withdrawn/parameters")["parameters"]}

    job.control(1)
    left = ["cancelSchedule", "pause", "resume", "schedule", "set", "stop"]
    everything = sorted([*left, "checkpoint", "copy", "deleteCheckpoint", "evaluate", "rollback"])
    at_home.wait_for(lambda: job.url, "the job")
    at_home.wait_for(lambda: offered() == (everything, True) and values() == {"noise": 0.1, "lr": 0.5}, "all of it")
    job._steering.withdraw([lr])
    at_home.wait_for(lambda: offered() == (left, False), "what is left")
    told = at_home.tell("PUT", "/api/jobs/withdrawn/parameters/lr", {"value": 0.125})
    at_home.wait_for(lambda: job._steering._alert, "the command")
    job.control(2)

    def outcome() -> Any:
        commands = at_home.ask("/api/jobs/withdrawn/commands")["commands"]
        return next(one["reason"] for one in commands if one["id"] == told["id"])

    at_home.wait_for(lambda: outcome() == "This script has no parameter «lr».", "what came of it")
    # Another training of the same job has one of that name again.
    job.parameter("lr", 0.25)
    at_home.wait_for(lambda: values() == {"noise": 0.1, "lr": 0.25}, "its value")


def test_steps_of_any_kind_of_number_are_told(at_home: ControlRoom, tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy", reason="lab/setup installs it")
    job = pilothouse.init(id="numpy-steps")
    job.parameter("lr", numpy.float32(0.5), max=numpy.float64(1.0).item())
    kept = job.checkpoints(save=lambda path: Path(path).write_text("x"), directory=tmp_path)
    for step in numpy.arange(3, dtype=numpy.int64):
        job.control(step)
        kept.save(kind="best", description="d")
        job.log({"loss": 1.0}, step=step)
    job.control(float("nan"))
    assert kept.save() is not None
    with pytest.raises(OptionError, match="kind is «other»"):
        kept.save(kind="other")
    job.finish()
    listed = at_home.ask("/api/jobs/numpy-steps/checkpoints")["checkpoints"]
    assert [one["step"] for one in listed] == [0, 2, 1, 0]  # what is no number counts as none
    assert len(at_home.steps("numpy-steps", "loss")) == 3


def test_control_costs_next_to_nothing_when_nothing_waits(at_home: ControlRoom) -> None:
    job = pilothouse.init(id="costs")
    job.parameter("lr", 0.1)
    job.control(0)
    at_home.wait_for(lambda: job._steering._feed is not None and not job._steering._alert, "the first look")
    best = min(_time_control(job) for _ in range(5))
    assert best < 3e-6, f"{best * 1e9:.0f} ns"


def _time_control(job: Job) -> float:
    control, count = job.control, 20_000
    began = time.perf_counter()
    for step in range(count):
        control(step)
    return (time.perf_counter() - began) / count
