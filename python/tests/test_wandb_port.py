"""A script for W&B runs with real W&B, and with one line changed here."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
from pathlib import Path

from control_room import SOURCE, ControlRoom

import pilothouse

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "wandb_port"


def run(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, str(FOLDER / script)],
        env=environment, cwd=folder, check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_the_script_runs_with_real_wandb(tmp_path: Path) -> None:
    done = run("before.py", tmp_path, WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "done: accuracy" in done.stdout
    assert list(tmp_path.glob("wandb/offline-run-*/*.wandb"))


def test_only_the_import_differs() -> None:
    before, after = ((FOLDER / name).read_text().splitlines()[1:] for name in ("before.py", "after.py"))
    changed = [line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:1] in "+-"][2:]
    assert changed == ["-import wandb", "+import pilothouse as wandb"]
    assert all(line in (ROOT / "docs" / "from-wandb.md").read_text() for line in changed)


def test_the_ported_script_reports_everything(at_home: ControlRoom, tmp_path: Path) -> None:
    done = run("after.py", tmp_path, PYTHONPATH=str(SOURCE))
    assert done.returncode == 0, done.stderr
    (job,) = pilothouse.api().jobs(project="spirals", group="ports", job_type="train")
    assert (job.state, job.tags, job.config["model"]) == ("completed", ["example"], {"width": 3})
    assert done.stdout.strip() == f"done: accuracy {job.summary['final_accuracy']:.3f}"
    assert job.summary["val/accuracy.max"] >= job.summary["final_accuracy"] > 0.9
    losses = [row["train/loss"] for row in job.history("train/loss")]
    assert len(losses) == 60
    assert losses[-1] < 0.5 * losses[0]
    assert [row["epoch"] for row in job.history("val/accuracy", x="epoch")] == [0, 1, 2, 3, 4, 5]
    assert [(one["key"], one["kinds"], len(one["steps"])) for one in job.sample_keys()] == [
        ("boundary", ["image"], 6), ("predictions", ["table"], 6), ("weights", ["histogram"], 6),
    ]  # fmt: skip
    assert list(job.logs()) == done.stdout.splitlines()
    assert "left out" not in done.stderr
