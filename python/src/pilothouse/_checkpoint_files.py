"""Checkpoints on disk: each appears whole or not at all, with a record beside it that says what it is.

<folder>/<name><suffix>                    what the script's `save` wrote: a file or a folder
<folder>/<name><suffix>.pilothouse.json    its record, written last: without it there is no checkpoint
<folder>/.<name><suffix>.<pid>.part        being written; left behind only by a kill, removed at the next start
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence

from . import _limits as limits
from ._text import cut_text

RECORD_SUFFIX = ".pilothouse.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_BLOCK_BYTES = 4 * 1024 * 1024
VERSION = 1


class CheckpointFault(Exception):
    """Raised when a checkpoint cannot be written or is not what it should be; the message says why.

    `state`: what it is, then: `missing` or `corrupt`; None when nothing is known to be wrong with its files.
    """

    def __init__(self, message: str, state: Optional[str] = None) -> None:
        super().__init__(message)
        self.state = state


def check_name(name: str) -> str:
    """The name, if it is no path. Raises CheckpointFault."""
    if _NAME.fullmatch(name) is None or name.endswith(RECORD_SUFFIX):
        raise CheckpointFault(f"«{name[:64]}» cannot name a checkpoint: letters, digits, «.», «_» and «-», at most 128")
    return name


def begin_part(folder: Path, name: str) -> Path:
    """Where `save` is to write. Raises CheckpointFault or OSError."""
    check_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.{os.getpid()}.part"
    remove_path(part)
    return part


def finish_part(part: Path, final: Path, describe: Callable[[Mapping[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Makes what `save` has written appear. `describe`: its record, from place, size and checksum. Raises CheckpointFault or
    OSError."""
    if not part.exists():
        raise CheckpointFault(f"save() has written nothing to the path that it was given ({part})")
    record = describe({"uri": str(final), **measure(part)})
    _flush(part)
    _forget_record(final)
    if final.is_dir() or part.is_dir():  # a file takes the place of a file in one move
        remove_path(final)
    part.replace(final)
    _write_record(final, record)
    return record


def verify_checkpoint(folder: Path, uri: str, sha256: Optional[str]) -> tuple[Path, dict[str, Any]]:
    """The path and the record of a checkpoint in `folder`, its bytes compared with their checksum. Raises CheckpointFault."""
    path = Path(uri)
    if path.parent.resolve() != folder.resolve() or path.is_symlink():
        raise CheckpointFault(f"{uri} is not in {folder}, where this job has its checkpoints")
    if not path.exists():
        raise CheckpointFault(f"{path} is not there", "missing")
    record = read_record(path)
    if record is None:
        raise CheckpointFault(f"{path} has no record beside it: it was not written whole", "corrupt")
    found = measure(path)["sha256"]
    if found != record.get("sha256") or (sha256 is not None and found != sha256):
        raise CheckpointFault(f"{path} is not what was written: its checksum is another one", "corrupt")
    return path, record


def read_record(path: Path) -> Optional[dict[str, Any]]:
    """What stands beside a checkpoint; None without a record that can be read."""
    try:
        value = json.loads(_record_path(path).read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) and value.get("version") == VERSION else None


def list_checkpoints(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Checkpoints with a record, the oldest first."""
    found: list[tuple[Path, dict[str, Any]]] = []
    for beside in folder.glob(f"*{RECORD_SUFFIX}"):
        path = beside.with_name(beside.name[: -len(RECORD_SUFFIX)])
        record = read_record(path)
        if record is not None and path.exists():
            found.append((path, record))
    return sorted(found, key=lambda one: float(one[1].get("at", 0.0)))


def delete_checkpoint(path: Path) -> None:
    """Removes a checkpoint: its record first, so that a half-deleted one is none. Raises OSError."""
    _forget_record(path)
    remove_path(path, strict=True)


def sweep_parts(folder: Path) -> None:
    """Removes what processes that are gone have left half-written."""
    for part in folder.glob(".*.part"):
        owner = part.name.split(".")[-2]
        if owner.isdigit() and not _is_alive(int(owner)):
            remove_path(part)


def measure(path: Path) -> dict[str, Any]:
    """Size in bytes, number of files and SHA-256: of a file that of its bytes, of a folder that of its files' names and sums."""
    files = describe_files(path)
    size = sum(file["bytes"] for file in files)
    return {"bytes": size, "files": max(1, len(files)), "sha256": sum_files(files, not path.is_file())}


def describe_files(path: Path) -> list[dict[str, Any]]:
    """The file, or each file of a folder in the order of its checksum: path in it, size in bytes, SHA-256."""
    if path.is_file():
        return [{"path": path.name, "bytes": path.stat().st_size, "sha256": _checksum(path)}]
    return [
        {"path": file.relative_to(path).as_posix(), "bytes": file.stat().st_size, "sha256": _checksum(file)}
        for file in list_files(path)
    ]


def sum_files(files: Sequence[Mapping[str, Any]], is_folder: bool) -> str:
    """SHA-256 of what `describe_files` gives."""
    if not is_folder:
        return str(files[0]["sha256"])
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file['path']}\0{file['sha256']}\n".encode("utf-8", "replace"))
    return whole.hexdigest()


def fate_of(name: str, state: str, reason: Optional[str]) -> dict[str, Any]:
    """What became of the files of one, as it is told."""
    words = reason and cut_text(str(reason), limits.REASON_LENGTH_MAX)
    return {"name": name, "state": state, "at": time.time() * 1000.0, "reason": words}


def remove_path(path: Path, *, strict: bool = False) -> None:
    """Removes a file or a folder, if it is there. `strict`: raises OSError when it cannot."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        pass
    except OSError:
        if strict:
            raise


def _record_path(path: Path) -> Path:
    return path.with_name(path.name + RECORD_SUFFIX)


def _write_record(path: Path, record: Mapping[str, Any]) -> None:
    target = _record_path(path)
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    with aside.open("w", encoding="utf-8") as file:
        json.dump({"version": VERSION, **record}, file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(target)
    _flush_folder(path.parent)


def _forget_record(path: Path) -> None:
    try:
        _record_path(path).unlink()
    except FileNotFoundError:
        pass


def _flush(path: Path) -> None:
    """Onto the disk, before its name says that it is there."""
    for file in [path] if path.is_file() else list(list_files(path)):
        with file.open("rb") as opened:
            os.fsync(opened.fileno())


def _flush_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError:  # some file systems flush no folders
        pass


def list_files(folder: Path) -> Iterator[Path]:
    """Files of a folder, those at its top first; links are left out."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(root) / name
            if file.is_file() and not file.is_symlink():
                yield file


def _checksum(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            found.update(block)
    return found.hexdigest()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
