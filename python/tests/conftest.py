"""What the tests share: a server that checks, a folder for data, and scripts run as their users run them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from check_server import TOKEN, CheckServer
from control_room import SOURCE, ControlRoom

import pilothouse

TIME_LIMIT_S = 60.0
FOREIGN = ("PILOTHOUSE_", "SLURM_", "TORCHELASTIC_", "OMPI_", "PMI")


@pytest.fixture
def server() -> Iterator[CheckServer]:
    served = CheckServer()
    yield served
    served.close()
    assert served.faults == []


@pytest.fixture
def environment(tmp_path: Path, server: CheckServer) -> dict[str, str]:
    """Variables of a script that reports to `server`."""
    return script_environment(tmp_path, server.url)


@pytest.fixture(autouse=True)
def clean_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A test must not find the developer's own server."""
    for name in list(os.environ):
        if name.startswith(("PILOTHOUSE_", "SLURM_", "TORCHELASTIC_", "OMPI_", "PMI")) or name in (
            "RANK",
            "WORLD_SIZE",
            "LOCAL_RANK",
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PILOTHOUSE_DATA", str(tmp_path / "data"))
    yield
    job = pilothouse.current_job()
    if job is not None:
        job.finish()


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], server: CheckServer) -> CheckServer:
    """The server, for a job of the test's own process."""
    for name in ("PILOTHOUSE_URL", "PILOTHOUSE_TOKEN", "PILOTHOUSE_DATA"):
        monkeypatch.setenv(name, environment[name])
    return server


@pytest.fixture
def room(tmp_path: Path) -> Iterator[ControlRoom]:
    """A real server with a folder of its own."""
    served = ControlRoom(tmp_path / "server")
    yield served
    served.close()


@pytest.fixture(scope="module")
def shared_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlRoom]:
    """A real server for all tests of a module."""
    served = ControlRoom(tmp_path_factory.mktemp("shared") / "server")
    yield served
    served.close()


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch, shared_room: ControlRoom) -> ControlRoom:
    """The module's real server, found as on its own machine by a job of the test's own process."""
    monkeypatch.setenv("PILOTHOUSE_DATA", str(shared_room.folder))
    return shared_room


@pytest.fixture
def run_script(tmp_path: Path, environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs a script to its end; `variables` go over those of `environment`."""

    def run(code: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
        process = start_script(tmp_path, code, {**environment, **variables})
        out, err = process.communicate(timeout=TIME_LIMIT_S)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return run


def script_environment(folder: Path, url: str) -> dict[str, str]:
    """Variables of a script that reports to `url` and keeps its data below `folder`."""
    return {
        **os.environ,
        "PYTHONPATH": str(SOURCE),
        "PILOTHOUSE_URL": url,
        "PILOTHOUSE_TOKEN": TOKEN,
        "PILOTHOUSE_DATA": str(folder / "data"),
    }


def start_script(folder: Path, code: str, environment: dict[str, str], **options: Any) -> subprocess.Popen[bytes]:
    """Starts a script with its output piped."""
    script = folder / "train.py"
    text = textwrap.dedent(code)
    # Not again for its twins: one that is just starting would read an empty file.
    if not script.exists() or script.read_text(encoding="utf-8") != text:
        script.write_text(text, encoding="utf-8")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([sys.executable, str(script)], env=environment, cwd=folder, **pipes)
