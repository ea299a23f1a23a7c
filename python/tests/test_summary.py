"""Configuration, summary, definitions, alerts and artifacts, as the server hears them."""

from __future__ import annotations

import hashlib
import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from check_server import CheckServer, rows_of

import pilothouse


def field_of(server: CheckServer, name: str) -> Any:
    """What was told last of a field of the job."""
    values = [report["job"][name] for report in server.reports if name in report.get("job", {})]
    return values[-1] if values else None


def all_of(server: CheckServer, part: str) -> list[dict[str, Any]]:
    return [one for report in server.reports for one in report.get(part, [])]


def test_the_summary_has_the_last_values_and_what_the_script_sets(connected: CheckServer) -> None:
    with pilothouse.init() as job:
        job.log({"loss": 2.0, "acc": 0.1}, step=1)
        job.log({"loss": 1.0}, step=2)
        assert (job.summary["loss"], job.summary.acc) == (1.0, 0.1)
        job.summary["best"] = {"acc": 0.5}
        job.summary.update({"acc": 0.9}, note="kept")
        job.log({"acc": 0.2}, step=3)
        assert job.summary["acc"] == 0.9
        assert "loss" in job.summary
        assert pilothouse.summary["note"] == "kept"
        with pytest.raises(KeyError):
            job.summary["nothing"]
    assert field_of(connected, "summary") == {"loss": 1.0, "acc": 0.9, "best/acc": 0.5, "note": "kept"}
    assert rows_of(connected.reports, "loss") == [(1, 2.0), (2, 1.0)]


def test_reading_the_summary_loses_no_point(connected: CheckServer) -> None:
    with pilothouse.init() as job:
        job.define_metric("x", summary="mean")
        for step in range(1, 201):
            job.log({"x": float(step)}, step=step)
            if step % 50 == 0:
                assert job.summary["x.mean"] == pytest.approx((step + 1) / 2)
    assert [step for step, _ in rows_of(connected.reports, "x")] == list(range(1, 201))
    assert field_of(connected, "summary") == {"x": 200.0, "x.mean": 100.5}


def test_definitions_say_what_the_summary_keeps(connected: CheckServer) -> None:
    with pilothouse.init() as job:
        job.define_metric("val/*", step_metric="epoch", summary=["min", "max"])
        pilothouse.define_metric("val/acc", goal="maximize", summary="best,last")
        job.define_metric("noise", summary="none")
        for value in (1.0, 3.0, math.nan, 2.0):
            job.log({"val": {"loss": value, "acc": value}, "noise": value})
        with pytest.raises(pilothouse.OptionError, match="goal is «up»"):
            job.define_metric("a", goal="up")
        with pytest.raises(pilothouse.OptionError, match="summary is «median»"):
            job.define_metric("a", summary="median")
    assert field_of(connected, "summary") == {
        "val/loss": 2.0, "val/loss.min": 1.0, "val/loss.max": 3.0, "val/acc": 2.0, "val/acc.best": 3.0,
    }  # fmt: skip
    assert field_of(connected, "metrics") == [
        {"key": "val/*", "stepMetric": "epoch", "summary": ["min", "max"]},
        {"key": "val/acc", "goal": "maximize", "summary": ["best", "last"]},
        {"key": "noise", "summary": ["none"]},
    ]


def test_the_configuration_is_read_and_changed(connected: CheckServer, capfd: pytest.CaptureFixture[str]) -> None:
    with pilothouse.init(config={"lr": 1, "model": {"width": 3}, "api_key": "s3cret"}) as job:
        assert (job.config.lr, job.config["model.width"], job.config["model/width"], dict(pilothouse.config)["lr"]) == (
            1,
            3,
            3,
            1,
        )
        job.config.lr = 2
        job.config.update({"lr": 3}, allow_val_change=True)
        job.config.update({"lr": 4}, batch=8)
        job.config.setdefaults({"lr": 9, "seed": 1})
        assert job.config.get("absent") is None
        with pytest.raises(AttributeError, match="there is no «absent»; there are lr, model"):
            job.config.absent  # noqa: B018 - to be looked up
    assert field_of(connected, "config") == {"lr": 4, "model": {"width": 3}, "api_key": "(hidden)", "batch": 8, "seed": 1}
    assert capfd.readouterr().err.count("«lr» was 3 and is 4 now") == 1


