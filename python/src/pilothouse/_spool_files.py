"""The files of spool and mailbox, as `docs/spool-format.md` has them. For whoever writes them and whoever sends from them.

PHS1   4 bytes  says that a sum follows; a file that begins with PHF1 is of old, a bare frame without one
crc32  4 bytes  of the frame, unsigned, little-endian
frame
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any, Mapping, Optional

VERSION = 2
SUFFIX = ".report"
_CHECKED, _BARE = b"PHS1", b"PHF1"
_PREFIX = struct.Struct("<4sI")
#: What a run's folder holds besides reports, and what goes with the last of them.
_BESIDE = ("job.json", "ack.json", "reserve", "lock")


class DamagedReport(ValueError):
    """Raised when a file is not what was written; the message says what is wrong with it."""


class RunFault(Exception):
    """Raised when a run's folder cannot be read, or the server takes neither the job nor, for now, any report."""


def pack_report(frame: bytes) -> bytes:
    """A frame as it stands in its file."""
    return _PREFIX.pack(_CHECKED, zlib.crc32(frame)) + frame


def unpack_report(content: bytes) -> bytes:
    """The frame of a file. Raises DamagedReport."""
    if content[:4] == _BARE:
        return content
    if not content:
        raise DamagedReport("it is empty")
    if len(content) < _PREFIX.size or content[:4] != _CHECKED:
        raise DamagedReport("it does not begin as a report does")
    frame = content[_PREFIX.size :]
    if zlib.crc32(frame) != _PREFIX.unpack_from(content)[1]:
        raise DamagedReport("its checksum is wrong: bytes are missing or changed")
    return frame


def report_path(folder: Path, number: int) -> Path:
    """Where the report of that number stands."""
    return folder / f"{number:08d}{SUFFIX}"


def list_reports(folder: Path) -> list[Path]:
    """The waiting reports of a run, in order."""
    reports = [path for path in folder.glob(f"*{SUFFIX}") if path.stem.isdigit()]
    return sorted(reports, key=lambda path: int(path.stem))


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file that appears whole or not at all, readable by the user only."""
    aside = path.with_name(path.name + ".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        aside.replace(path)
    except OSError:
        remove_quietly(aside)  # on a full disk it is room for something else
        raise


def set_aside(path: Path) -> str:
    """Takes a report that nobody can send out of the row, and gives its new name."""
    aside = path.with_suffix(".refused")
    path.replace(aside)
    return aside.name


def write_birth(folder: Path, birth: Mapping[str, Any]) -> None:
    """Writes `job.json`."""
    write_whole(folder / "job.json", json.dumps({"version": VERSION, **birth}).encode("utf-8"))


def read_birth(folder: Path) -> dict[str, Any]:
    """What `job.json` says. Raises RunFault."""
    path = folder / "job.json"
    try:
        birth = json.loads(path.read_bytes())
        version = birth.get("version", 1)
        known = isinstance(birth["uid"], str) and isinstance(birth["create"], dict) and isinstance(birth["attempt"], int)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunFault(f"{path} cannot be read: {error}") from error
    if version not in range(1, VERSION + 1):
        raise RunFault(f"{path} is of version {version}, known are those up to {VERSION}: use a newer pilothouse")
    if not known:
        raise RunFault(f"{path} is no description of a run")
    return dict(birth)


def remove_run(folder: Path) -> None:
    """Removes the folder of a run of which nothing waits any more; anything else in it stays, and then so does `job.json`.

    A script that writes its next report meanwhile finds the folder gone and makes it anew.
    """
    try:
        if any(name not in _BESIDE for name in os.listdir(folder)):
            return
        birth = (folder / "job.json").read_bytes()
        for name in reversed(_BESIDE):
            remove_quietly(folder / name)
    except OSError:  # gone, or no run
        return
    try:
        folder.rmdir()
    except OSError:  # the script was quicker: its report needs the description
        write_whole(folder / "job.json", birth)


def remove_quietly(path: Path) -> None:
    """Removes a file that may be gone already."""
    try:
        path.unlink()
    except OSError:
        pass


class RunLock:
    """Held by whoever sends from a folder, so that two do not do the same work; nothing goes wrong without it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._descriptor: Optional[int] = None

    def take(self) -> bool:
        """True when it is ours now, or where files cannot be locked. Does not wait."""
        try:
            import fcntl

            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except (ImportError, OSError):
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            return not isinstance(error, BlockingIOError)  # some shared file systems know no locks
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Lets others take it. Unlocks by name: a child forked meanwhile has the descriptor, too."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)
