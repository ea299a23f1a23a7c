"""What collects a mailbox in the tests: by the words of `docs/spool-format.md`."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any, Callable

from check_server import CheckServer

from pilothouse._frame import stamp_frame
from pilothouse._spool_files import list_reports, read_birth, unpack_report, write_whole

LIMIT_S = 30.0


def collect(mailbox: Path, server: CheckServer) -> int:
    """One round over all runs of a mailbox; how many reports it brought."""
    return sum(collect_run(path.parent, server) for path in sorted(mailbox.glob("*/job.json")))


def collect_run(folder: Path, server: CheckServer, state: str | None = None) -> int:
    """Brings what waits in one folder, in order, and answers. `state`: what to say instead of the server's word."""
    birth = read_birth(folder)
    made = server.put_job(birth["uid"], json.dumps(birth["create"]).encode())
    files = list_reports(folder)
    answer: dict[str, Any] = {"number": 0, "state": "running", "serverTime": made["serverTime"]}
    for file in files:
        try:
            content = file.read_bytes()
        except FileNotFoundError:  # the script was quicker
            continue
        frame = stamp_frame(unpack_report(content), made["attempt"], time.time() * 1000.0)
        answer = server.add_report(made["uid"], frame)
        file.unlink(missing_ok=True)
    names = {"uid": made["uid"], "attempt": made["attempt"], "page": made["page"]}
    word = {"number": answer["number"], "state": state or answer["state"], "serverTime": answer["serverTime"]}
    write_whole(folder / "ack.json", json.dumps({**word, **names}).encode())
    return len(files)


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """Waits for what comes from another process or thread, and gives it."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        threading.Event().wait(0.01)
    raise AssertionError(f"{what} did not come within {LIMIT_S:g} s")
