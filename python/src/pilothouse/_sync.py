"""Sends what waits on disk: runs that were offline, and the rest of those whose server was away."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator
from urllib.parse import quote

from ._frame import CONTENT_TYPE, restamp_frame
from ._spool import list_reports, remove_quietly, remove_run
from ._transport import Answer, Transport, Unreachable


@dataclass
class Outcome:
    """What became of the reports of one run."""

    folder: Path
    sent: int = 0
    refused: int = 0
    left: int = 0
    #: What went wrong, in words; empty when everything arrived.
    trouble: str = ""


class RunFault(Exception):
    """Raised when a run's folder cannot be read, or the server takes neither the job nor, for now, any report."""


def find_runs(folder: Path) -> list[Path]:
    """Folders of runs: this one, or those below it."""
    return sorted(path.parent for path in folder.rglob("job.json"))


def sync_run(folder: Path, transport: Transport, say: Callable[[str], None]) -> Outcome:
    """Makes the job and sends its reports in order. Each goes away when the server has it; one that the server refuses is
    kept beside as `.refused` and the others go on. Stops at the first that gets no answer."""
    outcome = Outcome(folder)
    try:
        birth = read_birth(folder)
        uid, attempt = _create(birth, transport)
        path = f"/api/jobs/{quote(uid)}/reports"
        for file in list_reports(folder):
            _send_one(file, path, attempt, transport, outcome, say)
    except (Unreachable, RunFault) as fault:
        outcome.trouble = str(fault)
    outcome.left = len(list_reports(folder))
    if not outcome.left:
        remove_run(folder)
    return outcome


def read_birth(folder: Path) -> dict[str, Any]:
    """What `job.json` says. Raises RunFault."""
    try:
        birth = json.loads((folder / "job.json").read_bytes())
        if isinstance(birth["uid"], str) and isinstance(birth["create"], dict) and isinstance(birth["attempt"], int):
            return dict(birth)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunFault(f"{folder / 'job.json'} cannot be read: {error}") from error
    raise RunFault(f"{folder / 'job.json'} is no description of a run")


def _create(birth: dict[str, Any], transport: Transport) -> tuple[str, int]:
    """The job and the attempt under which the server takes the reports: a claim may lead to a job made by another."""
    content = json.dumps(birth["create"]).encode("utf-8")
    answer = transport.call("PUT", f"/api/jobs/{quote(birth['uid'])}", content, "application/json")
    if not answer.ok:
        raise RunFault(f"the server does not take the job. {answer.reason}")
    uid, attempt = answer.body.get("uid"), answer.body.get("attempt")
    return (
        uid if isinstance(uid, str) and uid else str(birth["uid"]),
        attempt if isinstance(attempt, int) else int(birth["attempt"]),
    )


def _send_one(
    file: Path, path: str, attempt: int, transport: Transport, outcome: Outcome, say: Callable[[str], None]
) -> None:  # fmt: skip
    try:
        frame = restamp_frame(file.read_bytes(), sentAt=time.time() * 1000.0, attempt=attempt)
    except OSError:  # the run's own process was quicker
        return
    except ValueError as error:
        _set_aside(file, f"{file.name} is torn ({error})", outcome, say)
        return
    answer = transport.call("POST", path, frame, CONTENT_TYPE)
    if answer.ok:
        outcome.sent += 1
        remove_quietly(file)
    elif _is_final(answer):
        _set_aside(file, f"{file.name} is refused. {answer.reason}", outcome, say)
    else:
        raise RunFault(answer.reason)


def _is_final(answer: Answer) -> bool:
    return 400 <= answer.status < 500 and answer.status not in (401, 403, 408, 425, 429)


def _set_aside(file: Path, reason: str, outcome: Outcome, say: Callable[[str], None]) -> None:
    outcome.refused += 1
    say(f"{reason}; kept as {file.stem}.refused")
    file.replace(file.with_suffix(".refused"))


def sync_all(folders: list[Path], transport: Transport, say: Callable[[str], None]) -> Iterator[Outcome]:
    """One outcome for each run below `folders`."""
    for folder in folders:
        for run in find_runs(folder):
            yield sync_run(run, transport, say)
