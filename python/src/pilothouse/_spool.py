"""Reports that wait for the server, on disk: one folder for each run.

    job.json          uid, attempt, writer, and the body that makes the job
    00000001.report   one frame each, named by number

A file appears whole (written aside, then renamed) and goes away when the server has it. Where the disk cannot be
written, reports wait in memory instead, within a bound.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Mapping, Optional

from ._limits import SPOOL_BYTES_MAX, SPOOL_MEMORY_MAX
from ._warn import warn_once

_SUFFIX = ".report"


class Spool:
    """The waiting reports of one run, in order. Used by one thread at a time."""

    def __init__(self, folder: Path, birth: Mapping[str, Any], bytes_max: int = SPOOL_BYTES_MAX) -> None:
        self.folder = folder
        self._birth = birth
        self._bytes_max = bytes_max
        self._begun = False
        #: Number → size of each report on disk, their sum; and the reports in memory. Both in the order of their numbers.
        self._sizes: dict[int, int] = {}
        self._bytes = 0
        self._memory: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._sizes) + len(self._memory)

    @property
    def on_disk(self) -> int:
        """How many reports a later `sync` can find."""
        return len(self._sizes)

    def begin(self) -> None:
        """Makes the folder even before there is a report: a run that is offline on purpose."""
        try:
            self._begin()
        except OSError as error:
            self._tell_fault(error)

    def append(self, number: int, frame: bytes, *, always: bool = False) -> bool:
        """Keeps one report. False, with one warning, when the bound is reached and it is not to be kept `always`."""
        if not always and self._bytes + len(frame) > self._bytes_max:
            warn_once("spool-full", f"{self._bytes_max >> 20} MB of reports wait for the server; what comes now is left out.")
            return False
        try:
            self._begin()
            write_whole(self.folder / f"{number:08d}{_SUFFIX}", frame)
            self._sizes[number] = len(frame)
            self._bytes += len(frame)
            return True
        except OSError as error:
            self._tell_fault(error)
        if not always and sum(map(len, self._memory.values())) + len(frame) > SPOOL_MEMORY_MAX:
            warn_once("spool-memory", "Reports wait in memory only and there is no more room; what comes now is left out.")
            return False
        self._memory[number] = frame
        return True

    def first(self) -> Optional[tuple[int, bytes]]:
        """The oldest waiting report, or None. One that somebody else took away is skipped."""
        while self._sizes or self._memory:
            number = min(next(iter(numbers)) for numbers in (self._sizes, self._memory) if numbers)
            if number in self._memory:
                return number, self._memory[number]
            try:
                return number, (self.folder / f"{number:08d}{_SUFFIX}").read_bytes()
            except OSError:
                self._bytes -= self._sizes.pop(number)
        return None

    def remove(self, number: int) -> None:
        """Forgets a report that arrived or was refused; the folder goes with the last one."""
        self._memory.pop(number, None)
        size = self._sizes.pop(number, None)
        if size is not None:
            self._bytes -= size
            remove_quietly(self.folder / f"{number:08d}{_SUFFIX}")
        if not self._sizes and self._begun:
            self._begun = False
            remove_run(self.folder)

    def _begin(self) -> None:
        if not self._begun:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self.folder / "job.json", json.dumps(self._birth).encode("utf-8"))
            self._begun = True

    def _tell_fault(self, error: OSError) -> None:
        warn_once("spool-fault", f"{self.folder} cannot be written ({error.strerror or error}); reports wait in memory.")


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file that appears whole or not at all, readable by the user only."""
    aside = path.with_name(path.name + ".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
    aside.replace(path)


def list_reports(folder: Path) -> list[Path]:
    """The waiting reports of a run, in order."""
    return sorted(path for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdigit())


def remove_run(folder: Path) -> None:
    """Removes the folder of a run of which nothing waits any more; anything else in it stays."""
    remove_quietly(folder / "job.json")
    try:
        folder.rmdir()
    except OSError:  # not empty, or gone
        pass


def remove_quietly(path: Path) -> None:
    """Removes a file that may be gone already."""
    try:
        path.unlink()
    except OSError:
        pass
