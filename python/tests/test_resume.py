"""Going on with a job, and reading back what it has, on a real server."""

from __future__ import annotations

import json
import math
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from control_room import ControlRoom

import pilothouse


def train(steps: int, **options: Any) -> pilothouse.Job:
    with pilothouse.init(**options) as job:
        for _ in range(steps):
            job.log({"loss": 1.0 / (job.step + 1)})
    return job


def test_a_job_goes_on_with_its_steps_configuration_and_summary(at_home: ControlRoom) -> None:
    train(3, id="goes-on", name="n", config={"lr": 1, "old": True})
    with pilothouse.init(id="goes-on", resume="must", config={"lr": 2}) as job:
        assert (job.resumed, job.step, job.name) == (True, 3, "n")
        assert dict(job.config) == {"lr": 2, "old": True}
        assert job.summary["loss"] == pytest.approx(1 / 3)
        job.log({"loss": 0.1})
    view = pilothouse.api().job("goes-on")
    assert [point["step"] for point in view.scan_history("loss")] == [1, 2, 3, 4]
    assert (view.config, len(view.details["attempts"])) == ({"lr": 2, "old": True}, 2)
    assert view.summary["loss"] == 0.1


def test_resuming_is_refused_where_it_was_to_be(at_home: ControlRoom) -> None:
    with pytest.raises(pilothouse.OptionError, match="There is no job «not-there»"):
        pilothouse.init(id="not-there", resume="must")
    train(1, id="is-there")
    with pytest.raises(pilothouse.OptionError, match="There is a job «is-there» already"):
        pilothouse.init(id="is-there", resume="never")
    with pytest.raises(pilothouse.OptionError, match="needs the id"):
        pilothouse.init(resume="must")
    with pytest.raises(pilothouse.OptionError, match="resume is 'maybe'"):
        pilothouse.init(resume="maybe")
    with pytest.raises(pilothouse.OptionError, match="4 to 64 letters"):
        pilothouse.init(id="../x")
    fresh = train(1, id="not-there", resume="never")
    assert not fresh.resumed
    assert len(pilothouse.api().job("is-there").details["attempts"]) == 1


def test_somebody_elses_job_is_refused_like_one_that_does_not_exist(
    at_home: ControlRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(1, id="of-another")
    body = json.dumps({"name": "bound", "role": "reporter", "job": "own-job"}).encode()
    admin = (at_home.folder / "admin.token").read_text().strip()
    request = urllib.request.Request(  # noqa: S310 - our own server
        at_home.url + "/api/access/tokens",
        data=body,
        headers={"Authorization": f"Bearer {admin}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
        monkeypatch.setenv("PILOTHOUSE_TOKEN", json.load(answer)["secret"])
    with pytest.raises(pilothouse.OptionError, match="There is no job of-another"):
        pilothouse.init(id="of-another", resume="allow")
    train(1, id="own-job", resume="allow")
    monkeypatch.delenv("PILOTHOUSE_TOKEN")
    assert len(pilothouse.api().job("of-another").details["attempts"]) == 1


def test_auto_goes_on_with_what_was_not_completed(at_home: ControlRoom) -> None:
    first = pilothouse.init(resume="auto", project="auto")
    first.log({"loss": 1.0}, step=5)
    first.finish("failed")
    second = pilothouse.init(resume="auto", project="auto")
    assert (second.uid, second.resumed, second.step) == (first.uid, True, 5)
    second.finish()
    third = pilothouse.init(resume=True, project="auto")
    assert third.uid != first.uid
    third.finish()


def test_without_a_server_a_job_is_resumed_without_waiting(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    job = pilothouse.init(id="offline-one", resume="must", mode="offline")
    job.finish()
    assert "steps are counted from 1" in capfd.readouterr().err
    assert list(tmp_path.glob("data/spool/offline-one-*/*.report"))


def test_a_job_is_read_back(at_home: ControlRoom) -> None:
    with pilothouse.init(project="readback", group="g", tags=["t"], config={"a": {"b": 1}}) as job:
        for step in range(1, 11):
            job.log({"loss": 10.0 / step, "lr": math.nan if step == 2 else 0.1}, step=step, epoch=step / 10)
        job.log({"words": [pilothouse.Text("one"), pilothouse.Text("two")], "map": pilothouse.Image([[0, 255]])}, step=4)
        job.log({"words": pilothouse.Text("x" * 40_000)}, step=8)
        job.artifact("s3://bucket/model", name="m", kind="model")
        print("a line")
    api = pilothouse.api()
    (view,) = api.jobs(project="readback", tag=["t"], group="g", state="completed")
    assert (view.uid, view.config, view.tags, view.group) == (job.uid, {"a": {"b": 1}}, ["t"], "g")
    assert [row["loss"] for row in view.history("loss")] == [10.0 / step for step in range(1, 11)]
    assert list(view.history(["loss", "lr"], x="epoch")[1]) == ["epoch", "loss", "lr"]
    assert math.isnan(view.history("lr")[1]["lr"])
    assert view.history("loss", x="lr")[0] == {"lr": 0.1, "loss": 10.0}
    assert list(view.history("loss").columns()) == ["step", "loss"]
    assert view.history("loss").to_pandas()["loss"].min() == 1.0
    assert len(list(view.scan_history())) == 20
    assert view.latest()["loss"] == 1.0
    assert "a line" in list(view.logs())
    assert [one.body()["output"] for one in view.samples("words", step=5)] == ["one", "two"]
    assert [len(one.body()["output"]) for one in view.samples("words")] == [3, 3, 40_000]
    (image,) = view.samples("map")
    assert image.content().startswith(b"\x89PNG")
    with pytest.raises(pilothouse.ApiError, match="no body"):
        image.body()
    assert [(one["name"], one["kind"]) for one in view.artifacts] == [("m", "model")]


def test_pages_follow_each_other(at_home: ControlRoom) -> None:
    for at in range(5):
        train(1, project="pages", name=f"job {at}")
    api = pilothouse.api()
    assert [view.name for view in api.jobs(project="pages", limit=3)] == ["job 4", "job 3", "job 2"]
    assert len(list(api.jobs(project="pages"))) == 5


def test_reading_says_what_is_wrong(at_home: ControlRoom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(pilothouse.ApiError, match="There is no job «nope-1»") as caught:
        pilothouse.api().job("nope-1")
    assert (caught.value.status, caught.value.code) == (404, "notFound")
    with pytest.raises(pilothouse.ApiError) as caught:
        list(pilothouse.api(token="wrong").jobs())  # noqa: S106 - not a secret
    assert caught.value.status == 401
    with pytest.raises(pilothouse.ApiError, match="does not answer"):
        pilothouse.api("http://127.0.0.1:9").job("nope-1")
    monkeypatch.setenv("PILOTHOUSE_DATA", str(tmp_path / "nothing"))
    with pytest.raises(pilothouse.ApiError, match="Give the address"):
        pilothouse.api()