def test_rows_without_commit_belong_to_the_next_step(connected: CheckServer) -> None:
    with pilothouse.init() as job:
        job.log({"a": 1}, commit=False)
        job.log({"b": 2})
        job.log({"a": 3, "epoch": 1.5})
        job.log({"b": 4})
        assert job.step == 3
    assert rows_of(connected.reports, "a") == [(1, 1), (2, 3)]
    assert rows_of(connected.reports, "b") == [(1, 2), (3, 4)]
    epochs = [block["epochs"] for report in connected.reports for block in report["points"] if "b" in block["keys"]]
    assert epochs[-1] == [1.5]


def test_alerts_of_one_title_keep_their_distance(connected: CheckServer, capfd: pytest.CaptureFixture[str]) -> None:
    with pilothouse.init() as job:
        job.log({"a": 1}, step=7)
        job.alert("Low", "words\x1b[2J", level=pilothouse.AlertLevel.WARN)
        job.alert("Low", "again")
        job.alert("Now", level="ERROR", wait_duration=0)
        pilothouse.alert("Now", level="loud", wait_duration=timedelta(0))
    told = [(alert["title"], alert["level"], alert["step"]) for alert in all_of(connected, "alerts")]
    assert told == [("Low", "warning", 7), ("Now", "error", 7), ("Now", "info", 7)]
    assert "the level is «loud»" in capfd.readouterr().err


def test_artifacts_are_places_with_sizes_and_checksums(connected: CheckServer, tmp_path: Path) -> None:
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (tmp_path / "data" / "sub" / "b.txt").write_text("b")
    (tmp_path / "model.bin").write_bytes(b"weights")
    with pilothouse.init() as job:
        job.artifact(tmp_path / "model.bin", kind="model", metadata={"acc": math.nan})
        job.artifact(str(tmp_path / "data"), name="set", kind="dataset", used=True)
        job.artifact("s3://user:secret@bucket/x.ckpt", kind="checkpoint")
        job.artifact(tmp_path / "absent", kind="file")
        job.deployed("https://me:pw@host/v1", name="chat")
        job.deployed("javascript:alert(1)")
        with pytest.raises(pilothouse.OptionError, match="kind is «thing»"):
            job.artifact("x", kind="thing")
    told = {artifact["name"]: artifact for artifact in all_of(connected, "artifacts")}
    assert told["model.bin"]["sha256"] == hashlib.sha256(b"weights").hexdigest()
    assert (told["model.bin"]["bytes"], told["model.bin"]["metadata"]) == (7, {"acc": "nan"})
    assert (told["set"]["direction"], told["set"]["filesTotal"], told["set"]["files"][0]["path"]) == ("input", 1, "sub/b.txt")
    assert told["x.ckpt"]["uri"] == "s3://bucket/x.ckpt"
    assert "bytes" not in told["absent"]
    assert (told["chat"]["kind"], told["chat"]["uri"]) == ("deployment", "https://host/v1")
    assert len(told) == 5


def test_other_options_of_wandb_are_left_out_in_words(connected: CheckServer, capfd: pytest.CaptureFixture[str]) -> None:
    tolerated: Any = {"entity": "team", "reinit": True, "dir": None}
    with pilothouse.init(**tolerated, group="g", job_type="t", mode="run") as job:
        create = connected.wait_for(lambda s: s.jobs.get(job.uid))
        assert pilothouse.run is pilothouse.job is job
        assert (job.id, job.group, job.project) == (job.uid, "g", create["project"])
    assert (create["group"], create["jobType"]) == ("g", "t")
    said = capfd.readouterr().err
    assert said.count("has no meaning here") == 2
    with pytest.raises(AttributeError, match="no attribute 'watch'"):
        pilothouse.watch  # noqa: B018 - to be looked up
