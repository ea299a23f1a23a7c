"""Reports that wait: on disk, one folder for each run (`_spool_files.py`), in the data folder or in a mailbox where somebody
collects them.

Whatever is kept passes through memory, and from there to disk in order of number. So while the disk cannot be written
reports wait in memory, within a bound, and when there is room again they go to disk before anything newer does: whoever
sends from the folder sees no gap that closes later.
"""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any, Callable, Mapping, Optional

from ._frame import measure_in_row
from ._limits import SPOOL_BYTES_MAX, SPOOL_FILE_BYTES, SPOOL_MEMORY_MAX, SPOOL_RESERVE_BYTES
from ._spool_files import (
    DamagedReport,
    RunLock,
    list_reports,
    pack_report,
    remove_quietly,
    remove_run,
    report_path,
    set_aside,
    unpack_report,
    write_birth,
    write_whole,
)
from ._warn import warn_once

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Spool:
    """The waiting reports of one run, in order. Used by one thread at a time."""

    def __init__(
        self, folder: Path, birth: Mapping[str, Any], bytes_max: int = SPOOL_BYTES_MAX, *,
        fallback: Optional[Path] = None, stays: bool = False, write: Callable[[Path, bytes], None] = write_whole,
    ) -> None:  # fmt: skip
        """`fallback`: the folder to use when `folder` cannot be made. `stays`: somebody watches the folder, so it is there
        until `finish`. `write`: how a file is written."""
        self.folder = folder
        self._birth = birth
        self._bytes_max = bytes_max
        self._fallback = fallback
        self._stays = stays
        self._write = write
        self._begun = False
        #: Number → size of each report on disk, their sum; and the reports in memory, all of higher numbers.
        self._sizes: dict[int, int] = {}
        self._bytes = 0
        self._memory: dict[int, bytes] = {}
        self._memory_bytes = 0
        #: The newest report that found no room: when the run ends, its last figures still get a place.
        self._left_out: Optional[tuple[int, bytes]] = None
        #: How many reports found no room.
        self.dropped = 0
        self._ack_seen: Optional[tuple[int, int]] = None
        self._orders_seen: Optional[tuple[int, int]] = None

    def __len__(self) -> int:
        return len(self._sizes) + len(self._memory)

    @property
    def on_disk(self) -> int:
        """How many reports a later `sync` can find."""
        return len(self._sizes)

    def holds(self, number: int) -> bool:
        """True when the report of that number waits here."""
        return number in self._sizes or number in self._memory

    def begin(self) -> None:
        """Makes the folder even before there is a report: a run that is offline on purpose, or has a mailbox."""
        try:
            self._begin()
        except OSError as error:
            self._tell_fault(error)

    def append(self, number: int, frame: bytes, *, always: bool = False) -> bool:
        """Keeps one report. False, with one warning, when the bound is reached and it is not to be kept `always`."""
        if always and self._left_out is not None:
            self._remember(*self._left_out)
            self._left_out = None
            self.dropped -= 1
        if not always and self._bytes + self._memory_bytes + _charge(frame) > self._bytes_max:
            warn_once("spool-full", f"{self._bytes_max >> 20} MB of reports wait for the server; what comes now is left out.")
            self._leave_out(number, frame)
            return False
        self._remember(number, frame)
        self._settle(last=always and self._memory_bytes <= SPOOL_RESERVE_BYTES)
        if not always and self._memory_bytes > SPOOL_MEMORY_MAX:
            warn_once("spool-memory", "Reports wait in memory only and there is no more room; what comes now is left out.")
            self._leave_out(number, self._forget(number))
            return False
        return True

    def oldest(self, count: int, bytes_max: int) -> list[tuple[int, bytes]]:
        """The oldest waiting reports, as many as go into one call, at least one where there is one. One that somebody else
        took away is skipped, a damaged one is set aside."""
        taken: list[tuple[int, bytes]] = []
        size = 0
        for number in [*self._sizes, *self._memory]:
            frame = self._memory.get(number) or self._read(number)
            if frame is None:
                continue
            size += measure_in_row(frame)
            if taken and size > bytes_max:
                break
            taken.append((number, frame))
            if len(taken) >= count:
                break
        return taken

    def _read(self, number: int) -> Optional[bytes]:
        path = report_path(self.folder, number)
        try:
            return unpack_report(path.read_bytes())
        except DamagedReport as damage:
            warn_once(f"damaged-{number}", f"{path.name} is damaged ({damage}); kept as {set_aside(path)}, the rest is sent.")
        except OSError:  # gone
            pass
        self._bytes -= self._sizes.pop(number)
        return None

    def remove(self, number: int) -> None:
        """Forgets a report that arrived or was refused; the folder goes with the last one."""
        if number in self._memory:
            self._forget(number)
        size = self._sizes.pop(number, None)
        if size is not None:
            self._bytes -= size
            remove_quietly(report_path(self.folder, number))
        if not len(self) and self._begun and not self._stays:
            self._begun = False
            remove_run(self.folder)

    def read_ack(self) -> Optional[Mapping[str, Any]]:
        """What a collector answered since the last call, or None. Then also counts anew what still is there."""
        path = self.folder / "ack.json"
        try:
            facts = os.stat(path)
            seen = (facts.st_mtime_ns, facts.st_ino)
            if seen == self._ack_seen:
                return None
            answer = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return None
        self._ack_seen = seen
        self.recount()
        return answer if isinstance(answer, dict) else None

    def read_orders(self, attempt: int) -> Optional[Mapping[str, Any]]:
        """What a collector brought of commands for this attempt since the last call, or None."""
        path = self.folder / "ack.json"
        try:
            facts = os.stat(path)
            seen = (facts.st_mtime_ns, facts.st_ino)
            if seen == self._orders_seen:
                return None
            answer = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return None
        self._orders_seen = seen
        if not isinstance(answer, dict) or answer.get("attempt") != attempt:
            return None
        orders = answer.get("orders")
        return orders if isinstance(orders, dict) else None

    def recount(self) -> None:
        """Looks which reports are still there: others send from this folder, too."""
        if self._sizes:
            there = {int(path.stem) for path in list_reports(self.folder)}
            self._sizes = {number: size for number, size in self._sizes.items() if number in there}
            self._bytes = sum(self._sizes.values())

    def lock(self) -> RunLock:
        """What to hold while sending from here."""
        return RunLock(self.folder)

    def finish(self) -> None:
        """Nothing more comes, and nothing is sent from here: what still is in memory gets a last chance, the reserve is given
        back."""
        self._settle(last=self._memory_bytes <= SPOOL_RESERVE_BYTES)
        if self._memory and self._fallback is not None:
            self.folder, self._begun, self._sizes = self._fallback, False, {}
            self._fallback = None
            self._settle(last=True)
        if self._memory:
            self._save_end()
        remove_quietly(self.folder / "reserve")
        if self._begun and not len(self) and not list_reports(self.folder):
            remove_run(self.folder)

    def _save_end(self) -> None:
        """Not all of it fits, and the process ends: how the run ended goes first, then as much of the older as there is room
        for. The gap between them never closes, so nobody is misled by it."""
        number, frame = next(reversed(self._memory.items()))
        remove_quietly(self.folder / "reserve")
        try:
            self._begin()
            self._put(number, frame)
            self._move()
        except OSError as error:
            self._tell_fault(error)

    def _leave_out(self, number: int, frame: bytes) -> None:
        self._left_out = (number, frame)
        self.dropped += 1

    def _remember(self, number: int, frame: bytes) -> None:
        self._memory[number] = frame
        self._memory_bytes += _charge(frame)

    def _forget(self, number: int) -> bytes:
        frame = self._memory.pop(number)
        self._memory_bytes -= _charge(frame)
        return frame

    def _settle(self, last: bool) -> None:
        """Moves what is in memory to disk, as far as it goes. `last`: the reserve may be used up for it."""
        try:
            self._move()
        except OSError as error:
            if last and error.errno in _NO_ROOM:
                remove_quietly(self.folder / "reserve")
                self._settle(last=False)
            else:
                self._tell_fault(error)

    def _move(self) -> None:
        while self._memory:
            self._begin()
            self._put(*next(iter(self._memory.items())))
            # Whoever sent the last report from here may have removed the folder's other files meanwhile.
            if not (self.folder / "job.json").exists():
                write_birth(self.folder, self._birth)

    def _put(self, number: int, frame: bytes) -> None:
        self._write(report_path(self.folder, number), pack_report(frame))
        self._forget(number)
        self._sizes[number] = _charge(frame)
        self._bytes += _charge(frame)

    def _begin(self) -> None:
        if self._begun and self.folder.is_dir():
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_birth(self.folder, self._birth)
        except OSError as error:
            if self._fallback is None or self._begun or error.errno in _NO_ROOM:
                raise
            warn_once("mailbox", f"{self.folder} cannot be made ({error.strerror}); reports wait in {self._fallback} instead.")
            self.folder, self._fallback = self._fallback, None
            self._begin()
        self._begun = True
        _reserve(self.folder / "reserve")

    def _tell_fault(self, error: OSError) -> None:
        warn_once("spool-fault", f"{self.folder} cannot be written ({error.strerror or error}); reports wait in memory.")


def _charge(frame: bytes) -> int:
    """What a report costs on disk: many small files are no small matter."""
    return max(len(frame), SPOOL_FILE_BYTES)


def _reserve(path: Path) -> None:
    """Sets room aside for the end of the run."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with open(descriptor, "wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, 0, SPOOL_RESERVE_BYTES)
            else:
                file.write(bytes(SPOOL_RESERVE_BYTES))
    except OSError:  # no room even for this: then the end waits in memory as everything does
        remove_quietly(path)
