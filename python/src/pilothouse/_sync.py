"""Sends what waits on disk: runs that were offline, the rest of those whose server was away, mailboxes that nobody collects."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional
from urllib.parse import quote

from ._frame import measure_in_row, stamp_frame
from ._limits import ROW_BYTES_MAX, ROW_REPORTS_MAX
from ._row import send_row
from ._spool_files import (
    RunFault,
    RunLock,
    list_reports,
    read_birth,
    remove_quietly,
    remove_run,
    set_aside,
    unpack_report,
)
from ._transport import Answer, Transport, Unreachable, bare_body

Say = Callable[[str], None]


@dataclass
class Outcome:
    """What became of the reports of one run."""

    folder: Path
    sent: int = 0
    refused: int = 0
    left: int = 0
    #: What went wrong, in words; empty when everything arrived.
    trouble: str = ""


def find_runs(folder: Path) -> list[Path]:
    """Folders of runs: this one, or those below it."""
    return sorted(path.parent for path in folder.rglob("job.json"))


def sync_all(folders: list[Path], transport: Transport, say: Say) -> Iterator[Outcome]:
    """One outcome for each run below `folders`."""
    for folder in folders:
        for run in find_runs(folder):
            yield sync_run(run, transport, say)


def sync_run(folder: Path, transport: Transport, say: Say) -> Outcome:
    """Makes the job and sends its reports in order. Each goes away when the server has it; one that the server refuses, or
    that is damaged, is kept beside as `.refused` and the others go on. Stops at the first that gets no answer; the next
    call goes on there."""
    outcome = Outcome(folder)
    lock = RunLock(folder)
    if not lock.take():
        outcome.trouble = "somebody else is sending it: its own script, or another sync"
    else:
        try:
            _send_run(folder, transport, outcome, say)
        except (Unreachable, RunFault) as fault:
            outcome.trouble = str(fault)
        finally:
            lock.release()
    outcome.left = len(list_reports(folder))
    if not outcome.left and not outcome.trouble:
        remove_run(folder)
    return outcome


def _send_run(folder: Path, transport: Transport, outcome: Outcome, say: Say) -> None:
    birth = read_birth(folder)
    uid, attempt = _create(birth, transport, say)
    path = f"/api/jobs/{quote(uid)}/reports"
    for row in _gather_rows(folder, lambda file: _read_frame(file, attempt, outcome, say)):
        while row:
            answers = send_row(transport.call, path, [frame for _, frame in row])
            for (file, _), answer in zip(row, answers):
                _settle(file, answer, outcome, say)
            row = row[len(answers) :]


def _gather_rows(folder: Path, read: Callable[[Path], Optional[bytes]]) -> Iterator[list[tuple[Path, bytes]]]:
    """The reports of a run in their order, in rows that go into one call."""
    row: list[tuple[Path, bytes]] = []
    size = 0
    for file in list_reports(folder):
        frame = read(file)
        if frame is None:
            continue
        length = measure_in_row(frame)
        if row and (len(row) >= ROW_REPORTS_MAX or size + length > ROW_BYTES_MAX):
            yield row
            row, size = [], 0
        row.append((file, frame))
        size += length
    if row:
        yield row


def _create(birth: dict[str, Any], transport: Transport, say: Say) -> tuple[str, int]:
    """The job and the attempt under which the server takes the reports: a claim may lead to a job made by another."""
    path, create = f"/api/jobs/{quote(birth['uid'])}", birth["create"]
    answer = _put(transport, path, create)
    if answer.status in (400, 413):
        say(f"the server does not take the job as described ({answer.reason}); made without its details")
        answer = _put(transport, path, bare_body(create))
    if not answer.ok:
        raise RunFault(f"the server does not take the job. {answer.reason}")
    uid, attempt = answer.body.get("uid"), answer.body.get("attempt")
    return (
        uid if isinstance(uid, str) and uid else str(birth["uid"]),
        attempt if isinstance(attempt, int) else int(birth["attempt"]),
    )


def _put(transport: Transport, path: str, body: Mapping[str, Any]) -> Answer:
    return transport.call("PUT", path, json.dumps(body).encode("utf-8"), "application/json")


def _read_frame(file: Path, attempt: int, outcome: Outcome, say: Say) -> Optional[bytes]:
    """The report as it is to be sent now; None when there is nothing to send."""
    try:
        return stamp_frame(unpack_report(file.read_bytes()), attempt, time.time() * 1000.0)
    except OSError:  # the run's own process was quicker
        return None
    except ValueError as error:
        _refuse(file, f"{file.name} is damaged ({error})", outcome, say)
        return None


def _settle(file: Path, answer: Answer, outcome: Outcome, say: Say) -> None:
    if answer.ok:
        outcome.sent += 1
        remove_quietly(file)
    elif answer.is_later:
        raise RunFault(answer.reason)
    else:
        _refuse(file, f"{file.name} is refused. {answer.reason}", outcome, say)


def _refuse(file: Path, reason: str, outcome: Outcome, say: Say) -> None:
    outcome.refused += 1
    say(f"{reason}; kept as {set_aside(file)}, the rest is sent")
