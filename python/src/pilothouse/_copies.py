"""Copies of checkpoints in the control room: sent while the training goes on, and fetched when an original is gone.

A file goes in parts that follow what the server has of it, so that a cut network or a server that is started again costs no
more than the part under way. The server makes a copy appear only once all of it is there and is what was written.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional
from urllib.parse import quote

from . import _limits as limits
from ._checkpoint_files import CheckpointFault, begin_part, describe_files, finish_part, read_record, remove_path, sum_files
from ._steering_host import APPLIED, Outcome, describe_fault
from ._transport import Answer, Transport, Unreachable
from ._warn import say

if TYPE_CHECKING:
    from ._delivery import Delivery

_JSON = "application/json"
_BYTES = "application/octet-stream"
_DISK_FULL = 507
_CONFLICT = 409


@dataclass(frozen=True)
class _Wanted:
    """A copy that somebody has asked for. `done`: told once what came of it."""

    checkpoint: int
    name: str
    path: Path
    sha256: Optional[str]
    done: Callable[[Outcome], None]


class Copies:
    """Sends one copy after the other, in a thread of its own."""

    def __init__(self, delivery: Delivery, transport: Transport, mailbox: bool) -> None:
        self._delivery = delivery
        #: For the thread that sends, and for the one that fetches.
        self._transport = transport
        self._mailbox = mailbox
        self._waiting: deque[_Wanted] = deque()
        self._lock = threading.Lock()
        self._busy = False
        self._stopped = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._part_bytes = limits.COPY_PART_BYTES_MAX
        #: When bytes arrived last, monotonic seconds.
        self._moved = time.monotonic()

    def send(self, checkpoint: int, path: Path, sha256: Optional[str], done: Callable[[Outcome], None]) -> Optional[str]:
        """Begins to send. None, or why nothing can be sent, in words."""
        if self._mailbox and (self._delivery.away or not self._delivery.known):
            return by_hand(path)
        with self._lock:
            self._waiting.append(_Wanted(checkpoint, path.name, path, sha256, done))
            self._idle.clear()
            if not self._busy:
                self._busy = True
                threading.Thread(target=self._run, name="pilothouse-copies", daemon=True).start()
        return None

    def settle(self, most_s: float) -> None:
        """Waits at the end of the job for what is under way, as long as it moves."""
        if self._idle.is_set() or most_s <= 0:
            self._stopped.set()
            return
        began = self._moved = time.monotonic()
        say("a copy of a checkpoint is still being sent to the control room; Ctrl-C ends without it.")
        while not self._idle.wait(0.2):
            now = time.monotonic()
            if now - began > most_s or now - self._moved > limits.COPY_STILL_S:
                say("the copy is left as it is: the control room does not take it now.")
                break
        self._stopped.set()

    def fetch(self, checkpoint: int, target: Path, sha256: Optional[str]) -> int:
        """Brings a checkpoint back to its place. Its size. Raises CheckpointFault or OSError: then nothing has changed."""
        transport = self._transport.twin()
        base = f"{self._path}/checkpoints/{checkpoint}/copy"
        part: Optional[Path] = None
        try:
            manifest = self._get(transport, f"{base}/manifest").body
            part = begin_part(target.parent, target.name)
            files = manifest.get("files") or []
            for at, file in enumerate(files):
                path = part / _plain(file["path"]) if manifest.get("isFolder") else part
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as opened:
                    while opened.tell() < file["bytes"]:
                        content = self._get(transport, f"{base}/{at}?offset={opened.tell()}").content
                        if not content:
                            raise CheckpointFault("the copy in the control room is shorter than it should be")
                        opened.write(content)

            def describe(facts: Mapping[str, Any]) -> dict[str, Any]:
                if sha256 is not None and facts["sha256"] != sha256:
                    raise CheckpointFault("the copy in the control room is not what was written: its checksum is another one")
                return {**{key: value for key, value in manifest["record"].items() if key != "version"}, **facts}

            return int(finish_part(part, target, describe)["bytes"])
        except (KeyError, TypeError) as error:
            raise CheckpointFault(f"the copy in the control room cannot be read ({describe_fault(error)})") from error
        finally:
            transport.close()
            if part is not None:
                remove_path(part)

    def find(self) -> list[Mapping[str, Any]]:
        """Checkpoints of this job that have a copy, newest first: `id`, `name`, `uri`, `sha256`."""
        self._delivery.decided.wait(limits.RESUME_TIMEOUT_S)
        if not self._delivery.known:
            return []
        transport = self._transport.twin()
        try:
            found = self._get(transport, f"{self._path}/copies").body.get("copies")
        except CheckpointFault:
            return []
        finally:
            transport.close()
        return found if isinstance(found, list) else []

    @property
    def _path(self) -> str:
        return f"/api/jobs/{quote(self._delivery.uid)}"

    def _get(self, transport: Transport, path: str) -> Answer:
        until, pause_s = time.monotonic() + limits.COPY_STILL_S, limits.COPY_PAUSE_S
        while True:
            try:
                answer = transport.call("GET", path, b"", _JSON)
            except Unreachable as error:
                fault = f"the control room does not answer ({error})"
            else:
                if answer.ok:
                    return answer
                fault = answer.reason
                if not answer.is_later:
                    raise CheckpointFault(fault)
            if time.monotonic() > until:
                raise CheckpointFault(fault)
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, limits.COPY_PAUSE_LONGEST_S)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting or self._stopped.is_set():
                    self._busy = False
                    self._idle.set()
                    return
                wanted = self._waiting.popleft()
            try:
                outcome = self._send_one(wanted)
            except Exception as error:  # whatever it is, the training goes on
                outcome = Outcome("failed", describe_fault(error))
            if outcome is not None:
                wanted.done(outcome)

    def _send_one(self, wanted: _Wanted) -> Optional[Outcome]:
        """None when the job ends before it is known what came of it."""
        record = read_record(wanted.path)
        if record is None:
            return Outcome("failed", f"{wanted.path} has no record beside it: it was not written whole, or is gone.")
        files = describe_files(wanted.path)
        is_folder = wanted.path.is_dir()
        if sum_files(files, is_folder) != wanted.sha256:
            return Outcome("failed", f"{wanted.path} is not what was written: its checksum is another one.")
        body = json.dumps({"files": files, "isFolder": is_folder, "record": record}).encode("utf-8")
        base = f"{self._path}/checkpoints/{wanted.checkpoint}/copy"
        pause_s = limits.COPY_PAUSE_S
        while not self._stopped.is_set():
            answer = self._call("PUT", base, body, _JSON)
            if answer is not None and answer.ok:
                state, received = answer.body.get("state"), answer.body.get("received")
                if state == "copied":
                    return APPLIED
                if state == "failed" or not isinstance(received, list):
                    return Outcome("failed", str(answer.body.get("reason") or "The control room does not say how far it is."))
                over, moved = self._send_files(wanted, base, files, received)
                if over is not None:
                    return over
                pause_s = limits.COPY_PAUSE_S if moved else pause_s
            elif answer is not None and (not answer.is_later or answer.status == _DISK_FULL):
                return Outcome("failed", answer.reason)
            self._stopped.wait(pause_s)
            pause_s = min(1.5 * pause_s, limits.COPY_PAUSE_LONGEST_S)
        return None

    def _send_files(
        self, wanted: _Wanted, base: str, files: list[dict[str, Any]], received: list[int]
    ) -> tuple[Optional[Outcome], bool]:  # fmt: skip
        """All that is missing, as far as it goes now. What came of the copy, if it is over; and whether something arrived."""
        moved = False
        for at, file in enumerate(files):
            path = wanted.path / file["path"] if wanted.path.is_dir() else wanted.path
            offset = received[at]
            if offset >= file["bytes"]:
                continue
            with path.open("rb") as opened:
                while offset < file["bytes"]:
                    if self._stopped.is_set():
                        return None, moved
                    opened.seek(offset)
                    content = opened.read(min(self._part_bytes, file["bytes"] - offset))
                    if not content:
                        return Outcome("failed", f"{path} is shorter than it was."), moved
                    answer = self._call("PUT", f"{base}/{at}?offset={offset}", content, _BYTES)
                    if answer is None or answer.status == _CONFLICT or (answer.is_later and answer.status != _DISK_FULL):
                        return None, moved  # said again, it is known how far it is
                    if not answer.ok:
                        return Outcome("failed", answer.reason), moved
                    there = answer.body.get("received")
                    if not isinstance(there, list):
                        return None, moved
                    moved, offset = moved or there[at] > offset, there[at]
                    self._moved = time.monotonic()
        self._moved = time.monotonic()  # the server compares it now
        return None, moved

    def _call(self, method: str, path: str, body: bytes, content_type: str) -> Optional[Answer]:
        """One call; None without an answer. Parts get smaller on a slow line, and larger again."""
        try:
            answer = self._transport.call(method, path, body, content_type)
        except Unreachable:
            self._part_bytes = max(limits.COPY_PART_BYTES_MIN, self._part_bytes // 2)
            return None
        if content_type == _BYTES:
            self._part_bytes = min(limits.COPY_PART_BYTES_MAX, self._part_bytes * 2)
        return answer


def by_hand(path: Path) -> str:
    """What is said where no file can be sent."""
    return f"This job is reached by its mailbox only, which carries no files. Copy {path} on its machine by hand."


def _plain(name: str) -> Path:
    """A path below a folder. Raises CheckpointFault for one that leads elsewhere."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise CheckpointFault(f"the copy in the control room names «{name[:64]}», which is no place in it")
    return path
