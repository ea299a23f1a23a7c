"""A job from `init` to `finish`, as the server hears it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_server import CheckServer, end_of

import pilothouse


def stages_of(server: CheckServer) -> list[dict[str, Any]]:
    return [event for report in server.reports for event in report["stages"]]


def test_a_job_is_described_when_it_is_made(connected: CheckServer) -> None:
    with pilothouse.init(
        project="digits", name="first", tags=["a", "b", "a"], model="cnn", dataset="mnist", model_type="classifier",
        total_steps=100, total_epochs=2.5, stages=["One", "Two"], notes="see", kind="evaluation", config={"lr": 1},
    ) as job:  # fmt: skip
        create = connected.wait_for(lambda s: s.jobs.get(job.uid))
        assert job.url is None or job.url == f"{connected.url}/job/{job.uid}"
    wanted = {
        "project": "digits", "name": "first", "tags": ["a", "b"], "model": "cnn", "dataset": "mnist",
        "modelType": "classifier", "totalSteps": 100, "totalEpochs": 2.5, "stages": ["One", "Two"], "notes": "see",
        "kind": "evaluation", "config": {"lr": 1}, "state": "running",
    }  # fmt: skip
    assert {key: create[key] for key in wanted} == wanted
    assert create["attempt"]["claim"].startswith("process:")
    assert end_of(connected.reports) == {"state": "completed", "at": pytest.approx(connected.reports[-1]["sentAt"], abs=5000)}


def test_a_job_without_a_name_is_called_after_its_script(run_script: Any, server: CheckServer, tmp_path: Path) -> None:
    assert run_script("import pilothouse; pilothouse.init()").returncode == 0
    (create,) = server.jobs.values()
    assert (create["name"], create["project"]) == ("train", tmp_path.name)


def test_a_misspelt_option_raises_with_the_list_of_allowed_ones() -> None:
    with pytest.raises(pilothouse.OptionError, match="no such option: projekt; there are project, name, config, tags"):
        pilothouse.init(projekt="p")  # type: ignore[call-arg]
    with pytest.raises(pilothouse.OptionError, match="online, offline, disabled"):
        pilothouse.init(mode="onlin")
    with pytest.raises(pilothouse.OptionError, match="training, evaluation, other"):
        pilothouse.init(kind="dance")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"total_steps": 0}, "total_steps is 0, a number above 0"),
        ({"total_steps": "many"}, "total_steps is 'many'"),
        ({"tags": "one"}, "tags is 'one', a list of names"),
        ({"tags": ["x", ""]}, "tags holds an empty name"),
        ({"tags": [str(n) for n in range(65)]}, "tags has 65 names, at most 64"),
        ({"name": "  "}, "name is empty"),
    ],
)
def test_a_wrong_option_says_what_was_expected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(pilothouse.OptionError, match=message):
        pilothouse.init(mode="disabled", **options)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PILOTHOUSE_MODE", "of"), ("PILOTHOUSE_URL", "localhost:1"), ("PILOTHOUSE_ATTEMPT", "0"), ("PILOTHOUSE_OUTPUT", "both")],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(pilothouse.OptionError, match=f"«{value}».* expected"):
        pilothouse.init()


def test_stages_begin_advance_and_end(connected: CheckServer) -> None:
    job = pilothouse.init()
    with job.stage("dataset_loading"):
        pass
    with job.stage("Training", total=10) as stage:
        stage.advance(4)
        connected.wait_for(lambda s: any(e.get("done") == 4 and "state" not in e for e in stages_of(s)), "the progress")
        stage.advance()
    with pytest.raises(KeyError), job.stage("own thing"):
        raise KeyError
    job.finish()
    events = [{key: value for key, value in event.items() if key != "at"} for event in stages_of(connected)]
    assert events == [
        {"name": "Dataset loading", "state": "active", "done": 0},
        {"name": "Dataset loading", "state": "completed"},
        {"name": "Training", "state": "active", "done": 0, "total": 10},
        {"name": "Training", "done": 4},
        {"name": "Training", "state": "completed", "done": 5},
        {"name": "own thing", "state": "active", "done": 0},
        {"name": "own thing", "state": "failed"},
    ]


def test_fields_can_be_changed_and_the_summary_grows(connected: CheckServer) -> None:
    job = pilothouse.init()
    job.update(name="second", tags=["t"], summary={"best": 1.5})
    job.update(summary={"path": Path("/m")}, total_steps=7)
    job.finish()
    patch: dict[str, Any] = {}
    for report in connected.reports:
        patch.update(report.get("job", {}))
    assert (patch["name"], patch["tags"], patch["totalSteps"]) == ("second", ["t"], 7)
    assert patch["summary"] == {"best": 1.5, "path": "/m"}
    with pytest.raises(pilothouse.OptionError, match="no such option: nmae; there are name, tags"):
        job.update(nmae="x")  # type: ignore[call-arg]


def test_a_launched_job_is_adopted(connected: CheckServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOTHOUSE_JOB", "launched-1")
    monkeypatch.setenv("PILOTHOUSE_ATTEMPT", "3")
    with pilothouse.init(config={"lr": 1}) as job:
        job.log({"a": 1.0})
    create = connected.jobs["launched-1"]
    assert create["attempt"]["number"] == 3
    assert not {"name", "project", "recipe"} & create.keys()
    assert {report["attempt"] for report in connected.reports} == {3}


def test_a_launched_job_learns_its_recipe_from_the_script(connected: CheckServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOTHOUSE_JOB", "launched-2")
    with pilothouse.init():
        connected.wait_for(lambda s: any("recipe" in report.get("job", {}) for report in s.reports), "a recipe")


def test_reports_go_to_the_job_that_the_server_names(connected: CheckServer) -> None:
    connected.claimed = "made-by-another"
    with pilothouse.init() as job:
        connected.wait_for(lambda s: s.jobs)
        job.log({"a": 1.0})
    assert {report["uid"] for report in connected.reports} == {"made-by-another"}


def test_the_attempt_that_the_server_names_counts(connected: CheckServer) -> None:
    connected.attempt = 5
    job = pilothouse.init()
    connected.wait_for(lambda s: s.jobs)
    job.log({"a": 1.0})
    job.finish()
    assert {report["attempt"] for report in connected.reports} == {5}


def test_a_second_job_completes_the_first(connected: CheckServer) -> None:
    first, second = pilothouse.init(name="first"), pilothouse.init(name="second")
    second.finish("cancelled")
    ends = {report["uid"]: report["state"]["state"] for report in connected.reports if "state" in report}
    assert ends == {first.uid: "completed", second.uid: "cancelled"}


def test_finish_says_how_it_ended(connected: CheckServer) -> None:
    job = pilothouse.init()
    with pytest.raises(pilothouse.OptionError, match="completed, failed, cancelled"):
        job.finish("done")
    job.finish(error="no disk")
    job.finish("completed")
    end = end_of(connected.reports)
    assert end is not None
    assert (end["state"], end["error"]) == ("failed", {"type": "error", "message": "no disk"})


def test_a_disabled_job_does_nothing(server: CheckServer, run_script: Any, tmp_path: Path) -> None:
    done = run_script(
        """
        import sys, threading, pilothouse
        before = (sys.stdout, sys.excepthook, sys.exit)
        with pilothouse.init(mode="disabled", config={"a": 1}) as job:
            job.log({"a": 1}); job.update(name="x")
            with job.stage("training") as stage: stage.advance()
            assert (sys.stdout, sys.excepthook, sys.exit) == before and threading.active_count() == 1
        """
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert not server.jobs
    assert not (tmp_path / "data").exists()


def test_only_the_first_rank_reports(server: CheckServer, run_script: Any) -> None:
    code = "import pilothouse; pilothouse.init().log({'a': 1})"
    assert run_script(code, RANK="1").returncode == 0
    assert not server.jobs
    assert run_script(code, RANK="0").returncode == 0
    assert len(server.jobs) == 1


def test_a_script_is_told_to_stop(connected: CheckServer) -> None:
    connected.job_state = "cancelled"
    job = pilothouse.init()
    job.log({"a": 1.0})
    connected.wait_for(lambda s: s.reports)
    job.finish("cancelled")
    assert job.stop_requested


def test_silence_is_broken_by_a_heartbeat(connected: CheckServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pilothouse._limits.HEARTBEAT_S", 0.1)
    pilothouse.init()
    connected.wait_for(lambda s: sum(not (r["points"] or r["logs"] or "job" in r) for r in s.reports) >= 3, "heartbeats")


def test_recipe_and_hardware_are_told(connected: CheckServer) -> None:
    pilothouse.init()
    report = connected.wait_for(lambda s: [r for r in s.reports if "recipe" in r.get("job", {})])[0]
    recipe = report["job"]["recipe"]
    assert recipe["command"][0].endswith("python") or "python" in recipe["command"][0]
    assert recipe["packages"]["pytest"]
    hardware = connected.wait_for(lambda s: [r["job"]["hardware"] for r in s.reports if "hardware" in r.get("job", {})])[0]
    assert hardware["cpus"] >= 1
    assert bool(hardware["gpus"]) != bool(hardware["gpuAbsence"])


def test_resources_are_sampled(connected: CheckServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pilothouse._resources.SAMPLE_S", 0.05)
    pilothouse.init()
    wanted = {"cpu.utilization", "memory.used", "memory.total", "disk.used", "disk.total", "process.cpu", "process.memory"}

    def sampled(server: CheckServer) -> bool:
        blocks = [block for report in server.reports for block in report["points"] if block["source"].startswith("host:")]
        return any(wanted <= set(block["keys"]) for block in blocks)

    connected.wait_for(sampled, "a sample of the host")
