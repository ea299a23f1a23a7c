"""The examples run, report, and really learn."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from check_server import CheckServer, end_of, lines_of, rows_of

EXAMPLES = Path(__file__).parents[2] / "examples"
TIME_LIMIT_S = 240.0


def run_example(name: str, environment: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / name / "train.py"), *arguments]
    # One thread: the models are tiny, and other tests want the processors, too.
    variables = {**environment, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=variables, cwd=folder, check=False, capture_output=True, timeout=TIME_LIMIT_S)
    out, err = done.stdout.decode(), done.stderr.decode()  # carriage returns stay as they are
    assert done.returncode == 0, err
    return subprocess.CompletedProcess(command, done.returncode, out, err)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """Something to learn from that is the same on every machine."""
    folder = tmp_path / "text"
    folder.mkdir()
    verses = [f"{n} green bottles hanging on the wall, and if one green bottle should fall\n" for n in range(400)]
    for n in range(5):
        (folder / f"{n}.txt").write_text("".join(verses[n::5]) * 2)
    return folder


def expect_a_whole_training(server: CheckServer, steps: int) -> None:
    losses = rows_of(server.reports, "loss")
    assert [step for step, _ in losses] == list(range(1, steps + 1))
    first, last = losses[0][1], sum(value for _, value in losses[-5:]) / 5
    assert first > 2.5
    assert last < 0.75 * first
    checks = [value for _, value in rows_of(server.reports, "val/loss")]
    assert checks[-1] < 0.8 * checks[0]
    for key in ("accuracy", "perplexity", "grad_norm", "learning_rate", "tokens_per_second"):
        assert all(math.isfinite(value) for _, value in rows_of(server.reports, key))
        assert len(rows_of(server.reports, key)) == steps
    ended = [event["name"] for report in server.reports for event in report["stages"] if event.get("state") == "completed"]
    assert ended == ["Dataset loading", "Tokenization", "Training", "Validation", "Save model"]
    end = end_of(server.reports)
    assert end is not None
    assert end["state"] == "completed"


def test_the_plain_language_model_learns(server: CheckServer, environment: dict[str, str], tmp_path: Path, text: Path) -> None:
    out = tmp_path / "model.json"
    done = run_example("charlm", environment, tmp_path, "--steps", "60", "--text", str(text), "--out", str(out))
    expect_a_whole_training(server, 60)
    assert re.search(r"^Step 60/60: loss = \d\.\d+, val_loss = \d", done.stdout, re.MULTILINE)
    assert lines_of(server.reports) == done.stdout.splitlines()
    model = json.loads(out.read_text())
    assert len(model["tables"]) == model["orders"] == 5
    assert all(len(row) == len(model["alphabet"]) for row in model["tables"][0].values())


def test_the_plain_language_model_repeats_itself_with_a_seed(tmp_path: Path, text: Path, environment: dict[str, str]) -> None:
    runs = []
    for name in ("a", "b"):
        out = tmp_path / f"{name}.json"
        variables = {**environment, "PILOTHOUSE_MODE": "disabled"}
        run_example("charlm", variables, tmp_path, "--steps", "5", "--text", str(text), "--out", str(out))
        runs.append(out.read_bytes())
    assert runs[0] == runs[1]


def test_too_little_text_is_refused_in_words(server: CheckServer, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    command = [sys.executable, str(EXAMPLES / "charlm" / "train.py"), "--text", str(tmp_path / "empty")]
    done = subprocess.run(command, env=environment, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert (done.returncode, "at least 20000 are needed" in done.stderr) == (1, True)
    end = end_of(server.reports)
    assert end is not None
    assert end["state"] == "failed"


def test_the_pytorch_language_model_learns(server: CheckServer, environment: dict[str, str], tmp_path: Path, text: Path) -> None:
    arguments = ("--steps", "60", "--text", str(text), "--batch", "8", "--length", "32", "--width", "64")
    run_example("pytorch_charlm", environment, tmp_path, *arguments, "--out", str(tmp_path / "model.pt"))
    expect_a_whole_training(server, 60)
    assert (tmp_path / "model.pt").stat().st_size > 10_000


def test_the_plain_example_prints_losses_that_fall(tmp_path: Path, environment: dict[str, str]) -> None:
    done = run_example("plain", environment, tmp_path, "--epochs", "3", "--batches", "100", "--pause", "0")
    losses = [float(found) for found in re.findall(r"^Step \d+: Loss = (\S+), LR = ", done.stdout, re.MULTILINE)]
    assert len(losses) == 6
    assert losses[-1] < 0.6 * losses[0] or losses[-1] < 0.3
    assert "Epoch 3/3 completed" in done.stdout
    assert done.stderr.count("\r") == 300
    assert "pilothouse" not in done.stderr


def test_the_example_of_hydra_learns_with_what_was_overridden(
    server: CheckServer, environment: dict[str, str], tmp_path: Path
) -> None:
    done = run_example("hydra", environment, tmp_path, "optimizer=momentum", "steps=60", "print_every=30", "model=wide")
    losses = [float(found) for found in re.findall(r"^Step \d+: Loss = (\S+), LR = 0.02$", done.stdout, re.MULTILINE)]
    assert len(losses) == 2
    assert losses[-1] < 0.1
    assert "wide curve: loss" in done.stdout
    assert [step for step, _ in rows_of(server.reports, "loss")] == list(range(1, 61))
